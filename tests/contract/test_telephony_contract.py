"""The contract of the Telephony port: the twin and the real Asterisk keep it alike."""

from collections.abc import AsyncIterator, Iterator

import pytest
from telephony_rigs import (
    ANSWERS,
    AWAY,
    DECLINES,
    IGNORES,
    AsteriskProcess,
    AsteriskRig,
    MemoryRig,
    Rig,
    running_asterisk,
)

from callcenter.domain.switch import (
    CallerArrived,
    CommandFailed,
    Connect,
    DestroyBridge,
    DialPhone,
    DigitPressed,
    HangUp,
    HoldChanged,
    LegAnswered,
    LegEndCause,
    LegEnded,
    LegRinging,
    PhoneDialled,
    PhoneReachabilityChanged,
    Play,
    PlaybackEnded,
    RecordingFailed,
    RecordingStarted,
    Separate,
    SetVariables,
    StartMusic,
    StartRecording,
    StopMusic,
    StopPlay,
    StopRecording,
    SwitchConnected,
    SwitchLost,
    TransferAsked,
)


@pytest.fixture(scope="module")
def asterisk() -> Iterator[AsteriskProcess]:
    """One Asterisk for all tests of this file."""
    with running_asterisk() as process:
        yield process


@pytest.fixture(params=["memory", pytest.param("asterisk", marks=pytest.mark.integration)])
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    """A connected controller's end, with nothing going on."""
    made: Rig
    made = MemoryRig() if request.param == "memory" else AsteriskRig(request.getfixturevalue("asterisk"))
    await made.telephony.start()
    await made.until(SwitchConnected)
    yield made
    await made.close()


def dial(leg_id: str, phone: str, *, ring_timeout_sec: int = 20) -> DialPhone:
    """Ring a phone for call c1."""
    return DialPhone(leg_id, "c1", phone, "02112345678", "张三", ring_timeout_sec, {"call": "c1"})


async def answered(rig: Rig, leg_id: str) -> str:
    """An agent's leg that was picked up."""
    await ready(rig, ANSWERS)
    rig.telephony.send(dial(leg_id, ANSWERS))
    await rig.until(LegAnswered, leg_id=leg_id)
    return leg_id


async def ready(rig: Rig, phone: str) -> None:
    """The phone is registered."""
    if isinstance(rig, AsteriskRig):
        await rig.phone(phone)


async def test_a_caller_arrives_with_all_that_is_known_of_him(rig: Rig) -> None:
    """Trunk, number dialled, number shown and original caller are told at once."""
    arrival = await rig.arrive("12345", "02112345678", original_caller="+8613912345678")
    assert (arrival.trunk, arrival.did, arrival.caller) == ("city", "12345", "02112345678")
    assert arrival.original_caller == "+8613912345678"
    assert not arrival.wideband


async def test_digits_come_in_their_order(rig: Rig) -> None:
    """Every digit is told once, in the order of pressing."""
    arrival = await rig.arrive()
    await rig.press(arrival.leg_id, "1#9*")
    pressed = [(await rig.until(DigitPressed, leg_id=arrival.leg_id)).digit for _ in range(4)]
    assert pressed == ["1", "#", "9", "*"]


async def test_a_playback_ends_when_all_its_media_were_heard(rig: Rig) -> None:
    """Two pieces of a second each end after two seconds, as one playback."""
    leg_id = (await rig.arrive()).leg_id
    rig.telephony.send(Play(leg_id, "p1", (rig.short, rig.short)))
    await rig.settle(1.5)
    assert not any(isinstance(event, PlaybackEnded) for event in rig.events)
    assert not (await rig.until(PlaybackEnded, playback_id="p1", within_sec=4)).failed


async def test_a_stopped_playback_ends_at_once(rig: Rig) -> None:
    """Barge-in: PlaybackEnded follows StopPlay long before the media are over, once."""
    leg_id = (await rig.arrive()).leg_id
    rig.telephony.send(Play(leg_id, "p1", (rig.long,)))
    await rig.settle(0.3)
    rig.telephony.send(StopPlay(leg_id, "p1"))
    await rig.until(PlaybackEnded, playback_id="p1", within_sec=1)
    await rig.settle(0.3)
    assert rig.events == []


async def test_playbacks_on_one_leg_follow_each_other(rig: Rig) -> None:
    """A second Play waits for the first."""
    leg_id = (await rig.arrive()).leg_id
    rig.telephony.send(Play(leg_id, "p1", (rig.short,)))
    rig.telephony.send(Play(leg_id, "p2", (rig.short,)))
    first = await rig.until(PlaybackEnded)
    second = await rig.until(PlaybackEnded)
    assert (first.playback_id, second.playback_id) == ("p1", "p2")
    assert second.at - first.at > 700


async def test_a_missing_file_fails_the_playback(rig: Rig) -> None:
    """The caller is not left in silence without a word."""
    leg_id = (await rig.arrive()).leg_id
    rig.telephony.send(Play(leg_id, "p1", (rig.missing,)))
    assert (await rig.until(PlaybackEnded, playback_id="p1", within_sec=2)).failed


