"""The journal on the local disk: append-only segments that survive the death of the process at any moment.

A segment ``journal-<first number>.jsonl`` begins with a snapshot line (or none in the very first) and holds
one event per line. A write goes to the operating system at once, which outlives this process; a thread syncs
it to the disk every second, which bounds what a power cut can take. PostgreSQL gets a copy (journal_shipper).
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Sequence
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import orjson
import structlog

from callcenter.domain.codec import decode_line, encode_line
from callcenter.domain.events import DomainEvent
from callcenter.ports import Recollection

log = structlog.get_logger(__name__)
SEGMENT_BYTES = 32 * 1024 * 1024
SYNC_EVERY_S = 1.0
REMEMBERED = 50_000
"""Events kept in memory for readers that follow closely; older ones are read from the segments."""


class LocalJournal:
    """One writer per directory, guarded by a lock file."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._recent: deque[tuple[int, DomainEvent]] = deque(maxlen=REMEMBERED)
        self._unwritten: list[bytes] = []
        self._last_seq = 0
        self._size = 0
        self._fd = -1
        self._dirty = threading.Event()
        self._closed = threading.Event()
        self._syncer = threading.Thread(target=self._sync_loop, name="journal-sync", daemon=True)

    @property
    def last_seq(self) -> int:
        """The number of the newest event (0: none)."""
        return self._last_seq

    @property
    def is_empty(self) -> bool:
        """Nothing was ever written here."""
        return not self._segments()

    @property
    def wants_checkpoint(self) -> bool:
        """The segment has grown so long that starting again from it would take a while."""
        return self._size > SEGMENT_BYTES

    @property
    def healthy(self) -> bool:
        """Everything appended so far is written."""
        return not self._unwritten

    def recall(self, first_seq: int = 1) -> Recollection:
        """Read the newest segment and open it for appending; a torn last line is cut off.

        ``first_seq`` numbers the first event of an empty directory, for a centre whose journal lives on
        elsewhere.
        """
        segments = self._segments()
        if not segments:
            self._last_seq = first_seq - 1
            self._open(self._directory / f"journal-{first_seq:012d}.jsonl")
            return Recollection(None, [], self._last_seq)
        path = segments[-1]
        raw = path.read_bytes()
        whole = raw.rfind(b"\n") + 1
        if whole < len(raw):
            log.warning("journal_torn_line_cut", segment=path.name, bytes=len(raw) - whole)
            os.truncate(path, whole)
        snapshot, events = _read_segment(raw[:whole])
        self._last_seq = events[-1][0] if events else int(path.stem.removeprefix("journal-")) - 1
        self._recent.extend(events)
        self._open(path)
        return Recollection(snapshot, events, self._last_seq)

    def append(self, events: Sequence[DomainEvent]) -> int:
        """See ``callcenter.ports.Journal``."""
        first = self._last_seq + 1
        for event in events:
            self._last_seq += 1
            self._recent.append((self._last_seq, event))
            self._unwritten.append(encode_line(self._last_seq, event))
        self._write()
        return first

    def checkpoint(self, snapshot: dict[str, Any]) -> None:
        """See ``callcenter.ports.Journal``. The new segment appears whole or not at all."""
        path = self._directory / f"journal-{self._last_seq + 1:012d}.jsonl"
        line = orjson.dumps({"snapshot": snapshot}, option=orjson.OPT_APPEND_NEWLINE)
        fresh = path.with_suffix(".new")
        try:
            with fresh.open("wb") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
            fresh.rename(path)
        except OSError as error:
            log.warning("journal_checkpoint_failed", reason=str(error), cure="free disk space")
            return
        self._write()
        os.close(self._fd)
        self._open(path)

    def since(self, seq: int, limit: int) -> list[tuple[int, DomainEvent]] | None:
        """See ``callcenter.ports.Journal``."""
        if seq >= self._last_seq:
            return []
        if self._last_seq - seq > limit:
            return None
        return self.recent(seq + 1, limit) or self.read(seq + 1, limit) or None

    def recent(self, first_seq: int, limit: int) -> list[tuple[int, DomainEvent]] | None:
        """Up to ``limit`` events from number ``first_seq`` on, out of memory; None when that one is not
        remembered."""
        if not self._recent or self._recent[0][0] > first_seq:
            return None
        skip = first_seq - self._recent[0][0]
        return list(islice(self._recent, skip, skip + limit))

    def oldest_seq(self) -> int:
        """The lowest number that is still here."""
        for path in self._segments():
            events = _read_segment(path.read_bytes())[1]
            if events:
                return events[0][0]
        return self._last_seq + 1

    def read(self, first_seq: int, limit: int) -> list[tuple[int, DomainEvent]]:
        """Up to ``limit`` events from number ``first_seq`` on, out of the segments on disk; empty when that
        number is not here (any more)."""
        segments = self._segments()
        starts = [int(path.stem.removeprefix("journal-")) for path in segments]
        found: list[tuple[int, DomainEvent]] = []
        for index, path in enumerate(segments):
            if index + 1 < len(starts) and starts[index + 1] <= first_seq:
                continue
            for seq, event in _read_segment(path.read_bytes())[1]:
                if seq >= first_seq:
                    found.append((seq, event))
                    if len(found) >= limit:
                        return found
        return found if found and found[0][0] == first_seq else []

    def prune(self, shipped_seq: int) -> None:
        """Remove segments that are shipped whole and that no start-up needs."""
        segments = self._segments()
        for path, following in pairwise(segments):
            if int(following.stem.removeprefix("journal-")) - 1 <= shipped_seq:
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Write and sync what is left."""
        self._closed.set()
        self._dirty.set()
        if self._syncer.is_alive():
            self._syncer.join()
        if self._fd >= 0:
            self._write()
            os.fsync(self._fd)
            os.close(self._fd)
            self._fd = -1

    def _segments(self) -> list[Path]:
        return sorted(self._directory.glob("journal-*.jsonl"))

    def _open(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._size = os.fstat(self._fd).st_size
        if not self._syncer.is_alive() and not self._closed.is_set():
            self._syncer.start()

    def _write(self) -> None:
        """Write all that is unwritten in one call. A partial write (a full disk) is taken back, so that the
        segment always ends with a whole line."""
        if not self._unwritten:
            return
        block = b"".join(self._unwritten)
        try:
            written = os.write(self._fd, block)
            if written < len(block):
                os.ftruncate(self._fd, self._size)
                raise OSError(f"only {written} of {len(block)} bytes written")
        except OSError as error:
            if len(self._unwritten) % 100 == 1:
                log.error(
                    "journal_write_failed", reason=str(error), cure="free disk space; nothing is lost so far"
                )
            return
        self._size += len(block)
        self._unwritten.clear()
        self._dirty.set()

    def _sync_loop(self) -> None:
        while not self._closed.wait(SYNC_EVERY_S):
            if self._dirty.is_set():
                self._dirty.clear()
                try:
                    os.fdatasync(self._fd)
                except OSError as error:
                    log.error("journal_sync_failed", reason=str(error), cure="check the disk")


def events_of_call(directory: Path, call_id: str) -> list[DomainEvent]:
    """The life of one call as far as the segments still hold it, in order. For readers beside the writer."""
    found: list[DomainEvent] = []
    for path in sorted(directory.glob("journal-*.jsonl")):
        raw = path.read_bytes()
        _, events = _read_segment(raw[: raw.rfind(b"\n") + 1])
        found += [event for _, event in events if getattr(event, "call_id", None) == call_id]
    return found


def _read_segment(raw: bytes) -> tuple[dict[str, Any] | None, list[tuple[int, DomainEvent]]]:
    snapshot: dict[str, Any] | None = None
    events: list[tuple[int, DomainEvent]] = []
    for number, line in enumerate(raw.splitlines()):
        if number == 0 and line.startswith(b'{"snapshot"'):
            snapshot = orjson.loads(line)["snapshot"]
        elif line:
            events.append(decode_line(line))
    return snapshot, events
