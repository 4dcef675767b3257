"""What legs tell of their call is read as it was told, and always fits."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.domain import events as e
from callcenter.domain import leg_variables as lv
from callcenter.domain.call import Call

A_LEG_HOLDS = 900
T = 1_700_000_000_000
CHECKPOINT = {"flow": "line", "version": "8e34", "node": "support", "language": "zh", "path": ["a"] * 30}


def waiting(checkpoint: dict[str, Any] | None = None, **asked: Any) -> Call:
    """A call that waits in a queue."""
    call = Call.begun(e.CallArrived(T, "c1", "l1", "city", "12345", "138", "138", "", False, "zh", "line"))
    call.apply(e.NodeEntered(T + 1, "c1", "line", "8e34", "support", checkpoint or CHECKPOINT))
    call.apply(
        e.CallQueued(
            **({"at": T + 9, "call_id": "c1", "queue": "general", "queued_at": T, "priority": 0} | asked)
        )
    )
    return call


def test_a_place_is_read_as_it_was_told() -> None:
    """All that the queue must know, and where the flow stands, without the way there."""
    call = waiting(priority=-3, skills={"law": 4, "english": 2}, agent_id="1002", place_at=T - 60_000)
    told = lv.told_by(lv.of_place(call))
    assert (told.queue, told.queued_at, told.entered_at, told.place_at) == ("general", T, T + 9, T - 60_000)
    assert (told.priority, told.skills, told.only_agent_id) == (-3, {"law": 4, "english": 2}, "1002")
    assert told.checkpoint == {name: value for name, value in CHECKPOINT.items() if name != "path"}
    assert set(lv.of_place(call)) <= set(lv.OF_PLACE)


def test_an_agents_leg_tells_who_and_since_when_besides() -> None:
    """And whether it was rung to be consulted."""
    told = lv.told_by(lv.of_agent(waiting(), "1001", "2001", T + 20))
    assert (told.call_id, told.agent_id, told.phone, told.rung_at) == ("c1", "1001", "2001", T + 20)
    assert (told.queue, told.for_consult) == ("general", False)


def test_what_the_caller_said_is_left_out_first() -> None:
    """A flow with long variables is still known to stand at its node."""
    told = lv.told_by(lv.of_place(waiting(CHECKPOINT | {"variables": {"said": "路灯不亮" * 60}})))
    assert told.checkpoint["node"] == "support"
    assert "variables" not in told.checkpoint
    nested = {"node": "x" * 200, "variables": {"said": "路" * 90}}
    assert lv.told_by(lv.of_place(waiting(CHECKPOINT | {"within": [nested]}))).checkpoint == {}


@given(
    skills=st.dictionaries(st.text(max_size=40), st.integers(1, 10), max_size=60),
    said=st.text(max_size=400),
    priority=st.integers(-99, 99),
)
def test_it_fits_whatever_is_asked_for(skills: dict[str, int], said: str, priority: int) -> None:
    """With the recording beside it; what must be known is never left out."""
    call = waiting(CHECKPOINT | {"variables": {"said": said}}, skills=skills, priority=priority)
    told = lv.of_agent(call, "1001", "2001", T) | {lv.RECORDING: "2026/11/23/c1763697600.12345"}
    assert len(orjson.dumps(told)) <= A_LEG_HOLDS
    read = lv.told_by(told)
    assert (read.queue, read.priority, read.agent_id) == ("general", priority, "1001")
    assert read.skills in (skills, {})


@pytest.mark.parametrize("nonsense", ["", "{", "[1]", "x", "1.5", '{"a": "b"}', "--1"])
def test_what_cannot_be_read_is_not_told(nonsense: str) -> None:
    """Nobody but us writes there; and if so, no call is lost for it."""
    told = lv.told_by(dict.fromkeys((lv.QUEUED_AT, lv.PRIORITY, lv.SKILLS, lv.RUNG_AT), nonsense))
    assert (told.queued_at, told.priority, told.rung_at, dict(told.skills)) == (0, 0, 0, {})
    assert lv.told_by({}) == lv.ToldByLeg()
