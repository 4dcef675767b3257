"""Texts with variables: ``您的工单{ticket_id:digits}，前面还有{position:number}位。``"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ivr_flows.expressions import KIND_WORDS
from located_yaml import did_you_mean

SPOKEN_KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "text": (str,),
    "number": (float,),
    "digits": (str, float),
    "ordinal": (float,),
    "money": (float,),
    "duration": (float,),
    "date": (str,),
    "time": (str,),
    "ticket": (str,),
}
"""How a value may be said, and which values may be said so: ``duration`` is a number of seconds, ``money`` of
yuan, ``date`` a text such as 2026-10-01, ``time`` one such as 18:30."""

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
            _known(kind)
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
        elif slot.kind and kind not in SPOKEN_KINDS[slot.kind]:
            wanted = " or ".join(KIND_WORDS[one] for one in SPOKEN_KINDS[slot.kind])
            yield f"{slot.written}: only {wanted} can be said so, but '{slot.name}' is {KIND_WORDS[kind]}"


def _known(kind: str) -> None:
    if kind not in SPOKEN_KINDS:
        near = did_you_mean(kind, SPOKEN_KINDS)
        raise ValueError(f"unknown kind '{kind}' of value{near}; there are: {', '.join(SPOKEN_KINDS)}")
