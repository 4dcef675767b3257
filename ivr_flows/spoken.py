"""Values as a person says them: numbers, dates, money, ticket ids in Chinese, English and Korean.

``spoken`` gives words that any voice reads rightly, because no figure is left in them. What it is given may
be a caller's own (a number, a birthday), so no error repeats the value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final, Protocol

from ivr_flows.spoken_en import English
from ivr_flows.spoken_ko import Korean
from ivr_flows.spoken_zh import Chinese
from located_yaml import did_you_mean

MAX_NUMBER: Final = 10**15
"""Numbers are said below this; beyond it nobody follows."""
MAX_FIGURES: Final = 64
"""The longest string that is said figure by figure."""
_DECIMALS: Final = Decimal("0.000001")


class Kind(StrEnum):
    """How a value is to be said."""

    NUMBER = "number"
    """1005: 一千零五, one thousand five. A fraction is said to six decimals."""
    DIGITS = "digits"
    """Figure by figure, in groups: 0 to 9, * and #."""
    ORDINAL = "ordinal"
    """第二, second."""
    MONEY = "money"
    """Yuan, to the fen: 12.5 is 十二元五角, twelve yuan and fifty fen."""
    DATE = "date"
    """A day written 2026-10-01 or 20261001, without its weekday."""
    WEEKDAY = "weekday"
    """The weekday of a day, or of 1 (Monday) to 7."""
    TIME = "time"
    """A time of day written 09:30 or 0930, to the minute."""
    DURATION = "duration"
    """A number of seconds, in days, hours, minutes and seconds."""
    TICKET = "ticket"
    """An id of letters and figures, one by one."""
    POSITION = "position"
    """How many people or places, as said before the word that counts them: 两(位), two (people), 두(분)."""
    PHONE = "phone"
    """A telephone number, in the groups in which people say it."""
    TEXT = "text"
    """Words as they are; a number is said as a number, true and false as yes and no."""


class Wording(Protocol):
    """One language. Whole numbers are below MAX_NUMBER and not negative."""

    @property
    def vocabulary(self) -> tuple[str, ...]: ...
    def number(self, negative: bool, whole_part: int, fraction: str) -> str: ...
    def count(self, number: int) -> str: ...
    def ordinal(self, number: int) -> str: ...
    def figures(self, groups: tuple[str, ...]) -> str: ...
    def money(self, negative: bool, yuan: int, fen: int) -> str: ...
    def date(self, day: date) -> str: ...
    def weekday(self, number: int) -> str: ...
    def time(self, hour: int, minute: int) -> str: ...
    def duration(self, days: int, hours: int, minutes: int, seconds: int) -> str: ...
    def yes_no(self, yes: bool) -> str: ...


WORDINGS: Final[Mapping[str, Wording]] = {"zh": Chinese(), "en": English(), "ko": Korean()}
LANGUAGES: Final = tuple(WORDINGS)
"""The languages in which values can be said."""

_OF_NUMBERS: Final = frozenset({Kind.NUMBER, Kind.ORDINAL, Kind.MONEY, Kind.DURATION, Kind.POSITION})
_TAKES_NUMBERS: Final = _OF_NUMBERS | {Kind.DIGITS, Kind.WEEKDAY, Kind.TEXT}


def kind_named(kind: str) -> Kind:
    """The kind of this name. Raises ValueError with the nearest right name."""
    try:
        return Kind(kind)
    except ValueError:
        raise ValueError(
            f"'{kind}' is no way to say a value{did_you_mean(kind, list(Kind))}; there are {', '.join(Kind)}"
        ) from None


def fits(kind: str, value_kind: type) -> bool:
    """Whether values of ``str``, ``float`` (any number) or ``bool`` may be said as this kind.

    A text fits every kind: what is in it is known only in the call, where ``spoken`` may refuse it. Raises
    ValueError for a kind that there is not.
    """
    known = kind_named(kind)
    if value_kind is bool:
        return known is Kind.TEXT
    return value_kind is str or (value_kind in (int, float) and known in _TAKES_NUMBERS)


