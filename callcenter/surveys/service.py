"""Who asks how callers were served, and gets it in bounded portions."""

from __future__ import annotations

from typing import Protocol

from callcenter.surveys.model import Summary, SurveyResult, Wanted

MOST_DAYS = 366
MOST_RESULTS = 1000
_DAY_MS = 86_400_000


class SurveyStore(Protocol):
    """Where surveys are kept; both methods raise StoreAway."""

    async def results(self, wanted: Wanted, limit: int) -> list[SurveyResult]:
        """The newest ``limit`` of them, the newest first."""
        ...

    async def summary(self, wanted: Wanted) -> Summary:
        """The figures of all of them."""
        ...


class SpanRefused(Exception):
    """Nobody can be told of such a time; the text says why."""


class SurveyService:
    """Surveys for supervisors and reports."""

    def __init__(self, store: SurveyStore) -> None:
        self._store = store

    async def told(self, wanted: Wanted, limit: int) -> tuple[Summary, list[SurveyResult]]:
        """The figures, and the newest results. Raises SpanRefused and StoreAway."""
        span_ms = wanted.to_at - wanted.from_at
        if not 0 < span_ms <= MOST_DAYS * _DAY_MS:
            raise SpanRefused(f"'from' must lie before 'to', by {MOST_DAYS} days at most")
        summary = await self._store.summary(wanted)
        return summary, await self._store.results(wanted, min(limit, MOST_RESULTS))
