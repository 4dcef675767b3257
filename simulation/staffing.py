"""Staffing: how many agents a load needs, by Erlang C or, with impatient callers, Erlang A."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from simulation.erlang import SteadyState, steady_state
from simulation.forecast import Forecast


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked of the staff: ``level`` of the calls answered within ``target_s``.

    ``level`` is of all calls offered (service level, abandons negative), so that losing callers is no way to
    reach it. ``max_occupancy`` caps how busy agents may be; ``shrinkage`` is the share of paid time in which
    an agent takes no calls, for which more must be scheduled. ``answered``: so large a share of the callers
    must not give up (of which only a patience can tell).
    """

    handle_s: float
    target_s: float = 20.0
    level: float = 0.8
    patience_s: float | None = None
    max_occupancy: float = 1.0
    shrinkage: float = 0.0
    answered: float = 0.0

    def scheduled(self, agents: int) -> int:
        """How many are paid so that so many take calls."""
        # Without the rounding, 27 / (1 - 0.1) would be a hair above 30.
        return math.ceil(round(agents / (1 - self.shrinkage), 9))


@dataclass(frozen=True, slots=True)
class Staff:
    """``agents`` must take calls, ``scheduled`` be paid; ``state`` is what theory promises of it."""

    calls_per_hour: float
    load: float
    agents: int
    scheduled: int
    state: SteadyState

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "calls_per_hour": self.calls_per_hour,
            "load": self.load,
            "agents": self.agents,
            "scheduled": self.scheduled,
            **self.state.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class WeekPlan:
    """The staff of each interval by weekday, as in the Forecast that it was made of."""

    demand: Demand
    interval_min: int
    staff: Mapping[str, tuple[Staff, ...]]

    def to_dict(self) -> dict[str, Any]:
        """JSON-able; an interval is named by its first minute."""
        return {
            "demand": asdict(self.demand),
            "interval_min": self.interval_min,
            "staff": {
                weekday: [
                    {"begins": begins(index, self.interval_min), **staff.to_dict()}
                    for index, staff in enumerate(day)
                ]
                for weekday, day in self.staff.items()
            },
        }


def staff_for(calls_per_hour: float, demand: Demand) -> Staff:
    """The fewest agents who keep the demand in a steady state; none for no calls.

    More agents never lower the service level, so that they are found by doubling and halving. ValueError for
    figures out of their bounds: level and max_occupancy above 0, level below 1 and max_occupancy at most 1,
    shrinkage and answered from 0 to below 1, calls and target at least 0, times above 0.
    """
    _check(calls_per_hour, demand)
    load = calls_per_hour / 3600 * demand.handle_s
    if not load:
        return Staff(calls_per_hour, 0.0, 0, 0, SteadyState(0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0))

    def state(agents: int) -> SteadyState:
        return steady_state(load, agents, demand.handle_s, demand.target_s, demand.patience_s)

    def is_enough(agents: int) -> bool:
        found = state(agents)
        kept = found.service_level_abandons_negative >= demand.level
        kept = kept and 1 - found.abandonment >= demand.answered
        return kept and found.occupancy <= demand.max_occupancy

    enough = max(1, math.ceil(load))
    while not is_enough(enough):
        enough *= 2
    too_few = 0
    while enough - too_few > 1:
        middle = (enough + too_few) // 2
        too_few, enough = (too_few, middle) if is_enough(middle) else (middle, enough)
    return Staff(calls_per_hour, load, enough, demand.scheduled(enough), state(enough))


def week_plan(expected: Forecast, demand: Demand) -> WeekPlan:
    """The staff of every interval of the forecast, each as if its load had always been there (the stationary
    approximation, SIPP; L. Green, P. Kolesar, J. Soares, Operations Research 49 (2001))."""
    per_hour = 60 / expected.interval_min
    return WeekPlan(
        demand,
        expected.interval_min,
        {
            weekday: tuple(staff_for(calls * per_hour, demand) for calls in day)
            for weekday, day in expected.calls.items()
        },
    )


def begins(index: int, interval_min: int) -> str:
    """The time of day at which the interval begins, ``08:30``."""
    hour, minute = divmod(index * interval_min, 60)
    return f"{hour:02}:{minute:02}"


def _check(calls_per_hour: float, demand: Demand) -> None:
    bounds = (
        ("calls", calls_per_hour >= 0, "at least 0"),
        ("aht", demand.handle_s > 0, "above 0"),
        ("target", demand.target_s >= 0, "at least 0"),
        ("level", 0 < demand.level < 1, "above 0 and below 1"),
        ("patience", demand.patience_s is None or demand.patience_s > 0, "above 0"),
        ("max occupancy", 0 < demand.max_occupancy <= 1, "above 0 and at most 1"),
        ("shrinkage", 0 <= demand.shrinkage < 1, "at least 0 and below 1"),
        ("answered", 0 <= demand.answered < 1, "at least 0 and below 1"),
    )
    if wrong := [f"{name} must be {bound}" for name, is_right, bound in bounds if not is_right]:
        raise ValueError("; ".join(wrong))
