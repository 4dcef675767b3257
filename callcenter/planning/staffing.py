"""Staffing: how many agents the calls of a week need, out of the past or of numbers that are given."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import StringIO

from callcenter.planning.past import mean_handle_s
from callcenter.recorded_calls import RecordedCall
from simulation.day_staff import MOST_ROUNDS, Expected, TriedDay, Work, tried_day
from simulation.durations import Constant, Duration, Empirical, Exponential, Never, Patience
from simulation.forecast import WEEKDAYS, Forecast
from simulation.scenario import minute_of_day
from simulation.staffing import Demand, WeekPlan, week_plan

USUAL_TARGET_S, USUAL_LEVEL = 20.0, 0.8
MOST_CALLS_PER_ROUND = 1_500_000
"""Calls of a week times replications: half a minute of one processor."""
_COLUMNS = ("weekday", "time", "calls")


class Unanswerable(Exception):
    """There is no answer to this question; the text says why, ``cure`` what to ask instead."""

    def __init__(self, code: str, what: str, cure: str) -> None:
        super().__init__(what)
        self.code, self.what, self.cure = code, what, cure


def handled_s(asked: float | None, calls: Iterable[RecordedCall]) -> float | None:
    """The mean handle time: what is asked, else that of the calls; None where nobody knows it."""
    return asked if asked is not None else mean_handle_s(calls)


@dataclass(frozen=True, slots=True)
class Week:
    """The staff of a week by Erlang's formula, and each day as it was tried by simulation."""

    formula: WeekPlan
    days: dict[str, TriedDay]

    @property
    def falls_short(self) -> bool:
        """Whether some interval is known to miss its target still."""
        demand = self.formula.demand
        return any(_misses(expected, demand) for day in self.days.values() for expected in day.intervals)


def tried_week(
    expected: Forecast,
    demand: Demand,
    work: Work,
    seed: int,
    replications: int,
    progress: Callable[[float], None],
) -> Week:
    """The staff of the week, day by day. ``progress`` is told how far it is, from 0 to 1, as far as that can
    be known. Raises Unanswerable for too many calls, ValueError for a demand out of its bounds."""
    calls = sum(map(sum, expected.calls.values()))
    if calls * replications > MOST_CALLS_PER_ROUND:
        raise Unanswerable(
            "too_much",
            f"{calls:,.0f} calls a week, simulated {replications} times, are more than can be tried here.",
            "Ask for fewer replications, or for one queue.",
        )
    plan = week_plan(expected, demand)
    days: dict[str, TriedDay] = {}
    for number, (weekday, staff) in enumerate(plan.staff.items()):
        told = 0

        def tick(began: float = number / len(plan.staff)) -> None:
            nonlocal told
            told += 1
            # A day is seldom tried more than twice.
            within = min(told / (2 * replications), 0.5 + told / (2 * MOST_ROUNDS * replications))
            progress(began + min(within, 1) / len(plan.staff))

        agents = [each.agents for each in staff]
        days[weekday] = tried_day(
            expected.calls[weekday], agents, expected.interval_min, demand, work, seed, replications, tick
        )
    progress(1.0)
    return Week(plan, days)


def work_of(
    demand: Demand, calls: Iterable[RecordedCall], rings_ms: Iterable[int], *, handle_given: bool
) -> Work:
    """The calls as they were handled; exponential with the mean of the demand where that is given."""
    handled = () if handle_given else tuple(
        call.handle_ms / 1000 for call in calls if call.handle_ms is not None
    )  # fmt: skip
    handle: Duration = Empirical(values_sec=handled) if handled else Exponential(mean_sec=demand.handle_s)
    rings = tuple(ms / 1000 for ms in rings_ms)
    ring: Duration = Empirical(values_sec=rings) if rings else Constant(sec=0)
    patience: Patience = Never() if demand.patience_s is None else Exponential(mean_sec=demand.patience_s)
    return Work(handle, patience, ring)


def read_arrivals(text: str, interval_min: int) -> Forecast:
    """The calls by weekday and interval, of a CSV file with the columns weekday, time and calls; a time that
    is not there brings none. Raises Unanswerable naming every line that is wrong."""
    rows = csv.reader(StringIO(text.lstrip("\ufeff")))
    header = [name.strip().lower() for name in next(rows, [])]
    if sorted(header) != sorted(_COLUMNS):
        told = f"its first line must name the columns {','.join(_COLUMNS)}"
        raise Unanswerable("bad_arrivals", f"line 1: {told}", "Correct the file and ask again.")
    wrong: list[str] = []
    found: dict[str, list[float]] = {}
    for number, row in enumerate(rows, 2):
        if not any(cell.strip() for cell in row):
            continue
        try:
            weekday, minute, calls = _arrival(dict(zip(header, map(str.strip, row), strict=True)))
        except ValueError as error:
            wrong.append(f"line {number}: {error}")
            continue
        day = found.setdefault(weekday, [0.0] * (1440 // interval_min))
        day[minute // interval_min] += calls
    if not found and not wrong:
        wrong.append("there is no line with calls")
    if wrong:
        raise Unanswerable("bad_arrivals", "; ".join(wrong[:10]), "Correct the file and ask again.")
    return Forecast(interval_min, {name: tuple(found[name]) for name in WEEKDAYS if name in found})


def _arrival(row: dict[str, str]) -> tuple[str, int, float]:
    weekday = row["weekday"].lower()
    if weekday not in WEEKDAYS:
        raise ValueError(f"no weekday; there are: {', '.join(WEEKDAYS)}")
    minute, calls = minute_of_day(row["time"].zfill(5)), float(row["calls"])
    if minute == 1440:
        raise ValueError("the last time of a day is before 24:00")
    if not 0 <= calls <= 100_000:
        raise ValueError("calls must be from 0 to 100,000")
    return weekday, minute, calls


def _misses(expected: Expected, demand: Demand) -> bool:
    level = expected.service_level
    return level is not None and level.ci95 is not None and level.ci95[1] < demand.level
