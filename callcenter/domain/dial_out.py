"""Whether and how agents make calls of their own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DialOutPolicy:
    """Calls made by ``agents``, who alone may, count to ``queue``; the party is shown ``shown``, or of a
    missed call the number that it had called. Over ``trunk`` (None: the first that can dial out)."""

    queue: str
    shown: str
    agents: frozenset[str]
    trunk: str | None = None
