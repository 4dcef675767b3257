"""The live view on the wire: masking, actions, counts, encoded once."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import replace
from itertools import product

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
from callcenter.web.ports import QueueView
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
        event = kind(**dict.fromkeys(fields, "x"))
        expected = {Key(Entity.CALL, "x")} if "call_id" in fields else set()
        expected |= {Key(Entity.AGENT, "x")} if "agent_id" in fields else set()
        assert set(live.touched(event)) == expected, kind


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
    allowed = live.allowed_actions(replace(agent("1001", "A"), presence=state, call_id="c9"), call)
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


def test_phase_begins_where_the_call_says() -> None:
    """The timer of a call counts from the arrival, the wait, the talk or the hold, as the phase is."""
    centre = _centre()

    def shown() -> tuple[str, str | None]:
        call = live.call_on_wire(centre.calls["c9"], Sight.OPEN)
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
