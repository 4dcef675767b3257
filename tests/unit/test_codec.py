"""Journal lines: every event comes back as it was."""

from __future__ import annotations

import dataclasses
from typing import Any, get_args, get_type_hints

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.domain.codec import EVENT_TYPES, decode_event, decode_line, encode_line
from callcenter.domain.events import CallQueued, CallSettled, DomainEvent, QueueLeft, QueueOutcome

INSTANTS = st.integers(-(2**53), 2**53)
JSON = st.dictionaries(st.text(max_size=3), st.integers(-5, 5) | st.text(max_size=3), max_size=3)


def made(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Any event of this kind."""
    hints = get_type_hints(kind)
    known: dict[str, st.SearchStrategy[Any]] = {
        str(int): INSTANTS,
        "int | None": st.none() | INSTANTS,
        "dict[str, typing.Any]": JSON,
        "dict[str, typing.Any] | None": st.none() | JSON,
        str(float): st.floats(0, 1),
        "dict[str, int]": st.dictionaries(st.text(max_size=3), st.integers(1, 10), max_size=3),
        "list[dict[str, typing.Any]]": st.lists(JSON, max_size=2),
        "tuple[float, float]": st.tuples(st.floats(-120, 0), st.floats(-120, 0)),
    }
    return st.builds(kind, **{name: known.get(str(hint), st.from_type(hint)) for name, hint in hints.items()})


def test_the_union_is_complete() -> None:
    """Every event class of the module is in the union, so that none is forgotten by the decoder."""
    module = __import__("callcenter.domain.events", fromlist=["events"])
    classes = {name for name, thing in vars(module).items() if dataclasses.is_dataclass(thing)}
    assert classes == set(EVENT_TYPES) == {kind.__name__ for kind in get_args(DomainEvent)}


@pytest.mark.parametrize("kind", sorted(EVENT_TYPES))
def test_every_event_comes_back(kind: str) -> None:
    """Equal, of the same types, and equal events give equal bytes."""

    @given(made(EVENT_TYPES[kind]), st.integers(1, 2**53))
    def comes_back(event: DomainEvent, seq: int) -> None:
        line = encode_line(seq, event)
        assert line.endswith(b"\n")
        assert line.count(b"\n") == 1
        assert decode_line(line) == (seq, event)
        assert encode_line(*decode_line(line)) == line

    comes_back()


def test_old_lines_stay_readable() -> None:
    """A field that came later takes its default; one that went is passed over."""
    old = {"at": 1, "call_id": "c1", "queue": "q", "queued_at": 1, "priority": 0, "once_there": True}
    assert decode_event("CallQueued", old) == CallQueued(1, "c1", "q", 1, 0, {}, None)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("NoSuchEvent", {"at": 1}),
        ("CallSettled", {"at": 1}),
        ("QueueLeft", {"at": 1, "call_id": "c", "queue": "q", "outcome": "vanished", "wait_ms": 0}),
    ],
)
def test_what_cannot_be_read_is_refused(kind: str, data: dict[str, Any]) -> None:
    """Unknown kinds, missing fields and unknown values are ValueErrors that name the kind."""
    with pytest.raises(ValueError, match=kind):
        decode_event(kind, data)


def test_enums_are_written_as_their_values() -> None:
    """The journal reads like the API."""
    line = orjson.loads(encode_line(1, QueueLeft(1, "c", "q", QueueOutcome.ANSWERED, 0)))
    assert line["data"]["outcome"] == "answered"
    assert decode_line(encode_line(7, CallSettled(1, "c"))) == (7, CallSettled(1, "c"))
