"""The contract of the Telephony port when controller, connection or switch are gone for a while."""

import json
from dataclasses import replace

from callcenter.domain.switch import (
    CallerArrived,
    CommandFailed,
    Connect,
    HangUp,
    LegAnswered,
    LegEndCause,
    LegEnded,
    Play,
    PlaybackEnded,
    RecordingFailed,
    SetVariables,
    StartRecording,
    SwitchConnected,
    SwitchLost,
)
from tests.contract.asterisk_process import ANSWERS, IGNORES
from tests.contract.telephony_rigs import AsteriskRig, MemoryRig, Rig, answered, dial, ready


async def test_a_new_controller_finds_legs_bridges_and_variables(rig: Rig) -> None:
    """All that was set on living legs, and who is with whom, is told by SwitchConnected."""
    arrival = await rig.arrive("12345", "02112345678")
    agent = await answered(rig, "a1")
    rig.telephony.send(SetVariables(arrival.leg_id, {"queue": "热线", "place": "1"}))
    rig.telephony.send(Connect("b1", (arrival.leg_id, agent)))
    await rig.settle(0.3)
    rig.telephony.send(SetVariables(arrival.leg_id, {"place": '2 "; $'}))
    await rig.settle(0.3)
    await rig.kill_controller()
    await rig.new_controller()
    truth = await rig.until(SwitchConnected)
    legs = {leg.leg_id: leg for leg in truth.legs}
    assert legs.keys() == {arrival.leg_id, agent}
    assert legs[arrival.leg_id].variables == {"queue": "热线", "place": '2 "; $'}
    assert legs[agent].variables == {"call": "c1"}
    found = legs[arrival.leg_id].arrival
    assert found is not None
    assert (found.trunk, found.did, found.caller) == ("city", "12345", "02112345678")
    assert legs[agent].arrival is None
    assert legs[agent].answered
    assert {bridge.bridge_id: set(bridge.leg_ids) for bridge in truth.bridges} == {
        "b1": {arrival.leg_id, agent}
    }
    assert ANSWERS in truth.reachable_phones
    assert not truth.restarted


async def test_a_prompt_of_the_controller_before_us_holds_nothing_up(rig: Rig) -> None:
    """A leg on which it still plays can be connected at once."""
    caller = (await rig.arrive()).leg_id
    agent = await answered(rig, "a1")
    rig.telephony.send(Play(caller, "p1", (rig.long,)))
    await rig.settle(0.3)
    await rig.kill_controller()
    await rig.new_controller()
    await rig.until(SwitchConnected)
    rig.telephony.send(Connect("b1", (caller, agent)))
    rig.telephony.send(dial("a2", ANSWERS))
    await rig.until(LegAnswered, leg_id="a2", within_sec=2)


async def test_a_phone_that_the_controller_before_us_rang_last_is_known(rig: Rig) -> None:
    """Asterisk has carried out all that it was asked before it comes to the next controller: that a phone
    rings, which is no news, can always be seen."""
    await ready(rig, IGNORES)
    rig.telephony.send(dial("a1", IGNORES))
    await rig.kill_controller()
    await rig.new_controller()
    (leg,) = (await rig.until(SwitchConnected)).legs
    assert (leg.leg_id, leg.answered, leg.variables) == ("a1", False, {"call": "c1"})


async def test_variables_of_a_ringing_leg_are_kept(rig: Rig) -> None:
    """They are there once it is answered."""
    await ready(rig, ANSWERS)
    rig.telephony.send(dial("a1", ANSWERS))
    await rig.rings("a1")
    rig.telephony.send(SetVariables("a1", {"offer": "7"}))
    await rig.until(LegAnswered, leg_id="a1")
    await rig.settle(0.3)
    await rig.kill_controller()
    await rig.new_controller()
    (leg,) = (await rig.until(SwitchConnected)).legs
    assert leg.variables == {"call": "c1", "offer": "7"}


async def test_all_that_a_leg_may_be_told_is_kept_by_it(rig: Rig) -> None:
    """A leg that is dialled knows from the first what the next controller is to find, whatever it holds."""
    await ready(rig, ANSWERS)
    told = {"flow": json.dumps({"node": "等候", "said": '"${CHANNEL}" \\ ;,|&'}), "long": "x" * 780}
    rig.telephony.send(replace(dial("a1", ANSWERS), variables=told))
    await rig.until(LegAnswered, leg_id="a1")
    await rig.kill_controller()
    await rig.new_controller()
    (leg,) = (await rig.until(SwitchConnected)).legs
    assert leg.variables == told


async def test_what_happens_while_the_controller_is_away_is_told_in_order(rig: Rig) -> None:
    """Arrivals and hang-ups of the outage come first, in order, then the truth without the gone legs."""
    stayed = (await rig.arrive("1", "100")).leg_id
    left = (await rig.arrive("2", "200")).leg_id
    await rig.kill_controller()
    await rig.caller_leaves(left)
    came_and_stayed = await _arrives_unheard(rig, "3", "300")
    came_and_left = await _arrives_unheard(rig, "4", "400")
    await came_and_left()
    await rig.settle(0.3)
    await rig.new_controller()
    truth = await rig.until(SwitchConnected)
    story = [event for event in rig.events if isinstance(event, CallerArrived | LegEnded)]
    assert [type(event) for event in story] == [LegEnded, CallerArrived, CallerArrived, LegEnded]
    assert story[0].leg_id == left
    assert story[2].leg_id == story[3].leg_id
    assert [event.at for event in story] == sorted(event.at for event in story)
    assert {leg.leg_id for leg in truth.legs} == {stayed, story[1].leg_id}
    await came_and_stayed()


async def _arrives_unheard(rig: Rig, did: str, caller: str):  # type: ignore[no-untyped-def]  # a hang-up
    """A caller comes in while no controller hears of it; returns what hangs him up."""
    if isinstance(rig, MemoryRig):
        leg_id = rig.switch.arrive("city", did, caller)
        await rig.settle(0.1)
        return lambda: rig.caller_leaves(leg_id)
    assert isinstance(rig, AsteriskRig)
    phone = await rig.caller()
    call = await phone.call(f"sip:{did}@{rig.process.sip}", caller=caller)
    await call.confirmed()
    return call.hang_up


async def test_a_restarted_switch_has_lost_everything(rig: Rig) -> None:
    """SwitchLost, then SwitchConnected with restarted and no legs."""
    leg_id = (await rig.arrive()).leg_id
    await rig.restart_switch()
    await rig.until(SwitchLost)
    truth = await rig.until(SwitchConnected, within_sec=20)
    assert truth.restarted
    assert truth.legs == ()
    rig.telephony.send(HangUp(leg_id))
    await rig.settle(0.3)
    assert not any(isinstance(event, CommandFailed) for event in rig.events)


async def test_without_a_connection_every_command_fails_as_an_event(rig: Rig) -> None:
    """Nothing waits for ever and nothing is carried out later."""
    leg_id = (await rig.arrive()).leg_id
    await rig.kill_controller()
    rig.events.clear()
    rig.telephony.send(dial("a1", ANSWERS))
    rig.telephony.send(Play(leg_id, "p1", (rig.short,)))
    rig.telephony.send(HangUp(leg_id))
    rig.telephony.send(StartRecording(leg_id, "r1", f"{rig.recordings}/r1", wideband=False))
    assert (await rig.until(LegEnded, leg_id="a1")).cause is LegEndCause.FAILED
    assert (await rig.until(PlaybackEnded, playback_id="p1")).failed
    assert (await rig.until(CommandFailed)).command == HangUp(leg_id)
    await rig.until(RecordingFailed, recording_id="r1")
