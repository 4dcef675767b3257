"""The contract of the Telephony port: the twin and the real Asterisk keep it alike."""

import pytest

from callcenter.domain.phone_commands import AnswerTransfer, SendDigits
from callcenter.domain.switch import (
    CommandFailed,
    Connect,
    DestroyBridge,
    DialNumber,
    DigitPressed,
    HangUp,
    HoldChanged,
    LegAnswered,
    LegEndCause,
    LegEnded,
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
    TransferAsked,
)
from tests.contract.asterisk_process import ANSWERS, AWAY, DECLINES, IGNORES
from tests.contract.telephony_rigs import OUTSIDE, Rig, answered, dial, news, ready


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
    assert news(rig) == []


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
    assert news(rig) == []


async def test_after_the_end_of_a_leg_nothing_comes_from_it(rig: Rig) -> None:
    """A caller who hangs up during a playback gives one LegEnded and nothing else."""
    leg_id = (await rig.arrive()).leg_id
    rig.telephony.send(Play(leg_id, "p1", (rig.long,)))
    await rig.settle(0.3)
    await rig.caller_leaves(leg_id)
    assert (await rig.until(LegEnded, leg_id=leg_id)).cause is LegEndCause.NORMAL
    rig.events.clear()
    await rig.settle(0.3)
    assert news(rig) == []


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
        SendDigits(leg_id, "1"),
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
    assert news(rig) == []


async def test_a_phone_that_rings_is_answered(rig: Rig) -> None:
    """That it rings is no news: nobody waits for it."""
    await ready(rig, ANSWERS)
    rig.events.clear()
    rig.telephony.send(dial("a1", ANSWERS))
    await rig.until(LegAnswered, leg_id="a1")
    assert news(rig) == []


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
    await rig.rings("a1")
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


async def test_a_recording_starts_and_stops(rig: Rig) -> None:
    """RecordingStarted follows; stopping says nothing; stopping twice is a failure."""
    leg_id = (await rig.arrive()).leg_id
    rig.telephony.send(StartRecording(leg_id, "r1", f"{rig.recordings}/r1", wideband=False))
    await rig.until(RecordingStarted, leg_id=leg_id, recording_id="r1")
    rig.telephony.send(StopRecording(leg_id, "r1"))
    await rig.settle(0.2)
    assert news(rig) == []


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


async def test_the_other_side_is_told_what_the_headers_say(rig: Rig) -> None:
    """Headers of a call over a trunk reach the far end."""
    headers = {"X-Ticket-Id": "T20261122-000001"}
    told = await rig.told_outside(DialNumber("o1", "c1", "out", OUTSIDE, "12345", 20, headers=headers))
    assert told["X-Ticket-Id"] == "T20261122-000001"
    assert (await rig.until(LegEnded, leg_id="o1")).cause is LegEndCause.BUSY


async def test_keys_are_heard_by_the_party_of_the_leg(rig: Rig) -> None:
    """Once each and in order, also in a bridge."""
    caller = (await rig.arrive()).leg_id
    agent = await answered(rig, "a1")
    rig.telephony.send(SendDigits(caller, "1#"))
    rig.telephony.send(Connect("b1", (caller, agent)))
    rig.telephony.send(SendDigits(caller, "90*"))
    assert await rig.heard_keys(caller, 5) == "1#90*"
    assert not any(isinstance(event, CommandFailed) for event in rig.events)


async def test_three_legs_of_one_bridge_are_together(rig: Rig) -> None:
    """A third leg comes in and leaves again, and the facts say so."""
    caller = (await rig.arrive()).leg_id
    agent = await answered(rig, "a1")
    other = (await rig.arrive("67890")).leg_id
    rig.telephony.send(Connect("b1", (caller, agent)))
    rig.telephony.send(Connect("b1", (other,)))
    await rig.settle(0.5)
    assert await facts_of(rig, "b1") == {caller, agent, other}
    rig.telephony.send(Separate("b1", other))
    rig.telephony.send(StartMusic(other))
    await rig.settle(0.5)
    assert await facts_of(rig, "b1") == {caller, agent}


async def facts_of(rig: Rig, bridge_id: str) -> set[str]:
    """The legs in this bridge, as a new controller finds them."""
    await rig.kill_controller()
    await rig.new_controller()
    (bridge,) = (await rig.until(SwitchConnected)).bridges
    assert bridge.bridge_id == bridge_id
    return set(bridge.leg_ids)


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


@pytest.mark.parametrize("done", [True, False])
async def test_a_phone_asks_for_a_transfer(rig: Rig, done: bool) -> None:
    """TransferAsked names the target; the switch itself transfers nothing, and the phone is told what came
    of it."""
    caller = (await rig.arrive()).leg_id
    agent = await answered(rig, "a1")
    rig.telephony.send(Connect("b1", (caller, agent)))
    await rig.settle(0.3)
    await rig.phone_transfers(agent, "1002")
    assert (await rig.until(TransferAsked, leg_id=agent)).target == "1002"
    await rig.settle(0.5)
    assert not any(isinstance(event, TransferAsked) for event in rig.events)
    assert not any(isinstance(event, LegEnded) and event.leg_id == caller for event in rig.events)
    rig.telephony.send(AnswerTransfer(agent, done=done))
    assert await rig.told_of_transfer(agent) is done
