"""The music on hold, composed here and therefore free of anyone's licence: 50 s, slow, made to be looped.

Eight chords of six seconds in D major: a pad that swells, a plucked figure that walks through each chord,
a soft low note. Everything sits between 200 and 2600 Hz, where a telephone line carries it well, and every
sound starts and ends in silence, so the loop has no seam. `python -m callcenter.prompts compose` renders
it into `hold.ogg` beside this file.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from callcenter.prompts.audio import WIDEBAND_HZ, Samples, limit_peaks

MUSIC_LEVEL_DBFS: Final = -23.0
_CHORD_SEC: Final = 6.0
_REST_SEC: Final = 2.0

# Each chord: low note, pad voices, plucked figure; MIDI note numbers (69 = 440 Hz).
_CHORDS: Final = (
    (50, (62, 66, 69, 73), (74, 78, 81, 78, 85, 81)),  # D maj7
    (59, (62, 66, 69, 71), (78, 74, 81, 78, 83, 78)),  # B m7
    (55, (62, 66, 67, 71), (79, 74, 78, 83, 81, 78)),  # G maj7
    (57, (61, 64, 67, 71), (76, 79, 81, 76, 83, 79)),  # A 9
    (54, (61, 64, 66, 69), (78, 81, 76, 85, 81, 78)),  # F# m7
    (59, (62, 64, 66, 71), (74, 78, 83, 78, 76, 74)),  # B m(11)
    (52, (59, 62, 66, 67), (79, 76, 74, 78, 79, 83)),  # E m9
    (57, (62, 64, 67, 69), (81, 76, 79, 74, 76, 81)),  # A sus
)
_PLUCK_AT: Final = (0.0, 1.0, 2.0, 2.75, 3.5, 4.75)
_PLUCK_GAIN: Final = (1.0, 0.8, 0.9, 0.6, 0.85, 0.65)


def _hertz(note: int) -> float:
    return float(440.0 * 2 ** ((note - 69) / 12))


def _time(seconds: float) -> NDArray[np.float64]:
    return np.arange(round(seconds * WIDEBAND_HZ)) / WIDEBAND_HZ


def _pad(note: int) -> NDArray[np.float64]:
    """Two slightly detuned voices with falling harmonics that swell and sink like breath."""
    length = _CHORD_SEC + 1.6
    time = _time(length)
    voice = np.zeros_like(time)
    for cents in (-4.0, 4.0):
        pitch = _hertz(note) * 2 ** (cents / 1200)
        for harmonic, gain in enumerate((1.0, 0.32, 0.16, 0.06), start=1):
            if pitch * harmonic < 2600:
                voice += gain * np.sin(2 * np.pi * pitch * harmonic * time + cents * harmonic)
    swell = np.sin(np.pi / 2 * np.clip(time / 1.8, 0, 1)) ** 2
    sink = np.sin(np.pi / 2 * np.clip((length - time) / 2.4, 0, 1)) ** 2
    return np.asarray(0.055 * voice * swell * sink, dtype=np.float64)


def _pluck(note: int, gain: float) -> NDArray[np.float64]:
    """A soft mallet: high partials fade first; 8 ms attack, so nothing clicks."""
    time = _time(3.2)
    pitch = _hertz(note)
    tone = np.zeros_like(time)
    for harmonic, level, fade_per_sec in ((1, 1.0, 1.7), (2, 0.25, 3.2), (4, 0.08, 7.0)):
        if pitch * harmonic < 3200:
            tone += level * np.exp(-fade_per_sec * time) * np.sin(2 * np.pi * pitch * harmonic * time)
    ends = np.clip(time / 0.008, 0, 1) * np.clip((time[-1] - time) / 0.3, 0, 1)
    return np.asarray(0.11 * gain * tone * ends, dtype=np.float64)


def _low(note: int) -> NDArray[np.float64]:
    """A round low note; its second and third harmonics are what a telephone lets through."""
    time = _time(_CHORD_SEC)
    pitch = _hertz(note)
    tone = sum(
        gain * np.sin(2 * np.pi * pitch * harmonic * time)
        for harmonic, gain in ((1, 0.6), (2, 0.5), (3, 0.2))
    )
    shape = np.clip(time / 0.15, 0, 1) * np.exp(-0.45 * time) * np.clip((_CHORD_SEC - time) / 1.0, 0, 1)
    return np.asarray(0.1 * tone * shape, dtype=np.float64)


def _add(track: NDArray[np.float64], at_sec: float, sound: NDArray[np.float64]) -> None:
    start = round(at_sec * WIDEBAND_HZ)
    room = min(len(sound), len(track) - start)
    track[start : start + room] += sound[:room]


def compose() -> Samples:
    """The whole piece: 16 kHz mono, -23 dBFS RMS, silent at both ends."""
    end_sec = len(_CHORDS) * _CHORD_SEC
    track = np.zeros(round((end_sec + _REST_SEC) * WIDEBAND_HZ))
    for index, (low, pad, figure) in enumerate(_CHORDS):
        at_sec = index * _CHORD_SEC
        _add(track, at_sec, _low(low))
        for note in pad:
            _add(track, at_sec, _pad(note))
        for offset_sec, gain, note in zip(_PLUCK_AT, _PLUCK_GAIN, figure, strict=True):
            _add(track, at_sec + offset_sec, _pluck(note, gain))
    fade = np.clip((end_sec + _REST_SEC - _time(end_sec + _REST_SEC)) / 2.2, 0, 1)
    track *= np.sin(np.pi / 2 * fade) ** 2
    track *= 10 ** (MUSIC_LEVEL_DBFS / 20) / np.sqrt(np.mean(track**2))
    return limit_peaks(track.astype(np.float32), WIDEBAND_HZ, limit_dbfs=-6.0)
