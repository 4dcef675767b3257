"""What is counted, in PostgreSQL beside the journal it is counted from, and its in-memory twin."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence

import asyncpg
import orjson

from callcenter.adapters.postgres.pool import Database
from callcenter.domain import events as e
from callcenter.domain.codec import decode_event
from callcenter.domain.kpi import KpiPolicy
from callcenter.domain.kpi_ledger import COUNTED, Cell, Counts, Grain, KpiLedger, Scope, Sparse, merge
from callcenter.reports.model import CellCounts, ReportWanted
from callcenter.reports.service import Counted

KINDS = [kind.__name__ for kind in COUNTED]
PAGE = 500
"""Events that are counted at a time, in one transaction: whoever shares this thread never waits for long."""
READ_AT_A_TIME = 200
"""Cells that are made into rows at a time, for the same reason."""
LAST_NAME = "\U0010ffff"
"""Behind every name."""
LEDGER = "SELECT seq, state FROM kpi_ledger FOR UPDATE"
KEEP_LEDGER = "UPDATE kpi_ledger SET seq = $1, state = $2"
LAST = "SELECT coalesce(max(seq), 0) FROM journal"
EVENTS = """
SELECT seq, kind, data FROM journal WHERE seq > $1 AND seq <= $2 AND kind = ANY ($3) ORDER BY seq LIMIT $4
"""
KNOWN_CELLS = """
SELECT grain, begin_at, scope, name, counts FROM kpi_cells
JOIN unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) AS wanted (grain, begin_at, scope, name)
    USING (grain, begin_at, scope, name)
"""
KEEP_CELL = """
INSERT INTO kpi_cells (grain, begin_at, scope, name, counts) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (grain, scope, begin_at, name) DO UPDATE SET counts = excluded.counts
"""
CELLS = """
SELECT begin_at, name, counts FROM kpi_cells
WHERE grain = $1 AND scope = $2 AND begin_at < $3 AND ($4::text IS NULL OR name = $4)
    AND (begin_at, name) > ($5, $6)
ORDER BY begin_at, name LIMIT $7
"""


class PostgresReportStore:
    """Implements ``callcenter.reports.service.ReportStore``. What is counted follows the journal: the ledger
    state and its number are kept with the cells in one transaction, so that each event counts exactly once,
    whoever dies when, and a journal from before there were reports is counted as well."""

    def __init__(self, database: Database, policy: KpiPolicy) -> None:
        self._database = database
        self._policy = policy

    async def catch_up(self) -> Counted:
        """See the port."""
        async with self._database.connection() as connection, connection.transaction():
            seq, state = await connection.fetchrow(LEDGER)
            ledger = KpiLedger.from_dict(orjson.loads(state)) if state else KpiLedger(self._policy)
            last = await connection.fetchval(LAST)
            rows = await connection.fetch(EVENTS, seq, last, KINDS, PAGE)
            changed = await asyncio.to_thread(_counted, ledger, rows)
            behind = len(rows) == PAGE
            if rows or seq != last:
                await _keep(connection, changed)
                told = orjson.dumps(ledger.to_dict()).decode()
                await connection.execute(KEEP_LEDGER, rows[-1]["seq"] if behind else last, told)
        return Counted(ledger.at, behind)

    async def cells(self, wanted: ReportWanted) -> AsyncIterator[CellCounts]:
        """See the port. Page by page, so that whoever reads slowly holds no connection."""
        asked = (wanted.grain.value, wanted.scope.value, wanted.to_at, wanted.name)
        last = wanted.from_at - 1, LAST_NAME
        while True:
            async with self._database.connection() as connection:
                rows = await connection.fetch(CELLS, *asked, *last, READ_AT_A_TIME)
            for row in rows:
                yield CellCounts(row["begin_at"], row["name"], orjson.loads(row["counts"]))
            if len(rows) < READ_AT_A_TIME:
                return
            last = rows[-1]["begin_at"], rows[-1]["name"]


def _counted(ledger: KpiLedger, rows: Sequence[asyncpg.Record]) -> dict[Cell, Counts]:
    """Let the ledger go on with these; what it counted."""
    for row in rows:
        ledger.apply(decode_event(row["kind"], orjson.loads(row["data"])))
    return ledger.take()


async def _keep(connection: asyncpg.Connection, changed: dict[Cell, Counts]) -> None:
    """Add what was counted to what is known."""
    if not changed:
        return
    cells = {cell: counts.sparse() for cell, counts in changed.items()}
    columns = [list(column) for column in zip(*cells, strict=True)]
    for row in await connection.fetch(KNOWN_CELLS, *columns):
        merge(cells[_cell(row)], orjson.loads(row["counts"]))
    rows = [(*cell, orjson.dumps(counts).decode()) for cell, counts in cells.items()]
    await connection.executemany(KEEP_CELL, rows)


def _cell(row: asyncpg.Record) -> Cell:
    return Cell(Grain(row["grain"]), row["begin_at"], Scope(row["scope"]), row["name"])


class MemoryReportStore:
    """The twin: the ledger itself."""

    def __init__(self, policy: KpiPolicy, events: Iterable[e.DomainEvent] = ()) -> None:
        self._ledger = KpiLedger(policy)
        self._cells: dict[Cell, Sparse] = {}
        for event in events:
            self.apply(event)

    def apply(self, event: e.DomainEvent) -> None:
        """Take in the next event."""
        self._ledger.apply(event)

    async def catch_up(self) -> Counted:
        """See the port."""
        for cell, counts in self._ledger.take().items():
            merge(self._cells.setdefault(cell, {}), counts.sparse())
        return Counted(self._ledger.at, behind=False)

    async def cells(self, wanted: ReportWanted) -> AsyncIterator[CellCounts]:
        """See the port."""
        for cell in sorted(self._cells, key=lambda one: (one.begin_at, one.name)):
            asked = (cell.grain, cell.scope) == (wanted.grain, wanted.scope)
            if asked and wanted.from_at <= cell.begin_at < wanted.to_at and wanted.name in (None, cell.name):
                yield CellCounts(cell.begin_at, cell.name, self._cells[cell])
