"""What is told and asked of: words, and how things came out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class PromptText:
    """Words to be heard; the audio is found by the content hash of text, language and voice."""

    text: str
    language: str


BEEP = PromptText("beep", "tone")
"""No words: the sound after which the caller speaks."""


NUMBERED, TAKEN = "number", "take"
"""In place of a language: the text is the number of a prompt (which is heard as callers hear it now), or the
name of a take."""


class TakeFault(StrEnum):
    """Why a take is of no use."""

    SILENT = "silent"
    """Nothing, or hardly anything, was said."""
    CLIPPED = "clipped"
    """Too loud."""
    FAILED = "failed"


class QueueOutcome(StrEnum):
    """How a call came back from a queue to its flow."""

    TIMEOUT = "timeout"
    FULL = "full"
    NO_AGENT = "no_agent"
    CLOSED = "closed"
    CALL_BACK = "call_back"
    """The caller will be called back."""
    AGENT_DONE = "agent_done"


class LookUpOutcome(StrEnum):
    """How a look-up was answered."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    FAILED = "failed"
    """Not at all, or by something that is no answer."""


class TransferEnd(StrEnum):
    """How a call came back from where it was transferred to."""

    DONE = "done"
    """They have talked, and the other side hung up."""
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
