"""What callers and agents really hear, and what is really recorded, through a real Asterisk."""

import asyncio
import os
import statistics
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

from callcenter.domain.switch import (
    CallerArrived,
    Connect,
    DialPhone,
    HangUp,
    LegAnswered,
    LegEndCause,
    LegEnded,
    Play,
    PlaybackEnded,
    RecordingStarted,
    Separate,
    StartMusic,
    StartRecording,
    StopPlay,
    StopRecording,
)
from callcenter.phones import RawCaller, RtpBehaviour
from callcenter.phones.audio import Tone, read_wav, rms_dbfs, tone_dbfs, tone_present, write_tones
from tests.contract.asterisk_process import ANSWERS, IGNORES, WIDEBAND
from tests.contract.telephony_rigs import AsteriskRig

pytestmark = pytest.mark.integration

HZ = {"music": 440, "short": 700, "long": 900}
CALLER_HZ, AGENT_HZ, WIDEBAND_HZ = 1200, 1900, 5200


async def dialled(rig: AsteriskRig, leg_id: str, phone: str = ANSWERS) -> str:
    """An agent's leg that was picked up."""
    await rig.phone(phone)
    rig.telephony.send(DialPhone(leg_id, "c1", phone, "0211", "caller", 20))
    await rig.until(LegAnswered, leg_id=leg_id)
    await (await rig.at_phone(leg_id, phone)).confirmed()
    return leg_id


def heard(path: Path) -> list[str]:
    """What a phone's recording holds, one word for each change. A piece that is none of it, because something
    changed in it or a packet was late, is passed over."""
    rate, (samples,) = read_wav(path)
    width = rate // 10
    words: list[str] = []
    for at in range(0, samples.size - width, width):
        piece = samples[at : at + width]
        levels = {name: tone_dbfs(piece, rate, hz) for name, hz in HZ.items()}
        loudest = max(levels, key=lambda name: levels[name])
        word = loudest if levels[loudest] > -40 else "silence" if rms_dbfs(piece) < -50 else "other"
        if word != "other":
            words.append(word)
    return [word for word, _ in groupby(words)]


async def say(rig: AsteriskRig, leg_id: str, directory: Path, hz: float, *, rate: int = 8000) -> None:
    """The party of this leg sounds a tone without end."""
    path = directory / f"say-{hz}.wav"
    write_tones(path, rate, [Tone(hz, 1000)])
    await rig.calls[leg_id].play(str(path), loop=True)


async def test_music_prompt_silence_and_music_again(rig: AsteriskRig, tmp_path: Path) -> None:
    """Music from the first moment; a prompt ends it; it comes back only when it is asked for."""
    arrival = await rig.arrive()
    call = rig.calls[arrival.leg_id]
    await call.record(str(tmp_path / "heard.wav"))
    await rig.settle(0.6)
    rig.telephony.send(Play(arrival.leg_id, "p1", (rig.short,)))
    await rig.until(PlaybackEnded, playback_id="p1")
    await rig.settle(0.6)
    rig.telephony.send(StartMusic(arrival.leg_id))
    await rig.settle(0.6)
    rig.telephony.send(Play(arrival.leg_id, "p2", (rig.long,)))
    await rig.settle(0.6)
    rig.telephony.send(StopPlay(arrival.leg_id, "p2"))
    await rig.settle(0.6)
    await call.hang_up()
    await call.ended()
    story = heard(tmp_path / "heard.wav")
    assert story[:1] in (["music"], ["silence"])
    assert story[-6:] == ["music", "short", "silence", "music", "long", "silence"]


