"""Answers a Task: reads the past, simulates, and says what is known."""

from __future__ import annotations

import math
from datetime import datetime

from callcenter.domain.kpi_catalogue import KpiUnit
from callcenter.journal_reading import JournalUnread, reading
from callcenter.planning.past import (
    DAY_MS,
    TooManyCalls,
    calls_of,
    folded,
    mean_patience_s,
    recorded_figures,
    stored_span,
)
from callcenter.planning.staffing import (
    USUAL_LEVEL,
    USUAL_TARGET_S,
    Unanswerable,
    Week,
    handled_s,
    read_arrivals,
    tried_week,
    work_of,
)
from callcenter.planning.task import Progress, Task, changed, shifts_of
from callcenter.planning.what_if import Period, staffed
from callcenter.recorded_calls import RecordedCall, RecordedCalls
from callcenter.web import wire_planning as wire
from callcenter.web.wire import instant
from simulation.confidence import Estimate
from simulation.day_staff import Expected
from simulation.forecast import Forecast, forecast
from simulation.measures import FORMULAS, Measure
from simulation.staffing import Demand, begins
from simulation.study import Estimates, study
from simulation.whatif import change

MOST_CALLS = 300_000
"""Of a past that is looked at."""
MOST_SIMULATED = 3_000_000
"""Calls times replications, on both sides: about two minutes of one processor."""
FEW_CALLS, FEW_DAYS = 200, 14
"""With fewer the answer is told with a note."""
_HIGHER = frozenset(
    {Measure.ANSWERED, Measure.SERVICE_LEVEL, Measure.NEGATIVE, Measure.LEFT_OUT, Measure.POSITIVE}
)
_NEITHER = frozenset({Measure.OFFERED, Measure.SHORT_ABANDONED, Measure.AHT, Measure.OCCUPANCY})
_LEFT_OUT = frozenset({Measure.REPEATED, Measure.TRANSFERRED, Measure.WAITING})
"""Of past callers: they are never sent on or call again but as they did."""
_COUNTS = frozenset(
    {Measure.OFFERED, Measure.ANSWERED, Measure.ABANDONED, Measure.SHORT_ABANDONED, Measure.OVERFLOWED}
)
Note = wire.PlanningNote


async def answered(task: Task, progress: Progress) -> wire.StaffingAnswer | wire.WhatIfAnswer:
    """The answer. Raises Unanswerable."""
    try:
        if task.staffing is not None:
            return await _staffing(task, task.staffing, progress)
        assert task.what_if is not None
        return await _what_if(task, task.what_if, progress)
    except JournalUnread as unread:
        what, _, cure = str(unread).partition(" -> ")
        raise Unanswerable("journal_unread", what, cure) from unread
    except ValueError as error:
        raise Unanswerable("bad_request", str(error), "Ask for other figures.") from error


async def _past(task: Task, since: int, until: int) -> RecordedCalls:
    source, span = task.source, stored_span(since, until)
    try:
        async with reading(source.journal, source.database_url, since, RecordedCalls.KINDS, span) as told:
            past = await folded(told, since, until, MOST_CALLS)
    except TooManyCalls:
        raise Unanswerable(
            "too_much", f"More than {MOST_CALLS:,} calls came in that time.", "Choose a shorter time."
        ) from None
    if not past.calls:
        raise Unanswerable("no_calls", "No call was queued in that time.", "Choose another time.")
    return past


# --- staffing ----------------------------------------------------------------------------------------------


