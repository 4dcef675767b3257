"""Looking back: the list of calls and reports over a million made-up calls, beside reading them all once."""

from __future__ import annotations

import shutil
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
import orjson

from bench.figures import Spread, ratio
from bench.report import Report, as_ratio, within
from callcenter.adapters.postgres.history import PostgresHistory
from callcenter.adapters.postgres.journal_store import PostgresJournalStore
from callcenter.adapters.postgres.pool import Database
from callcenter.adapters.postgres.projection import instant
from callcenter.call_search import CallsWanted
from callcenter.domain import events as e
from callcenter.domain.codec import journal_entries
from callcenter.domain.kpi import TOTAL, KpiPolicy
from callcenter.domain.kpi_ledger import KpiLedger, Scope, day_of
from callcenter.embedded.postgres import EmbeddedPostgres
from callcenter.preview.past import DAY_MS, MadeUpPast
from callcenter.reports.model import Interval, ReportWanted
from callcenter.reports.service import ReportService
from callcenter.reports.store import PostgresReportStore

ZONE = "Asia/Shanghai"
UNTIL = day_of(1_772_400_000_000, ZONE)
"""2026-03-02; the calls come in the years before."""
CALLS_A_YEAR, YEARS, QUICK_YEARS = 100_000, 10, 1
DAYS = 365
AT_A_TIME = 20_000
SIMPLE_S, COMPLEX_S = 1.0, 5.0
PLACES = ("小区", "路口", "学校", "公园", "车站", "医院", "市场", "广场", "河边", "工地")
THINGS = ("路灯", "垃圾", "噪音", "停车", "水管", "井盖", "树枝", "围墙", "电梯", "暖气")
WHAT = (
    "坏了",
    "很多天",
    "没有人管",
    "影响休息",
    "不安全",
    "请尽快处理",
    "已经反映过",
    "孩子",
    "老人",
    "晚上",
)
RARE = "鹦鹉"
"""Said in one call of some ten thousand."""
Work = Callable[[], Awaitable[int]]


async def run(directory: Path, *, quick: bool) -> list[Report]:
    """Make the calls, then ask for them."""
    shutil.rmtree(directory, ignore_errors=True)
    for place in (directory, directory / "run", directory / "log"):
        place.mkdir(parents=True)
    postgres = EmbeddedPostgres(
        directory / "postgres", run_dir=(directory / "run").resolve(), log_dir=directory / "log"
    )
    await postgres.start()
    try:
        await postgres.wait_ready()
        return await _measured(postgres.dsn, QUICK_YEARS if quick else YEARS)
    finally:
        await postgres.stop()


async def _measured(dsn: str, years: int) -> list[Report]:
    database = Database(dsn)
    try:
        async with database.connection():
            pass  # migrated
        began = time.perf_counter()
        sample = await _fill(dsn, years)
        filled_s = time.perf_counter() - began
        reference = await _rounds(_whole_table(database))
        simple = {name: await _rounds(work) for name, work in _lists(database, sample).items()}
        reports = {name: await _rounds(work) for name, work in _reports(database, years).items()}
        counting = await _counting(database, sample)
    finally:
        await database.close()
    notes = [
        f"{years * CALLS_A_YEAR:,} calls of {years} years with transcripts and counts, made in "
        f"{filled_s:.0f} s; rows are those that were told. Each is asked three times; the reference reads "
        "every call once.",
        f"What is counted follows the journal at {counting:,.0f} events per second (a call has some 20).",
    ]
    return [
        _report("history: a page of the list of calls", simple, reference, SIMPLE_S, notes),
        _report("history: reports over all calls", reports, reference, COMPLEX_S, notes),
    ]


Timed = tuple[Spread, int]


async def _rounds(work: Work) -> Timed:
    """Three times, in milliseconds, and the rows of the last."""
    spent, rows = [], 0
    for _ in range(3):
        began = time.perf_counter()
        rows = await work()
        spent.append((time.perf_counter() - began) * 1000)
    return Spread.of(spent), rows


def _report(
    title: str, found: Mapping[str, Timed], reference: Timed, limit_s: float, notes: list[str]
) -> Report:
    rows = [
        (
            name,
            f"{rows:,}",
            str(spread),
            as_ratio(ratio(spread, reference[0])),
            within(max(spread.rounds), limit_s * 1000),
        )
        for name, (spread, rows) in {"count(*) of all calls": reference, **found}.items()
    ]
    data = {name: {"ms": spread.to_dict(), "rows": rows} for name, (spread, rows) in found.items()}
    columns = ("", "rows", "ms", "ratio to count(*)", f"<= {limit_s:g} s")
    return Report(title, columns, rows, notes, data)


# --- what is asked ------------------------------------------------------------------------------------------


