"""The shape of a recording's sound, small enough to be drawn: for each channel the loudest sample of so many
equal stretches. Worked out once and kept beside the recording."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from recorder.model import RecordingUnusable

STRETCHES = 800
LOUDEST = 255
_FULL_SCALE = 32_768


@dataclass(frozen=True, slots=True)
class Waveform:
    """``peaks`` are of each channel in turn, 0 (silence) to LOUDEST, at most STRETCHES of them."""

    duration_ms: int
    peaks: tuple[tuple[int, ...], ...]


def kept_path(recording: Path) -> Path:
    """Where the waveform of this recording is kept."""
    return recording.with_suffix(".peaks")


def waveform(recording: Path) -> Waveform:
    """The kept one, or that of the file, which is then kept (unless the disk refuses it). Plain and
    synchronous, some 20 ms for a minute of sound. Raises RecordingUnusable."""
    kept = kept_path(recording)
    try:
        if kept.exists() and kept.stat().st_mtime_ns >= recording.stat().st_mtime_ns:
            known = json.loads(kept.read_bytes())
            return Waveform(known["duration_ms"], tuple(map(tuple, known["peaks"])))
        shape = _measured(recording)
    except (OSError, ValueError, KeyError, soundfile.SoundFileError) as error:
        raise RecordingUnusable(f"{recording.name} cannot be read as sound; check the file") from error
    _keep(kept, shape)
    return shape


def _measured(recording: Path) -> Waveform:
    with soundfile.SoundFile(recording) as sound:
        frames, rate, channels = sound.frames, sound.samplerate, sound.channels
        size = max(1, -(-frames // STRETCHES))
        peaks = np.zeros((-(-frames // size), channels), dtype=np.int64)
        for place, block in enumerate(sound.blocks(blocksize=size, dtype="int16", always_2d=True)):
            peaks[place] = np.abs(block.astype(np.int32)).max(axis=0)
    scaled = np.minimum(LOUDEST, peaks * LOUDEST // (_FULL_SCALE - 1))
    return Waveform(frames * 1000 // rate, tuple(tuple(column) for column in scaled.T.tolist()))


def _keep(path: Path, shape: Waveform) -> None:
    fresh = path.with_suffix(f".part-{os.getpid()}")
    told = {"duration_ms": shape.duration_ms, "peaks": shape.peaks}
    try:
        fresh.write_text(json.dumps(told, separators=(",", ":")))
        os.chmod(fresh, 0o600)
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)  # drawn all the same, and worked out again the next time