async def test_a_playback_that_takes_too_long_is_ended_as_failed(rig: Rig) -> None:
    """The time-out ends it, exactly once."""
    leg_id = (await rig.arrive()).leg_id
    rig.telephony.send(Play(leg_id, "p1", (rig.long,), timeout_ms=500))
    assert (await rig.until(PlaybackEnded, playback_id="p1", within_sec=2)).failed
    await rig.settle(0.5)
    assert rig.events == []


async def test_after_the_end_of_a_leg_nothing_comes_from_it(rig: Rig) -> None:
    """A caller who hangs up during a playback gives one LegEnded and nothing else."""
    leg_id = (await rig.arrive()).leg_id
    rig.telephony.send(Play(leg_id, "p1", (rig.long,)))
    await rig.settle(0.3)
    await rig.caller_leaves(leg_id)
    assert (await rig.until(LegEnded, leg_id=leg_id)).cause is LegEndCause.NORMAL
    rig.events.clear()
    await rig.settle(0.3)
    assert rig.events == []


async def test_commands_to_a_leg_that_has_gone_are_no_failure(rig: Rig) -> None:
    """They are ignored: the end of the leg was told already."""
    leg_id = (await rig.arrive()).leg_id
    rig.telephony.send(HangUp(leg_id))
    await rig.until(LegEnded, leg_id=leg_id)
    for command in (
        HangUp(leg_id),
        StartMusic(leg_id),
        StopMusic(leg_id),
        Play(leg_id, "p1", (rig.short,)),
        SetVariables(leg_id, {"a": "1"}),
        Connect("b1", (leg_id,)),
        Separate("b1", leg_id),
        StartRecording(leg_id, "r1", f"{rig.recordings}/gone", wideband=False),
        StopRecording(leg_id, "r1"),
        DestroyBridge("b1"),
        DestroyBridge("b1"),
    ):
        rig.telephony.send(command)
    await rig.settle(0.5)
    assert rig.events == []


async def test_a_phone_rings_and_is_answered(rig: Rig) -> None:
    """LegRinging comes before LegAnswered."""
    await ready(rig, ANSWERS)
    rig.events.clear()
    rig.telephony.send(dial("a1", ANSWERS))
    await rig.until(LegAnswered, leg_id="a1")
    assert [event.leg_id for event in rig.events if isinstance(event, LegRinging)] == ["a1"]


@pytest.mark.parametrize(
    ("phone", "ring_timeout_sec", "cause"),
    [
        (DECLINES, 20, LegEndCause.DECLINED),
        (IGNORES, 1, LegEndCause.NO_ANSWER),
        (AWAY, 20, LegEndCause.UNREACHABLE),
        ("unheard-of", 20, LegEndCause.UNREACHABLE),
    ],
)
async def test_a_phone_that_is_not_answered_says_why(
    rig: Rig, phone: str, ring_timeout_sec: int, cause: LegEndCause
) -> None:
    """Declined, not answered in time, and not there are told apart."""
    if phone in (DECLINES, IGNORES):
        await ready(rig, phone)
    rig.telephony.send(dial("a1", phone, ring_timeout_sec=ring_timeout_sec))
    assert (await rig.until(LegEnded, leg_id="a1")).cause is cause


async def test_a_ringing_phone_can_be_taken_back(rig: Rig) -> None:
    """HangUp ends a leg that rings."""
    await ready(rig, IGNORES)
    rig.telephony.send(dial("a1", IGNORES))
    await rig.until(LegRinging, leg_id="a1")
    rig.telephony.send(HangUp("a1"))
    await rig.until(LegEnded, leg_id="a1", within_sec=2)


async def test_a_leg_id_is_given_once(rig: Rig) -> None:
    """Dialling under the id of a living leg fails and leaves that leg alone."""
    leg_id = await answered(rig, "a1")
    rig.events.clear()
    again = dial(leg_id, ANSWERS)
    rig.telephony.send(again)
    assert (await rig.until(CommandFailed)).command == again
    await rig.settle(0.3)
    assert not any(isinstance(event, LegEnded) for event in rig.events)


async def test_the_end_of_one_leg_leaves_the_other_in_the_bridge(rig: Rig) -> None:
    """Connected legs end one by one: who hangs up the other is the controller's decision."""
    caller = (await rig.arrive()).leg_id
    agent = await answered(rig, "a1")
    rig.telephony.send(Connect("b1", (caller, agent)))
    await rig.settle(0.3)
    await rig.caller_leaves(caller)
    await rig.until(LegEnded, leg_id=caller)
    await rig.settle(0.3)
    assert not any(isinstance(event, LegEnded) for event in rig.events)
    await rig.phone_leaves(agent)
    assert (await rig.until(LegEnded, leg_id=agent)).cause is LegEndCause.NORMAL


