"""CallerListStore: entries by list and number, a version that tells of changes; hits by the journal."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from embedded_stores import EmbeddedStores

from callcenter.adapters.postgres.journal_store import PostgresJournalStore
from callcenter.adapters.postgres.pool import Database
from callcenter.caller_lists.model import Deed, NewEntry
from callcenter.caller_lists.store import MemoryCallerListStore, PostgresCallerListStore
from callcenter.domain import events as e
from callcenter.domain.codec import journal_entries

NOON = 1_763_697_600_000
Store = MemoryCallerListStore | PostgresCallerListStore


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """An empty one."""
    if request.param == "memory":
        yield MemoryCallerListStore()
        return
    running: EmbeddedStores = request.getfixturevalue("stores")
    database = Database(await running.new_database())
    yield PostgresCallerListStore(database)
    await database.close()


async def test_entries_are_added_changed_and_removed(store: Store) -> None:
    """One for each list and number; the first author's day stays."""
    assert await store.entries() == []
    new = [NewEntry("vip", "138", "a", NOON + 5), NewEntry("black", "138"), NewEntry("vip", "021*", "b")]
    assert await store.add(new, "sue", NOON) == [Deed.ADDED] * 3
    again = [NewEntry("vip", "138", "c"), NewEntry("vip", "138", "d")]
    assert await store.add(again, "ada", NOON + 9) == [Deed.CHANGED] * 2
    entries = [counted.entry for counted in await store.entries()]
    assert {(one.list, one.number) for one in entries} == {("black", "138"), ("vip", "138"), ("vip", "021*")}
    assert [one.list for one in entries] == ["black", "vip", "vip"]
    (changed,) = [one for one in entries if (one.list, one.number) == ("vip", "138")]
    assert (changed.reason, changed.author, changed.added_at, changed.expires_at) == ("d", "ada", NOON, None)
    assert [counted.entry.number for counted in await store.entries("black")] == ["138"]
    assert await store.remove(changed.entry_id) == changed
    assert await store.remove(changed.entry_id) is None
    assert len(await store.entries()) == 2


async def test_the_version_tells_of_every_change(store: Store) -> None:
    """And of nothing else."""
    seen = [await store.version()]
    await store.add([NewEntry("vip", "138")], "sue", NOON)
    seen.append(await store.version())
    await store.add([NewEntry("vip", "138", "x")], "sue", NOON)
    seen.append(await store.version())
    (counted,) = await store.entries()
    assert await store.version() == seen[-1]
    await store.remove(counted.entry.entry_id)
    seen.append(await store.version())
    assert len(set(seen)) == 4


@pytest.mark.integration
async def test_hits_are_counted_with_the_journal(stores: EmbeddedStores) -> None:
    """Each event once, however often it is shipped; those of an entry that is gone are nobody's."""
    database = Database(await stores.new_database())
    try:
        lists = PostgresCallerListStore(database)
        await lists.add([NewEntry("vip", "138")], "sue", NOON)
        (counted,) = await lists.entries()
        version = await lists.version()
        entry_id = counted.entry.entry_id
        hits = [e.CallerListed(NOON + n, f"c{n}", "vip", entry_id) for n in (1, 2)]
        entries = journal_entries(1, [*hits, e.CallerListed(NOON, "c3", "vip", "gone")])
        journal = PostgresJournalStore(database)
        for _ in range(2):
            await journal.ship(entries)
        await journal.ship(journal_entries(4, [e.CallerListed(NOON + 9, "c4", "vip", entry_id)]))
        (counted,) = await lists.entries()
        assert (counted.hits, counted.last_hit_at) == (3, NOON + 9)
        assert await lists.version() == version
    finally:
        await database.close()
