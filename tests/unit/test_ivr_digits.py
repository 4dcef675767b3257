"""Digits and texts: the checks of entries, masks, templates, and the seal of sensitive digits."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr_flows.digits import MAX_DIGITS, id_card_cn, luhn, parse_check, phone_cn
from ivr_flows.masks import fits
from ivr_flows.sealing import Seal
from ivr_flows.spoken import Kind
from ivr_flows.templates import Slot, parse_template, said, slot_problems


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        ("luhn", ["4111111111111111", "79927398713"], ["4111111111111112", "79927398710"]),
        (
            "phone_cn",
            ["13800138000", "19912345678", "01062345678", "02887654321", "07556234567", "075562345678"],
            ["12800138000", "1380013800", "138001380000", "62345678", "01012345678", "0106234567890"],
        ),
        (
            "id_card_cn",
            ["11010519491231002X", "440524188001010014"],
            ["110105194912310020", "440524188001010015", "01010519491231002X", "11010519491231002", "X" * 18],
        ),
        ("20######", ["20261121"], ["19261121", "2026112", "202611210"]),
        ("12*", ["12", "12345"], ["1", "21"]),
    ],
)
def test_entries_are_checked(check: str, right: list[str], wrong: list[str]) -> None:
    """Bank cards, telephones, identity numbers and masks: right ones pass, neighbours do not."""
    of = parse_check(check)
    assert [entry for entry in right if not of.fits(entry)] == []
    assert [entry for entry in wrong if of.fits(entry)] == []


def test_a_range_is_of_numbers() -> None:
    """Leading zeros do not count."""
    check = parse_check({"min": 1, "max": 12})
    assert [entry for entry in ("0", "1", "012", "12", "13", "") if check.fits(entry)] == ["1", "012", "12"]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("luhm", "'luhm' is no check of digits; did you mean 'luhn'?"),
        ("20##a", "'20##a' is no check of digits"),
        (7, "'7' is no check of digits"),
        ({"min": 2, "max": 1}, "a range is written"),
        ({"min": 1}, "is no check of digits"),
        ("#" * (MAX_DIGITS + 1), "is no check of digits"),
    ],
)
def test_what_is_no_check_is_told(written: object, told: str) -> None:
    """With the names that there are."""
    with pytest.raises(ValueError, match=told.replace("?", r"\?").replace("'", "'")):
        parse_check(written)


@given(st.text(alphabet="0123456789X", max_size=MAX_DIGITS))
def test_checks_answer_for_every_entry(entry: str) -> None:
    """Whatever a telephone can send, a check says yes or no; one wrong digit is always found."""
    for check in (phone_cn, id_card_cn):
        assert check(entry) in (True, False)
    digits = entry.replace("X", "") + "0"
    valid = next(digits[:-1] + last for last in "0123456789" if luhn(digits[:-1] + last))
    for place in range(len(valid)):
        other = valid[:place] + str((int(valid[place]) + 1) % 10) + valid[place + 1 :]
        assert not luhn(other)


@given(st.text(max_size=200), st.text(alphabet="#?*1a", max_size=200))
def test_a_mask_is_matched_in_one_pass(text: str, mask: str) -> None:
    """Any text against any mask; every text fits itself unless it holds the mask's own signs."""
    assert fits(text, mask) in (True, False)
    if not set(text) & set("#?*"):
        assert fits(text, text)
        assert fits(text, "*")


def test_a_template_has_slots() -> None:
    """Names, kinds, and the text between."""
    template = parse_template("您的工单{ticket:digits}，前面还有{place}位。")
    assert template.parts == ("您的工单", Slot("ticket", "digits"), "，前面还有", Slot("place"), "位。")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{place:nubmer}", "'nubmer' is no way to say a value; did you mean 'number'?"),
        ("{a.b}", "other braces are not allowed"),
        ("{a!r}", "other braces are not allowed"),
        ("{a:>10}", "other braces are not allowed"),
        ("{{a}}", "other braces are not allowed"),
        ("{}", "other braces are not allowed"),
        ("a}", "other braces are not allowed"),
    ],
)
def test_braces_are_slots_and_nothing_else(written: str, told: str) -> None:
    """No attributes, no conversions, no format specs."""
    with pytest.raises(ValueError, match=told.replace("?", r"\?")):
        parse_template(written)


def test_kinds_of_slots_are_checked() -> None:
    """A value can only be said as something that it is."""
    kinds = {"place": float, "name": str, "vip": bool}
    found = parse_template("{place:digits}{place:date}{name:number}{vip}{plase}{place}{name}")
    assert list(slot_problems(found, kinds)) == [
        "{place:date}: a number cannot be said as date",
        "{vip}: true or false cannot be said: branch, and say it in your words",
        "unknown name 'plase'; did you mean 'place'?",
    ]


@given(
    st.text(max_size=50) | st.integers() | st.floats() | st.booleans(),
    st.sampled_from([*Kind]),
    st.sampled_from(["zh", "en", "ko", "xx"]),
)
def test_every_value_has_words(value: str | float, kind: str, language: str) -> None:
    """A call must not fail because of a value that nobody thought of."""
    assert isinstance(said(value, kind, language), str)


SEAL = Seal(b"k" * 16)


@given(st.text(max_size=300), st.text(max_size=20))
def test_what_is_sealed_is_opened_with_the_same_key_only(text: str, purpose: str) -> None:
    """Same key, same purpose: the text; another key, another purpose or a changed letter: nothing."""
    sealed = SEAL.sealed(text, purpose)
    assert SEAL.opened(sealed, purpose) == text
    assert SEAL.sealed(text, purpose) == sealed
    assert sealed.isascii()
    assert len(text) < 4 or text not in sealed
    assert Seal(b"l" * 16).opened(sealed, purpose) is None
    assert SEAL.opened(sealed, purpose + "x") is None
    assert SEAL.opened(sealed[:-4], purpose) is None


@pytest.mark.parametrize("sealed", ["", "x", "sealed1:", "sealed1:é", "sealed1:AAAA", "sealed1:A"])
def test_what_is_no_seal_is_not_opened(sealed: str) -> None:
    """A broken checkpoint loses a value, never a call."""
    assert SEAL.opened(sealed, "") is None


def test_a_seal_does_not_show_its_key() -> None:
    """Nor does it take one that could be guessed."""
    assert "kkkk" not in repr(SEAL) + json.dumps(str(SEAL))
    with pytest.raises(ValueError, match="16 bytes"):
        Seal(b"short")
