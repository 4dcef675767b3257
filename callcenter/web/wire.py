"""The JSON shapes of the live socket and of errors; ``wire_api`` and ``wire_desk`` have those of the API.
There are no others.

From these models come ``wire.schema.json`` and the TypeScript types of the page (callcenter.web.typescript).
Instants are ISO 8601 in UTC with milliseconds and end in ``_at``; spans are ``_ms``. Enum values are those of
the Python code. A field is only ever added, with a default.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from acd.model import Presence
from callcenter.domain.call import CallPhase
from callcenter.domain.events import TransferKind
from callcenter.domain.kpi_calls import Term
from callcenter.domain.kpi_catalogue import KpiUnit
from callcenter.domain.overhearing import SupervisionMode
from callcenter.web.ports import Component, Role
from callcenter.web.rights import Access

Instant = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


def instant(at: int) -> str:
    """``at`` (epoch milliseconds) as an Instant: 2026-11-21T09:54:04.120Z."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _written(moment: object) -> object:
    """ISO 8601 only: of a bare number nobody knows whether it means seconds or milliseconds."""
    if isinstance(moment, str) and "-" not in moment[1:]:
        raise ValueError("an instant is written as 2026-03-02T00:00:00Z")
    return moment


def _integral(number: object) -> object:
    """JSON Schema calls 8.0 an integer, and some programs write it so."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


Moment = Annotated[AwareDatetime, BeforeValidator(_written)]
WHOLE = BeforeValidator(_integral)
"""Of a number in a body, after its bounds."""


def instant_or_none(at: int | None) -> str | None:
    """The same of an instant that may not be known."""
    return None if at is None else instant(at)


class Wire(BaseModel):
    """A shape on the wire: what it does not name is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# --- entities of the live view -----------------------------------------------------------------------------


class AgentAction(StrEnum):
    """What can be asked for an agent: the last part of POST /api/agents/{agent_id}/{action}."""

    LOGIN = "login"
    LOGOUT = "logout"
    CHANGE_PHONE = "change-phone"
    READY = "ready"
    PAUSE = "pause"
    END_WRAP_UP = "end-wrap-up"
    EXTEND_WRAP_UP = "extend-wrap-up"
    DISPOSITION = "disposition"
    HOLD = "hold"
    RETRIEVE = "retrieve"
    TRANSFER = "transfer"
    CONSULT = "consult"
    SWAP = "swap"
    CONFERENCE = "conference"
    COMPLETE_TRANSFER = "complete-transfer"
    END_CONSULT = "end-consult"
    KEYS = "keys"
    DIAL_OUT = "dial-out"
    HANG_UP = "hang-up"
    DECLINE = "decline"


class CallAction(StrEnum):
    """What supervisors can ask for a live call."""

    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE = "barge"
    TAKE_OVER = "take_over"
    STOP = "stop"
    PICK = "pick"
    PRIORITY = "priority"
    SKILLS = "skills"
    MOVE = "move"
    HANG_UP = "hang_up"


class Note(Wire):
    """What a supervisor wrote to an agent who has not read it yet."""

    note_id: str
    by: str
    text: str
    sent_at: Instant


class Agent(Wire):
    """An agent. ``allowed_actions`` is what the viewer may ask for now; empty for other people's agents.
    ``calls`` counts those answered since log-in, null for other people's agents; so are ``notes`` empty.
    ``at_softphone``: the phone is that of the agent's own page."""

    agent_id: str
    name: str
    phone: str | None
    presence: Presence
    reason: str
    since_at: Instant
    until_at: Instant | None
    call_id: str | None
    skills: dict[str, int]
    queues: list[str]
    allowed_actions: list[AgentAction]
    calls: int | None = None
    at_softphone: bool = False
    notes: list[Note] = []


class Offer(Wire):
    """An agent who is being rung for a call."""

    offer_id: str
    agent_id: str
    made_at: Instant


class Consult(Wire):
    """Whom the agent of a call asks meanwhile: a queue, an agent id or a number, which is masked as the
    caller's is. ``agent_id``: who of ours has answered; ``joined``: all three hear each other. Else, with
    the call held, the agent talks with them."""

    kind: TransferKind
    target: str
    agent_id: str | None
    answered: bool
    joined: bool


class Supervision(Wire):
    """The supervisor ``by`` takes part in the call in this mode, as soon as ``answered``."""

    by: str
    phone: str
    mode: SupervisionMode
    answered: bool
    began_at: Instant


class Call(Wire):
    """A live call. ``caller`` and ``caller_name`` are masked for viewers without the right to them. The
    present phase began at ``since_at``, where that is known; ``node`` is the last one of the flow.
    ``call_back_of`` is the call whose caller is called back by this one. ``kept_until_at``: its agent's phone
    is lost, and so long the caller is held for the agent. ``allowed_actions`` is what a supervisor may ask
    for now; nobody else is told that, nor of a supervision."""

    call_id: str
    phase: CallPhase
    trunk: str
    did: str
    language: str
    caller: str
    caller_name: str
    flow: str
    node: str | None
    arrived_at: Instant
    since_at: Instant | None
    queue: str | None
    queued_at: Instant | None
    priority: int
    skills: dict[str, int]
    offers: list[Offer]
    agent_id: str | None
    call_back_of: str | None
    kept_until_at: Instant | None = None
    consult: Consult | None = None
    supervision: Supervision | None = None
    allowed_actions: list[CallAction] = []


