"""The live view on the wire: masking, actions, counts, encoded once."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from web_twin import NUMBER, T0, USERS, agent, arrival, ended, offered, presence, queued

from acd.model import Presence
from callcenter.domain import events as e
from callcenter.domain.call import Call, CallPhase
from callcenter.web import live
from callcenter.web.live import Entity, Key, Sight
from callcenter.web.memory import MemoryCentre
from callcenter.web.picture import Picture
from callcenter.web.ports import Component, QueueView
from callcenter.web.wire import AgentAction, instant


def _centre() -> MemoryCentre:
    queues = [QueueView("general", "综合受理"), QueueView("other", "其他")]
    return MemoryCentre([agent("1001", "陈晓雯"), agent("1002", "Bob")], queues)


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("13812345678", "138****5678"),
        ("+8613812345678", "+86****5678"),
        ("88001234", "****34"),
        ("12345", "****45"),
        ("110", "****"),
        ("", "****"),
    ],
)
def test_mask_number(number: str, masked: str) -> None:
    """Enough is left to tell two callers apart, and no more."""
    assert live.mask_number(number) == masked


@given(st.text("0123456789+", min_size=1, max_size=20))
def test_masking_hides_at_least_four_digits_or_all(number: str) -> None:
    """Of any number at most seven digits stay, and never more than all but four."""
    kept = len(live.mask_number(number)) - 4
    assert kept <= min(7, max(0, len(number) - 3))


def test_instants_are_utc_with_milliseconds() -> None:
    """An instant reads the same in every time zone."""
    assert instant(1_763_718_844_120) == "2025-11-21T09:54:04.120Z"
    assert instant(0) == "1970-01-01T00:00:00.000Z"


def test_every_event_touches_what_it_names() -> None:
    """Each kind of DomainEvent that has a call_id or an agent_id touches them, and no other does."""
    for kind in e.DomainEvent.__args__:
        fields = {field.name for field in dataclasses.fields(kind)}
        event = kind(**dict.fromkeys(fields, {} if kind is e.RoutingInput else "x"))
        expected = {Key(Entity.CALL, "x")} if "call_id" in fields else set()
        expected |= {Key(Entity.AGENT, "x")} if "agent_id" in fields else set()
        assert set(live.touched(event)) == expected, kind


def test_what_the_router_is_told_of_an_agent_touches_the_agent() -> None:
    """A supervisor's pause during a call changes no Presence, and yet what can be asked."""
    told = {"kind": "agent_paused", "agent_id": "1001", "reason": "break", "by": "sue"}
    assert live.touched(e.RoutingInput(T0, told)) == (Key(Entity.AGENT, "1001"),)


def test_the_switch_touches_everybody() -> None:
    """Calls can be controlled with it only."""
    lost = e.SwitchStateChanged(T0, up=False)
    centre = _centre()
    centre.emit(arrival())
    every = live.touched(lost, lambda: live.all_keys(centre.view()))
    assert {Key(Entity.AGENT, agent_id) for agent_id in centre.agents} < set(every)
    assert Key(Entity.CALL, "c9") in every


def test_who_waits_for_a_caller_to_answer_sees_whom() -> None:
    """A call-back is the agent's own from the moment its caller is dialled, no one else's."""
    promised = e.CallBackPromised(
        T0, "c1.b1", "c1", NUMBER, "", "city", "12345", "zh", "f", "general", T0, 0, T0
    )
    call = Call.begun(promised)
    for event in (
        e.CallQueued(T0, "c1.b1", "general", T0, 0, virtual=True),
        e.QueueLeft(T0, "c1.b1", "general", e.QueueOutcome.ANSWERED, 0),
        e.CallBackDialled(T0, "c1.b1", "k-1", "1001", "a-1", "general"),
    ):
        call.apply(event)
    assert live.parties(call) == {"1001"}


@pytest.mark.parametrize(("state", "phase"), list(product(Presence, CallPhase)))
def test_actions_of_every_state(state: Presence, phase: CallPhase) -> None:
    """In each state only what can be done is allowed, and each action at most once."""
    call = Call.begun(arrival())
    call.phase = phase
    known = replace(agent("1001", "A"), presence=state, call_id="c9", until_at=T0)
    allowed = live.allowed_actions(known, call)
    assert len(allowed) == len(set(allowed))
    assert (AgentAction.LOGIN in allowed) == (state is Presence.LOGGED_OUT)
    assert (AgentAction.LOGOUT in allowed) == (state is not Presence.LOGGED_OUT)
    assert (AgentAction.DECLINE in allowed) == (state is Presence.OFFERED)
    assert (AgentAction.END_WRAP_UP in allowed) == (state is Presence.WRAP_UP)
    assert (AgentAction.EXTEND_WRAP_UP in allowed) == (state is Presence.WRAP_UP)
    on_call = state is Presence.ON_CALL
    talked = on_call and phase in {CallPhase.TALKING, CallPhase.HELD}
    assert (AgentAction.DISPOSITION in allowed) == (talked or state is Presence.WRAP_UP)
    assert (AgentAction.HOLD in allowed) == (on_call and phase is CallPhase.TALKING)
    assert (AgentAction.RETRIEVE in allowed) == (on_call and phase is CallPhase.HELD)
    assert (AgentAction.HANG_UP in allowed) == (talked or (on_call and phase is CallPhase.DIALLING))


