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
class TicketDone:
    """The ticket that was asked for exists (``ticket_id``) or could not be had in time (None)."""

    ticket_id: str | None


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word that was recognised; ``confidence`` lies in 0..1."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class SpeechHeard:
    """The caller speaks to the listening with this token. Not ``final``: is speaking, and so it sounds up to
    now; ``final``: has said these words. Personal data: never log it."""

    token: str
    words: tuple[HeardWord, ...] = field(repr=False)
    final: bool = True


@dataclass(frozen=True, slots=True)
class SpeechUnavailable:
    """The listening with this token is over: nobody can recognise speech now, or not fast enough."""

    token: str


@dataclass(frozen=True, slots=True)
class LookUpDone:
    """The look-up with this token is answered. Results are personal: they have no representation."""

    token: str
    outcome: LookUpOutcome
    results: Mapping[str, Value] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """The time named by ``next_deadline`` has come (late is allowed, early does nothing)."""


FlowEvent = (
    DigitReceived
    | PlayEnded
    | QueueLeft
    | LeftByKey
    | TicketDone
    | LookUpDone
    | SpeechHeard
    | SpeechUnavailable
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
    """Queue the call for a human; the session waits for QueueLeft (or for nothing, when an agent answers)."""

    queue: str
    priority: int = 0
    skills: Mapping[str, int] = field(default_factory=dict)


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
class BeginListening:
    """Listen to what the caller says in ``language``, for ``phrases`` (none: for anything), until
    EndListening or SpeechUnavailable; tell SpeechHeard with the token. Who is silent for ``pause_ms`` has
    finished."""

    token: str
    language: str
    phrases: tuple[str, ...]
    pause_ms: int


@dataclass(frozen=True, slots=True)
class EndListening:
    """Listen no longer; SpeechHeard with this token may still come and is then ignored."""

    token: str


@dataclass(frozen=True, slots=True)
class ChoiceSpoken:
    """Trace: what the caller said was taken for this choice."""

    choice: str
    confidence: float


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
    | AskTicket
    | UpdateTicket
    | AskLookUp
    | Send
    | CallerListed
    | BeginMessage
    | EndMessage
    | BeginListening
    | EndListening
    | ChoiceSpoken
    | LanguageChosen
    | EndCall
)
