"""DomainEvents: the facts of the centre, as they are journaled. They are the record; everything else is
derived from them.

Every event carries ``at`` (``int`` milliseconds since the Unix epoch, UTC). A new fact is a new class in the
closed union; a field is only ever added, with a default, so that an old journal stays readable.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from callcenter.domain.after_work_events import (
    MessageBegan,
    MessageEnded,
    RecordingBegan,
    RecordingFailed,
    RecordingStored,
    TicketAsked,
    TicketLinked,
    TranscriptMissing,
    TranscriptStored,
)
from callcenter.domain.agent_events import (
    AgentPhoneChanged,
    NoteRead,
    NoteSent,
    PauseOverdue,
    PresenceChanged,
)
from callcenter.domain.call_back_events import (
    CallBackDialled,
    CallBackEnd,
    CallBackMissed,
    CallBackPromised,
    MissedCause,
)
from callcenter.domain.consult_events import (
    ConferenceBegan,
    ConsultAnswered,
    ConsultAsked,
    ConsultEnd,
    ConsultEnded,
    ConsultEvent,
)
from callcenter.domain.dial_out_events import CallDialledOut, PartyDialled
from callcenter.domain.flow_events import (
    ChoiceSpoken,
    FlowsPublished,
    FlowsRefused,
    FlowStageWithdrawn,
    KeyPressed,
    PromptFailed,
    PromptRecorded,
)
from callcenter.domain.kpi_events import KpiPolicyInForce
from callcenter.domain.outside_events import (
    CallerListed,
    LookUpEnded,
    TicketUpdateAsked,
    TicketUpdated,
    WebhookAsked,
    WebhookDelivered,
    WebhookGivenUp,
)
from callcenter.domain.recovery_events import CallRecovered
from callcenter.domain.supervision_events import (
    CallPicked,
    CallTakenOver,
    HangUpAsked,
    SupervisionAnswered,
    SupervisionBegan,
    SupervisionChanged,
    SupervisionEnded,
)
from callcenter.domain.survey_events import SurveyAnswered, SurveyOffered
from callcenter.domain.talk_events import (
    AgentConnected,
    AgentPhoneBack,
    AgentPhoneLost,
    AgentPhoneRung,
    AgentReleased,
    CallHeld,
    CallRetrieved,
    CallTransferred,
    DispositionGiven,
    KeysSent,
    TransferKind,
    WrapUpEnded,
)
from callcenter.domain.transfer_events import OutsideAnswered, OutsideDialled, OutsideEnded

__all__ = [
    "AgentConnected", "AgentPhoneBack", "AgentPhoneChanged", "AgentPhoneLost", "AgentPhoneRung",
    "AgentReleased", "CallArrived", "CallBackDialled",
    "CallBackEnd", "CallBackMissed", "CallBackPromised", "CallBegan", "CallChanged", "CallDialledOut",
    "CallEnded", "CallHeld", "CallPicked", "CallQueued", "CallRecovered", "CallRetrieved", "CallSettled",
    "CallTakenOver", "CallTransferred", "CallWaits", "CallerListed", "CentreStarted", "ChoiceSpoken",
    "ConferenceBegan",
    "ConsultAnswered", "ConsultAsked", "ConsultEnd", "ConsultEnded", "ConsultEvent", "DispositionGiven",
    "DomainEvent", "EndedBy", "FlowStageWithdrawn", "FlowsPublished", "FlowsRefused", "HangUpAsked",
    "KeyPressed", "KeysSent", "KpiPolicyInForce", "LanguageChosen", "LookUpEnded", "MessageBegan",
    "MessageEnded", "MissedCause", "NodeEntered", "NoteRead", "NoteSent", "OfferEnded", "OfferMade",
    "OutsideAnswered", "OutsideDialled", "OutsideEnded", "PartyDialled", "PauseOverdue",
    "PresenceChanged", "PromptFailed", "PromptRecorded", "QueueLeft", "QueueOutcome", "QueueStateChanged",
    "RecordingBegan", "RecordingFailed", "RecordingStored", "RoutingInput", "SupervisionAnswered",
    "SupervisionBegan", "SupervisionChanged", "SupervisionEnded", "SurveyAnswered", "SurveyOffered",
    "SwitchStateChanged", "TicketAsked", "TicketLinked", "TicketUpdateAsked", "TicketUpdated",
    "TranscriptMissing", "TranscriptStored", "TransferKind", "WebhookAsked", "WebhookDelivered",
    "WebhookGivenUp", "WrapUpEnded",
]  # fmt: skip


class QueueOutcome(StrEnum):
    """How a call left a queue: exactly one per time it was queued (design/kpi.md, the identity)."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    SHORT_ABANDONED = "short_abandoned"
    OVERFLOW_TIMEOUT = "overflow_timeout"
    OVERFLOW_FULL = "overflow_full"
    OVERFLOW_NO_AGENT = "overflow_no_agent"
    OVERFLOW_CLOSED = "overflow_closed"
    KEY_EXIT = "key_exit"
    CALLBACK_REQUESTED = "callback_requested"
    TRANSFERRED = "transferred"
    GIVEN_UP = "given_up"
    """A promised call-back that was not made in time; no caller was on the line."""
    HUNG_UP = "hung_up"
    """A supervisor ended the call."""
    SYSTEM_ERROR = "system_error"


class EndedBy(StrEnum):
    """Who ended the call."""

    CALLER = "caller"
    AGENT = "agent"
    FLOW = "flow"
    SYSTEM = "system"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True, slots=True)
class CentreStarted:
    """A controller began its work; ``config_version`` names the settings in force."""

    at: int
    config_version: str


