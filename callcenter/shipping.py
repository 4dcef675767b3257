"""The journal on its way to PostgreSQL and onto the bus, and counted for the reports: in a process of its
own, so that a batch that is brought, or counted, never stands between a call and the controller.

``python -m callcenter.shipping``. In, JSON, one object a line: first a Cargo, then ``{"written": number}``
whenever the segments hold more. Out: a Word whenever something has changed. It ends when its input does; what
it has not brought then the next one brings.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any, Final

import orjson
import redis.asyncio as redis
import uvloop

from callcenter.adapters.journal_segments import FollowedSegments
from callcenter.adapters.journal_shipper import JournalShipper
from callcenter.adapters.local_journal import LocalJournal
from callcenter.adapters.postgres.journal_store import PostgresJournalStore
from callcenter.adapters.postgres.pool import Database
from callcenter.adapters.valkey_bus import ValkeyBus
from callcenter.domain.kpi import KpiPolicy
from callcenter.embedded.process import BEHIND_TELEPHONY
from callcenter.kept_process import KeptProcess
from callcenter.observability import configure_logging
from callcenter.reports.service import ReportService
from callcenter.reports.store import PostgresReportStore
from callcenter.standing_back import stand_back

STORE, BUS = "store", "bus"
GATHER_S: Final = 0.5
"""Waited after the first new event, so that what follows it travels in the same batch: a batch costs as much
as dozens of events. Nothing hangs on it: what must be known at once is told in the controller."""
_NO_PROCESS: Final = "the process that brings the journal there has ended; it is started again"


@dataclass(frozen=True, slots=True)
class Cargo:
    """What is brought, and where to. ``threshold_ms`` and ``time_zone`` are those of the KpiPolicy by which
    it is counted until the journal states another."""

    journal: str
    database_url: str
    valkey_url: str
    threshold_ms: Mapping[str, int]
    time_zone: str


@dataclass(frozen=True, slots=True)
class Word:
    """How it is with one far side: ``shipped`` is the highest number that has arrived."""

    to: str
    shipped: int
    up: bool
    detail: str


# --- in the process ----------------------------------------------------------------------------------------


async def _ship(cargo: Cargo, told: asyncio.StreamReader, to: IO[bytes]) -> None:
    """Bring everything, and count it, until nobody tells of more."""
    database = Database(cargo.database_url)
    store = PostgresJournalStore(database)
    bus = ValkeyBus(redis.Redis.from_url(cargo.valkey_url, socket_timeout=5, socket_connect_timeout=2))
    policy = KpiPolicy(dict(cargo.threshold_ms), cargo.time_zone)
    reports = ReportService(PostgresReportStore(database, policy), policy.time_zone)
    # Each reads for itself: one may be far behind the other.
    journals = FollowedSegments(Path(cargo.journal)), FollowedSegments(Path(cargo.journal))
    words = partial(_say, to, STORE), partial(_say, to, BUS)
    shippers = (
        JournalShipper("postgresql", journals[0], store, store.ship, words[0]),
        JournalShipper("valkey", journals[1], bus, bus.publish, words[1]),
    )
    work = [asyncio.create_task(shipper.run()) for shipper in shippers]
    work.append(asyncio.create_task(reports.run()))
    async for line in told:
        for journal in journals:
            journal.more(orjson.loads(line)["written"])
    for task in work:
        task.cancel()
    await asyncio.wait(work, timeout=1.0)


def _say(to: IO[bytes], where: str, shipped: int, up: bool, detail: str) -> None:
    to.write(orjson.dumps(asdict(Word(where, shipped, up, detail)), option=orjson.OPT_APPEND_NEWLINE))
    to.flush()


async def _main() -> None:
    # Whatever a library prints must not get between the words.
    words, sys.stdout = sys.stdout.buffer, sys.stderr
    told = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(told), sys.stdin)
    await _ship(Cargo(**orjson.loads(await told.readline())), told, words)


def main() -> None:
    """The process itself."""
    stand_back(BEHIND_TELEPHONY)
    configure_logging("shipping")
    uvloop.run(_main())


# --- beside the calls --------------------------------------------------------------------------------------


class Shipping:
    """Keeps the process at work for as long as ``run`` runs. ``on_health`` is told of each far side (STORE,
    BUS) whether it takes what it is brought, and why not."""

    def __init__(
        self, journal: LocalJournal, cargo: Cargo, on_health: Callable[[str, bool, str], None]
    ) -> None:
        self._journal = journal
        self._cargo = cargo
        self._on_health = on_health
        self._process = KeptProcess(
            "callcenter.shipping", begun=self._begun, take=self._take, ended=self._ended
        )
        self._gathering: asyncio.TimerHandle | None = None
        self._shipped = {STORE: 0, BUS: 0}

    async def run(self) -> None:
        """Until cancelled."""
        self._journal.follow(self._more)
        await self._process.run()

    @property
    def pid(self) -> int | None:
        """Of the process; None while it is not there."""
        return self._process.pid

    def shipped_seq(self, to: str) -> int:
        """The highest number that has arrived there, as far as is known here."""
        return self._shipped[to]

    def behind(self, to: str) -> int:
        """How many events of the journal have not arrived there."""
        return max(0, self._journal.last_seq - self._shipped[to])

    def _more(self) -> None:
        if self._gathering is None:
            self._gathering = asyncio.get_running_loop().call_later(GATHER_S, self._gathered)

    def _gathered(self) -> None:
        self._gathering = None
        self._process.tell({"written": self._journal.written_seq})

    def _begun(self) -> None:
        self._process.tell(asdict(self._cargo))
        self._process.tell({"written": self._journal.written_seq})

    def _ended(self) -> None:
        for to in self._shipped:
            self._on_health(to, False, _NO_PROCESS)

    def _take(self, message: dict[str, Any]) -> None:
        word = Word(**message)
        self._shipped[word.to] = word.shipped
        self._on_health(word.to, word.up, word.detail)


if __name__ == "__main__":
    main()
