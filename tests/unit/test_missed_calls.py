"""Missed callers at the desk: those of the agent's queues, of two days, and how they are called back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from web_twin import T0, Twin, build_page, call_record

from callcenter.desk.missed import MissedCalls
from callcenter.desk.store import MemoryMissedCalls
from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.call import Call
from callcenter.domain.missed_calls import MissedCall
from callcenter.domain.numbering import Numbering, NumberingPlan
from callcenter.ports import StoreAway

ZONE = "Asia/Shanghai"
NOON = 1_763_697_600_000
HOUR = 3_600_000


def gave_up(
    call_id: str, at: int, caller: str, queue: str = "general", trunk: str = "city"
) -> list[e.DomainEvent]:
    """Hung up while waiting."""
    return [
        e.CallArrived(at, call_id, "l", trunk, "12345", caller, caller, "", False, "zh", "line"),
        e.CallQueued(at, call_id, queue, at, 0),
        e.QueueLeft(at, call_id, queue, e.QueueOutcome.ABANDONED, 0),
        e.CallEnded(at, call_id, e.EndedBy.CALLER, "hang_up"),
    ]


def answered(call_id: str, at: int, caller: str, trunk: str = "city") -> list[e.DomainEvent]:
    """Talked with an agent."""
    return [
        e.CallArrived(at, call_id, "l", trunk, "12345", caller, caller, "", False, "zh", "line"),
        e.CallQueued(at, call_id, "general", at, 0),
        e.QueueLeft(at, call_id, "general", e.QueueOutcome.ANSWERED, 0),
        e.AgentConnected(at, call_id, "1001", "l2", "general"),
        e.AgentReleased(at, call_id, "1001", "general", 30_000, 0),
        e.CallEnded(at, call_id, e.EndedBy.CALLER, "hang_up"),
    ]


class Now:
    """The centre has these calls in mind; one trunk shows a 9 before national numbers."""

    def __init__(self, *lives: Iterable[e.DomainEvent]) -> None:
        self._calls: list[Call] = []
        for began, *events in lives:
            assert isinstance(began, e.CallBegan)
            self._calls.append(Call.begun(began))
            for event in events:
                self._calls[-1].apply(event)

    def calls(self) -> Iterable[Call]:
        return self._calls

    def numbering(self) -> Numbering:
        return Numbering(NumberingPlan("CN"), {"pbx": NumberingPlan("CN", "900", "9")})


class Away(MemoryMissedCalls):
    """A record that cannot be read."""

    async def missed(self, since: int, queues: Collection[str] | None, limit: int) -> Sequence[MissedCall]:
        raise StoreAway("no line to it")


def missed_calls(now: Now, store: MemoryMissedCalls) -> MissedCalls:
    return MissedCalls(now, store, lambda: NOON, ZONE)


async def test_the_record_and_the_centre_are_one_list_of_two_days() -> None:
    """What the centre has in mind is not in the record yet; before yesterday is not asked for."""
    past = [
        *gave_up("two-days", NOON - 60 * HOUR, "13800000001"),
        *gave_up("yesterday", NOON - 20 * HOUR, "13800000002"),
        *gave_up("both", NOON - 2 * HOUR, "13800000003"),
    ]
    now = Now(gave_up("both", NOON - 2 * HOUR, "13800000003"), gave_up("now", NOON, "13800000004"))
    found = await missed_calls(now, MemoryMissedCalls(past)).of(None)
    assert [call.call_id for call in found.calls] == ["now", "both", "yesterday"]
    assert [call.ended_at >= found.midnight for call in found.calls] == [True, True, False]
    assert found.whole


async def test_a_caller_is_the_same_whichever_trunk_shows_the_number() -> None:
    """Who talked over another trunk, now or before, is missed no more; who gave up twice is one."""
    past = [
        *gave_up("a", NOON - 4 * HOUR, "13800000001"),
        *answered("a2", NOON - 3 * HOUR, "913800000001", "pbx"),
        *gave_up("b", NOON - 4 * HOUR, "13800000002"),
        *gave_up("c", NOON - 4 * HOUR, "13800000003"),
        *gave_up("c2", NOON - 3 * HOUR, "913800000003", trunk="pbx"),
    ]
    now = Now(answered("b2", NOON - HOUR, "913800000002", "pbx"))
    found = await missed_calls(now, MemoryMissedCalls(past)).of(None)
    assert [call.call_id for call in found.calls] == ["c2"]


async def test_of_other_queues_nothing_is_told() -> None:
    past = gave_up("a", NOON - HOUR, "13800000001") + gave_up("b", NOON - HOUR, "13800000002", "english")
    now = Now(gave_up("c", NOON, "13800000003", "english"))
    found = await missed_calls(now, MemoryMissedCalls(past)).of(["general"])
    assert [call.call_id for call in found.calls] == ["a"]


async def test_without_the_record_it_is_what_the_centre_has_in_mind() -> None:
    found = await missed_calls(Now(gave_up("now", NOON, "13800000004")), Away()).of(None)
    assert ([call.call_id for call in found.calls], found.whole) == (["now"], False)


@pytest.fixture
async def twin(tmp_path: Path) -> AsyncIterator[Twin]:
    build_page(tmp_path / "console")
    async with Twin(tmp_path).serving() as twin:
        yield twin


async def told(client: ClientSession) -> list[dict[str, Any]]:
    async with client.get("/api/missed-calls") as response:
        assert response.status == 200
        calls: list[dict[str, Any]] = (await response.json())["calls"]
        return calls


async def test_agents_see_those_of_their_queues_masked_and_supervisors_all(twin: Twin) -> None:
    for event in gave_up("a", T0 - HOUR, "13800000001") + gave_up("b", T0, "13800000002", "english"):
        twin.missed.apply(event)
    async with twin.caller("amy") as agent:
        assert [(one["call_id"], one["caller"]) for one in await told(agent)] == [("a", "138****0001")]
    async with twin.caller("sue") as supervisor:
        assert [one["caller"] for one in await told(supervisor)] == ["13800000002", "13800000001"]


async def test_whom_the_centre_has_forgotten_is_called_back_out_of_the_record(twin: Twin) -> None:
    """The record tells whom to call; of a call that was not missed it tells nobody."""
    twin.history.records["gone"] = replace(call_record("gone", ()), outcome="abandoned")
    async with twin.caller("amy") as agent:
        for call_id in ("gone", "c1", "unknown"):
            async with agent.post("/api/agents/1001/dial-out", json={"call_id": call_id}) as response:
                assert response.status == 200
    record = twin.history.records["gone"]
    ended_at = record.ended_at
    assert ended_at is not None
    missed = MissedCall(
        "gone", record.trunk, record.did, record.caller, record.queue, record.arrived_at, ended_at
    )
    assert twin.asked == [
        c.DialOut("1001", missed_call_id="gone", missed=missed),
        c.DialOut("1001", missed_call_id="c1"),
        c.DialOut("1001", missed_call_id="unknown"),
    ]