async def test_connected_legs_hear_each_other_and_no_music(rig: AsteriskRig, tmp_path: Path) -> None:
    """Also after they were separated and connected again; a separated leg hears nothing."""
    caller = (await rig.arrive()).leg_id
    agent = await dialled(rig, "a1")
    await say(rig, caller, tmp_path, CALLER_HZ)
    await say(rig, agent, tmp_path, AGENT_HZ)
    rig.telephony.send(Connect("b1", (caller, agent)))
    await rig.settle(0.5)
    await rig.calls[caller].record(str(tmp_path / "caller.wav"))
    await rig.calls[agent].record(str(tmp_path / "agent.wav"))
    await rig.settle(1.0)
    rig.telephony.send(Separate("b1", agent))
    await rig.settle(1.0)
    rig.telephony.send(Connect("b1", (agent,)))
    await rig.settle(1.0)
    for leg_id in (caller, agent):
        await rig.calls[leg_id].hang_up()
        await rig.calls[leg_id].ended()
    for name, hz in (("caller", AGENT_HZ), ("agent", CALLER_HZ)):
        rate, (samples,) = read_wav(tmp_path / f"{name}.wav")
        thirds = np.array_split(samples, 3)
        assert tone_present(thirds[0], rate, hz)
        assert tone_present(thirds[2], rate, hz)
        assert not tone_present(samples, rate, HZ["music"])
        apart = samples[round(rate * 1.3) : round(rate * 1.8)]
        assert tone_dbfs(apart, rate, hz) < -45


@pytest.mark.parametrize("wideband", [False, True])
async def test_both_sides_are_recorded_apart(rig: AsteriskRig, tmp_path: Path, wideband: bool) -> None:
    """What the leg says and hears, equally long, at the leg's bandwidth, complete soon after the end."""
    address, phone = ("127.0.0.3", WIDEBAND) if wideband else ("127.0.0.2", ANSWERS)
    rate, suffix = (16000, "wav16") if wideband else (8000, "wav")
    said_hz = WIDEBAND_HZ if wideband else AGENT_HZ
    arrival = await rig.arrive(address=address)
    assert arrival.wideband == wideband
    agent = await dialled(rig, "a1", phone)
    rig.telephony.send(Connect("b1", (arrival.leg_id, agent)))
    stem = Path(rig.recordings) / f"both-{suffix}"
    rig.telephony.send(StartRecording(agent, "r1", str(stem), wideband=wideband))
    await rig.until(RecordingStarted, recording_id="r1")
    await say(rig, arrival.leg_id, tmp_path, CALLER_HZ, rate=rate)
    await say(rig, agent, tmp_path, said_hz, rate=rate)
    await rig.settle(2.0)
    await rig.phone_leaves(agent)
    await rig.until(LegEnded, leg_id=agent)
    await rig.settle(0.5)
    said_rate, (said,) = read_wav(f"{stem}-said.{suffix}")
    heard_rate, (other,) = read_wav(f"{stem}-heard.{suffix}")
    assert said_rate == heard_rate == rate
    assert said.size == other.size
    assert 2.0 <= said.size / rate <= 4.0
    assert tone_present(said, rate, said_hz)
    assert not tone_present(said, rate, CALLER_HZ)
    assert tone_present(other, rate, CALLER_HZ)
    assert not tone_present(other, rate, said_hz)
    made = sorted(name for name in os.listdir(rig.recordings) if name.startswith(stem.name))
    assert made == [f"{stem.name}-heard.{suffix}", f"{stem.name}-said.{suffix}"]


async def test_a_recording_that_is_stopped_is_complete_while_the_call_goes_on(rig: AsteriskRig) -> None:
    """The files no longer grow and can be read."""
    caller = (await rig.arrive()).leg_id
    stem = f"{rig.recordings}/stopped"
    rig.telephony.send(StartRecording(caller, "r1", stem, wideband=False))
    await rig.until(RecordingStarted, recording_id="r1")
    await rig.settle(1.0)
    rig.telephony.send(StopRecording(caller, "r1"))
    await rig.settle(0.5)
    _, (said,) = read_wav(f"{stem}-said.wav")
    _, (other,) = read_wav(f"{stem}-heard.wav")
    assert 0.5 <= said.size / 8000 <= 1.5
    assert said.size == other.size
    await rig.settle(0.3)
    assert read_wav(f"{stem}-said.wav")[1][0].size == said.size


