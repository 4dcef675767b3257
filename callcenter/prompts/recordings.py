"""Prompts that a person recorded: checked, levelled, and played before any synthesis."""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile

from callcenter.prompts import audio
from callcenter.prompts.model import PromptText, Voice, prompt_key

RECORDED: Final = "recorded"
"""The folder beside the rendered prompts."""
_PERSON: Final = Voice("recorded", "person", "1")
_MANIFEST: Final = "manifest.json"
_SHORTEST_SEC, LONGEST_SEC = 0.2, 180.0
_QUIETEST_DBFS: Final = -45.0
_CLIPPED_AT: Final = 0.999
_CLIPPED_RUN: Final = 3
"""So many samples in a row at full scale are a clipped peak; one alone may be a peak that just fits."""
_CLIPPED_RUNS_PER_SEC: Final = 2.0


@dataclass(frozen=True, slots=True)
class RecordedPrompt:
    """One line of the manifest. ``source`` is the name of the file that was taken in."""

    text: str
    language: str
    duration_ms: int
    source: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What a recording measures before anything is done to it. ``level_dbfs`` is that of the speech, its
    pauses left out; ``clipped`` counts the places where it is cut off at full scale."""

    duration_ms: int
    rate_hz: int
    channels: int
    level_dbfs: float
    peak_dbfs: float
    clipped: int


class Recordings:
    """The recordings in one directory; made by the first ``take``. Several processes may change them."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory.resolve()

    def stem(self, prompt: PromptText) -> Path:
        """Where the recording of this text lies if there is one, without the suffix of its bandwidth."""
        return self._directory / prompt_key(prompt, _PERSON)

    def entries(self) -> list[RecordedPrompt]:
        """All recordings, in order of language and text. Raises AudioError when the manifest is damaged."""
        path = self._directory / _MANIFEST
        if not path.is_file():
            return []
        try:
            return [RecordedPrompt(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
        except (ValueError, TypeError) as error:
            cure = "restore it, or remove it and import the recordings again"
            raise audio.AudioError(f"{path} is not a list of recordings ({error}); {cure}") from error

    def take(self, prompt: PromptText, source: Path) -> RecordedPrompt:
        """Take in a recording (whatever libsndfile reads: wav, mp3, ogg, flac) of the text: both bandwidths,
        trimmed and levelled as all prompts. It replaces an earlier one.

        Raises AudioError, with the cure, for one that callers should not hear, and OSError when the directory
        cannot be written; nothing is changed then.
        """
        return self.keep(prompt, checked(source), source.name)

    def keep(self, prompt: PromptText, samples: audio.Samples, source: str) -> RecordedPrompt:
        """The same of samples that are ``checked`` already."""
        stem = self.stem(prompt)
        entry = RecordedPrompt(
            text=" ".join(prompt.text.split()),
            language=prompt.language,
            duration_ms=round(1000 * len(samples) / audio.WIDEBAND_HZ),
            source=source,
        )
        self._directory.mkdir(parents=True, exist_ok=True)
        with self._alone():
            others = [e for e in self.entries() if self.stem(PromptText(e.text, e.language)) != stem]
            audio.write_for_asterisk(stem, samples)
            self._write([*others, entry])
        return entry

    def remove(self, prompt: PromptText) -> bool:
        """Forget the recording of this text, so that it is synthesised again; whether there was one."""
        stem = self.stem(prompt)
        if not self._directory.is_dir():
            return False
        with self._alone():
            there = audio.is_written(stem)
            self._write(e for e in self.entries() if self.stem(PromptText(e.text, e.language)) != stem)
            for suffix in reversed(audio.SUFFIXES):
                stem.with_suffix(suffix).unlink(missing_ok=True)
        return there

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While inside, nobody else changes the recordings: the console, a telephone and a command may all
        be at it."""
        descriptor = os.open(self._directory, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _write(self, entries: Iterable[RecordedPrompt]) -> None:
        ordered = sorted(entries, key=lambda entry: (entry.language, entry.text))
        part = self._directory / f".{_MANIFEST}.part"
        lines = ",\n".join(json.dumps(asdict(entry), ensure_ascii=False) for entry in ordered)
        part.write_text(f"[\n{lines}\n]\n" if lines else "[]\n", encoding="utf-8")
        os.replace(part, self._directory / _MANIFEST)


def checked(source: Path) -> audio.Samples:
    """The recording as 16 kHz samples, trimmed and levelled. Raises AudioError with what is wrong with it and
    what to do."""
    try:
        raw, rate_hz = soundfile.read(source, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, OSError) as error:
        raise audio.AudioError(
            f"{source} cannot be read as audio ({error}); save it as wav, mp3, ogg or flac"
        ) from error
    return checked_samples(source, raw, rate_hz)


def measured(raw: audio.Samples, rate_hz: int) -> Figures:
    """What the samples (a row for each moment) measure. Raises AudioError when they are no sound."""
    if not len(raw) or not np.isfinite(raw).all():
        raise audio.AudioError("it holds no sound, or values that are none; save it anew as 16-bit wav")
    peak = float(np.abs(raw).max())
    return Figures(
        duration_ms=round(1000 * len(raw) / rate_hz),
        rate_hz=rate_hz,
        channels=raw.shape[1],
        level_dbfs=audio.active_level_dbfs(raw.mean(axis=1, dtype=np.float32), rate_hz),
        peak_dbfs=20 * float(np.log10(max(peak, 1e-10))),
        clipped=_clipped(raw),
    )


def checked_samples(source: Path, raw: audio.Samples, rate_hz: int) -> audio.Samples:
    """The same of samples (a row for each moment) that were read from ``source``."""
    try:
        refuse_faulty(measured(raw, rate_hz))
    except audio.AudioError as error:
        raise type(error)(f"{source}: {error}") from None
    return audio.finish_speech(raw.mean(axis=1, dtype=np.float32), rate_hz)


def refuse_faulty(figures: Figures) -> None:
    """Raises AudioError, with the cure, for what callers should not hear."""
    seconds = figures.duration_ms / 1000
    if figures.rate_hz < audio.NARROWBAND_HZ:
        raise audio.AudioError(
            f"it has {figures.rate_hz} Hz; record at 8000 Hz or more, best at 16000 or 48000"
        )
    if not _SHORTEST_SEC <= seconds <= LONGEST_SEC:
        raise audio.AudioError(
            f"it lasts {seconds:.1f} s; a prompt lasts {_SHORTEST_SEC} to {LONGEST_SEC:.0f} s"
        )
    if figures.clipped > _CLIPPED_RUNS_PER_SEC * seconds:
        raise audio.ClippedError(
            f"it is clipped at {figures.clipped} places; record it again with less gain (peaks below -3 dBFS)"
        )
    if figures.level_dbfs < _QUIETEST_DBFS:
        raise audio.SilentError(
            f"it is (nearly) silent: its speech has {figures.level_dbfs:.0f} dBFS, at least "
            f"{_QUIETEST_DBFS:.0f} is needed; record nearer to the microphone"
        )


def _clipped(raw: audio.Samples) -> int:
    clipped = 0
    for side in (raw, -raw):  # a wave cut off at top and bottom is at full scale all the time
        full = (side >= _CLIPPED_AT).any(axis=1)
        runs = np.convolve(full, np.ones(_CLIPPED_RUN), "valid") == _CLIPPED_RUN
        clipped += int(np.count_nonzero(runs[1:] & ~runs[:-1]) + runs[0])
    return clipped