class InLine(Wire):
    """A call that waits, and how long until its turn, as far as that can be foreseen: 0 while a phone rings
    for it, null with nobody at work for it."""

    call_id: str
    expected_wait_ms: int | None


class Queue(Wire):
    """A queue: who waits on the line, how many are to be called back, and who could answer. The count of
    agents is of those who serve this queue. One that is not open was closed by a supervisor: nobody waits on
    the line there any longer. ``line`` are the first calls to be answered, in their order.
    ``live_transcript``: what is said in its talks is read meanwhile (``wire_live_transcript``)."""

    name: str
    title: str
    waiting: int
    call_backs: int
    oldest_queued_at: Instant | None
    talking: int
    agents_ready: int
    agents_logged_in: int
    is_open: bool = True
    line: list[InLine] = []
    live_transcript: bool = False


class Kpi(Wire):
    """One figure of the KPI catalogue, of one queue or (scope ``total``) of all. ``value`` is null while
    there is nothing to divide by; a ratio is 0.0 to 1.0. ``target_met`` is null without target or value.
    ``opens``: which of its numbers count calls, so that GET /api/figures/calls lists them."""

    scope: str
    key: str
    value: float | None
    unit: KpiUnit
    formula: str
    numerator: float | None
    denominator: float | None
    target: float | None
    target_met: bool | None
    opens: list[Term] = []


class Fairness(Wire):
    """How evenly work and rest are spread over the ``agents`` who are logged in (acd.fairness).

    ``idle_spread_ms``: of those who are ready, the longest idle time less the shortest (null: fewer than
    two). ``calls`` is the sum of theirs since log-in: an agent's share is Agent.calls divided by it, and is
    not sent itself, since each call would change everybody's. ``calls_gini`` and ``busy_gini`` are 0 when
    calls, or the busy share of the time, are the same for all, and nearly 1 when one has everything (null:
    nobody has any).
    """

    agents: int
    calls: int
    idle_spread_ms: int | None
    calls_gini: float | None
    busy_gini: float | None


class Health(Wire):
    """A part that the centre leans on; ``detail`` says what is being done when it is not up."""

    component: Component
    up: bool
    since_at: Instant
    detail: str


# --- the socket --------------------------------------------------------------------------------------------


class Hello(Wire):
    """The client's first message: the number its picture stands at, or null when it has none."""

    resume_from: int | None = Field(default=None, ge=0)


class AgentChange(Wire):
    """The agent is now ``value``, or gone when that is null. So the other changes."""

    entity: Literal["agent"] = "agent"
    id: str
    value: Agent | None


class CallChange(Wire):
    """See AgentChange."""

    entity: Literal["call"] = "call"
    id: str
    value: Call | None


class QueueChange(Wire):
    """See AgentChange."""

    entity: Literal["queue"] = "queue"
    id: str
    value: Queue | None


class KpiChange(Wire):
    """See AgentChange; the id is ``scope/key``."""

    entity: Literal["kpi"] = "kpi"
    id: str
    value: Kpi | None


class FairnessChange(Wire):
    """See AgentChange; the id is ``total``."""

    entity: Literal["fairness"] = "fairness"
    id: str
    value: Fairness | None


class HealthChange(Wire):
    """See AgentChange; the id is the component."""

    entity: Literal["health"] = "health"
    id: str
    value: Health | None


Change = Annotated[
    AgentChange | CallChange | QueueChange | KpiChange | FairnessChange | HealthChange,
    Field(discriminator="entity"),
]


class Changes(Wire):
    """Brings a picture that stands at ``after_seq`` to ``seq``, the journal's number.

    A client whose picture stands elsewhere has missed something and resumes. When both numbers are the same,
    only figures, fairness and health have changed. Every entity appears at most once, with its latest value.
    """

    type: Literal["changes"] = "changes"
    after_seq: int
    seq: int
    server_at: Instant
    changes: list[Change]


class Viewer(Wire):
    """Who is looking; ``may`` are the rights by which the page shows what can be asked for. ``password_due``:
    a password of one's own must be chosen before any of it."""

    name: str
    role: Role
    agent_id: str | None
    may: list[Access] = []
    password_due: bool = False


class Snapshot(Wire):
    """The whole picture at ``seq``; it replaces whatever the client has. ``dispositions`` are the words for
    each code that agents may give; when there are none, any code may be given."""

    type: Literal["snapshot"] = "snapshot"
    seq: int
    server_at: Instant
    viewer: Viewer
    pause_reasons: list[str]
    agents: list[Agent]
    calls: list[Call]
    queues: list[Queue]
    kpi: list[Kpi]
    health: list[Health]
    fairness: Fairness | None = None
    dispositions: dict[str, str] = {}


class Ping(Wire):
    """Sent when there has been nothing to say; a client that hears nothing for long reconnects."""

    type: Literal["ping"] = "ping"
    seq: int
    server_at: Instant