@pytest.mark.parametrize(
    ("state", "facts", "refused"),
    [
        (Presence.NOT_READY, {"paused_by": "sue"}, {AgentAction.READY, AgentAction.PAUSE}),
        (Presence.ON_CALL, {"paused_by": "sue"}, {AgentAction.READY, AgentAction.PAUSE}),
        (Presence.NOT_READY, {"reachable": False}, {AgentAction.READY}),
        (Presence.ON_CALL, {"leaving": True}, {AgentAction.READY, AgentAction.PAUSE, AgentAction.LOGOUT}),
        (Presence.WRAP_UP, {"disposition_due": True}, {AgentAction.END_WRAP_UP}),
        (Presence.WRAP_UP, {"wrap_up_max_at": T0}, {AgentAction.EXTEND_WRAP_UP}),
        (Presence.WRAP_UP, {"until_at": None}, {AgentAction.EXTEND_WRAP_UP}),
    ],
)
def test_what_would_be_refused_is_not_offered(
    state: Presence, facts: dict[str, Any], refused: set[AgentAction]
) -> None:
    """Beyond the Presence: exactly what the fact forbids is missing."""
    known = replace(agent("1001", "A"), presence=state, until_at=T0)
    offered = set(live.allowed_actions(known, None))
    assert offered - set(live.allowed_actions(replace(known, **facts), None)) == refused


def test_a_supervisor_may_end_the_pause_that_the_agent_may_not() -> None:
    """The same agent, seen by itself, by a supervisor and by a colleague; with and without the switch."""
    centre = _centre()
    centre.agents["1001"] = replace(
        centre.agents["1001"], presence=Presence.ON_CALL, call_id="c9", paused_by="sue"
    )
    centre.emit(arrival())
    centre.emit(queued())
    centre.emit(e.QueueLeft(T0, "c9", "general", e.QueueOutcome.ANSWERED, 1))
    centre.emit(e.AgentConnected(T0, "c9", "1001", "l", "general"))

    def allowed(viewer: str) -> set[AgentAction]:
        sight = live.sight_of_agent(USERS[viewer], "1001")
        return set(live.agent_on_wire(centre.view(), "1001", sight).allowed_actions)

    assert allowed("bob") == set()
    assert allowed("sue") - allowed("amy") == {AgentAction.READY, AgentAction.PAUSE}
    centre.set_health(Component.SWITCH, False, T0)
    assert allowed("amy") == {AgentAction.DISPOSITION, AgentAction.LOGOUT}


def test_phase_begins_where_the_call_says() -> None:
    """The timer of a call counts from the arrival, the wait, the talk or the hold, as the phase is."""
    centre = _centre()

    def shown() -> tuple[str, str | None]:
        call = live.call_on_wire(centre.view(), centre.calls["c9"], Sight.OPEN)
        return call.phase, call.since_at

    centre.emit(arrival())
    assert shown() == ("in_flow", instant(T0))
    centre.emit(replace(queued(), queued_at=T0 + 1))
    assert shown() == ("queued", instant(T0 + 1))
    centre.emit(e.QueueLeft(T0 + 2, "c9", "general", e.QueueOutcome.ANSWERED, 1))
    centre.emit(e.AgentConnected(T0 + 3, "c9", "1001", "l", "general"))
    assert shown() == ("talking", instant(T0 + 3))
    centre.emit(e.CallHeld(T0 + 4, "c9", "1001"))
    assert shown() == ("held", instant(T0 + 4))


def test_queue_counts() -> None:
    """Waiting, talking, ready and on duty are counted per queue, the oldest wait is the smallest."""
    centre = _centre()
    for number, since in enumerate((T0 + 5, T0 + 3, T0 + 9)):
        centre.emit(arrival(f"c{number}"))
        centre.emit(replace(queued(f"c{number}"), queued_at=since))
    centre.emit(e.QueueLeft(T0, "c2", "general", e.QueueOutcome.ANSWERED, 1))
    centre.emit(e.AgentConnected(T0, "c2", "1002", "l", "general"))
    centre.emit(presence("1001", Presence.READY))
    centre.emit(presence("1002", Presence.ON_CALL, "c2"))
    general, other = live.queues_on_wire(centre.view())
    assert (general.waiting, general.oldest_queued_at) == (2, instant(T0 + 3))
    assert (general.talking, general.agents_ready, general.agents_logged_in) == (1, 1, 2)
    assert (other.waiting, other.oldest_queued_at, other.agents_logged_in) == (0, None, 0)


