"""The course of a day, and its figures beside those of other days up to the same time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from callcenter.call_search import CallLine, CallPlace
from callcenter.domain import events as e
from callcenter.domain.kpi_catalogue import KpiFigure, KpiUnit, better_when_higher
from callcenter.domain.kpi_ledger import QUARTER_MS, Counts, Scope, Sparse, merge
from callcenter.domain.kpi_tally import Tally
from callcenter.reports.model import CellCounts, figures_of


class Before(StrEnum):
    """The day that the present one is measured by."""

    WEEK_AGO = "week_ago"
    YESTERDAY = "yesterday"


_LEAST: Mapping[KpiUnit, float] = {KpiUnit.COUNT: 1, KpiUnit.RATIO: 0.0005, KpiUnit.MS: 1_000}
"""A change that is smaller than what is shown is neither good nor bad."""
DAYS_BACK: Mapping[Before, int] = {Before.WEEK_AGO: 7, Before.YESTERDAY: 1}


@dataclass(frozen=True, slots=True)
class DayCells:
    """What was counted on one day from midnight on, by quarters of an hour, in order; none: nothing is known
    of the day."""

    began_at: int
    cells: Sequence[CellCounts]

    def counts(self, elapsed_ms: int) -> Counts:
        """All of it up to so long after midnight."""
        whole: Sparse = {}
        for cell in self.cells:
            if cell.begin_at - self.began_at < elapsed_ms:
                merge(whole, cell.counts)
        return Counts.of(whole)


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One interval of a day. The shares are None when nothing was offered, or answered."""

    offset_ms: int
    offered: int
    answered: int
    abandoned: int
    service_level: float | None
    answer_rate: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A figure up to a time of day, then and now. ``is_better``: the change is a good one (None: it is
    neither, or there is none)."""

    before: float | None
    change: float | None
    is_better: bool | None


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure of today up to the last full quarter of an hour, beside the same of the days before."""

    key: str
    unit: KpiUnit
    today: float | None
    days: Mapping[Before, Comparison]


@dataclass(frozen=True, slots=True)
class Life:
    """A call of the record with what the board counts of it: its events and the policies that came into force
    meanwhile, in the order of the journal."""

    line: CallLine
    events: Sequence[e.DomainEvent]


@dataclass(frozen=True, slots=True)
class CountedCall:
    """A call of the list behind a figure, which counts it so many ``times``."""

    line: CallLine
    times: int

    @property
    def place(self) -> CallPlace:
        """Where it stands in the list."""
        return self.line.place


def trend(day: DayCells, until_ms: int, step_ms: int) -> list[TrendPoint]:
    """The day in intervals of ``step_ms`` from midnight on, all that began before ``until_ms``."""
    by_step: dict[int, Sparse] = {}
    for cell in day.cells:
        offset = cell.begin_at - day.began_at
        if offset < until_ms:
            merge(by_step.setdefault(offset - offset % step_ms, {}), cell.counts)
    return [
        _point(offset, Counts.of(by_step.get(offset, {})).tally) for offset in range(0, until_ms, step_ms)
    ]


def _point(offset_ms: int, tally: Tally) -> TrendPoint:
    answered = tally.outcomes.get("answered", 0)
    return TrendPoint(
        offset_ms,
        tally.offered,
        answered,
        tally.outcomes.get("abandoned", 0) + tally.outcomes.get("short_abandoned", 0),
        tally.answered_in_time / answered if answered else None,
        answered / tally.offered if tally.offered else None,
    )


def compared(
    scope: Scope, today: DayCells, days: Mapping[Before, DayCells], elapsed_ms: int
) -> list[Compared]:
    """The figures of today and of the days before, each up to the last full quarter of an hour."""
    full_ms = elapsed_ms - elapsed_ms % QUARTER_MS
    now_are = figures_of(scope, today.counts(full_ms))
    were = {
        before: {figure.key: figure.value for figure in figures_of(scope, day.counts(full_ms))}
        for before, day in days.items()
        if day.cells
    }
    return [
        Compared(
            figure.key,
            figure.unit,
            figure.value,
            {
                before: _comparison(figure, were[before][figure.key] if before in were else None)
                for before in Before
            },
        )
        for figure in now_are
    ]


def _comparison(figure: KpiFigure, before: float | None) -> Comparison:
    if before is None or figure.value is None:
        return Comparison(before, None, None)
    change, higher = figure.value - before, better_when_higher(figure.key)
    if higher is None or abs(change) < _LEAST[figure.unit]:
        return Comparison(before, change, None)
    return Comparison(before, change, (change > 0) is higher)