async def _staffing(task: Task, asked: wire.StaffingRequest, progress: Progress) -> wire.StaffingAnswer:
    notes: list[Note] = []
    calls: tuple[RecordedCall, ...] = ()
    rings_ms: list[int] = []
    if asked.arrivals is not None:
        expected = read_arrivals(asked.arrivals, asked.interval_min)
    else:
        assert asked.since is not None
        assert asked.until is not None
        since, until = _at(asked.since), _at(asked.until)
        past = await _past(task, since, until)
        calls, rings_ms = calls_of(past, asked.queue), past.rings_ms
        if not calls:
            raise Unanswerable("no_calls", "No call was queued there in that time.", "Choose another time.")
        arrivals = (call.queued_at for call in calls)
        expected = forecast(arrivals, since, until, task.time_zone, asked.interval_min)
        notes += [Note.FEW_CALLS] * (len(calls) < FEW_CALLS)
        notes += [Note.FEW_WEEKS] * (until - since < FEW_DAYS * DAY_MS)
    demand = _demand(task, asked, calls)
    if asked.handle_s is not None:
        notes.append(Note.HANDLING_GIVEN)
    if asked.gives_up and demand.patience_s is None:
        notes.append(Note.NOBODY_GAVE_UP)
    work = work_of(demand, calls, rings_ms, handle_given=asked.handle_s is not None)
    week = tried_week(expected, demand, work, asked.seed, asked.replications, progress)
    if week.falls_short:
        notes.append(Note.FALLS_SHORT)
    return wire.StaffingAnswer(
        queue=asked.queue,
        interval_min=asked.interval_min,
        past_calls=len(calls) if asked.arrivals is None else None,
        handle_s=demand.handle_s,
        target_s=demand.target_s,
        level=demand.level,
        answer_rate=demand.answered,
        patience_s=demand.patience_s,
        max_occupancy=demand.max_occupancy,
        shrinkage=demand.shrinkage,
        replications=asked.replications,
        seed=asked.seed,
        notes=notes,
        days=_days(expected, week),
    )


def _demand(task: Task, asked: wire.StaffingRequest, calls: tuple[RecordedCall, ...]) -> Demand:
    """What is not given is that of the queue, or of the past calls."""
    queue = task.arrangement.queues.get(asked.queue or "")
    handle_s = handled_s(asked.handle_s, calls)
    if handle_s is None:
        raise Unanswerable("no_handling", "Nobody knows how long calls are handled.", "Give handle_s.")
    target_s, level, patience_s = asked.target_s, asked.level, asked.patience_s
    if target_s is None:
        target_s = USUAL_TARGET_S if queue is None else float(queue.answer_within_sec)
    if level is None:
        level = USUAL_LEVEL if queue is None else min(task.levels[asked.queue or ""], 0.99)
    if not asked.gives_up:
        patience_s = None
    elif patience_s is None:
        patience_s = mean_patience_s(calls)
    return Demand(
        handle_s, target_s, level, patience_s, asked.max_occupancy, asked.shrinkage, asked.answer_rate or 0.0
    )


def _days(expected: Forecast, week: Week) -> list[wire.PlannedDay]:
    demand, hours = week.formula.demand, expected.interval_min / 60
    days: list[wire.PlannedDay] = []
    for weekday, tried in week.days.items():
        intervals = [
            wire.PlannedInterval(
                begins=begins(index, expected.interval_min),
                calls=expected.calls[weekday][index],
                load=staff.load,
                agents=tried.agents[index],
                scheduled=demand.scheduled(tried.agents[index]),
                formula_agents=staff.agents,
                formula_level=staff.state.service_level_abandons_negative,
                **_figures(tried.intervals[index]),
            )
            for index, staff in enumerate(week.formula.staff[weekday])
        ]
        days.append(
            wire.PlannedDay(
                weekday=weekday,
                calls=sum(expected.calls[weekday]),
                agent_hours=sum(interval.scheduled for interval in intervals) * hours,
                intervals=intervals,
                **_figures(tried.whole),
            )
        )
    return days


def _figures(expected: Expected) -> dict[str, wire.PlanningEstimate | None]:
    return {
        "service_level": _bounded(expected.service_level, least=0, most=1),
        "asa_s": _bounded(expected.asa_s, least=0),
        "abandonment": _bounded(expected.abandonment, least=0, most=1),
        "occupancy": _bounded(expected.occupancy, least=0, most=1),
    }


# --- what if -----------------------------------------------------------------------------------------------


