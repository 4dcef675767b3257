"""What lies behind figures: their calls over HTTP, the course of a day, and the days before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import ClientSession
from web_twin import NUMBER, T0, Twin, arrival, ended, queued

from callcenter.domain import events as e
from callcenter.domain.events import QueueOutcome as Q
from callcenter.domain.kpi import TOTAL, KpiBoard, KpiPolicy
from callcenter.domain.kpi_catalogue import KpiFigure, KpiUnit, queue_figures, total_figures
from callcenter.domain.kpi_ledger import QUARTER_MS, Scope
from callcenter.figures.model import Before, DayCells, compared, trend
from callcenter.figures.service import KEPT_MS, FigureService
from callcenter.reports.model import CellCounts, ReportWanted
from callcenter.reports.service import ReportService
from callcenter.reports.store import MemoryReportStore
from callcenter.settings.targets import aims_of_queue, target_problems
from callcenter.web.figures import kpi_on_wire
from callcenter.web.memory_history import MemoryHistory

ZONE = "Asia/Shanghai"
POLICY = KpiPolicy({TOTAL: 15_000}, ZONE)
MIDNIGHT = int(datetime(2026, 3, 9, tzinfo=ZoneInfo(ZONE)).timestamp() * 1000)
DAY_MS = 86_400_000
TEN = 10 * 3_600_000


def call(at: int, call_id: str, outcome: Q = Q.ANSWERED, wait_ms: int = 5_000) -> list[e.DomainEvent]:
    """One that waits so long in the queue."""
    return [
        e.CallArrived(at, call_id, "l", "t", "1", "2", "2", "", False, "zh", "f"),
        e.CallQueued(at, call_id, "general", at, 0),
        e.QueueLeft(at + wait_ms, call_id, "general", outcome, wait_ms),
        e.CallEnded(at + wait_ms, call_id, e.EndedBy.CALLER, "normal"),
    ]


class Asked(MemoryReportStore):
    """Counts how often the cells are asked for."""

    asked = 0

    def cells(self, wanted: ReportWanted) -> AsyncIterator[CellCounts]:
        self.asked += 1
        return super().cells(wanted)


class Looking:
    """A service at ten o'clock on a Monday, after these events."""

    def __init__(self, *lives: list[e.DomainEvent]) -> None:
        self.now = MIDNIGHT + TEN + 60_000
        events = sorted((event for life in lives for event in life), key=lambda event: event.at)
        self.store = Asked(POLICY, events)
        reports = ReportService(self.store, ZONE)
        self.service = FigureService(MemoryHistory(events), reports, POLICY, lambda: self.now)


