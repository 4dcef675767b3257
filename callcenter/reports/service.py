"""Who asks what happened over a time, and gets it row by row."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import NamedTuple, Protocol

import structlog

from callcenter.domain.kpi_ledger import QUARTER_MS, Sparse
from callcenter.ports import StoreAway
from callcenter.reports.model import CellCounts, Interval, ReportRow, ReportWanted, rows

MOST_DAYS = {Interval.QUARTER: 93, Interval.HOUR: 366, Interval.DAY: 3660, Interval.SPAN: 3660}
"""How much may be asked for at once, by how fine it is."""
DAY_MS = 86_400_000
COUNT_EVERY_S = 10.0
BREATH_S = 0.05
"""Between two portions of much that is to be counted: calls come first."""
PORTIONS_AT_ONCE = 10
"""So many are counted for who asks; what is left then is said to be."""

_log = structlog.get_logger(__name__)


class Counted(NamedTuple):
    """Up to when the journal has been counted; ``behind``: there is more of it to be counted."""

    until_at: int
    behind: bool


class ReportStore(Protocol):
    """Where what is counted is kept; both raise StoreAway."""

    async def catch_up(self) -> Counted:
        """Count what the journal has had since the last time, a portion of it if it is much."""
        ...

    def cells(self, wanted: ReportWanted) -> AsyncIterator[CellCounts]:
        """The cells of the grain, scope, time and name wanted, in the order of time, then of names."""
        ...


class SpanRefused(Exception):
    """Nobody can be told of such a time; the text says why."""


class ReportService:
    """Reports for supervisors. ``time_zone`` is where days begin."""

    def __init__(self, store: ReportStore, time_zone: str) -> None:
        self._store = store
        self.time_zone = time_zone

    async def run(self) -> None:
        """Keep counting, so that nobody who asks must wait for it."""
        while True:
            try:
                counted = await self._store.catch_up()
            except StoreAway as error:
                _log.info("not_counted", reason=str(error))
                counted = Counted(0, behind=False)
            await asyncio.sleep(BREATH_S if counted.behind else COUNT_EVERY_S)

    async def counted(self) -> Counted:
        """Count what there is now, unless it is very much. Raises StoreAway."""
        for _ in range(PORTIONS_AT_ONCE - 1):
            counted = await self._store.catch_up()
            if not counted.behind:
                return counted
        return await self._store.catch_up()

    def checked(self, wanted: ReportWanted) -> ReportWanted:
        """The same, widened to whole quarters of an hour. Raises SpanRefused."""
        most = MOST_DAYS[wanted.interval]
        if not 0 < wanted.to_at - wanted.from_at <= most * DAY_MS:
            raise SpanRefused(f"since must lie before until, by {most} days at most with such intervals")
        from_at = wanted.from_at - wanted.from_at % QUARTER_MS
        return replace(wanted, from_at=from_at, to_at=wanted.to_at + -wanted.to_at % QUARTER_MS)

    def rows(self, wanted: ReportWanted, whole: Sparse) -> AsyncIterator[ReportRow]:
        """The rows of the report, by time, then by name; all that is counted is added to ``whole``. Raises
        StoreAway."""
        return rows(wanted, self._store.cells(wanted), whole)

    def cells(self, wanted: ReportWanted) -> AsyncIterator[CellCounts]:
        """What the rows of the report are made of. Raises StoreAway."""
        return self._store.cells(wanted)
