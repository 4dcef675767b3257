"""ReportStore: what is counted follows the journal exactly once, and reports are made of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from embedded_stores import EmbeddedStores
from ledger_sums import counted

from callcenter.adapters.postgres.journal_store import PostgresJournalStore
from callcenter.adapters.postgres.pool import Database
from callcenter.domain import events as e
from callcenter.domain.codec import journal_entries
from callcenter.domain.kpi import TOTAL, KpiBoard, KpiPolicy
from callcenter.domain.kpi_ledger import QUARTER_MS, Counts, Scope, Sparse
from callcenter.preview.past import DAY_MS, MadeUpPast
from callcenter.reports import store as store_module
from callcenter.reports.model import HOUR_MS, Interval, ReportRow, ReportWanted, figures_of
from callcenter.reports.service import ReportService, ReportStore
from callcenter.reports.store import MemoryReportStore, PostgresReportStore

ZONE = "Asia/Shanghai"
POLICY = KpiPolicy({TOTAL: 15_000, "korean": 20_000}, ZONE)
MIDNIGHT = int(datetime(2026, 3, 2, tzinfo=ZoneInfo(ZONE)).timestamp() * 1000)


def the_day(calls: int = 60) -> list[e.DomainEvent]:
    """A day whose last call is over before midnight, in the order in which it happened."""
    past = MadeUpPast(MIDNIGHT + 8 * HOUR_MS, MIDNIGHT + 20 * HOUR_MS, calls)
    return sorted((event for life in past.lives() for event in life), key=lambda event: event.at)


DAY = the_day()
WANTED = ReportWanted(MIDNIGHT, MIDNIGHT + DAY_MS, Interval.DAY, Scope.CENTRE, ZONE)
Filled = Callable[[Sequence[e.DomainEvent]], Awaitable[ReportStore]]


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
async def filled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Filled]:
    """Makes a store beside a journal that has these events; asked again, they follow the others."""
    if request.param == "memory":
        memory = MemoryReportStore(POLICY)

        async def remembering(events: Sequence[e.DomainEvent]) -> ReportStore:
            for event in events:
                memory.apply(event)
            return memory

        yield remembering
        return
    monkeypatch.setattr(store_module, "PAGE", 97)
    monkeypatch.setattr(store_module, "READ_AT_A_TIME", 7)
    running: EmbeddedStores = request.getfixturevalue("stores")
    database = Database(await running.new_database())
    journal = PostgresJournalStore(database)

    async def shipped(events: Sequence[e.DomainEvent]) -> ReportStore:
        await journal.ship(journal_entries(await journal.last_seq() + 1, events))
        return PostgresReportStore(database, POLICY)

    yield shipped
    await database.close()


async def report(store: ReportStore, wanted: ReportWanted) -> tuple[list[ReportRow], Counts]:
    """All that has happened, as such a report."""
    while (await store.catch_up()).behind:
        pass
    whole: Sparse = {}
    service = ReportService(store, ZONE)
    return [row async for row in service.rows(service.checked(wanted), whole)], Counts.of(whole)


async def test_a_day_is_what_the_board_showed(filled: Filled) -> None:
    """Of the centre and of each queue, by days, hours and quarters: the parts are the whole."""
    store = await filled(DAY)
    board = KpiBoard(POLICY)
    for event in DAY:
        board.apply(event)
    for interval in Interval:
        rows, whole = await report(store, replace(WANTED, interval=interval))
        assert counted(whole.tally) == counted(board.total)
        assert whole.requests == board.requests
        assert len(rows) == 1 if interval in (Interval.DAY, Interval.SPAN) else len(rows) > 10
        assert sum(row.figures[0].value or 0 for row in rows) == board.requests.calls_in
    for name, tally in board.queues.items():
        rows, whole = await report(store, replace(WANTED, scope=Scope.QUEUE, name=name))
        assert counted(whole.tally) == counted(tally)
        assert [row.name for row in rows] == [name]


async def test_what_is_counted_follows_the_journal_once(filled: Filled) -> None:
    """Counted in between, by two at once, and with calls that go on meanwhile."""
    for first in range(0, len(DAY), 61):
        store = await filled(DAY[first : first + 61])
        await store.catch_up()
    _, whole = await report(store, WANTED)
    _, at_once = await report(MemoryReportStore(POLICY, DAY), WANTED)
    assert whole == at_once
    assert (await store.catch_up()).until_at == DAY[-1].at


async def test_agents_are_told_by_name_and_hour(filled: Filled) -> None:
    """Their talks, and the time they were there; an hour has no more than an hour of it."""
    store = await filled(DAY)
    rows, _ = await report(store, replace(WANTED, scope=Scope.AGENT, interval=Interval.HOUR))
    assert [(row.begin_at, row.name) for row in rows] == sorted((row.begin_at, row.name) for row in rows)
    staffed = [figure.value or 0 for row in rows for figure in row.figures if figure.key == "staffed_ms"]
    assert max(staffed) == HOUR_MS
    assert {row.end_at - row.begin_at for row in rows} == {HOUR_MS}
    alone, _ = await report(store, replace(WANTED, scope=Scope.AGENT, interval=Interval.HOUR, name="1001"))
    assert alone == [row for row in rows if row.name == "1001"]


async def test_part_of_a_day(filled: Filled) -> None:
    """Bounds are widened to quarters; nothing outside of them is counted; empty times have no rows."""
    store = await filled(DAY)
    noon = MIDNIGHT + 12 * HOUR_MS
    part = replace(WANTED, from_at=noon + 60_000, to_at=noon + HOUR_MS - 60_000, interval=Interval.DAY)
    rows, whole = await report(store, part)
    arrived = [event.at for event in DAY if isinstance(event, e.CallArrived)]
    assert whole.requests.calls_in == sum(noon <= at < noon + HOUR_MS for at in arrived)
    assert [(row.begin_at, row.end_at) for row in rows] == [(noon, noon + HOUR_MS)]
    before = replace(WANTED, from_at=MIDNIGHT, to_at=MIDNIGHT + QUARTER_MS)
    assert await report(store, before) == ([], Counts())


def test_an_empty_report_has_its_figures() -> None:
    """With nothing to divide by."""
    figures = {figure.key: figure.value for figure in figures_of(Scope.CENTRE, Counts())}
    assert (figures["calls_in"], figures["connect_rate"]) == (0.0, None)
    assert "waiting" not in figures
