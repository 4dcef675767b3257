"""What the parts of the Centre ask of each other within one message."""

from __future__ import annotations

from dataclasses import dataclass, field

from callcenter.domain.events import CallBackEnd, ConsultEnd
from ivr_flows.effects import DialOutside, TransferEnd
from ivr_flows.effects import QueueOutcome as FlowOutcome


@dataclass(frozen=True, slots=True)
class ToQueue:
    """The call is to wait for a human. ``queued_at`` keeps an earlier wait, ``place_at`` an earlier place.
    ``at_once``: not at all, when ``agent_id`` can take no call now."""

    call_id: str
    queue: str
    queued_at: int
    priority: int = 0
    skills: dict[str, int] = field(default_factory=dict)
    agent_id: str | None = None
    preferred_id: str | None = None
    place_at: int | None = None
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class ToCallBack:
    """The caller, who has left the queue for it, is to be called back."""

    call_id: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The promise of this call-back cannot be kept."""

    call_id: str
    why: CallBackEnd


@dataclass(frozen=True, slots=True)
class ToMessage:
    """The caller begins to leave a message, for which a ticket is opened."""

    call_id: str
    category: str
    text: str


@dataclass(frozen=True, slots=True)
class MessageDone:
    """The caller has left the message."""

    call_id: str


@dataclass(frozen=True, slots=True)
class ToFlow:
    """The call comes back to its flow: from a queue or an agent, or from an outside party."""

    call_id: str
    outcome: FlowOutcome | TransferEnd


@dataclass(frozen=True, slots=True)
class LeaveQueue:
    """The flow lets the caller wait no longer."""

    call_id: str


@dataclass(frozen=True, slots=True)
class ToFlowByKey:
    """The waiting caller has left the queue for where this key of its node leads."""

    call_id: str
    digit: str


@dataclass(frozen=True, slots=True)
class ToOutside:
    """The caller is taken to an outside number, or to another ``centre``. By the flow, or (``by_flow`` None)
    out of a queue or by an agent, for good."""

    call_id: str
    number: str
    by_flow: DialOutside | None = None


@dataclass(frozen=True, slots=True)
class LetOutsideGo:
    """The outside party that is rung for the caller is to ring no longer."""

    call_id: str


@dataclass(frozen=True, slots=True)
class OfferAnswered:
    """The Router has taken the agent's answer; caller and agent are to be brought together."""

    call_id: str
    offer_id: str
    agent_id: str
    leg_id: str
    queue: str


@dataclass(frozen=True, slots=True)
class ConsultMissed:
    """An agent rung to be consulted did not answer, or (``for_good``) nobody can be sought any more."""

    call_id: str
    end: ConsultEnd
    for_good: bool = False


@dataclass(frozen=True, slots=True)
class AgentFree:
    """The agent's part in the call is over; the Router begins the wrap-up, if they ``talked``."""

    call_id: str
    agent_id: str
    talked: bool = True


Step = (
    ToQueue
    | ToCallBack
    | GiveUp
    | ToMessage
    | MessageDone
    | ToFlow
    | ToFlowByKey
    | LeaveQueue
    | ToOutside
    | LetOutsideGo
    | OfferAnswered
    | ConsultMissed
    | AgentFree
)
