"""Words that nobody had rendered before the call, as a real caller hears them."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import numpy as np
import pytest
from centre_rig import CALLER_ADDRESS, CentreRig, callcenter, hotline_file
from heard_speech import found_in, hears, recorded_so_far

from callcenter.phones import Phone
from callcenter.prompts import audio
from callcenter.prompts.impromptu import Impromptu
from callcenter.prompts.model import PromptText
from callcenter.prompts.music import HOLD_MUSIC
from callcenter.prompts.phrases import piece_prompts
from callcenter.prompts.store import PromptStore
from ivr_flows.spoken import Kind, spoken

pytestmark = pytest.mark.integration
CALLER = "13930271"
FLOW = """\
flow: citizen_hotline
languages: [zh]
start: number
nodes:
  number: {say: {zh: '{caller:digits}'}, next: hold}
  hold: {wait: 30, next: end}
  end: {hang_up: done}
"""


def as_it_must_sound(directory: Path) -> audio.Samples:
    """The caller's own number, joined of the shipped words of figures."""
    store = PromptStore(directory / "speech")
    impromptu = Impromptu(directory / "said", store)
    impromptu.know(piece_prompts(("zh",)))
    stem = impromptu.say(PromptText(spoken(CALLER, Kind.DIGITS, "zh"), "zh"), 10.0)
    return audio.read_audio(stem.with_suffix(".wav16"))


def prompt_worker(centre: CentreRig) -> int:
    """The process of the controller that makes prompts."""
    controller = centre.pid("controller")
    for pid in Path(f"/proc/{controller}/task/{controller}/children").read_text().split():
        if b"callcenter.prompts.worker" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return int(pid)
    raise LookupError("the controller has no prompt worker")


async def hears_music(recording: Path) -> audio.Samples:
    """Wait until half a second of the music on hold was heard, and nothing else; what was heard."""
    music = audio.read_audio(HOLD_MUSIC)
    half = audio.WIDEBAND_HZ // 2
    async with asyncio.timeout(6):
        while True:
            await asyncio.sleep(0.1)
            heard = recorded_so_far(recording)
            sounding = np.flatnonzero(np.abs(heard) > 0.01)
            if sounding.size and len(heard) > sounding[0] + 2 * half:
                piece = heard[sounding[0] + half : sounding[0] + 2 * half]
                alike = np.corrcoef(found_in(music, piece), piece)[0, 1]
                assert alike > 0.7
                return heard


async def test_a_caller_hears_their_number_and_music_until_it_is_made(
    own_flows_centre: CentreRig, tmp_path: Path
) -> None:
    """The worker is held up: after half a second there is music, and then the words, by their content."""
    centre, recording = own_flows_centre, tmp_path / "heard.wav"
    number = await asyncio.to_thread(as_it_must_sound, tmp_path)
    hotline_file(centre).write_text(FLOW, encoding="utf-8")
    said = await asyncio.to_thread(callcenter, centre, "flows", "publish", "--note", "numbers")
    assert "In force" in said
    worker = prompt_worker(centre)
    async with Phone.start(bind=CALLER_ADDRESS) as phone:
        os.kill(worker, signal.SIGSTOP)
        try:
            call = await phone.call(centre.uri("12345"), caller=CALLER, record=str(recording))
            await call.confirmed()
            await hears_music(recording)
        finally:
            os.kill(worker, signal.SIGCONT)
        await hears(recording, number)
        await call.hang_up()
