"""Values in Korean: Sino-Korean numbers for dates, money and minutes, native ones for people and hours.

``ivr_flows.spoken.Kind`` tells what each is.
"""

from __future__ import annotations

from datetime import date
from typing import Final

_FIGURES: Final = "영일이삼사오육칠팔구"
_READ: Final = str.maketrans(dict(enumerate(_FIGURES, start=ord("0"))))
_CALLED: Final = {**_READ, ord("*"): "별표", ord("#"): "우물정자", ord("+"): "플러스"}
_UNITS: Final = ((1000, "천"), (100, "백"), (10, "십"), (1, ""))
_GROUPS: Final = ((10**12, "조"), (10**8, "억"), (10**4, "만"), (1, ""))
_ONES: Final = ["", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉"]
_TENS: Final = ["", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔"]
# June and October drop their last consonant.
_MONTHS: Final = ["일", "이", "삼", "사", "오", "유", "칠", "팔", "구", "시", "십일", "십이"]
_DAYS: Final = "월화수목금토일"


def whole(number: int) -> str:
    """Sino-Korean: 천오, 만, 십이억 삼천사백오십육만."""
    if number == 0:
        return _FIGURES[0]
    said: list[str] = []
    for unit, word in _GROUPS:
        group = number // unit % 10**4
        if group:
            # 만 alone is ten thousand; hundred millions and more keep their one.
            said.append(
                word if group == 1 and word == "만" and not said else _below_ten_thousand(group) + word
            )
    return " ".join(said)


def _below_ten_thousand(number: int) -> str:
    figures = ((number // unit % 10, word) for unit, word in _UNITS)
    return "".join(
        ("" if figure == 1 and word else _FIGURES[figure]) + word for figure, word in figures if figure
    )


def native(number: int) -> str:
    """As said before a word that counts: 한, 두, 스무, 스물한; beyond a hundred 백두."""
    if number == 0:
        return _FIGURES[0]
    hundreds, rest = number - number % 100, number % 100
    said = "스무" if rest == 20 else _TENS[rest // 10] + _ONES[rest % 10]
    return (whole(hundreds) if hundreds else "") + said


class Korean:
    """Words as announcements say them."""

    vocabulary: Final = (
        *_FIGURES,
        *("십", "백", "천", "만", "억", "조", "점", "마이너스", "플러스", "별표", "우물정자", "네", "아니요"),
        *_ONES[1:],
        *_TENS[1:],
        *("스무", "첫", "번째", "위안", "년", "월", "유월", "시월", "일", "시", "분", "시간", "초"),
        *("오전", "오후", "정오", "자정"),
        *(f"{day}요일" for day in _DAYS),
    )

    def number(self, negative: bool, whole_part: int, fraction: str) -> str:
        """마이너스 십이 점 오."""
        after = f" 점 {fraction.translate(_READ)}" if fraction else ""
        return "마이너스 " * negative + whole(whole_part) + after

    def count(self, number: int) -> str:
        """두(분)."""
        return native(number)

    def ordinal(self, number: int) -> str:
        """두 번째."""
        return f"{'첫' if number == 1 else native(number)} 번째"

    def figures(self, groups: tuple[str, ...]) -> str:
        """일삼팔, 영영일삼."""
        return ", ".join(" ".join(group) if group.isalpha() else group.translate(_CALLED) for group in groups)

    def money(self, negative: bool, yuan: int, fen: int) -> str:
        """십이 점 오 위안."""
        return self.number(negative, yuan, f"{fen:02d}".rstrip("0")) + " 위안"

    def date(self, day: date) -> str:
        """이천이십육년 시월 일일."""
        return f"{whole(day.year)}년 {_MONTHS[day.month - 1]}월 {whole(day.day)}일"

    def weekday(self, number: int) -> str:
        """일요일."""
        return f"{_DAYS[number - 1]}요일"

    def time(self, hour: int, minute: int) -> str:
        """오전 아홉 시 오 분."""
        if minute == 0 and hour % 12 == 0:
            return "정오" if hour else "자정"
        on_the_clock = native(hour if hour <= 12 else hour - 12)
        said = f"{'오전' if hour < 12 else '오후'} {on_the_clock} 시"
        return said + (f" {whole(minute)} 분" if minute else "")

    def duration(self, days: int, hours: int, minutes: int, seconds: int) -> str:
        """두 시간 오 분."""
        parts = [f"{whole(days)} 일"] * bool(days) + [f"{native(hours)} 시간"] * bool(hours)
        parts += [f"{whole(minutes)} 분"] * bool(minutes) + [f"{whole(seconds)} 초"] * bool(seconds)
        return " ".join(parts) or "영 초"

    def yes_no(self, yes: bool) -> str:
        """네, 아니요."""
        return "네" if yes else "아니요"