async def _what_if(task: Task, asked: wire.WhatIfRequest, progress: Progress) -> wire.WhatIfAnswer:
    since, until = _at(asked.since), _at(asked.until)
    past = await _past(task, since, until)
    if len(past.calls) * asked.replications * 2 > MOST_SIMULATED:
        raise Unanswerable(
            "too_much",
            f"{len(past.calls):,} calls, {2 * asked.replications} times, are more than can be simulated.",
            "Choose a shorter time or fewer replications.",
        )
    period = Period(past, since, until, frozenset(task.arrangement.agents))
    before = period.plan(task.arrangement)
    after = staffed(
        period.plan(changed(task.arrangement, asked)),
        shifts_of(asked),
        since,
        task.time_zone,
        leaving=asked.absent,
        all_new=asked.all_new,
    )
    count = asked.replications
    first = study(before, asked.seed, count, lambda done: progress(done / count / 2))
    second = study(after, asked.seed, count, lambda done: progress(0.5 + done / count / 2))
    both = change(first, second)
    limits = task.arrangement.thresholds
    scopes = [
        _scope("", recorded_figures(past.calls, limits), both.before.total, both.after.total, both.total)
    ]
    for name, difference in both.queues.items():
        calls = [call for call in past.calls if call.queue == name]
        sides = both.before.queues[name], both.after.queues[name]
        if calls or any((each := side[Measure.OFFERED]) and each.mean for side in sides):
            scopes.append(_scope(name, recorded_figures(calls, limits), *sides, difference))
    notes = [Note.FEW_CALLS] * (len(past.calls) < FEW_CALLS)
    known = {wire.WhatIfVerdict.BETTER, wire.WhatIfVerdict.WORSE, wire.WhatIfVerdict.CHANGED}
    if not any(figure.verdict in known for figure in scopes[0].figures):
        notes.append(Note.NOTHING_KNOWN_CHANGED)
    return wire.WhatIfAnswer(
        since_at=instant(since),
        until_at=instant(until),
        past_calls=len(past.calls),
        replications=count,
        seed=asked.seed,
        notes=notes,
        scopes=scopes,
    )


def _scope(
    queue: str, recorded: dict[str, float | None], before: Estimates, after: Estimates, apart: Estimates
) -> wire.WhatIfScope:
    figures = []
    for measure in Measure:
        if measure in _LEFT_OUT:
            continue
        unit = _unit(measure)
        scale = 1000.0 if unit is KpiUnit.MS else 1.0
        most = 1.0 if unit is KpiUnit.RATIO else math.inf
        was = recorded.get(measure)
        figures.append(
            wire.WhatIfFigure(
                key=measure.removesuffix("_s") + "_ms" if unit is KpiUnit.MS else measure.value,
                unit=unit,
                formula=FORMULAS[measure],
                recorded=None if was is None else was * scale,
                before=_bounded(before[measure], scale, 0, most),
                after=_bounded(after[measure], scale, 0, most),
                difference=_bounded(apart[measure], scale),
                verdict=verdict(measure, apart[measure]),
            )
        )
    return wire.WhatIfScope(queue=queue, figures=figures)


def verdict(measure: Measure, difference: Estimate | None) -> wire.WhatIfVerdict:
    """What is known of the difference with 95 % confidence, and whether it is for the better."""
    if difference is None or difference.ci95 is None:
        return wire.WhatIfVerdict.UNKNOWN
    low, high = difference.ci95
    if low == high == 0:
        return wire.WhatIfVerdict.SAME
    if low <= 0 <= high:
        return wire.WhatIfVerdict.UNKNOWN
    if measure in _NEITHER:
        return wire.WhatIfVerdict.CHANGED
    is_better = (difference.mean > 0) == (measure in _HIGHER)
    return wire.WhatIfVerdict.BETTER if is_better else wire.WhatIfVerdict.WORSE


def _unit(measure: Measure) -> KpiUnit:
    if measure in _COUNTS:
        return KpiUnit.COUNT
    return KpiUnit.MS if measure.endswith("_s") else KpiUnit.RATIO


def _bounded(
    found: Estimate | None, scale: float = 1.0, least: float = -math.inf, most: float = math.inf
) -> wire.PlanningEstimate | None:
    """``least`` and ``most``: what the figure cannot leave, so that no interval says it might."""
    if found is None:
        return None
    low, high = found.ci95 or (None, None)
    return wire.PlanningEstimate(
        mean=found.mean * scale,
        low=None if low is None else max(low, least) * scale,
        high=None if high is None else min(high, most) * scale,
    )


def _at(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
