"""What the centre knows of callers and tickets, in PostgreSQL, and its in-memory twin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from callcenter.adapters.postgres.pool import Database
from callcenter.look_ups.model import digits_of
from ivr_flows.expressions import Value

OF_CALLER = """
SELECT
    (SELECT count(*) FROM calls WHERE caller = ANY ($1) AND call_id <> $2) AS calls,
    (SELECT count(*) FROM tickets WHERE caller = ANY ($1) AND state <> 'closed') AS open_tickets,
    (SELECT ticket_id FROM tickets WHERE caller = ANY ($1) ORDER BY opened_at DESC LIMIT 1) AS last_ticket,
    last.queue AS last_queue, last.agent_id AS last_agent,
    to_char(last.arrived_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS last_call_on
FROM (SELECT 1) AS one LEFT JOIN LATERAL (
    SELECT queue, agent_id, arrived_at FROM calls WHERE caller = ANY ($1) AND call_id <> $2
    ORDER BY arrived_at DESC LIMIT 1
) AS last ON true
"""
OF_TICKET = """
SELECT state, category, to_char(opened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS opened_on,
    caller = ANY ($2::text[]) AS own
FROM tickets WHERE ticket_digits(ticket_id) = $1 LIMIT 1
"""


class PostgresKnowledge:
    """Reads; every method raises StoreAway while the database is away."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def caller(self, spellings: Sequence[str], call_id: str) -> Mapping[str, Value] | None:
        """What is known of the number with these spellings besides this call; None when nothing is, or there
        is no number."""
        if not spellings:
            return None
        async with self._database.connection() as connection:
            row = await connection.fetchrow(OF_CALLER, spellings, call_id)
        known = {name: "" if value is None else value for name, value in row.items()}
        return known if known["calls"] or known["last_ticket"] else None

    async def ticket(self, number: str, spellings: Sequence[str]) -> Mapping[str, Value] | None:
        """The ticket with these digits in its id, as the caller whose number has these spellings may hear of
        it; None without one."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(OF_TICKET, digits_of(number), spellings)
        return None if row is None else dict(row)


@dataclass(slots=True)
class MemoryKnowledge:
    """The twin: knows what it is told. ``tickets`` are by the digits of their ids, each with its ``caller``
    besides what is answered."""

    callers: dict[str, Mapping[str, Value]] = field(default_factory=dict)
    tickets: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    async def caller(self, spellings: Sequence[str], call_id: str) -> Mapping[str, Value] | None:
        """See PostgresKnowledge."""
        return next((self.callers[number] for number in spellings if number in self.callers), None)

    async def ticket(self, number: str, spellings: Sequence[str]) -> Mapping[str, Value] | None:
        """See PostgresKnowledge."""
        found = self.tickets.get(digits_of(number))
        if found is None:
            return None
        told = {name: value for name, value in found.items() if name != "caller"}
        return told | {"own": found["caller"] in spellings}
