"""The audit log's store: it only grows, keeps the order, and finds what is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from embedded_stores import EmbeddedStores

from callcenter.adapters.postgres.pool import Database
from callcenter.audit.model import AuditDeed, Entry, Outcome, Wanted, broken_at
from callcenter.audit.service import AuditLog
from callcenter.audit.store import AuditStore, MemoryAudit, PostgresAudit

AT = 1_700_000_000_123


def entry(number: int, **facts: object) -> Entry:
    """One of many."""
    usual = {
        "user": "李㙍安𠮷",
        "role": "quality",
        "address": "10.0.0.7",
        "deed": AuditDeed.CALL_SEEN,
        "what": "c1",
    }
    return Entry(entry_id=f"e{number}", at=AT + number, **usual | facts)  # type: ignore[arg-type]


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[AuditStore]:
    """An empty one."""
    if request.param == "memory":
        yield MemoryAudit()
        return
    running: EmbeddedStores = request.getfixturevalue("stores")
    database = Database(await running.new_database())
    yield PostgresAudit(database)
    await database.close()


async def test_entries_come_back_as_they_were(store: AuditStore) -> None:
    """Word by word, the newest first, numbered without a gap."""
    first = entry(1, reason="申诉复核", detail={"b": "2", "a": "一"}, outcome=Outcome.REFUSED)
    await store.write([first])
    await store.write([entry(2), entry(3)])
    kept = await store.entries(Wanted(), 10)
    assert [(one.seq, one.entry) for one in kept] == [(3, entry(3)), (2, entry(2)), (1, first)]
    assert [one.seq for one in await store.in_order(1, 10)] == [2, 3]


async def test_what_lies_there_already_is_left_out(store: AuditStore) -> None:
    """So that what is owed may be brought twice."""
    await store.write([entry(1)])
    await store.write([entry(1), entry(2)])
    assert [one.seq for one in await store.entries(Wanted(), 10)] == [2, 1]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), [4, 3, 2, 1]),
        (Wanted(from_at=AT + 2, to_at=AT + 4), [3, 2]),
        (Wanted(user="sue"), [2]),
        (Wanted(deed=AuditDeed.SEARCHED), [3]),
        (Wanted(what="c9"), [4]),
        (Wanted(before=3), [2, 1]),
        (Wanted(user="sue", deed=AuditDeed.SEARCHED), []),
    ],
)
async def test_filters(store: AuditStore, wanted: Wanted, found: list[int]) -> None:
    """Each by itself, and together."""
    await store.write(
        [entry(1), entry(2, user="sue"), entry(3, deed=AuditDeed.SEARCHED, what="噪音"), entry(4, what="c9")]
    )
    assert [one.seq for one in await store.entries(wanted, 10)] == found
    assert [one.seq for one in await store.entries(wanted, 1)] == found[:1]


async def test_the_chain_is_whole_also_when_many_write_at_once(store: AuditStore) -> None:
    """Every entry once, each covering the one before."""
    await asyncio.gather(*(store.write([entry(number)]) for number in range(20)))
    kept = await store.in_order(0, 100)
    assert sorted(one.entry.entry_id for one in kept) == sorted(f"e{number}" for number in range(20))
    assert broken_at(kept) is None
    assert await AuditLog(store).check() == (20, None)


@pytest.mark.integration
async def test_nothing_is_changed_or_taken_out(stores: EmbeddedStores) -> None:
    """PostgreSQL refuses it; whoever takes the guard away leaves a broken chain."""
    database = Database(await stores.new_database())
    audit = PostgresAudit(database)
    await audit.write([entry(1), entry(2), entry(3)])
    async with database.connection() as connection:
        for statement in ("UPDATE audit SET user_name = 'x'", "DELETE FROM audit", "TRUNCATE audit"):
            with pytest.raises(asyncpg.RaiseError, match="only ever added to"):
                await connection.execute(statement)
        assert await AuditLog(audit).check() == (3, None)
        await connection.execute("ALTER TABLE audit DISABLE TRIGGER USER")
        await connection.execute("UPDATE audit SET user_name = 'x' WHERE seq = 2")
    assert await AuditLog(audit).check() == (3, 2)
    await database.close()
