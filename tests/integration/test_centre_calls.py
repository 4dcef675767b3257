"""Real calls through a whole centre: what callers and agents hear, and what is kept of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from callcenter.domain import events as e
from callcenter.domain.call_life import Lane, life_of
from callcenter.phones import AnswerAction, AnswerPolicy, Phone, PhonePool, RawCaller, RtpBehaviour, audio
from callcenter.web.wire import AgentAction
from recorder.waveform import waveform
from tests.integration.centre_rig import CALLER_ADDRESS, WIDEBAND_ADDRESS, CentreRig, desks, to_queue

pytestmark = pytest.mark.integration

CALLER_HZ, AGENT_HZ, SECOND_AGENT_HZ, WIDE_HZ, WIDE_AGENT_HZ = 1000.0, 600.0, 1500.0, 6000.0, 5000.0


def tone(directory: Path, hz: float, rate: int = 8000, ms: int = 2500) -> str:
    """A file with a tone, to be played into a call."""
    path = directory / f"{hz:.0f}-{rate}.wav"
    audio.write_tones(path, rate, [audio.Tone(hz, ms)])
    return str(path)


def outcomes(life: list[e.DomainEvent]) -> list[e.QueueOutcome]:
    """How the call left each queue."""
    return [event.outcome for event in life if isinstance(event, e.QueueLeft)]


def offered_to(life: list[e.DomainEvent]) -> list[str]:
    """The agents who were rung, in order."""
    return [event.agent_id for event in life if isinstance(event, e.OfferMade)]


def one(life: list[e.DomainEvent], kind: type) -> e.DomainEvent:
    """The only event of this kind."""
    (event,) = [event for event in life if isinstance(event, kind)]
    return event


async def test_both_hear_each_other_and_are_recorded_apart(centre: CentreRig, tmp_path: Path) -> None:
    """Each hears the other's tone; the recording has the caller left and the agent right, soon and once."""
    heard = tmp_path / "heard.wav"
    async with desks(centre, "1001") as (desk,), Phone.start(bind=CALLER_ADDRESS) as phone:
        call = await phone.call(centre.uri("12345"), caller="139001", record=str(heard))
        await to_queue(call)
        agent = await desk.next_call()
        await agent.confirmed()
        await asyncio.gather(call.play(tone(tmp_path, CALLER_HZ)), agent.play(tone(tmp_path, AGENT_HZ)))
        await call.hang_up()
        await agent.ended(2.0)
        life = await centre.happened(centre.call_of("139001"), e.CallSettled)
    stored, ended = one(life, e.RecordingStored), one(life, e.CallEnded)
    assert isinstance(stored, e.RecordingStored)
    assert isinstance(ended, e.CallEnded)
    assert ended.by is e.EndedBy.CALLER
    assert stored.at - ended.at < 2000
    rate, (left, right) = audio.read_wav(centre.places.recordings / stored.path)
    assert rate == 8000
    assert audio.tone_present(left, rate, CALLER_HZ)
    assert not audio.tone_present(left, rate, AGENT_HZ)
    assert audio.tone_present(right, rate, AGENT_HZ)
    assert not audio.tone_present(right, rate, CALLER_HZ)
    heard_rate, (sound,) = audio.read_wav(heard)
    assert audio.tone_present(sound, heard_rate, AGENT_HZ)
    assert one(life, e.TicketLinked)


async def test_wideband_caller_is_recorded_wideband(centre: CentreRig, tmp_path: Path) -> None:
    """What a G.722 caller and the agent say above 4 kHz is in the recording, at 16 kHz."""
    async with (
        desks(centre, "1001") as (desk,),
        Phone.start(bind=WIDEBAND_ADDRESS, codecs=("G722",)) as phone,
    ):
        call = await phone.call(centre.uri("12399"), caller="139002")  # whose flow has nothing more to say
        await to_queue(call)
        agent = await desk.next_call()
        await agent.confirmed()
        await call.play(tone(tmp_path, WIDE_HZ, rate=16000))
        await agent.play(tone(tmp_path, WIDE_AGENT_HZ, rate=16000))
        await agent.hang_up()
        await call.ended(2.0)
        life = await centre.happened(centre.call_of("139002"), e.CallSettled)
    stored = one(life, e.RecordingStored)
    assert isinstance(stored, e.RecordingStored)
    rate, (left, right) = audio.read_wav(centre.places.recordings / stored.path)
    assert rate == 16000
    assert audio.tone_present(left, rate, WIDE_HZ)
    assert audio.tone_present(right, rate, WIDE_AGENT_HZ)
    ended = one(life, e.CallEnded)
    assert isinstance(ended, e.CallEnded)
    assert ended.by is e.EndedBy.AGENT


