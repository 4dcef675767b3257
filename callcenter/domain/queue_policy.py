"""What the centre, not the Router, must know of a queue."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QueuePolicy:
    """``category`` is that of its tickets. ``short_abandon_sec`` 0 counts every abandon; ``record``: calls
    are recorded from their first talk out of this queue on; ``prefers_last_agent``: a caller should get the
    agent last talked with."""

    category: str
    short_abandon_sec: int = 5
    record: bool = True
    prefers_last_agent: bool = False
