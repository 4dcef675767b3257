"""DomainEvents as journal lines and back.

A line is one JSON object ``{"seq", "kind", "data"}``; ``data`` holds the event's fields by name. What was
written once stays readable: a field missing in an old line takes its default.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from enum import Enum
from functools import cached_property
from typing import Any, Union, get_args, get_origin, get_type_hints

import orjson

from callcenter.domain.events import DomainEvent

EVENT_TYPES: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(DomainEvent)}


@dataclass(frozen=True)
class JournalEntry:
    """One event of the journal with its number, as the line that was written of it."""

    seq: int
    line: bytes

    @cached_property
    def event(self) -> DomainEvent:
        """What happened. Raises ValueError for a line that ``encode_line`` did not write."""
        return decode_line(self.line)[1]


def journal_entries(first_seq: int, events: Iterable[DomainEvent]) -> list[JournalEntry]:
    """The events as they stand in a journal, the first one numbered ``first_seq``."""
    return [JournalEntry(seq, encode_line(seq, event)) for seq, event in enumerate(events, start=first_seq)]


def encode_line(seq: int, event: DomainEvent) -> bytes:
    """One journal line, with its line end. Equal events give equal bytes."""
    return orjson.dumps(
        {"seq": seq, "kind": type(event).__name__, "data": event}, option=orjson.OPT_APPEND_NEWLINE
    )


def decode_line(line: bytes) -> tuple[int, DomainEvent]:
    """The number and the event of one line. Raises ValueError for anything that encode_line did not write."""
    record = orjson.loads(line)
    return record["seq"], decode_event(record["kind"], record["data"])


def decode_event(kind: str, data: dict[str, Any]) -> DomainEvent:
    """The event of this kind with these fields. Raises ValueError for an unknown kind or a missing field."""
    try:
        cls = EVENT_TYPES[kind]
        readers = _READERS[kind]
        event: DomainEvent = cls(
            **{name: readers[name](value) for name, value in data.items() if name in readers}
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not a readable {kind}: {error}") from error
    return event


def _same(value: Any) -> Any:
    return value


def _reader(hint: Any) -> Callable[[Any], Any]:
    if get_origin(hint) in (Union, types.UnionType):
        inner = next((part for part in get_args(hint) if part is not type(None)), None)
        read = _reader(inner)
        return lambda value: None if value is None else read(value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    if get_origin(hint) is tuple:
        return tuple
    return _same


_READERS: dict[str, dict[str, Callable[[Any], Any]]] = {
    name: {field.name: _reader(hint) for field in fields(kind) for hint in [get_type_hints(kind)[field.name]]}
    for name, kind in EVENT_TYPES.items()
}
