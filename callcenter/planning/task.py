"""Task: a question with everything that is needed to answer it, as it goes to the process that does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from acd_settings import AgentRouting, QueueRouting
from callcenter.planning.arrangement import Arrangement
from callcenter.planning.staffing import Unanswerable
from callcenter.planning.what_if import ALL_DAY, Shift
from callcenter.web import wire_planning as wire
from located_yaml import Section
from simulation.scenario import minute_of_day

Progress = Callable[[float], None]


class Source(Section):
    """Where the journal is: its local segments, if they reach far enough back, else the database."""

    journal: Path
    database_url: str | None = None


class Task(Section):
    """One of the two questions. ``arrangement`` is how the centre is arranged, ``levels`` the service level
    that each queue aims at."""

    staffing: wire.StaffingRequest | None = None
    what_if: wire.WhatIfRequest | None = None
    arrangement: Arrangement
    levels: Mapping[str, float]
    time_zone: str
    source: Source


class Solver(Protocol):
    """Whoever answers a Task."""

    async def solve(self, task: Task, progress: Progress) -> wire.StaffingAnswer | wire.WhatIfAnswer:
        """``progress`` is told how far it is, from 0 to 1. Cancelled, it ends at once. Raises
        Unanswerable."""
        ...


def changed(arrangement: Arrangement, asked: wire.WhatIfRequest) -> Arrangement:
    """The arrangement with what the question changes in queues, routing and skills. Raises Unanswerable,
    naming everything that is wrong."""
    wrong = [f"queues.{name}: no such queue" for name in asked.queues if name not in arrangement.queues]
    named = [*asked.skills, *asked.absent, *(shift.like for shift in asked.shifts if shift.like)]
    wrong += [f"no agent '{name}'" for name in dict.fromkeys(named) if name not in arrangement.agents]
    if wrong:
        raise _refused(wrong)
    queues: dict[str, QueueRouting] = dict(arrangement.queues)
    for name, trial in asked.queues.items():
        update = {key: value for key, value in trial.model_dump().items() if value is not None}
        queues[name] = queues[name].model_copy(update=update)
    agents: dict[str, AgentRouting] = dict(arrangement.agents)
    for agent_id, skills in asked.skills.items():
        agents[agent_id] = agents[agent_id].model_copy(update={"skills": skills})
    choice = asked.call_choice or arrangement.routing.call_choice
    routing = arrangement.routing.model_copy(update={"call_choice": choice})
    after = Arrangement(queues=queues, agents=agents, routing=routing)
    if found := after.problems():
        raise _refused(found)
    return after


def shifts_of(asked: wire.WhatIfRequest) -> list[Shift]:
    """The shifts that come."""
    return [
        Shift(
            group.count,
            ALL_DAY
            if group.begins == group.ends
            else (minute_of_day(group.begins), minute_of_day(group.ends)),
            group.like or "",
        )
        for group in asked.shifts
    ]


def _refused(wrong: list[str]) -> Unanswerable:
    return Unanswerable("bad_request", "; ".join(wrong[:10]), "Correct it and ask again.")
