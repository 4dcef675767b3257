"""The journal on the local disk: append-only segments that survive the death of the process at any moment.

A segment ``journal-<first number>.jsonl`` begins with a snapshot line (or none in the very first) and holds
one event per line. A write goes to the operating system at once, which outlives this process; a thread syncs
it to the disk every second, which bounds what a power cut can take. PostgreSQL gets a copy
(``callcenter.shipping``).
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
import structlog

from callcenter.adapters.journal_segments import SNAPSHOT, JournalSegments, begins_at
from callcenter.domain.codec import decode_line, encode_line
from callcenter.domain.events import DomainEvent
from callcenter.ports import Recollection

log = structlog.get_logger(__name__)
SEGMENT_BYTES = 32 * 1024 * 1024
SYNC_EVERY_S = 1.0
REMEMBERED = 10_000
"""Events kept in memory for readers that follow closely; older ones are read from the segments."""


class JournalInUse(Exception):
    """Another process writes this journal; the text says what to do."""


class JournalDamaged(Exception):
    """A line of the journal cannot be read; the text says where and what to do."""


class LocalJournal:
    """One writer per directory, guarded by a lock file."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._segments = JournalSegments(directory)
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._recent: deque[tuple[int, DomainEvent]] = deque(maxlen=REMEMBERED)
        self._followers: list[Callable[[], None]] = []
        self._unwritten: list[bytes] = []
        self._lock = -1
        self._last_seq = 0
        self._size = 0
        self._fd = -1
        self._open_file = threading.Lock()
        """Held while the segment is synced, and while it is exchanged for the next."""
        self._dirty = False
        """Something was written since the last sync; without a lock, for a second sync does no harm."""
        self._closed = threading.Event()
        self._syncer = threading.Thread(target=self._sync_loop, name="journal-sync", daemon=True)

    @property
    def last_seq(self) -> int:
        """The number of the newest event (0: none)."""
        return self._last_seq

    @property
    def written_seq(self) -> int:
        """The number of the newest event that readers of the segments find."""
        return self._last_seq - len(self._unwritten)

    @property
    def is_empty(self) -> bool:
        """Nothing was ever written here."""
        return not self._segments.paths()

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
        elsewhere. Raises JournalInUse when another process writes here, JournalDamaged for a line that is not
        of a journal.
        """
        self._take_lock()
        segments = self._segments.paths()
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
        snapshot, events = _read_segment(path, raw[:whole])
        self._last_seq = events[-1][0] if events else begins_at(path) - 1
        self._recent.extend(events)
        self._open(path)
        return Recollection(snapshot, events, self._last_seq)

    def follow(self, follower: Callable[[], None]) -> None:
        """Call the follower after each append."""
        self._followers.append(follower)

    def append(self, events: Sequence[DomainEvent]) -> int:
        """See ``callcenter.ports.Journal``."""
        numbered = list(enumerate(events, start=self._last_seq + 1))
        self._last_seq += len(numbered)
        self._recent.extend(numbered)
        self._unwritten += [encode_line(seq, event) for seq, event in numbered]
        self._write()
        for follower in self._followers:
            follower()
        return self._last_seq - len(numbered) + 1

    def checkpoint(self, snapshot: dict[str, Any]) -> None:
        """See ``callcenter.ports.Journal``. The new segment appears whole or not at all. Nothing is done
        while events wait to be written: the snapshot holds them already, so they must not follow it."""
        self._write()
        if self._unwritten:
            return
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
        with self._open_file:
            os.fdatasync(self._fd)
            os.close(self._fd)
            self._open(path)

    def since(self, seq: int, limit: int) -> list[tuple[int, DomainEvent]] | None:
        """See ``callcenter.ports.Journal``."""
        if seq >= self._last_seq:
            return []
        if self._last_seq - seq > limit:
            return None
        if self._recent and self._recent[0][0] <= seq + 1:
            # By index, which is quick near the end where readers are; a slice would walk there.
            skip = seq + 1 - self._recent[0][0]
            return [self._recent[index] for index in range(skip, len(self._recent))]
        return [(entry.seq, entry.event) for entry in self._segments.read(seq + 1, limit)] or None

    def prune(self, shipped_seq: int) -> None:
        """Remove segments that are shipped whole and that no start-up needs."""
        segments = self._segments.paths()
        for path, following in pairwise(segments):
            if begins_at(following) - 1 <= shipped_seq:
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Write and sync what is left."""
        self._closed.set()
        if self._syncer.is_alive():
            self._syncer.join()
        if self._fd >= 0:
            self._write()
            os.fsync(self._fd)
            os.close(self._fd)
            self._fd = -1
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _take_lock(self) -> None:
        """The lock ends with this process, however it ends."""
        self._lock = os.open(self._directory / "lock", os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            self._lock = -1
            raise JournalInUse(
                f"{self._directory}: another controller writes this journal; stop it, or set centre.data_dir"
                " to another directory"
            ) from None

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
        self._dirty = True

    def _sync_loop(self) -> None:
        while not self._closed.wait(SYNC_EVERY_S):
            if self._dirty:
                self._dirty = False
                try:
                    with self._open_file:
                        os.fdatasync(self._fd)
                except OSError as error:
                    log.error("journal_sync_failed", reason=str(error), cure="check the disk")


def _read_segment(path: Path, raw: bytes) -> tuple[dict[str, Any] | None, list[tuple[int, DomainEvent]]]:
    snapshot: dict[str, Any] | None = None
    events: list[tuple[int, DomainEvent]] = []
    for number, line in enumerate(raw.splitlines(keepends=True), start=1):
        try:
            if line.startswith(SNAPSHOT):
                snapshot = orjson.loads(line)["snapshot"]
            else:
                events.append(decode_line(line))
        except (ValueError, KeyError) as error:
            raise JournalDamaged(
                f"{path}:{number}: not a line of a journal ({error}); move the directory away to begin anew"
                " (what was shipped is safe in PostgreSQL)"
            ) from error
    return snapshot, events
