"""Line: the calls of one queue in their order, those that ring included."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from acd.model import QueueConfig
from acd.queued_call import Place, QueuedCall
from acd.sorted_ends import put_in, take_out

_FIRST_GUESS_HANDLE_MS = 180_000
_GUESS_WEIGHT, _HANDLE_MEMORY = 4, 64
"""How many calls the first guess counts for, and how many calls are remembered. With 16 the expected wait
erred by 1.5 to 1.7 times as much as with the true mean, with 64 by 1.2 (``python -m bench estimates``)."""


class Line:
    """The waiting calls of one queue by place, and what the queue has learnt about its handling time."""

    __slots__ = ("_places", "handle_ms", "handled", "is_open", "queue", "ringing", "virtual")

    def __init__(self, queue: QueueConfig) -> None:
        self.queue = queue
        self.is_open = True
        self.ringing = 0
        self.virtual = 0
        self.handle_ms = _FIRST_GUESS_HANDLE_MS
        self.handled = 0
        self._places: list[Place] = []

    def __len__(self) -> int:
        return len(self._places)

    @property
    def is_overfull(self) -> bool:
        """More callers wait on the line than may; calls that ring have found an agent and do not count."""
        limit = self.queue.max_waiting
        return limit is not None and len(self._places) - self.ringing - self.virtual > limit

    def add(self, call: QueuedCall) -> None:
        """Put the call at its place."""
        put_in(self._places, call.place)
        self.virtual += call.virtual

    def remove(self, call: QueuedCall) -> None:
        """Take the call out."""
        take_out(self._places, call.place)
        self.virtual -= call.virtual

    def position(self, call: QueuedCall) -> int:
        """1 for the call that is next."""
        return bisect_left(self._places, call.place) + 1

    def __iter__(self) -> Iterator[str]:
        """The waiting calls, the next one first."""
        return (call_id for _, _, call_id in self._places)

    def note_handled(self, handle_ms: int) -> None:
        """Learn from one handled call: the mean of the first ones, then an exponential average over about
        the last 64, in whole milliseconds."""
        self.handled = min(self.handled + 1, _HANDLE_MEMORY - _GUESS_WEIGHT)
        self.handle_ms += (handle_ms - self.handle_ms) // (self.handled + _GUESS_WEIGHT)

    def expected_wait_ms(self, call: QueuedCall, working_agents: int) -> int | None:
        """Position x mean handling time / agents at work: the queue moves up one place each time one of ``n``
        agents finishes, on average every ``handle_ms / n``. None with nobody at work."""
        return self.position(call) * self.handle_ms // working_agents if working_agents else None
