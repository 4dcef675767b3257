"""TrunkDays: what came in over each trunk, as the journal tells it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from embedded_stores import EmbeddedStores

from callcenter.adapters.postgres.journal_store import PostgresJournalStore
from callcenter.adapters.postgres.pool import Database
from callcenter.domain import events as e
from callcenter.domain.codec import journal_entries
from callcenter.trunks.model import TrunkDay
from callcenter.trunks.store import MemoryTrunkDays, PostgresTrunkDays, TrunkDays

NOON = 1_763_697_600_000


def came(call_id: str, after: int, trunk: str = "city", did: str = "12345") -> e.CallArrived:
    number = "02112345678"
    return e.CallArrived(
        NOON + after, call_id, f"{call_id}.c", trunk, did, number, number, "", False, "zh", "line"
    )


def over(call_id: str, after: int) -> e.CallEnded:
    return e.CallEnded(NOON + after, call_id, e.EndedBy.CALLER, "")


EVENTS: list[e.DomainEvent] = [
    came("yesterday", -9_000),
    over("yesterday", -8_000),
    came("night", -5_000),
    came("c1", 1_000),
    came("c2", 2_000, did="12346"),
    e.CallDialledOut(NOON + 2_100, "d1", "1001", "d1.a", "10086", "12345", "city", "general", "zh"),
    over("night", 3_000),
    came("c3", 3_000),
    came("w1", 4_000, "wide"),
    over("c1", 5_000),
]
Filled = Callable[[list[e.DomainEvent]], Awaitable[TrunkDays]]


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
async def filled(request: pytest.FixtureRequest) -> AsyncIterator[Filled]:
    """Makes one that has heard of these events."""
    if request.param == "memory":

        async def remembering(events: list[e.DomainEvent]) -> TrunkDays:
            return MemoryTrunkDays(events)

        yield remembering
        return
    running: EmbeddedStores = request.getfixturevalue("stores")
    database = Database(await running.new_database())

    async def shipped(events: list[e.DomainEvent]) -> TrunkDays:
        await PostgresJournalStore(database).ship(journal_entries(1, events))
        return PostgresTrunkDays(database)

    yield shipped
    await database.close()


async def test_the_day_is_counted_by_trunk(filled: Filled) -> None:
    """Who came before midnight and is up after it counts for the highest, not for the calls of the day; a
    call that an agent makes is none that came in."""
    days = await (await filled(EVENTS)).since(NOON)
    assert days == {
        "city": TrunkDay(3, 3, NOON + 2_000, {"12345": 2, "12346": 1}),
        "wide": TrunkDay(1, 1, NOON + 4_000, {"12345": 1}),
    }


async def test_a_day_without_calls_has_no_trunks(filled: Filled) -> None:
    assert await (await filled(EVENTS[:2])).since(NOON) == {}