async def test_the_course_of_today_and_of_a_week_ago() -> None:
    """Today as far as it is, the other day whole; each interval with its shares."""
    week = MIDNIGHT - 7 * DAY_MS
    looking = Looking(
        call(MIDNIGHT + TEN, "a"),
        call(MIDNIGHT + TEN - QUARTER_MS, "b", wait_ms=40_000),
        call(MIDNIGHT + TEN - 60_000, "c", Q.SHORT_ABANDONED, 1_000),
        call(week + 20 * 3_600_000, "old"),
    )
    day = await looking.service.day(TOTAL, 2 * QUARTER_MS)
    assert (len(day.today), len(day.week_ago or ())) == (21, 48)
    before, now = day.today[-2:]
    assert (now.offset_ms, now.offered, now.answered, now.service_level) == (TEN, 1, 1, 1.0)
    assert (before.offered, before.answered, before.abandoned) == (2, 1, 1)
    assert (before.service_level, before.answer_rate) == (0.0, 0.5)
    assert (day.today[0].offered, day.today[0].service_level, day.today[0].answer_rate) == (0, None, None)
    assert [point.offset_ms // 3_600_000 for point in day.week_ago or () if point.offered] == [20]


async def test_figures_beside_those_of_other_days_up_to_the_same_time() -> None:
    """Up to the last full quarter of an hour on every day; what is not known is not made up."""
    yesterday = MIDNIGHT - DAY_MS
    looking = Looking(
        call(MIDNIGHT + 3_600_000, "a"),
        call(MIDNIGHT + TEN + 1_000, "within the running quarter"),
        call(yesterday + 3_600_000, "y1", Q.ABANDONED, 20_000),
        call(yesterday + 3_700_000, "y2"),
        call(yesterday + TEN + 1_000, "after the time"),
    )
    day = await looking.service.day("general", QUARTER_MS)
    figures = {figure.key: figure for figure in day.figures}
    assert figures["offered"].today == 1
    offered = figures["offered"].days[Before.YESTERDAY]
    assert (offered.before, offered.change, offered.is_better) == (2, -1, None)
    rate = figures["abandonment_rate"].days[Before.YESTERDAY]
    assert (rate.before, rate.change, rate.is_better) == (0.5, -0.5, True)
    unknown = figures["offered"].days[Before.WEEK_AGO]
    assert (unknown.before, unknown.change, unknown.is_better) == (None, None, None)
    assert day.week_ago is None


async def test_a_quiet_queue_of_a_known_day_had_none() -> None:
    """A day on which the centre worked and nobody called the queue is 0, not unknown."""
    looking = Looking(call(MIDNIGHT - DAY_MS + 3_600_000, "y"))
    day = await looking.service.day("korean", QUARTER_MS)
    offered = next(figure for figure in day.figures if figure.key == "offered")
    assert offered.days[Before.YESTERDAY].before == 0
    assert offered.days[Before.WEEK_AGO].before is None


async def test_a_hundred_boards_ask_as_one() -> None:
    """What was told a moment ago serves the others; later it is counted anew."""
    looking = Looking(call(MIDNIGHT + 3_600_000, "a"))
    for _ in range(5):
        await looking.service.day(TOTAL, QUARTER_MS)
    once = looking.store.asked
    looking.now += KEPT_MS
    await looking.service.day(TOTAL, QUARTER_MS)
    assert (once, looking.store.asked) == (3, 6)


def test_small_changes_are_neither_good_nor_bad() -> None:
    """A third of a second of waiting is shown as no change, and so it is none."""

    def cells(began_at: int, wait_ms: int) -> DayCells:
        sparse = {"tally": {"offered": 1, "outcomes": {"answered": 1}, "answered_wait_ms": wait_ms}}
        return DayCells(began_at, [CellCounts(began_at, "", sparse)])

    days = {Before.YESTERDAY: cells(0, 4_000), Before.WEEK_AGO: DayCells(0, [])}
    for wait_ms, better in ((4_300, None), (2_000, True), (9_000, False)):
        told = compared(Scope.QUEUE, cells(DAY_MS, wait_ms), days, QUARTER_MS)
        asa = next(figure for figure in told if figure.key == "asa_ms")
        assert asa.days[Before.YESTERDAY].is_better is better
    assert trend(DayCells(0, []), 0, QUARTER_MS) == []


def test_targets_are_a_least_or_a_most() -> None:
    """Met from the side that is the better one."""

    def met(key: str, value: float | None, target: float | None) -> bool | None:
        figure = KpiFigure(key, value, KpiUnit.RATIO, "", target=target)
        return kpi_on_wire({TOTAL: [figure]})[0].target_met

    assert met("connect_rate", 0.95, 0.95)
    assert met("connect_rate", 0.94, 0.95) is False
    assert met("abandonment_rate", 0.05, 0.05)
    assert met("abandonment_rate", 0.06, 0.05) is False
    assert met("abandonment_rate", None, 0.05) is None
    assert met("occupancy", 0.5, None) is None


def test_targets_name_figures() -> None:
    """A queue's own go before its service level; of what does not exist the nearest is named."""
    aims = aims_of_queue(0.8, {"asa_ms": 10_000, "service_level": 0.9})
    assert (aims["service_level"], aims["service_level_abandons_negative"], aims["asa_ms"]) == (
        0.9,
        0.8,
        10_000,
    )
    problems = dict(target_problems({"conect_rate": 1}, {"general": {"connect_rate": 1}}))
    assert "connect_rate" in problems["targets", "conect_rate"]
    assert ("queues", "general", "targets", "connect_rate") in problems


# --- over HTTP ---------------------------------------------------------------------------------------------


@pytest.fixture
async def twin(tmp_path: Path) -> AsyncIterator[Twin]:
    """Two calls were answered, one of them in the second attempt; one still waits."""
    twin = Twin(tmp_path)
    events = [
        *(arrival("a"), queued("a"), e.QueueLeft(T0 + 1_000, "a", "general", Q.KEY_EXIT, 1_000)),
        *(queued("a"), e.QueueLeft(T0 + 5_000, "a", "general", Q.ANSWERED, 4_000), ended("a")),
        *(arrival("b"), queued("b"), e.QueueLeft(T0 + 9_000, "b", "general", Q.ANSWERED, 9_000)),
        *(arrival("c"), queued("c")),
    ]
    board = KpiBoard(POLICY)
    for event in events:
        twin.history.apply(event)
        twin.reports.apply(event)
        board.apply(event)
    twin.clock.now = T0 + 20_000
    async with twin.serving():
        twin.centre.figures = lambda: {
            TOTAL: total_figures(board, twin.clock()),
            "general": queue_figures(board.queues["general"], twin.clock()),
        }
        yield twin


async def counted(client: ClientSession, **asked: str) -> dict[str, Any]:
    async with client.get("/api/figures/calls", params=asked) as response:
        assert response.status == 200, await response.text()
        told: dict[str, Any] = await response.json()
        return told


async def test_the_calls_that_a_number_counts(twin: Twin) -> None:
    """Each with how often it counts, page by page; numbers are masked for whoever may not see them."""
    async with twin.caller("sue") as client:
        offered = await counted(client, key="offered", scope="general")
        assert {one["call"]["call_id"]: one["times"] for one in offered["calls"]} == {"a": 2, "b": 1, "c": 1}
        first = await counted(client, key="answered", limit="1")
        rest = await counted(client, key="answered", limit="1", before=first["next"])
        assert [page["calls"][0]["call"]["call_id"] for page in (first, rest)] == ["b", "a"]
        assert rest["next"] is None
        within = await counted(client, key="connected_within_15", part="denominator")
        assert len(within["calls"]) == 3
        assert within["calls"][0]["call"]["caller"] == NUMBER
    async with twin.caller("quinn") as client:
        assert NUMBER not in str(await counted(client, key="offered"))


@pytest.mark.parametrize(
    "asked",
    [{"key": "occupancy"}, {"key": "asa_ms", "part": "numerator"}, {"key": "offered", "scope": "none"}],
)
async def test_what_counts_no_calls_opens_no_list(twin: Twin, asked: dict[str, str]) -> None:
    """Times, figures and queues that do not exist are refused, and it is said where to look."""
    async with twin.caller("sue") as client, client.get("/api/figures/calls", params=asked) as response:
        assert response.status == 404


async def test_the_day_over_http(twin: Twin) -> None:
    """Everybody who sees the wallboard sees it; of a queue that does not exist nothing is told."""
    async with twin.caller("amy") as client:
        async with client.get("/api/figures/day", params={"scope": "general", "minutes": "15"}) as response:
            told = await response.json()
        assert (told["time_zone"], told["step_ms"], told["week_ago"]) == (ZONE, QUARTER_MS, None)
        assert sum(point["offered"] for point in told["today"]) == 4
        async with client.get("/api/figures/day", params={"scope": "nowhere"}) as response:
            assert response.status == 404