def spoken(value: str | int | float | bool, kind: str, language: str) -> str:
    """The words for ``value``, said as ``kind`` (see Kind) in ``language`` (zh, en, ko, also zh-CN ...).

    A text is taken for a number where a number is wanted ("1005"). Never empty. Raises ValueError, with the
    cure and without the value, for an unknown kind or language and for a value that does not fit.
    """
    known = kind_named(kind)
    if known is Kind.TEXT and isinstance(value, str):
        return _words(value)
    wording = WORDINGS.get(language.partition("-")[0])
    if wording is None:
        raise ValueError(f"values can be said in {', '.join(LANGUAGES)}, not in '{language}'")
    if not fits(known, type(value)):
        raise ValueError(
            f"a value that is {_called(value)} cannot be said as {known}; use text or another kind"
        )
    if isinstance(value, bool):
        return wording.yes_no(value)
    if known in _OF_NUMBERS or (known is Kind.TEXT):
        return _say_number(_decimal(value), known, wording)
    return _say_written(value, known, wording, language)


# --- numbers -----------------------------------------------------------------------------------------------


def _say_number(number: Decimal, kind: Kind, wording: Wording) -> str:
    match kind:
        case Kind.NUMBER | Kind.TEXT:
            whole, _, fraction = f"{abs(number):f}".partition(".")
            return wording.number(number < 0, int(whole), fraction)
        case Kind.MONEY:
            fen = int((abs(number) * 100).to_integral_value(ROUND_HALF_UP))
            return wording.money(number < 0 and fen > 0, *divmod(fen, 100))
        case Kind.DURATION:
            return _say_duration(_not_negative(number, kind), wording)
        case Kind.ORDINAL:
            return wording.ordinal(_counted(number, kind, least=1))
        case _:
            return wording.count(_counted(number, kind, least=0))


def _say_duration(number: Decimal, wording: Wording) -> str:
    minutes, seconds = divmod(int(number.to_integral_value(ROUND_HALF_UP)), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return wording.duration(days, hours, minutes, seconds)


_NUMBER: Final = re.compile(r"[+-]?\d{1,16}(\.\d{1,16})?", re.ASCII)


def _decimal(value: str | float) -> Decimal:
    """The exact number, with no more decimals than are said and none that say nothing."""
    written = _plain(value) if isinstance(value, str) else repr(value)
    if isinstance(value, str) and not _NUMBER.fullmatch(written):
        raise ValueError(f"a number is written such as -12.5; this is {_called(value)}")
    number = Decimal(written)
    if not number.is_finite() or abs(number) >= MAX_NUMBER:
        raise ValueError(f"numbers are said below {MAX_NUMBER:.0e}; say a longer one as digits")
    number = number.quantize(_DECIMALS, ROUND_HALF_UP).normalize()
    return number + 0  # no minus before a zero


def _not_negative(number: Decimal, kind: Kind) -> Decimal:
    if number < 0:
        raise ValueError(f"a {kind} is not negative; say it as number")
    return number


def _counted(number: Decimal, kind: Kind, least: int) -> int:
    if number != number.to_integral_value() or number < least:
        raise ValueError(f"a {kind} is a whole number from {least} on; say another one as number")
    return int(number)


# --- what is written in its own way ------------------------------------------------------------------------


def _say_written(value: str | float, kind: Kind, wording: Wording, language: str) -> str:
    match kind:
        case Kind.DATE:
            return wording.date(_date(_plain(value)))
        case Kind.WEEKDAY:
            written = _plain(value)
            return wording.weekday(
                int(written) if re.fullmatch("[1-7]", written) else _date(written).isoweekday()
            )
        case Kind.TIME:
            return wording.time(*_time(_plain(value)))
        case Kind.PHONE:
            return wording.figures(_phone_groups(_plain(value), language))
        case Kind.TICKET:
            return wording.figures(
                _groups(_plain(value).upper(), r"[0-9A-Z]", "letters A-Z and figures", kind)
            )
        case _:
            figures = (
                _plain(value) if isinstance(value, str) else str(_counted(_decimal(value), kind, least=0))
            )
            return wording.figures(_groups(figures, r"[0-9*#]", "0 to 9, * and #", kind))


_DATE: Final = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})([T ].*)?", re.ASCII)
_TIME: Final = re.compile(
    r"(?:.*[T ])?([01]\d|2[0-3]|\d(?=:)):?([0-5]\d)(:[0-5]\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII
)


