"""JournalStore and Bus: the twins and the real ones keep the same promises."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

import pytest
import redis.asyncio as redis
from embedded_stores import EmbeddedStores

from callcenter.adapters.memory import MemoryBus, MemoryJournalStore
from callcenter.adapters.postgres.journal_store import PostgresJournalStore
from callcenter.adapters.postgres.pool import Database
from callcenter.adapters.valkey_bus import ValkeyBus
from callcenter.domain import events as e
from callcenter.domain.codec import JournalEntry, journal_entries
from callcenter.domain.events import DomainEvent

REAL = pytest.mark.integration
ARRIVED = e.CallArrived(1, "c1", "leg-1", "city", "12345", "02112345678", "", "张三", True, "zh", "line")
EVENTS: list[DomainEvent] = [
    e.CentreStarted(0, "v1"),
    ARRIVED,
    e.NodeEntered(2, "c1", "line", "v1", "menu", {"node": "menu"}),
    e.CallQueued(3, "c1", "general", 3, 0, {"english": 5}),
    e.OfferMade(4, "c1", "c1.o1", "general", "1001", "a-1", {"why": "最空闲"}),
    e.OfferEnded(5, "c1", "c1.o1", "general", "1001", "accepted"),
    e.QueueLeft(5, "c1", "general", e.QueueOutcome.ANSWERED, 2),
    e.AgentConnected(5, "c1", "1001", "a-1", "general"),
    e.RecordingBegan(5, "c1", "r-c1", "2026/c1", True),
    e.AgentReleased(9, "c1", "1001", "general", 4, 0),
    e.CallEnded(9, "c1", e.EndedBy.CALLER, "normal"),
    e.RecordingStored(10, "c1", "r-c1", "2026/c1-both.wav", "ab", 4, 16_000, (-20.5, -120.0)),
    e.TranscriptStored(11, "c1", "r-c1", "caller", "zh", "vosk", "m", "我要投诉", [{"word": "我"}]),
    e.TranscriptMissing(11, "c1", "r-c1", "agent", "no model"),
    e.CallSettled(12, "c1"),
]
ENTRIES = journal_entries(1, EVENTS)
NUMBERED = list(enumerate(EVENTS, start=1))


class Shelf(Protocol):
    """Either of the two, with one name for putting in and one for looking."""

    async def last_seq(self) -> int: ...

    async def put(self, entries: Sequence[JournalEntry]) -> None: ...

    async def all(self) -> list[tuple[int, DomainEvent]]: ...


class StoreShelf:
    """A JournalStore."""

    def __init__(self, store: PostgresJournalStore | MemoryJournalStore) -> None:
        self.store = store
        self.last_seq = store.last_seq
        self.put = store.ship

    async def all(self) -> list[tuple[int, DomainEvent]]:
        if isinstance(self.store, MemoryJournalStore):
            return sorted(self.store.stored.items())
        return await self.store.events(since_at=-1, until_at=2**60)


class BusShelf:
    """A Bus."""

    def __init__(self, bus: ValkeyBus | MemoryBus) -> None:
        self.bus = bus
        self.last_seq = bus.last_seq
        self.put = bus.publish

    async def all(self) -> list[tuple[int, DomainEvent]]:
        return await self.bus.read(0, 1000)


@pytest.fixture(
    params=[
        "memory store",
        "memory bus",
        pytest.param("postgres", marks=REAL),
        pytest.param("valkey", marks=REAL),
    ]
)
async def shelf(request: pytest.FixtureRequest) -> AsyncIterator[Shelf]:
    """An empty one."""
    match request.param:
        case "memory store":
            yield StoreShelf(MemoryJournalStore())
        case "memory bus":
            yield BusShelf(MemoryBus())
        case "postgres":
            running: EmbeddedStores = request.getfixturevalue("stores")
            database = Database(await running.new_database())
            yield StoreShelf(PostgresJournalStore(database))
            await database.close()
        case _:
            running = request.getfixturevalue("stores")
            bus = ValkeyBus(redis.Redis.from_url(running.empty_valkey()))
            yield BusShelf(bus)
            await bus.close()


async def test_everything_comes_back_as_it_was(shelf: Shelf) -> None:
    """Numbers, order, Chinese text, floats and enums."""
    assert await shelf.last_seq() == 0
    await shelf.put(ENTRIES)
    assert await shelf.last_seq() == len(EVENTS)
    assert await shelf.all() == NUMBERED


async def test_what_is_there_already_is_passed_over(shelf: Shelf) -> None:
    """Sent again, whole or overlapping, each event is there once."""
    await shelf.put(ENTRIES[:6])
    await shelf.put(ENTRIES[:6])
    await shelf.put(ENTRIES[3:10])
    await shelf.put(ENTRIES[9:])
    assert await shelf.all() == NUMBERED


async def test_nothing_is_nothing(shelf: Shelf) -> None:
    """An empty batch changes nothing."""
    await shelf.put([])
    assert await shelf.last_seq() == 0
    assert await shelf.all() == []


@REAL
async def test_the_tables_of_calls_follow_each_event_once(stores: EmbeddedStores) -> None:
    """However the events are cut into batches and repeated, the call's row is that of its whole life."""
    database = Database(await stores.new_database())
    store = PostgresJournalStore(database)
    for size in (1, 4):
        for first in range(0, len(EVENTS), size):
            await store.ship(ENTRIES[first : first + size])
            await store.ship(ENTRIES[max(0, first - 2) : first + size])
    async with database.connection() as connection:
        (call,) = await connection.fetch("SELECT * FROM calls")
        (recording,) = await connection.fetch("SELECT * FROM recordings")
        transcripts = await connection.fetch("SELECT leg, text, missing_reason FROM transcripts ORDER BY leg")
    assert (call["path"], call["talk_ms"], call["wait_ms"]) == (["menu"], 4, 2)
    assert (call["queue"], call["outcome"], call["agent_id"]) == ("general", "answered", "1001")
    assert (call["ended_by"], call["settled"]) == ("caller", True)
    assert (recording["path"], recording["channel_rms_dbfs"]) == ("2026/c1-both.wav", [-20.5, -120.0])
    assert [tuple(row) for row in transcripts] == [("agent", "", "no model"), ("caller", "我要投诉", None)]
    assert [seq for seq, _ in await store.events_of_call("c1")] == list(range(2, len(EVENTS) + 1))
    await database.close()


@REAL
@pytest.mark.parametrize("page", [1, 2, 100])
async def test_a_span_is_read_page_by_page(
    stores: EmbeddedStores, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    """Only the kinds that are asked for, all of them once, in order; of an empty journal nothing."""
    monkeypatch.setattr("callcenter.adapters.postgres.journal_store.PAGE", page)
    database = Database(await stores.new_database())
    store = PostgresJournalStore(database)
    kinds = ("CallQueued", "OfferMade", "QueueLeft", "CallEnded")
    assert [numbered async for numbered in store.read(kinds)] == []
    await store.ship(ENTRIES)
    wanted = [(seq, event) for seq, event in NUMBERED if type(event).__name__ in kinds]
    assert [numbered async for numbered in store.read(kinds)] == wanted
    inside = [(seq, event) for seq, event in wanted if 4 <= event.at < 9]
    assert [numbered async for numbered in store.read(kinds, (4, 9))] == inside
    assert len(inside) == 2
    assert [numbered async for numbered in store.read(kinds, (100, 200))] == []
    await database.close()
