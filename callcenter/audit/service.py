"""Writing the audit log, also while its store is away, and reading it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import orjson
import structlog

from callcenter.audit.model import FIRST, AuditDeed, Entry, Kept, Outcome, Wanted, broken_at
from callcenter.audit.store import AuditStore
from callcenter.ports import StoreAway

log = structlog.get_logger(__name__)
LOOK_S: Final = 5.0
PAGE: Final = 1000


class AuditLog:
    """``owed`` is the file of what was done while the store was away (None: it is kept in memory only, for
    previews and tests); ``run`` brings it to the store."""

    def __init__(self, store: AuditStore, owed: Path | None = None) -> None:
        self._store = store
        self._file = owed
        self._owed = _read(owed) if owed else []
        self._writing = asyncio.Lock()

    @property
    def owed(self) -> int:
        """How many entries the store has yet to be brought."""
        return len(self._owed)

    async def write(self, entry: Entry) -> None:
        """Keep this for good. Raises StoreAway, and then it is not kept."""
        await self._store.write([entry])

    async def write_or_owe(self, entry: Entry) -> None:
        """Keep this for good, later if the store is away: what was done can no longer be refused."""
        try:
            await self._store.write([entry])
        except StoreAway:
            async with self._writing:
                self._owed.append(entry)
                await asyncio.to_thread(self._append, entry)
            log.warning("audit_entry_owed", count=len(self._owed))

    async def run(self) -> None:
        """Bring what is owed to the store, for ever."""
        while True:
            await self.settle()
            await asyncio.sleep(LOOK_S)

    async def settle(self) -> None:
        """Bring what is owed to the store, if it is there."""
        async with self._writing:
            settled = list(self._owed)
            if not settled:
                return
            try:
                await self._store.write(settled)
            except StoreAway:
                return
            self._owed = self._owed[len(settled) :]
            await asyncio.to_thread(self._rewrite, tuple(self._owed))
        log.info("audit_entries_settled", count=len(settled))

    async def entries(self, wanted: Wanted, limit: int) -> list[Kept]:
        """The newest of them. Raises StoreAway."""
        return await self._store.entries(wanted, limit)

    async def all_entries(self, wanted: Wanted) -> AsyncIterator[Kept]:
        """All of them, the newest first, read in portions. Raises StoreAway."""
        while True:
            page = await self._store.entries(wanted, PAGE)
            for kept in page:
                yield kept
            if len(page) < PAGE:
                return
            wanted = replace(wanted, before=page[-1].seq)

    async def check(self) -> tuple[int, int | None]:
        """How many entries there are, and the first that is not what was written. Raises StoreAway."""
        seq, before = 0, FIRST
        while page := await self._store.in_order(seq, PAGE):
            if (broken := broken_at(page, before, seq)) is not None:
                return page[-1].seq, broken
            seq, before = page[-1].seq, page[-1].hash
        return seq, None

    def _append(self, entry: Entry) -> None:
        if self._file is None:
            return
        with os.fdopen(os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
            file.write(orjson.dumps(entry) + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def _rewrite(self, entries: tuple[Entry, ...]) -> None:
        if self._file is None:
            return
        fresh = self._file.with_suffix(f".{os.getpid()}.new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.writelines(orjson.dumps(entry) + b"\n" for entry in entries)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(self._file)


def _read(path: Path) -> list[Entry]:
    """What an earlier process still owed. A line that was cut off by its death is left out."""
    entries = []
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            told: dict[str, Any] = orjson.loads(line)
            entries.append(
                Entry(**told | {"deed": AuditDeed(told["deed"]), "outcome": Outcome(told["outcome"])})
            )
        except (ValueError, TypeError, KeyError) as error:
            log.error("audit_entry_unreadable", reason=type(error).__name__)
    return entries
