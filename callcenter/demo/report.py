"""The demo's report, as it is published: `report.schema.json` is made from these models.

Instants are milliseconds since the Unix epoch, UTC, and end in ``_at``; spans end in ``_ms``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

SCHEMA = Path(__file__).with_name("report.schema.json")


class Part(BaseModel):
    """A part of the report."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class RecordingReport(Part):
    """A recording: two channels, caller left, agent right."""

    path: str
    sha256: str
    duration_ms: int
    channel_rms_dbfs: tuple[float, float]
    """The level of each channel, measured from the file."""


class TranscriptReport(Part):
    """What was heard on one side, and what was really said."""

    leg: str
    engine: str
    model: str
    text: str
    reference: str
    """What the simulated person said; empty when silent."""
    cer: float | None
    """Character error rate of text against reference: 0 is perfect; null without a reference."""


class CallReport(Part):
    """One call."""

    call_id: str
    story: str
    """What the simulated caller meant to do."""
    trunk: str
    did: str
    language: str
    flow_path: list[str]
    """The nodes of the flow, in the order in which the call went through them."""
    queue: str | None
    outcome: str
    """How the call left its last queue; for a call that was never queued, why its flow ended."""
    wait_ms: int
    talk_ms: int
    agent_id: str | None
    """The last agent talked with."""
    recording: RecordingReport | None
    transcripts: list[TranscriptReport]
    ticket_id: str | None
    scores: dict[str, int]
    """What the caller answered when the flow asked how it was, by question."""
    decisions: list[dict[str, Any]]
    """Why each Offer was made: acd.explain.Decision."""
    call_back_of: str | None = None
    """The call in which this one was promised, if its caller was called back; it comes right behind that."""


class Interruption(Part):
    """A process that was killed on purpose in the middle of the demo."""

    what: str
    how: str
    pid: int
    killed_at: int
    answered_again_at: int
    calls_by_phase: dict[str, int]
    """What the live calls were doing at that moment."""


class Problem(Part):
    """A check that does not hold; ``call`` is the number of the story, null for the whole."""

    check: str
    call: int | None
    call_id: str | None
    told: str


class Report(Part):
    """The whole demo."""

    scenario: str
    """Which demo it was: a value of ``--scenario``."""
    shown: list[str]
    """What was shown of the scenario's routing, read out of the journal; empty for the usual demo."""
    calls: list[CallReport]
    kpi: dict[str, dict[str, float | None]]
    """Every figure by queue (and ``total``), as the centre gives them."""
    identity_ok: bool
    """After every event: offered = outcomes + waiting; and the live figures are those of the journal."""
    lost_calls: int
    """Calls that were placed and not accounted for, or that dropped without either side hanging up."""
    orphan_legs: int
    """Channels left in the switch after every phone had hung up."""
    elapsed_ms: int
    interrupted: list[Interruption]
    problems: list[Problem]
    """Empty when every check holds."""


def schema() -> str:
    """The published JSON Schema."""
    return json.dumps(Report.model_json_schema(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(schema(), encoding="utf-8")
