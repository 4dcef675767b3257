"""Measuring audio: each measure against sounds whose answer is known."""

import wave
from pathlib import Path

import numpy as np
import pytest

from callcenter.phones.audio import (
    FLOOR_DBFS,
    Tone,
    dominant_frequency_hz,
    longest_silence_ms,
    read_wav,
    rms_dbfs,
    rms_dbfs_per_second,
    tone_dbfs,
    tone_present,
    write_tones,
)


def samples_of(path: Path, rate: int, *tones: Tone) -> np.ndarray:
    """What `write_tones` wrote, read back."""
    write_tones(path, rate, tones)
    got_rate, [samples] = read_wav(path)
    assert got_rate == rate
    return samples


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("level", [-6.0, -20.0, -40.0])
def test_a_tone_has_the_level_it_was_written_with(tmp_path: Path, rate: int, level: float) -> None:
    """Its RMS, and its level at its own frequency, within a tenth of a decibel."""
    samples = samples_of(tmp_path / "t.wav", rate, Tone(440, 1000, level))
    assert rms_dbfs(samples) == pytest.approx(level, abs=0.1)
    assert tone_dbfs(samples, rate, 440) == pytest.approx(level, abs=0.1)
    assert tone_dbfs(samples, rate, 1000) < level - 40


def test_silence_has_the_floor_as_its_level_and_no_frequency(tmp_path: Path) -> None:
    """Digital silence and no samples at all are FLOOR_DBFS; nothing is dominant in them."""
    samples = samples_of(tmp_path / "t.wav", 8000, Tone(0, 500))
    assert rms_dbfs(samples) == rms_dbfs(np.zeros(0)) == tone_dbfs(np.zeros(0), 8000, 440) == FLOOR_DBFS
    assert dominant_frequency_hz(samples, 8000) == 0
    assert not tone_present(samples, 8000, 440)


def test_the_dominant_frequency_is_the_loudest_one(tmp_path: Path) -> None:
    """Of two tones that sound at once, the louder; a constant offset is no frequency."""
    loud = samples_of(tmp_path / "a.wav", 16000, Tone(3000, 1000, -20))
    soft = samples_of(tmp_path / "b.wav", 16000, Tone(500, 1000, -30))
    assert dominant_frequency_hz(loud + soft + 0.3, 16000) == pytest.approx(3000, abs=2)


def test_levels_per_second_follow_the_sound(tmp_path: Path) -> None:
    """A second of tone, one of silence, half a second of tone: three levels."""
    samples = samples_of(tmp_path / "t.wav", 8000, Tone(440, 1000, -20), Tone(0, 1000), Tone(440, 500, -30))
    assert rms_dbfs_per_second(samples, 8000) == pytest.approx([-20, FLOOR_DBFS, -30], abs=0.2)


def test_the_longest_silence_is_found_between_and_at_the_ends(tmp_path: Path) -> None:
    """Of 300 ms and 700 ms of silence the longer, measured in frames of 20 ms."""
    samples = samples_of(tmp_path / "t.wav", 8000, Tone(0, 300), Tone(440, 400), Tone(0, 700), Tone(440, 200))
    assert longest_silence_ms(samples, 8000) == pytest.approx(700, abs=20)
    assert longest_silence_ms(samples[: 8000 * 300 // 1000], 8000) == 300


def test_a_tone_is_present_for_half_a_second_among_other_things(tmp_path: Path) -> None:
    """A short tone in a long recording is found; an overtone of another one, or a faint one, is not."""
    samples = samples_of(
        tmp_path / "t.wav",
        8000,
        Tone(0, 1000),
        Tone(700, 800, -20),
        Tone(440, 900, -20),
        Tone(1500, 900, -60),
    )
    assert tone_present(samples, 8000, 700)
    assert tone_present(samples, 8000, 440)
    assert not tone_present(samples, 8000, 880)
    assert not tone_present(samples, 8000, 1500)


def test_both_channels_of_a_stereo_file_are_told_apart(tmp_path: Path) -> None:
    """Left and right come back as two arrays."""
    with wave.open(str(tmp_path / "s.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(np.array([[1000, -2000]] * 80, dtype="<i2").tobytes())
    rate, [left, right] = read_wav(tmp_path / "s.wav")
    assert (rate, left.size) == (8000, 80)
    assert left[0] == 1000 / 32768
    assert right[0] == -2000 / 32768


def test_a_width_other_than_16_bit_is_refused(tmp_path: Path) -> None:
    """An 8 bit file is not silently misread."""
    with wave.open(str(tmp_path / "b.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(b"\x80" * 80)
    with pytest.raises(ValueError, match="8 bit"):
        read_wav(tmp_path / "b.wav")
