"""Study: several replications of one plan, and what they say together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulation.confidence import Estimate, estimate
from simulation.measures import Figures, Measure, Replication, replicate
from simulation.plan import Plan

Estimates = Mapping[str, Estimate | None]
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Study:
    """Each figure with its confidence over the replications; None for one that no replication had."""

    seed: int
    replications: tuple[Replication, ...]
    total: Estimates
    queues: Mapping[str, Estimates]

    def to_dict(self) -> dict[str, Any]:
        """JSON-able, with the same order of keys always."""
        return {
            "seed": self.seed,
            "replications": len(self.replications),
            "calls": sum(replication.calls for replication in self.replications),
            "total": estimates_to_dict(self.total),
            "queues": {name: estimates_to_dict(queue) for name, queue in self.queues.items()},
        }


def study(plan: Plan, seed: int, replications: int, progress: Progress = lambda _: None) -> Study:
    """Run the plan so many times with independent dice; ``progress`` is told how many are done. The same plan
    and seed give the same Study."""
    done: list[Replication] = []
    for replication in range(replications):
        done.append(replicate(plan, seed, replication))
        progress(len(done))
    return summed_up(seed, done)


def summed_up(seed: int, replications: Iterable[Replication]) -> Study:
    """The replications 0, 1, 2, ... of one plan and seed, in this order, as a Study."""
    done = tuple(replications)
    queues = {name: estimates([replication.queues[name] for replication in done]) for name in done[0].queues}
    return Study(seed, done, estimates([replication.total for replication in done]), queues)


def estimates(figures: Sequence[Figures]) -> Estimates:
    """Each measure over the replications that have a value of it."""
    found: dict[str, Estimate | None] = {}
    for measure in Measure:
        values = [value for each in figures if (value := each[measure]) is not None]
        found[measure.value] = estimate(values) if values else None
    return found


def estimates_to_dict(found: Estimates) -> dict[str, Any]:
    """JSON-able."""
    return {measure: each and each.to_dict() for measure, each in found.items()}


def differences(before: Sequence[Figures], after: Sequence[Figures]) -> Estimates:
    """``after`` less ``before``, replication by replication: with the same callers in both the difference is
    known far better than either side (common random numbers; Law, 11.2)."""
    apart: list[dict[str, float | None]] = []
    for one, other in zip(before, after, strict=True):
        pairs = {measure: (one[measure], other[measure]) for measure in Measure}
        apart.append(
            {
                measure: None if was is None or will_be is None else will_be - was
                for measure, (was, will_be) in pairs.items()
            }
        )
    return estimates(apart)
