"""What was shipped can be found again: calls, words in any language, tickets."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from callcenter.adapters.postgres.history import PostgresHistory
from callcenter.adapters.postgres.journal_store import PostgresJournalStore
from callcenter.adapters.postgres.pool import Database
from callcenter.domain import events as e
from callcenter.domain.codec import journal_entries
from callcenter.ports import TicketRequest
from callcenter.tickets.store import PostgresTicketStore
from tests.integration.centre_rig import CentreRig

pytestmark = pytest.mark.integration

CALL = "c1"
LIFE: list[e.DomainEvent] = [
    e.CallArrived(1_000, CALL, "1", "city", "12345", "13800001111", "13800001111", "", False, "zh", "main"),
    e.NodeEntered(1_100, CALL, "main", "v1", "welcome"),
    e.CallQueued(2_000, CALL, "general", 2_000, 0),
    e.OfferMade(2_001, CALL, "c1.o1", "general", "1001", "a-c1.o1", {"agent_id": "1001"}),
    e.QueueLeft(5_000, CALL, "general", e.QueueOutcome.ANSWERED, 3_000),
    e.AgentConnected(5_000, CALL, "1001", "a-c1.o1", "general"),
    e.AgentReleased(65_000, CALL, "1001", "general", 60_000, 0),
    e.CallEnded(65_010, CALL, e.EndedBy.CALLER, "normal"),
    e.RecordingStored(66_000, CALL, "r1", "2026/c1-both.wav", "ab" * 32, 60_000, 8000, (-20.0, -22.5)),
    e.TranscriptStored(
        67_000, CALL, "r1", "caller", "zh", "whisper", "base", "小区门口的路灯坏了好几天了 100%", []
    ),
    e.TranscriptStored(67_100, CALL, "r1", "agent", "zh", "whisper", "base", "好的 已经为您登记", []),
    e.CallSettled(67_200, CALL),
]


@pytest.fixture
async def database(centre: CentreRig) -> AsyncIterator[Database]:
    """An empty database in the centre's own server."""
    admin = await asyncpg.connect(centre.database_url)
    await admin.execute("DROP DATABASE IF EXISTS history")
    await admin.execute("CREATE DATABASE history")
    fresh = Database(centre.database_url.replace("/callcenter?", "/history?"))
    yield fresh
    await fresh.close()
    await admin.execute("DROP DATABASE history")
    await admin.close()


async def test_a_call_is_read_as_it_was(database: Database) -> None:
    """One record tells the whole call: way, wait, talk, agents, recording, words, decisions."""
    await PostgresJournalStore(database).ship(journal_entries(1, LIFE))
    record = await PostgresHistory(database).call(CALL)
    assert record is not None
    assert (record.flow_path, record.queue, record.outcome) == (("welcome",), "general", "answered")
    assert (record.arrived_at, record.wait_ms, record.talk_ms) == (1_000, 3_000, 60_000)
    assert record.agent_ids == ("1001",)
    assert record.recording is not None
    assert record.recording.channel_rms_dbfs == (-20.0, -22.5)
    assert [transcript.leg for transcript in record.transcripts] == ["caller", "agent"]
    assert [offer["agent_id"] for offer in record.decisions] == ["1001"]
    assert await PostgresHistory(database).call("unknown") is None


async def test_shipping_twice_changes_nothing(database: Database) -> None:
    """The same numbers again are skipped: sums stay, rows stay."""
    store = PostgresJournalStore(database)
    entries = journal_entries(1, LIFE)
    await store.ship(entries[:8])
    await store.ship(entries[4:])
    record = await PostgresHistory(database).call(CALL)
    assert record is not None
    assert (record.talk_ms, record.flow_path) == (60_000, ("welcome",))
    assert await store.last_seq() == len(LIFE)
    assert [event for _, event in await store.events_of_call(CALL)] == LIFE


async def test_a_ticket_knows_its_calls(database: Database) -> None:
    """Two calls of one caller about the same thing are one ticket, and the call's record names it."""
    tickets, history = PostgresTicketStore(database), PostgresHistory(database)
    await PostgresJournalStore(database).ship(journal_entries(1, LIFE))
    links = [
        await tickets.open_or_join(
            TicketRequest(call_id, "13800001111", "repair", "", "general", "zh", 70_000)
        )
        for call_id in (CALL, "c2", CALL)
    ]
    assert [link.opened for link in links] == [True, False, True]
    assert len({link.ticket_id for link in links}) == 1
    ticket = await history.ticket(links[0].ticket_id)
    assert ticket is not None
    assert ticket.call_ids == (CALL, "c2")
    record = await history.call(CALL)
    assert record is not None
    assert record.ticket_id == ticket.ticket_id
