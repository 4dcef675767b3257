"""Admission control in front of the Centre: a pure token bucket with a first-in first-out line.

Past its limit an ARI centre collapses instead of slowing (facts/media.md, C). Callers beyond what the
controller can carry therefore stay on the music that the switch plays by itself, and are taken up in order.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from callcenter.domain.switch import CallerArrived


@dataclass(frozen=True, slots=True)
class AdmissionLimit:
    """``calls_per_sec`` sustained, with ``burst`` at once after a calm."""

    calls_per_sec: float
    burst: int


class AdmissionGate:
    """Who may come in now. Instants are ``int`` milliseconds since the Unix epoch, UTC."""

    def __init__(self, limit: AdmissionLimit) -> None:
        self._limit = limit
        self._tokens = float(limit.burst)
        self._refilled_at = 0
        self._line: OrderedDict[str, CallerArrived] = OrderedDict()

    def __len__(self) -> int:
        return len(self._line)

    def arrive(self, caller: CallerArrived, now: int) -> list[CallerArrived]:
        """A caller is there. Returns who is admitted now, in the order of arrival."""
        self._line.setdefault(caller.leg_id, caller)
        return self.admit(now)

    def leave(self, leg_id: str) -> CallerArrived | None:
        """The leg is gone; the caller if one was still standing in line."""
        return self._line.pop(leg_id, None)

    def missing(self, present: set[str]) -> list[CallerArrived]:
        """Take out of the line and return whoever is not among the legs that exist."""
        return [self._line.pop(leg_id) for leg_id in list(self._line) if leg_id not in present]

    def admit(self, now: int) -> list[CallerArrived]:
        """Whoever may come in by now, in the order of arrival."""
        elapsed_ms = max(0, now - self._refilled_at)
        self._refilled_at = now
        refill = elapsed_ms / 1000 * self._limit.calls_per_sec
        self._tokens = min(float(self._limit.burst), self._tokens + refill)
        admitted = []
        while self._line and self._tokens >= 1.0:
            self._tokens -= 1.0
            admitted.append(self._line.popitem(last=False)[1])
        return admitted

    def next_deadline(self) -> int | None:
        """When ``admit`` is worth asking again, or None while nobody stands in line."""
        if not self._line:
            return None
        missing = max(0.0, 1.0 - self._tokens)
        return self._refilled_at + 1 + int(missing / self._limit.calls_per_sec * 1000)
