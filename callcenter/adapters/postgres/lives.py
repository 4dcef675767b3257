"""Lives of calls, for the lists behind figures. Implements ``callcenter.figures.service.LifeStore``."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence

import asyncpg
import orjson

from callcenter.adapters.postgres.call_list import Condition, lines
from callcenter.adapters.postgres.pool import Database
from callcenter.adapters.postgres.projection import instant
from callcenter.call_search import CallPlace
from callcenter.domain.codec import decode_event
from callcenter.domain.events import DomainEvent
from callcenter.domain.kpi import TOTAL
from callcenter.domain.kpi_calls import COUNTED_OF_CALLS, FigurePart
from callcenter.figures.model import Life

KINDS = [kind.__name__ for kind in COUNTED_OF_CALLS]
AFTER_THE_END_MS = 3_600_000
"""What follows a call is counted within this after its end."""
TOUCHED = (
    "(c.arrived_at >= {0} OR (c.arrived_at < {0} AND c.ended_at >= {1})"
    " OR (c.arrived_at < {0} AND c.ended_at IS NULL))"
)
HAS = "EXISTS (SELECT FROM journal j WHERE j.call_id = c.call_id AND j.kind = ANY ({})"
EVENTS = """
SELECT call_id, seq, kind, data FROM journal WHERE call_id = ANY ($1) AND kind = ANY ($2) ORDER BY seq
"""
POLICIES = """
SELECT seq, kind, data FROM journal WHERE kind = 'KpiPolicyInForce' AND seq >= coalesce(
    (SELECT max(seq) FROM journal WHERE kind = 'KpiPolicyInForce' AND at < $1), 0) ORDER BY seq
"""
_OVERFLOWED = ("overflow_timeout", "overflow_full", "overflow_no_agent", "overflow_closed")
OUTCOMES: Mapping[str, tuple[str, ...]] = {
    "answered": ("answered",),
    "abandoned": ("abandoned",),
    "short_abandoned": ("short_abandoned",),
    "overflowed": _OVERFLOWED,
    "key_exits": ("key_exit",),
}
"""Figures that count how calls left a queue."""
ONLY_WITH: Mapping[str, str] = {
    "offered": "CallQueued",
    "human_requests": "CallQueued",
    "call_backs_promised": "CallBackPromised",
    "call_backs_owed": "CallBackPromised",
    "call_backs_reached": "CallBackPromised",
    "surveys_offered": "SurveyOffered",
    "surveys_rated": "SurveyAnswered",
    "satisfaction_rate": "SurveyAnswered",
    "participation_rate": "SurveyOffered",
    "agent_answer_rate": "OfferEnded",
    "aht_ms": "AgentReleased",
    "asa_ms": "QueueLeft",
    "dial_outs": "CallDialledOut",
    "dial_out_reach_rate": "CallDialledOut",
}
"""Figures that know of no call without such an event. It only spares reading: the board says what counts."""


class PostgresLives:
    """Reads from the record; raises StoreAway while the database is away."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def touched(
        self, since_at: int, asked: FigurePart, before: CallPlace | None, limit: int
    ) -> Sequence[Life]:
        """See the port."""
        conditions = list(_conditions(since_at, asked, before))
        async with self._database.connection() as connection:
            found = await lines(connection, conditions, limit)
            events = await connection.fetch(EVENTS, [line.call_id for line in found], KINDS)
            policies = await connection.fetch(POLICIES, since_at)
        by_call: dict[str, list[asyncpg.Record]] = {line.call_id: [] for line in found}
        for row in events:
            by_call[row["call_id"]].append(row)
        return await asyncio.to_thread(
            lambda: [Life(line, _decoded([*by_call[line.call_id], *policies])) for line in found]
        )


def _conditions(since_at: int, asked: FigurePart, before: CallPlace | None) -> Iterator[Condition]:
    yield TOUCHED, (instant(since_at), instant(since_at - AFTER_THE_END_MS))
    if before is not None:
        yield "(c.arrived_at, c.call_id) < ({}, {})", (instant(before.arrived_at), before.call_id)
    if outcomes := OUTCOMES.get(asked.key):
        yield f"{HAS} AND j.data->>'outcome' = ANY ({{}}))", (["QueueLeft"], list(outcomes))
    if kind := ONLY_WITH.get(asked.key):
        yield f"{HAS})", ([kind],)
    if asked.scope != TOTAL:
        yield f"{HAS} AND j.data->>'queue' = {{}})", (KINDS, asked.scope)


def _decoded(rows: list[asyncpg.Record]) -> list[DomainEvent]:
    rows.sort(key=lambda row: row["seq"])
    return [decode_event(row["kind"], orjson.loads(row["data"])) for row in rows]
