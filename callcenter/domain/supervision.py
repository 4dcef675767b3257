"""A supervisor's part in a call, as the fold of its DomainEvents."""

from __future__ import annotations

from dataclasses import dataclass, replace

from callcenter.domain.overhearing import SupervisionMode
from callcenter.domain.supervision_events import (
    SupervisionAnswered,
    SupervisionBegan,
    SupervisionChanged,
    SupervisionEnded,
)
from callcenter.domain.talk_events import AgentReleased


@dataclass(frozen=True, slots=True)
class Supervision:
    """Who supervises the call, from which phone and how; fields as of events.SupervisionBegan."""

    by: str
    phone: str
    leg_id: str
    mode: SupervisionMode
    agent_id: str | None
    began_at: int
    answered: bool = False


def supervision_after(before: Supervision | None, event: object) -> Supervision | None:
    """What becomes of the supervision by this fact about its call. The next agent is listened to only: nobody
    is spoken to who does not expect it."""
    match event:
        case SupervisionBegan():
            return Supervision(
                event.by, event.phone, event.leg_id, event.mode, event.agent_id, began_at=event.at
            )
        case SupervisionEnded():
            return None
        case SupervisionAnswered() if before is not None:
            return replace(before, answered=True)
        case SupervisionChanged() if before is not None:
            return replace(before, mode=event.mode)
        case AgentReleased() if before is not None:
            return replace(before, mode=SupervisionMode.LISTEN)
        case _:
            return before
