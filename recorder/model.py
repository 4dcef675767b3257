"""What a finished recording is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class RecordingUnusable(Exception):
    """The halves cannot be joined; the text is for people."""


class NothingRecorded(RecordingUnusable):
    """There are no halves and there will be none."""


@dataclass(frozen=True, slots=True)
class JoinedRecording:
    """The finished file. ``channel_rms_dbfs`` is the level of each channel over its whole length."""

    path: Path
    sha256: str
    duration_ms: int
    sample_rate: int
    channel_rms_dbfs: tuple[float, float]
