"""What if: a past period simulated as it was staffed, and again as it might have been."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from acd.model import AcdConfig, AgentConfig, SkillRequirement
from simulation.calls import PastCalls
from simulation.durations import Duration
from simulation.measures import Replication
from simulation.plan import Plan, Roster, Thresholds
from simulation.study import Estimates, Study, differences, estimates_to_dict

_FIRST_GUESS_TALK_MS = 180_000
_QUEUES_OWN = -1


@dataclass(frozen=True, slots=True)
class PastCall:
    """One time a call was in a queue: ``talk_ms`` and ``wrap_up_ms`` None for one that no agent answered."""

    queued_at: int
    queue: str
    wait_ms: int
    has_abandoned: bool
    talk_ms: int | None = None
    wrap_up_ms: int | None = None
    priority: int = 0
    requirements: tuple[SkillRequirement, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """Both studies, and the difference in each figure, known from the same callers in both."""

    before: Study
    after: Study
    total: Estimates
    queues: Mapping[str, Estimates]

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "before": self.before.to_dict(),
            "after": self.after.to_dict(),
            "difference": {
                "total": estimates_to_dict(self.total),
                "queues": {name: estimates_to_dict(found) for name, found in self.queues.items()},
            },
        }


def change(before: Study, after: Study) -> Change:
    """Compare two studies with the same seed and the same callers; queues that only one has are left out."""

    def queue(replications: Sequence[Replication], name: str) -> list[Mapping[str, float | None]]:
        return [replication.queues[name] for replication in replications]

    pairs = before.replications, after.replications
    return Change(
        before,
        after,
        differences(*([replication.total for replication in side] for side in pairs)),
        {
            name: differences(*(queue(side, name) for side in pairs))
            for name in before.queues
            if name in after.queues
        },
    )


def sources_of(calls: Iterable[PastCall], since_ms: int) -> tuple[PastCalls, ...]:
    """The past calls as sources, their instants counted from ``since_ms``.

    What no agent handled will be handled like some call of its queue that an agent did (talk: of any queue
    where its own has none).

    Patience is estimated per queue: with D callers who hung up and W the waits of all, its mean is W/D, the
    maximum-likelihood estimate of an exponential time that answers cut short (censoring; e.g. Mandelbaum and
    Zeltyn, Data-stories about (im)patient customers, Management Science 59 (2013)).
    """
    groups: dict[tuple[str, int, tuple[SkillRequirement, ...]], list[PastCall]] = {}
    by_queue: dict[str, list[PastCall]] = {}
    for call in sorted(calls, key=lambda call: call.queued_at):
        groups.setdefault((call.queue, call.priority, call.requirements), []).append(call)
        by_queue.setdefault(call.queue, []).append(call)
    everybody = [call for queue in by_queue.values() for call in queue]
    sources: list[PastCalls] = []
    for (queue, priority, requirements), group in groups.items():
        alike = by_queue[queue]
        talks = _known(call.talk_ms for call in alike) or _known(call.talk_ms for call in everybody)
        wrap_ups = _known(call.wrap_up_ms for call in alike)
        sources.append(
            PastCalls(
                queue=queue,
                at_ms=_array(call.queued_at - since_ms for call in group),
                talk_ms=_array(-1 if call.talk_ms is None else call.talk_ms for call in group),
                wrap_up_ms=_array(-1 if call.wrap_up_ms is None else call.wrap_up_ms for call in group),
                waited_ms=_array(call.wait_ms for call in group),
                patience_ms=_array(call.wait_ms if call.has_abandoned else -1 for call in group),
                talks_ms=_array(talks or [_FIRST_GUESS_TALK_MS]),
                wrap_ups_ms=_array(wrap_ups or [_QUEUES_OWN]),
                patience_mean_ms=_patience_ms(alike),
                priority=priority,
                requirements=requirements,
            )
        )
    return tuple(sources)


def past_plan(
    calls: Iterable[PastCall],
    config: AcdConfig,
    roster: Roster,
    thresholds: Mapping[str, Thresholds],
    ring: Duration,
    since_ms: int,
    until_ms: int,
) -> Plan:
    """The period as a Plan, its instants counted from ``since_ms``. Calls of queues that the configuration
    lacks are left out."""
    known = [call for call in calls if call.queue in config.queues and since_ms <= call.queued_at < until_ms]
    return Plan(
        config=config,
        sources=sources_of(known, since_ms),
        end_ms=until_ms - since_ms,
        roster=roster,
        ring=ring,
        thresholds=thresholds,
    )


def with_agents(plan: Plan, count: int) -> Plan:
    """The same with so many agents who can do everything and work all the time."""
    skills = skills_asked(plan)
    width = len(str(count))
    names = [f"agent-{number:0{width}}" for number in range(1, count + 1)]
    agents = {name: AgentConfig(name, dict(skills)) for name in names}
    return replace(plan, config=replace(plan.config, agents=agents), roster=Roster())


def skills_asked(plan: Plan) -> dict[str, int]:
    """Every skill that a queue or a caller asks for, at the highest level."""
    asked = [queue.requirements for queue in plan.config.queues.values()]
    asked += [source.requirements for source in plan.sources]
    return {requirement.skill: 10 for requirements in asked for requirement in requirements}


def _known(spans_ms: Iterable[int | None]) -> list[int]:
    return [ms for ms in spans_ms if ms is not None]


def _patience_ms(calls: Sequence[PastCall]) -> float | None:
    left = sum(call.has_abandoned for call in calls)
    return sum(call.wait_ms for call in calls) / left if left else None


def _array(values: Iterable[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.fromiter(values, dtype=np.int64)
