"""The JSON shapes of the API: requests and answers. See ``wire``."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from callcenter.domain.events import TransferKind
from callcenter.web.wire import WHOLE, Agent, Health, Instant, Kpi, Moment, Viewer, Wire

SpanMs = Annotated[int, Field(ge=0)]
Name = Annotated[str, Field(min_length=1, max_length=128)]

# --- requests ----------------------------------------------------------------------------------------------


class LoginRequest(Wire):
    """``client`` page: the session comes as a cookie; api: as a token for ``Authorization: Bearer``."""

    name: Name
    password: Annotated[str, Field(min_length=1, max_length=1024)]
    client: Literal["page", "api"] = "page"


class PhoneRequest(Wire):
    """Where the agent logs in."""

    phone: Name


class PauseRequest(Wire):
    """Why the agent takes no calls."""

    reason: Name


class CallRequest(Wire):
    """Which call the agent means."""

    call_id: Name


class OfferRequest(Wire):
    """Which Offer the agent means."""

    offer_id: Name


class TransferRequest(Wire):
    """Where the call shall go: a queue's name, an agent id or a number."""

    call_id: Name
    kind: TransferKind
    target: Name


class ExtendWrapUpRequest(Wire):
    """How much longer the after-call work takes."""

    extra_sec: Annotated[int, Field(strict=True, ge=1, le=3600), WHOLE]


class DispositionRequest(Wire):
    """What came of the call: one of the centre's dispositions."""

    call_id: Name
    code: Name


class WaitingRequest(Wire):
    """What the waiting call shall ask for, at least one of both: its priority, and the skills (with their
    levels) that it needs beyond those of its queue. What is left out, or null, stays as it is."""

    priority: Annotated[int, Field(strict=True, ge=-100, le=100), WHOLE] | None = None
    skills: dict[Name, Annotated[int, Field(strict=True, ge=1, le=10), WHOLE]] | None = None

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if self.priority is None and self.skills is None:
            raise ValueError("nothing is to be changed; give priority, skills or both")
        return self


class MoveRequest(Wire):
    """The queue in which the call shall go on waiting."""

    queue: Name


class DecisionsRequest(Wire):
    """The language of the words, and the agent of whom to tell what would have made them get the call."""

    lang: Literal["en", "zh"] = "en"
    agent: Name | None = None


class SurveysRequest(Wire):
    """The time in which callers were asked how it was (``until`` is not in it), a queue or an agent, and how
    many of the newest surveys to tell."""

    since: Moment
    until: Moment
    queue: Name | None = None
    agent: Name | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class SearchRequest(Wire):
    """The words that were said."""

    q: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"\S")]


class RecordingRequest(Wire):
    """``download`` gives the sound as a file to keep, for a ``reason``; without it it is heard."""

    download: bool = False
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""

    @model_validator(mode="after")
    def _has_a_reason(self) -> Self:
        if self.download and not self.reason:
            raise ValueError("a recording is given away for a reason; give it in 'reason'")
        return self


class NoFields(Wire):
    """A request that says all in its path."""


# --- answers -----------------------------------------------------------------------------------------------


class LoginAnswer(Wire):
    """``csrf_token`` goes into the header X-CSRF-Token of every change asked with the cookie; ``token`` is
    given to clients of kind api only."""

    viewer: Viewer
    csrf_token: str
    token: str | None


class MeAnswer(Wire):
    """Who the session belongs to."""

    viewer: Viewer
    csrf_token: str


class AgentsAnswer(Wire):
    """All agents at ``seq``."""

    seq: int
    agents: list[Agent]


class KpiAnswer(Wire):
    """All figures at ``seq``."""

    seq: int
    kpi: list[Kpi]


class SurveyAnswer(Wire):
    """The caller's score in one question."""

    question: str
    score: int
    satisfied: bool


class Survey(Wire):
    """One call whose caller was asked how it was. No answers: the caller did not take part."""

    call_id: str
    offered_at: Instant
    queue: str | None
    agent_ids: list[str]
    ticket_id: str | None
    answers: list[SurveyAnswer]


class SurveysAnswer(Wire):
    """The figures of all surveys asked about, by the first question of each (a rate is null while there is
    nothing to divide by), and the newest surveys."""

    invited: int
    rated: int
    satisfied: int
    satisfaction_rate: float | None
    participation_rate: float | None
    surveys: list[Survey]


class CommandAnswer(Wire):
    """The command was accepted; ``seq`` is the journal's number then, ``agent`` the agent as of it."""

    seq: int
    agent: Agent | None


class SupervisionAnswer(Wire):
    """The supervisor's command was accepted; ``seq`` is the journal's number then."""

    seq: int


class ExplainedDecision(Wire):
    """Why an agent was offered the call: ``decision`` as the journal has it (acd.explain.Decision) and its
    explanation in words, null for one that this version cannot read. ``for_agent``: what would have made the
    agent asked about get the call; null when nobody was asked about. Of a centre too large for the Decision
    to name everybody it may say that it does not know: `callcenter explain` replays the journal for that."""

    offer_id: str
    at: Instant
    decision: dict[str, Any]
    explanation: str | None
    for_agent: str | None


class ExplainedWait(Wire):
    """Why the call waited although agents were ready: ``reason`` as the journal has it
    (acd.explain.WaitReason) and its explanation in words, null for one that this version cannot read.
    ``for_agent``: what kept the agent asked about from it; null when nobody was asked about."""

    at: Instant
    reason: dict[str, Any]
    explanation: str | None
    for_agent: str | None


class DecisionsAnswer(Wire):
    """How the call was routed, both lists in the order of the journal."""

    call_id: str
    decisions: list[ExplainedDecision]
    waits: list[ExplainedWait]


class Recording(Wire):
    """A recording; its sound is at ``url``. Left channel caller, right channel agent."""

    url: str
    sha256: str
    duration_ms: SpanMs
    channel_rms_dbfs: tuple[float, float]


class Transcript(Wire):
    """What was said on one side."""

    leg: str
    language: str
    engine: str
    model: str
    text: str
    segments: list[dict[str, Any]]


class Send(Wire):
    """A webhook that the call's flow had told. ``outcome`` is owed, delivered or given_up; ``detail`` is the
    status of HTTP, or why it was given up."""

    webhook: str
    asked_at: Instant
    outcome: str
    ended_at: Instant | None
    detail: str


class CallDetail(Wire):
    """One call of the record."""

    call_id: str
    trunk: str
    did: str
    caller: str
    caller_name: str
    language: str
    flow_path: list[str]
    queue: str | None
    outcome: str | None
    arrived_at: Instant
    ended_at: Instant | None
    wait_ms: SpanMs
    talk_ms: SpanMs
    agent_ids: list[str]
    recording: Recording | None
    transcripts: list[Transcript]
    ticket_id: str | None
    decisions: list[dict[str, Any]]
    call_back_of: str | None
    sends: list[Send]
    flow: str = ""
    hold_ms: SpanMs = 0


class Ticket(Wire):
    """One ticket."""

    ticket_id: str
    number: str
    state: str
    category: str
    text: str
    caller: str
    queue: str | None
    call_ids: list[str]
    opened_at: Instant
    changed_at: Instant
    fields: dict[str, Any]


class HealthAnswer(Wire):
    """``ok`` when every component is up."""

    ok: bool
    components: list[Health]
