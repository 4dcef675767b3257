"""The figures of the live centre, brought up to date when somebody looks."""

from __future__ import annotations

from typing import Final

import structlog

from callcenter.domain.events import DomainEvent
from callcenter.domain.kpi import KpiBoard

log = structlog.get_logger(__name__)
AT_MOST: Final = 500
"""Events that wait to be counted. Together they cost less than one by one between two messages of the switch,
when everything else has just driven the board out of the processor's caches."""


class LiveBoard:
    """Counts the events of the journal in their order: what ``board`` gives has counted all of them."""

    def __init__(self, board: KpiBoard) -> None:
        self._board = board
        self._uncounted: list[DomainEvent] = []

    def take(self, _: int, event: DomainEvent) -> None:
        """A listener of the controller."""
        self._uncounted.append(event)
        if len(self._uncounted) >= AT_MOST:
            self._count()

    @property
    def board(self) -> KpiBoard:
        """As of the newest event."""
        if self._uncounted:
            self._count()
        return self._board

    def _count(self) -> None:
        """An event that the board cannot take is told and left out."""
        events, self._uncounted = self._uncounted, []
        for event in events:
            try:
                self._board.apply(event)
            except Exception:
                log.exception("event_not_counted", event_kind=type(event).__name__)
