"""What the controller needs of the world, as small Protocols. Each has an in-memory twin in
``callcenter.adapters.memory`` that passes the same contract tests as the real one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from callcenter.call_search import CallsFound, CallsWanted
from callcenter.domain.codec import JournalEntry
from callcenter.domain.events import CallWaits, DomainEvent, OfferMade
from callcenter.domain.switch import SwitchCommand
from ivr_flows.effects import PromptText, TakeFault
from ivr_flows.expressions import Value


class Telephony(Protocol):
    """The telephone switch. Its events are delivered to the callable it was made with, in order."""

    def send(self, command: SwitchCommand) -> None:
        """Ask; never blocks, never raises. The order per leg is kept; failures come back as events."""
        ...

    async def start(self) -> None:
        """Begin to accept or make the control connection; SwitchConnected follows."""
        ...

    async def close(self) -> None:
        """End the control connection; the calls in the switch go on."""
        ...


@dataclass(frozen=True, slots=True)
class Recollection:
    """What a journal remembers at start-up. ``snapshot`` is what the last ``checkpoint`` was given (None
    without one); ``events`` follow it, each with its number; ``last_seq`` is the last number given (0: none).
    """

    snapshot: dict[str, Any] | None
    events: list[tuple[int, DomainEvent]]
    last_seq: int


class Journal(Protocol):
    """The record of the centre: DomainEvents in order, numbered from 1 without gaps."""

    def recall(self) -> Recollection:
        """What is remembered; to be asked once, before the first ``append``."""
        ...

    def append(self, events: Sequence[DomainEvent]) -> int:
        """Write the events at once, in order; returns the number of the first. They survive the death of
        this process when it returns. Never raises: what cannot be written now is kept and written later."""
        ...

    def checkpoint(self, snapshot: dict[str, Any]) -> None:
        """From now on recollection begins with this snapshot."""
        ...

    def since(self, seq: int, limit: int) -> list[tuple[int, DomainEvent]] | None:
        """The events numbered above ``seq``; None when they are more than ``limit`` or no longer here."""
        ...


class JournalStore(Protocol):
    """Where the journal finally lies: ships in order, each event exactly once, with what is derived of it."""

    async def last_seq(self) -> int:
        """The highest number that is stored (0: none)."""
        ...

    async def ship(self, entries: Sequence[JournalEntry]) -> None:
        """Store these, all or none; numbers already stored are skipped. Raises StoreAway when it cannot."""
        ...


class Bus(Protocol):
    """Carries journaled events to whoever follows the centre from another process."""

    async def last_seq(self) -> int:
        """The highest number that was published (0: none)."""
        ...

    async def publish(self, entries: Sequence[JournalEntry]) -> None:
        """Publish in order; numbers already published are skipped. Raises StoreAway when it cannot."""
        ...


class StoreAway(Exception):
    """The store cannot be reached or does not answer; try again later. The text is for people."""


@dataclass(frozen=True, slots=True)
class TicketRequest:
    """Open a ticket for this call, or join the open one of the same caller and category. ``known_as`` are the
    spellings under which the caller's number may be stored, the canonical one first (Numbering.known_as);
    empty: only as it is shown."""

    call_id: str
    caller: str
    category: str
    text: str
    queue: str
    language: str
    asked_at: int
    known_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TicketLink:
    """The ticket a call belongs to; ``opened`` is false when it joined an open one."""

    ticket_id: str
    opened: bool


@dataclass(frozen=True, slots=True)
class TicketAddition:
    """Words for a ticket, and its category from here on (None: its own). ``update_id`` is told once or more
    often; ``at`` is when."""

    update_id: str
    ticket_id: str
    text: str = field(repr=False)
    category: str | None
    at: int


class TicketStore(Protocol):
    """The thin order store, as the controller needs it."""

    async def add(self, addition: TicketAddition) -> None:
        """Exactly once per ``update_id``, however often it is asked. Raises StoreAway."""
        ...

    async def open_or_join(self, request: TicketRequest) -> TicketLink:
        """Exactly once per call: asked again, the first answer is repeated. Raises StoreAway."""
        ...


@dataclass(frozen=True, slots=True)
class FinishedRecording:
    """The one two-channel file of a call (caller left, agent right). ``path`` is relative to the recordings
    directory."""

    path: str
    sha256: str
    duration_ms: int
    sample_rate: int
    channel_rms_dbfs: tuple[float, float]


class RecordingFiles(Protocol):
    """Makes the finished recording out of what the switch wrote."""

    async def finish(self, path_stem: str, *, wideband: bool) -> FinishedRecording:
        """Wait until both files are complete, join, check and keep them. Asked again it answers the same.
        Raises RecordingUnusable with a reason for people; NothingRecorded when asking again is in vain."""
        ...


class RecordingUnusable(Exception):
    """The recording cannot be finished (now); the text is for people."""


class NothingRecorded(RecordingUnusable):
    """The switch wrote nothing of this recording, and will not."""


@dataclass(frozen=True, slots=True)
class HeardText:
    """What was heard on one channel, and who heard it."""

    engine: str
    model: str
    text: str
    segments: list[dict[str, Any]]


class Transcriber(Protocol):
    """Turns one channel of a recording into text, in other processes, without slowing telephony."""

    async def transcribe(self, path: str, channel: int, language: str) -> HeardText:
        """Raises TranscriptUnavailable with a reason that names the cure when there will be no text."""
        ...


class TranscriptUnavailable(Exception):
    """No transcript can be had; the text is for people and names the cure."""


class PromptMaker(Protocol):
    """Makes the audio of prompts whose text was not known before the call, in another process."""

    async def make(self, prompts: tuple[PromptText, ...], within_ms: int) -> None:
        """Afterwards ``CentreConfig.audio`` finds each of them. Raises PromptUnavailable, at the latest after
        ``within_ms``, when one of them cannot be had; the others may be there."""
        ...


class PromptUnavailable(Exception):
    """A prompt cannot be had in time; the text names the cure and never what was to be said."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a flow asks another system. ``caller``, ``given`` and ``known_as`` (as of TicketRequest) are
    personal."""

    call_id: str
    caller: str = field(repr=False)
    look_up: str
    given: Mapping[str, Value] = field(repr=False)
    known_as: tuple[str, ...] = field(default=(), repr=False)


class LookUps(Protocol):
    """Everything that flows can ask, by name."""

    async def ask(self, question: Question) -> Mapping[str, Value] | None:
        """The results by name; None when there is no such thing there. Raises LookUpFailed and StoreAway. It
        may be asked twice, and cancelled."""
        ...


class LookUpFailed(Exception):
    """There is no answer; the text is for people and names nothing that was asked or answered."""


@dataclass(frozen=True, slots=True)
class WebhookMessage:
    """What a webhook is told. ``send_id`` is the same each time it is told this; ``body`` is personal."""

    send_id: str
    call_id: str
    webhook: str
    body: Mapping[str, Value] = field(repr=False)
    asked_at: int


class Webhooks(Protocol):
    """Everybody who can be told something, by name."""

    async def deliver(self, message: WebhookMessage) -> int:
        """Tell it once; the status of HTTP (200 to 299). Raises NotDelivered."""
        ...


class NotDelivered(Exception):
    """The webhook has not taken it; the text is for people. It may be tried again until ``give_up_after_ms``
    from when it was first asked."""

    def __init__(self, told: str, give_up_after_ms: int) -> None:
        super().__init__(told)
        self.give_up_after_ms = give_up_after_ms


class TakeUnusable(Exception):
    """A take is of no use, or cannot be kept; the text is for people."""

    def __init__(self, fault: TakeFault, reason: str) -> None:
        super().__init__(reason)
        self.fault = fault


class PromptStudio(Protocol):
    """Takes spoken at the telephone, and prompts made of them."""

    async def take(self, path_stem: str, *, wideband: bool) -> str:
        """Wait until what the switch recorded is complete, check, trim and level it; its name, by which
        ``CentreConfig.audio`` finds it. Raises TakeUnusable."""
        ...

    async def keep(self, number: str, take: str) -> PromptText:
        """From now on callers hear the take instead of the prompt with this number, which is answered. Asked
        again it is so already. Raises TakeUnusable; then they hear what they heard before."""
        ...


class Clock(Protocol):
    """The time, never going back: a wall clock read once, carried on by a monotonic one."""

    def __call__(self) -> int:
        """Now, ``int`` milliseconds since the Unix epoch, UTC."""
        ...


# --- what has been, for whoever reads it ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TranscriptRecord:
    """What was said on one side, and who heard it."""

    leg: str
    language: str
    engine: str
    model: str
    text: str
    segments: tuple[Mapping[str, Any], ...] = ()


class SendOutcome(StrEnum):
    """What became of what a webhook was to be told."""

    OWED = "owed"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class SendRecord:
    """A webhook that a call's flow had told; ``detail`` is the status of HTTP, or why it was given up."""

    webhook: str
    asked_at: int
    outcome: SendOutcome
    ended_at: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call, from its arrival to the last piece of after-work. ``agent_ids`` are all who talked in it;
    ``call_back_of`` is the call whose caller it called back."""

    call_id: str
    trunk: str
    did: str
    caller: str
    caller_name: str
    language: str
    flow_path: tuple[str, ...]
    queue: str | None
    outcome: str | None
    arrived_at: int
    ended_at: int | None
    wait_ms: int
    talk_ms: int
    agent_ids: tuple[str, ...]
    recording: FinishedRecording | None
    transcripts: tuple[TranscriptRecord, ...]
    ticket_id: str | None
    decisions: tuple[Mapping[str, Any], ...] = ()
    call_back_of: str | None = None
    sends: tuple[SendRecord, ...] = ()
    flow: str = ""
    hold_ms: int = 0


@dataclass(frozen=True, slots=True)
class TicketRecord:
    """One ticket with the calls that belong to it."""

    ticket_id: str
    number: str
    state: str
    category: str
    text: str
    caller: str
    queue: str | None
    call_ids: tuple[str, ...]
    opened_at: int
    changed_at: int
    fields: Mapping[str, Any] = field(default_factory=dict)


class CallHistory(Protocol):
    """The record of calls and tickets. Raises StoreAway while it cannot be read."""

    async def call(self, call_id: str) -> CallRecord | None: ...

    async def routing(self, call_id: str) -> list[OfferMade | CallWaits] | None:
        """How the call was routed, in the order of the journal; None for an unknown call."""
        ...

    async def life(self, call_id: str) -> list[DomainEvent] | None:
        """All that happened in the call, in the order of the journal; None for an unknown call."""
        ...

    async def calls(self, wanted: CallsWanted, limit: int) -> CallsFound:
        """The newest ``limit`` calls of those wanted."""
        ...

    async def ticket(self, ticket_id: str) -> TicketRecord | None: ...
