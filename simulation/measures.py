"""Measures: the figures of one replication, per queue and in total, defined as in the KPI catalogue.

A(T) and Ab(T) are the answered and the abandoned calls with a wait of at most T; a call counts once for each
queue it was in. Every figure is None where there is nothing to divide by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from simulation.callers import AGAIN, SENT_ON
from simulation.plan import Plan
from simulation.run import ABANDONED, ANSWERED, WAITING, Observation, run

Figures = Mapping[str, float | None]


class Measure(StrEnum):
    """What is measured; spans in seconds, everything else a ratio from 0 to 1 or a count."""

    OFFERED = "offered"
    ANSWERED = "answered"
    ABANDONED = "abandoned"
    SHORT_ABANDONED = "short_abandoned"
    OVERFLOWED = "overflowed"
    REPEATED = "repeated"
    TRANSFERRED = "transferred"
    WAITING = "waiting"
    WAIT_PROBABILITY = "wait_probability"
    SERVICE_LEVEL = "service_level"
    NEGATIVE = "service_level_abandons_negative"
    LEFT_OUT = "service_level_abandons_left_out"
    POSITIVE = "service_level_abandons_positive"
    ABANDONMENT = "abandonment"
    ASA = "asa_s"
    MEAN_WAIT = "mean_wait_s"
    WAIT_P50 = "wait_p50_s"
    WAIT_P80 = "wait_p80_s"
    WAIT_P90 = "wait_p90_s"
    WAIT_P95 = "wait_p95_s"
    WAIT_P99 = "wait_p99_s"
    AHT = "aht_s"
    OCCUPANCY = "occupancy"


FORMULAS: Mapping[Measure, str] = {
    Measure.OFFERED: "calls that were queued",
    Measure.ANSWERED: "queued calls answered by an agent",
    Measure.ABANDONED: "callers who hung up while waiting",
    Measure.SHORT_ABANDONED: "callers who hung up within the short-abandon threshold",
    Measure.OVERFLOWED: "left the queue by rule: time-out, full, no agent, closed",
    Measure.REPEATED: "queued calls of callers who had called before",
    Measure.TRANSFERRED: "queued calls that an agent had sent on",
    Measure.WAITING: "still waiting a day after the end",
    Measure.WAIT_PROBABILITY: "queued calls for which no phone rang at once / offered",
    Measure.SERVICE_LEVEL: "A(T)/A",
    Measure.NEGATIVE: "A(T)/offered",
    Measure.LEFT_OUT: "A(T)/(offered - Ab(T))",
    Measure.POSITIVE: "(A(T)+Ab(T))/offered",
    Measure.ABANDONMENT: "abandoned/offered, short abandons left out of both",
    Measure.ASA: "sum of waits of answered / answered",
    Measure.MEAN_WAIT: "mean wait of all calls that left the queue",
    Measure.WAIT_P50: "half of the answered waited at most so long",
    Measure.WAIT_P80: "80 % of the answered waited at most so long",
    Measure.WAIT_P90: "90 % of the answered waited at most so long",
    Measure.WAIT_P95: "95 % of the answered waited at most so long",
    Measure.WAIT_P99: "99 % of the answered waited at most so long",
    Measure.AHT: "(talk + hold + wrap-up)/handled",
    Measure.OCCUPANCY: "(talk + hold + wrap-up)/(talk + hold + wrap-up + available); of a queue: of the "
    "agents who answered calls of it, whatever queue they worked for",
}
_PERCENTILES = {
    Measure.WAIT_P50: 50,
    Measure.WAIT_P80: 80,
    Measure.WAIT_P90: 90,
    Measure.WAIT_P95: 95,
    Measure.WAIT_P99: 99,
}


@dataclass(frozen=True, slots=True)
class Replication:
    """The figures of one replication."""

    total: Figures
    queues: Mapping[str, Figures]
    calls: int
    events: int


@dataclass(frozen=True, slots=True)
class _Marks:
    """By call: whether its wait is within the service-level, and within the short-abandon threshold."""

    in_time: npt.NDArray[np.bool_]
    is_short: npt.NDArray[np.bool_]


def replicate(plan: Plan, seed: int, replication: int) -> Replication:
    """Run the plan once and measure it; in the total, too, the threshold of a call is that of its queue."""
    seen = run(plan, seed, replication)
    thresholds = [plan.threshold(name) for name in plan.config.queues]
    answer_ms = np.array([threshold.answer_ms for threshold in thresholds], dtype=np.int64)
    short_ms = np.array([threshold.short_abandon_ms for threshold in thresholds], dtype=np.int64)
    marks = _Marks(
        in_time=seen.wait_ms <= answer_ms[seen.queue],
        is_short=(seen.wait_ms <= short_ms[seen.queue]) & (short_ms[seen.queue] > 0),
    )
    queues = {
        name: _figures(
            seen, marks, seen.queue == number, seen.times.occupancy(sorted(seen.served_by[number]))
        )
        for number, name in enumerate(plan.config.queues)
    }
    everything = np.ones(len(seen.queue), dtype=np.bool_)
    total = _figures(seen, marks, everything, seen.times.occupancy())
    return Replication(total, queues, len(seen.queue), seen.events)


def _figures(
    seen: Observation, marks: _Marks, chosen: npt.NDArray[np.bool_], occupancy: float | None
) -> Figures:
    outcome, wait, at_once = seen.outcome[chosen], seen.wait_ms[chosen], seen.at_once[chosen]
    handle, came, in_time = seen.handle_ms[chosen], seen.came[chosen], marks.in_time[chosen]
    is_answered, has_abandoned, has_left = outcome == ANSWERED, outcome == ABANDONED, outcome != WAITING
    answered_wait = wait[is_answered]
    offered, answered = len(outcome), len(answered_wait)
    short = _count(has_abandoned & marks.is_short[chosen])
    abandoned = _count(has_abandoned) - short
    answered_in_time, abandoned_in_time = _count(is_answered & in_time), _count(has_abandoned & in_time)
    return {
        Measure.OFFERED: offered,
        Measure.ANSWERED: answered,
        Measure.ABANDONED: abandoned,
        Measure.SHORT_ABANDONED: short,
        Measure.OVERFLOWED: _count(outcome > ABANDONED),
        Measure.REPEATED: _count(came == AGAIN),
        Measure.TRANSFERRED: _count(came == SENT_ON),
        Measure.WAITING: _count(~has_left),
        Measure.WAIT_PROBABILITY: _ratio(_count(~at_once), offered),
        Measure.SERVICE_LEVEL: _ratio(answered_in_time, answered),
        Measure.NEGATIVE: _ratio(answered_in_time, offered),
        Measure.LEFT_OUT: _ratio(answered_in_time, offered - abandoned_in_time),
        Measure.POSITIVE: _ratio(answered_in_time + abandoned_in_time, offered),
        Measure.ABANDONMENT: _ratio(abandoned, offered - short),
        Measure.ASA: _ratio(int(np.sum(answered_wait)), answered, 1000),
        Measure.MEAN_WAIT: _ratio(int(np.sum(wait[has_left])), _count(has_left), 1000),
        **{
            measure: float(np.percentile(answered_wait, percent, method="inverted_cdf")) / 1000
            if answered
            else None
            for measure, percent in _PERCENTILES.items()
        },
        Measure.AHT: _ratio(int(np.sum(handle[handle >= 0])), _count(handle >= 0), 1000),
        Measure.OCCUPANCY: occupancy,
    }


def _count(marked: npt.NDArray[np.bool_]) -> int:
    return int(np.count_nonzero(marked))


def _ratio(numerator: int, denominator: int, unit: int = 1) -> float | None:
    return numerator / denominator / unit if denominator else None
