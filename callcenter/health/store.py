"""How PostgreSQL is: how quickly it answers, and how far what is counted of the journal has come."""

from __future__ import annotations

import time
from dataclasses import dataclass

from callcenter.adapters.postgres.pool import Database

LOOK = """
SELECT current_setting('server_version') AS version, pg_database_size(current_database()) AS bytes,
    (SELECT coalesce(max(seq), 0) FROM journal) AS journaled, (SELECT seq FROM kpi_ledger) AS counted
"""


@dataclass(frozen=True, slots=True)
class StoreSeen:
    """PostgreSQL, which answered within ``answer_ms``. ``uncounted`` events of the journal are there and not
    yet in the reports."""

    version: str
    answer_ms: float
    size_bytes: int
    uncounted: int


class PostgresLook:
    """Asks for all of it at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def look(self) -> StoreSeen:
        """How it is now. Raises StoreAway."""
        began = time.perf_counter()
        async with self._database.connection() as connection:
            row = await connection.fetchrow(LOOK)
        answer_ms = (time.perf_counter() - began) * 1000
        uncounted = max(0, row["journaled"] - (row["counted"] or 0))
        return StoreSeen(row["version"].split()[0], answer_ms, row["bytes"], uncounted)
