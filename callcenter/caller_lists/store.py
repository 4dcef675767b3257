"""Lists of callers in PostgreSQL, and their in-memory twin. Instants are ms since the epoch, UTC."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

import asyncpg

from callcenter.adapters.postgres.pool import Database
from callcenter.caller_lists.model import CountedEntry, Deed, NewEntry
from callcenter.domain.caller_lists import ListEntry

MS = "(extract(epoch FROM {}) * 1000)::bigint"
ENTRIES = f"""
SELECT n.entry_id, n.list, n.number, n.reason, n.author, {MS.format("n.added_at")} AS added_at,
    {MS.format("n.expires_at")} AS expires_at, coalesce(h.hits, 0) AS hits,
    {MS.format("h.last_hit_at")} AS last_hit_at
FROM caller_list_entries n LEFT JOIN caller_list_hits h USING (entry_id)
WHERE $1::text IS NULL OR n.list = $1 ORDER BY n.list, n.added_at, n.entry_id
"""  # noqa: S608 - only constants above are put in
ADD = """
INSERT INTO caller_list_entries (entry_id, list, number, reason, author, added_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (list, number)
DO UPDATE SET reason = excluded.reason, author = excluded.author, expires_at = excluded.expires_at
RETURNING entry_id = $1
"""


REMOVE = f"""
DELETE FROM caller_list_entries WHERE entry_id = $1
RETURNING entry_id, list, number, reason, author, {MS.format("added_at")} AS added_at,
    {MS.format("expires_at")} AS expires_at
"""  # noqa: S608


class CallerListStore(Protocol):
    """The lists, as the service needs them. Every method raises StoreAway."""

    async def version(self) -> int:
        """Another number after every change."""
        ...

    async def entries(self, name: str | None = None) -> list[CountedEntry]:
        """All entries (of one list), by list, the oldest first."""
        ...

    async def add(self, entries: Sequence[NewEntry], author: str, now: int) -> list[Deed]:
        """Add these, all or none; what became of each."""
        ...

    async def remove(self, entry_id: str) -> ListEntry | None:
        """Remove one; it, or None when there is no such entry."""
        ...


class PostgresCallerListStore:
    """Implements CallerListStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def version(self) -> int:
        """See the protocol."""
        async with self._database.connection() as connection:
            version: int = await connection.fetchval("SELECT version FROM caller_lists_version")
        return version

    async def entries(self, name: str | None = None) -> list[CountedEntry]:
        """See the protocol."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(ENTRIES, name)
        return [_counted(row) for row in rows]

    async def add(self, entries: Sequence[NewEntry], author: str, now: int) -> list[Deed]:
        """See the protocol."""
        deeds = []
        async with self._database.connection() as connection, connection.transaction():
            for new in entries:
                is_new = await connection.fetchval(
                    ADD,
                    uuid.uuid4().hex,
                    new.list,
                    new.number,
                    new.reason,
                    author,
                    _instant(now),
                    None if new.expires_at is None else _instant(new.expires_at),
                )
                deeds.append(Deed.ADDED if is_new else Deed.CHANGED)
        return deeds

    async def remove(self, entry_id: str) -> ListEntry | None:
        """See the protocol."""
        async with self._database.connection() as connection, connection.transaction():
            row = await connection.fetchrow(REMOVE, entry_id)
            await connection.execute("DELETE FROM caller_list_hits WHERE entry_id = $1", entry_id)
        return None if row is None else _entry(row)


class MemoryCallerListStore:
    """The twin: the same promises, kept in this process."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], CountedEntry] = {}
        self._version = 0

    def keep(self, counted: CountedEntry) -> None:
        """Have this entry, with hits as they were counted."""
        self._entries[counted.entry.list, counted.entry.number] = counted
        self._version += 1

    async def version(self) -> int:
        """See the protocol."""
        return self._version

    async def entries(self, name: str | None = None) -> list[CountedEntry]:
        """See the protocol."""
        known = [one for one in self._entries.values() if name is None or one.entry.list == name]
        return sorted(known, key=lambda one: one.entry.list)

    async def add(self, entries: Sequence[NewEntry], author: str, now: int) -> list[Deed]:
        """See the protocol."""
        deeds = []
        for new in entries:
            key = new.list, new.number
            known = self._entries.get(key)
            fresh = ListEntry(uuid.uuid4().hex, new.list, new.number, new.reason, author, now, new.expires_at)
            if known is not None:
                fresh = replace(fresh, entry_id=known.entry.entry_id, added_at=known.entry.added_at)
            self._entries[key] = CountedEntry(fresh) if known is None else replace(known, entry=fresh)
            deeds.append(Deed.ADDED if known is None else Deed.CHANGED)
        self._version += 1
        return deeds

    async def remove(self, entry_id: str) -> ListEntry | None:
        """See the protocol."""
        for key, known in self._entries.items():
            if known.entry.entry_id == entry_id:
                del self._entries[key]
                self._version += 1
                return known.entry
        return None


def _instant(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC)


def _entry(row: asyncpg.Record) -> ListEntry:
    return ListEntry(
        row["entry_id"], row["list"], row["number"], row["reason"], row["author"], row["added_at"],
        row["expires_at"],
    )  # fmt: skip


def _counted(row: asyncpg.Record) -> CountedEntry:
    return CountedEntry(_entry(row), row["hits"], row["last_hit_at"])
