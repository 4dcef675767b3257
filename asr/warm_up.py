"""The speech a recognizer hears before its first call."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
import soundfile

from asr.audio import Resampler

_ANY_LANGUAGE = "zh"


@cache
def warm_up_speech(language: str, sample_rate: int) -> bytes:
    """Return a few seconds of 16-bit PCM speech at `sample_rate`, in `language` where one is bundled.

    Any speech warms a recognizer; speech it understands warms the parts of its graph that calls will use.
    """
    directory = files("asr") / "data"
    recording = directory / f"warm-up-{language}.flac"
    if not recording.is_file():
        recording = directory / f"warm-up-{_ANY_LANGUAGE}.flac"
    with recording.open("rb") as file:
        samples, rate = soundfile.read(file, dtype="int16")
    resampler = Resampler(rate, sample_rate)
    return resampler.feed(np.asarray(samples, np.int16).tobytes()) + resampler.finish()
