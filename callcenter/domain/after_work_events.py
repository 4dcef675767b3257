"""What becomes of a call beside the talk: its recording, transcripts and ticket. Part of DomainEvent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RecordingBegan:
    """A recording runs on the caller's leg; ``path_stem`` lies below the recordings directory."""

    at: int
    call_id: str
    recording_id: str
    path_stem: str
    wideband: bool


@dataclass(frozen=True, slots=True)
class MessageBegan:
    """The caller leaves a message: what is said from now on is recorded."""

    at: int
    call_id: str


@dataclass(frozen=True, slots=True)
class MessageEnded:
    """The message is over, and the call goes on in its flow."""

    at: int
    call_id: str


@dataclass(frozen=True, slots=True)
class RecordingStored:
    """The finished recording: two channels, caller left, agent right. ``path`` is relative to the recordings
    directory; ``channel_rms_dbfs`` is the level of each channel, -120.0 for digital silence."""

    at: int
    call_id: str
    recording_id: str
    path: str
    sha256: str
    duration_ms: int
    sample_rate: int
    channel_rms_dbfs: tuple[float, float]


@dataclass(frozen=True, slots=True)
class RecordingFailed:
    """No recording can be had of this call; ``reason`` is for people."""

    at: int
    call_id: str
    recording_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class TranscriptStored:
    """What was said on one side. ``segments`` is asr.model.Segment as JSON; engine and model tell who heard
    it."""

    at: int
    call_id: str
    recording_id: str
    leg: str
    language: str
    engine: str
    model: str
    text: str
    segments: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class TranscriptMissing:
    """No transcript for this side; ``reason`` is for people and names the cure."""

    at: int
    call_id: str
    recording_id: str
    leg: str
    reason: str


@dataclass(frozen=True, slots=True)
class TicketAsked:
    """The flow or the agent wants a ticket for this call: from here one must come to be, exactly once."""

    at: int
    call_id: str
    category: str
    text: str
    queue: str


@dataclass(frozen=True, slots=True)
class TicketLinked:
    """The call belongs to this ticket; ``opened`` is false when it joined the caller's open one."""

    at: int
    call_id: str
    ticket_id: str
    opened: bool
