"""The language between a FlowSession and whoever carries it out.

FlowEvent is what the session is told; FlowEffect is what it asks. Instants are ``int`` milliseconds since the
Unix epoch, UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ivr_flows.expressions import Value


@dataclass(frozen=True, slots=True)
class PromptText:
    """Words to be heard; the audio is found by the content hash of text, language and voice."""

    text: str
    language: str


BEEP = PromptText("beep", "tone")
"""No words: the sound after which the caller speaks."""


NUMBERED, TAKEN = "number", "take"
"""In place of a language: the text is the number of a prompt (which is heard as callers hear it now), or the
name of a take."""


class TakeFault(StrEnum):
    """Why a take is of no use."""

    SILENT = "silent"
    """Nothing, or hardly anything, was said."""
    CLIPPED = "clipped"
    """Too loud."""
    FAILED = "failed"


class QueueOutcome(StrEnum):
    """How a call came back from a queue to its flow."""

    TIMEOUT = "timeout"
    FULL = "full"
    NO_AGENT = "no_agent"
    CLOSED = "closed"
    CALL_BACK = "call_back"
    """The caller will be called back."""
    AGENT_DONE = "agent_done"


class LookUpOutcome(StrEnum):
    """How a look-up was answered."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    FAILED = "failed"
    """Not at all, or by something that is no answer."""


class TransferEnd(StrEnum):
    """How a call came back from where it was transferred to."""

    DONE = "done"
    """They have talked, and the other side hung up."""
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"


# --- what the session is told ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DigitReceived:
    """The caller pressed one of 0-9 * # A-D."""

    digit: str


@dataclass(frozen=True, slots=True)
class PlayEnded:
    """The play with this token is over; ``failed`` when the audio was missing or broken."""

    token: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class QueueLeft:
    """The call came back from the queue it was sent to."""

    outcome: QueueOutcome


@dataclass(frozen=True, slots=True)
class LeftByKey:
    """The waiting caller pressed one of the queue node's ``keys``, and has left the queue by it."""

    digit: str


@dataclass(frozen=True, slots=True)
class TransferAnswered:
    """The outside party that was rung picked up: they talk."""


@dataclass(frozen=True, slots=True)
class TransferEnded:
    """The outside party has gone, or never came."""

    end: TransferEnd


@dataclass(frozen=True, slots=True)
class TicketDone:
    """The ticket that was asked for exists (``ticket_id``) or could not be had in time (None)."""

    ticket_id: str | None


@dataclass(frozen=True, slots=True)
class LookUpDone:
    """The look-up with this token is answered. Results are personal: they have no representation."""

    token: str
    outcome: LookUpOutcome
    results: Mapping[str, Value] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class TakeDone:
    """The take with this token is checked, trimmed and levelled; ``name`` is empty when there is a fault."""

    token: str
    name: str
    fault: TakeFault | None = None


@dataclass(frozen=True, slots=True)
class PromptKept:
    """Callers hear the take instead of the prompt from now on; or (not ``kept``) as before."""

    kept: bool


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """The time named by ``next_deadline`` has come (late is allowed, early does nothing)."""


FlowEvent = (
    DigitReceived
    | PlayEnded
    | QueueLeft
    | LeftByKey
    | TransferAnswered
    | TransferEnded
    | TicketDone
    | LookUpDone
    | TakeDone
    | PromptKept
    | DeadlineReached
)

# --- what the session asks ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NodeEntered:
    """Trace: the call is now in this node."""

    flow: str
    version: str
    node: str


@dataclass(frozen=True, slots=True)
class PlayPrompts:
    """Play these one after the other, then tell PlayEnded with the token. Tokens are unique in a session."""

    token: str
    prompts: tuple[PromptText, ...]


@dataclass(frozen=True, slots=True)
class StopPrompts:
    """Stop the play with this token (barge-in); PlayEnded for it may still come and is then ignored."""

    token: str


@dataclass(frozen=True, slots=True)
class PlayMusic:
    """Music for the caller, until StopMusic or the next words."""


@dataclass(frozen=True, slots=True)
class StopMusic:
    """End the music."""


