"""What a rehearsed flow meets (Script), and what comes of it (Rehearsal)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from ivr_flows.effects import (
    AskTicket,
    DialOutside,
    EnterQueue,
    FlowEffect,
    LookUpOutcome,
    PromptText,
    QueueOutcome,
    Send,
    SurveyAnswered,
    TakeFault,
    TransferEnd,
    UpdateTicket,
)
from ivr_flows.expressions import Value
from ivr_flows.model import Way

KEY_MS: Final = 200
SAYING_MS: Final = 1000
"""How long a saying takes, with the pause after it."""
TEXT_MS: Final = 3000
ANSWER_MS: Final = 1000


@dataclass(frozen=True, slots=True)
class Press:
    """The caller presses keys, one every 200 ms.

    The first is ``after_ms`` from the ``visit``-th entry to ``node``, or from the start of the call.
    """

    keys: str
    node: str = ""
    after_ms: int = 100
    visit: int = 1


@dataclass(frozen=True, slots=True)
class HangUp:
    """The caller hangs up; the time counts as in ``Press``."""

    node: str = ""
    after_ms: int = 100
    visit: int = 1


@dataclass(frozen=True, slots=True)
class Step:
    """What the caller does next, once the step before is done: presses ``keys`` (one every 200 ms), says
    ``says`` (recognised with ``confidence``), hangs up, or (neither) stays silent.

    It is done ``after_ms`` from when the call is in ``node``, a text with ``heard`` in it begins to be heard,
    or the call is ``at_ms`` old; from the step before (or the start of the call) when none is given, or when
    that was so already.
    """

    keys: str = ""
    says: str = ""
    confidence: float = 1.0
    hangs_up: bool = False
    node: str = ""
    heard: str = ""
    at_ms: int | None = None
    after_ms: int = KEY_MS


@dataclass(frozen=True, slots=True)
class QueueStay:
    """One stay in a queue: how it ends and after how long. None: the call never comes back."""

    outcome: QueueOutcome | None
    after_ms: int = 30_000


@dataclass(frozen=True, slots=True)
class OutsideParty:
    """What comes of one number dialled outside: its end ``after_ms`` (DONE: they have talked). None: they
    talk until the test is over."""

    end: TransferEnd | None
    after_ms: int = 5_000


@dataclass(frozen=True, slots=True)
class TicketAnswer:
    """How one ticket asked for is answered; None for a ticket that could not be had."""

    ticket_id: str | None
    after_ms: int = 50


@dataclass(frozen=True, slots=True)
class LookUpAnswer:
    """How one look-up is answered, and after how long."""

    outcome: LookUpOutcome
    results: Mapping[str, Value] = field(default_factory=dict)
    after_ms: int = 50


@dataclass(frozen=True, slots=True)
class Script:
    """All that the flow meets. Queue stays, ticket answers, outside parties, the faults of ``takes`` (None:
    a good one) and whether the centre ``keeps`` a prompt are used in order; the last one goes on.

    The caller does ``steps`` one after the other, and beside them what ``caller`` says, each by itself.
    ``deaf``: speech cannot be recognised. Without ticket answers none ever comes. ``look_ups`` are the
    answers by what is asked, used likewise; what has none there fails. ``failed_texts`` cannot be played;
    ``endless_texts`` never report their end. ``text_ms`` is how long a text takes.
    """

    caller: Sequence[Press | HangUp] = ()
    queue: Sequence[QueueStay] = (QueueStay(None),)
    tickets: Sequence[TicketAnswer] = (TicketAnswer("T-1"),)
    outside: Sequence[OutsideParty] = (OutsideParty(None),)
    takes: Sequence[TakeFault | None] = (None,)
    keeps: Sequence[bool] = (True,)
    failed_texts: frozenset[str] = frozenset()
    endless_texts: frozenset[str] = frozenset()
    text_ms: Callable[[PromptText], int] = lambda _: TEXT_MS
    steps: Sequence[Step] = ()
    look_ups: Mapping[str, Sequence[LookUpAnswer]] = field(default_factory=dict)
    deaf: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """One text that began to play, and when; ``cut`` when it was stopped before its end."""

    at_ms: int
    text: str
    language: str
    cut: bool = False


class Happening(StrEnum):
    """The kinds of what a trace tells."""

    NODE = "node"
    HEARS = "hears"
    PRESSES = "presses"
    SAYS = "says"
    QUEUE = "queue"
    BACK = "back"
    TICKET = "ticket"
    ANSWER = "answer"
    RATES = "rates"
    TAKES = "takes"
    KEEPS = "keeps"
    DIALS = "dials"
    HANDED = "handed"
    MESSAGE = "message"
    UPDATE = "update"
    ASKS = "asks"
    FINDS = "finds"
    SENDS = "sends"
    LISTED = "listed"
    LANGUAGE = "language"
    ENDS = "ends"


@dataclass(slots=True)
class Rehearsal:
    """What was heard and done. Times count from the start of the call."""

    path: list[str] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    queued: list[EnterQueue] = field(default_factory=list)
    tickets: list[AskTicket] = field(default_factory=list)
    updates: list[UpdateTicket] = field(default_factory=list)
    sent: list[Send] = field(default_factory=list)
    dialled: list[DialOutside] = field(default_factory=list)
    ratings: list[SurveyAnswered] = field(default_factory=list)
    effects: list[tuple[int, FlowEffect]] = field(default_factory=list)
    ways: list[tuple[str, Way]] = field(default_factory=list)
    """The ways that were taken, each with the node it leads out of."""
    trace: list[tuple[int, Happening, str]] = field(default_factory=list)
    """Everything that happened, when, with its own word (a node, a text, a key, an outcome)."""
    language: str = ""
    """The language the caller was spoken to in at the end."""
    steps_done: int = 0
    """How many of the script's steps the caller came to do."""
    ended: str | None = None
    """The reason of EndCall, ``caller`` when the caller hung up, None when the call stays in a queue."""
    ended_ms: int = 0

    @property
    def ticket_categories(self) -> list[str]:
        """The categories of the tickets that were asked for, those of messages included, in order."""
        asked = (Happening.TICKET, Happening.MESSAGE)
        return [word for _, happening, word in self.trace if happening in asked]

    @property
    def texts(self) -> list[str]:
        """The texts that were heard, in order."""
        return [heard.text for heard in self.heard]
