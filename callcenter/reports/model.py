"""What a report is asked to tell, and its rows, made of the cells of the ledger."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from callcenter.domain.kpi_catalogue import KpiFigure, agent_figures, centre_figures, queue_figures
from callcenter.domain.kpi_ledger import QUARTER_MS, Counts, Grain, Scope, Sparse, day_of, merge

LIVE_ONLY = frozenset({"waiting", "longest_wait_ms", "call_backs_owed"})
"""Figures of this moment, which no report has."""
HOUR_MS = 3_600_000


class Interval(StrEnum):
    """How long the time of each row is; SPAN: all that was asked for."""

    QUARTER = "quarter"
    HOUR = "hour"
    DAY = "day"
    SPAN = "span"


@dataclass(frozen=True, slots=True)
class ReportWanted:
    """The time from ``from_at`` on and before ``to_at``, of the centre, of each queue, or of each agent;
    ``name``: of this one only. Hours and days are those of ``time_zone``."""

    from_at: int
    to_at: int
    interval: Interval
    scope: Scope
    time_zone: str
    name: str | None = None

    @property
    def grain(self) -> Grain:
        """Which cells it is made of: days where whole days are asked for, which are a hundred times fewer."""
        whole = all(at == day_of(at, self.time_zone) for at in (self.from_at, self.to_at))
        return Grain.DAY if whole and self.interval in (Interval.DAY, Interval.SPAN) else Grain.QUARTER

    def row_of(self, at: int) -> tuple[int, int]:
        """When the row begins to which a cell at this instant belongs, and when it ends."""
        begin, end = self._interval_of(at)
        return max(begin, self.from_at), min(end, self.to_at)

    def _interval_of(self, at: int) -> tuple[int, int]:
        match self.interval:
            case Interval.QUARTER:
                begin = at - at % QUARTER_MS
                return begin, begin + QUARTER_MS
            case Interval.HOUR:
                local = datetime.fromtimestamp(at / 1000, ZoneInfo(self.time_zone))
                begin = at - (local.minute * 60 + local.second) * 1000 - at % 1000
                return begin, begin + HOUR_MS
            case Interval.DAY:
                begin = day_of(at, self.time_zone)
                return begin, day_after(begin, self.time_zone)
            case Interval.SPAN:
                return self.from_at, self.to_at


class CellCounts(NamedTuple):
    """What is counted in a cell of the grain and scope asked for."""

    begin_at: int
    name: str
    counts: Sparse


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One interval of one queue or agent (or of the centre: no name)."""

    begin_at: int
    end_at: int
    name: str
    figures: tuple[KpiFigure, ...]


def figures_of(scope: Scope, counts: Counts) -> tuple[KpiFigure, ...]:
    """The figures of such a row, by the catalogue."""
    return tuple(figure for figure in _all_figures(scope, counts) if figure.key not in LIVE_ONLY)


def _all_figures(scope: Scope, counts: Counts) -> tuple[KpiFigure, ...]:
    match scope:
        case Scope.CENTRE:
            return centre_figures(counts.requests, counts.spent_ms, counts.tally, 0)
        case Scope.QUEUE:
            return queue_figures(counts.tally, 0)
        case Scope.AGENT:
            return agent_figures(counts.tally, counts.spent_ms)


async def rows(
    wanted: ReportWanted, cells: AsyncIterator[CellCounts], whole: Sparse
) -> AsyncIterator[ReportRow]:
    """The rows of these cells, which come in the order of time; by time, then by name. All of them are added
    to ``whole``. No more than one interval is in the memory."""
    row: tuple[int, int] | None = None
    by_name: dict[str, Sparse] = {}
    async for begin_at, name, counts in cells:
        if row is not None and not row[0] <= begin_at < row[1]:
            for told in _told(wanted.scope, row, by_name):
                yield told
            row, by_name = None, {}
        row = row or wanted.row_of(begin_at)
        merge(by_name.setdefault(name, {}), counts)
        merge(whole, counts)
    if row is not None:
        for told in _told(wanted.scope, row, by_name):
            yield told


def _told(scope: Scope, row: tuple[int, int], by_name: dict[str, Sparse]) -> Iterator[ReportRow]:
    for name, counts in sorted(by_name.items()):
        yield ReportRow(*row, name, figures_of(scope, Counts.of(counts)))


def day_after(begin_at: int, time_zone: str) -> int:
    """When the next day begins there."""
    local = datetime.fromtimestamp(begin_at / 1000, ZoneInfo(time_zone))
    return int((local + timedelta(days=1)).timestamp() * 1000)
