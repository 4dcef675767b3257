"""DomainEvents of consultations: an agent asks somebody while the caller hears music. Part of DomainEvent.

Who hears whom meanwhile is told by CallHeld and CallRetrieved (talk_events), as without a consultation: with
the caller on hold the agent talks with the consulted party, else that party hears music.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from callcenter.domain.talk_events import TransferKind


class ConsultEnd(StrEnum):
    """How a consultation ended."""

    COMPLETED = "completed"
    """The caller was handed on to the consulted party."""
    CANCELLED = "cancelled"
    """The agent let the consulted party go, or rang no longer."""
    LEFT = "left"
    """The consulted party hung up."""
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    HANDED_ON = "handed_on"
    """The agent left before anybody had answered: the caller waits for them alone."""
    CALLER_LEFT = "caller_left"


@dataclass(frozen=True, slots=True)
class ConsultAsked:
    """The agent asks somebody. ``target`` is a queue, an agent id or (masked in every output) a number; the
    Router finds who is rung for the former two, in the line of ``queue``, the last is rung over ``leg_id``.
    """

    at: int
    call_id: str
    consult_id: str
    agent_id: str
    kind: TransferKind
    target: str
    queue: str = ""
    leg_id: str = ""


@dataclass(frozen=True, slots=True)
class ConsultAnswered:
    """The consulted party picked up and talks with the agent who asked. ``by`` is the one asked, empty for a
    number; ``queue`` the one in whose line they were found."""

    at: int
    call_id: str
    agent_id: str
    leg_id: str
    by: str = ""
    queue: str = ""


@dataclass(frozen=True, slots=True)
class ConferenceBegan:
    """Caller, agent and consulted party hear each other."""

    at: int
    call_id: str
    agent_id: str


@dataclass(frozen=True, slots=True)
class ConsultEnded:
    """Nobody is consulted any more."""

    at: int
    call_id: str
    agent_id: str
    end: ConsultEnd


ConsultEvent = ConsultAsked | ConsultAnswered | ConferenceBegan | ConsultEnded
