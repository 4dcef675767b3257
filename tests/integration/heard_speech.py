"""What callers and agents hear, found by its content in what their phones record, also meanwhile."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection
from pathlib import Path

import numpy as np

from callcenter.phones.audio import read_growing_wav, rms_dbfs, tone_dbfs, tone_present
from callcenter.prompts import audio
from callcenter.prompts.service import PromptService
from ivr_flows.effects import PromptText

_LOOK_S = 0.4
BEEP_HZ = 1000.0
"""After which callers speak."""
HEARD = 0.65
"""The likeness from which words are taken for heard. Other prompts reached 0.47 in 360 tries; words of a
second and a half, at a phone that stood still twice meanwhile, had 0.79."""
PLACED = 0.8
"""The correlation from which a piece of them tells by how much the pieces after it come late."""


def found_at(heard: audio.Samples, spoken: audio.Samples) -> int:
    """Where in `heard` the piece begins that is most like `spoken`, by cross-correlation, as loud as it may
    be."""
    size, places = len(heard) + len(spoken), len(heard) - len(spoken) + 1
    product = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(spoken, size)), size)[:places]
    energy = np.concatenate([[0.0], np.cumsum(np.square(heard, dtype=np.float64))])
    loudness = np.sqrt(energy[len(spoken) :] - energy[:places])
    return int(np.argmax(product / np.maximum(loudness, 1e-3 * loudness.max() + 1e-9)))


def found_in(heard: audio.Samples, spoken: audio.Samples) -> audio.Samples:
    """The piece of `heard` that is most like `spoken`."""
    start = found_at(heard, spoken)
    return heard[start : start + len(spoken)]


def likeness(heard: audio.Samples, spoken: audio.Samples) -> float:
    """Correlation of half-second pieces of `spoken` with where each is found in `heard`; the median
    over all, or the best of the last three if that is less.

    A phone on a busy machine stands still for some tenths of a second: one piece is damaged, and all that
    follow come later or sooner by as much. So each is looked for within 0.4 s of where the last one that was
    heard leads to. Pieces out of order, missing or of another prompt are not alike.
    """
    size, slack = audio.WIDEBAND_HZ // 2, audio.WIDEBAND_HZ * 4 // 10
    alike, late = [], 0
    for at in range(0, len(spoken) - size, size):
        piece, first = spoken[at : at + size], max(0, at + late - slack)
        window = heard[first : at + late + size + slack]
        if len(window) < size:
            alike.append(0.0)
            continue
        place = found_at(window, piece)
        alike.append(_correlation(window[place : place + size], piece))
        if alike[-1] > PLACED:
            late = first + place - at
    return min(float(np.median(alike)), max(alike[-3:]))


def _correlation(heard: audio.Samples, spoken: audio.Samples) -> float:
    """0 for perfect silence, which is like nothing."""
    return float(np.corrcoef(heard, spoken)[0, 1]) if heard.any() and spoken.any() else 0.0


async def spoken_audio(directory: Path, *texts: PromptText) -> list[audio.Samples]:
    """The shipped audio of these texts, as the switch plays it."""
    prompts = PromptService(directory)
    report = await prompts.prepare(texts, synthesize=False)
    assert not report.problems
    uris = [prompts.media_uri(text) for text in texts]
    return [audio.read_audio(Path(uri.removeprefix("sound:")).with_suffix(".wav16")) for uri in uris]


def recorded_so_far(path: Path) -> audio.Samples:
    """What a phone has written of its recording by now, at 16 kHz."""
    rate, samples = read_growing_wav(path)
    heard = samples.astype(np.float32)
    return audio.resample(heard, rate, audio.WIDEBAND_HZ) if rate else heard


def place_of(heard: audio.Samples, spoken: audio.Samples) -> float | None:
    """At which second of `heard` these words begin; None when they are not (yet) heard whole. The last
    packets are lost where a call ends with the words."""
    heard = np.pad(heard, (0, audio.WIDEBAND_HZ // 10))
    if len(heard) < len(spoken):
        return None
    start = found_at(heard, spoken)
    alike = likeness(heard[start : start + len(spoken) + audio.WIDEBAND_HZ], spoken)
    return start / audio.WIDEBAND_HZ if alike > HEARD else None


async def hears(recording: Path, spoken: audio.Samples, within_sec: float = 40.0) -> float:
    """Wait until whoever records this has heard the words to their end; at which second they began."""
    async with asyncio.timeout(within_sec):
        while True:
            place = await asyncio.to_thread(lambda: place_of(recorded_so_far(recording), spoken))
            if place is not None:
                return place
            await asyncio.sleep(_LOOK_S)


def sounding(heard: audio.Samples, *hz: float, window_ms: int = 250) -> list[bool]:
    """For each window: whether all these tones sound, and hardly anything else."""
    width = audio.WIDEBAND_HZ * window_ms // 1000
    found = []
    for at in range(0, len(heard) - width + 1, width):
        piece = heard[at : at + width].astype(np.float64)
        parts = [tone_dbfs(piece, audio.WIDEBAND_HZ, one) for one in hz]
        together = 10 * np.log10(sum(10 ** (part / 10) for part in parts))
        found.append(min(parts) > -45.0 and together > rms_dbfs(piece) - 2.0)
    return found


async def hears_beep(recording: Path, within_sec: float = 40.0) -> None:
    """Wait until whoever records this has heard the beep after which a message begins."""
    async with asyncio.timeout(within_sec):
        while not any(sounding(recorded_so_far(recording), BEEP_HZ, window_ms=100)):
            await asyncio.sleep(_LOOK_S / 2)


def tones_now(recording: Path, tones: Collection[float], last_s: float = 0.5) -> set[float]:
    """Which of these tones whoever records this hears just now."""
    rate, samples = read_growing_wav(recording)
    late = samples[-int(last_s * rate) :]
    return {hz for hz in tones if late.size and tone_present(late, rate, hz)}


async def hears_tones(recording: Path, *hz: float, bursts: int = 1, within_sec: float = 30.0) -> None:
    """Wait until whoever records this has heard these tones together for most of a second, so many times,
    with half a second of silence or more between."""
    async with asyncio.timeout(within_sec):
        while True:
            heard = "".join("#" if on else "." for on in sounding(recorded_so_far(recording), *hz))
            if sum(len(burst) >= 3 for burst in re.split(r"\.{2,}", heard)) >= bursts:
                return
            await asyncio.sleep(_LOOK_S)