async def test_connecting_ends_what_plays(rig: Rig) -> None:
    """Playbacks of a connected leg are over at once, those that waited, too."""
    caller = (await rig.arrive()).leg_id
    agent = await answered(rig, "a1")
    rig.telephony.send(Play(caller, "p1", (rig.long,)))
    rig.telephony.send(Play(caller, "p2", (rig.long,)))
    await rig.settle(0.2)
    rig.telephony.send(Connect("b1", (caller, agent)))
    await rig.until(PlaybackEnded, playback_id="p1", within_sec=1)
    await rig.until(PlaybackEnded, playback_id="p2", within_sec=1)


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


async def test_no_command_waits_for_a_prompt_on_another_leg(rig: Rig) -> None:
    """While one caller hears a long prompt and his leg is given variables and music, others are served."""
    listening = (await rig.arrive()).leg_id
    rig.telephony.send(Play(listening, "p1", (rig.long,)))
    rig.telephony.send(SetVariables(listening, {"menu": "1"}))
    rig.telephony.send(StartMusic(listening))
    await ready(rig, ANSWERS)
    rig.telephony.send(dial("a1", ANSWERS))
    await rig.until(LegAnswered, leg_id="a1", within_sec=2)
    assert not any(isinstance(event, PlaybackEnded) for event in rig.events)


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


async def test_variables_of_a_ringing_leg_are_kept(rig: Rig) -> None:
    """They are there once it is answered."""
    await ready(rig, ANSWERS)
    rig.telephony.send(dial("a1", ANSWERS))
    await rig.until(LegRinging, leg_id="a1")
    rig.telephony.send(SetVariables("a1", {"offer": "7"}))
    await rig.until(LegAnswered, leg_id="a1")
    await rig.settle(0.3)
    await rig.kill_controller()
    await rig.new_controller()
    (leg,) = (await rig.until(SwitchConnected)).legs
    assert leg.variables == {"call": "c1", "offer": "7"}


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


async def test_a_recording_starts_and_stops(rig: Rig) -> None:
    """RecordingStarted follows; stopping says nothing; stopping twice is a failure."""
    leg_id = (await rig.arrive()).leg_id
    rig.telephony.send(StartRecording(leg_id, "r1", f"{rig.recordings}/r1", wideband=False))
    await rig.until(RecordingStarted, leg_id=leg_id, recording_id="r1")
    rig.telephony.send(StopRecording(leg_id, "r1"))
    await rig.settle(0.2)
    assert rig.events == []


async def test_a_recording_without_an_absolute_name_fails(rig: Rig) -> None:
    """RecordingFailed says why."""
    leg_id = (await rig.arrive()).leg_id
    rig.telephony.send(StartRecording(leg_id, "r1", "relative/r1", wideband=False))
    assert (await rig.until(RecordingFailed, recording_id="r1")).reason


async def test_a_phone_that_vanishes_is_told(rig: Rig) -> None:
    """PhoneReachabilityChanged says so, and dialling it fails at once."""
    await ready(rig, IGNORES)
    await rig.settle(0.2)
    rig.events.clear()
    await rig.phone_vanishes(IGNORES)
    await rig.until(PhoneReachabilityChanged, phone=IGNORES, reachable=False)
    rig.telephony.send(dial("a1", IGNORES))
    assert (await rig.until(LegEnded, leg_id="a1", within_sec=2)).cause is LegEndCause.UNREACHABLE


async def test_a_phone_dials_by_itself(rig: Rig) -> None:
    """PhoneDialled names the phone and the number."""
    await ready(rig, ANSWERS)
    await rig.phone_dials("9001")
    dialled = await rig.until(PhoneDialled)
    assert (dialled.phone, dialled.number) == (ANSWERS, "9001")


async def test_a_phone_holds_and_takes_back(rig: Rig) -> None:
    """HoldChanged follows each of its own hold buttons."""
    caller = (await rig.arrive()).leg_id
    agent = await answered(rig, "a1")
    rig.telephony.send(Connect("b1", (caller, agent)))
    await rig.settle(0.3)
    await rig.phone_holds(agent, held=True)
    await rig.until(HoldChanged, leg_id=agent, held=True)
    await rig.phone_holds(agent, held=False)
    await rig.until(HoldChanged, leg_id=agent, held=False)


async def test_a_phone_asks_for_a_transfer(rig: Rig) -> None:
    """TransferAsked names the target; the switch itself transfers nothing."""
    caller = (await rig.arrive()).leg_id
    agent = await answered(rig, "a1")
    rig.telephony.send(Connect("b1", (caller, agent)))
    await rig.settle(0.3)
    await rig.phone_transfers(agent, "1002")
    assert (await rig.until(TransferAsked, leg_id=agent)).target == "1002"
    await rig.settle(0.5)
    assert not any(isinstance(event, TransferAsked) for event in rig.events)
    assert not any(isinstance(event, LegEnded) and event.leg_id == caller for event in rig.events)
