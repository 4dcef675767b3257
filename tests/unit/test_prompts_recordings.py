"""Prompts that a person recorded: taken in when they are fit to be heard, and played before any other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from callcenter.prompts import audio
from callcenter.prompts.catalogue import PromptState, catalogue
from callcenter.prompts.model import PromptText
from callcenter.prompts.phrases import Phrase, phrase
from callcenter.prompts.recordings import RECORDED, Recordings
from callcenter.prompts.store import PromptStore

GOODBYE = phrase(Phrase.GOODBYE, "zh")


def voice(rate_hz: int = 44_100, seconds: float = 2.0, peak: float = 0.3) -> np.ndarray:
    """Something like speech: syllables with pauses, two channels."""
    time = np.arange(round(rate_hz * seconds)) / rate_hz
    hum = np.sin(2 * np.pi * 180 * time) * (np.sin(2 * np.pi * 3 * time) > 0) * peak
    return np.stack([hum, hum], axis=1)


@pytest.mark.parametrize("suffix", ["wav", "mp3", "ogg", "flac"])
def test_a_recording_is_resampled_levelled_and_wins(tmp_path: Path, suffix: str) -> None:
    """Both bandwidths at -20 dBFS, found before the shipped voice; a new store finds it again."""
    source = tmp_path / f"goodbye.{suffix}"
    soundfile.write(
        source, voice(48_000 if suffix == "ogg" else 44_100), 48_000 if suffix == "ogg" else 44_100
    )

    entry = Recordings(tmp_path / RECORDED).take(GOODBYE, source)

    store = PromptStore(tmp_path / "speech", recorded=tmp_path / RECORDED)
    assert store.ensure([GOODBYE], synthesize=False).complete
    assert not store.improvable(GOODBYE)
    stem = store.full_stem(GOODBYE)
    assert stem is not None
    assert stem.parent == (tmp_path / RECORDED).resolve()
    assert 1500 < entry.duration_ms < 2500
    for ending, rate in audio.SUFFIXES.items():
        with stem.with_suffix(ending).open("rb") as file:
            samples, found = soundfile.read(file, dtype="float32")
        assert found == rate
        assert audio.active_level_dbfs(samples, rate) == pytest.approx(audio.SPEECH_LEVEL_DBFS, abs=0.5)


@pytest.mark.parametrize(
    ("samples", "rate_hz", "told"),
    [
        (voice() * 0.0, 44_100, "silent"),
        (voice(peak=0.002), 44_100, "nearer to the microphone"),
        (np.clip(voice(peak=3.0), -1, 1), 44_100, "clipped at"),
        (voice(seconds=0.1), 44_100, "lasts 0.1 s"),
        (voice(6000), 6000, "6000 Hz"),
    ],
)
def test_a_recording_unfit_to_be_heard_is_refused(
    tmp_path: Path, samples: np.ndarray, rate_hz: int, told: str
) -> None:
    """The reason says what to do; nothing of it is kept."""
    source = tmp_path / "bad.wav"
    soundfile.write(source, samples, rate_hz)
    with pytest.raises(audio.AudioError, match=told):
        Recordings(tmp_path / RECORDED).take(GOODBYE, source)
    assert not (tmp_path / RECORDED).exists()


def test_what_is_no_audio_is_refused(tmp_path: Path) -> None:
    """A text file, a missing file, a damaged list."""
    source = tmp_path / "notes.mp3"
    source.write_text("not sound")
    recordings = Recordings(tmp_path / RECORDED)
    for path in (source, tmp_path / "nothing.wav"):
        with pytest.raises(audio.AudioError, match="save it as wav"):
            recordings.take(GOODBYE, path)
    (tmp_path / RECORDED).mkdir()
    (tmp_path / RECORDED / "manifest.json").write_text("{")
    with pytest.raises(audio.AudioError, match="import the recordings again"):
        recordings.entries()


def test_the_catalogue_knows_what_speaks_each_text(tmp_path: Path) -> None:
    """Recorded before shipped, missing told, and what nothing says any more is stale."""
    source = tmp_path / "goodbye.wav"
    soundfile.write(source, voice(), 44_100)
    recordings = Recordings(tmp_path / RECORDED)
    recordings.take(GOODBYE, source)
    old, greeting = PromptText("您好，这是旧的问候。", "zh"), PromptText("您好，这是新的问候。", "zh")
    recordings.take(old, source)
    closed, new = phrase(Phrase.CLOSED, "en"), PromptText("全新的句子", "zh")
    (tmp_path / "speech").mkdir()
    (tmp_path / "speech" / ("0" * 32 + ".wav16")).touch()

    said = {GOODBYE: ["a"], closed: ["a", "b"], new: ["b"], greeting: ["a"]}
    lines = {line.prompt: line for line in catalogue(said, tmp_path, tmp_path)}

    assert lines[GOODBYE].state is PromptState.RECORDED
    assert (lines[closed].state, lines[closed].said_by) == (PromptState.SHIPPED, ("a", "b"))
    assert (lines[new].state, lines[new].file) == (PromptState.MISSING, None)
    assert (lines[old].state, lines[old].now) == (PromptState.STALE, greeting.text)
    rendered = lines[PromptText("", "")]
    assert (rendered.state, rendered.file) == (PromptState.STALE, tmp_path / "speech" / ("0" * 32 + ".wav16"))
    assert recordings.remove(GOODBYE)
    assert not recordings.remove(GOODBYE)
    assert [entry.text for entry in recordings.entries()] == [old.text]
