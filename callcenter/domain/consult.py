"""A Consult: whom an agent asks while the caller hears music; part of a Call, and a fold of its events."""

from __future__ import annotations

from dataclasses import dataclass, replace

from callcenter.domain.consult_events import (
    ConferenceBegan,
    ConsultAnswered,
    ConsultAsked,
    ConsultEnded,
    ConsultEvent,
)
from callcenter.domain.talk_events import TransferKind


@dataclass(frozen=True, slots=True)
class Consult:
    """Who is asked. ``leg_id`` is empty as long as the Router seeks an agent, ``agent_id`` until one has
    answered; ``joined``: all three hear each other."""

    consult_id: str
    asked_at: int
    kind: TransferKind
    target: str
    queue: str
    leg_id: str
    agent_id: str = ""
    answered: bool = False
    joined: bool = False

    @property
    def sought(self) -> bool:
        """The Router seeks the agent to be consulted."""
        return not self.answered and self.kind is not TransferKind.NUMBER


def consult_after(consult: Consult | None, event: ConsultEvent) -> Consult | None:
    """What the event makes of the call's consultation."""
    match event:
        case ConsultAsked():
            return Consult(event.consult_id, event.at, event.kind, event.target, event.queue, event.leg_id)
        case ConsultAnswered() if consult:
            queue = event.queue or consult.queue
            return replace(consult, leg_id=event.leg_id, agent_id=event.by, queue=queue, answered=True)
        case ConferenceBegan() if consult:
            return replace(consult, joined=True)
        case ConsultEnded():
            return None
        case _:
            return consult
