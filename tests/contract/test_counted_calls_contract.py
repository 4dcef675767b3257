"""LifeStore: the list behind a figure has as many calls as the figure says, on PostgreSQL and in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from embedded_stores import EmbeddedStores

from callcenter.adapters.postgres.journal_store import PostgresJournalStore
from callcenter.adapters.postgres.lives import PostgresLives
from callcenter.adapters.postgres.pool import Database
from callcenter.call_search import CallPlace
from callcenter.domain import events as e
from callcenter.domain.codec import journal_entries
from callcenter.domain.events import QueueOutcome as Q
from callcenter.domain.kpi import TOTAL, KpiBoard, KpiPolicy
from callcenter.domain.kpi_calls import FigurePart, Term, countable, figures_in, number_of
from callcenter.figures import service as service_module
from callcenter.figures.model import CountedCall
from callcenter.figures.service import FigureService, LifeStore
from callcenter.preview.past import QUEUES, MadeUpPast
from callcenter.reports.service import ReportService
from callcenter.reports.store import MemoryReportStore
from callcenter.web.memory_history import MemoryHistory

ZONE = "Asia/Shanghai"
POLICY = KpiPolicy({TOTAL: 15_000}, ZONE)
MIDNIGHT = int(datetime(2026, 3, 2, tzinfo=ZoneInfo(ZONE)).timestamp() * 1000)
MINUTE_MS = 60_000
NOW = MIDNIGHT + 5 * 60 * MINUTE_MS


def arrived(at: int, call_id: str) -> e.CallArrived:
    return e.CallArrived(at, call_id, "l", "city", "12345", "138", "138", "", False, "zh", "hotline")


def beside_the_callers() -> list[e.DomainEvent]:
    """A wait over midnight that overflows twice, a promise, a call of an agent, thresholds that change."""
    late, noon = MIDNIGHT - MINUTE_MS, MIDNIGHT + 3 * 60 * MINUTE_MS
    return [
        e.KpiPolicyInForce(MIDNIGHT - 60 * MINUTE_MS, {TOTAL: 15_000}, ZONE),
        arrived(late, "over"),
        e.CallQueued(late, "over", "complaint", late, 0),
        e.QueueLeft(MIDNIGHT + 5, "over", "complaint", Q.OVERFLOW_TIMEOUT, MINUTE_MS + 5),
        e.CallQueued(MIDNIGHT + 5, "over", "general", late, 0),
        e.QueueLeft(MIDNIGHT + 9, "over", "general", Q.OVERFLOW_FULL, MINUTE_MS + 9),
        e.CallQueued(MIDNIGHT + 9, "over", "complaint", late, 0),
        e.QueueLeft(MIDNIGHT + 12_000, "over", "complaint", Q.KEY_EXIT, 72_000),
        e.CallEnded(MIDNIGHT + 20_000, "over", e.EndedBy.CALLER, "normal"),
        e.CallDialledOut(noon, "out", "1001", "a", "139", "12345", "city", "general", "zh"),
        e.AgentConnected(noon + 900, "out", "1001", "a", "general"),
        e.AgentReleased(noon + 9_000, "out", "1001", "general", 8_000, 0),
        e.CallEnded(noon + 9_001, "out", e.EndedBy.CALLER, "normal"),
        e.CallBackPromised(
            *(late, "back", "over", "138", "", "city", "12345", "zh", "hotline", "general", late, 0, NOW),
        ),
        e.CallQueued(late, "back", "general", late, 0, virtual=True),
        e.AgentConnected(noon + 10_000, "back", "1002", "a", "general"),
        e.CallEnded(noon + 60_000, "back", e.EndedBy.CALLER, "normal"),
        e.KpiPolicyInForce(noon + MINUTE_MS, {TOTAL: 9_000, "korean": 2_000}, ZONE),
        arrived(NOW - 9_000, "waits"),
        e.CallQueued(NOW - 8_000, "waits", "general", NOW - 8_000, 0),
    ]


def the_day() -> list[e.DomainEvent]:
    """What happened from the evening before on, in the order in which it happened."""
    past = MadeUpPast(MIDNIGHT - 90 * MINUTE_MS, NOW + 60 * MINUTE_MS, 60)
    events = [*beside_the_callers(), *(event for life in past.lives() for event in life)]
    return sorted((event for event in events if event.at <= NOW), key=lambda event: event.at)


DAY = the_day()


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
async def lives(request: pytest.FixtureRequest) -> AsyncIterator[LifeStore]:
    """A record that has heard of the day."""
    if request.param == "memory":
        yield MemoryHistory(DAY)
        return
    running: EmbeddedStores = request.getfixturevalue("stores")
    database = Database(await running.new_database())
    await PostgresJournalStore(database).ship(journal_entries(1, DAY))
    yield PostgresLives(database)
    await database.close()


def asking(lives: LifeStore) -> FigureService:
    return FigureService(lives, ReportService(MemoryReportStore(POLICY), ZONE), POLICY, lambda: NOW)


async def test_a_list_is_as_long_as_its_figure(lives: LifeStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every number of every queue and of the whole, however the pages of the list fall."""
    monkeypatch.setattr(service_module, "LIVES_AT_A_TIME", 25)
    board = KpiBoard(POLICY)
    for event in DAY:
        board.apply(event)
    figures, told = asking(lives), 0
    for scope in (TOTAL, *QUEUES):
        for figure in figures_in(board, scope, NOW):
            for part in countable(figure):
                asked = FigurePart(scope, figure.key, part)
                found = await figures.calls(asked, None, 10_000)
                assert sum(call.times for call in found.calls) == number_of(figure, part), asked
                assert not found.more
                told += bool(found.calls)
    assert told > 80


async def test_pages_follow_each_other(lives: LifeStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Newest first, each call once, however many a page has."""
    monkeypatch.setattr(service_module, "LIVES_AT_A_TIME", 7)
    figures, asked = asking(lives), FigurePart(TOTAL, "offered", Term.VALUE)
    whole = (await figures.calls(asked, None, 10_000)).calls
    assert [call.times for call in whole if call.line.call_id == "over"] == [3]
    assert [call.place for call in whole] == sorted((call.place for call in whole), reverse=True)
    paged: list[CountedCall] = []
    before: CallPlace | None = None
    for _ in range(len(whole)):
        page = await figures.calls(asked, before, 9)
        paged += page.calls
        before = page.calls[-1].place
        if not page.more:
            break
    assert paged == list(whole)
