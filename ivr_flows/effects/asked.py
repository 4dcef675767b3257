"""What the session asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ivr_flows.effects.parts import PromptText
from ivr_flows.expressions import Value


@dataclass(frozen=True, slots=True)
class NodeEntered:
    """Trace: the call is now in this node. A session that is resumed from the ``checkpoint`` enters it anew,
    with all that was known on the way in."""

    flow: str
    version: str
    node: str
    checkpoint: Mapping[str, Any] = field(repr=False)


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
    """The caller's score; ``counts``: by the survey's first question, which the figures are made of. A
    session that is resumed from the ``checkpoint`` goes on after the answer."""

    question: str
    score: int
    satisfied: bool
    counts: bool
    checkpoint: Mapping[str, Any] = field(repr=False)


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
    | BeginListening
    | EndListening
    | ChoiceSpoken
    | LanguageChosen
    | EndCall
)
