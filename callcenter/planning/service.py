"""Whoever plans: checks what is asked, and has it answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from acd.call_choice import CALL_CHOICES
from acd.strategies import STRATEGIES
from callcenter.domain.kpi_ledger import Scope, Sparse
from callcenter.planning.arrangement import Arrangement
from callcenter.planning.jobs import Jobs
from callcenter.planning.staffing import Unanswerable, read_arrivals
from callcenter.planning.task import Source, Task, changed
from callcenter.ports import Clock
from callcenter.reports.model import Interval, ReportWanted
from callcenter.reports.service import ReportService
from callcenter.web import wire_planning as wire
from callcenter.web.wire import instant

BASIS_WEEKS = 4
ENOUGH_CALLS = 200
MOST_STAFFING_DAYS, MOST_WHAT_IF_DAYS = 182, 31


@dataclass(frozen=True, slots=True)
class CentreAsArranged:
    """The centre as its settings in force arrange it; ``levels`` are the service levels that queues aim
    at."""

    arrangement: Arrangement
    titles: Mapping[str, str]
    names: Mapping[str, str]
    levels: Mapping[str, float]


class Arrangements(Protocol):
    """Asked each time: a reload may put other settings in force."""

    def __call__(self) -> CentreAsArranged: ...


class Planner:
    """Staffing and what-if of this centre."""

    def __init__(
        self, centre: Arrangements, source: Source, jobs: Jobs, reports: ReportService, clock: Clock
    ) -> None:
        self._centre = centre
        self._source = source
        self.jobs = jobs
        self._reports = reports
        self._clock = clock

    async def basis(self) -> wire.PlanningBasis:
        """What the forms begin with. Raises StoreAway."""
        since, until = self._last_weeks()
        centre = self._centre()
        counted = await self._counted(since, until)
        calls = sum(found[0] for found in counted.values())
        queues = centre.arrangement.queues
        skills = {skill for agent in centre.arrangement.agents.values() for skill in agent.skills}
        skills |= {skill for queue in queues.values() for skill in queue.skills}
        return wire.PlanningBasis(
            since_at=instant(since),
            until_at=instant(until),
            time_zone=self._reports.time_zone,
            calls=calls,
            enough_calls=calls >= ENOUGH_CALLS,
            queues=[
                wire.PlanningQueue(
                    name=name,
                    title=centre.titles.get(name, name),
                    calls=counted.get(name, (0, None))[0],
                    handle_s=counted.get(name, (0, None))[1],
                    settings=wire.QueueTrial(
                        **queue.model_dump(include=set(wire.QueueTrial.model_fields) - {"skills"}),
                        skills={skill: need.level for skill, need in queue.needs().items()},
                    ),
                    level=centre.levels.get(name, 0.8),
                )
                for name, queue in queues.items()
            ],
            agents=[
                wire.PlanningAgent(
                    agent_id=agent_id, name=centre.names.get(agent_id, ""), skills=dict(agent.skills)
                )
                for agent_id, agent in centre.arrangement.agents.items()
            ],
            strategies=list(STRATEGIES),
            call_choices=list(CALL_CHOICES),
            call_choice=centre.arrangement.routing.call_choice,
            skills=sorted(skills),
        )

    def staffing(self, asked: wire.StaffingRequest) -> wire.PlanningJob:
        """The job that answers it. Raises Unanswerable for what cannot be asked so, and Busy."""
        centre = self._centre()
        if asked.queue is not None and asked.queue not in centre.arrangement.queues:
            raise _refused(f"no queue '{asked.queue}'", "Choose one of the centre's queues.")
        if asked.arrivals is not None:
            if asked.since is not None or asked.until is not None:
                raise _refused("arrivals and a past time are two questions", "Give one of them.")
            read_arrivals(asked.arrivals, asked.interval_min)
            if asked.handle_s is None:
                raise _refused("of given numbers nobody knows how long they are handled", "Give handle_s.")
        else:
            _span(asked.since, asked.until, MOST_STAFFING_DAYS)
        return self.jobs.ask(self._task(centre, staffing=asked))

    def what_if(self, asked: wire.WhatIfRequest) -> wire.PlanningJob:
        """The same of the other question."""
        centre = self._centre()
        _span(asked.since, asked.until, MOST_WHAT_IF_DAYS)
        after = changed(centre.arrangement, asked)
        if after == centre.arrangement and not (asked.absent or asked.shifts or asked.all_new):
            raise _refused("nothing is changed", "Change a queue, the skills or the agents.")
        staying = set() if asked.all_new else set(after.agents) - set(asked.absent)
        if not staying and not asked.shifts:
            raise _refused("no agent is left", "Add a shift, or let somebody stay.")
        return self.jobs.ask(self._task(centre, what_if=asked))

    def _task(
        self,
        centre: CentreAsArranged,
        staffing: wire.StaffingRequest | None = None,
        what_if: wire.WhatIfRequest | None = None,
    ) -> Task:
        return Task(
            staffing=staffing,
            what_if=what_if,
            arrangement=centre.arrangement,
            levels=centre.levels,
            time_zone=self._reports.time_zone,
            source=self._source,
        )

    def _last_weeks(self) -> tuple[int, int]:
        """The weeks before this day."""
        now = datetime.fromtimestamp(self._clock() / 1000, ZoneInfo(self._reports.time_zone))
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        begin = midnight - timedelta(weeks=BASIS_WEEKS)
        return round(begin.timestamp() * 1000), round(midnight.timestamp() * 1000)

    async def _counted(self, since: int, until: int) -> dict[str, tuple[int, float | None]]:
        """By queue: how many calls came, and how long they were handled (s)."""
        zone = self._reports.time_zone
        wanted = ReportWanted(since, until, Interval.SPAN, Scope.QUEUE, zone)
        await self._reports.counted()
        whole: Sparse = {}
        found: dict[str, tuple[int, float | None]] = {}
        async for row in self._reports.rows(self._reports.checked(wanted), whole):
            figures = {figure.key: figure.value for figure in row.figures}
            handle_ms = figures.get("aht_ms")
            handle_s = None if handle_ms is None else handle_ms / 1000
            found[row.name] = round(figures.get("offered") or 0), handle_s
        return found


def _span(since: datetime | None, until: datetime | None, most_days: int) -> None:
    if since is None or until is None:
        raise _refused("a past time has a beginning and an end", "Give since and until, or arrivals.")
    if not timedelta(0) < until - since <= timedelta(days=most_days):
        told = f"since must lie before until, by {most_days} days at most"
        raise _refused(told, "Choose another time.")


def _refused(what: str, cure: str) -> Unanswerable:
    return Unanswerable("bad_request", what, cure)
