"""The staff of a day, tried by simulation: agents who come and go by the interval, callers who come by the
forecast, and the production Router between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from acd.model import AcdConfig, AgentConfig, QueueConfig
from simulation.arrivals import Profile
from simulation.calls import MadeUpCalls
from simulation.confidence import Estimate, estimate
from simulation.durations import Constant, Duration, Never, Patience
from simulation.plan import Plan, Roster, Span, Thresholds
from simulation.run import ABANDONED, ANSWERED, Observation, run
from simulation.staffing import Demand

QUEUE = "calls"
MOST_ROUNDS = 8
_SPARE_SHARE = 0.04
"""By how much a staff grows at once that is known to be too small, and by one agent at least."""
_MINUTE_MS = 60_000
_FOR_EVER, _AT_ONCE = Never(), Constant(sec=0)


@dataclass(frozen=True, slots=True)
class Work:
    """What the calls of the day are like. ``handle`` is talk and wrap-up, ``ring`` how long a phone rings
    until its agent answers."""

    handle: Duration
    patience: Patience = _FOR_EVER
    ring: Duration = _AT_ONCE
    strategy: str = "longest_idle"
    short_abandon_ms: int = 0


@dataclass(frozen=True, slots=True)
class Expected:
    """What to expect of a time, each figure with its confidence; None where no replication had any call.

    ``service_level`` is of all calls offered, ``asa_s`` the mean wait of the answered, ``abandonment`` leaves
    out short abandons as the KPI does, ``occupancy`` is the share of the agents' time that calls take.
    """

    service_level: Estimate | None
    asa_s: Estimate | None
    abandonment: Estimate | None
    occupancy: Estimate | None


@dataclass(frozen=True, slots=True)
class TriedDay:
    """``agents[i]`` take calls in interval ``i`` of the day, which then is ``intervals[i]``."""

    agents: tuple[int, ...]
    intervals: tuple[Expected, ...]
    whole: Expected


def tried_day(
    calls: Sequence[float],
    staff: Sequence[int],
    interval_min: int,
    demand: Demand,
    work: Work,
    seed: int,
    replications: int,
    progress: Callable[[], None] = lambda: None,
) -> TriedDay:
    """Simulate a day with ``calls[i]`` expected in interval ``i``, counted from midnight, and grow the staff
    wherever it is known (95 %) to fall short of the demand, until that is so nowhere or MOST_ROUNDS are over.
    The same arguments give the same day; ``progress`` is told of every replication."""
    agents, found = tuple(staff), None
    for _ in range(MOST_ROUNDS):
        found = _tried(calls, agents, interval_min, demand, work, seed, replications, progress)
        grown = tuple(
            count + max(1, round(count * _SPARE_SHARE)) if _falls_short(expected, demand) else count
            for count, expected in zip(agents, found.intervals, strict=True)
        )
        if grown == agents:
            break
        agents = grown
    assert found is not None
    return found


def _falls_short(expected: Expected, demand: Demand) -> bool:
    level, lost = expected.service_level, expected.abandonment
    if level is not None and level.ci95 is not None and level.ci95[1] < demand.level:
        return True
    return lost is not None and lost.ci95 is not None and 1 - lost.ci95[0] < demand.answered


def _tried(
    calls: Sequence[float],
    agents: tuple[int, ...],
    interval_min: int,
    demand: Demand,
    work: Work,
    seed: int,
    replications: int,
    progress: Callable[[], None],
) -> TriedDay:
    plan = day_plan(calls, agents, interval_min, demand, work)
    runs: list[Mapping[str, npt.NDArray[np.float64]]] = []
    for replication in range(replications):
        runs.append(_counted(run(plan, seed, replication), plan, len(agents), interval_min))
        progress()
    there_ms = np.array(agents, dtype=np.float64) * interval_min * _MINUTE_MS
    intervals = tuple(
        _expected([{name: each[name][index] for name in each} for each in runs], there_ms[index])
        for index in range(len(agents))
    )
    whole = _expected([{name: each[name].sum() for name in each} for each in runs], float(there_ms.sum()))
    return TriedDay(agents, intervals, whole)


def day_plan(
    calls: Sequence[float], agents: Sequence[int], interval_min: int, demand: Demand, work: Work
) -> Plan:
    """The day as a Plan: equal agents, of whom the first ones come first and go last. Those who are there
    when no more calls are expected stay for another interval, so that nobody is left waiting."""
    width = len(str(max(agents, default=0)))
    names = [f"agent-{number:0{width}}" for number in range(1, max(agents, default=0) + 1)]
    queue = QueueConfig(QUEUE, wrap_up_sec=0, strategy=work.strategy)
    queue = replace(queue, target_sec=round(demand.target_s))
    spans = {name: _spans(agents, number, interval_min) for number, name in enumerate(names)}
    source = MadeUpCalls(
        queue=QUEUE,
        arrivals=Profile(interval_min=interval_min, calls=tuple(calls)),
        talk=work.handle,
        patience=work.patience,
    )
    return Plan(
        AcdConfig("staff of a day", {QUEUE: queue}, {name: AgentConfig(name) for name in names}),
        (source,),
        end_ms=len(agents) * interval_min * _MINUTE_MS,
        roster=Roster(spans),
        ring=work.ring,
        thresholds={QUEUE: Thresholds(round(demand.target_s * 1000), work.short_abandon_ms)},
    )


def _spans(agents: Sequence[int], number: int, interval_min: int) -> tuple[Span, ...]:
    """When the agent of this number, from 0 on, is there."""
    width = interval_min * _MINUTE_MS
    spans: list[Span] = []
    began: int | None = None
    for index, count in enumerate(agents):
        if count > number and began is None:
            began = index
        elif count <= number and began is not None:
            spans.append((began * width, (index + (0 if count else 1)) * width))
            began = None
    if began is not None:
        spans.append((began * width, None))
    return tuple(_apart(spans))


def _apart(spans: Sequence[Span]) -> list[Span]:
    """Spans of which none overlaps or touches another."""
    found: list[Span] = []
    for first, last in spans:
        if found and found[-1][1] is not None and first <= found[-1][1]:
            found[-1] = found[-1][0], last
        else:
            found.append((first, last))
    return found


def _counted(
    seen: Observation, plan: Plan, intervals: int, interval_min: int
) -> dict[str, npt.NDArray[np.float64]]:
    """By the interval in which a call came: how many, in time, answered, given up; their waits; and by the
    interval in which it was done: the work."""
    width = interval_min * _MINUTE_MS
    place = np.minimum(seen.at_ms // width, intervals - 1)
    limits = plan.threshold(QUEUE)
    answered, gone = seen.outcome == ANSWERED, seen.outcome == ABANDONED
    short = gone & (seen.wait_ms <= limits.short_abandon_ms) & (limits.short_abandon_ms > 0)

    def by_interval(
        chosen: npt.NDArray[np.bool_], worth: npt.NDArray[np.int64] | None = None
    ) -> npt.NDArray[np.float64]:
        weights = None if worth is None else worth[chosen].astype(np.float64)
        return np.bincount(place[chosen], weights, intervals).astype(np.float64)

    began = (seen.at_ms + seen.wait_ms)[answered]
    ended = began + np.maximum(seen.handle_ms[answered], 0)
    edges = np.arange(intervals, dtype=np.int64) * width
    busy = [np.maximum(0, np.minimum(ended, edge + width) - np.maximum(began, edge)).sum() for edge in edges]
    return {
        "offered": by_interval(np.ones(len(place), dtype=np.bool_)),
        "in_time": by_interval(answered & (seen.wait_ms <= limits.answer_ms)),
        "answered": by_interval(answered),
        "waited_ms": by_interval(answered, seen.wait_ms),
        "gone": by_interval(gone & ~short),
        "short": by_interval(short),
        "busy_ms": np.array(busy, dtype=np.float64),
    }


def _expected(runs: Sequence[Mapping[str, float]], there_ms: float) -> Expected:
    def over(ratio: Callable[[Mapping[str, float]], tuple[float, float]]) -> Estimate | None:
        pairs = [ratio(each) for each in runs]
        values = [float(above / below) for above, below in pairs if below]
        return estimate(values) if values else None

    return Expected(
        service_level=over(lambda each: (each["in_time"], each["offered"])),
        asa_s=over(lambda each: (each["waited_ms"], each["answered"] * 1000)),
        abandonment=over(lambda each: (each["gone"], each["offered"] - each["short"])),
        occupancy=over(lambda each: (min(each["busy_ms"], there_ms), there_ms)),
    )
