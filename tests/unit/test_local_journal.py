"""The local journal: what was acknowledged survives, whatever happens to the process or the disk."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from callcenter.adapters import local_journal
from callcenter.adapters.journal_segments import JournalSegments, events_of_call
from callcenter.adapters.local_journal import JournalDamaged, JournalInUse, LocalJournal
from callcenter.domain.codec import JournalEntry
from callcenter.domain.events import CallSettled, CentreStarted, DomainEvent

WRITER = """
import sys
from pathlib import Path
from callcenter.adapters.local_journal import LocalJournal
from callcenter.domain.codec import JournalEntry
from callcenter.domain.events import CallSettled
journal = LocalJournal(Path(sys.argv[1]))
number = journal.recall().last_seq
while True:
    batch = [CallSettled(number + offset, "c" * 500) for offset in range(1, 8)]
    journal.append(batch)
    number += len(batch)
    print(number, flush=True)
    if number % 70 == 0:
        journal.checkpoint({"number": number})
"""


def event(at: int) -> DomainEvent:
    return CallSettled(at, f"c{at % 3}")


def seqs(found: Sequence[JournalEntry] | Sequence[tuple[int, DomainEvent]] | None) -> list[int]:
    assert found is not None
    return [one.seq if isinstance(one, JournalEntry) else one[0] for one in found]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[LocalJournal]:
    """An open journal in a new directory."""
    opened = LocalJournal(tmp_path / "journal")
    opened.recall()
    yield opened
    opened.close()


def reopened(journal: LocalJournal, directory: Path) -> LocalJournal:
    journal.close()
    return LocalJournal(directory)


def test_what_is_appended_is_recalled(journal: LocalJournal, tmp_path: Path) -> None:
    """Numbers run from 1 without gaps, over closing and opening."""
    assert journal.is_empty is False
    assert journal.append([event(1), event(2)]) == 1
    assert journal.append([event(3)]) == 3
    again = reopened(journal, tmp_path / "journal")
    recalled = again.recall()
    assert recalled.events == [(1, event(1)), (2, event(2)), (3, event(3))]
    assert (recalled.snapshot, recalled.last_seq) == (None, 3)
    assert again.append([event(4)]) == 4
    again.close()


def test_an_empty_journal_goes_on_numbering_elsewhere(tmp_path: Path) -> None:
    """The first number of an empty directory can be given."""
    journal = LocalJournal(tmp_path)
    assert journal.is_empty
    assert journal.recall(first_seq=101).last_seq == 100
    assert journal.append([event(1)]) == 101
    assert journal.since(99, 10) is None
    assert seqs(journal.since(100, 10)) == [101]
    journal.close()


def test_a_torn_last_line_is_cut_off(journal: LocalJournal, tmp_path: Path) -> None:
    """A line that was never wholly written was never acknowledged; the next one takes its number."""
    journal.append([event(1), event(2)])
    journal.close()
    (segment,) = (tmp_path / "journal").glob("*.jsonl")
    with segment.open("ab") as file:
        file.write(b'{"seq":3,"kind":"CallSe')
    again = LocalJournal(tmp_path / "journal")
    assert again.recall().last_seq == 2
    assert again.append([event(3)]) == 3
    assert seqs(JournalSegments(tmp_path / "journal").read(1, 10)) == [1, 2, 3]
    again.close()


def test_a_damaged_line_is_named(journal: LocalJournal, tmp_path: Path) -> None:
    """Rubbish in the middle is refused with file and line."""
    journal.append([event(1)])
    journal.close()
    (segment,) = (tmp_path / "journal").glob("*.jsonl")
    with segment.open("ab") as file:
        file.write(b"rubbish\n")
    again = LocalJournal(tmp_path / "journal")
    with pytest.raises(JournalDamaged, match=rf"{segment}:2: not a line of a journal"):
        again.recall()
    again.close()


def test_one_writer_at_a_time(journal: LocalJournal, tmp_path: Path) -> None:
    """A second controller on the same directory is refused, and may write once the first is gone."""
    second = LocalJournal(tmp_path / "journal")
    with pytest.raises(JournalInUse, match="another controller"):
        second.recall()
    journal.append([event(1)])
    journal.close()
    assert second.recall().last_seq == 1
    second.close()


@pytest.mark.parametrize("lines", [3, 40, 101])
def test_a_killed_writer_loses_nothing_acknowledged(tmp_path: Path, lines: int) -> None:
    """kill -9 while it writes: whatever it reported is there, in order, and the next writer goes on."""
    acknowledged = 0
    for _ in range(3):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        for _ in range(lines):
            acknowledged = int(writer.stdout.readline())
        writer.kill()
        rest = writer.stdout.read().split("\n")
        writer.stdout.close()
        writer.wait()
        acknowledged = max([acknowledged, *(int(line) for line in rest[:-1])])
        journal = LocalJournal(tmp_path)
        recalled = journal.recall()
        assert recalled.last_seq >= acknowledged
        everything = JournalSegments(tmp_path).read(1, 1_000_000)
        assert seqs(everything) == list(range(1, recalled.last_seq + 1))
        assert [found.event.at for found in everything] == seqs(everything)
        journal.close()


def test_a_full_disk_keeps_everything_and_catches_up(
    journal: LocalJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing raises; readers near the end are served; once there is room all is written in order."""
    journal.append([event(1)])
    write = os.write
    room = 100

    def small_disk(fd: int, data: bytes) -> int:
        if room == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(fd, data[:room])

    monkeypatch.setattr(os, "write", small_disk)
    for at in (2, 3):
        assert journal.append([event(at)] * 2) == 2 * at - 2
        assert not journal.healthy
    room = 0
    journal.append([event(4)])
    assert seqs(journal.since(1, 10)) == [2, 3, 4, 5, 6]
    monkeypatch.setattr(os, "write", write)
    journal.append([event(5)])
    assert journal.healthy
    again = reopened(journal, tmp_path / "journal")
    assert [found.at for _, found in again.recall().events] == [1, 2, 2, 3, 3, 4, 5]
    again.close()


