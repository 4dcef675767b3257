"""What the session is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr_flows.effects.parts import LookUpOutcome, QueueOutcome, TakeFault, TransferEnd
from ivr_flows.expressions import Value


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
    | SpeechHeard
    | SpeechUnavailable
    | DeadlineReached
)