async def test_caller_who_hangs_up_while_waiting_is_abandoned(centre: CentreRig) -> None:
    """A caller who waits with nobody there and hangs up counts as abandoned, and nothing stays behind."""
    async with Phone.start(bind=CALLER_ADDRESS) as phone:
        call = await phone.call(centre.uri("12345"), caller="139003")
        await to_queue(call)
        await centre.happened(centre.call_of("139003"), e.CallQueued)
        await asyncio.sleep(1.2)
        await call.hang_up()
        life = await centre.happened(centre.call_of("139003"), e.CallSettled)
    assert outcomes(life) == [e.QueueOutcome.ABANDONED]
    assert offered_to(life) == []


async def test_waiting_caller_hears_music(centre: CentreRig, tmp_path: Path) -> None:
    """While waiting there is sound, and no long silence in it."""
    heard = tmp_path / "heard.wav"
    async with Phone.start(bind=CALLER_ADDRESS) as phone:
        call = await phone.call(centre.uri("12345"), caller="139004")
        await to_queue(call)
        await centre.happened(centre.call_of("139004"), e.CallQueued)
        await call.record(str(heard))
        await asyncio.sleep(3.0)
        await call.hang_up()
        await call.ended()
    rate, (sound,) = audio.read_wav(heard)
    assert audio.rms_dbfs(sound) > -45.0
    assert audio.longest_silence_ms(sound, rate, below_dbfs=-60.0) < 1500


async def test_unanswered_offer_goes_to_the_next_agent(centre: CentreRig) -> None:
    """An agent who lets it ring loses the Offer after its time; the next agent gets the call."""
    async with desks(centre, "1001", "1002") as (first, second), Phone.start(bind=CALLER_ADDRESS) as phone:
        for desk in (first, second):
            await desk.phone.set_answer_policy(AnswerPolicy(AnswerAction.MANUAL))
        call = await phone.call(centre.uri("12345"), caller="139005")
        await to_queue(call)
        unanswered = await first.next_call()
        assert (await unanswered.ended(6.0)).sip_code != 200
        answering = await second.next_call()
        await answering.answer()
        await answering.confirmed()
        await centre.happened(centre.call_of("139005"), e.AgentConnected)
        await call.hang_up()
        life = await centre.happened(centre.call_of("139005"), e.CallSettled)
    assert offered_to(life) == ["1001", "1002"]
    assert [event.end for event in life if isinstance(event, e.OfferEnded)] == ["expired", "accepted"]


async def test_declined_offer_goes_to_the_next_agent_at_once(centre: CentreRig) -> None:
    """An agent who declines is passed over; the caller keeps the place."""
    async with desks(centre, "1001", "1002") as (first, second), Phone.start(bind=CALLER_ADDRESS) as phone:
        await first.phone.set_answer_policy(AnswerPolicy(AnswerAction.DECLINE, after_ms=0, code=486))
        call = await phone.call(centre.uri("12345"), caller="139006")
        await to_queue(call)
        answering = await second.next_call()
        await answering.confirmed()
        await centre.happened(centre.call_of("139006"), e.AgentConnected)
        await call.hang_up()
        life = await centre.happened(centre.call_of("139006"), e.CallSettled)
    assert offered_to(life) == ["1001", "1002"]
    assert outcomes(life) == [e.QueueOutcome.ANSWERED]


