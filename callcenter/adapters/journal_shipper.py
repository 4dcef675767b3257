"""Carries the journal onward: in order, without loss or doubles, whatever happens to the far side."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import structlog

from callcenter.adapters.journal_segments import FollowedSegments
from callcenter.domain.codec import JournalEntry
from callcenter.ports import StoreAway

log = structlog.get_logger(__name__)
BATCH = 500
RETRY_S = (0.2, 0.5, 1.0, 2.0, 5.0)


class FarSide(Protocol):
    """Where the journal is carried: PostgreSQL, or the bus."""

    async def last_seq(self) -> int:
        """The highest number that arrived."""
        ...


class JournalShipper:
    """One far side. ``run`` until cancelled."""

    def __init__(
        self,
        name: str,
        journal: FollowedSegments,
        far_side: FarSide,
        send: Callable[[Sequence[JournalEntry]], Awaitable[None]],
        told: Callable[[int, bool, str], None],
    ) -> None:
        """``told`` is told how it is there: the highest number that has arrived, whether it takes what is
        sent, and why not."""
        self._name = name
        self._journal = journal
        self._far_side = far_side
        self._send = send
        self._told = told
        self._more = asyncio.Event()
        self.shipped_seq = 0

    async def run(self) -> None:
        """Ship for ever; a far side that is away is tried again, from where it left off."""
        self._journal.follow(self._more.set)
        failures = 0
        while True:
            try:
                self.shipped_seq = await self._far_side.last_seq()
                if failures:
                    log.info("shipping_resumed", to=self._name)
                failures = 0
                self._told(self.shipped_seq, True, "")
                await self._ship_all()
            except Exception as error:
                if failures == 0:
                    defect = None if isinstance(error, StoreAway) else error
                    log.warning("shipping_interrupted", to=self._name, reason=str(error), exc_info=defect)
                self._told(self.shipped_seq, False, str(error))
                await asyncio.sleep(RETRY_S[min(failures, len(RETRY_S) - 1)])
                failures += 1

    async def _ship_all(self) -> None:
        while True:
            self._more.clear()
            while self.shipped_seq < self._journal.last_seq:
                batch = self._batch()
                if not batch:
                    break
                await self._send(batch)
                self.shipped_seq = batch[-1].seq
                self._told(self.shipped_seq, True, "")
            await self._more.wait()

    def _batch(self) -> list[JournalEntry]:
        batch = self._journal.read(self.shipped_seq + 1, BATCH)
        oldest = self._journal.oldest_seq() if not batch else None
        if oldest is None or oldest <= self.shipped_seq + 1:
            return batch
        log.error("journal_gap", to=self._name, first_missing=self.shipped_seq + 1, next_held=oldest)
        return self._journal.read(oldest, BATCH)
