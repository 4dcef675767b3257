"""Deadlines: the instants at which the Router must act by itself, without a clock."""

from __future__ import annotations

from enum import IntEnum
from heapq import heapify, heappop, heappush

_SPARE_ENTRIES = 64


class DeadlineKind(IntEnum):
    """What falls due. At one instant agents come free first, so that a call is answered rather than sent
    away."""

    AGENT = 0
    OFFER = 1
    RING = 2
    """A queue that rings several agents looks for more of them."""
    RELAX = 3
    """A waiting call's demand or order changes."""
    CALL = 4
    """A waiting call overflows."""


class Deadlines:
    """At most one deadline for each (kind, name); those that fall due come out in (instant, kind, name)
    order."""

    def __init__(self) -> None:
        self._at: dict[tuple[DeadlineKind, str], int] = {}
        self._heap: list[tuple[int, DeadlineKind, str]] = []

    def arm(self, kind: DeadlineKind, name: str, at: int) -> None:
        """Set or move the deadline."""
        self._at[kind, name] = at
        heappush(self._heap, (at, kind, name))
        if len(self._heap) > _SPARE_ENTRIES + 2 * len(self._at):
            self._heap = [(at, kind, name) for (kind, name), at in self._at.items()]
            heapify(self._heap)

    def disarm(self, kind: DeadlineKind, name: str) -> None:
        """Forget the deadline, if it is set."""
        self._at.pop((kind, name), None)

    def of(self, kind: DeadlineKind) -> list[tuple[str, int]]:
        """Names and instants of all deadlines of a kind, sorted."""
        return sorted((name, at) for (armed, name), at in self._at.items() if armed is kind)

    def next_at(self) -> int | None:
        """The earliest deadline, or None."""
        heap = self._heap
        while heap:
            at, kind, name = heap[0]
            if self._at.get((kind, name)) == at:
                return at
            heappop(heap)
        return None

    def pop_due(self, now: int) -> tuple[DeadlineKind, str] | None:
        """Take out the earliest deadline that lies at or before ``now``, or None."""
        at = self.next_at()
        if at is None or at > now:
            return None
        _, kind, name = heappop(self._heap)
        del self._at[kind, name]
        return kind, name
