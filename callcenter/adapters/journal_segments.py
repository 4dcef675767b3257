"""The segments of a journal as they lie on the disk, for whoever reads them beside the one who writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from callcenter.domain.codec import JournalEntry, decode_line
from callcenter.domain.events import DomainEvent

SNAPSHOT = b'{"snapshot"'
SEQ = b'{"seq":'
"""How a line begins, as orjson writes it."""


class JournalSegments:
    """The segments ``journal-<first number>.jsonl`` of a directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._read: tuple[int, Path | None, int] = (0, None, 0)
        """The last number that was read, and where its line ends."""

    def paths(self) -> list[Path]:
        """All of them, the oldest first."""
        return sorted(self._directory.glob("journal-*.jsonl"))

    def oldest_seq(self) -> int | None:
        """The lowest number that is still here, if any is."""
        for path in self.paths():
            for _, line in event_lines(path, 0):
                return _seq(line)
        return None

    def read(self, first: int, limit: int) -> list[JournalEntry]:
        """Up to ``limit`` entries from number ``first`` on; empty when that number is not here (any more, or
        yet). Who reads on from where the last reading ended is taken there at once."""
        found: list[JournalEntry] = []
        for path, end, line in self._lines_from(first):
            seq = _seq(line)
            if seq < first + len(found):
                continue
            if seq > first and not found:
                break
            found.append(JournalEntry(seq, line))
            self._read = seq, path, end
            if len(found) == limit:
                break
        return found

    def _lines_from(self, first: int) -> Iterator[tuple[Path, int, bytes]]:
        """The lines that may be wanted, each with its segment and the offset of its end there."""
        last, last_path, last_end = self._read
        paths = self.paths()
        later = sum(begins_at(path) > first for path in paths)
        for path in paths[max(0, len(paths) - later - 1) :]:
            offset = last_end if (last + 1, last_path) == (first, path) else 0
            for end, line in event_lines(path, offset):
                yield path, end, line


class FollowedSegments(JournalSegments):
    """The segments of a journal that is being written, up to ``last_seq``, as far as the writer tells."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.last_seq = 0
        self._followers: list[Callable[[], None]] = []

    def follow(self, follower: Callable[[], None]) -> None:
        """Call the follower whenever there is more."""
        self._followers.append(follower)

    def more(self, last_seq: int) -> None:
        """Everything up to this number is written."""
        self.last_seq = last_seq
        for follower in self._followers:
            follower()


def events_of_call(directory: Path, call_id: str) -> list[DomainEvent]:
    """The life of one call as far as the segments still hold it, in order. For readers beside the writer."""
    mark = call_id.encode()
    lines = (
        line
        for path in sorted(directory.glob("journal-*.jsonl"))
        for _, line in event_lines(path, 0)
        if mark in line
    )
    events = (decode_line(line)[1] for line in lines)
    return [event for event in events if getattr(event, "call_id", None) == call_id]


def events_since(
    directory: Path, at: int | None
) -> tuple[dict[str, Any] | None, Iterator[tuple[int, DomainEvent]]] | None:
    """Where the newest segment that begins at or before ``at`` begins (None: the oldest one): its snapshot,
    if it has one, and all events from there on. None when no segment reaches so far back. For readers beside
    the writer."""
    segments = sorted(directory.glob("journal-*.jsonl"))
    first = 0 if at is None else -1
    for index, path in enumerate(segments if at is not None else ()):
        line = next((line for _, line in event_lines(path, 0)), None)
        if line is not None and decode_line(line)[1].at <= (at or 0):
            first = index
    if first < 0 or not segments:
        return None
    with segments[first].open("rb") as file:
        line = file.readline()
    snapshot = orjson.loads(line)["snapshot"] if line.startswith(SNAPSHOT) else None
    return snapshot, (decode_line(line) for path in segments[first:] for _, line in event_lines(path, 0))


def event_lines(path: Path, offset: int) -> Iterator[tuple[int, bytes]]:
    """The event lines of a segment from ``offset`` on, each with the offset of its end. None of a segment
    that has meanwhile been removed, nor a last line that is still being written."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        file.seek(offset)
        for line in file:
            offset += len(line)
            if line.endswith(b"\n") and not line.startswith(SNAPSHOT):
                yield offset, line


def begins_at(path: Path) -> int:
    """The number of a segment's first event."""
    return int(path.stem.removeprefix("journal-"))


def _seq(line: bytes) -> int:
    """The number of an event line, without reading the rest of it."""
    return int(line[len(SEQ) : line.index(b",", len(SEQ))])