def _date(written: str) -> date:
    found = _DATE.fullmatch(written)
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        pass  # there is no such day
    raise ValueError(f"a day is written 2026-10-01 or 20261001; this is {_called(written)}")


def _time(written: str) -> tuple[int, int]:
    found = _TIME.fullmatch(written)
    if not found:
        raise ValueError(f"a time of day is written 09:30 or 0930; this is {_called(written)}")
    return int(found[1]), int(found[2])


def _groups(written: str, allowed: str, wanted: str, kind: Kind) -> tuple[str, ...]:
    """The characters in groups that a listener can keep: as written, a long run in threes and fours."""
    runs = re.findall(r"[A-Z]+|[^A-Z]+", " ".join(re.split(r"[-\s./_]+", written)))
    parts = [part for run in runs for part in run.split()]
    if (
        not parts
        or len(written) > MAX_FIGURES
        or not all(re.fullmatch(f"{allowed}+", part) for part in parts)
    ):
        raise ValueError(f"{kind} takes up to {MAX_FIGURES} of {wanted}; this is {_called(written)}")
    return tuple(group for part in parts for group in _threes_and_fours(part))


def _threes_and_fours(run: str) -> list[str]:
    if len(run) <= 5:
        return [run]
    count = -(-len(run) // 4)
    ends = [len(run) * (at + 1) // count for at in range(count)]
    return [run[start:end] for start, end in zip([0, *ends], ends, strict=False)]


_MOBILE: Final = re.compile(r"(?:\+86|0086)?(1[3-9]\d)(\d{4})(\d{4})", re.ASCII)


def _phone_groups(written: str, language: str) -> tuple[str, ...]:
    """A Chinese mobile number is said 3-4-4, to Chinese ears without its country."""
    joined = re.sub(r"[-\s()./]+", "", written)
    mobile = _MOBILE.fullmatch(joined)
    if mobile:
        abroad = () if language.startswith("zh") or joined[0] == "1" else ("+86",)
        return *abroad, mobile[1], mobile[2], mobile[3]
    plus = "+" if written.startswith("+") else ""
    known = re.sub(r"[()]+", " ", written.removeprefix("+"))
    first, *rest = _groups(known, r"[0-9*#]", "figures, with or without a + in front", Kind.PHONE)
    return plus + first, *rest


# --- values as they come -----------------------------------------------------------------------------------


def _plain(value: str | float) -> str:
    """Figures as typed, also full-width ones; a whole number without its decimal point."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return unicodedata.normalize("NFKC", str(value)).strip()


def _words(value: str) -> str:
    words = " ".join(value.split())
    if not words:
        raise ValueError("the text is empty: give the variable a value, or branch around this node")
    return words


def _called(value: str | float) -> str:
    """What the value is, without telling it."""
    if isinstance(value, bool):
        return "true or false"
    return f"a text of {len(value)} characters" if isinstance(value, str) else "a number"


def vocabulary(language: str) -> tuple[str, ...]:
    """The words from which ``spoken`` puts numbers, days, times, money and figures together: with audio of
    each, the audio of any value can be joined. Empty for a language that there is not."""
    wording = WORDINGS.get(language.partition("-")[0])
    return tuple(dict.fromkeys(wording.vocabulary)) if wording else ()
