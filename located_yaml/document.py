"""Reads one YAML document into plain data and notes where each key and value stands.

A deliberately small YAML: one document, no anchors, aliases, merge keys or tags (so that a few bytes can
never unfold into gigabytes), duplicate keys refused. Keys are always text, as written. A number with a
leading zero is text, because it is a telephone number; dates and times are text too, for their owner to read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from located_yaml.mistakes import Mistake, Mistakes, Path

Place = tuple[int, int]

_INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]*)?(\.[0-9]+|(?<=[0-9])\.|(?<=[0-9])(?=[eE]))([eE][-+]?[0-9]{1,3})?")
_WORDS: dict[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a document may ask for."""

    size_bytes: int = 1024 * 1024
    depth: int = 32


@dataclass(frozen=True, slots=True)
class Document:
    """Plain data (``dict``, ``list``, scalars) and the places of all of it."""

    file: str
    data: Any
    _values: dict[Path, Place]
    _keys: dict[Path, Place]

    def position(self, path: Path, key: bool = False) -> Place:
        """Line and column (from 1) of the value at ``path``, or of its key.

        What is not there is answered with the place of the nearest thing around it: a missing field is a
        mistake of the mapping that lacks it.
        """
        if key and path in self._keys:
            return self._keys[path]
        if path in self._values:
            return self._values[path]
        return self.position(path[:-1], key=True) if path else (1, 1)

    def value(self, path: Path) -> Any:
        """What stands at ``path``; None also when nothing does."""
        value = self.data
        for step in path:
            if isinstance(value, list):
                value = value[step] if isinstance(step, int) and step < len(value) else None
            else:
                value = value.get(step) if isinstance(value, dict) else None
        return value

    def mistake(self, path: Path, message: str, key: bool = False) -> Mistake:
        """A mistake at the value at ``path``, or at its key."""
        line, column = self.position(path, key)
        return Mistake(self.file, line, column, path, message)


def load(
    source: str | bytes, file: str, limits: Limits = Limits(), *, repeated: list[Mistake] | None = None
) -> Document:
    """The document in ``source``; ``file`` is only the name told in mistakes.

    An empty document has the data None. Raises Mistakes, and nothing else, for whatever else is wrong.
    Who gives a list as ``repeated`` gets the keys that are given twice told there, and the document with the
    first value of each, so that its other mistakes can be looked for as well; it must then refuse the whole.
    """
    reader = _Reader(file, limits)
    document = reader.read(source)
    if repeated is None and reader.repeated:
        raise Mistakes(reader.repeated)
    (repeated if repeated is not None else []).extend(reader.repeated)
    return document


