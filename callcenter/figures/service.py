"""Who looks at a figure, and asks which calls it counts and how it was before."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from callcenter.call_search import CallPlace
from callcenter.domain.kpi import TOTAL, KpiPolicy
from callcenter.domain.kpi_calls import FigurePart, times_counted
from callcenter.domain.kpi_ledger import Scope, day_of
from callcenter.figures.model import (
    DAYS_BACK,
    Before,
    Compared,
    CountedCall,
    DayCells,
    Life,
    TrendPoint,
    compared,
    trend,
)
from callcenter.ports import Clock
from callcenter.reports.model import CellCounts, Interval, ReportWanted, day_after
from callcenter.reports.service import ReportService

LIVES_AT_A_TIME = 150
"""Calls that are counted at a time; whoever shares the processor never waits for long."""
KEPT_MS = 30_000
"""So long the day that was told to one serves the others: a hundred boards ask the database as one does."""


class LifeStore(Protocol):
    """Where the lives of calls are read; raises StoreAway."""

    async def touched(
        self, since_at: int, asked: FigurePart, before: CallPlace | None, limit: int
    ) -> Sequence[Life]:
        """The newest ``limit`` calls that have something to do with the number asked for, and that arrived,
        went on or ended since then; of those before the place ``before``. Some may not count in it."""
        ...


@dataclass(frozen=True, slots=True)
class CountedFound:
    """The newest calls of those that a number counts; ``more``: there are older ones."""

    calls: Sequence[CountedCall]
    more: bool


@dataclass(frozen=True, slots=True)
class DayTold:
    """The course of today and of the day a week ago (None: nothing is known of it), and the figures beside
    those of the days before. Everything is counted up to ``until_at``."""

    began_at: int
    until_at: int
    today: Sequence[TrendPoint]
    week_ago: Sequence[TrendPoint] | None
    figures: Sequence[Compared]


class FigureService:
    """``policy`` is what is measured by until the journal states another; its time zone says when a day
    begins."""

    def __init__(self, lives: LifeStore, reports: ReportService, policy: KpiPolicy, clock: Clock) -> None:
        self._lives = lives
        self._reports = reports
        self._policy = policy
        self._clock = clock
        self._told: dict[tuple[str, int], tuple[int, asyncio.Task[DayTold]]] = {}

    @property
    def time_zone(self) -> str:
        """Where the days are."""
        return self._policy.time_zone

    async def calls(self, asked: FigurePart, before: CallPlace | None, limit: int) -> CountedFound:
        """The calls that this number of today counts, newest first. Raises StoreAway."""
        now = self._clock()
        found: list[CountedCall] = []
        while len(found) <= limit:
            lives = await self._lives.touched(day_of(now, self.time_zone), asked, before, LIVES_AT_A_TIME)
            found += await asyncio.to_thread(self._counted, lives, asked, now)
            if len(lives) < LIVES_AT_A_TIME:
                break
            before = lives[-1].line.place
        return CountedFound(found[:limit], len(found) > limit)

    async def day(self, scope: str, step_ms: int) -> DayTold:
        """The course of today in such intervals, of a queue or of TOTAL. Raises StoreAway."""
        now, key = self._clock(), (scope, step_ms)
        told_at, told = self._told.get(key, (0, None))
        if told is None or now - told_at >= KEPT_MS or (told.done() and told.exception()):
            told = asyncio.create_task(self._tell(scope, step_ms, now))
            self._told[key] = now, told
        return await asyncio.shield(told)

    def _counted(self, lives: Sequence[Life], asked: FigurePart, now: int) -> list[CountedCall]:
        counted = (
            CountedCall(life.line, times_counted(self._policy, life.events, asked, now)) for life in lives
        )
        return [call for call in counted if call.times]

    async def _tell(self, scope: str, step_ms: int, now: int) -> DayTold:
        await self._reports.counted()
        midnight = day_of(now, self.time_zone)
        today = await self._cells(scope, midnight)
        days = {
            before: await self._cells(scope, _days_before(midnight, back, self.time_zone))
            for before, back in DAYS_BACK.items()
        }
        week_ago, elapsed_ms = days[Before.WEEK_AGO], now - midnight
        whole_day_ms = day_after(week_ago.began_at, self.time_zone) - week_ago.began_at
        of = Scope.CENTRE if scope == TOTAL else Scope.QUEUE
        return DayTold(
            began_at=midnight,
            until_at=now,
            today=trend(today, elapsed_ms, step_ms),
            week_ago=trend(week_ago, whole_day_ms, step_ms) if week_ago.cells else None,
            figures=compared(of, today, days, elapsed_ms),
        )

    async def _cells(self, scope: str, began_at: int) -> DayCells:
        """A day by quarters of an hour; one on which the centre did nothing at all is not known."""
        whole, name = (Scope.CENTRE, None) if scope == TOTAL else (Scope.QUEUE, scope)
        cells = await self._quarters(began_at, whole, name)
        if not cells and whole is Scope.QUEUE and await self._quarters(began_at, Scope.CENTRE, None):
            cells = [CellCounts(began_at, scope, {})]
        return DayCells(began_at, cells)

    async def _quarters(self, began_at: int, scope: Scope, name: str | None) -> list[CellCounts]:
        ends_at = day_after(began_at, self.time_zone)
        wanted = ReportWanted(began_at, ends_at, Interval.QUARTER, scope, self.time_zone, name)
        return [cell async for cell in self._reports.cells(wanted)]


def _days_before(midnight: int, days: int, time_zone: str) -> int:
    """The midnight so many days ago; days may be an hour longer or shorter than others."""
    for _ in range(days):
        midnight = day_of(midnight - 1, time_zone)
    return midnight
