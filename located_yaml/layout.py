"""Where every part of a YAML text begins and ends, to the character."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from located_yaml.mistakes import Path


class Form(Enum):
    """How a value is written."""

    SCALAR = auto()
    FLOW = auto()
    """In braces or brackets."""
    BLOCK = auto()
    """On lines of its own."""


@dataclass(frozen=True, slots=True)
class Part:
    """A value: ``text[start:end]``, without the line break and the comment after it.

    ``opened`` is where the sign that leads to it ends: the colon of its key, the dash or bracket before it.
    Of a mapping ``keys`` and ``values`` go together; a sequence has only values. ``quote`` is the sign that
    opens a scalar, empty for a plain one.
    """

    form: Form
    opened: int
    start: int
    end: int
    column: int
    quote: str = ""
    keys: Mapping[str, Part] = field(default_factory=dict)
    values: tuple[Part, ...] = ()

    def index(self, step: str | int) -> int | None:
        """The place of an entry among ``values``; None when it is not there."""
        if isinstance(step, str):
            return next((place for place, key in enumerate(self.keys) if key == step), None)
        return step if step < len(self.values) else None

    def at(self, path: Path) -> Part:
        """The part at a path below this one, which must be there."""
        part = self
        for step in path:
            place = part.index(step)
            assert place is not None
            part = part.values[place]
        return part


def layout(text: str) -> Part:
    """The parts of a text that ``located_yaml.load`` accepts and that is not empty."""
    events = (event for event in YAML(typ="safe", pure=True).parse(text))
    nodes = (e for e in events if isinstance(e, NodeEvent | MappingEndEvent | SequenceEndEvent))
    return _part(text, next(nodes), nodes, 0)


def _part(text: str, event: Event, events: Iterator[Event], opened: int) -> Part:
    start, column = event.start_mark.index, event.start_mark.column
    if isinstance(event, ScalarEvent):
        if not event.value and not event.style:
            return Part(Form.SCALAR, opened, opened, opened, column)  # the event stands at the next sign
        end = start + len(text[start : event.end_mark.index].rstrip())
        return Part(Form.SCALAR, opened, start, end, column, event.style or "")
    assert isinstance(event, MappingStartEvent | SequenceStartEvent)
    form = Form.FLOW if event.flow_style else Form.BLOCK
    keys: dict[str, Part] = {}
    values: list[Part] = []
    before = start if form is Form.BLOCK else start + 1
    for inner in events:
        if isinstance(inner, MappingEndEvent | SequenceEndEvent):
            before = inner.end_mark.index if form is Form.FLOW else before
            break
        if isinstance(event, MappingStartEvent):
            key = _part(text, inner, events, before)
            keys[str(getattr(inner, "value", ""))] = key
            before = text.index(":", key.end) + 1
            inner = next(events)  # noqa: PLW2901 - the value of the key
        elif form is Form.BLOCK:
            before = text.index("-", before) + 1
        values.append(_part(text, inner, events, before))
        before = values[-1].end
    return Part(form, opened, start, before, column, "", keys, tuple(values))
