"""Shipped prompts and music as callers hear them through a real Asterisk."""

from pathlib import Path

import numpy as np
import pytest

from callcenter.domain.switch import Play, PlaybackEnded
from callcenter.phones.audio import read_wav
from callcenter.prompts import audio
from callcenter.prompts.phrases import Phrase, phrase
from callcenter.prompts.service import PromptService
from tests.contract.telephony_rigs import AsteriskRig
from tests.integration.heard_speech import found_in, likeness

pytestmark = pytest.mark.integration

BUSY = phrase(Phrase.QUEUE_FULL, "zh")


def above_4_khz_db(samples: audio.Samples, rate: int) -> float:
    """The part of the sound that only a wideband line carries, relative to the whole."""
    power = np.abs(np.fft.rfft(samples)) ** 2
    return float(
        10 * np.log10(power[np.fft.rfftfreq(len(samples), 1 / rate) > 4200].sum() / power.sum() + 1e-12)
    )


@pytest.mark.parametrize(("address", "wideband"), [("127.0.0.2", False), ("127.0.0.3", True)])
async def test_a_caller_hears_the_prompt_at_the_bandwidth_of_the_line(
    rig: AsteriskRig, tmp_path: Path, address: str, wideband: bool
) -> None:
    """One media URI serves both lines: G.711 hears the 8 kHz file, G.722 the 16 kHz file, at full length."""
    prompts = PromptService(tmp_path / "prompts")
    await prompts.prepare([BUSY])
    uri = prompts.media_uri(BUSY)
    arrival = await rig.arrive(address=address)
    assert arrival.wideband == wideband
    call = rig.calls[arrival.leg_id]
    await call.record(str(tmp_path / "heard.wav"))
    rig.telephony.send(Play(arrival.leg_id, "p1", (uri,)))
    ended = await rig.until(PlaybackEnded, playback_id="p1")
    assert not ended.failed
    await rig.settle(0.3)
    await call.hang_up()
    await call.ended()

    rate, (recorded,) = read_wav(tmp_path / "heard.wav")
    spoken = audio.read_audio(Path(uri.removeprefix("sound:")).with_suffix(".wav16"))
    heard = found_in(audio.resample(recorded.astype(np.float32), rate, audio.WIDEBAND_HZ), spoken)
    assert likeness(heard, spoken) > 0.9
    if wideband:
        assert above_4_khz_db(heard, audio.WIDEBAND_HZ) == pytest.approx(
            above_4_khz_db(spoken, audio.WIDEBAND_HZ), abs=6
        )
    else:
        assert above_4_khz_db(heard, audio.WIDEBAND_HZ) < -40
