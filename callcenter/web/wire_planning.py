"""The JSON shapes of planning: staffing and what-if. See ``wire``."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, BeforeValidator, Field, StringConstraints

from acd_settings import Level as WholeLevel
from callcenter.domain.kpi_catalogue import KpiUnit
from callcenter.web.wire import WHOLE, Instant, Wire
from callcenter.web.wire_api import Name


def _read(moment: object) -> object:
    if isinstance(moment, datetime):
        return moment
    if not isinstance(moment, str) or "T" not in moment.upper():
        raise ValueError("an instant is written as 2026-03-02T00:00:00Z")
    return datetime.fromisoformat(moment)


BodyMoment = Annotated[AwareDatetime, BeforeValidator(_read)]
"""A Moment in a body, which is read strictly."""
Level = Annotated[WholeLevel, WHOLE]
Share = Annotated[float, Field(gt=0, lt=1)]
Seed = Annotated[int, Field(ge=0, lt=2**32), WHOLE]
Replications = Annotated[int, Field(ge=5, le=50), WHOLE]
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]

# --- requests ----------------------------------------------------------------------------------------------


class StaffingRequest(Wire):
    """How many agents are needed, by weekday and interval.

    Of the calls that came from ``since`` on and before ``until``; or of ``arrivals``, a CSV file with the
    columns weekday (mon to sun), time (08:30) and calls. ``queue``: of this one only, whose target holds
    where none is given. ``level``: so large a share of all calls is to be answered within ``target_s``;
    ``answer_rate``: so large a share at all. Callers give up after ``patience_s`` on average (``gives_up``
    without it: as patient as they were; false: nobody does). What is null is that of the queue or the past.
    """

    since: BodyMoment | None = None
    until: BodyMoment | None = None
    arrivals: Annotated[str, Field(max_length=14_000)] | None = None
    queue: Name | None = None
    interval_min: Annotated[Literal[15, 30, 60], WHOLE] = 30
    handle_s: Annotated[float, Field(ge=1, le=14_400)] | None = None
    target_s: Annotated[float, Field(ge=0, le=3600)] | None = None
    level: Share | None = None
    answer_rate: Share | None = None
    gives_up: bool = True
    patience_s: Annotated[float, Field(ge=1, le=14_400)] | None = None
    max_occupancy: Annotated[float, Field(ge=0.1, le=1)] = 1.0
    shrinkage: Annotated[float, Field(ge=0, le=0.9)] = 0.0
    replications: Replications = 20
    seed: Seed = 1


class QueueTrial(Wire):
    """What would be otherwise in a queue, in the words of the settings; null: as it is."""

    strategy: Name | None = None
    skills: dict[str, Level] | None = None
    priority: Annotated[int, Field(ge=-100, le=100), WHOLE] | None = None
    answer_within_sec: Annotated[int, Field(ge=1, le=3600), WHOLE] | None = None
    max_wait_sec: Annotated[int, Field(ge=1, le=86_400), WHOLE] | None = None
    max_waiting: Annotated[int, Field(ge=0, le=10_000), WHOLE] | None = None
    ring_timeout_sec: Annotated[int, Field(ge=3, le=120), WHOLE] | None = None
    wrap_up_max_sec: Annotated[int, Field(ge=0, le=14_400), WHOLE] | None = None


class ShiftGroup(Wire):
    """``count`` agents alike, every day from ``begins`` to ``ends`` on the centre's wall clock (both the
    same: all day). They can do what the agent ``like`` can; null: everything."""

    count: Annotated[int, Field(ge=1, le=200), WHOLE]
    begins: TimeOfDay = "00:00"
    ends: TimeOfDay = "00:00"
    like: Name | None = None


class WhatIfRequest(Wire):
    """The time from ``since`` on and before ``until`` as it was, against the same with changes: ``queues`` by
    name, ``call_choice`` of all queues, ``skills`` of agents by id, agents who stay away (``absent``), and
    ``shifts`` that come in addition (``all_new``: in place of everybody)."""

    since: BodyMoment
    until: BodyMoment
    queues: dict[str, QueueTrial] = Field(default_factory=dict, max_length=50)
    call_choice: Name | None = None
    skills: dict[str, dict[str, Level]] = Field(default_factory=dict, max_length=200)
    absent: list[Name] = Field(default_factory=list, max_length=500)
    shifts: list[ShiftGroup] = Field(default_factory=list, max_length=12)
    all_new: bool = False
    replications: Replications = 20
    seed: Seed = 1


# --- answers -----------------------------------------------------------------------------------------------


class PlanningNote(StrEnum):
    """What whoever reads the answer should know."""

    FEW_CALLS = "few_calls"
    FEW_WEEKS = "few_weeks"
    NOBODY_GAVE_UP = "nobody_gave_up"
    HANDLING_GIVEN = "handling_given"
    FALLS_SHORT = "falls_short"
    NOTHING_KNOWN_CHANGED = "nothing_known_changed"


class PlanningEstimate(Wire):
    """The mean over all runs, and the bounds that hold the true mean with 95 % confidence."""

    mean: float
    low: float | None
    high: float | None


class PlannedInterval(Wire):
    """One interval of a weekday. ``agents`` must take calls, ``scheduled`` be paid; then the simulation
    expects this service level (of all calls), these waits, give-ups and occupancy (null: no call ever came).
    ``formula_agents``: what Erlang's formula alone says, and ``formula_level`` which level it promises."""

    begins: str
    calls: float
    load: float
    agents: int
    scheduled: int
    formula_agents: int
    formula_level: float
    service_level: PlanningEstimate | None
    asa_s: PlanningEstimate | None
    abandonment: PlanningEstimate | None
    occupancy: PlanningEstimate | None


