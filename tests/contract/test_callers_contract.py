"""Callers: what the desk is told of a caller besides the call at hand; in memory, and on PostgreSQL out of
the journal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from embedded_stores import EmbeddedStores

from callcenter.adapters.postgres.journal_store import PostgresJournalStore
from callcenter.adapters.postgres.pool import Database
from callcenter.desk.model import Earlier, EarlierCall, EarlierTicket
from callcenter.desk.service import Callers
from callcenter.desk.store import MemoryCallers, PostgresCallers
from callcenter.domain import events as e
from callcenter.domain.call import Call, CallPhase
from callcenter.domain.codec import journal_entries
from callcenter.ports import TicketRequest
from callcenter.tickets.model import TicketState
from callcenter.tickets.store import PostgresTicketStore

NOON = 1_763_697_600_000
DAY = 86_400_000
NUMBER = "02112345678"
TICKET = "T20251121-000001"


def life(call_id: str, days_ago: int, caller: str = NUMBER) -> list[e.DomainEvent]:
    """A call that an agent took."""
    at = NOON - days_ago * DAY
    return [
        e.CallArrived(at, call_id, "l", "city", "12345", caller, caller, "", False, "zh", "line"),
        e.CallQueued(at, call_id, "general", at, 0),
        e.QueueLeft(at, call_id, "general", e.QueueOutcome.ANSWERED, 1_000),
        e.AgentConnected(at, call_id, "1001", "l2", "general"),
        e.PresenceChanged(at, "1001", "on_call", "", call_id),
        e.AgentReleased(at, call_id, "1001", "general", 30_000, 0),
        e.CallEnded(at, call_id, e.EndedBy.CALLER, "normal"),
    ]


CALLS = [life(f"c{days_ago}", days_ago) for days_ago in range(8)]
Make = Callable[[], Awaitable[Callers]]


async def in_memory() -> Callers:
    calls = [
        EarlierCall(
            f"c{n}", NOON - n * DAY, "general", "answered", "1001", 30_000, TICKET if n == 1 else None
        )
        for n in range(8)
    ]
    ticket = EarlierTicket(TICKET, TicketState.ACCEPTED, "complaint", None, NOON, "夜" * 80)
    past = Call.begun(CALLS[2][0])  # type: ignore[arg-type]
    for event in CALLS[2][1:]:
        past.apply(event)
    return MemoryCallers({NUMBER: Earlier(calls, [ticket], 0, None)}, {"c2": past})


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
async def callers(request: pytest.FixtureRequest) -> AsyncIterator[Callers]:
    """One that knows eight calls of a caller, a day between each, and a ticket of the last but one."""
    if request.param == "memory":
        yield await in_memory()
        return
    running: EmbeddedStores = request.getfixturevalue("stores")
    database = Database(await running.new_database())
    events = [event for call in CALLS for event in call] + life("other", 0, "02187654321")
    await PostgresJournalStore(database).ship(journal_entries(1, events))
    asked = TicketRequest("c1", NUMBER, "complaint", "夜" * 100, "general", "zh", NOON)
    await PostgresTicketStore(database).open_or_join(asked)
    yield PostgresCallers(database)
    await database.close()


async def test_the_newest_are_told(callers: Callers) -> None:
    """Not the call at hand; how a long text begins; the number under any of its spellings."""
    earlier = await callers.earlier(("+862112345678", NUMBER), "c0", NOON - 3 * DAY)
    assert [call.call_id for call in earlier.calls] == ["c1", "c2", "c3", "c4", "c5"]
    assert earlier.calls[0] == EarlierCall("c1", NOON - DAY, "general", "answered", "1001", 30_000, TICKET)
    assert list(earlier.tickets) == [
        EarlierTicket(TICKET, TicketState.ACCEPTED, "complaint", None, NOON, "夜" * 80)
    ]
    assert (earlier.repeats, earlier.ticket_id) == (3, None)


async def test_nothing_is_known_of_strangers_and_of_who_shows_no_number(callers: Callers) -> None:
    for spellings in ((), ("02100000000",)):
        earlier = await callers.earlier(spellings, "c0", 0)
        assert (len(earlier.calls), len(earlier.tickets), earlier.repeats) == (0, 0, 0)


async def test_a_call_of_the_record_is_the_fold_of_its_facts(callers: Callers) -> None:
    call = await callers.past_call("c2")
    assert call is not None
    assert (call.phase, call.agent_ids, call.talk_ms) == (CallPhase.ENDED, ["1001"], 30_000)
    assert await callers.past_call("unknown") is None


@pytest.mark.integration
async def test_the_ticket_of_the_call_at_hand(stores: EmbeddedStores) -> None:
    """Also of a caller without a number."""
    database = Database(await stores.new_database())
    try:
        asked = TicketRequest("c1", "", "complaint", "", "general", "zh", NOON)
        link = await PostgresTicketStore(database).open_or_join(asked)
        assert (await PostgresCallers(database).earlier((), "c1", 0)).ticket_id == link.ticket_id
    finally:
        await database.close()
