"""Texts with variables: ``您的工单{ticket_id:digits}，前面还有{position:number}位。``"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ivr_flows.expressions import KIND_WORDS, Value
from ivr_flows.spoken import fits, kind_named, spoken
from located_yaml import did_you_mean

_SLOT: Final = re.compile(r"\{([A-Za-z][A-Za-z0-9_]{0,63})(?::([a-z]{1,20}))?\}")


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of a variable in a text; without ``kind`` a number is said as a number, a text as a text."""

    name: str
    kind: str = ""

    @property
    def written(self) -> str:
        """As it stands in the file."""
        return f"{{{self.name}:{self.kind}}}" if self.kind else f"{{{self.name}}}"


@dataclass(frozen=True, slots=True)
class Template:
    """A text with slots for variables, in order; made by ``parse_template``."""

    text: str
    parts: tuple[str | Slot, ...]

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The slots, in order."""
        return tuple(part for part in self.parts if isinstance(part, Slot))


def parse_template(text: str) -> Template:
    """The template in ``text``. Raises ValueError for braces that are no slot, and for an unknown kind."""
    parts: list[str | Slot] = []
    ended = 0
    for found in _SLOT.finditer(text):
        if kind := found[2]:
            kind_named(kind)
        parts += [text[ended : found.start()], Slot(found[1], kind or "")]
        ended = found.end()
    parts.append(text[ended:])
    for part in parts:
        if isinstance(part, str) and ("{" in part or "}" in part):
            raise ValueError("a variable is written {name} or {name:kind}; other braces are not allowed")
    return Template(text, tuple(part for part in parts if part))


def slot_problems(template: Template, kinds: Mapping[str, type]) -> Iterator[str]:
    """What is wrong when names have these kinds."""
    for slot in template.slots:
        kind = kinds.get(slot.name)
        if kind is None:
            yield f"unknown name '{slot.name}'{did_you_mean(slot.name, kinds)}"
        elif kind is bool:
            yield f"{slot.written}: true or false cannot be said: branch, and say it in your words"
        elif slot.kind and not fits(slot.kind, kind):
            yield f"{slot.written}: {KIND_WORDS[kind]} cannot be said as {slot.kind}"


def said(value: Value, kind: str, language: str) -> str:
    """The words of a value; one that cannot be said as this kind is said as it is written. Never raises."""
    try:
        return spoken(value, kind, language)
    except ValueError:
        return " ".join(str(value).split())
