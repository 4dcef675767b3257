"""The port by which the switch is looked at beside the calls: is it there, and how are its trunks?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LineState:
    """One trunk. ``peer_answers``: the far end answers when it is asked whether it is there (None: it has no
    address to be asked at). ``registration`` is the switch's own word for how our registration at the
    provider stands (``Registered`` is what it should be; None: there is none). ``legs`` are up over it, in
    whichever direction. ``refused`` calls found it full since the switch was started, the last one at
    ``refused_at``."""

    peer_answers: bool | None = None
    registration: str | None = None
    legs: int = 0
    refused: int = 0
    refused_at: int | None = None


@dataclass(frozen=True, slots=True)
class SwitchSeen:
    """The switch as it is: since when it runs, how many legs are up. ``manager``: its second connection, for
    recordings and phones, is there."""

    version: str
    started_at: int
    legs: int
    manager: bool
    lines: Mapping[str, LineState] = field(default_factory=dict)


class SwitchUnseen(Exception):
    """The switch does not tell; the text is for people."""


class SwitchLook(Protocol):
    """Where the switch is looked at."""

    async def look(self) -> SwitchSeen:
        """Within seconds. Raises SwitchUnseen."""
        ...
