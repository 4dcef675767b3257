"""What planning looks back on in a preview: four weeks of a made-up hotline, written to a journal of their
own when somebody first asks."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path

from aiohttp import web

from acd.model import OverflowKind, OverflowReason
from acd_settings import AgentRouting, QueueRouting, RoutingSection
from acd_settings.sections import OverflowSection
from callcenter.adapters.local_journal import LocalJournal
from callcenter.domain import events as e
from callcenter.domain.kpi import TOTAL, KpiPolicy
from callcenter.planning.arrangement import arranged
from callcenter.planning.jobs import Jobs
from callcenter.planning.routes import PlanningRoutes
from callcenter.planning.service import BASIS_WEEKS, CentreAsArranged, Planner
from callcenter.planning.task import Progress, Source, Task
from callcenter.planning.worker import ProcessSolver
from callcenter.ports import Clock
from callcenter.preview.past import DAY_MS, MadeUpPast
from callcenter.preview.past import QUEUES as SERVED_BY
from callcenter.recorded_calls import RecordedCalls
from callcenter.reports.service import Counted, ReportService
from callcenter.reports.store import MemoryReportStore
from callcenter.web import wire_planning as wire
from callcenter.web.memory import MemoryCentre

CALLS_A_DAY = 260
ZONE = "Asia/Shanghai"
_GOES_ON = {OverflowReason.TIMEOUT: OverflowSection(to=OverflowKind.FLOW)}


class MadeUpPlanning:
    """Planning over the made-up centre and its made-up weeks."""

    def __init__(self, centre: MemoryCentre, clock: Clock) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="callcenter-planning-")
        journal = Path(self._directory.name) / "journal"
        self._weeks = _Weeks(journal, clock)
        self._jobs = Jobs(_AfterTheWeeks(self._weeks), clock)
        reports = ReportService(_CountedWeeks(self._weeks), ZONE)
        planner = Planner(lambda: _as_arranged(centre), Source(journal=journal), self._jobs, reports, clock)
        self.routes = PlanningRoutes(planner)

    async def close(self, _: web.Application) -> None:
        """End what is being worked at, and take the weeks away."""
        await self._jobs.close()
        self._directory.cleanup()


class _Weeks:
    """The calls of the weeks before today; written once."""

    def __init__(self, journal: Path, clock: Clock) -> None:
        self._journal = journal
        self._until = clock() // DAY_MS * DAY_MS
        self._written = asyncio.Lock()
        self.events: list[e.DomainEvent] = []

    async def written(self) -> None:
        async with self._written:
            if not self.events:
                self.events = await asyncio.to_thread(self._write)

    def _write(self) -> list[e.DomainEvent]:
        days = 7 * BASIS_WEEKS + 1
        past = MadeUpPast(self._until - days * DAY_MS, self._until, days * CALLS_A_DAY)
        told = [event for life in past.lives() for event in life]
        wanted = [
            replace(event, decision={}) if isinstance(event, e.OfferMade) else event
            for event in sorted(told, key=lambda event: event.at)
            if type(event).__name__ in RecordedCalls.KINDS
        ]
        journal = LocalJournal(self._journal)
        journal.recall()
        journal.append(wanted)
        journal.close()
        return wanted


class _AfterTheWeeks(ProcessSolver):
    def __init__(self, weeks: _Weeks) -> None:
        self._weeks = weeks

    async def solve(self, task: Task, progress: Progress) -> wire.StaffingAnswer | wire.WhatIfAnswer:
        await self._weeks.written()
        return await super().solve(task, progress)


class _CountedWeeks(MemoryReportStore):
    def __init__(self, weeks: _Weeks) -> None:
        super().__init__(KpiPolicy({TOTAL: 15_000}, ZONE))
        self._weeks = weeks
        self._counted = False

    async def catch_up(self) -> Counted:
        await self._weeks.written()
        if not self._counted:
            self._counted = True
            for event in self._weeks.events:
                self.apply(event)
        return await super().catch_up()


def _as_arranged(centre: MemoryCentre) -> CentreAsArranged:
    view = centre.view()
    served: dict[str, tuple[str, ...]] = dict.fromkeys(view.agents, ())
    for queue, agents in SERVED_BY.items():
        for agent_id in agents:
            served[agent_id] = (*served[agent_id], queue)
    return CentreAsArranged(
        arranged(
            {name: QueueRouting(max_wait_sec=300, overflow=_GOES_ON) for name in view.queues},
            {
                agent_id: AgentRouting(skills=dict(agent.skills), queues=served[agent_id])
                for agent_id, agent in view.agents.items()
            },
            RoutingSection(),
        ),
        {name: queue.title for name, queue in view.queues.items()},
        {agent_id: agent.name for agent_id, agent in view.agents.items()},
        dict.fromkeys(view.queues, 0.8),
    )
