"""What the centre, not the Router, must know of a queue."""

from __future__ import annotations

from dataclasses import dataclass

from callcenter.domain.events import EndedBy, QueueOutcome


@dataclass(frozen=True, slots=True)
class CallBackPolicy:
    """How a queue calls back. A waiting caller asks for it with ``key`` (None: only overflow leads to it).

    The caller's phone rings for ``ring_sec``; who was not reached is tried ``attempts`` times in all,
    ``retry_sec`` apart. A promise is given up ``within_sec`` after it was made.
    """

    key: str | None = None
    ring_sec: int = 30
    attempts: int = 3
    retry_sec: int = 300
    within_sec: int = 14_400


@dataclass(frozen=True, slots=True)
class QueuePolicy:
    """``category`` is that of its tickets. ``short_abandon_sec`` 0 counts every abandon; ``record``: calls
    are recorded from their first talk out of this queue on; ``prefers_last_agent``: a caller should get the
    agent last talked with. ``call_back`` None: nobody is called back. Who hung up while waiting and is back
    within ``resume_within_sec`` stands where they stood. ``live_transcript``: what is said in its talks is
    read meanwhile."""

    category: str
    short_abandon_sec: int = 5
    record: bool = True
    prefers_last_agent: bool = False
    call_back: CallBackPolicy | None = None
    resume_within_sec: int = 0
    live_transcript: bool = False

    def outcome_of_end(self, by: EndedBy, waited_ms: int, *, lost: bool) -> QueueOutcome:
        """What became of a caller who is gone after waiting so long; ``lost``: with the switch."""
        if by is EndedBy.SUPERVISOR:
            return QueueOutcome.HUNG_UP
        if lost:
            return QueueOutcome.SYSTEM_ERROR
        short = waited_ms < self.short_abandon_sec * 1000
        return QueueOutcome.SHORT_ABANDONED if short else QueueOutcome.ABANDONED
