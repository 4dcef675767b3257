"""The shipper: exact order, no loss and no doubles, whatever happens to the far side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from callcenter.adapters import journal_shipper
from callcenter.adapters.journal_segments import FollowedSegments
from callcenter.adapters.journal_shipper import JournalShipper
from callcenter.adapters.local_journal import LocalJournal
from callcenter.adapters.memory import MemoryBus, MemoryJournalStore
from callcenter.domain.codec import JournalEntry
from callcenter.domain.events import CallSettled, DomainEvent


def event(at: int) -> DomainEvent:
    return CallSettled(at, "c1")


def followed(journal: LocalJournal, directory: Path) -> FollowedSegments:
    """Its segments, as another process follows them."""
    segments = FollowedSegments(directory)
    segments.more(journal.written_seq)
    journal.follow(lambda: segments.more(journal.written_seq))
    return segments


class Harbour:
    """A journal, a far side, and a shipper between them."""

    def __init__(self, directory: Path) -> None:
        self.journal = LocalJournal(directory)
        self.journal.recall()
        self.far = MemoryBus()
        self.health: list[tuple[bool, str]] = []
        self.segments = followed(self.journal, directory)
        self.shipper = JournalShipper("far", self.segments, self.far, self.send, self.told)
        self.sent: list[int] = []
        self.fail_in = -1
        self.defect: Exception | None = None
        self.task: asyncio.Task[None] | None = None

    def told(self, _: int, up: bool, detail: str) -> None:
        if not self.health or self.health[-1] != (up, detail):
            self.health.append((up, detail))

    async def send(self, entries: Sequence[JournalEntry]) -> None:
        """Every ``fail_in``-th sending is carried out only in part, or its answer is lost."""
        self.fail_in -= 1
        if self.fail_in == 0:
            await self.far.publish(entries[: len(entries) // 2])
            self.far.away = "cut off in the middle"
        if self.defect is not None:
            defect, self.defect = self.defect, None
            raise defect
        await self.far.publish(entries)
        self.sent += [entry.seq for entry in entries]

    def append(self, count: int) -> None:
        self.journal.append([event(at) for at in range(count)])

    def arrived(self) -> list[int]:
        return [seq for seq, _ in self.far.published]


@pytest.fixture
async def harbour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Harbour]:
    """A harbour whose shipper runs and is impatient."""
    monkeypatch.setattr(journal_shipper, "RETRY_S", (0.001,))
    monkeypatch.setattr(journal_shipper, "BATCH", 7)
    made = Harbour(tmp_path)
    made.task = asyncio.create_task(made.shipper.run())
    yield made
    made.task.cancel()
    await asyncio.gather(made.task, return_exceptions=True)
    made.journal.close()


async def reached(harbour: Harbour, seq: int) -> None:
    await arrives(harbour.shipper, seq)


async def arrives(shipper: JournalShipper, seq: int) -> None:
    async with asyncio.timeout(10):
        while shipper.shipped_seq < seq:
            await asyncio.sleep(0.001)


async def test_everything_arrives_in_order(harbour: Harbour) -> None:
    """Batches are cut as they come; each number arrives once."""
    for count in (1, 30, 3):
        harbour.append(count)
        await reached(harbour, harbour.journal.last_seq)
    assert harbour.arrived() == list(range(1, 35)) == harbour.sent
    assert harbour.health == [(True, "")]


async def test_a_far_side_that_is_away_is_caught_up_with(harbour: Harbour) -> None:
    """Events of the time in which it was away follow in order; its health is told."""
    harbour.append(5)
    await reached(harbour, 5)
    harbour.far.away = "gone"
    harbour.append(20)
    while harbour.health[-1] != (False, "gone"):
        await asyncio.sleep(0.001)
    harbour.append(5)
    harbour.far.away = None
    await reached(harbour, 30)
    assert harbour.arrived() == list(range(1, 31))
    assert harbour.health[-1] == (True, "")


async def test_a_batch_cut_in_the_middle_is_not_doubled(harbour: Harbour) -> None:
    """The far side has half of the batch when it goes: the rest follows, nothing comes twice."""
    harbour.fail_in = 2
    harbour.append(40)
    while harbour.far.away is None:
        await asyncio.sleep(0.001)
    harbour.far.away = None
    await reached(harbour, 40)
    assert harbour.arrived() == list(range(1, 41))


async def test_a_defect_of_the_far_side_is_survived(harbour: Harbour) -> None:
    """Even what nobody foresaw only delays shipping."""
    harbour.defect = RuntimeError("not foreseen")
    harbour.append(3)
    await reached(harbour, 3)
    assert harbour.arrived() == [1, 2, 3]
    assert (False, "not foreseen") in harbour.health


async def test_what_was_missed_is_read_over_segments(harbour: Harbour) -> None:
    """A far side that was away gets all of it, over the borders of segments."""
    harbour.far.away = "gone"
    for number in range(12):
        harbour.append(5)
        if number % 5 == 0:
            harbour.journal.checkpoint({})
    harbour.far.away = None
    await reached(harbour, 60)
    assert harbour.arrived() == list(range(1, 61))


async def test_a_gap_is_passed_over(harbour: Harbour) -> None:
    """When the journal no longer holds what is missing there, shipping goes on with what it holds."""
    harbour.far.away = "gone"
    harbour.append(5)
    harbour.journal.checkpoint({})
    harbour.append(5)
    harbour.journal.prune(5)
    harbour.far.away = None
    await reached(harbour, 10)
    assert harbour.arrived() == [6, 7, 8, 9, 10]


async def test_a_restart_begins_where_the_far_side_ends(tmp_path: Path) -> None:
    """A new shipper asks the far side, and sends nothing that is there."""
    journal = LocalJournal(tmp_path)
    journal.recall()
    journal.append([event(at) for at in range(10)])
    store = MemoryJournalStore()
    segments = followed(journal, tmp_path)
    await store.ship(segments.read(1, 6))
    shipper = JournalShipper("store", segments, store, store.ship, lambda shipped, up, detail: None)
    task = asyncio.create_task(shipper.run())
    await arrives(shipper, 10)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert sorted(store.stored) == list(range(1, 11))
    journal.close()
