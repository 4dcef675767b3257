"""The demo's speech as the phones play it: WAV files, made once per run."""

from __future__ import annotations

from pathlib import Path

import soundfile

from callcenter.demo.speech import Utterance


class WavShelf:
    """Keeps the WAV form of each utterance in a directory. Raises OSError."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def wav(self, said: Utterance) -> str:
        """The WAV file (mono, 16 bit) of this utterance."""
        path = self.directory / f"{said.path.stem}.wav"
        if not path.exists():
            samples, rate = soundfile.read(said.path, dtype="int16")
            soundfile.write(path, samples, rate, subtype="PCM_16")
        return str(path)
