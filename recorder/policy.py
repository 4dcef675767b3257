"""What is recorded, and how: decisions only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class RecordingPlan:
    """``path_stem`` lies below the recordings directory, without an extension; ``wideband`` is 16 kHz, else
    8 kHz: the caller leg's own bandwidth, because more would be invented and less thrown away."""

    recording_id: str
    path_stem: str
    wideband: bool


def plan(call_id: str, *, wideband: bool, now: int) -> RecordingPlan:
    """Every answered call is recorded, filed by the UTC day on which it was answered."""
    day = datetime.fromtimestamp(now / 1000, UTC)
    return RecordingPlan(f"r-{call_id}", f"{day:%Y/%m/%d}/{call_id}", wideband)
