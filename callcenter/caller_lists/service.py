"""Use cases of the lists of callers: changing them, and keeping the Centre in step with them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

import orjson
import structlog

from callcenter.caller_lists.model import CountedEntry, Deed, NewEntry, Refused, found, new_entry
from callcenter.caller_lists.store import CallerListStore
from callcenter.domain.caller_lists import AS_SHOWN, CallerLists, ListEntry, canonical_entry
from callcenter.domain.numbering import NumberingPlan
from callcenter.ports import Clock, StoreAway

log = structlog.get_logger(__name__)
LOOK_S: Final = 30.0
"""How late a change is seen that another program made in the store."""


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one entry that was to be added; ``told`` says why it was refused."""

    deed: Deed
    told: str = ""


class CallerListService:
    """Adds, removes and tells entries. ``changed`` is called after every change. ``names`` are the lists that
    there are, with what people call them; another mapping there is another set of lists. By ``plan`` numbers
    are written."""

    def __init__(
        self, store: CallerListStore, names: Mapping[str, str], clock: Clock, plan: NumberingPlan = AS_SHOWN
    ) -> None:
        self._store = store
        self._clock = clock
        self._plan = plan
        self.names = names
        self.changed: Callable[[], None] = lambda: None

    async def entries(self, name: str | None = None) -> list[CountedEntry]:
        """All entries (of one list). Raises StoreAway."""
        return await self._store.entries(name)

    async def add(self, rows: Iterable[Mapping[str, str | None]], author: str) -> list[RowResult]:
        """Add what is right of these (fields: model.COLUMNS), and say what became of each. Raises StoreAway,
        and then nothing was added."""
        read = [_read(row, self.names, self._plan) for row in rows]
        right = [one for one in read if isinstance(one, NewEntry)]
        right = await self._as_stored(right)
        deeds = iter(await self._store.add(right, author, self._clock()) if right else ())
        results = [RowResult(next(deeds)) if isinstance(one, NewEntry) else one for one in read]
        if right:
            log.info(
                "callers_listed", user=author, lists=sorted({one.list for one in right}), count=len(right)
            )
            self.changed()
        return results

    async def would(self, rows: Iterable[Mapping[str, str | None]]) -> list[RowResult]:
        """What would become of each if they were added now. Raises StoreAway."""
        read = [_read(row, self.names, self._plan) for row in rows]
        right = iter(await self._as_stored([one for one in read if isinstance(one, NewEntry)]))
        known = {(one.entry.list, one.entry.number) for one in await self._store.entries()}
        results = []
        for one in read:
            if isinstance(one, RowResult):
                results.append(one)
                continue
            entry = next(right)
            key = entry.list, entry.number
            results.append(RowResult(Deed.CHANGED if key in known else Deed.ADDED))
            known.add(key)
        return results

    async def found(self, name: str | None, words: str, *, open_numbers: bool) -> list[CountedEntry]:
        """The entries (of one list) that these words are about; see model.found. Raises StoreAway."""
        entries = await self._store.entries(name)
        now = self._clock()
        return await asyncio.to_thread(found, entries, words, now, self._plan, open_numbers=open_numbers)

    async def remove(self, entry_id: str, author: str) -> ListEntry | None:
        """Remove one; it, or None when there is no such entry. Raises StoreAway."""
        removed = await self._store.remove(entry_id)
        if removed is not None:
            log.info("caller_unlisted", user=author, list=removed.list, number=removed.number)
            self.changed()
        return removed

    async def _as_stored(self, new: Sequence[NewEntry]) -> list[NewEntry]:
        """What a list has already in a spelling of before numbers were canonical is changed there: a caller
        stands on a list once."""
        lists = {one.list for one in new}
        entries = [counted.entry for name in lists for counted in await self._store.entries(name)]
        stored = await asyncio.to_thread(_by_canonical, entries, self._plan)  # beside the calls
        return [replace(one, number=stored.get((one.list, one.number), one.number)) for one in new]


def _by_canonical(entries: Iterable[ListEntry], plan: NumberingPlan) -> dict[tuple[str, str], str]:
    """How the numbers of lists are stored that may not be canonical."""
    return {
        (entry.list, canonical_entry(entry.number, plan)): entry.number
        for entry in entries
        if not entry.number.startswith("+")
    }


def _read(
    row: Mapping[str, str | None], names: Mapping[str, str], plan: NumberingPlan
) -> NewEntry | RowResult:
    try:
        return new_entry(row, names, plan)
    except Refused as wrong:
        return RowResult(Deed.REFUSED, str(wrong))


class ListsInForce:
    """Tells the Centre of every change of the lists. The last known ones are kept in a file, so that neither
    the store being away nor a restart meanwhile changes anything for callers."""

    def __init__(self, store: CallerListStore, kept: Path, plan: NumberingPlan = AS_SHOWN) -> None:
        self._store = store
        self._kept = kept
        self._plan = plan
        self._version: int | None = None
        self._looking = asyncio.Event()

    def known(self) -> CallerLists:
        """The lists as they were last known here: to be asked at the start."""
        try:
            raw = self._kept.read_bytes()
        except FileNotFoundError:
            return CallerLists()
        except OSError as error:
            log.error("caller_lists_unreadable", reason=str(error))
            return CallerLists()
        try:
            return CallerLists((ListEntry(**entry) for entry in orjson.loads(raw)), self._plan)
        except (TypeError, ValueError) as error:
            log.error("caller_lists_unreadable", reason=type(error).__name__)
            return CallerLists()

    def look(self) -> None:
        """See now whether the lists have changed. Never waits."""
        self._looking.set()

    async def run(self, tell: Callable[[CallerLists], None]) -> None:
        """Look when told to, and now and then, for ever; ``tell`` is given lists that have changed."""
        while True:
            self._looking.clear()
            try:
                await self._refresh(tell)
            except StoreAway:
                pass  # what is known goes on; the health of the store is told elsewhere
            except OSError as error:
                log.error("caller_lists_not_kept", reason=str(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._looking.wait()

    async def _refresh(self, tell: Callable[[CallerLists], None]) -> None:
        version = await self._store.version()
        if version == self._version:
            return
        entries = [counted.entry for counted in await self._store.entries()]
        tell(await asyncio.to_thread(CallerLists, entries, self._plan))  # beside the calls: there may be many
        self._version = version
        await asyncio.to_thread(_keep, self._kept, entries)


def _keep(path: Path, entries: Iterable[ListEntry]) -> None:
    """The file appears whole, readable by its owner only."""
    fresh = path.with_suffix(f".{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(orjson.dumps([asdict(entry) for entry in entries]))
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