@pytest.mark.parametrize(
    ("headers", "original"),
    [
        ({"Diversion": "<sip:4000@pbx>;reason=unconditional;counter=1"}, "4000"),
        ({"History-Info": "<sip:5000@pbx>;index=1, <sip:12345@pbx>;index=1.1"}, "5000"),
        ({"P-Asserted-Identity": '"Zhang, San" <sip:+8613912345678@n>'}, "+8613912345678"),
        ({"P-Asserted-Identity": '"broken <<>>;,', "Diversion": "\\,;;"}, None),
        ({}, None),
    ],
)
async def test_the_original_caller_is_read_from_the_invite(
    rig: AsteriskRig, headers: dict[str, str], original: str | None
) -> None:
    """Each header by itself, through the real dialplan; garbage is nobody."""
    phone = await rig.caller()
    call = await phone.call(f"sip:12345@{rig.process.sip}", caller="0211", headers=headers)
    arrival = await rig.until(CallerArrived)
    assert (arrival.caller, arrival.original_caller) == ("0211", original)
    await call.hang_up()
    await rig.until(LegEnded, leg_id=arrival.leg_id)


async def test_a_caller_beyond_the_limit_of_his_trunk_is_refused(rig: AsteriskRig) -> None:
    """503, and the controller hears nothing of him."""
    first = await rig.arrive(address="127.0.0.4")
    server = ("127.0.0.1", rig.process.config.ports.sip)
    async with RawCaller.call(server, "12345", rtp=RtpBehaviour.NONE, bind="127.0.0.4") as second:
        assert await second.answered() == 503
    await rig.settle(0.2)
    assert not any(isinstance(event, CallerArrived) for event in rig.events)
    await rig.caller_leaves(first.leg_id)
    await rig.until(LegEnded, leg_id=first.leg_id)
    assert (await rig.arrive("54321", address="127.0.0.4")).trunk == "narrow"


async def test_a_caller_without_audio_is_let_go(rig: AsteriskRig) -> None:
    """After the RTP time-out his leg ends, and the cause says so."""
    server = ("127.0.0.1", rig.process.config.ports.sip)
    async with RawCaller.call(server, "12345", rtp=RtpBehaviour.NONE, caller="0211") as caller:
        arrival = await rig.until(CallerArrived)
        ended = await rig.until(LegEnded, leg_id=arrival.leg_id, within_sec=15)
        assert ended.cause is LegEndCause.MEDIA_LOST
        await caller.ended()


async def test_garbage_for_audio_is_survived(rig: AsteriskRig) -> None:
    """He hears his prompt all the same."""
    server = ("127.0.0.1", rig.process.config.ports.sip)
    async with RawCaller.call(server, "12345", rtp=RtpBehaviour.GARBAGE, caller="0211") as caller:
        arrival = await rig.until(CallerArrived)
        rig.telephony.send(Play(arrival.leg_id, "p1", (rig.short,)))
        assert not (await rig.until(PlaybackEnded, playback_id="p1")).failed
        await caller.heard(50)
        rig.telephony.send(HangUp(arrival.leg_id))
        await rig.until(LegEnded, leg_id=arrival.leg_id)


async def test_from_the_command_to_the_ringing_phone_it_takes_no_time(rig: AsteriskRig) -> None:
    """Send, and INVITE at the phone: half of them within 50 ms on a busy machine."""
    phone = await rig.phone(IGNORES)
    took_ms = []
    for number in range(10):
        started = asyncio.get_running_loop().time()
        rig.telephony.send(DialPhone(f"a{number}", "c1", IGNORES, "0211", "", 20))
        await phone.next_call()
        took_ms.append(1000 * (asyncio.get_running_loop().time() - started))
        rig.telephony.send(HangUp(f"a{number}"))
        await rig.until(LegEnded, leg_id=f"a{number}")
    assert statistics.median(took_ms) < 50, took_ms
