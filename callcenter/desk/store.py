"""What is known of a caller besides the call at hand, in PostgreSQL, and its in-memory twin."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from callcenter.adapters.postgres.pool import Database
from callcenter.desk.model import Earlier, EarlierCall, EarlierTicket
from callcenter.domain import events as e
from callcenter.domain.call import Call
from callcenter.domain.codec import decode_event
from callcenter.domain.missed_calls import ABANDONED, MissedCall, contact_of, missed_calls
from callcenter.tickets.model import Demand, TicketState

MOST = 5
"""So many of the newest calls and tickets are told."""
EXCERPT = 80
CALLS = """
SELECT c.call_id, (extract(epoch FROM c.arrived_at) * 1000)::bigint AS arrived_at, c.queue, c.outcome,
    c.agent_id, c.talk_ms, t.ticket_id
FROM calls c LEFT JOIN ticket_calls t USING (call_id)
WHERE c.caller = ANY ($1) AND c.call_id <> $2 ORDER BY c.arrived_at DESC LIMIT $3
"""
TICKETS = """
SELECT ticket_id, state, category, demand, (extract(epoch FROM opened_at) * 1000)::bigint AS opened_at,
    left(text, $3) AS text
FROM tickets WHERE caller = ANY ($1) ORDER BY opened_at DESC LIMIT $2
"""
COUNTS = """
SELECT (SELECT ticket_id FROM ticket_calls WHERE call_id = $2) AS ticket_id,
    (SELECT count(*) FROM calls WHERE caller = ANY ($1) AND call_id <> $2
        AND arrived_at >= to_timestamp($3::bigint / 1000.0)) AS repeats
"""
MISSED = """
SELECT call_id, trunk, did, caller, queue, (extract(epoch FROM arrived_at) * 1000)::bigint AS arrived_at,
    (extract(epoch FROM ended_at) * 1000)::bigint AS ended_at
FROM (
    SELECT DISTINCT ON (caller) * FROM calls
    WHERE outcome = ANY ($1) AND arrived_at >= to_timestamp($2::bigint / 1000.0) AND caller <> ''
        AND call_back_of IS NULL AND ended_at IS NOT NULL
    ORDER BY caller, arrived_at DESC
) AS last
WHERE ($3::text[] IS NULL OR queue = ANY ($3)) AND NOT EXISTS (
    SELECT FROM calls later
    WHERE later.caller = last.caller AND later.arrived_at > last.arrived_at AND later.agent_id IS NOT NULL
)
ORDER BY last.arrived_at DESC LIMIT $4
"""
TALKED = """
SELECT caller, (extract(epoch FROM max(arrived_at)) * 1000)::bigint AS at FROM calls
WHERE caller = ANY ($1) AND arrived_at >= to_timestamp($2::bigint / 1000.0) AND agent_id IS NOT NULL
GROUP BY caller
"""
LIFE = "SELECT kind, data FROM journal WHERE call_id = $1 ORDER BY seq"


class PostgresCallers:
    """Implements ``callcenter.desk.service.Callers``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def earlier(self, spellings: Sequence[str], call_id: str, repeats_since: int) -> Earlier:
        """See the port."""
        async with self._database.connection() as connection:
            calls = await connection.fetch(CALLS, spellings, call_id, MOST)
            tickets = await connection.fetch(TICKETS, spellings, MOST, EXCERPT)
            counts = await connection.fetchrow(COUNTS, spellings, call_id, repeats_since)
        return Earlier(
            [EarlierCall(**row) for row in calls],
            [
                EarlierTicket(
                    row["ticket_id"],
                    TicketState(row["state"]),
                    row["category"],
                    Demand(row["demand"]) if row["demand"] else None,
                    row["opened_at"],
                    row["text"],
                )
                for row in tickets
            ],
            counts["repeats"],
            counts["ticket_id"],
        )

    async def past_call(self, call_id: str) -> Call | None:
        """See the port."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(LIFE, call_id)
        events = [decode_event(row["kind"], orjson.loads(row["data"])) for row in rows]
        if not events or not isinstance(events[0], e.CallBegan):
            return None
        call = Call.begun(events[0])
        for event in events[1:]:
            call.apply(event)
        return call


class PostgresMissedCalls:
    """Implements ``callcenter.desk.missed.MissedCallStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def missed(self, since: int, queues: Collection[str] | None, limit: int) -> Sequence[MissedCall]:
        """See the port."""
        wanted = None if queues is None else list(queues)
        async with self._database.connection() as connection:
            rows = await connection.fetch(MISSED, list(ABANDONED), since, wanted, limit)
        return [MissedCall(**row) for row in rows]

    async def talked(self, numbers: Collection[str], since: int) -> Mapping[str, int]:
        """See the port."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(TALKED, list(numbers), since)
        return {row["caller"]: row["at"] for row in rows}


class MemoryMissedCalls:
    """The twin, which is told what happens."""

    def __init__(self, events: Iterable[e.DomainEvent] = ()) -> None:
        self._calls: dict[str, Call] = {}
        for event in events:
            self.apply(event)

    def apply(self, event: e.DomainEvent) -> None:
        """This has happened."""
        if isinstance(event, e.CallBegan):
            self._calls[event.call_id] = Call.begun(event)
        elif (call := self._calls.get(getattr(event, "call_id", None) or "")) is not None:
            call.apply(event)

    async def missed(self, since: int, queues: Collection[str] | None, limit: int) -> Sequence[MissedCall]:
        """See the port."""
        contacts = [contact_of(call, call.caller) for call in self._calls.values() if call.caller]
        missed = missed_calls(contact for contact in contacts if contact is not None)
        return [
            call for call in missed if call.arrived_at >= since and (queues is None or call.queue in queues)
        ][:limit]

    async def talked(self, numbers: Collection[str], since: int) -> Mapping[str, int]:
        """See the port."""
        calls = [
            call
            for call in self._calls.values()
            if call.caller in numbers and call.arrived_at >= since and call.agent_id is not None
        ]
        return {call.caller: call.arrived_at for call in sorted(calls, key=lambda call: call.arrived_at)}


@dataclass(slots=True)
class MemoryCallers:
    """The twin: knows what it is told. ``known`` is by the number as it is stored."""

    known: dict[str, Earlier] = field(default_factory=dict)
    past: dict[str, Call] = field(default_factory=dict)

    async def earlier(self, spellings: Sequence[str], call_id: str, repeats_since: int) -> Earlier:
        """See the port."""
        found = next((self.known[number] for number in spellings if number in self.known), Earlier())
        calls = [call for call in found.calls if call.call_id != call_id]
        repeats = sum(call.arrived_at >= repeats_since for call in calls)
        return Earlier(calls[:MOST], found.tickets[:MOST], repeats, found.ticket_id)

    async def past_call(self, call_id: str) -> Call | None:
        """See the port."""
        return self.past.get(call_id)
