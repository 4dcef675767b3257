"""The journal is shipped while PostgreSQL and Valkey are killed again and again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import redis.asyncio as redis
from embedded_stores import EmbeddedStores

from callcenter.adapters.journal_shipper import JournalShipper
from callcenter.adapters.local_journal import LocalJournal
from callcenter.adapters.postgres.journal_store import PostgresJournalStore
from callcenter.adapters.postgres.pool import Database
from callcenter.adapters.valkey_bus import ValkeyBus
from callcenter.domain.events import CallSettled, DomainEvent

pytestmark = pytest.mark.integration
BURST, BURSTS, KILLS = 50, 120, 3


async def test_nothing_is_lost_or_doubled(stores: EmbeddedStores, tmp_path: Path) -> None:
    """Both far sides are killed in the middle of shipping; in the end both hold all events once, in order."""
    journal = LocalJournal(tmp_path)
    journal.recall()
    database = Database(await stores.new_database())
    store = PostgresJournalStore(database)
    bus = ValkeyBus(redis.Redis.from_url(stores.empty_valkey(), socket_timeout=5, socket_connect_timeout=2))
    health: list[tuple[str, bool]] = []
    to_store = JournalShipper("store", journal, store, store.ship, lambda up, _: health.append(("store", up)))
    to_bus = JournalShipper("bus", journal, bus, bus.publish, lambda up, _: health.append(("bus", up)))
    shippers = (to_store, to_bus)
    tasks = [asyncio.create_task(shipper.run()) for shipper in shippers]
    written: list[tuple[int, DomainEvent]] = []

    def write() -> None:
        events = [CallSettled(len(written) + number, f"c{len(written)}") for number in range(BURST)]
        written.extend(enumerate(events, start=journal.append(events)))

    for burst in range(BURSTS):
        write()
        if burst % (BURSTS // KILLS) == BURSTS // KILLS // 2:
            await asyncio.wait_for(to_store.reached(len(written) - BURST), 60)
            killing = asyncio.create_task(stores.kill_all())
            while not killing.done():  # there is something to ship while nobody takes it
                write()
                await asyncio.sleep(0.02)
            await killing
        await asyncio.sleep(0)
    for shipper in shippers:
        await asyncio.wait_for(shipper.reached(len(written)), 60)
    assert await store.events(since_at=-1, until_at=2**60) == written
    assert await bus.read(0, len(written) + 10) == written
    assert ("store", False) in health  # the client of Valkey tries again by itself
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await bus.close()
    await database.close()
    journal.close()