class PlannedDay(Wire):
    """A weekday (mon to sun); the four figures are those of the whole day, ``agent_hours`` of those paid."""

    weekday: str
    calls: float
    agent_hours: float
    service_level: PlanningEstimate | None
    asa_s: PlanningEstimate | None
    abandonment: PlanningEstimate | None
    occupancy: PlanningEstimate | None
    intervals: list[PlannedInterval]


class StaffingAnswer(Wire):
    """``past_calls`` is how many calls were looked at (null: numbers were given), and the demand what was
    asked of the staff, with what stood for all that was left open. ``patience_s`` null: nobody gives up, and
    the formula is Erlang C, else Erlang A."""

    queue: str | None
    interval_min: int
    past_calls: int | None
    handle_s: float
    target_s: float
    level: float
    answer_rate: float
    patience_s: float | None
    max_occupancy: float
    shrinkage: float
    replications: int
    seed: int
    notes: list[PlanningNote]
    days: list[PlannedDay]


class WhatIfVerdict(StrEnum):
    """What is known of a difference: ``unknown`` where its 95 % interval has 0 in it; ``changed`` where
    neither way is better in itself."""

    SAME = "same"
    UNKNOWN = "unknown"
    BETTER = "better"
    WORSE = "worse"
    CHANGED = "changed"


class WhatIfFigure(Wire):
    """One figure as it was recorded (null: the journal does not tell it), simulated as it was and changed,
    and the difference, which is taken with the same callers in both."""

    key: str
    unit: KpiUnit
    formula: str
    recorded: float | None
    before: PlanningEstimate | None
    after: PlanningEstimate | None
    difference: PlanningEstimate | None
    verdict: WhatIfVerdict


class WhatIfScope(Wire):
    """The figures of a queue; empty: of all together."""

    queue: str
    figures: list[WhatIfFigure]


class WhatIfAnswer(Wire):
    """The whole comes first, then each queue."""

    since_at: Instant
    until_at: Instant
    past_calls: int
    replications: int
    seed: int
    notes: list[PlanningNote]
    scopes: list[WhatIfScope]


class JobState(StrEnum):
    """How far a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class PlanningFailure(Wire):
    """Why there is no answer, and what to do."""

    code: str
    what: str
    cure: str


class PlanningJob(Wire):
    """A question on its way: ``place`` jobs come before it; ``progress`` goes from 0 to 1. One of the answers
    is there when it is done."""

    job_id: str
    state: JobState
    place: int
    progress: float
    failure: PlanningFailure | None = None
    staffing: StaffingAnswer | None = None
    what_if: WhatIfAnswer | None = None


class PlanningQueue(Wire):
    """A queue as it is set, with what came to it in the weeks of the basis."""

    name: str
    title: str
    calls: int
    handle_s: float | None
    settings: QueueTrial
    level: float


class PlanningAgent(Wire):
    """An agent who can be given other skills, or stay away."""

    agent_id: str
    name: str
    skills: dict[str, int]


class PlanningBasis(Wire):
    """What the forms begin with: the whole weeks that were last, and how the centre is arranged."""

    since_at: Instant
    until_at: Instant
    time_zone: str
    calls: int
    enough_calls: bool
    queues: list[PlanningQueue]
    agents: list[PlanningAgent]
    strategies: list[str]
    call_choices: list[str]
    call_choice: str
    skills: list[str]
