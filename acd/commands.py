"""What the Router asks for: a closed union, in the order in which it must be carried out.

Commands are immutable; they are tuples because those are made fastest, and every fact makes some.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

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


class MakeOffer(NamedTuple):
    """Ring this agent for this call. The Offer is the reservation of both until it ends."""

    offer_id: str
    call_id: str
    agent_id: str
    queue: str
    expires_at: int
    decision: Decision


class EndOffer(NamedTuple):
    """The Offer is over. With EXPIRED and REVOKED the agent's phone must stop ringing; the other ends tell
    what the switch already knows and are there for the journal."""

    offer_id: str
    call_id: str
    agent_id: str
    queue: str
    end: OfferEnd


class OverflowCall(NamedTuple):
    """The call has left the queue unanswered by rule; take it to the target."""

    call_id: str
    queue: str
    reason: OverflowReason
    target: OverflowTarget


class ChangePresence(NamedTuple):
    """The agent's Presence has changed; ``until_at`` is set while a wrap-up or a penalty runs."""

    agent_id: str
    presence: Presence
    reason: str
    call_id: str | None = None
    until_at: int | None = None


class NoteWaiting(NamedTuple):
    """The call waits although agents are ready; nothing is to be done, the reason is for the journal."""

    reason: WaitReason


class PauseOverdue(NamedTuple):
    """The agent's pause has lasted as long as its reason allows; the agent stays paused."""

    agent_id: str
    reason: str


RouterCommand = MakeOffer | EndOffer | OverflowCall | ChangePresence | NoteWaiting | PauseOverdue
