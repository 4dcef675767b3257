"""The port to a speech recogniser, and the one error it may raise.

An Engine holds one loaded model and lends Recognizers; a Recognizer hears one stream of speech at a time.
Contract tests: tests/contract/test_recognizer_contract.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from asr.model import Capabilities, Segment


@dataclass(frozen=True, slots=True)
class Partial:
    """The current guess at the utterance in progress; each one replaces the one before."""

    text: str


@dataclass(frozen=True, slots=True)
class Final:
    """An utterance that will not change any more."""

    segment: Segment


RecognizerEvent = Partial | Final


class FailureReason(StrEnum):
    """Why audio could not be transcribed."""

    BAD_FILE = "BAD_FILE"
    UNSUPPORTED_SAMPLE_RATE = "UNSUPPORTED_SAMPLE_RATE"
    UNSUPPORTED_LANGUAGE = "UNSUPPORTED_LANGUAGE"
    MODEL_BROKEN = "MODEL_BROKEN"
    RECOGNIZER_FAILED = "RECOGNIZER_FAILED"
    CANCELLED = "CANCELLED"


class RecognitionError(Exception):
    """Audio that could not be transcribed: `reason` for programs, the message for people."""

    def __init__(self, reason: FailureReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Recognizer(Protocol):
    """Hears utterances of 16-bit little-endian mono PCM at the engine's `sample_rate`.

    Times in events count from the first sample fed after the recognizer was acquired or last finished.
    Calls must not overlap, but may come from different threads. Both methods block while they decode.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What the recognizer accepts and delivers."""
        ...

    def feed(self, pcm: bytes) -> list[RecognizerEvent]:
        """Hear more audio; return what became known, oldest first. Raises RecognitionError."""
        ...

    def finish(self) -> list[RecognizerEvent]:
        """End the utterance and return what was still open. The recognizer is then ready for another one."""
        ...


class Engine(Protocol):
    """One loaded model. All methods are safe to call from several threads."""

    @property
    def name(self) -> str:
        """The engine's name as reports show it: `vosk`, `whisper`, `scripted`."""
        ...

    @property
    def model(self) -> str:
        """The model's id, for example `vosk-ko`."""
        ...

    @property
    def version(self) -> str:
        """The version of the engine's library."""
        ...

    @property
    def sample_rate(self) -> int:
        """The rate in Hz at which recognizers want their audio."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What the engine accepts and delivers."""
        ...

    def acquire(self, language: str, phrases: tuple[str, ...] = ()) -> Recognizer:
        """Lend a recognizer; afterwards `release` it, or `discard` it after an error.

        With `phrases` it hears these far better and nothing else at all, if the engine can do that; phrases
        that its model has no words for do not count.

        Raises RecognitionError(UNSUPPORTED_LANGUAGE) for a language outside `capabilities.languages`.
        """
        ...

    def release(self, recognizer: Recognizer) -> None:
        """Take back a recognizer whose last call was `finish` (or that was never fed)."""
        ...

    def discard(self, recognizer: Recognizer) -> None:
        """Take back a recognizer that failed or was abandoned in mid-stream; it is never lent again."""
        ...

    def warm_up(self) -> None:
        """Make one more recognizer ready, at full speed, for the next `acquire`. Blocks while it decodes."""
        ...


def require_language(language: str, capabilities: Capabilities, model: str) -> None:
    """Raise RecognitionError(UNSUPPORTED_LANGUAGE) unless the model knows `language`."""
    if language not in capabilities.languages:
        known = ", ".join(capabilities.languages)
        raise RecognitionError(
            FailureReason.UNSUPPORTED_LANGUAGE,
            f"model {model} does not know the language {language!r}; it knows {known}",
        )
