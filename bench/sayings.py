"""What callers say in the menu of the Korean line, with the key that each saying stands for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile

DIRECTORY: Final = Path(__file__).parent / "sayings"
HZ: Final = 16_000
QUIET: Final = 300
"""Samples below this are silence around the words."""


@dataclass(frozen=True, slots=True)
class Saying:
    """``choice`` is empty for what is no choice. ``speech_ms``: from the beginning of the file to the last
    sound."""

    file: str
    text: str
    choice: str
    pcm: bytes
    speech_ms: int


def sayings() -> list[Saying]:
    """All of them."""
    found = []
    for entry in json.loads((DIRECTORY / "manifest.json").read_text(encoding="utf-8")):
        samples, _ = soundfile.read(DIRECTORY / entry["file"], dtype="int16")
        loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > QUIET)
        speech_ms = int(loud[-1]) * 1000 // HZ
        found.append(Saying(entry["file"], entry["text"], entry["choice"], samples.tobytes(), speech_ms))
    return found


def write_wav(saying: Saying, directory: Path) -> str:
    """The saying as a phone plays it."""
    path = directory / f"{Path(saying.file).stem}.wav"
    soundfile.write(path, np.frombuffer(saying.pcm, np.int16), HZ, subtype="PCM_16")
    return str(path)
