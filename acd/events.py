"""What the Router is told: a closed union of facts, each with its instant given beside it.

Instants are ``int`` milliseconds since the Unix epoch, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from acd.model import AcdConfig, SkillRequirement


class OfferFailure(StrEnum):
    """Why an Offer ended without the agent's answer, as the switch reported it."""

    DECLINED = "declined"
    BUSY = "busy"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class AgentLoggedIn:
    """The agent begins a shift; presence becomes NOT_READY with the reason ``logged_in``."""

    agent_id: str


@dataclass(frozen=True, slots=True)
class AgentLoggedOut:
    """The agent ends the shift, in whatever state; an open Offer to the agent is revoked. ``by``: the
    supervisor who ends it in the agent's place."""

    agent_id: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class AgentReady:
    """The agent wants calls from now on (after the call in hand, if there is one). ``by``: the supervisor
    who says so in the agent's place."""

    agent_id: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class AgentPaused:
    """The agent wants no calls from now on (after the call in hand), for the named pause reason. ``by``: the
    supervisor who says so in the agent's place; only a supervisor ends that pause."""

    agent_id: str
    reason: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class PhoneReachable:
    """The agent's phone can (or can no longer) be rung."""

    agent_id: str
    reachable: bool


@dataclass(frozen=True, slots=True)
class CallQueued:
    """A caller asks for a human.

    ``queued_at`` may lie before now: a call that overflows or is recovered keeps its wait.
    ``priority`` and ``requirements`` add to what the queue itself asks for.
    ``agent_id`` names the only agent who may get it (a transfer to a person), ``preferred_id`` one who gets
    it when free (the last agent, the owner of the ticket) and for whom it is kept for the queue's patience.
    ``virtual``: nobody is on the line; the caller was promised to be called back and keeps the place. Such a
    call never overflows, unless its queue is no more. ``entered_at``: it waits in this queue since then
    (None: since now); what the queue does after some time counts from there.

    Told again of a call that waits in this queue, it changes ``queued_at``, ``priority``, ``requirements``
    and ``agent_id``; all else stays as it was.
    """

    call_id: str
    queue: str
    queued_at: int
    priority: int = 0
    requirements: tuple[SkillRequirement, ...] = ()
    agent_id: str | None = None
    preferred_id: str | None = None
    virtual: bool = False
    entered_at: int | None = None


@dataclass(frozen=True, slots=True)
class CallLeft:
    """The waiting call is gone (caller hung up, key exit, moved away); open Offers for it are revoked."""

    call_id: str


@dataclass(frozen=True, slots=True)
class OfferAccepted:
    """The agent's phone answered; from here the agent is ON_CALL."""

    offer_id: str


@dataclass(frozen=True, slots=True)
class OfferFailed:
    """The agent's phone declined, was busy or could not be reached."""

    offer_id: str
    failure: OfferFailure


@dataclass(frozen=True, slots=True)
class AgentReleased:
    """The agent's conversation with this call is over; wrap-up begins. One who never ``talked``, because the
    caller could not be reached, has nothing to wrap up."""

    agent_id: str
    call_id: str
    talked: bool = True


@dataclass(frozen=True, slots=True)
class WrapUpEnded:
    """The agent has finished the after-call work before its time was up; it ends at once, or at the queue's
    shortest time for it."""

    agent_id: str


@dataclass(frozen=True, slots=True)
class WrapUpExtended:
    """The agent needs ``extra_sec`` more for the after-call work; granted up to the queue's longest time."""

    agent_id: str
    extra_sec: int


@dataclass(frozen=True, slots=True)
class DispositionGiven:
    """The agent has said what came of the call."""

    agent_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class CallTaken:
    """The agent has taken over a call of this queue from another agent, or makes one, past the Router:
    ON_CALL until AgentReleased. Only who has no work does that; of anybody else it says nothing."""

    agent_id: str
    call_id: str
    queue: str


@dataclass(frozen=True, slots=True)
class QueueOpened:
    """The queue's calendar opened it."""

    queue: str


@dataclass(frozen=True, slots=True)
class QueueClosed:
    """The queue's calendar closed it; new and waiting calls overflow with reason CLOSED."""

    queue: str


@dataclass(frozen=True, slots=True)
class ConfigChanged:
    """A new configuration is in force; waiting calls keep their place, agents their presence."""

    config: AcdConfig


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """The time named by ``Router.next_deadline`` has come (late is allowed, early does nothing)."""


AgentEvent = (
    AgentLoggedIn
    | AgentLoggedOut
    | AgentReady
    | AgentPaused
    | PhoneReachable
    | WrapUpEnded
    | WrapUpExtended
    | DispositionGiven
    | CallTaken
)

RouterEvent = (
    AgentEvent
    | CallQueued
    | CallLeft
    | OfferAccepted
    | OfferFailed
    | AgentReleased
    | QueueOpened
    | QueueClosed
    | ConfigChanged
    | DeadlineReached
)
