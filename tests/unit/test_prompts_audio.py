"""From raw samples to levelled files."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from callcenter.prompts import audio

RATE = audio.WIDEBAND_HZ


def voice_like(seconds: float, level: float = 0.1, seed: int = 7) -> audio.Samples:
    """Noise in bursts of 200 ms with 100 ms of silence between: as spiky as speech, and known exactly."""
    noise = np.random.default_rng(seed).normal(0, level, round(seconds * RATE))
    talking = (np.arange(len(noise)) % round(0.3 * RATE)) < round(0.2 * RATE)
    return (noise * talking).astype(np.float32)


@pytest.mark.parametrize("level", [0.001, 0.02, 0.3])
def test_speech_comes_out_at_one_loudness_whatever_went_in(level: float) -> None:
    """A whispered and a shouted prompt end within half a decibel of -20 dBFS, none above the peak limit."""
    levelled = audio.level_speech(voice_like(3, level), RATE)

    assert audio.active_level_dbfs(levelled, RATE) == pytest.approx(-20, abs=0.5)
    assert 20 * np.log10(np.abs(levelled).max()) <= audio.PEAK_LIMIT_DBFS + 0.01


def test_pauses_do_not_raise_the_measured_level() -> None:
    """A sentence with a long pause is as loud as the same sentence without it."""
    speech = voice_like(2)
    spread = np.concatenate([speech, np.zeros(4 * RATE, dtype=np.float32), speech])

    assert audio.active_level_dbfs(spread, RATE) == pytest.approx(
        audio.active_level_dbfs(speech, RATE), abs=0.2
    )


def test_a_peak_is_turned_down_without_touching_the_rest() -> None:
    """The limiter lowers the surroundings of one spike and leaves a second away from it as it was."""
    quiet = 0.1 * np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE).astype(np.float32)
    spiky = quiet.copy()
    spiky[RATE] = 1.5

    limited = audio.limit_peaks(spiky, RATE)

    assert np.abs(limited).max() <= 10 ** (audio.PEAK_LIMIT_DBFS / 20) + 1e-6
    np.testing.assert_allclose(limited[: RATE // 2], quiet[: RATE // 2], atol=1e-6)


def test_silence_around_speech_is_cut_to_a_breath() -> None:
    """One second of silence on either side becomes 60 ms before and 180 ms after, with silent ends."""
    second = np.zeros(RATE, dtype=np.float32)
    speech = voice_like(1.1)

    trimmed = audio.trim_silence(np.concatenate([second, speech, second]), RATE)

    assert len(trimmed) / RATE == pytest.approx(1.1 + 0.24, abs=0.02)
    assert trimmed[0] == trimmed[-1] == 0


@pytest.mark.parametrize("samples", [np.zeros(RATE), np.zeros(0), np.array([np.nan, 0.5])])
def test_audio_that_nobody_should_hear_is_refused(samples: np.ndarray) -> None:
    """Silence, nothing at all and undefined samples are errors, not prompts."""
    with pytest.raises(audio.AudioError):
        audio.finish_speech(samples.astype(np.float32), RATE)


def test_asterisk_gets_both_bandwidths(tmp_path: Path) -> None:
    """Each prompt is an 8 kHz `.wav` and a 16 kHz `.wav16` of the same length and nothing is left over."""
    stem = tmp_path / "prompt"
    assert not audio.is_written(stem)

    audio.write_for_asterisk(stem, voice_like(1.5))

    assert audio.is_written(stem)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["prompt.wav", "prompt.wav16"]
    for suffix, rate in audio.SUFFIXES.items():
        with stem.with_suffix(suffix).open("rb") as file:
            info = soundfile.info(file)
        assert (info.samplerate, info.channels, info.subtype) == (rate, 1, "PCM_16")
        assert info.duration == pytest.approx(1.5, abs=0.001)


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk is full in the middle of a file, neither the file nor its beginning stays."""

    def full(file: object, *_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(audio.soundfile, "write", full)
    with pytest.raises(OSError, match="No space"):
        audio.write_for_asterisk(tmp_path / "prompt", voice_like(0.3))
    assert list(tmp_path.iterdir()) == []


def test_shipped_speech_survives_its_coding(tmp_path: Path) -> None:
    """Speech written as Ogg comes back with the same length and level."""
    path = tmp_path / "speech.ogg"
    speech = audio.level_speech(audio.resample(voice_like(2), 4000, RATE), RATE)

    audio.write_speech_ogg(path, speech)
    back = audio.read_audio(path)

    assert len(back) == len(speech)
    assert audio.active_level_dbfs(back, RATE) == pytest.approx(
        audio.active_level_dbfs(speech, RATE), abs=0.7
    )


def test_a_damaged_file_says_so(tmp_path: Path) -> None:
    """A file that is no audio is an AudioError, not a crash of the decoder."""
    path = tmp_path / "broken.ogg"
    path.write_bytes(b"OggS" + bytes(40))
    with pytest.raises(audio.AudioError, match="unreadable"):
        audio.read_audio(path)
