"""Staffing and forecast."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from located_yaml import Mistakes
from simulation.forecast import forecast, read_forecast
from simulation.staffing import Demand, staff_for, week_plan

ZONE = "Asia/Shanghai"
HOUR_MS = 3_600_000


def _at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).timestamp() * 1000)


def test_forecast_is_the_mean_over_the_weeks_seen() -> None:
    """Three Mondays seen, two with calls; the Tuesday is seen twice."""
    arrivals = [
        *(_at("2026-11-02T08:10") + index for index in range(4)),
        *(_at("2026-11-09T08:59:59.999") - index for index in range(2)),
        _at("2026-11-03T23:30"),
    ]
    found = forecast(arrivals, _at("2026-11-02"), _at("2026-11-17"), ZONE, 60)
    assert found.calls["mon"][8] == pytest.approx(6 / 3)
    assert found.calls["tue"][23] == pytest.approx(1 / 2)
    assert sum(map(sum, found.calls.values())) == pytest.approx(2.5)
    assert list(found.calls) == ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def test_forecast_counts_only_intervals_seen_whole() -> None:
    """A period that begins at 08:30 says nothing about the hour from 08:00."""
    since = _at("2026-11-02T08:30")
    arrivals = [_at("2026-11-02T08:45"), _at("2026-11-02T09:15"), _at("2026-11-02T10:15")]
    found = forecast(arrivals, since, _at("2026-11-02T10:30"), ZONE, 60)
    assert list(found.calls) == ["mon"]
    assert {index: calls for index, calls in enumerate(found.calls["mon"]) if calls} == {9: 1.0}


def test_forecast_needs_intervals_that_divide_a_day() -> None:
    """Seven minutes do not."""
    with pytest.raises(ValueError, match="7 min does not divide a day"):
        forecast([], 0, 1, ZONE, 7)


def test_forecast_file_tells_all_mistakes_at_once() -> None:
    """Each with line and column."""
    with pytest.raises(Mistakes) as refused:
        read_forecast("interval_min: 600\ncalls:\n  mom: [1, 2, 3]\n", "f.yaml")
    assert str(refused.value).splitlines() == [
        "f.yaml:3:3: calls.mom: no weekday 'mom'; did you mean 'mon'?",
        "f.yaml:3:8: calls.mom: 3 intervals of 600 min are more than a day",
    ]
    assert read_forecast("calls: {sun: [1], mon: [2.5]}", "f.yaml").calls == {"mon": (2.5,), "sun": (1.0,)}


def test_staff_is_the_least_that_suffices() -> None:
    """One agent fewer would miss the level, with and without impatience."""
    for patience in (None, 90.0):
        demand = Demand(handle_s=200, target_s=15, level=0.9, patience_s=patience)
        staff = staff_for(300, demand)
        assert staff.state.service_level_abandons_negative >= 0.9
        assert staff_for(300, Demand(200, 15, 0.9, patience)).agents == staff.agents
        fewer = staff.agents - 1
        from simulation.erlang import steady_state

        assert steady_state(staff.load, fewer, 200, 15, patience).service_level_abandons_negative < 0.9


def test_occupancy_and_shrinkage() -> None:
    """Nobody works more than allowed, and who is away is replaced: 27 at work of 30 paid, exactly."""
    demand = Demand(handle_s=180, max_occupancy=0.7, shrinkage=0.1)
    staff = staff_for(378, demand)
    assert (staff.agents, staff.scheduled) == (27, 30)
    assert staff.state.occupancy == pytest.approx(0.7)


def test_no_calls_need_nobody() -> None:
    """And are all answered."""
    staff = staff_for(0, Demand(180))
    assert (staff.agents, staff.scheduled, staff.state.service_level) == (0, 0, 1.0)


def test_impossible_demands_are_told_together() -> None:
    """All of them."""
    with pytest.raises(ValueError, match="aht must be above 0; level must be above 0 and below 1"):
        staff_for(10, Demand(handle_s=0, level=1.0))


def test_week_plan_follows_the_forecast() -> None:
    """Each interval by its own load, named by its first minute."""
    expected = read_forecast("{interval_min: 30, calls: {mon: [0, 100, 50]}}", "f.yaml")
    plan = week_plan(expected, Demand(handle_s=180))
    assert [staff.agents for staff in plan.staff["mon"]] == [0, 14, 8]
    first, second, _ = plan.to_dict()["staff"]["mon"]
    assert (first["begins"], second["begins"], second["calls_per_hour"]) == ("00:00", "00:30", 200.0)
