"""The lines between a phone and its worker: what goes in comes out, and what is none of it is refused."""

import dataclasses
from collections.abc import Mapping
from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.phones import protocol
from callcenter.phones.lines import ProtocolError, decode_command, decode_event, encode_command, encode_event
from callcenter.phones.protocol import (
    Command,
    Event,
    Incoming,
    PlaceCall,
)

FIELDS = {
    float: st.floats(allow_nan=False, allow_infinity=False),
    Mapping[str, str]: st.dictionaries(st.text(), st.text()),
}


def _any_of(kinds: tuple[type, ...]) -> st.SearchStrategy[object]:
    return st.one_of(
        [
            st.builds(kind, **{name: FIELDS[t] for name, t in get_type_hints(kind).items() if t in FIELDS})
            for kind in kinds
        ]
    )


@given(st.integers(), _any_of(Command.__args__))
def test_a_command_survives_the_wire(ref: int, command: Command) -> None:
    """Every command comes out of its line as it went in, with its ref."""
    line = encode_command(ref, command)
    assert line.count(b"\n") == 1
    assert decode_command(line) == (ref, command)


@given(_any_of(Event.__args__))
def test_an_event_survives_the_wire(event: Event) -> None:
    """Every event comes out of its line as it went in, enums as enums."""
    assert decode_event(encode_event(event)) == event


def test_every_event_says_when(monkeypatch: pytest.MonkeyPatch) -> None:
    """`at` is the first field of each event."""
    for kind in Event.__args__:
        assert dataclasses.fields(kind)[0].name == "at", kind
        assert get_type_hints(kind)["at"] is int


def test_headers_in_any_script_stay_what_they_are() -> None:
    """A display name in Chinese, quotes and line ends inside a value survive one line of JSON."""
    event = Incoming(1, "in-1", "110", {"from": '"李 \n雷" <sip:110@h>'})
    line = encode_event(event)
    assert line.count(b"\n") == 1
    assert decode_event(line) == event


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"not json\n",
        b"[1]\n",
        b'{"kind":"Answer","call_ref":"a"}\n',
        b'{"ref":"1","kind":"Answer","call_ref":"a"}\n',
        b'{"ref":1,"kind":"Fly"}\n',
        b'{"ref":1,"kind":"Answer"}\n',
        b'{"ref":1,"kind":"Answer","call_ref":"a","speed":2}\n',
        b'{"ref":1,"kind":"SetAnswerPolicy","action":"run","after_ms":1,"code":486}\n',
        b'{"ref":1,"kind":"Registered","at":1,"user":"a"}\n',
    ],
)
def test_a_line_that_is_no_command_is_refused_with_the_line(line: bytes) -> None:
    """Bad JSON, a missing or unknown field, an unknown kind or enum value, an event: all ProtocolError."""
    with pytest.raises(ProtocolError) as refused:
        decode_command(line)
    assert repr(line) in str(refused.value)


def test_a_placed_call_needs_only_its_name_and_its_target() -> None:
    """The optional fields of PlaceCall have the meaning of "as the phone likes"."""
    line = b'{"ref":1,"kind":"PlaceCall","call_ref":"a","uri":"sip:1@h"}\n'
    assert decode_command(line) == (1, PlaceCall("a", "sip:1@h", "", {}, (), ""))


def test_now_is_the_epoch_in_milliseconds() -> None:
    """now_ms is between 2020 and 2100, so neither seconds nor microseconds."""
    assert 1_577_836_800_000 < protocol.now_ms() < 4_102_444_800_000
