"""The journal: appends against bare writes of the same bytes, shipping against COPY of the same rows."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from pathlib import Path

import asyncpg
import orjson

from bench.figures import Spread, ratio
from bench.report import Report, as_ratio
from bench.rounds import per_cpu_second
from bench.sample_call import life_of_a_call
from callcenter.adapters.local_journal import LocalJournal
from callcenter.adapters.postgres.journal_store import PostgresJournalStore
from callcenter.adapters.postgres.pool import Database
from callcenter.domain.codec import JournalEntry, encode_line, journal_entries
from callcenter.domain.events import DomainEvent
from callcenter.embedded.postgres import EmbeddedPostgres

BATCH = 500
BARE = "CREATE TABLE bare_journal (seq bigint, at bigint, kind text, call_id text, data text)"
COLUMNS = ("seq", "at", "kind", "call_id", "data")


async def run(directory: Path, *, quick: bool) -> list[Report]:
    """Both halves of the journal's way: to the local disk, and on to PostgreSQL."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    appends = [group for number in range(300 if quick else 1500) for group in life_of_a_call(number, 10**12)]
    rounds = 3 if quick else 7
    local = _local(directory, appends, rounds)
    shipped = await _shipping(directory, [event for group in appends for event in group], 3 if quick else 5)
    return [local, shipped]


def _local(directory: Path, appends: list[list[DomainEvent]], rounds: int) -> Report:
    blocks = []
    seq = 0
    for group in appends:
        blocks.append(b"".join(encode_line(seq + offset, event) for offset, event in enumerate(group, 1)))
        seq += len(group)
    journal = LocalJournal(directory / "local")
    journal.recall()
    bare = os.open(directory / "bare", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def ours() -> int:
        for group in appends:
            journal.append(group)
        return len(appends)

    def plain() -> int:
        for block in blocks:
            os.write(bare, block)
        return len(blocks)

    speeds = per_cpu_second({"LocalJournal.append": ours, "os.write": plain}, rounds=rounds)
    journal.close()
    os.close(bare)
    events, size = sum(map(len, appends)), sum(map(len, blocks))
    return Report(
        "journal: appends on the local disk",
        ("", "appends per CPU second", "ratio to os.write"),
        [(name, str(speed), as_ratio(ratio(speed, speeds["os.write"]))) for name, speed in speeds.items()],
        [f"An average append holds {events / len(appends):.1f} events, {size / len(appends):,.0f} bytes; "
         f"a call has {len(life_of_a_call(1, 0))}."],
        {name: speed.to_dict() for name, speed in speeds.items()},
    )  # fmt: skip


async def _shipping(directory: Path, events: list[DomainEvent], rounds: int) -> Report:
    postgres = EmbeddedPostgres(
        directory / "postgres", run_dir=(directory / "run").resolve(), log_dir=directory / "log"
    )
    for place in (directory / "run", directory / "log"):
        place.mkdir()
    await postgres.start()
    try:
        await postgres.wait_ready()
        speeds = await _shipped(postgres.dsn, events, rounds)
    finally:
        await postgres.stop()
    return Report(
        "journal: shipping to PostgreSQL",
        ("", "events per second", "ratio to COPY"),
        [(name, str(speed), as_ratio(ratio(speed, speeds["COPY"]))) for name, speed in speeds.items()],
        [
            f"Batches of {BATCH}, by the clock. Shipped: each number once, as jsonb with indexes, and the "
            "call's row in the same transaction; COPY: the same rows as text into a bare table.",
        ],
        {name: speed.to_dict() for name, speed in speeds.items()},
    )


async def _shipped(dsn: str, events: list[DomainEvent], rounds: int) -> dict[str, Spread]:
    database = Database(dsn)
    store = PostgresJournalStore(database)
    bare = await asyncpg.connect(dsn)
    await bare.execute(BARE)
    first_seq = 1
    speeds: dict[str, list[float]] = {"shipped": [], "COPY": []}
    try:
        await store.last_seq()
        for index in range(rounds):
            entries = journal_entries(first_seq, events)
            first_seq += len(entries)
            batches = [entries[first : first + BATCH] for first in range(0, len(entries), BATCH)]
            for name in ("shipped", "COPY") if index % 2 else ("COPY", "shipped"):
                began = time.perf_counter()
                for batch in batches:
                    await (store.ship(batch) if name == "shipped" else _copy(bare, batch))
                speeds[name].append(len(events) / (time.perf_counter() - began))
                await asyncio.sleep(0)
    finally:
        await bare.close()
        await database.close()
    return {name: Spread.of(found) for name, found in speeds.items()}


async def _copy(connection: asyncpg.Connection, batch: list[JournalEntry]) -> None:
    rows = [
        (
            entry.seq,
            event.at,
            type(event).__name__,
            getattr(event, "call_id", None),
            orjson.dumps(event).decode(),
        )
        for entry in batch
        for event in [entry.event]
    ]
    await connection.copy_records_to_table("bare_journal", records=rows, columns=COLUMNS)
