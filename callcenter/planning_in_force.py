"""Planning, over the settings in force and the centre's own journal."""

from __future__ import annotations

from contextlib import AsyncExitStack

from callcenter.places import Places
from callcenter.planning.arrangement import arranged
from callcenter.planning.jobs import Jobs
from callcenter.planning.routes import PlanningRoutes
from callcenter.planning.service import CentreAsArranged, Planner
from callcenter.planning.task import Source
from callcenter.planning.worker import ProcessSolver
from callcenter.ports import Clock
from callcenter.reports.service import ReportService
from callcenter.settings import Settings
from callcenter.view import LiveCentre


def planning_of(
    stack: AsyncExitStack,
    live: LiveCentre,
    places: Places,
    database_url: str,
    reports: ReportService,
    clock: Clock,
) -> PlanningRoutes:
    """The routes of planning."""
    jobs = Jobs(ProcessSolver(), clock)
    stack.push_async_callback(jobs.close)
    source = Source(journal=places.journal.absolute(), database_url=database_url)
    return PlanningRoutes(Planner(lambda: _as_arranged(live.settings), source, jobs, reports, clock))


def _as_arranged(settings: Settings) -> CentreAsArranged:
    queues, agents = settings.queues, settings.agents
    return CentreAsArranged(
        arranged(queues, agents, settings.routing),
        {name: queue.title for name, queue in queues.items()},
        {agent_id: agent.name for agent_id, agent in agents.items()},
        {name: queue.service_level_target for name, queue in queues.items()},
    )
