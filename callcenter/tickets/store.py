"""Tickets in PostgreSQL, and their in-memory twin."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import asyncpg

from callcenter.adapters.postgres.pool import Database
from callcenter.ports import StoreAway, TicketAddition, TicketLink, TicketRequest
from callcenter.tickets.model import (
    JOINABLE,
    Demand,
    Ticket,
    TicketState,
    TicketWrite,
    step,
    ticket_id,
    written,
)

OPEN_OR_JOIN = """
SELECT done.ticket, done.opened
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::timestamptz[])
    WITH ORDINALITY AS asked (call_id, caller, known_as, category, queue, language, text, at, place),
LATERAL open_or_join_ticket(call_id, caller, known_as, category, queue, language, text, at, $9, $10) AS done
ORDER BY asked.place
"""
GATHER_S = 0.2
"""Waited after the first request, so that those that follow travel with it: a request and a commit cost both
sides as much as many tickets. Nobody hears it: a caller who waits for a ticket hears words next."""
JOINABLE_STATES = sorted(state.value for state in JOINABLE)
ADD = """
WITH fresh AS (
    INSERT INTO ticket_updates (update_id, ticket_id, text, category, at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING RETURNING 1
)
UPDATE tickets SET text = text || E'\n' || $3, category = coalesce($4, category),
    changed_at = greatest(changed_at, $5), version = version + 1, changed_by = ''
WHERE ticket_id = $2 AND EXISTS (SELECT FROM fresh)
"""
MOVE = """
UPDATE tickets SET state = $2, changed_at = now(), version = version + 1, changed_by = ''
WHERE ticket_id = $1
"""
READ = """
SELECT t.*, coalesce(array_agg(c.call_id ORDER BY c.linked_at) FILTER (WHERE c.call_id IS NOT NULL), '{}')
    AS calls
FROM tickets t LEFT JOIN ticket_calls c USING (ticket_id) WHERE t.ticket_id = $1 GROUP BY t.ticket_id
"""
OF_CALL = "SELECT ticket_id FROM ticket_calls WHERE call_id = $1"
LOCK = "SELECT FROM tickets WHERE ticket_id = $1 FOR UPDATE"
WRITE = """
UPDATE tickets SET state = $2, demand = $3, category = $4, text = $5, address = $6, requester = $7, unit = $8,
    changed_at = $9, version = $10, changed_by = $11
WHERE ticket_id = $1
"""


class PostgresTicketStore:
    """Implements ``callcenter.ports.TicketStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asked: list[tuple[TicketRequest, asyncio.Future[TicketLink]]] = []
        """What is gathered for the next request to the database."""

    async def open_or_join(self, request: TicketRequest) -> TicketLink:
        """See the port. Callers are served one at a time each, so that two calls at once share a ticket."""
        answer: asyncio.Future[TicketLink] = asyncio.get_running_loop().create_future()
        self._asked.append((request, answer))
        if len(self._asked) == 1:
            await self._answer_all()
        return await answer

    async def _answer_all(self) -> None:
        """Whoever asks first asks for all who ask soon after; when that one is cancelled the others are told
        that the store was away."""
        asked = self._asked
        try:
            await asyncio.sleep(GATHER_S)
            self._asked = []
            await self._answer(asked)
        finally:
            if self._asked is asked:
                self._asked = []
            for _, answer in asked:
                _tell(answer, StoreAway("the request for the ticket was given up"))

    async def _answer(self, asked: list[tuple[TicketRequest, asyncio.Future[TicketLink]]]) -> None:
        """One request that cannot be carried out must not keep the others from their tickets: then each goes
        by itself."""
        # In the same order whoever asks, so that two who lock the same callers never wait for each other.
        asked.sort(key=lambda one: _spellings(one[0])[0])
        try:
            links = await self._open_or_join([request for request, _ in asked])
        except Exception as error:
            if isinstance(error, StoreAway) or len(asked) == 1:
                for _, answer in asked:
                    _tell(answer, error)
            else:
                for one in asked:
                    await self._answer([one])
        else:
            for (_, answer), link in zip(asked, links, strict=True):
                _tell(answer, link)

    async def _open_or_join(self, requests: Sequence[TicketRequest]) -> list[TicketLink]:
        """The tickets of these requests, in their order."""
        rows = [
            (
                request.call_id,
                request.caller,
                "\n".join(request.known_as),
                request.category,
                request.queue,
                request.language,
                request.text,
                datetime.fromtimestamp(request.asked_at / 1000, UTC),
            )
            for request in requests
        ]
        async with self._database.connection() as connection:
            found = await connection.fetch(
                OPEN_OR_JOIN, *zip(*rows, strict=True), TicketState.ACCEPTED.value, JOINABLE_STATES
            )
        return [TicketLink(row["ticket"], row["opened"]) for row in found]

    async def add(self, addition: TicketAddition) -> None:
        """See the port."""
        async with self._database.connection() as connection:
            await connection.execute(
                ADD,
                addition.update_id,
                addition.ticket_id,
                addition.text,
                addition.category,
                datetime.fromtimestamp(addition.at / 1000, UTC),
            )

    async def ticket(self, ticket: str) -> Ticket | None:
        """The ticket with this id, or None. Raises StoreAway."""
        async with self._database.connection() as connection:
            return _ticket(await connection.fetchrow(READ, ticket))

    async def of_call(self, call_id: str) -> Ticket | None:
        """The ticket that this call belongs to, or None as long as there is none. Raises StoreAway."""
        async with self._database.connection() as connection:
            ticket = await connection.fetchval(OF_CALL, call_id)
            return None if ticket is None else _ticket(await connection.fetchrow(READ, ticket))

    async def write(self, ticket: str, write: TicketWrite) -> Ticket:
        """Change the ticket, which is answered as it is then. Raises what ``model.written`` raises, and then
        nothing has changed; KeyError for an unknown one, StoreAway."""
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute(LOCK, ticket)
            known = _ticket(await connection.fetchrow(READ, ticket))
            if known is None:
                raise KeyError(ticket)
            after = written(known, write)
            form = after.demand, after.category, after.text, after.address, after.requester, after.unit
            stamp = after.changed_at, after.version, after.changed_by
            await connection.execute(WRITE, ticket, after.state.value, *form, *stamp)
            return after

    async def move(self, ticket: str, to: TicketState) -> TicketState:
        """Take the ticket one step on. Raises ImpossibleStep, KeyError for an unknown one, StoreAway."""
        async with self._database.connection() as connection, connection.transaction():
            state = await connection.fetchval(
                "SELECT state FROM tickets WHERE ticket_id = $1 FOR UPDATE", ticket
            )
            if state is None:
                raise KeyError(ticket)
            after = step(TicketState(state), to)
            await connection.execute(MOVE, ticket, after.value)
            return after


def _ticket(row: asyncpg.Record | None) -> Ticket | None:
    if row is None:
        return None
    demand = Demand(row["demand"]) if row["demand"] else None
    told = {"state": TicketState(row["state"]), "demand": demand, "calls": tuple(row["calls"])}
    return Ticket(**(dict(row) | told))


def _spellings(request: TicketRequest) -> tuple[str, ...]:
    return request.known_as or (request.caller,)


def _tell(answer: asyncio.Future[TicketLink], told: TicketLink | Exception) -> None:
    """Answer whoever still waits for it."""
    if answer.done():
        return
    if isinstance(told, Exception):
        answer.set_exception(told)
        answer.exception()  # nobody may be there any more to hear it
    else:
        answer.set_result(told)


class MemoryTicketStore:
    """The twin: the same promises, kept in this process."""

    def __init__(self) -> None:
        self.tickets: dict[str, Ticket] = {}
        self._links: dict[str, TicketLink] = {}
        self._additions: set[str] = set()

    async def open_or_join(self, request: TicketRequest) -> TicketLink:
        """See the port."""
        if request.call_id in self._links:
            return self._links[request.call_id]
        asked_at = datetime.fromtimestamp(request.asked_at / 1000, UTC)
        for ticket in reversed(self.tickets.values()):
            same = ticket.caller in _spellings(request) and ticket.category == request.category
            if request.caller and same and ticket.state in JOINABLE:
                link = TicketLink(ticket.ticket_id, opened=False)
                self._keep(ticket, calls=(*ticket.calls, request.call_id))
                break
        else:
            link = TicketLink(ticket_id(len(self.tickets) + 1, asked_at), opened=True)
            self.tickets[link.ticket_id] = Ticket(
                link.ticket_id,
                TicketState.ACCEPTED,
                request.category,
                request.caller,
                request.queue,
                request.language,
                request.text,
                asked_at,
                asked_at,
                (request.call_id,),
            )
        self._links[request.call_id] = link
        return link

    async def add(self, addition: TicketAddition) -> None:
        """See the port."""
        if addition.update_id in self._additions:
            return
        self._additions.add(addition.update_id)
        known = self.tickets[addition.ticket_id]
        changed_at = max(known.changed_at, datetime.fromtimestamp(addition.at / 1000, UTC))
        text, category = f"{known.text}\n{addition.text}", addition.category or known.category
        version = known.version + 1
        self._keep(known, text=text, category=category, changed_at=changed_at, version=version, changed_by="")

    async def ticket(self, ticket: str) -> Ticket | None:
        """The ticket with this id, or None."""
        return self.tickets.get(ticket)

    async def of_call(self, call_id: str) -> Ticket | None:
        """See PostgresTicketStore."""
        link = self._links.get(call_id)
        return None if link is None else self.tickets[link.ticket_id]

    async def write(self, ticket: str, write: TicketWrite) -> Ticket:
        """See PostgresTicketStore."""
        after = self.tickets[ticket] = written(self.tickets[ticket], write)
        return after

    async def move(self, ticket: str, to: TicketState) -> TicketState:
        """Take the ticket one step on. Raises ImpossibleStep, KeyError for an unknown one."""
        known = self.tickets[ticket]
        after = step(known.state, to)
        self._keep(known, state=after, version=known.version + 1, changed_by="")
        return after

    def _keep(self, ticket: Ticket, **changed: Any) -> None:
        self.tickets[ticket.ticket_id] = replace(ticket, **changed)
