"""Values as people say them: read back, by whoever knows the language, they are the same values."""

from __future__ import annotations

import itertools
import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr_flows.spoken import LANGUAGES, MAX_NUMBER, Kind, fits, kind_named, spoken, vocabulary

EXAMPLES = [
    ("number", 0, "零", "zero", "영"),
    ("number", 1005, "一千零五", "one thousand five", "천오"),
    ("number", 2, "二", "two", "이"),
    ("number", 200, "两百", "two hundred", "이백"),
    ("number", 22_000, "两万二千", "twenty-two thousand", "이만 이천"),
    ("number", 10_010, "一万零一十", "ten thousand ten", "만 십"),
    ("number", 2_000_001_000, "二十亿零一千", "two billion one thousand", "이십억 천"),
    ("number", 10**12, "一万亿", "one trillion", "일조"),
    ("number", -12.5, "负十二点五", "minus twelve point five", "마이너스 십이 점 오"),
    ("number", 0.1 + 0.2, "零点三", "zero point three", "영 점 삼"),
    ("number", "１２", "十二", "twelve", "십이"),
    ("ordinal", 2, "第二", "second", "두 번째"),
    ("ordinal", 21, "第二十一", "twenty-first", "스물한 번째"),
    ("money", 12.5, "十二元五角", "twelve yuan and fifty fen", "십이 점 오 위안"),
    ("money", "12.05", "十二元零五分", "twelve yuan and five fen", "십이 점 영오 위안"),
    ("money", 2.22, "两元二角二分", "two yuan and twenty-two fen", "이 점 이이 위안"),
    ("money", 0.2, "两角", "twenty fen", "영 점 이 위안"),
    ("money", 0, "零元", "zero yuan", "영 위안"),
    ("money", 0.999, "一元", "one yuan", "일 위안"),
    ("date", "20261001", "二零二六年十月一日", "October first, twenty twenty-six", "이천이십육년 시월 일일"),
    ("date", "19050612", "一九零五年六月十二日", "June twelfth, nineteen oh five", "천구백오년 유월 십이일"),
    ("weekday", "2026-10-01", "星期四", "Thursday", "목요일"),
    ("weekday", 7, "星期日", "Sunday", "일요일"),
    ("time", "14:05", "下午两点零五分", "two oh five p.m.", "오후 두 시 오 분"),
    ("time", "0930", "上午九点三十分", "nine thirty a.m.", "오전 아홉 시 삼십 분"),
    ("time", "2026-10-01T12:00:00+08:00", "中午十二点", "noon", "정오"),
    ("duration", 7500, "两小时五分钟", "two hours and five minutes", "두 시간 오 분"),
    ("duration", 0, "零秒", "zero seconds", "영 초"),
    ("duration", 90_061, "一天一小时一分钟一秒", "one day, one hour, one minute and one second",
     "일 일 한 시간 일 분 일 초"),
    ("position", 2, "两", "two", "두"),
    ("position", 20, "二十", "twenty", "스무"),
    ("digits", "1*2#", "幺星号二井号", "one star two pound", "일별표이우물정자"),
    ("digits", 12, "幺二", "one two", "일이"),
    ("phone", "12345", "幺二三四五", "one two three four five", "일이삼사오"),
    ("phone", "010-8888", "零幺零,八八八八", "zero one zero, eight eight eight eight", "영일영, 팔팔팔팔"),
    ("text", True, "是", "yes", "네"),
    ("text", 3.0, "三", "three", "삼"),
    ("text", " 张  三 ", "张 三", "张 三", "张 三"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value", "zh", "en", "ko"), EXAMPLES)
def test_values_are_said_as_people_say_them(kind: str, value: str | float, zh: str, en: str, ko: str) -> None:
    """Each kind in each language."""
    assert [spoken(value, kind, language) for language in ("zh-CN", "en", "ko")] == [zh, en, ko]


def test_telephone_numbers_and_tickets_are_said_in_groups_with_their_ones_as_yao() -> None:
    """A mobile number 3-4-4, at home without its country; a ticket id letter by letter."""
    for written in ("13800138000", "+86 138 0013 8000", "0086-138-00138000"):
        assert spoken(written, "phone", "zh") == "幺三八,零零幺三,八零零零"
    assert spoken("+8613800138000", "phone", "en").startswith("plus eight six, one three eight, zero zero")
    assert spoken("+49 30 1234", "phone", "en") == "plus four nine, three zero, one two three four"
    assert spoken("T20261030-000012", "ticket", "zh") == "T,二零二六,幺零三零,零零零,零幺二"
    assert spoken("ab-7", "ticket", "en") == "A B, seven"


# --- read back ---------------------------------------------------------------------------------------------

ZH = {figure: value for value, figure in enumerate("零一二三四五六七八九")} | {"两": 2}
EN_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
EN_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
EN = {word: value for value, word in enumerate(EN_SMALL.split(" "))} | {
    word: 10 * value for value, word in enumerate(EN_TENS, start=2)
}
EN_UNITS = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
KO = {figure: value for value, figure in enumerate("영일이삼사오육칠팔구")}
SMALL_UNITS = {"zh": {"十": 10, "百": 100, "千": 1000}, "ko": {"십": 10, "백": 100, "천": 1000}}
GROUP_UNITS = {"zh": {"万": 10**4, "亿": 10**8}, "ko": {"만": 10**4, "억": 10**8, "조": 10**12}}


def read(text: str, language: str) -> int:
    """The number that a listener writes down."""
    return read_en(text) if language == "en" else read_east(text.replace(" ", ""), language)


def read_east(text: str, language: str) -> int:
    """By tens of thousands; 万亿 multiplies what was said so far."""
    figures = ZH if language == "zh" else KO
    total = section = figure = 0
    said = False
    for character in text:
        if character in figures:
            figure, said = figures[character], True
        elif character in SMALL_UNITS[language]:
            section += (figure if said and figure else 1) * SMALL_UNITS[language][character]
            figure, said = 0, False
        else:
            unit = GROUP_UNITS[language][character]
            section += figure
            if language == "zh" and unit == 10**8:
                total, section = (total + section) * unit, 0
            else:
                low = total % unit
                assert low == 0 or language == "zh" or total > unit
                total += (section or (1 if total == 0 or language == "ko" else 0)) * unit
            section, figure, said = 0, 0, False
    return total + section + figure


def read_en(text: str) -> int:
    """Hundreds are multiplied at once, larger units close what was said before them."""
    total = section = 0
    for word in text.replace("-", " ").split():
        if word == "hundred":
            section *= 100
        elif word in EN_UNITS:
            total, section = total + section * EN_UNITS[word], 0
        else:
            section += EN[word]
    return total + section


EDGES = sorted(
    {
        power + step
        for e in range(16)
        for power in (10**e, 2 * 10**e, 11 * 10**e)
        for step in (-1, 0, 1, 10, 1010)
    }
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_up_to_twenty_thousand_reads_back(language: str) -> None:
    """Also the edges of every group up to the longest."""
    for number in (*range(20_001), *(edge for edge in EDGES if 0 <= edge < MAX_NUMBER)):
        assert read(spoken(number, "number", language), language) == number


@given(st.integers(0, 10**12), st.sampled_from(LANGUAGES))
def test_numbers_read_back(number: int, language: str) -> None:
    """A text of the number says the same, and its negative differs by one word in front."""
    said = spoken(number, "number", language)
    assert read(said, language) == number
    assert spoken(str(number), "number", language) == said
    if number:
        assert spoken(-number, "number", language).endswith(said)


@given(st.integers(0, 10**9))
def test_chinese_zeros_are_said_once_and_twos_stand_right(number: int) -> None:
    """零 never doubles nor ends a number; 两 opens it before a unit and stands nowhere else."""
    said = spoken(number, "number", "zh")
    assert number == 0 or not re.search("零零|零$|零[十百千万亿]|^一十", said)
    assert "两" not in said[1:]
    assert not re.match("二[百千万亿]", said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_ranks_and_places_differ_from_each_other(language: str) -> None:
    """A thousand of each, no two alike."""
    for kind in ("ordinal", "position"):
        assert len({spoken(number, kind, language) for number in range(1, 1001)}) == 1000


def test_every_minute_of_a_day_reads_back() -> None:
    """In English by its half of the day, in Chinese by its part; Korean says no two alike."""
    parts = {
        "凌晨": range(6),
        "上午": range(6, 12),
        "中午": (12,),
        "下午": range(13, 18),
        "晚上": range(18, 24),
    }
    korean = set()
    for minute_of_day in range(1440):
        hour, minute = divmod(minute_of_day, 60)
        written = f"{hour:02d}:{minute:02d}"
        korean.add(spoken(written, "time", "ko"))
        found = re.fullmatch("(..)(.+)点(?:零?(.+)分)?", spoken(written, "time", "zh"))
        assert found
        assert hour in parts[found[1]]
        assert (read(found[2], "zh") - hour) % 12 == 0
        assert read(found[3] or "零", "zh") == minute
        words = spoken(written, "time", "en").replace("oh ", "").split()
        if words not in (["noon"], ["midnight"]):
            assert words[-1] == ("a.m." if hour < 12 else "p.m.")
            assert read(words[0], "en") == (hour % 12 or 12)
            assert sum(read(word, "en") for word in words[1:-1]) == minute
    assert len(korean) == 1440


@pytest.mark.parametrize("year", [1899, 1900, 1905, 1949, 2000, 2009, 2026, 2100])
def test_every_day_of_a_year_reads_back(year: int) -> None:
    """The year figure by figure in Chinese, in halves in English, as a number in Korean."""
    day = date(year, 1, 1)
    seen = set()
    while day.year == year:
        zh, en, ko = (spoken(day.isoformat(), "date", language) for language in LANGUAGES)
        found = re.fullmatch("(.{4})年(.+)月(.+)日", zh)
        assert found
        assert [
            int("".join(str(ZH[figure]) for figure in found[1])),
            read(found[2], "zh"),
            read(found[3], "zh"),
        ] == [
            day.year,
            day.month,
            day.day,
        ]
        korean = re.fullmatch("(.+)년 (.+)월 (.+)일", ko)
        assert korean
        month = {"유": "육", "시": "십"}.get(korean[2], korean[2])
        assert [read(part, "ko") for part in (korean[1], month, korean[3])] == [day.year, day.month, day.day]
        assert spoken(day.strftime("%Y%m%d"), "date", "en") == en
        seen.add(en)
        day += timedelta(days=1)
    assert len(seen) in (365, 366)


def test_years_differ() -> None:
    """No two years of two centuries sound alike."""
    said = {spoken(f"{year}-05-01", "date", "en") for year in range(1850, 2110)}
    assert len(said) == 260


@given(st.integers(0, 10**7), st.sampled_from(LANGUAGES))
def test_money_to_the_fen_differs_from_all_other_money(fen: int, language: str) -> None:
    """One fen more sounds otherwise; whole yuan name no smaller coin."""
    said = spoken(f"{fen / 100:.2f}", "money", language)
    assert said != spoken(f"{(fen + 1) / 100:.2f}", "money", language)
    if fen % 100 == 0:
        assert not re.search("角|分|fen|점", said)


@given(st.integers(0, 400_000))
def test_durations_read_back(seconds: int) -> None:
    """From Chinese: the parts add up."""
    found = re.fullmatch(
        "(?:(.+?)天)?(?:(.+?)小时)?(?:(.+?)分钟)?(?:(.+?)秒)?", spoken(seconds, "duration", "zh")
    )
    assert found
    worth = (86_400, 3600, 60, 1)
    assert (
        sum(read(part or "零", "zh") * each for part, each in zip(found.groups(), worth, strict=True))
        == seconds
    )


@given(st.text("0123456789*#", min_size=1, max_size=30), st.sampled_from(LANGUAGES))
def test_figures_are_all_said_in_order(figures: str, language: str) -> None:
    """However they are grouped, nothing is lost or doubled."""
    names = {figure: spoken(figure, "digits", language) for figure in "0123456789*#"}
    together = "".join(names[figure] for figure in figures)
    assert re.sub("[ ,]", "", spoken(figures, "digits", language)) == together


# --- refusals ----------------------------------------------------------------------------------------------

REFUSED = [
    ("number", "twelve"),
    ("number", ""),
    ("number", True),
    ("number", float("nan")),
    ("number", float("inf")),
    ("number", 10**15),
    ("money", "1e3"),
    ("ordinal", 0),
    ("ordinal", 1.5),
    ("position", -1),
    ("duration", -1),
    ("date", "2026-02-30"),
    ("date", "1 October"),
    ("date", 20261001),
    ("weekday", 8),
    ("time", "24:00"),
    ("time", "9 o'clock"),
    ("phone", 13800138000),
    ("phone", "anonymous"),
    ("phone", "+"),
    ("ticket", "T/中/7"),
    ("ticket", "7" * 65),
    ("digits", "12a"),
    ("digits", 1.5),
    ("digits", -1),
    ("text", "  "),
    ("weekday", float("inf")),
]


@pytest.mark.parametrize(("kind", "value"), REFUSED)
def test_a_value_that_does_not_fit_is_refused_without_repeating_it(kind: str, value: str | float) -> None:
    """What a caller typed does not get into a log by way of an error."""
    with pytest.raises(ValueError, match=r".{20}") as refused:
        spoken(value, kind, "zh")
    if isinstance(value, str) and len(value) > 2:
        assert value not in str(refused.value)


@given(
    st.one_of(st.text(max_size=80), st.floats(), st.integers(), st.booleans()), st.sampled_from(list(Kind))
)
def test_whatever_is_given_is_said_or_refused(value: str | float, kind: Kind) -> None:
    """No other error, no empty words, and no figure left for a voice to read as it likes."""
    for language in LANGUAGES:
        try:
            said = spoken(value, kind, language)
        except ValueError:
            continue
        assert said.strip()
        assert kind is Kind.TEXT or not re.search("[0-9]", said)


def test_kinds_and_languages_are_checked_by_name() -> None:
    """The nearest right name is told."""
    with pytest.raises(ValueError, match="did you mean 'number'"):
        kind_named("numbr")
    with pytest.raises(ValueError, match="zh, en, ko, not in 'fr'"):
        spoken(1, "number", "fr")
    assert spoken("Bonjour", "text", "fr") == "Bonjour"


def test_what_fits_is_known_when_a_flow_is_loaded() -> None:
    """A text may hold anything; numbers fit what counts; true and false are only words."""
    assert all(fits(kind, str) for kind in Kind)
    assert [kind.value for kind in Kind if fits(kind, bool)] == ["text"]
    assert {kind.value for kind in Kind if not fits(kind, float)} == {"date", "time", "ticket", "phone"}
    assert fits("number", int)
    assert not fits("number", tuple)


def words_of(said: str, language: str) -> list[str]:
    """What a joiner would look for: characters in Chinese and Korean, words in English."""
    return re.findall(r"[\w.]+", said) if language == "en" else [c for c in said if c.isalnum()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_vocabulary_is_enough_for_every_value(language: str) -> None:
    """Each word that is said is in it, so that audio can always be joined of pieces."""
    known = set(itertools.chain.from_iterable(words_of(word, language) for word in vocabulary(language)))
    for kind, value, *_ in EXAMPLES:
        if value != " 张  三 ":
            assert set(words_of(spoken(value, kind, language), language)) <= known
    for number in range(0, 30_000, 7):
        for kind in ("number", "ordinal", "money", "duration", "position"):
            assert set(words_of(spoken(number + (kind == "ordinal"), kind, language), language)) <= known
    assert vocabulary("fr") == ()
