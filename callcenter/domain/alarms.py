"""Many deadlines, one timer."""

from __future__ import annotations

import heapq
from typing import Generic, TypeVar

K = TypeVar("K")
SLACK = 1000


def earlier(one: int | None, other: int | None) -> int | None:
    """The earlier of two deadlines, of which there may be none."""
    if one is None or (other is not None and other < one):
        return other
    return one


class Alarms(Generic[K]):
    """Deadlines by key. Setting a key again replaces its deadline; equal deadlines come in the order in which
    they were set, so that a replay meets them alike."""

    def __init__(self) -> None:
        self._at: dict[K, tuple[int, int]] = {}
        self._heap: list[tuple[int, int, K]] = []
        self._set = 0

    def set(self, key: K, at: int | None) -> None:
        """From now on ``key`` is due at ``at``; None: not at all."""
        if at is None:
            self._at.pop(key, None)
        elif key not in self._at or self._at[key][0] != at:
            self._set += 1
            self._at[key] = (at, self._set)
            heapq.heappush(self._heap, (at, self._set, key))
        # What was changed or taken back lies in the heap until its time comes: not too much of it.
        if len(self._heap) > 2 * len(self._at) + SLACK:
            self._heap = [(at, order, key) for key, (at, order) in self._at.items()]
            heapq.heapify(self._heap)

    def next(self) -> int | None:
        """The earliest deadline, or None."""
        while self._heap:
            at, order, key = self._heap[0]
            if self._at.get(key) == (at, order):
                return at
            heapq.heappop(self._heap)
        return None

    def due(self, now: int) -> list[K]:
        """Take out and return every key that is due, earliest first."""
        keys: list[K] = []
        while (at := self.next()) is not None and at <= now:
            _, _, key = heapq.heappop(self._heap)
            del self._at[key]
            keys.append(key)
        return keys