def _whole_table(database: Database) -> Work:
    async def work() -> int:
        async with database.connection() as connection:
            return int(await connection.fetchval("SELECT count(*) FROM calls WHERE wait_ms >= 0"))

    return work


def _lists(database: Database, sample: Sequence[e.DomainEvent]) -> dict[str, Work]:
    history = PostgresHistory(database)
    caller = next(event.caller for event in sample if isinstance(event, e.CallArrived))
    day = UNTIL - 200 * DAY_MS
    wanted = {
        "the newest": CallsWanted(),
        "of a day half a year ago": CallsWanted(since_at=day, until_at=day + DAY_MS),
        "of an agent": CallsWanted(agent_id="1010"),
        "of an agent in a queue, abandoned": CallsWanted(
            agent_id="1010", queue="korean", outcome="abandoned"
        ),
        "of a caller": CallsWanted(caller=caller),
        "of a caller's last four digits": CallsWanted(caller=caller[-4:]),
        "of a number that never called": CallsWanted(caller="99999999999"),
        "of a queue, waited 2 minutes": CallsWanted(queue="policy", least_wait_ms=120_000),
        "waited longer than anybody": CallsWanted(least_wait_ms=86_400_000),
        "not recorded, of a language": CallsWanted(recorded=False, language="ko"),
        "a common word": CallsWanted(words="路灯"),
        "three words on end": CallsWanted(words="公园路灯坏了"),
        "a rare word": CallsWanted(words=RARE),
        "a word that nobody said": CallsWanted(words="企鹅"),
        "one character": CallsWanted(words=RARE[0]),
        "a rare word in an agent's calls": CallsWanted(words=RARE, agent_id="1001"),
    }

    def asking(one: CallsWanted) -> Work:
        async def work() -> int:
            return len((await history.calls(one, 50)).calls)

        return work

    return {name: asking(one) for name, one in wanted.items()}


def _reports(database: Database, years: int) -> dict[str, Work]:
    service = ReportService(PostgresReportStore(database, KpiPolicy({TOTAL: 15_000}, ZONE)), ZONE)
    first, year, quarter = (UNTIL - days * DAY_MS for days in (years * DAYS, DAYS, 92))
    wanted = {
        "all calls, by agent": ReportWanted(first, UNTIL, Interval.SPAN, Scope.AGENT, ZONE),
        "all calls by day": ReportWanted(first, UNTIL, Interval.DAY, Scope.CENTRE, ZONE),
        "all calls by day and queue": ReportWanted(first, UNTIL, Interval.DAY, Scope.QUEUE, ZONE),
        "a year by day and agent": ReportWanted(year, UNTIL, Interval.DAY, Scope.AGENT, ZONE),
        "a year by hour": ReportWanted(year, UNTIL, Interval.HOUR, Scope.CENTRE, ZONE),
        "a year by hour, of a queue": ReportWanted(year, UNTIL, Interval.HOUR, Scope.QUEUE, ZONE, "general"),
        "a quarter by 15 minutes": ReportWanted(quarter, UNTIL, Interval.QUARTER, Scope.CENTRE, ZONE),
        "a quarter by hour and queue": ReportWanted(quarter, UNTIL, Interval.HOUR, Scope.QUEUE, ZONE),
    }

    def asking(one: ReportWanted) -> Work:
        async def work() -> int:
            return len([row async for row in service.rows(service.checked(one), {})])

        return work

    return {name: asking(one) for name, one in wanted.items()}


async def _counting(database: Database, sample: Sequence[e.DomainEvent]) -> float:
    """Events of the journal that are counted in a second."""
    await PostgresJournalStore(database).ship(journal_entries(1, sample))
    store = PostgresReportStore(database, KpiPolicy({TOTAL: 15_000}, ZONE))
    began = time.perf_counter()
    while (await store.catch_up()).behind:
        pass
    return len(sample) / (time.perf_counter() - began)


# --- what there is ------------------------------------------------------------------------------------------

