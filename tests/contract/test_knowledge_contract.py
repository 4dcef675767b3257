"""What the centre knows of callers and tickets, as flows may ask it: on PostgreSQL, out of the journal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from embedded_stores import EmbeddedStores

from callcenter.adapters.postgres.history import PostgresHistory
from callcenter.adapters.postgres.journal_store import PostgresJournalStore
from callcenter.adapters.postgres.pool import Database
from callcenter.domain import events as e
from callcenter.domain.codec import journal_entries
from callcenter.look_ups.model import OWN_SHAPES
from callcenter.look_ups.store import PostgresKnowledge
from callcenter.ports import SendOutcome, SendRecord, TicketRequest
from callcenter.tickets.model import TicketState
from callcenter.tickets.store import PostgresTicketStore
from ivr_flows.expressions import kind_of

pytestmark = pytest.mark.integration
NOON = 1_763_697_600_000
NUMBER, OTHER = "02112345678", "02187654321"


def arrived(call_id: str, at: int, caller: str = NUMBER) -> e.CallArrived:
    return e.CallArrived(at, call_id, "l", "city", "12345", caller, caller, "", False, "zh", "line")


async def test_a_caller_is_known_by_the_number(stores: EmbeddedStores) -> None:
    """Earlier calls with the last one's queue and agent, open tickets; not the call that asks."""
    database = Database(await stores.new_database())
    try:
        knowledge = PostgresKnowledge(database)
        assert await knowledge.caller((NUMBER,), "c1") is None
        events: list[e.DomainEvent] = [
            arrived("c1", NOON),
            e.CallQueued(NOON, "c1", "general", NOON, 0),
            e.AgentConnected(NOON, "c1", "1001", "l2", "general"),
            arrived("c2", NOON + 86_400_000),
            arrived("c3", NOON, OTHER),
        ]
        await PostgresJournalStore(database).ship(journal_entries(1, events))
        tickets = PostgresTicketStore(database)
        request = TicketRequest("c1", NUMBER, "complaint", "一", "general", "zh", NOON)
        first = await tickets.open_or_join(request)
        await tickets.open_or_join(replace(request, call_id="c0", category="advice", asked_at=NOON - 5))
        await tickets.move(first.ticket_id, TicketState.CLOSED)
        known = await knowledge.caller((NUMBER,), "c2")
        assert known == {
            "calls": 1,
            "open_tickets": 1,
            "last_ticket": first.ticket_id,
            "last_queue": "general",
            "last_agent": "1001",
            "last_call_on": "2025-11-21",
        }
        shape = OWN_SHAPES["caller"].gives
        assert {name: kind_of(value) for name, value in known.items()} == shape
        assert await knowledge.caller(("+862112345678", NUMBER), "c2") == known
        assert await knowledge.caller((), "c2") is None
        assert await knowledge.caller((OTHER,), "c3") is None
    finally:
        await database.close()


async def test_a_ticket_is_known_by_its_digits(stores: EmbeddedStores) -> None:
    """Its state, category and day; whether it is the caller's own."""
    database = Database(await stores.new_database())
    try:
        link = await PostgresTicketStore(database).open_or_join(
            TicketRequest("c1", NUMBER, "complaint", "一", "general", "zh", NOON)
        )
        day = datetime.fromtimestamp(NOON / 1000, UTC)
        digits = f"{day:%Y%m%d}000001"
        assert link.ticket_id == f"T{day:%Y%m%d}-000001"
        knowledge = PostgresKnowledge(database)
        told = {"state": "accepted", "category": "complaint", "opened_on": "2025-11-21"}
        for number in (digits, link.ticket_id):
            assert await knowledge.ticket(number, (NUMBER,)) == {**told, "own": True}
        assert await knowledge.ticket(digits, ("+862112345678", NUMBER)) == {**told, "own": True}
        for spellings in ((OTHER,), ()):
            assert await knowledge.ticket(digits, spellings) == {**told, "own": False}
        for number in ("", "1", f"{digits}0"):
            assert await knowledge.ticket(number, (NUMBER,)) is None
    finally:
        await database.close()


async def test_what_webhooks_were_told_is_in_the_history(stores: EmbeddedStores) -> None:
    """Owed, delivered or given up; in the order in which it was asked."""
    database = Database(await stores.new_database())
    try:
        events: list[e.DomainEvent] = [
            arrived("c1", NOON),
            *(e.WebhookAsked(NOON + n, "c1", f"c1.s{n}", f"hook{n}", {"n": n}) for n in (1, 2, 3)),
            e.WebhookGivenUp(NOON + 8, "c1", "c1.s2", "status 500"),
            e.WebhookDelivered(NOON + 9, "c1", "c1.s1", 204, 2),
        ]
        await PostgresJournalStore(database).ship(journal_entries(1, events))
        record = await PostgresHistory(database).call("c1")
        assert record is not None
        assert record.sends == (
            SendRecord("hook1", NOON + 1, SendOutcome.DELIVERED, NOON + 9, "204"),
            SendRecord("hook2", NOON + 2, SendOutcome.GIVEN_UP, NOON + 8, "status 500"),
            SendRecord("hook3", NOON + 3, SendOutcome.OWED),
        )
    finally:
        await database.close()