@dataclass(frozen=True, slots=True)
class CallArrived:
    """A caller came in. ``caller`` is the number to call back and to know the caller by (the original one
    when a forwarding told it); ``shown_number`` is what the trunk showed. ``flows_number`` is the published
    version whose flows the call takes to its end (0: nothing was published)."""

    at: int
    call_id: str
    leg_id: str
    trunk: str
    did: str
    caller: str
    shown_number: str
    caller_name: str
    wideband: bool
    language: str
    flow: str
    flows_number: int = 0


@dataclass(frozen=True, slots=True)
class NodeEntered:
    """The call entered a node of its IVR flow; ``checkpoint`` is what a restarted controller resumes from."""

    at: int
    call_id: str
    flow: str
    version: str
    node: str
    checkpoint: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    """The caller is spoken to in this language from here on."""

    at: int
    call_id: str
    language: str


@dataclass(frozen=True, slots=True)
class CallQueued:
    """The caller asks for a human: from here waiting counts. ``queued_at`` is earlier than ``at`` when the
    wait began in another queue. ``place_at``: stands in line as if queued then, an earlier place found again
    (None: since ``queued_at``). ``virtual``: a promised call-back, nobody is on the line."""

    at: int
    call_id: str
    queue: str
    queued_at: int
    priority: int
    skills: dict[str, int] = field(default_factory=dict)
    agent_id: str | None = None
    place_at: int | None = None
    virtual: bool = False


@dataclass(frozen=True, slots=True)
class CallChanged:
    """A supervisor changed what the waiting call asks for."""

    at: int
    call_id: str
    priority: int
    skills: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallWaits:
    """The call waits although agents are ready. ``reason`` tells why (acd.explain.WaitReason)."""

    at: int
    call_id: str
    queue: str
    reason: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OfferMade:
    """An agent is being rung for this call. ``decision`` tells why this agent (acd.explain.Decision).
    ``expires_at`` is when the Router gives it up (0: written before that was recorded)."""

    at: int
    call_id: str
    offer_id: str
    queue: str
    agent_id: str
    leg_id: str
    decision: dict[str, Any]
    expires_at: int = 0


@dataclass(frozen=True, slots=True)
class OfferEnded:
    """The Offer is over; ``end`` is a value of acd.commands.OfferEnd."""

    at: int
    call_id: str
    offer_id: str
    queue: str
    agent_id: str
    end: str


@dataclass(frozen=True, slots=True)
class QueueLeft:
    """The call left the queue with its one outcome. ``wait_ms`` counts from ``queued_at``. ``overflow``
    is why and where to a call overflowed: ``reason`` (acd.model.OverflowReason), ``kind`` and ``name`` of the
    target (acd.model.OverflowTarget)."""

    at: int
    call_id: str
    queue: str
    outcome: QueueOutcome
    wait_ms: int
    overflow: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class QueueStateChanged:
    """A supervisor closed the queue, or opened it again."""

    at: int
    queue: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The caller's leg is gone. What still follows is after-work: recording, transcript, ticket."""

    at: int
    call_id: str
    by: EndedBy
    reason: str


@dataclass(frozen=True, slots=True)
class CallSettled:
    """Nothing more will come of this call."""

    at: int
    call_id: str


@dataclass(frozen=True, slots=True)
class SwitchStateChanged:
    """The telephone switch became usable or was lost; ``restarted`` when it lost every call it carried."""

    at: int
    up: bool
    restarted: bool = False


@dataclass(frozen=True, slots=True)
class RoutingInput:
    """What the Router was told (acd.codec), in its exact order: with it every routing decision can be
    replayed, and a restarted controller's Router is the one that died."""

    at: int
    event: dict[str, Any]


CallBegan = CallArrived | CallBackPromised | CallDialledOut
"""A Call begins with one of these."""

DomainEvent = (
    CentreStarted
    | KpiPolicyInForce
    | FlowsPublished
    | FlowsRefused
    | FlowStageWithdrawn
    | CallArrived
    | CallRecovered
    | CallBackPromised
    | CallBackDialled
    | CallBackMissed
    | CallDialledOut
    | PartyDialled
    | NodeEntered
    | MessageBegan
    | MessageEnded
    | KeyPressed
    | ChoiceSpoken
    | PromptFailed
    | PromptRecorded
    | LanguageChosen
    | CallQueued
    | CallChanged
    | CallWaits
    | OfferMade
    | OfferEnded
    | QueueLeft
    | AgentConnected
    | CallHeld
    | CallRetrieved
    | AgentPhoneLost
    | AgentPhoneRung
    | AgentPhoneBack
    | CallTransferred
    | KeysSent
    | ConsultEvent
    | OutsideDialled
    | OutsideAnswered
    | OutsideEnded
    | SurveyOffered
    | SurveyAnswered
    | AgentReleased
    | WrapUpEnded
    | DispositionGiven
    | PauseOverdue
    | SupervisionBegan
    | SupervisionAnswered
    | SupervisionChanged
    | SupervisionEnded
    | CallTakenOver
    | CallPicked
    | HangUpAsked
    | NoteSent
    | NoteRead
    | QueueStateChanged
    | PresenceChanged
    | AgentPhoneChanged
    | CallEnded
    | RecordingBegan
    | RecordingStored
    | RecordingFailed
    | TranscriptStored
    | TranscriptMissing
    | TicketAsked
    | TicketLinked
    | TicketUpdateAsked
    | TicketUpdated
    | LookUpEnded
    | CallerListed
    | WebhookAsked
    | WebhookDelivered
    | WebhookGivenUp
    | CallSettled
    | SwitchStateChanged
    | RoutingInput
)