CALL_COLUMNS = ("call_id", "arrived_at", "trunk", "did", "caller", "caller_name", "language", "flow", "path")
CALL_COLUMNS += ("queue", "outcome", "wait_ms", "talk_ms", "agent_ids", "ended_at", "settled")
AGAIN = (
    """
    INSERT INTO calls (call_id, arrived_at, trunk, did, caller, caller_name, language, flow, path, queue,
        outcome, wait_ms, talk_ms, agent_ids, ended_at, settled)
    SELECT call_id || '-' || $1::text, arrived_at - interval '365 days' * ($1::text)::int, trunk, did,
        left(caller, 3)
            || lpad(((right(caller, 8)::bigint * 7 + ($1::text)::int * 12345677) % 100000000)::text, 8, '0'),
        caller_name, language, flow, path, queue, outcome, wait_ms, talk_ms, agent_ids,
        ended_at - interval '365 days' * ($1::text)::int, settled
    FROM calls WHERE call_id NOT LIKE 'past-%-%'
    """,
    """
    INSERT INTO recordings (recording_id, call_id, path)
    SELECT recording_id || '-' || $1::text, call_id || '-' || $1::text, path FROM recordings
    WHERE call_id NOT LIKE 'past-%-%'
    """,
    """
    INSERT INTO transcripts (call_id, leg, language, engine, model, text)
    SELECT call_id || '-' || $1::text, leg, language, engine, model, text FROM transcripts
    WHERE call_id NOT LIKE 'past-%-%'
    """,
    f"""
    INSERT INTO kpi_cells SELECT grain, scope, begin_at - ($1::text)::bigint * {DAYS * DAY_MS}, name, counts
    FROM kpi_cells WHERE begin_at >= {UNTIL - DAYS * DAY_MS}
    """,
)
"""The same year once more, so many years before, with other callers."""
CELL_COLUMNS = ("grain", "scope", "begin_at", "name", "counts")


async def _fill(dsn: str, years: int) -> list[e.DomainEvent]:
    """The tables as if these calls had been shipped; the answer is the events of a few thousand of them. The
    journal itself, which none of the questions reads, is left out: it would take the most time."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("DROP INDEX transcripts_text")
        ledger, sample = KpiLedger(KpiPolicy({TOTAL: 15_000}, ZONE)), list[e.DomainEvent]()
        for lives in _portions():
            for event in (event for life in lives for event in life):
                ledger.apply(event)
            if not sample:
                sample = [event for life in lives[:3000] for event in life]
            await _copy_calls(connection, lives)
        cells = ledger.take()
        await connection.copy_records_to_table(
            "kpi_cells",
            columns=CELL_COLUMNS,
            records=(
                (cell.grain, cell.scope, cell.begin_at, cell.name, orjson.dumps(counts.sparse()).decode())
                for cell, counts in cells.items()
            ),
        )
        for before in range(1, years):
            for again in AGAIN:
                await connection.execute(again, str(before))
        await connection.execute("CREATE INDEX transcripts_text ON transcripts USING gin (text_pairs(text))")
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    return sample


def _portions() -> Iterator[list[list[e.DomainEvent]]]:
    portion: list[list[e.DomainEvent]] = []
    for life in MadeUpPast(UNTIL - DAYS * DAY_MS, UNTIL, CALLS_A_YEAR).lives():
        portion.append(life)
        if len(portion) == AT_A_TIME:
            yield portion
            portion = []
    yield portion


async def _copy_calls(connection: asyncpg.Connection, lives: list[list[e.DomainEvent]]) -> None:
    records = [record for life in lives if (record := _row(life))]
    dice = Random(records[0]["call_id"])
    await connection.copy_records_to_table(
        "calls",
        columns=CALL_COLUMNS,
        records=[tuple(record[column] for column in CALL_COLUMNS) for record in records],
    )
    answered = [record["call_id"] for record in records if record["agent_ids"]]
    await connection.copy_records_to_table(
        "recordings",
        columns=("recording_id", "call_id", "path"),
        records=[(f"{call_id}.r", call_id, f"{call_id}.wav") for call_id in answered],
    )
    await connection.copy_records_to_table(
        "transcripts",
        columns=("call_id", "leg", "language", "engine", "model", "text"),
        records=[(call_id, "caller", "zh", "vosk", "m", _saying(dice)) for call_id in answered],
    )


def _row(life: list[e.DomainEvent]) -> dict[str, Any] | None:
    """The row of the call, or None of what is no call."""
    row: dict[str, Any] = {}
    for event in life:
        match event:
            case e.CallArrived():
                row = {name: getattr(event, name) for name in CALL_COLUMNS if hasattr(event, name)}
                row |= {"arrived_at": instant(event.at), "path": ["welcome", "menu"], "settled": True}
                row |= {"agent_ids": [], "talk_ms": 0, "wait_ms": 0, "queue": None, "outcome": None}
            case e.QueueLeft():
                row |= {"queue": event.queue, "outcome": event.outcome.value, "wait_ms": event.wait_ms}
            case e.AgentReleased():
                row |= {"agent_ids": [event.agent_id], "talk_ms": event.talk_ms}
            case e.CallEnded():
                row["ended_at"] = instant(event.at)
            case _:
                pass
    return row or None


def _saying(dice: Random) -> str:
    """What a caller may have said."""
    said = "".join(dice.choice(words) for words in (PLACES, THINGS, WHAT, PLACES, WHAT, WHAT))
    return f"{said}{RARE}" if dice.random() < 1e-4 else said
