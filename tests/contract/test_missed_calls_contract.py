"""Missed callers that the record knows to be called back; in memory, and on PostgreSQL out of the journal."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from embedded_stores import EmbeddedStores

from callcenter.adapters.postgres.journal_store import PostgresJournalStore
from callcenter.adapters.postgres.pool import Database
from callcenter.desk.missed import MissedCallStore
from callcenter.desk.store import MemoryMissedCalls, PostgresMissedCalls
from callcenter.domain import events as e
from callcenter.domain.codec import journal_entries
from callcenter.domain.missed_calls import MissedCall

NOON = 1_763_697_600_000
MINUTE = 60_000


def life(
    call_id: str, minute: int, caller: str, queue: str, *, answered: bool = False
) -> list[e.DomainEvent]:
    """A call whose caller is answered, or else hangs up after ten seconds in the queue."""
    at = NOON + minute * MINUTE
    left = at + 10_000
    outcome = e.QueueOutcome.ANSWERED if answered else e.QueueOutcome.ABANDONED
    talked = [
        e.AgentConnected(left, call_id, "1001", "l2", queue),
        e.AgentReleased(left, call_id, "1001", queue, 30_000, 0),
    ]
    return [
        e.CallArrived(at, call_id, "l", "city", "12345", caller, caller, "", False, "zh", "line"),
        e.CallQueued(at, call_id, queue, at, 0),
        e.QueueLeft(left, call_id, queue, outcome, 10_000),
        *(talked if answered else ()),
        e.CallEnded(left, call_id, e.EndedBy.CALLER, "hang_up"),
    ]


def called_back(call_id: str, minute: int, of: str, caller: str) -> list[e.DomainEvent]:
    """An agent called back whom nobody reached."""
    at = NOON + minute * MINUTE
    return [
        e.CallDialledOut(at, call_id, "1001", "a", caller, "12345", "city", "general", "zh", of),
        e.CallEnded(at, call_id, e.EndedBy.SYSTEM, "no_answer"),
    ]


TALE = [
    *life("early", -90, "1", "general"),
    *life("answered-since", 0, "2", "general"),
    *life("answer", 1, "2", "general", answered=True),
    *life("before", 2, "3", "general"),
    *life("again", 3, "3", "english"),
    *life("not-reached", 4, "4", "general"),
    *called_back("d", 5, "not-reached", "4"),
    *life("withheld", 6, "", "general"),
    *life("answered-before", 7, "5", "general", answered=True),
    *life("last", 8, "5", "general"),
]


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
async def missed(request: pytest.FixtureRequest) -> AsyncIterator[MissedCallStore]:
    """One that knows the tale."""
    if request.param == "memory":
        yield MemoryMissedCalls(TALE)
        return
    running: EmbeddedStores = request.getfixturevalue("stores")
    database = Database(await running.new_database())
    await PostgresJournalStore(database).ship(journal_entries(1, TALE))
    yield PostgresMissedCalls(database)
    await database.close()


async def test_the_last_missed_call_of_each_number_with_which_nobody_talked_since(
    missed: MissedCallStore,
) -> None:
    """Also of whom an agent has called in vain; of a queue who gave up there at last; the newest first."""
    found = await missed.missed(NOON, None, 9)
    assert [call.call_id for call in found] == ["last", "not-reached", "again"]
    at = NOON + 8 * MINUTE
    assert found[0] == MissedCall("last", "city", "12345", "5", "general", at, at + 10_000)
    assert [call.call_id for call in await missed.missed(NOON, ["general"], 9)] == ["last", "not-reached"]
    assert [call.call_id for call in await missed.missed(NOON, None, 1)] == ["last"]
    assert [call.call_id for call in await missed.missed(0, ["general"], 9)][-1] == "early"
    assert not await missed.missed(NOON, [], 9)


async def test_with_whom_somebody_talked_is_known_by_the_number(missed: MissedCallStore) -> None:
    talked = await missed.talked({"2", "3", "5"}, NOON + MINUTE)
    assert talked == {"2": NOON + MINUTE, "5": NOON + 7 * MINUTE}
    assert not await missed.talked((), 0)