async def test_blind_transfer_keeps_the_recording(centre: CentreRig, tmp_path: Path) -> None:
    """Transferred to another queue, the caller talks with the second agent, all in one recording."""
    async with desks(centre, "1001", "1002") as (first, second), Phone.start(bind=CALLER_ADDRESS) as phone:
        call = await phone.call(centre.uri("12345"), caller="139007")
        await to_queue(call)
        one_agent = await first.next_call()
        await one_agent.confirmed()
        await one_agent.play(tone(tmp_path, AGENT_HZ))
        call_id = centre.call_of("139007")
        await centre.happened(call_id, e.AgentConnected)
        await first.ask(AgentAction.TRANSFER, call_id, kind="agent", target="1002")
        await one_agent.ended(3.0)
        other_agent = await second.next_call()
        await other_agent.confirmed()
        await other_agent.play(tone(tmp_path, SECOND_AGENT_HZ))
        await call.hang_up()
        await other_agent.ended(2.0)
        life = await centre.happened(call_id, e.CallSettled)
    stored = one(life, e.RecordingStored)
    assert isinstance(stored, e.RecordingStored)
    rate, (_, right) = audio.read_wav(centre.places.recordings / stored.path)
    assert audio.tone_present(right, rate, AGENT_HZ)
    assert audio.tone_present(right, rate, SECOND_AGENT_HZ)
    assert outcomes(life) == [e.QueueOutcome.ANSWERED, e.QueueOutcome.ANSWERED]
    parts = [span for span in life_of(life).spans if span.lane is Lane.RECORDING]
    second_at = parts[1].offset_ms or 0
    lengths = [(part.ended_at or 0) - part.began_at for part in parts]
    assert abs(sum(lengths) - stored.duration_ms) < 700  # the switch begins and ends when it comes to it
    cut = second_at * rate // 1000
    assert not audio.tone_present(right[: cut - rate // 2], rate, SECOND_AGENT_HZ)
    assert not audio.tone_present(right[cut + rate // 2 :], rate, AGENT_HZ)
    shape = waveform(centre.places.recordings / stored.path)
    assert shape.duration_ms == stored.duration_ms
    assert max(shape.peaks[1]) > 10 * max(1, min(shape.peaks[1]))


async def test_held_caller_hears_music_instead_of_the_agent(centre: CentreRig, tmp_path: Path) -> None:
    """On hold the caller hears music and not the agent; taken back, they hear each other again."""
    heard = tmp_path / "heard.wav"
    async with desks(centre, "1001") as (desk,), Phone.start(bind=CALLER_ADDRESS) as phone:
        call = await phone.call(centre.uri("12345"), caller="139008")
        await to_queue(call)
        agent = await desk.next_call()
        await agent.confirmed()
        call_id = centre.call_of("139008")
        await centre.happened(call_id, e.AgentConnected)
        await desk.ask(AgentAction.HOLD, call_id)
        await call.record(str(heard))
        await agent.play(tone(tmp_path, AGENT_HZ))
        await desk.ask(AgentAction.RETRIEVE, call_id)
        await agent.play(tone(tmp_path, SECOND_AGENT_HZ))
        await call.hang_up()
        await agent.ended(2.0)
        life = await centre.happened(call_id, e.CallSettled)
    rate, (sound,) = audio.read_wav(heard)
    assert audio.rms_dbfs(sound[: 2 * rate]) > -45.0
    assert not audio.tone_present(sound, rate, AGENT_HZ)
    assert audio.tone_present(sound, rate, SECOND_AGENT_HZ)
    released = one(life, e.AgentReleased)
    assert isinstance(released, e.AgentReleased)
    assert released.hold_ms > 2000


async def test_wrong_digits_lead_to_a_human(centre: CentreRig) -> None:
    """A caller who keeps pressing keys that mean nothing is not sent in circles but to an agent."""
    async with desks(centre, "1001") as (desk,), Phone.start(bind=CALLER_ADDRESS) as phone:
        call = await phone.call(centre.uri("12345"), caller="139009")
        await call.confirmed()
        for digit in "7777":
            await call.dtmf(digit)
            await asyncio.sleep(0.6)
        agent = await desk.next_call(30.0)
        await agent.confirmed()
        await centre.happened(centre.call_of("139009"), e.AgentConnected)
        await call.hang_up()
        life = await centre.happened(centre.call_of("139009"), e.CallSettled)
    assert outcomes(life) == [e.QueueOutcome.ANSWERED]


@pytest.mark.parametrize("behaviour", [RtpBehaviour.NONE, RtpBehaviour.GARBAGE])
async def test_caller_without_sane_audio_harms_nobody(centre: CentreRig, behaviour: RtpBehaviour) -> None:
    """A caller who sends no RTP, or garbage, is answered, hears the menu, and leaves nothing behind."""
    number = f"13901{list(RtpBehaviour).index(behaviour)}"
    server = ("127.0.0.1", centre.sip_port)
    async with RawCaller.call(server, "12345", rtp=behaviour, bind=CALLER_ADDRESS, caller=number) as caller:
        assert await caller.answered() == 200
        await caller.heard(50)
    life = await centre.happened(centre.call_of(number), e.CallSettled)
    assert one(life, e.CallEnded)


async def test_missing_prompt_does_not_break_the_call(centre: CentreRig) -> None:
    """With every prompt file gone the caller still reaches an agent."""
    speech = centre.places.prompts / "speech"
    away = speech.with_name("speech-away")
    speech.rename(away)
    try:
        async with desks(centre, "1001") as (desk,), Phone.start(bind=CALLER_ADDRESS) as phone:
            call = await phone.call(centre.uri("12345"), caller="139012")
            await call.confirmed()
            await call.dtmf("0")
            agent = await desk.next_call()
            await agent.confirmed()
            await centre.happened(centre.call_of("139012"), e.AgentConnected)
            await call.hang_up()
            life = await centre.happened(centre.call_of("139012"), e.CallSettled)
    finally:
        away.rename(speech)
    assert outcomes(life) == [e.QueueOutcome.ANSWERED]


async def test_twenty_calls_at_once(centre: CentreRig) -> None:
    """Twenty callers at the same moment are all taken up, heard and accounted for."""
    async with PhonePool(bind=CALLER_ADDRESS) as pool:
        await pool.warm(20)
        numbers = [f"1391{index:02}" for index in range(20)]
        calls = await asyncio.gather(*(pool.call(centre.uri("12345"), caller=number) for number in numbers))
        await asyncio.gather(*(to_queue(call) for call in calls))
        await asyncio.gather(
            *(centre.happened(centre.call_of(number), e.CallQueued, within=20.0) for number in numbers)
        )
        await asyncio.gather(*(call.hang_up() for call in calls))
        lives = await asyncio.gather(
            *(centre.happened(centre.call_of(number), e.CallSettled, within=20.0) for number in numbers)
        )
    assert all(len(outcomes(life)) == 1 for life in lives)