def test_no_checkpoint_while_the_disk_is_full(
    journal: LocalJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events that wait to be written never land behind a snapshot that already holds them."""

    def full(fd: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        journal.append([event(1)])
        journal.checkpoint({"at": 1})
    journal.append([event(2)])
    again = reopened(journal, tmp_path / "journal")
    recalled = again.recall()
    assert (recalled.snapshot, seqs(recalled.events)) == (None, [1, 2])
    again.close()


def test_recollection_begins_with_the_last_checkpoint(journal: LocalJournal, tmp_path: Path) -> None:
    """Only what follows the snapshot is read at the start; a crash right after it changes nothing."""
    journal.append([event(1), event(2)])
    journal.checkpoint({"calls": ["c1"]})
    again = reopened(journal, tmp_path / "journal")
    assert again.recall() == local_journal.Recollection({"calls": ["c1"]}, [], 2)
    assert again.append([event(3)]) == 3
    third = reopened(again, tmp_path / "journal")
    recalled = third.recall()
    assert (recalled.snapshot, recalled.events) == ({"calls": ["c1"]}, [(3, event(3))])
    third.close()


def test_a_checkpoint_without_room_changes_nothing(
    journal: LocalJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The segment goes on when no new one can be made."""
    journal.append([event(1)])
    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", _refuse)
        journal.checkpoint({})
    assert journal.append([event(2)]) == 2
    assert seqs(JournalSegments(tmp_path / "journal").read(1, 10)) == [1, 2]


def _refuse(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_it_wants_a_checkpoint_when_long(journal: LocalJournal, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wish ends with the checkpoint."""
    monkeypatch.setattr(local_journal, "SEGMENT_BYTES", 200)
    assert not journal.wants_checkpoint
    journal.append([event(at) for at in range(10)])
    assert journal.wants_checkpoint
    journal.checkpoint({})
    assert not journal.wants_checkpoint


def test_reading_over_segments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any span is found, over the borders of segments, as in memory so on disk, in one go or bit by bit."""
    monkeypatch.setattr(local_journal, "REMEMBERED", 10)
    journal = LocalJournal(tmp_path)
    journal.recall()
    for number in range(1, 31):
        journal.append([event(number)])
        if number % 7 == 0:
            journal.checkpoint({"number": number})
    segments = JournalSegments(tmp_path)
    assert seqs(segments.read(1, 100)) == list(range(1, 31))
    for first in range(1, 31):
        assert seqs(segments.read(first, 4)) == list(range(first, min(first + 4, 31)))
        assert seqs(journal.since(first, 100)) == list(range(first + 1, 31))
    position, found = 1, []
    while batch := segments.read(position, 4):
        found += seqs(batch)
        position = found[-1] + 1
    assert found == list(range(1, 31))
    assert journal.since(5, 10) is None
    assert journal.since(30, 10) == []
    journal.close()


def test_a_reader_follows_the_writer(tmp_path: Path) -> None:
    """Bit by bit, as it is written, over the borders of segments; each time from where it stopped."""
    journal, segments = LocalJournal(tmp_path), JournalSegments(tmp_path)
    journal.recall()
    found: list[int] = []
    for number in range(1, 31):
        assert segments.read(len(found) + 1, 10) == []
        journal.append([event(number)] * (number % 3))
        found += seqs(segments.read(len(found) + 1, 10))
        assert found == list(range(1, journal.last_seq + 1))
        if number % 7 == 0:
            journal.checkpoint({"number": number})
    journal.close()


def test_pruned_segments_are_told_as_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is gone is never silently skipped, however little is asked for."""
    monkeypatch.setattr(local_journal, "REMEMBERED", 2)
    journal = LocalJournal(tmp_path)
    journal.recall()
    for number in range(1, 13):
        journal.append([event(number)])
        if number % 4 == 0:
            journal.checkpoint({})
    segments = JournalSegments(tmp_path)
    journal.prune(shipped_seq=3)
    assert segments.oldest_seq() == 1
    journal.prune(shipped_seq=9)
    assert segments.oldest_seq() == 9
    assert segments.read(1, 1) == []
    assert segments.read(1, 100) == []
    assert journal.since(0, 100) is None
    assert seqs(segments.read(9, 100)) == [9, 10, 11, 12]
    journal.close()


def test_the_life_of_one_call(journal: LocalJournal, tmp_path: Path) -> None:
    """A reader beside the writer finds the events of a call, and of no other whose id begins alike."""
    journal.append([event(1), CallSettled(2, "c11"), CentreStarted(3, "v1"), event(4)])
    assert events_of_call(tmp_path / "journal", "c1") == [event(1), event(4)]
    assert events_of_call(tmp_path / "journal", "none") == []
