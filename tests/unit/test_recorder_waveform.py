"""The shape of a recording's sound."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from recorder.model import RecordingUnusable
from recorder.waveform import LOUDEST, STRETCHES, kept_path, waveform

RATE = 8000


def written(path: Path, left: float, right: float, seconds: float = 2.0) -> Path:
    """Both channels at a steady level, the right one only in the second half."""
    sound = np.zeros((int(RATE * seconds), 2))
    sound[:, 0], sound[len(sound) // 2 :, 1] = left, right
    soundfile.write(path, sound, RATE, subtype="PCM_16")
    return path


def test_each_channel_has_its_peaks(tmp_path: Path) -> None:
    """As loud as the sound, where it is."""
    shape = waveform(written(tmp_path / "c-both.wav", 0.5, -1.0))
    left, right = shape.peaks
    assert (shape.duration_ms, len(left), len(right)) == (2_000, STRETCHES, STRETCHES)
    assert set(left) == {LOUDEST // 2}
    assert set(right[: STRETCHES // 2]) == {0}
    assert set(right[STRETCHES // 2 :]) == {LOUDEST}


@pytest.mark.parametrize("frames", [0, 1, 799, 801, 1601])
def test_any_length(tmp_path: Path, frames: int) -> None:
    """There are never more stretches than can be drawn, nor any without sound."""
    path = tmp_path / "short.wav"
    soundfile.write(path, np.ones((frames, 2)) * 0.25, RATE, subtype="PCM_16")
    left, _ = waveform(path).peaks
    assert len(left) <= min(frames, STRETCHES)
    assert 0 not in left


def test_it_is_worked_out_once(tmp_path: Path) -> None:
    """The kept one is told again, until the sound is newer."""
    path = written(tmp_path / "c-both.wav", 0.5, 0.5)
    first = waveform(path)
    kept = kept_path(path)
    assert [file.name for file in tmp_path.iterdir() if file != path] == [kept.name]
    kept.write_text(kept.read_text().replace("2000", "1999"))
    assert waveform(path).duration_ms == 1_999
    os.utime(path, ns=(kept.stat().st_mtime_ns + 1, kept.stat().st_mtime_ns + 1))
    assert waveform(path) == first


def test_what_is_no_sound_is_told(tmp_path: Path) -> None:
    """With the name of the file, and no more of the path than that."""
    broken = tmp_path / "c-both.wav"
    broken.write_bytes(b"RIFF nothing")
    with pytest.raises(RecordingUnusable, match=r"^c-both\.wav cannot be read"):
        waveform(broken)
