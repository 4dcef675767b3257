"""`callcenter staffing`: how many agents are needed, by Erlang C or, with impatient callers, Erlang A."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from callcenter.cli.estimates_table import console, write_json
from callcenter.cli.failure import Failure
from callcenter.cli.past import read_past
from callcenter.cli.staff_plot import draw
from callcenter.cli.wall_clock import instant, time_zone
from callcenter.places import Places
from callcenter.planning.past import calls_of
from callcenter.planning.staffing import USUAL_LEVEL, USUAL_TARGET_S, handled_s
from callcenter.recorded_calls import RecordedCall
from callcenter.settings import Settings
from located_yaml import Mistake, Mistakes, did_you_mean
from simulation.forecast import Forecast, forecast, read_forecast
from simulation.staffing import Demand, Staff, WeekPlan, begins, staff_for, week_plan


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of the command, as given."""

    begin: str | None = None
    end: str | None = None
    forecast: Path | None = None
    calls: float | None = None
    queue: str | None = None
    aht_s: float | None = None
    target_s: float | None = None
    level: float | None = None
    patience_s: float | None = None
    max_occupancy: float = 1.0
    shrinkage: float = 0.0
    answered: float = 0.0
    interval_min: int = 30
    plot: Path | None = None


async def plan_staff(settings: Settings, places: Places, asked: Asked, *, as_json: bool) -> None:
    """Print (and draw) the staff that the forecast needs; a forecast is read from a file, or is the mean of
    what the journal recorded, or is one number of calls per hour."""
    if sum((asked.calls is not None, asked.forecast is not None, asked.begin is not None)) != 1:
        raise Failure("what load? -> give one of --calls PER_HOUR, --forecast FILE, or --from and --to")
    if asked.calls is not None and asked.plot is not None:
        raise Failure("--plot draws the intervals of a week, and --calls is one load -> give --forecast FILE")
    if asked.queue is not None and asked.queue not in settings.queues:
        near = did_you_mean(asked.queue, settings.queues) or f"; there are: {', '.join(settings.queues)}"
        raise Failure(f"no queue '{asked.queue}'{near} -> give another --queue")
    try:
        if asked.calls is not None:
            _tell_one(staff_for(asked.calls, _demand(settings, asked, ())), settings, asked, as_json=as_json)
            return
        expected, recorded = await _expected(settings, places, asked)
        plan = week_plan(expected, _demand(settings, asked, recorded))
    except ValueError as error:
        raise Failure(f"{error} -> give other figures") from None
    if asked.plot is not None:
        draw(plan, asked.plot)
    if as_json:
        write_json({"queue": asked.queue, **plan.to_dict()})
    else:
        _tell_week(plan)


async def _expected(
    settings: Settings, places: Places, asked: Asked
) -> tuple[Forecast, tuple[RecordedCall, ...]]:
    if asked.forecast is not None:
        try:
            source = asked.forecast.read_bytes()
        except OSError as error:
            told = f"cannot be read: {error.strerror}"
            raise Mistakes([Mistake(str(asked.forecast), 1, 1, (), told)]) from error
        return read_forecast(source, str(asked.forecast)), ()
    if asked.begin is None or asked.end is None:
        raise Failure("a past period has a beginning and an end -> give --from and --to")
    since, until = instant(asked.begin, "--from", settings), instant(asked.end, "--to", settings)
    past = await read_past(settings, places, since, until)
    calls = calls_of(past, asked.queue)
    arrivals = (call.queued_at for call in calls)
    return forecast(arrivals, since, until, time_zone(settings), asked.interval_min), calls


def _demand(settings: Settings, asked: Asked, recorded: tuple[RecordedCall, ...]) -> Demand:
    """What is not given is that of the queue in the settings, or of the recorded calls."""
    queue = None if asked.queue is None else settings.queues[asked.queue]
    target_s, level, aht_s = asked.target_s, asked.level, asked.aht_s
    if target_s is None:
        target_s = USUAL_TARGET_S if queue is None else float(queue.answer_within_sec)
    if level is None:
        level = USUAL_LEVEL if queue is None else queue.service_level_target
    aht_s = handled_s(aht_s, recorded)
    if aht_s is None:
        raise Failure("nobody knows how long calls are handled -> give --aht SECONDS")
    return Demand(
        aht_s, target_s, level, asked.patience_s, asked.max_occupancy, asked.shrinkage, asked.answered
    )


# --- words ------------------------------------------------------------------------------------------------


def _tell_one(staff: Staff, settings: Settings, asked: Asked, *, as_json: bool) -> None:
    if as_json:
        demand = _demand(settings, asked, ())
        write_json({"queue": asked.queue, "demand": asdict(demand), **staff.to_dict()})
        return
    table = Table("", "", show_header=False)
    for name, value in _row(staff).items():
        table.add_row(name, value)
    console().print(table)


def _row(staff: Staff) -> Mapping[str, str]:
    state: Mapping[str, Any] = staff.state.to_dict()
    return {
        "calls per hour": f"{staff.calls_per_hour:,.1f}",
        "load in erlangs": f"{staff.load:.2f}",
        "agents": f"{staff.agents:,}",
        "scheduled, with shrinkage": f"{staff.scheduled:,}",
        "service level (of all calls)": f"{state['service_level_abandons_negative']:.2%}",
        "service level (of the answered)": f"{state['service_level']:.2%}",
        "probability of waiting": f"{state['wait_probability']:.2%}",
        "mean wait of the answered": "-" if state["asa_s"] is None else f"{state['asa_s']:.1f} s",
        "abandonment": f"{state['abandonment']:.2%}",
        "occupancy": f"{state['occupancy']:.2%}",
    }


def _tell_week(plan: WeekPlan) -> None:
    demand = plan.demand
    theory = "Erlang C" if demand.patience_s is None else f"Erlang A, patience {demand.patience_s:g} s"
    console().print(
        f"Agents to schedule for {demand.level:.0%} within {demand.target_s:g} s, handle time "
        f"{demand.handle_s:.0f} s, shrinkage {demand.shrinkage:.0%} ({theory}); in brackets: calls"
    )
    table = Table("")
    for weekday in plan.staff:
        table.add_column(weekday, justify="right")
    longest = max(map(len, plan.staff.values()), default=0)
    for index in range(longest):
        cells = [_cell(day, index, plan.interval_min) for day in plan.staff.values()]
        if any(cells):
            table.add_row(begins(index, plan.interval_min), *cells)
    console().print(table)


def _cell(day: tuple[Staff, ...], index: int, interval_min: int) -> str:
    if index >= len(day) or not day[index].agents:
        return ""
    return f"{day[index].scheduled} ({day[index].calls_per_hour * interval_min / 60:.0f})"
