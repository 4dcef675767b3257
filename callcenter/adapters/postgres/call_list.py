"""The list of calls as one request of PostgreSQL, made of what is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import asyncpg

from callcenter.adapters.postgres.projection import instant
from callcenter.call_search import NEVER_QUEUED, CallLine, CallsFound, CallsWanted, Excerpt, excerpt

RECORDED = "EXISTS (SELECT FROM recordings r WHERE r.call_id = c.call_id AND r.failure IS NULL)"
SAID = (
    "EXISTS (SELECT FROM transcripts t WHERE t.call_id = c.call_id"
    " AND text_pairs(t.text) @@ pairs_wanted({0}) AND t.text ILIKE {1})"
)
"""The index by pairs finds what may be meant; the pattern says whether it is."""
LINES = f"""
SELECT c.*, {RECORDED} AS recorded FROM (
    SELECT c.call_id, (extract(epoch FROM c.arrived_at) * 1000)::bigint AS arrived_ms,
        (extract(epoch FROM c.ended_at) * 1000)::bigint AS ended_ms, c.caller, c.caller_name, c.did,
        c.language, c.flow, c.queue, c.outcome, c.wait_ms, c.talk_ms, c.agent_ids, c.call_back_of
    FROM calls c WHERE {{}} ORDER BY c.arrived_at DESC, c.call_id DESC LIMIT {{}}
) AS c ORDER BY c.arrived_ms DESC, c.call_id DESC
"""  # noqa: S608 - only constants of this module are put in, values are parameters
EXCERPTS = """
SELECT call_id, leg, text FROM transcripts WHERE call_id = ANY ($1) AND text ILIKE $2
ORDER BY call_id, leg DESC
"""
EQUAL = ("queue", "did", "flow", "language")
AT_LEAST = {"wait_ms": "least_wait_ms", "talk_ms": "least_talk_ms"}

Condition = tuple[str, tuple[object, ...]]
"""SQL over the call ``c`` with a place for each value, and the values."""


async def calls(connection: asyncpg.Connection, wanted: CallsWanted, limit: int) -> CallsFound:
    """The newest ``limit`` calls of those wanted."""
    rows = await _rows(connection, _conditions(wanted), limit + 1)
    excerpts: dict[str, list[Excerpt]] = {}
    if wanted.words:
        ids = [row["call_id"] for row in rows]
        for said in await connection.fetch(EXCERPTS, ids, _pattern(wanted.words)):
            found = Excerpt(said["leg"], excerpt(said["text"], wanted.words))
            excerpts.setdefault(said["call_id"], []).append(found)
    return CallsFound.first([_line(row, tuple(excerpts.get(row["call_id"], ()))) for row in rows], limit)


async def lines(
    connection: asyncpg.Connection, conditions: Iterable[Condition], limit: int
) -> list[CallLine]:
    """The newest ``limit`` calls (``c``) of which all this is true."""
    return [_line(row, ()) for row in await _rows(connection, conditions, limit)]


async def _rows(
    connection: asyncpg.Connection, conditions: Iterable[Condition], limit: int
) -> list[asyncpg.Record]:
    values: list[object] = []

    def put(value: object) -> str:
        values.append(value)
        return f"${len(values)}"

    true = [sql.format(*map(put, given)) for sql, given in conditions]
    asked = LINES.format(" AND ".join(true) or "true", put(limit))
    rows: list[asyncpg.Record] = await connection.fetch(asked, *values)
    return rows


def _conditions(wanted: CallsWanted) -> Iterator[Condition]:
    yield from _of_time(wanted)
    for column in EQUAL:
        if (value := getattr(wanted, column)) is not None:
            yield f"c.{column} = {{}}", (value,)
    for column, least in AT_LEAST.items():
        if getattr(wanted, least):
            yield f"c.{column} >= {{}}", (getattr(wanted, least),)
    if wanted.outcome == NEVER_QUEUED:
        yield "c.outcome IS NULL AND c.queue IS NULL", ()
    elif wanted.outcome is not None:
        yield "c.outcome = {}", (wanted.outcome,)
    if wanted.agent_id is not None:
        yield "c.agent_ids @> {}", ([wanted.agent_id],)
    if wanted.caller is not None:
        yield "reverse(c.caller) LIKE {}", (_literal(wanted.caller[::-1]) + "%",)
    if wanted.recorded is not None:
        yield (RECORDED if wanted.recorded else f"NOT {RECORDED}"), ()
    if wanted.words:
        yield SAID, (wanted.words, _pattern(wanted.words))


def _of_time(wanted: CallsWanted) -> Iterator[Condition]:
    if wanted.since_at is not None:
        yield "c.arrived_at >= {}", (instant(wanted.since_at),)
    if wanted.until_at is not None:
        yield "c.arrived_at < {}", (instant(wanted.until_at),)
    if wanted.before is not None:
        place = instant(wanted.before.arrived_at), wanted.before.call_id
        yield "(c.arrived_at, c.call_id) < ({}, {})", place


def _literal(text: str) -> str:
    """The text as a pattern that means itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _pattern(words: str) -> str:
    return f"%{_literal(words)}%"


def _line(row: asyncpg.Record, excerpts: tuple[Excerpt, ...]) -> CallLine:
    return CallLine(
        call_id=row["call_id"],
        arrived_at=row["arrived_ms"],
        ended_at=row["ended_ms"],
        caller=row["caller"],
        caller_name=row["caller_name"],
        did=row["did"],
        language=row["language"],
        flow=row["flow"],
        queue=row["queue"],
        outcome=row["outcome"],
        wait_ms=row["wait_ms"],
        talk_ms=row["talk_ms"],
        agent_ids=tuple(row["agent_ids"]),
        recorded=row["recorded"],
        call_back_of=row["call_back_of"],
        excerpts=excerpts,
    )
