"""SurveyStore: what callers said, as the journal tells it, found by time, queue and agent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from embedded_stores import EmbeddedStores

from callcenter.adapters.postgres.journal_store import PostgresJournalStore
from callcenter.adapters.postgres.pool import Database
from callcenter.domain import events as e
from callcenter.domain.codec import journal_entries
from callcenter.surveys.model import Answer, Summary, SurveyResult, Wanted
from callcenter.surveys.service import SurveyService, SurveyStore
from callcenter.surveys.store import MemorySurveyStore, PostgresSurveyStore

NOON = 1_763_697_600_000
HOUR_MS = 3_600_000
EVENTS: list[e.DomainEvent] = [
    e.SurveyOffered(NOON, "c1", "line", "rate", "general", ["1001", "1002"]),
    e.SurveyAnswered(NOON + 5, "c1", "service", 5, satisfied=True, counts=True),
    e.SurveyAnswered(NOON + 9, "c1", "solved", 0, satisfied=False, counts=False),
    e.SurveyOffered(NOON + 60_000, "c2", "line", "rate", "general", ["1001"]),
    e.SurveyOffered(NOON + 90_000, "c3", "line", "rate", "", []),
    e.SurveyAnswered(NOON + 95_000, "c3", "service", 1, satisfied=False, counts=True),
]
FIRST = SurveyResult(
    "c1",
    NOON,
    "general",
    ("1001", "1002"),
    None,
    (Answer("service", 5, satisfied=True, counts=True), Answer("solved", 0, satisfied=False, counts=False)),
)
Filled = Callable[[list[e.DomainEvent]], Awaitable[SurveyStore]]


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
async def filled(request: pytest.FixtureRequest) -> AsyncIterator[Filled]:
    """Makes a store that has heard of these events, some of them twice."""
    if request.param == "memory":

        async def remembering(events: list[e.DomainEvent]) -> SurveyStore:
            return MemorySurveyStore([*events, *events])

        yield remembering
        return
    running: EmbeddedStores = request.getfixturevalue("stores")
    database = Database(await running.new_database())

    async def shipped(events: list[e.DomainEvent]) -> SurveyStore:
        journal = PostgresJournalStore(database)
        entries = journal_entries(1, events)
        await journal.ship(entries)
        await journal.ship(entries)
        return PostgresSurveyStore(database)

    yield shipped
    await database.close()


async def test_results_and_figures_are_those_of_the_journal(filled: Filled) -> None:
    """Newest first; the first question makes the figures."""
    store = await filled(EVENTS)
    wanted = Wanted(NOON, NOON + HOUR_MS)
    results = await store.results(wanted, 10)
    assert [result.call_id for result in results] == ["c3", "c2", "c1"]
    assert results[-1] == FIRST
    assert await store.results(wanted, 1) == results[:1]
    summary = await store.summary(wanted)
    assert summary == Summary(invited=3, rated=2, satisfied=1)
    assert (summary.satisfaction_rate, summary.participation_rate) == (1 / 2, 2 / 3)


async def test_a_time_a_queue_and_an_agent_are_asked_for(filled: Filled) -> None:
    """``to_at`` is not in it."""
    store = await filled(EVENTS)
    assert await store.summary(Wanted(NOON, NOON + 60_000)) == Summary(1, 1, 1)
    assert await store.summary(Wanted(NOON, NOON + HOUR_MS, queue="general")) == Summary(2, 1, 1)
    assert await store.results(Wanted(NOON, NOON + HOUR_MS, agent_id="1002"), 10) == [FIRST]
    told, _ = await SurveyService(store).told(Wanted(NOON - 1, NOON), 10)
    assert (told.satisfaction_rate, told.participation_rate) == (None, None)
