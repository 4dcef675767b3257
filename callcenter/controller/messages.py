"""What goes into the Centre and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from acd.model import AcdConfig
from callcenter.controller.flow_set import NumberRoute, StagedFlows
from callcenter.domain.caller_lists import CallerLists
from callcenter.domain.commands import AgentCommand, Refused, SupervisorCommand
from callcenter.domain.dial_out import DialOutPolicy
from callcenter.domain.events import (
    DomainEvent,
    RecordingStored,
    TicketLinked,
    TicketUpdated,
    TranscriptMissing,
    TranscriptStored,
    WebhookDelivered,
    WebhookGivenUp,
)
from callcenter.domain.queue_policy import QueuePolicy
from callcenter.domain.switch import CallerArrived, SwitchCommand, SwitchEvent
from callcenter.domain.waiting_room import WaitingPolicy
from ivr_flows.effects import LookUpOutcome, PromptText, SpeechHeard, SpeechUnavailable, TakeFault
from ivr_flows.expressions import Value
from ivr_flows.model import Flow

# --- in ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AgentAsked:
    """An agent (or whoever may act for the agent) asks for something; Outcome.refusal answers."""

    command: AgentCommand


@dataclass(frozen=True, slots=True)
class SupervisorAsked:
    """A supervisor asks for something; Outcome.refusal answers."""

    command: SupervisorCommand


@dataclass(frozen=True, slots=True)
class JobDone:
    """A job has come to its end; the event is what is now known."""

    event: (
        RecordingStored
        | TranscriptStored
        | TranscriptMissing
        | TicketLinked
        | TicketUpdated
        | WebhookDelivered
        | WebhookGivenUp
    )


@dataclass(frozen=True, slots=True)
class RecordingUnfinished:
    """FinishRecording could not be done now or (``final``) ever; ``reason`` is for people."""

    call_id: str
    reason: str
    final: bool


@dataclass(frozen=True, slots=True)
class TicketDelayed:
    """The ticket cannot be had now (the store is away); it is still going to be opened."""

    call_id: str


@dataclass(frozen=True, slots=True)
class LookUpAnswered:
    """LookUp has come to its end. The results are personal: they are neither journaled nor logged."""

    call_id: str
    token: str
    outcome: LookUpOutcome
    results: Mapping[str, Value] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class CallerListsChanged:
    """From now on these are the lists of callers; calls in progress keep what they said when they came."""

    lists: CallerLists


@dataclass(frozen=True, slots=True)
class PromptsMade:
    """MakePrompts has come to its end: what can be had of them now has audio."""

    call_id: str
    token: str


@dataclass(frozen=True, slots=True)
class TakeChecked:
    """FinishTake has come to its end: the take has this name, or is of no use."""

    call_id: str
    token: str
    name: str
    fault: TakeFault | None


@dataclass(frozen=True, slots=True)
class PromptAnswered:
    """KeepTake has come to its end: callers hear the take, or (not ``kept``) what they heard before."""

    call_id: str
    number: str
    kept: bool


@dataclass(frozen=True, slots=True)
class SpeechReady:
    """Listen has come about: the audio of this listening will be recognised."""

    call_id: str
    token: str


@dataclass(frozen=True, slots=True)
class SpeechTold:
    """What the recognition of speech has to say to the flow of this call. Personal data."""

    call_id: str
    event: SpeechHeard | SpeechUnavailable = field(repr=False)


@dataclass(frozen=True, slots=True)
class TalkAudioWanted:
    """Whether the audio of this talk is recognised: from now on (ListenToTalk has come about), or, not
    ``wanted``, no longer until it is said again."""

    call_id: str
    talk_id: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class Started:
    """The controller begins its work, perhaps with calls that its predecessor left."""


@dataclass(frozen=True, slots=True)
class Reconfigured:
    """The routing part of the settings has changed: agents, skills, queues, reasons, and what waiting callers
    hear. Trunks and phones stay as they were at the start; flows and numbers come by FlowsChanged."""

    version: str
    acd: AcdConfig
    queues: Mapping[str, QueuePolicy]
    waiting: WaitingPolicy
    dispositions: frozenset[str]
    dial_out: DialOutPolicy | None = None


@dataclass(frozen=True, slots=True)
class FlowsChanged:
    """New callers take these flows from now on, or numbers lead elsewhere; calls in progress keep theirs. All
    of it is sound. The fields are those of CentreConfig; ``number`` is its ``flows_number``."""

    number: int
    action: int
    flows: Mapping[str, Flow]
    staged: StagedFlows | None
    numbers: Mapping[str, NumberRoute]
    any_number: NumberRoute


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """The time named by ``Centre.next_deadline`` has come."""


Message = (
    SwitchEvent
    | AgentAsked
    | SupervisorAsked
    | JobDone
    | RecordingUnfinished
    | TicketDelayed
    | LookUpAnswered
    | PromptsMade
    | TakeChecked
    | PromptAnswered
    | SpeechReady
    | SpeechTold
    | TalkAudioWanted
    | Started
    | Reconfigured
    | FlowsChanged
    | CallerListsChanged
    | DeadlineReached
)

# --- out ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """Open a ticket for the call or join the caller's open one, exactly once however often it is asked;
    ``known_as`` as of TicketRequest."""

    call_id: str
    caller: str
    category: str
    text: str
    queue: str
    language: str
    known_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FinishRecording:
    """Make the one two-channel file of the two that the switch wrote."""

    call_id: str
    recording_id: str
    path_stem: str
    wideband: bool


@dataclass(frozen=True, slots=True)
class Transcribe:
    """Turn one channel of the stored recording into text."""

    call_id: str
    recording_id: str
    leg: str
    path: str
    channel: int
    language: str


@dataclass(frozen=True, slots=True)
class MakePrompts:
    """Find audio for texts that had none; PromptsMade follows after ``within_ms`` at the latest. What is said
    may be personal: it is neither journaled nor logged. An empty token: nobody waits for it."""

    call_id: str
    token: str
    prompts: tuple[PromptText, ...]
    within_ms: int


@dataclass(frozen=True, slots=True)
class Listen:
    """Have recognised what will come as the audio of ``listening_id``: SpeechReady follows, then what is
    heard (SpeechTold), until NoLongerListen or SpeechUnavailable. The fields are those of BeginListening."""

    call_id: str
    token: str
    listening_id: str
    language: str
    phrases: tuple[str, ...]
    pause_ms: int


@dataclass(frozen=True, slots=True)
class NoLongerListen:
    """The listening is over. What it would still have heard is not told."""

    listening_id: str


@dataclass(frozen=True, slots=True)
class ListenToTalk:
    """Let both sides of this talk be read while they speak: TalkAudioWanted follows as soon as somebody can
    hear them, and again whenever that changes, until TalkOver. Their audio are the listenings
    ``listening_to(talk_id, side)``. What is heard never comes to the Centre."""

    call_id: str
    talk_id: str
    language: str


@dataclass(frozen=True, slots=True)
class TalkAudioLost:
    """The switch hands the audio of this talk on no more, until that is wanted again."""

    call_id: str


@dataclass(frozen=True, slots=True)
class TalkOver:
    """The talk of this call is over, or held. What was said can still be read."""

    call_id: str


@dataclass(frozen=True, slots=True)
class ForgetTalks:
    """The call is over: nothing that was read of it is kept."""

    call_id: str


@dataclass(frozen=True, slots=True)
class UpdateTicket:
    """Add this to the ticket, exactly once however often it is asked."""

    call_id: str
    update_id: str
    ticket_id: str
    text: str = field(repr=False)
    category: str | None


@dataclass(frozen=True, slots=True)
class LookUp:
    """Ask another system; LookUpAnswered with the token follows after ``within_ms`` at the latest. A call
    asks one thing at a time: a question still under way is given up for the next. What is ``given`` is
    personal; ``known_as`` as of TicketRequest."""

    call_id: str
    token: str
    look_up: str
    given: tuple[tuple[str, Value], ...] = field(repr=False)
    caller: str = field(repr=False)
    within_ms: int
    known_as: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class TellWebhook:
    """Tell it until it takes it or its time (counted from ``asked_at``) is over."""

    call_id: str
    send_id: str
    webhook: str
    body: tuple[tuple[str, Value], ...] = field(repr=False)
    asked_at: int


@dataclass(frozen=True, slots=True)
class FinishTake:
    """Make the take of what the switch wrote of the caller's side; TakeChecked follows."""

    call_id: str
    token: str
    path_stem: str
    wideband: bool


@dataclass(frozen=True, slots=True)
class KeepTake:
    """Let callers hear this take instead of the prompt with this number; PromptAnswered follows."""

    call_id: str
    number: str
    take: str


Job = (
    OpenTicket
    | UpdateTicket
    | FinishRecording
    | Transcribe
    | MakePrompts
    | LookUp
    | TellWebhook
    | FinishTake
    | KeepTake
)
TalkJob = ListenToTalk | TalkAudioLost | TalkOver | ForgetTalks
SpeechJob = Listen | NoLongerListen | TalkJob


@dataclass(slots=True)
class Outcome:
    """What one message brought about, to be carried out in this order: the events are journaled, then the
    commands are sent to the switch, then the jobs are begun. ``newcomers`` are callers found in the switch
    whom nobody had announced; they come in through the gate like everybody."""

    events: list[DomainEvent] = field(default_factory=list)
    commands: list[SwitchCommand] = field(default_factory=list)
    jobs: list[Job | SpeechJob] = field(default_factory=list)
    newcomers: list[CallerArrived] = field(default_factory=list)
    refusal: Refused | None = None