class _Reader:
    def __init__(self, file: str, limits: Limits) -> None:
        self.file = file
        self.limits = limits
        self.values: dict[Path, Place] = {}
        self.keys: dict[Path, Place] = {}
        self.repeated: list[Mistake] = []
        self.last: Place = (1, 1)

    def read(self, source: str | bytes) -> Document:
        text = self._text(source)
        try:
            data = self._document(self._events(text))
        except MarkedYAMLError as wrong:
            mark = wrong.problem_mark or wrong.context_mark
            place = (mark.line + 1, mark.column + 1) if mark else self.last
            self._refuse(place, (), f"not YAML: {wrong.problem or wrong.context}")
        except ReaderError as wrong:
            before = text[: wrong.position]
            place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
            self._refuse(place, (), f"the character U+{wrong.character:04X} is not allowed in YAML")
        except Mistakes:
            raise
        except Exception as wrong:  # ruamel lets bare ValueError, AssertionError, ... out on odd input
            self._refuse(self.last, (), f"not YAML after this place: {type(wrong).__name__}")
        return Document(self.file, data, self.values, self.keys)

    def _text(self, source: str | bytes) -> str:
        if len(source) > self.limits.size_bytes:
            self._refuse((1, 1), (), f"larger than {self.limits.size_bytes} bytes")
        if isinstance(source, bytes):
            try:
                source = source.decode("utf-8")
            except UnicodeDecodeError as wrong:
                before = wrong.object[: wrong.start].decode("utf-8")
                place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
                self._refuse(place, (), "not UTF-8: save the file in the encoding UTF-8")
        return source.removeprefix("\ufeff")

    def _events(self, text: str) -> Iterator[Event]:
        documents = 0
        # Nothing is constructed from the events; "rt" would gather comments too, in three times the time.
        for event in YAML(typ="safe", pure=True).parse(text):
            self.last = _place(event)
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._refuse(self.last, (), "a second document begins here: one file holds one")
            elif isinstance(event, NodeEvent):
                self._admit(event)
                yield event
            elif isinstance(event, MappingEndEvent | SequenceEndEvent):
                yield event

    def _admit(self, event: NodeEvent) -> None:
        if isinstance(event, AliasEvent):
            self._refuse(self.last, (), f"aliases (*{event.anchor}) are not allowed: write the value out")
        if event.anchor is not None:
            self._refuse(self.last, (), f"anchors (&{event.anchor}) are not allowed: write the value out")
        if tag := getattr(event, "tag", None):
            self._refuse(self.last, (), f"tags ({tag}) are not allowed")

    def _document(self, events: Iterator[Event]) -> object:
        first = next(events, None)
        data = None if first is None else self._node(first, events, ())
        for _ in events:  # to the end of the file, where a second document or broken lines may stand
            pass
        return data

    def _node(self, event: Event, events: Iterator[Event], path: Path) -> object:
        if len(path) > self.limits.depth:
            self._refuse(_place(event), path, f"nested deeper than {self.limits.depth} levels")
        self.values[path] = _place(event)
        if isinstance(event, MappingStartEvent):
            return self._mapping(events, path)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(events, path)
        assert isinstance(event, ScalarEvent)
        text = self._scalar_text(event, path)
        return text if event.style else _plain_value(text)

    def _mapping(self, events: Iterator[Event], path: Path) -> dict[str, object]:
        mapping: dict[str, object] = {}
        for event in events:
            if isinstance(event, MappingEndEvent):
                break
            if not isinstance(event, ScalarEvent):
                self._refuse(_place(event), path, "a key must be a plain word")
            key = self._scalar_text(event, path)
            if key == "<<":
                self._refuse(_place(event), path, "merge keys (<<) are not allowed: write the values out")
            here = (*path, key)
            if here in self.keys:
                line, column = self.keys[here]
                told = f"the key '{key}' is given twice, first at line {line}, column {column}"
                self.repeated.append(Mistake(self.file, *_place(event), here, told))
                _pass_over(events)
                continue
            self.keys[here] = _place(event)
            mapping[key] = self._node(next(events), events, here)
        return mapping

    def _sequence(self, events: Iterator[Event], path: Path) -> list[object]:
        sequence: list[object] = []
        for event in events:
            if isinstance(event, SequenceEndEvent):
                break
            sequence.append(self._node(event, events, (*path, len(sequence))))
        return sequence

    def _scalar_text(self, event: ScalarEvent, path: Path) -> str:
        text = str(event.value)
        if found := _UNSTORABLE.search(text):
            self._refuse(_place(event), path, f"the character U+{ord(found[0]):04X} is not allowed in a text")
        return text

    def _refuse(self, place: Place, path: Path, message: str) -> NoReturn:
        raise Mistakes([Mistake(self.file, *place, path, message)]) from None


def _pass_over(events: Iterator[Event]) -> None:
    """Go past one node, whatever it holds."""
    depth = 0
    for event in events:
        depth += isinstance(event, MappingStartEvent | SequenceStartEvent)
        depth -= isinstance(event, MappingEndEvent | SequenceEndEvent)
        if depth == 0:
            return


def _place(event: Event) -> Place:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _plain_value(text: str) -> object:
    """What an unquoted scalar means, after the core schema of YAML 1.2."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text
