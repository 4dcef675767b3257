"""The audit log in PostgreSQL, which only ever grows, and its in-memory twin."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

import asyncpg
import orjson

from callcenter.adapters.postgres.pool import Database
from callcenter.audit.model import FIRST, AuditDeed, Entry, Kept, Outcome, Wanted, chained

LOCK_KEY = 0x41554449
"""The advisory lock of whoever adds to the chain ("AUDI")."""
LAST = "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1"
ADD = """
INSERT INTO audit (seq, entry_id, at, user_name, role, address, deed, what, reason, detail, outcome, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""
_COLUMNS = """
seq, entry_id, (extract(epoch FROM at) * 1000)::bigint AS at, user_name, role, address, deed, what, reason,
detail, outcome, hash
"""
WANTED = f"""
SELECT {_COLUMNS} FROM audit
WHERE at >= $1 AND at < $2 AND ($3::text IS NULL OR user_name = $3) AND ($4::text IS NULL OR deed = $4)
    AND ($5::text IS NULL OR what = $5) AND ($6::bigint IS NULL OR seq < $6)
ORDER BY seq DESC LIMIT $7
"""  # noqa: S608 - only constants are put in
FROM_THE_FIRST = f"SELECT {_COLUMNS} FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2"  # noqa: S608
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)


class AuditStore(Protocol):
    """Where entries are kept for good. Every method raises StoreAway."""

    async def write(self, entries: Sequence[Entry]) -> None:
        """Add these in this order, all or none; one that lies there already (by its id) is left out."""
        ...

    async def entries(self, wanted: Wanted, limit: int) -> list[Kept]:
        """The newest ``limit`` of them, the newest first."""
        ...

    async def in_order(self, after: int, limit: int) -> list[Kept]:
        """The first ``limit`` numbered above ``after``, the oldest first."""
        ...


class PostgresAudit:
    """Implements AuditStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, entries: Sequence[Entry]) -> None:
        """See the protocol."""
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK_KEY)
            last = await connection.fetchrow(LAST)
            seq, before = (last["seq"], last["hash"]) if last else (0, FIRST)
            for entry in entries:
                known = "SELECT 1 FROM audit WHERE entry_id = $1"
                if await connection.fetchval(known, entry.entry_id):
                    continue
                seq, before = seq + 1, chained(before, entry)
                await connection.execute(ADD, seq, *_row(entry), before)

    async def entries(self, wanted: Wanted, limit: int) -> list[Kept]:
        """See the protocol."""
        asked = (wanted.user, wanted.deed, wanted.what, wanted.before)
        async with self._database.connection() as connection:
            rows = await connection.fetch(
                WANTED, _instant(wanted.from_at), _instant(wanted.to_at), *asked, limit
            )
        return [_kept(row) for row in rows]

    async def in_order(self, after: int, limit: int) -> list[Kept]:
        """See the protocol."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(FROM_THE_FIRST, after, limit)
        return [_kept(row) for row in rows]


class MemoryAudit:
    """The twin: the same promises, kept in this process."""

    def __init__(self) -> None:
        self.kept: list[Kept] = []

    async def write(self, entries: Sequence[Entry]) -> None:
        """See the protocol."""
        for entry in entries:
            if any(kept.entry.entry_id == entry.entry_id for kept in self.kept):
                continue
            before = self.kept[-1].hash if self.kept else FIRST
            self.kept.append(Kept(len(self.kept) + 1, entry, chained(before, entry)))

    async def entries(self, wanted: Wanted, limit: int) -> list[Kept]:
        """See the protocol."""
        return [kept for kept in reversed(self.kept) if wanted.has(kept)][:limit]

    async def in_order(self, after: int, limit: int) -> list[Kept]:
        """See the protocol."""
        return [kept for kept in self.kept if kept.seq > after][:limit]


def _instant(at: int) -> datetime:
    return _LATEST if at >= _LATEST.timestamp() * 1000 else datetime.fromtimestamp(at / 1000, UTC)


def _row(entry: Entry) -> tuple[object, ...]:
    return (
        entry.entry_id, _instant(entry.at), entry.user, entry.role, entry.address, entry.deed.value,
        entry.what, entry.reason, orjson.dumps(entry.detail).decode(), entry.outcome.value,
    )  # fmt: skip


def _kept(row: asyncpg.Record) -> Kept:
    entry = Entry(
        row["entry_id"], row["at"], row["user_name"], row["role"], row["address"], AuditDeed(row["deed"]),
        row["what"], Outcome(row["outcome"]), row["reason"], orjson.loads(row["detail"]),
    )  # fmt: skip
    return Kept(row["seq"], entry, row["hash"])
