"""Measuring what a phone heard, and making what it says: numbers a test can assert.

Samples are float64 arrays in [-1, 1], shape (frames,) for one channel. Levels are dBFS of the RMS, where a
full-scale sine has -3.01 dBFS; digital silence has FLOOR_DBFS.
"""

import math
import wave
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]

FLOOR_DBFS = -120.0
_FRAME_MS = 20
_HEADER_BYTES = 44
_RATE_AT = slice(24, 28)


@dataclass(frozen=True, slots=True)
class Tone:
    """A sine for `duration_ms` at `level_dbfs` (RMS); `hz` 0 is silence."""

    hz: float
    duration_ms: int
    level_dbfs: float = -12.0


def read_wav(path: str | Path) -> tuple[int, list[Samples]]:
    """The sample rate in Hz and the channels of a 16 bit WAV file; ValueError for another width."""
    with wave.open(str(path)) as file:
        rate, channels, width = file.getframerate(), file.getnchannels(), file.getsampwidth()
        data = file.readframes(file.getnframes())
    if width != 2:
        raise ValueError(f"{path}: {8 * width} bit samples, want 16")
    interleaved = np.frombuffer(data, dtype="<i2").astype(np.float64) / 32768.0
    return rate, [interleaved[channel::channels] for channel in range(channels)]


def read_growing_wav(path: str | Path) -> tuple[int, Samples]:
    """The sample rate in Hz of a mono 16 bit WAV file, and what a phone that is still recording it has
    written so far: nothing, and 0 Hz, at first. Its header tells the length only at the end."""
    with suppress(FileNotFoundError), open(path, "rb") as file:
        header, data = file.read(_HEADER_BYTES), file.read()
        if data:
            whole = np.frombuffer(data[: len(data) - len(data) % 2], dtype="<i2")
            return int.from_bytes(header[_RATE_AT], "little"), whole.astype(np.float64) / 32768.0
    return 0, np.zeros(0)


def write_tones(path: str | Path, sample_rate_hz: int, tones: Sequence[Tone]) -> None:
    """A mono 16 bit WAV file of `tones`, one after the other."""
    parts = []
    for tone in tones:
        time = np.arange(tone.duration_ms * sample_rate_hz // 1000) / sample_rate_hz
        peak = math.sqrt(2) * 10 ** (tone.level_dbfs / 20) if tone.hz else 0.0
        parts.append(peak * np.sin(2 * np.pi * tone.hz * time))
    samples = np.clip(np.concatenate(parts) * 32767, -32768, 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate_hz)
        file.writeframes(samples.tobytes())


def rms_dbfs(samples: Samples) -> float:
    """The level of the whole."""
    power = float(np.mean(samples**2)) if samples.size else 0.0
    return max(10 * math.log10(power), FLOOR_DBFS) if power > 0 else FLOOR_DBFS


def rms_dbfs_per_second(samples: Samples, sample_rate_hz: int) -> list[float]:
    """The level of each second; the last, shorter one too."""
    return [rms_dbfs(samples[at : at + sample_rate_hz]) for at in range(0, samples.size, sample_rate_hz)]


def dominant_frequency_hz(samples: Samples, sample_rate_hz: int) -> float:
    """The strongest frequency, exact to a bin of the (Hann-windowed) spectrum; 0 for silence."""
    if rms_dbfs(samples) <= FLOOR_DBFS:
        return 0.0
    alternating = samples - np.mean(samples)
    spectrum = np.abs(np.fft.rfft(alternating * np.hanning(samples.size)))
    return float(np.argmax(spectrum)) * sample_rate_hz / samples.size


def tone_dbfs(samples: Samples, sample_rate_hz: int, hz: float) -> float:
    """The level of the part of `samples` at `hz` (correlation with sine and cosine over the whole)."""
    if not samples.size:
        return FLOOR_DBFS
    phase = -2j * np.pi * hz / sample_rate_hz * np.arange(samples.size)
    amplitude = 2 * abs(complex(np.mean(samples * np.exp(phase))))
    return max(20 * math.log10(amplitude / math.sqrt(2)), FLOOR_DBFS) if amplitude > 0 else FLOOR_DBFS


def tone_present(
    samples: Samples,
    sample_rate_hz: int,
    hz: float,
    *,
    least_dbfs: float = -45.0,
    within_db: float = 12.0,
) -> bool:
    """Whether somewhere half a second is a tone of `hz`: loud enough and `within_db` of all that sounds then.

    Looked at in windows of 500 ms (or the whole, when that is shorter), each starting 250 ms after the one
    before.
    """
    width = min(sample_rate_hz // 2, samples.size)
    for at in range(0, max(samples.size - width, 0) + 1, max(width // 2, 1)):
        window = samples[at : at + width]
        level = tone_dbfs(window, sample_rate_hz, hz)
        if level >= least_dbfs and level >= rms_dbfs(window) - within_db:
            return True
    return False


def longest_silence_ms(samples: Samples, sample_rate_hz: int, *, below_dbfs: float = -50.0) -> int:
    """The longest stretch in which every 20 ms frame stays below the level."""
    width = sample_rate_hz * _FRAME_MS // 1000
    longest = current = 0
    for at in range(0, samples.size - width + 1, width):
        current = current + 1 if rms_dbfs(samples[at : at + width]) < below_dbfs else 0
        longest = max(longest, current)
    return longest * _FRAME_MS
