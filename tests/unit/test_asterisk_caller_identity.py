"""Who called first, by P-Asserted-Identity, Diversion and History-Info."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.adapters.asterisk.caller_identity import MAX_HEADER, numbers, original_caller, same_number


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("<sip:+8613912345678@ims.example;user=phone>", ["+8613912345678"]),
        ('"Cullen Jennings" <sip:+14085264000@proxy.cisco.com>', ["+14085264000"]),
        ("tel:+14085264000", ["+14085264000"]),
        ("<tel:+1-408-526-4000>", ["+14085264000"]),
        ("sip:+14085264000:secret@host;user=phone", ["+14085264000"]),
        ("<sips:12345@[2001:db8::1]:5061>", ["12345"]),
        ('"a, <sip:99@evil>" <sip:100@a>, <sip:200@b>;reason=user-busy', ["100", "200"]),
        ('"quo\\"te, <sip:99@evil>" <sip:100@a>', ["100"]),
        ("<sip:%2B861390000@a>", ["+861390000"]),
        ("<sip:anonymous@anonymous.invalid>", []),
        ("<sip:host.only>", []),
        ("<sip:@host>", []),
        ('"no end <sip:100@a>', []),
        ("", []),
        (",,,", []),
        ("<>><<;;==", []),
        ("<sip:1@a>", []),
        ("<sip:" + "1" * 40 + "@a>", []),
        ("<sip:1234@a>" + " " * MAX_HEADER, []),
    ],
)
def test_numbers_are_read_tolerantly(header: str, expected: list[str]) -> None:
    """Every form of RFC 3261's name-addr; garbage gives nothing."""
    assert numbers(header) == expected


def test_the_asserted_identity_comes_first() -> None:
    """The network's word counts more than what a forwarding device wrote."""
    found = original_caller(
        "12345", asserted="<sip:100@n>", diversion="<sip:200@n>", history="<sip:300@n>;index=1"
    )
    assert found == "100"


def test_an_asserted_identity_that_is_shown_anyway_says_nothing() -> None:
    """Then a Diversion is asked, and without one there is no other caller."""
    assert original_caller("+86139", asserted="<sip:86139@n>") is None
    assert original_caller("86139", asserted="<sip:+86139@n>", diversion="<sip:200@n>") == "200"


def test_the_last_diversion_is_the_first_diverter() -> None:
    """RFC 5806: each diverting party puts its entry on top."""
    header = "<sip:latest0@n>, <sip:222@n>;reason=no-answer, <sip:111@n>;reason=unconditional"
    assert original_caller("9", diversion=header) == "111"


def test_history_info_is_ordered_by_its_index() -> None:
    """RFC 7044: the lowest index came first, wherever it stands; 1.10 comes after 1.2."""
    header = "<sip:333@n>;index=1.10, <sip:222@n?Reason=SIP%3Bcause%3D302>;index=1.2, <sip:111@n>;index=1"
    assert original_caller("9", history=header) == "111"
    assert original_caller("9", history="<sip:333@n>;index=1.10, <sip:222@n>;index=1.2") == "222"
    assert original_caller("9", history="<sip:333@n>, <sip:222@n>;index=2") == "222"


def test_no_header_names_nobody() -> None:
    """A plain call has no original caller."""
    assert original_caller("02112345678") is None


def test_spellings_of_one_number_are_the_same() -> None:
    """Separators and the plus do not make another number."""
    assert same_number("+86-139 (1)", "861391")
    assert not same_number("139", "1390")


@given(st.text(alphabet='<>";,=:@sipteldx1234567890 \\%+[]().\x00é', max_size=200))
def test_garbage_gives_dialable_numbers_or_nothing(header: str) -> None:
    """Nothing is raised, and nothing undialable comes out."""
    for number in numbers(header):
        assert set(number) <= set("+0123456789*#")
    found = original_caller("1", asserted=header, diversion=header, history=header)
    assert found is None or found in numbers(header)


@given(st.text(max_size=100))
def test_any_text_is_survived(header: str) -> None:
    """Whatever a stranger writes."""
    original_caller(header, asserted=header, diversion=header, history=header)
