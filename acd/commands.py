"""What the Router asks for: a closed union, in the order in which it must be carried out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from acd.explain import Decision, WaitReason
from acd.model import OverflowReason, OverflowTarget, Presence


class OfferEnd(StrEnum):
    """How an Offer ended (MADE is its only other state)."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    REVOKED = "revoked"
    BUSY = "busy"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class MakeOffer:
    """Ring this agent for this call. The Offer is the reservation of both until it ends."""

    offer_id: str
    call_id: str
    agent_id: str
    queue: str
    expires_at: int
    decision: Decision


@dataclass(frozen=True, slots=True)
class EndOffer:
    """The Offer is over. With EXPIRED and REVOKED the agent's phone must stop ringing; the other ends tell
    what the switch already knows and are there for the journal."""

    offer_id: str
    call_id: str
    agent_id: str
    queue: str
    end: OfferEnd


@dataclass(frozen=True, slots=True)
class OverflowCall:
    """The call has left the queue unanswered by rule; take it to the target."""

    call_id: str
    queue: str
    reason: OverflowReason
    target: OverflowTarget


@dataclass(frozen=True, slots=True)
class ChangePresence:
    """The agent's Presence has changed; ``until_at`` is set while a wrap-up or a penalty runs."""

    agent_id: str
    presence: Presence
    reason: str
    call_id: str | None = None
    until_at: int | None = None


@dataclass(frozen=True, slots=True)
class NoteWaiting:
    """The call waits although agents are ready; nothing is to be done, the reason is for the journal."""

    reason: WaitReason


@dataclass(frozen=True, slots=True)
class PauseOverdue:
    """The agent's pause has lasted as long as its reason allows; the agent stays paused."""

    agent_id: str
    reason: str


RouterCommand = MakeOffer | EndOffer | OverflowCall | ChangePresence | NoteWaiting | PauseOverdue
