"""Callers say at the menu what they want, through real telephony and a real recogniser."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest
import soundfile

from callcenter.domain import events as e
from callcenter.phones import Phone, PhoneCall
from callcenter.prompts.audio import WIDEBAND_HZ
from ivr_flows.effects import PromptText
from ivr_flows.files import read_flows
from ivr_flows.model import ListenNode, MenuNode
from tests.integration.centre_rig import ROOT, WIDEBAND_ADDRESS, CentreRig
from tests.integration.heard_speech import hears, place_of, recorded_so_far, spoken_audio

pytestmark = pytest.mark.integration

SAYINGS = ROOT / "bench" / "sayings"
KOREAN_LINE = "12345082"
COMPLAINT = "jf_alpha-2b"
"""민원 접수해 주세요"""
NOISE = "jf_alpha-noise"
"""공사 소음 때문에 전화했습니다"""
WORKER = "speech-vosk-ko"


def wav(directory: Path, saying: str) -> str:
    """The saying as a phone plays it."""
    path = directory / f"{saying}.wav"
    samples, rate = soundfile.read(SAYINGS / f"{saying}.flac", dtype="int16")
    soundfile.write(path, samples, rate, subtype="PCM_16")
    return str(path)


async def at_the_menu(centre: CentreRig, phone: Phone, caller: str) -> tuple[PhoneCall, str]:
    """A caller of the Korean line who has come to its menu."""
    call = await phone.call(centre.uri(KOREAN_LINE), caller=caller)
    await call.confirmed()
    call_id = await centre.newcomer(caller)
    await centre.until(call_id, lambda life: path(life)[-1:] == ["main_menu"], within=20.0)
    return call, call_id


def path(life: list[e.DomainEvent]) -> list[str]:
    """The nodes in order."""
    return [event.node for event in life if isinstance(event, e.NodeEntered)]


def prompt(node: str) -> PromptText:
    """What the Korean line says at this node."""
    asking = read_flows()["korean_line"].nodes[node]
    assert isinstance(asking, MenuNode | ListenNode)
    return PromptText((asking.menu if isinstance(asking, MenuNode) else asking.listen)["ko"], "ko")


async def test_who_says_what_they_want_comes_there(centre: CentreRig, tmp_path: Path) -> None:
    """A saying stops the menu's words and leads on as its key would; the next question is heard, and answered
    in a sentence; the words are in no file of the centre."""
    menu, question = await spoken_audio(tmp_path, prompt("main_menu"), prompt("topic"))
    heard = tmp_path / "heard.wav"
    async with Phone.start(bind=WIDEBAND_ADDRESS, codecs=("G722",)) as phone:
        call, call_id = await at_the_menu(centre, phone, "138501")
        await call.record(str(heard))
        await asyncio.sleep(0.5)
        await call.play(wav(tmp_path, COMPLAINT))
        asked_at = await hears(heard, question)
        await call.play(wav(tmp_path, NOISE))
        life = await centre.happened(call_id, e.CallQueued, within=20.0)
        await call.hang_up()
    assert asked_at * WIDEBAND_HZ < len(menu)
    assert place_of(recorded_so_far(heard), menu) is None
    assert [event.choice for event in life if isinstance(event, e.ChoiceSpoken)] == ["2", "noise"]
    assert path(life)[1:7] == ["welcome", "main_menu", "topic", "noise", "to_agent", "korean"]
    for written in (*centre.places.journal.rglob("*.jsonl"), *centre.places.log.glob("*.log")):
        text = written.read_text(encoding="utf-8", errors="replace")
        assert "민원" not in text
        assert "소음" not in text


async def test_a_key_counts_while_the_caller_speaks(centre: CentreRig, tmp_path: Path) -> None:
    """Whoever speaks and presses has pressed."""
    async with Phone.start(bind=WIDEBAND_ADDRESS, codecs=("G722",)) as phone:
        call, call_id = await at_the_menu(centre, phone, "138502")
        speaking = asyncio.create_task(call.play(wav(tmp_path, COMPLAINT)))
        await asyncio.sleep(0.6)
        await call.dtmf("1")
        life = await centre.happened(call_id, e.CallQueued, within=20.0)
        await call.hang_up()
        await speaking
    assert e.ChoiceSpoken not in {type(event) for event in life}
    assert "topic" not in path(life)


async def test_keys_go_on_when_the_recogniser_is_killed(centre: CentreRig, tmp_path: Path) -> None:
    """In the middle of the menu: what is said afterwards is nobody's, and the key counts."""
    async with Phone.start(bind=WIDEBAND_ADDRESS, codecs=("G722",)) as phone:
        call, call_id = await at_the_menu(centre, phone, "138503")
        os.kill(centre.pid(WORKER), signal.SIGKILL)
        await call.play(wav(tmp_path, COMPLAINT))
        await call.dtmf("1")
        life = await centre.happened(call_id, e.CallQueued, within=20.0)
        await call.hang_up()
    assert e.ChoiceSpoken not in {type(event) for event in life}
    assert "topic" not in path(life)
