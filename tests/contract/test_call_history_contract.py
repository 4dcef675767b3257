"""CallHistory: the list of calls, as the journal tells it, on PostgreSQL and in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest
from embedded_stores import EmbeddedStores

from callcenter.adapters.postgres.history import PostgresHistory
from callcenter.adapters.postgres.journal_store import PostgresJournalStore
from callcenter.adapters.postgres.pool import Database
from callcenter.call_search import NEVER_QUEUED, CallLine, CallsWanted, Excerpt
from callcenter.domain import events as e
from callcenter.domain.codec import journal_entries
from callcenter.domain.events import QueueOutcome as Q
from callcenter.ports import CallHistory
from callcenter.web.memory_history import MemoryHistory

NOON = 1_763_697_600_000
HOUR_MS = 3_600_000


def arrived(at: int, call_id: str, caller: str, did: str = "12345", language: str = "zh") -> e.CallArrived:
    return e.CallArrived(at, call_id, "l", "city", did, caller, caller, "张三", False, language, "hotline")


def talked(at: int, call_id: str, wait_ms: int, talk_ms: int, *agents: str) -> list[e.DomainEvent]:
    """Queued, answered, and handed from agent to agent."""
    events: list[e.DomainEvent] = [
        e.CallQueued(at, call_id, "general", at, 0),
        e.QueueLeft(at + wait_ms, call_id, "general", Q.ANSWERED, wait_ms),
    ]
    for agent in agents:
        events.append(e.AgentConnected(at + wait_ms, call_id, agent, "a", "general"))
        events.append(e.AgentReleased(at + wait_ms + talk_ms, call_id, agent, "general", talk_ms, 500))
    return events


EVENTS: list[e.DomainEvent] = [
    arrived(NOON, "c1", "13800001111"),
    *talked(NOON, "c1", 3_000, 60_000, "1001", "1002", "1001"),
    e.CallEnded(NOON + 99_000, "c1", e.EndedBy.CALLER, "normal"),
    e.RecordingStored(NOON + 99_500, "c1", "r1", "c1-both.wav", "ab" * 32, 60_000, 8000, (-20.0, -22.5)),
    e.TranscriptStored(
        NOON + 99_600, "c1", "r1", "caller", "zh", "vosk", "m", "门口的路灯坏了 100% O'Neill \\n", []
    ),
    e.TranscriptStored(NOON + 99_700, "c1", "r1", "agent", "zh", "vosk", "m", "好的 已登记路灯", []),
    arrived(NOON + 1, "c2", "+8613800001111"),
    e.CallQueued(NOON + 1, "c2", "complaint", NOON + 1, 0),
    e.QueueLeft(NOON + 40_001, "c2", "complaint", Q.ABANDONED, 40_000),
    e.CallEnded(NOON + 40_002, "c2", e.EndedBy.CALLER, "gave up"),
    arrived(NOON + 1, "c3", "02155%5", "96181", "ko"),
    e.LanguageChosen(NOON + 2, "c3", "en"),
    arrived(NOON + HOUR_MS, "c4", "13900002222"),
    *talked(NOON + HOUR_MS, "c4", 1_000, 5_000, "1003"),
    e.RecordingFailed(NOON + HOUR_MS, "c4", "r4", "the disk was full"),
    e.TranscriptMissing(NOON + HOUR_MS, "c4", "r4", "caller", "no recording"),
]
ALL = ["c4", "c3", "c2", "c1"]
Filled = Callable[[], Awaitable[CallHistory]]


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
async def history(request: pytest.FixtureRequest) -> AsyncIterator[CallHistory]:
    """A record that has heard of the events."""
    if request.param == "memory":
        yield MemoryHistory(EVENTS)
        return
    running: EmbeddedStores = request.getfixturevalue("stores")
    database = Database(await running.new_database())
    entries = journal_entries(1, EVENTS)
    for first in range(0, len(entries), 7):  # a call's events come in several batches
        await PostgresJournalStore(database).ship(entries[first : first + 7])
    yield PostgresHistory(database)
    await database.close()


WANTED: list[tuple[CallsWanted, list[str]]] = [
    (CallsWanted(), ALL),
    (CallsWanted(since_at=NOON + 1, until_at=NOON + HOUR_MS), ["c3", "c2"]),
    (CallsWanted(queue="general"), ["c4", "c1"]),
    (CallsWanted(agent_id="1002"), ["c1"]),
    (CallsWanted(caller="13800001111"), ["c2", "c1"]),
    (CallsWanted(caller="5%5"), ["c3"]),
    (CallsWanted(caller="5_5"), []),
    (CallsWanted(did="96181"), ["c3"]),
    (CallsWanted(outcome="abandoned"), ["c2"]),
    (CallsWanted(outcome=NEVER_QUEUED), ["c3"]),
    (CallsWanted(flow="hotline", language="en"), ["c3"]),
    (CallsWanted(recorded=True), ["c1"]),
    (CallsWanted(recorded=False), ["c4", "c3", "c2"]),
    (CallsWanted(least_wait_ms=3_000), ["c2", "c1"]),
    (CallsWanted(least_talk_ms=6_000), ["c1"]),
    *(
        (CallsWanted(words=words), ["c1"])
        for words in ("路灯", "灯坏了", "登", "了 1", "100%", "o'neill", "\\n")
    ),
    *((CallsWanted(words=words), []) for words in ("灯路", "100_", "表扬", "路灯登记")),
    (CallsWanted(words="路灯", agent_id="1003"), []),
]


@pytest.mark.parametrize(("wanted", "expected"), WANTED)
async def test_calls_are_found(history: CallHistory, wanted: CallsWanted, expected: list[str]) -> None:
    """By each filter alone and together, newest first."""
    found = await history.calls(wanted, 10)
    assert ([line.call_id for line in found.calls], found.more) == (expected, False)


async def test_pages_follow_each_other(history: CallHistory) -> None:
    """No call is missed or told twice, also among those that came in the same instant."""
    told: list[CallLine] = []
    more = True
    while more:
        wanted = CallsWanted(before=told[-1].place if told else None)
        page = await history.calls(wanted, 1)
        assert len(page.calls) == 1
        told += page.calls
        more = page.more
    assert [line.call_id for line in told] == ALL


async def test_a_line_tells_the_call(history: CallHistory) -> None:
    """Who talked, how long, whether it can be heard, and what was said around the words."""
    (line,) = (await history.calls(CallsWanted(words="路灯"), 10)).calls
    assert replace(line, excerpts=()) == CallLine(
        call_id="c1",
        arrived_at=NOON,
        ended_at=NOON + 99_000,
        caller="13800001111",
        caller_name="张三",
        did="12345",
        language="zh",
        flow="hotline",
        queue="general",
        outcome="answered",
        wait_ms=3_000,
        talk_ms=180_000,
        agent_ids=("1001", "1002"),
        recorded=True,
    )
    assert line.excerpts == (
        Excerpt("caller", "门口的路灯坏了 100% O'Neill \\n"),
        Excerpt("agent", "好的 已登记路灯"),
    )


async def test_the_life_is_that_of_the_journal(history: CallHistory) -> None:
    """All events of one call, in order; of an unknown one nothing."""
    assert await history.life("c2") == [event for event in EVENTS if getattr(event, "call_id", "") == "c2"]
    assert await history.life("c9") is None
    record = await history.call("c1")
    assert record is not None
    assert (record.flow, record.hold_ms, record.agent_ids) == ("hotline", 1_500, ("1001", "1002"))
