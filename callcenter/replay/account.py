"""Account: what became of the calls of a span, out of the Router's inputs and commands.

The recorded course of events and an imagined one are counted by the same code, and the figures are those of
``callcenter.domain.kpi_catalogue``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from acd import commands as c
from acd import events as r
from acd.queued_call import QueuedCall
from callcenter.domain import events as e
from callcenter.domain.kpi import KpiBoard, KpiPolicy
from callcenter.domain.kpi_catalogue import KpiFigure, queue_figures
from callcenter.domain.kpi_tally import Tally
from callcenter.domain.overflow import OVERFLOW_OUTCOME

NEVER = 1 << 62


@dataclass(frozen=True, slots=True)
class Ending:
    """How a call left a queue, and with whom. ``wait_ms`` counts from when the wait began."""

    queue: str
    outcome: e.QueueOutcome
    agent_id: str | None
    wait_ms: int

    @property
    def course(self) -> tuple[str, e.QueueOutcome, str | None]:
        """What makes an ending another one: not how long it took."""
        return self.queue, self.outcome, self.agent_id


class Account:
    """Counts the calls that wait when the span begins and those that come in it. Callers who hang up are all
    ``abandoned`` here, however short their wait."""

    def __init__(self, policy: KpiPolicy, waiting: Iterable[QueuedCall] = ()) -> None:
        self.endings: dict[str, list[Ending]] = {}
        self._waiting: dict[str, tuple[str, int]] = {}
        self._board = KpiBoard(policy, day="replay", day_ends_at=NEVER)
        for call in waiting:
            self._enter(call.call_id, call.queue, call.entered_at, call.queued_at)

    @property
    def queues(self) -> list[str]:
        """The queues that were used, by name."""
        return sorted(self._board.queues)

    def take(self, at: int, event: r.RouterEvent, commands: Iterable[c.RouterCommand]) -> None:
        """What the Router was told at this instant, and what followed."""
        match event:
            case r.CallQueued():
                before = self._waiting.get(event.call_id)
                if before is not None and before[0] != event.queue:
                    self._leave(event.call_id, at, e.QueueOutcome.TRANSFERRED)
                if before is None or before[0] != event.queue:
                    self._enter(event.call_id, event.queue, at, event.queued_at)
            case r.CallLeft():
                self._leave(event.call_id, at, e.QueueOutcome.ABANDONED)
            case _:
                pass
        for command in commands:
            match command:
                case c.EndOffer(end=c.OfferEnd.ACCEPTED):
                    self._leave(command.call_id, at, e.QueueOutcome.ANSWERED, command.agent_id)
                case c.OverflowCall():
                    self._leave(command.call_id, at, OVERFLOW_OUTCOME[command.reason])
                case _:
                    pass

    def refuse(self, at: int, event: r.CallQueued) -> None:
        """The call asked for a queue that the settings lack."""
        self._enter(event.call_id, event.queue, at, event.queued_at)
        self._leave(event.call_id, at, e.QueueOutcome.SYSTEM_ERROR)

    def figures(self, queue: str | None, now: int) -> dict[str, KpiFigure]:
        """The figures of one queue, or of all together, by their keys."""
        tally = self._board.total if queue is None else self._board.queues.get(queue, Tally())
        return {figure.key: figure for figure in queue_figures(tally, now)}

    def course(self, call_id: str) -> list[tuple[str, e.QueueOutcome, str | None]]:
        """Where the call waited, what came of it and with whom."""
        return [ending.course for ending in self.endings.get(call_id, [])]

    def _enter(self, call_id: str, queue: str, at: int, queued_at: int) -> None:
        self._waiting[call_id] = queue, queued_at
        self.endings.setdefault(call_id, [])
        self._board.apply(e.CallQueued(at, call_id, queue, queued_at, 0))

    def _leave(self, call_id: str, at: int, outcome: e.QueueOutcome, agent_id: str | None = None) -> None:
        waited = self._waiting.pop(call_id, None)
        if waited is not None:
            queue, queued_at = waited
            wait_ms = max(0, at - queued_at)
            self.endings[call_id].append(Ending(queue, outcome, agent_id, wait_ms))
            self._board.apply(e.QueueLeft(at, call_id, queue, outcome, wait_ms))
