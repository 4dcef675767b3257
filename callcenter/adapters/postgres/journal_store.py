"""The journal's home in PostgreSQL, and the tables that are derived from it in the same transaction."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

import orjson

from callcenter.adapters.postgres.pool import Database
from callcenter.adapters.postgres.projection import Projection
from callcenter.domain.codec import JournalEntry, decode_event
from callcenter.domain.events import DomainEvent

INSERT = """
INSERT INTO journal (seq, at, kind, call_id, data)
SELECT (line->>'seq')::bigint, (line->'data'->>'at')::bigint, line->>'kind', line->'data'->>'call_id',
    line->'data'
FROM (SELECT unnest(string_to_array($1, E'\\n'))::jsonb AS line) AS lines
ON CONFLICT (seq) DO NOTHING RETURNING seq
"""
"""The lines of the journal as they are, taken apart in the database: one parameter costs the controller far
less than five columns."""


ALL_NUMBERS = "SELECT min(seq), max(seq) FROM journal"
NUMBERS_OF = """
SELECT min(seq), max(seq) FROM (SELECT seq FROM journal WHERE at >= $1 AND at < $2 OFFSET 0) AS span
"""
"""The first and last number of a span of time. OFFSET 0 keeps PostgreSQL from looking for the first one in
the order of numbers, from the beginning of the journal on, where it thinks to find it soon."""
EVER = (0, 1 << 62)
PAGE = 5_000
"""Events that are read at a time."""


class PostgresJournalStore:
    """Implements ``callcenter.ports.JournalStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def last_seq(self) -> int:
        """See the port."""
        async with self._database.connection() as connection:
            return int(await connection.fetchval("SELECT coalesce(max(seq), 0) FROM journal"))

    async def ship(self, entries: Sequence[JournalEntry]) -> None:
        """See the port. What is derived follows only the numbers that were new."""
        if not entries:
            return
        lines = b"".join(entry.line for entry in entries).decode().rstrip("\n")
        async with self._database.connection() as connection, connection.transaction():
            new = {row["seq"] for row in await connection.fetch(INSERT, lines)}
            projection = Projection()
            for entry in entries:
                if entry.seq in new:
                    projection.add(entry.event)
            await projection.write(connection)

    async def events(self, *, since_at: int, until_at: int) -> list[tuple[int, DomainEvent]]:
        """The events of a span of time (``int`` milliseconds since the Unix epoch, UTC), in order."""
        return await self._read("at >= $1 AND at < $2", since_at, until_at)

    async def events_of_call(self, call_id: str) -> list[tuple[int, DomainEvent]]:
        """The whole life of one call, in order; empty when it is not known."""
        return await self._read("call_id = $1", call_id)

    async def read(
        self, kinds: Sequence[str], span: tuple[int, int] | None = None
    ) -> AsyncGenerator[tuple[int, DomainEvent]]:
        """The events of these kinds, of a span of time (first ms, ms after the last; None: all there are), in
        order: page by page, so that no span is too long for the memory or for one request. What is stored
        meanwhile is not read."""
        async with self._database.connection() as connection:
            first, last = await connection.fetchrow(
                *((ALL_NUMBERS,) if span is None else (NUMBERS_OF, *span))
            )
        seq = (first or 0) - 1
        while page := await self._read(
            "seq > $1 AND seq <= $2 AND kind = ANY($3) AND at >= $4 AND at < $5",
            *(seq, last or 0, list(kinds), *(span or EVER)),
            limit=PAGE,
        ):
            for numbered in page:
                yield numbered
            seq = page[-1][0]

    async def _read(
        self, condition: str, *values: object, limit: int | None = None
    ) -> list[tuple[int, DomainEvent]]:
        query = (
            f"SELECT seq, kind, data FROM journal WHERE {condition} ORDER BY seq "  # noqa: S608
            f"LIMIT {'ALL' if limit is None else limit}"
        )
        async with self._database.connection() as connection:
            rows = await connection.fetch(query, *values)
        return [(row["seq"], decode_event(row["kind"], orjson.loads(row["data"]))) for row in rows]
