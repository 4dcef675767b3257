"""The journal is shipped while PostgreSQL, Valkey and the process that ships are killed again and again."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import redis.asyncio as redis
from embedded_stores import EmbeddedStores

from callcenter import kept_process
from callcenter.adapters.local_journal import LocalJournal
from callcenter.adapters.postgres.journal_store import PostgresJournalStore
from callcenter.adapters.postgres.pool import Database
from callcenter.adapters.valkey_bus import ValkeyBus
from callcenter.background import background
from callcenter.domain.events import CallSettled, DomainEvent
from callcenter.shipping import BUS, STORE, Cargo, Shipping

pytestmark = pytest.mark.integration
BURST, BURSTS, KILLS = 50, 120, 3


async def test_nothing_is_lost_or_doubled(
    stores: EmbeddedStores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both far sides, and the process between, are killed in the middle of shipping; in the end both hold all
    events once, in order."""
    monkeypatch.setattr(kept_process, "RESTART_S", (0.2,))
    journal = LocalJournal(tmp_path)
    journal.recall()
    to_store, to_bus = await stores.new_database(), stores.empty_valkey()
    health: list[tuple[str, bool]] = []
    cargo = Cargo(str(tmp_path), to_store, to_bus, {"total": 15_000}, "Asia/Shanghai")
    shipping = Shipping(journal, cargo, lambda to, up, _: health.append((to, up)))
    written: list[tuple[int, DomainEvent]] = []

    def write() -> None:
        events = [CallSettled(len(written) + number, f"c{len(written)}") for number in range(BURST)]
        written.extend(enumerate(events, start=journal.append(events)))

    async def arrived(to: str, seq: int) -> None:
        async with asyncio.timeout(60):
            while shipping.shipped_seq(to) < seq:
                await asyncio.sleep(0.01)

    async with AsyncExitStack() as stack:
        stack.callback(journal.close)
        background(stack, shipping.run(), "shipping")
        for burst in range(BURSTS):
            write()
            if burst % (BURSTS // KILLS) == BURSTS // KILLS // 2:
                await arrived(STORE, len(written) - BURST)
                assert shipping.pid is not None
                os.kill(shipping.pid, signal.SIGKILL)
                killing = asyncio.create_task(stores.kill_all())
                while not killing.done():  # there is something to ship while nobody takes it
                    write()
                    await asyncio.sleep(0.1)  # slowly: the bus keeps the newest 100,000
                await killing
            await asyncio.sleep(0)
        for to in (STORE, BUS):
            await arrived(to, len(written))
        database, bus = Database(to_store), ValkeyBus(redis.Redis.from_url(to_bus))
        stack.push_async_callback(database.close)
        stack.push_async_callback(bus.close)
        assert await PostgresJournalStore(database).events(since_at=-1, until_at=2**60) == written
        assert await bus.read(0, len(written) + 10) == written
        assert {(STORE, False), (BUS, False), (STORE, True), (BUS, True)} <= {*health}
