"""From an engine's raw samples to the two files Asterisk plays: trimmed, levelled, 8 and 16 kHz.

Samples are float32 mono in [-1, 1]. Levels are dBFS, where 0 is a full-scale square wave.
"""

import os
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

Samples = NDArray[np.float32]

WIDEBAND_HZ: Final = 16_000
NARROWBAND_HZ: Final = 8_000
# Asterisk chooses between X.wav (8 kHz) and X.wav16 (16 kHz) by the leg's own codec when it plays X.
SUFFIXES: Final = {".wav": NARROWBAND_HZ, ".wav16": WIDEBAND_HZ}

SPEECH_LEVEL_DBFS: Final = -20.0
PEAK_LIMIT_DBFS: Final = -2.0
_BLOCK_SEC: Final = 0.01
_SILENCE_BELOW_PEAK_DB: Final = 45.0
_ACTIVE_BELOW_LOUDEST_DB: Final = 30.0
_HEAD_SEC, _TAIL_SEC, _FADE_SEC = 0.06, 0.18, 0.005


class AudioError(Exception):
    """Samples or a file that no caller should hear; the text says what is wrong with it."""


class SilentError(AudioError):
    """Nothing, or hardly anything, is to be heard in it."""


class ClippedError(AudioError):
    """It is too loud: peaks are cut off."""


def resample(samples: Samples, rate_hz: int, to_hz: int) -> Samples:
    """The same sound at `to_hz`."""
    if rate_hz == to_hz:
        return samples
    return np.asarray(soxr.resample(samples, rate_hz, to_hz), dtype=np.float32)


def _block_levels_db(samples: Samples, rate_hz: int) -> NDArray[np.float64]:
    """RMS of each 10 ms, dBFS; the last, incomplete block counts as if filled up with silence."""
    size = max(1, round(rate_hz * _BLOCK_SEC))
    padded = np.pad(samples.astype(np.float64), (0, -len(samples) % size))
    power = np.mean(padded.reshape(-1, size) ** 2, axis=1)
    return np.asarray(10 * np.log10(np.maximum(power, 1e-20)), dtype=np.float64)


def active_level_dbfs(samples: Samples, rate_hz: int) -> float:
    """RMS over the blocks within 30 dB of the loudest: the level of the speech, its pauses left out."""
    levels = _block_levels_db(samples, rate_hz)
    active = levels[levels >= levels.max() - _ACTIVE_BELOW_LOUDEST_DB]
    return float(10 * np.log10(np.mean(10 ** (active / 10))))


def trim_silence(
    samples: Samples, rate_hz: int, head_sec: float = _HEAD_SEC, tail_sec: float = _TAIL_SEC
) -> Samples:
    """The sound with so much before and after it, faded at both ends so that nothing clicks.

    Raises AudioError when there is no sound in it at all.
    """
    levels = _block_levels_db(samples, rate_hz)
    if len(samples) == 0 or levels.max() < -70:
        raise SilentError("silent audio")
    heard = np.flatnonzero(levels >= levels.max() - _SILENCE_BELOW_PEAK_DB)
    block = max(1, round(rate_hz * _BLOCK_SEC))
    start = int(heard[0]) * block - round(head_sec * rate_hz)
    stop = (int(heard[-1]) + 1) * block + round(tail_sec * rate_hz)
    before, after = max(0, -start), max(0, stop - len(samples))
    kept = np.pad(samples, (before, after))[start + before : stop + before].astype(np.float32)
    fade = round(_FADE_SEC * rate_hz)
    ramp = np.linspace(0, 1, fade, dtype=np.float32)
    kept[:fade] *= ramp
    kept[-fade:] *= ramp[::-1]
    return kept


def limit_peaks(samples: Samples, rate_hz: int, limit_dbfs: float = PEAK_LIMIT_DBFS) -> Samples:
    """Turn the gain down smoothly around peaks above the limit; nothing else is touched."""
    limit = 10 ** (limit_dbfs / 20)
    size = max(1, round(rate_hz * _BLOCK_SEC / 2))
    peaks = np.abs(np.pad(samples, (0, -len(samples) % size))).reshape(-1, size).max(axis=1)
    needed = np.minimum(1.0, limit / np.maximum(peaks, 1e-9))
    around = np.pad(needed, 2, mode="edge")
    lowest = np.min([around[shift : shift + len(needed)] for shift in range(5)], axis=0)
    centres = np.arange(len(needed)) * size + size / 2
    gain = np.interp(np.arange(len(samples)), centres, lowest)
    return np.asarray(np.clip(samples * gain, -limit, limit), dtype=np.float32)


def level_speech(samples: Samples, rate_hz: int, level_dbfs: float = SPEECH_LEVEL_DBFS) -> Samples:
    """Bring the speech to one loudness, so that a menu does not jump between prompts."""
    gain = 10 ** ((level_dbfs - active_level_dbfs(samples, rate_hz)) / 20)
    return limit_peaks((samples * gain).astype(np.float32), rate_hz)


def finish_speech(samples: Samples, rate_hz: int) -> Samples:
    """An engine's samples made ready: 16 kHz, trimmed, levelled. Raises AudioError on silence and garbage."""
    flat = np.asarray(samples, dtype=np.float32).reshape(-1)
    if flat.size == 0 or not np.isfinite(flat).all():
        raise AudioError("no samples at all, or infinite or undefined ones")
    wide = resample(flat - flat.mean(dtype=np.float64).astype(np.float32), rate_hz, WIDEBAND_HZ)
    return level_speech(trim_silence(wide, WIDEBAND_HZ), WIDEBAND_HZ)


def read_audio(path: Path) -> Samples:
    """Mono 16 kHz samples of any file that libsndfile reads; AudioError says why it cannot be."""
    try:
        samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, OSError) as error:
        raise AudioError(f"unreadable audio file: {error}") from error
    return resample(samples.mean(axis=1, dtype=np.float32), rate_hz, WIDEBAND_HZ)


def write_speech_ogg(path: Path, samples: Samples) -> None:
    """Write 16 kHz speech as Ogg/Opus: about 28 kbit/s, 19 dB over the coding noise, no bulky header.

    Vorbis needs half as much again for the same noise, because its header is as large as a short prompt.
    """
    _write_atomically(path, samples, WIDEBAND_HZ, format="OGG", subtype="OPUS", compression_level=0.92)


def write_music_ogg(path: Path, samples: Samples) -> None:
    """Write 16 kHz music as Ogg/Vorbis: for sustained sounds half the size of Opus at the same noise."""
    _write_atomically(path, samples, WIDEBAND_HZ, format="OGG", subtype="VORBIS", compression_level=0.6)


def write_for_asterisk(stem: Path, samples: Samples) -> None:
    """Write `<stem>.wav` (8 kHz) and `<stem>.wav16` (16 kHz) from 16 kHz samples, both or none.

    The wideband file is written last: where it is, the other is too.
    """
    for suffix, rate_hz in SUFFIXES.items():
        converted = np.clip(resample(samples, WIDEBAND_HZ, rate_hz), -1.0, 1.0)
        _write_atomically(stem.with_suffix(suffix), converted, rate_hz, format="WAV", subtype="PCM_16")


def is_written(stem: Path) -> bool:
    """Whether both files of `stem` are there."""
    return all(stem.with_suffix(suffix).is_file() for suffix in SUFFIXES)


def _write_atomically(path: Path, samples: Samples, rate_hz: int, **options: object) -> None:
    """Asterisk may open the name at any moment: it finds the whole file or none, also after a crash."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            soundfile.write(file, samples, rate_hz, **options)
        os.chmod(name, 0o644)  # Asterisk may run as another user
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