def test_a_call_that_came_and_went_unseen_is_not_told() -> None:
    """Viewers who never saw a call are not told that it is gone; those who saw it are."""
    centre = _centre()
    picture = Picture(centre.view())
    key = Key(Entity.CALL, "c9")
    centre.emit(arrival())
    centre.emit(ended())
    assert key not in picture.renew(centre.view(), [key])
    centre.emit(arrival())
    assert key in picture.renew(centre.view(), [key])
    centre.emit(ended())
    assert key in picture.renew(centre.view(), [key])


def test_an_unchanged_queue_is_not_told() -> None:
    """Queues are compared: one that looks the same costs nothing on the wire."""
    centre = _centre()
    picture = Picture(centre.view())
    assert picture.renew(centre.view(), []) == []
    centre.emit(presence("1001", Presence.READY))
    assert picture.renew(centre.view(), []) == [Key(Entity.QUEUE, "general")]


def test_ended_calls_in_the_view_are_not_shown() -> None:
    """A centre may keep ended calls in its view for a while; viewers see live ones only."""
    centre = _centre()
    centre.emit(arrival("c1"))
    kept = Call.begun(arrival("c2"))
    kept.apply(ended("c2"))
    centre.calls["c2"] = kept
    snapshot = json.loads(Picture(centre.view()).snapshot(1, T0, USERS["sue"], ()))
    assert [call["call_id"] for call in snapshot["calls"]] == ["c1"]


def test_own_calls_are_those_in_hand_or_offered() -> None:
    """An agent's own keys are itself, the call it is rung for and the call it talks in."""
    centre = _centre()
    centre.emit(arrival("c1"))
    centre.emit(queued("c1"))
    centre.emit(offered("c1", "1001"))
    picture = Picture(centre.view())
    keys = [Key(Entity.CALL, "c1"), Key(Entity.AGENT, "1001"), Key(Entity.AGENT, "1002")]
    own = picture.own(keys)
    assert own == {"1001": {keys[0], keys[1]}, "1002": {keys[2]}}
    masked = json.loads(picture.changes((0, 1), T0, keys, Sight.MASKED, own["1001"]))
    assert masked["changes"][0]["value"]["caller"] == NUMBER
    assert masked["changes"][2]["value"]["allowed_actions"] == []


def test_a_closed_queue_is_told() -> None:
    """A supervisor's word about a queue changes how it looks; opened again, it looks as before."""
    centre = _centre()
    picture = Picture(centre.view())
    for is_open in (False, True):
        centre.emit(e.QueueStateChanged(T0, "general", is_open))
        key = Key(Entity.QUEUE, "general")
        assert picture.renew(centre.view(), []) == [key]
        told = json.loads(picture.changes((0, 1), T0, [key], Sight.MASKED))["changes"][0]["value"]
        assert told["is_open"] is is_open


def test_fairness_is_told_when_it_changes() -> None:
    """The figures of the shift for all; an agent's own calls for those who may know."""
    centre = _centre()
    picture = Picture(centre.view())
    nobody = json.loads(picture.snapshot(1, T0, USERS["sue"], ()))["fairness"]
    assert nobody == {
        "agents": 0,
        "calls": 0,
        "idle_spread_ms": None,
        "calls_gini": None,
        "busy_gini": None,
    }
    for agent_id, after_ms in (("1001", 0), ("1002", 4000)):
        centre.emit(replace(presence(agent_id, Presence.READY), at=T0 + after_ms))
    key = Key(Entity.FAIRNESS, "total")
    assert key in picture.renew_gauges(centre.view())
    assert key not in picture.renew_gauges(centre.view())
    centre.emit(presence("1001", Presence.ON_CALL, "c9"))
    picture.renew(centre.view(), [Key(Entity.AGENT, "1001")])
    assert key in picture.renew_gauges(centre.view())
    seen = {name: json.loads(picture.snapshot(1, T0, USERS[name], ())) for name in ("sue", "amy", "bob")}
    assert seen["bob"]["fairness"] == {
        "agents": 2,
        "calls": 1,
        "idle_spread_ms": None,
        "calls_gini": 0.5,
        "busy_gini": None,
    }
    calls = {name: [agent["calls"] for agent in snapshot["agents"]] for name, snapshot in seen.items()}
    assert calls == {"sue": [1, 0], "amy": [1, None], "bob": [None, 0]}


def test_dispositions_are_in_the_snapshot() -> None:
    """With the words of the settings, in their order."""
    centre = _centre()
    centre.dispositions = {"solved": "已解决", "call_back": "需回电"}
    snapshot = json.loads(Picture(centre.view()).snapshot(1, T0, USERS["amy"], ()))
    assert list(snapshot["dispositions"].items()) == [("solved", "已解决"), ("call_back", "需回电")]
