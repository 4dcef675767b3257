"""One caller, one number: however a trunk shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from callcenter import assembly
from callcenter.domain.numbering import Numbering, NumberingPlan
from callcenter.settings import load_settings
from located_yaml import Mistakes

CONFIG = Path(__file__).parents[2] / "config"
CHINA = NumberingPlan("CN")
PBX = NumberingPlan("CN", international_prefix="900", national_prefix="9")
MOBILE, FIXED, ABROAD = "+8613800138000", "+862112345678", "+14155550123"


@pytest.mark.parametrize(
    ("plan", "shown", "canonical"),
    [
        *((CHINA, shown, MOBILE) for shown in (MOBILE, "008613800138000", "8613800138000", "13800138000")),
        (CHINA, "013800138000", MOBILE),
        *((CHINA, shown, FIXED) for shown in (FIXED, "00862112345678", "862112345678", "02112345678")),
        (CHINA, "2112345678", FIXED),
        (CHINA, "+8602112345678", FIXED),
        *((CHINA, shown, ABROAD) for shown in (ABROAD, "0014155550123")),
        (CHINA, "4008001234", "+864008001234"),
        (CHINA, "02100000004", "+862100000004"),
        *((PBX, shown, MOBILE) for shown in ("913800138000", "13800138000", "9008613800138000", MOBILE)),
        (PBX, "902112345678", FIXED),
        (PBX, "90014155550123", ABROAD),
        (NumberingPlan("HK"), "21234567", "+85221234567"),
        (NumberingPlan("US"), "4155550123", ABROAD),
        (NumberingPlan("US"), "0118613800138000", MOBILE),
    ],
)
def test_every_spelling_of_a_number_is_one(plan: NumberingPlan, shown: str, canonical: str) -> None:
    """Also one that the data do not know yet, where a prefix says how it is to be read; and once more."""
    assert plan.canonical(shown) == canonical
    assert plan.canonical(canonical) == CHINA.canonical(canonical) == canonical


@pytest.mark.parametrize(
    "shown",
    [
        *("", "anonymous", "sip:li", "1380013800A", "+", "0", "00", "12"),
        *("110", "12345", "10086", "95588", "8001", "08001", "9001", "123456", "62345678"),
        *("1380013800", "23456789012", "138001380001", "0" * 24, "9" * 30),
    ],
)
def test_what_is_no_number_of_the_network_stays_as_it_is_shown(shown: str) -> None:
    """Short numbers, extensions, local numbers without an area, what nobody has; without a country all."""
    for plan in (CHINA, PBX, NumberingPlan()):
        assert plan.canonical(shown) == shown
        assert plan.spellings(shown) == (shown,)
    assert NumberingPlan().canonical(MOBILE[1:]) == MOBILE[1:]


def test_people_of_the_country_write_it_otherwise() -> None:
    """The canonical number first, then as shown, then as is usual in the country; each once."""
    assert CHINA.spellings("008613800138000") == (MOBILE, "008613800138000", "13800138000")
    assert CHINA.spellings("2112345678") == (FIXED, "2112345678", "02112345678")
    assert CHINA.spellings("02112345678") == (FIXED, "02112345678")
    assert CHINA.spellings(ABROAD) == (ABROAD, "0014155550123")


@pytest.mark.parametrize(
    ("shown", "trunk", "some"),
    [
        ("13800138000", "city", {MOBILE, "008613800138000", "8613800138000", "013800138000", "913800138000"}),
        ("902112345678", "pbx", {FIXED, "02112345678", "2112345678", "862112345678", "902112345678"}),
        ("0014155550123", "city", {ABROAD, "90014155550123"}),
        ("+13808013800", "city", {"+13808013800", "0013808013800"}),
        ("21234567", "hongkong", {"+85221234567", "85221234567", "0085221234567"}),
        ("02100000004", "city", {"+862100000004", "02100000004", "00862100000004"}),
        ("95588", "city", set()),
        ("", "city", set()),
    ],
)
def test_what_is_stored_is_found_under_every_spelling(shown: str, trunk: str, some: set[str]) -> None:
    """The canonical one first, then as it is shown; each is read as the same number by a trunk that may have
    shown it so. What has no other spelling has none told."""
    plans = {"pbx": PBX, "hongkong": NumberingPlan("HK"), "bare": NumberingPlan()}
    known = Numbering(CHINA, plans)
    spellings = known.known_as(shown, trunk)
    assert some <= set(spellings)
    assert bool(spellings) == bool(some)
    assert len(spellings) == len(set(spellings))
    if some:
        canonical = known.of(trunk).canonical(shown)
        assert spellings[:2] == (canonical, shown if shown != canonical else spellings[1])
    for spelling in spellings:
        assert spellings[0] in {plan.canonical(spelling) for plan in (CHINA, *plans.values())}


def test_countries_share_a_code_and_some_have_many_prefixes() -> None:
    """Canada's numbers at home are those of Canada's plan; where the prefix depends on the carrier none is
    made up."""
    ottawa = {"6135550123", "16135550123", "01116135550123"}
    assert set(NumberingPlan("CA").shown_as("+16135550123")) == ottawa
    assert set(NumberingPlan("KR").shown_as("+82212345678")) == {"82212345678", "212345678", "0212345678"}


@pytest.mark.parametrize(
    ("plan", "written", "kept"),
    [
        (CHINA, "021", "021"),
        (CHINA, "+8621", "+8621"),
        (CHINA, "0086138", "+86138"),
        (CHINA, "00", "00"),
        (CHINA, "", ""),
        (PBX, "900852", "+852"),
        (PBX, "00852", "+852"),
        (NumberingPlan(), "0086138", "0086138"),
    ],
)
def test_the_beginning_of_numbers_is_canonical_as_far_as_it_can_be(
    plan: NumberingPlan, written: str, kept: str
) -> None:
    """Behind an international prefix there is a country; a lone one means all of them."""
    assert plan.canonical_beginning(written) == kept


def test_the_settings_say_how_each_trunk_shows_numbers() -> None:
    """As the centre, but for what a trunk says; another country brings its own prefixes."""
    settings = load_settings(
        CONFIG,
        environment={
            "CALLCENTER__NUMBERING": "{country: CN, international_prefix: '17900'}",
            "CALLCENTER__TRUNKS__CITY__NUMBERING": "{national_prefix: '9'}",
            "CALLCENTER__TRUNKS__WIDEBAND__NUMBERING": "{country: HK}",
        },
    )
    usual = NumberingPlan("CN", "17900")
    trunks = {"city": NumberingPlan("CN", "17900", "9"), "wideband": NumberingPlan("HK")}
    known = assembly.numbering(settings)
    assert known == Numbering(usual, trunks)
    assert (known.of("wideband"), known.of("another")) == (NumberingPlan("HK"), usual)
    assert assembly.numbering(load_settings(CONFIG)) == Numbering(CHINA)


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"CALLCENTER__NUMBERING__COUNTRY": "XX"}, "numbering.country: there is no country 'XX'"),
        ({"CALLCENTER__NUMBERING__COUNTRY": "china"}, "numbering.country"),
        (
            {
                "CALLCENTER__NUMBERING__COUNTRY": "null",
                "CALLCENTER__TRUNKS__CITY__NUMBERING": "{national_prefix: '9'}",
            },
            "trunks.city.numbering: prefixes say nothing without a country: add 'country: CN'",
        ),
        ({"CALLCENTER__NUMBERING": "{country: CN, national_prefix: '+'}"}, "numbering.national_prefix"),
    ],
)
def test_what_is_wrong_in_them_is_told(environment: dict[str, str], words: str) -> None:
    """With its place, and what to write."""
    with pytest.raises(Mistakes) as refused:
        load_settings(CONFIG, environment=environment)
    assert words in str(refused.value)