@dataclass(frozen=True, slots=True)
class EnterQueue:
    """Queue the call for a human; the session waits for QueueLeft (or for nothing, when an agent answers).
    ``agent_id``: for this agent only; QueueLeft follows at once when they can take no call now (FULL), or are
    not there (NO_AGENT)."""

    queue: str
    priority: int = 0
    skills: Mapping[str, int] = field(default_factory=dict)
    agent_id: str | None = None


@dataclass(frozen=True, slots=True)
class LeaveQueue:
    """Wait no longer: QueueLeft follows, unless an agent has answered meanwhile."""


@dataclass(frozen=True, slots=True)
class DialOutside:
    """Ring a ``number`` outside (over ``trunk``; None: as the centre dials out), or another ``centre``, for
    ``ring_sec`` at most. The caller hears it ring, or ``music``. TransferAnswered and TransferEnded follow.
    ``record``: what is then spoken, also of a call that has no recording yet."""

    number: str
    trunk: str | None
    centre: str | None
    ring_sec: int
    music: bool
    record: bool


@dataclass(frozen=True, slots=True)
class StopDialling:
    """Let the outside party ring no longer; nothing is told of it any more."""


@dataclass(frozen=True, slots=True)
class AskTicket:
    """Open a ticket for this call, or join the caller's open one; tell TicketDone."""

    category: str
    text: str


@dataclass(frozen=True, slots=True)
class UpdateTicket:
    """Add these words to the call's ticket, as soon as it has one, and give it this category (None: leave
    its own)."""

    text: str = field(repr=False)
    category: str | None = None


@dataclass(frozen=True, slots=True)
class AskLookUp:
    """Ask this source; tell LookUpDone with the token within ``within_ms``. What is ``given`` is personal."""

    token: str
    look_up: str
    given: Mapping[str, Value] = field(repr=False)
    within_ms: int


@dataclass(frozen=True, slots=True)
class Send:
    """See to it that this webhook is told. The values named in ``secret`` may hold sensitive digits."""

    webhook: str
    body: Mapping[str, Value] = field(repr=False)
    secret: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CallerListed:
    """The caller was found on this list, and goes its way."""

    list: str


@dataclass(frozen=True, slots=True)
class BeginMessage:
    """Record what the caller says from now on, and see to it that a ticket of this category says so; the
    session tells when it is enough."""

    category: str
    text: str


@dataclass(frozen=True, slots=True)
class EndMessage:
    """Record no longer."""


@dataclass(frozen=True, slots=True)
class BeginTake:
    """Record what the caller says from now on, apart from the call's recording and without a ticket."""

    token: str


@dataclass(frozen=True, slots=True)
class EndTake:
    """Record no longer; TakeDone follows."""

    token: str


@dataclass(frozen=True, slots=True)
class KeepPrompt:
    """Let callers hear this take instead of the prompt with this number; PromptKept follows."""

    number: str
    take: str


@dataclass(frozen=True, slots=True)
class SurveyOffered:
    """Trace: the caller is asked how it was. It may be told again after a restart."""


@dataclass(frozen=True, slots=True)
class SurveyAnswered:
    """The caller's score; ``counts``: by the survey's first question, which the figures are made of."""

    question: str
    score: int
    satisfied: bool
    counts: bool


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    """From here the caller is spoken to in this language (zh, en, ko)."""

    language: str


@dataclass(frozen=True, slots=True)
class EndCall:
    """Hang up; the flow is over. ``reason`` is the node's word for why (``closed``, ``done``, ``error``);
    ``cause`` is what the caller's telephone system is told: ``normal``, ``busy`` or ``rejected``."""

    reason: str
    cause: str = "normal"


FlowEffect = (
    NodeEntered
    | PlayPrompts
    | StopPrompts
    | PlayMusic
    | StopMusic
    | EnterQueue
    | LeaveQueue
    | DialOutside
    | StopDialling
    | AskTicket
    | UpdateTicket
    | AskLookUp
    | Send
    | CallerListed
    | BeginMessage
    | EndMessage
    | BeginTake
    | EndTake
    | KeepPrompt
    | SurveyOffered
    | SurveyAnswered
    | LanguageChosen
    | EndCall
)
