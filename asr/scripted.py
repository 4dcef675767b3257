"""In-memory twins: an engine and a transcriber that hear what they were told to hear.

They pass the same contract tests as the real ones, take no time and need no model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import orjson

from asr.audio import ACCEPTED_SAMPLE_RATES, BYTES_PER_SAMPLE, inspect_channel
from asr.model import Capabilities, Segment, Transcript, Word, join_texts
from asr.recognizer import (
    FailureReason,
    Final,
    Partial,
    RecognitionError,
    Recognizer,
    RecognizerEvent,
    require_language,
)
from asr.workers import TranscriptionFailed, TranscriptionJob

_SAMPLE_RATE = 16000
SCRIPT_FILE = "script.json"


def audio_key(pcm: bytes) -> str:
    """Return the key under which a script holds the text of an utterance: the SHA-256 of its PCM, in hex."""
    return hashlib.sha256(pcm).hexdigest()


class ScriptedRecognizer:
    """A Recognizer that looks its utterance up; one it does not know gets the script's default text."""

    def __init__(
        self, texts: Mapping[str, str], default: str, language: str, capabilities: Capabilities
    ) -> None:
        self.capabilities = capabilities
        self._texts = texts
        self._default = default
        self._language = language
        self._pcm = bytearray()

    def feed(self, pcm: bytes) -> list[RecognizerEvent]:
        is_first = not self._pcm
        self._pcm += pcm
        return [Partial("...")] if is_first and pcm else []

    def finish(self) -> list[RecognizerEvent]:
        pcm = bytes(self._pcm)
        self._pcm.clear()
        text = self._texts.get(audio_key(pcm), self._default) if pcm else ""
        duration_ms = len(pcm) // BYTES_PER_SAMPLE * 1000 // _SAMPLE_RATE
        return [Final(spread(text, duration_ms, self._language))] if text else []


class ScriptedEngine:
    """An Engine over a script: `texts` by `audio_key`, and `default` for all other speech."""

    name = "scripted"
    version = "1"
    sample_rate = _SAMPLE_RATE

    def __init__(
        self, languages: tuple[str, ...], default: str = "", texts: Mapping[str, str] | None = None
    ) -> None:
        self.model = "script"
        self.capabilities = Capabilities(ACCEPTED_SAMPLE_RATES, live=True, words=True, languages=languages)
        self._default = default
        self._texts = texts or {}

    @classmethod
    def load(cls, directory: Path, languages: tuple[str, ...]) -> ScriptedEngine:
        """Read `script.json`: {"default": text, "texts": {key: text}}.

        Raises RecognitionError(MODEL_BROKEN).
        """
        try:
            script = orjson.loads((directory / SCRIPT_FILE).read_bytes())
            return cls(languages, script["default"], script["texts"])
        except (OSError, orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise RecognitionError(
                FailureReason.MODEL_BROKEN, f"the script in {directory} is broken: {error!r}"
            ) from error

    def acquire(self, language: str, phrases: tuple[str, ...] = ()) -> Recognizer:
        require_language(language, self.capabilities, self.model)
        return ScriptedRecognizer(self._texts, self._default, language, self.capabilities)

    def release(self, recognizer: Recognizer) -> None:
        pass

    def discard(self, recognizer: Recognizer) -> None:
        pass

    def warm_up(self) -> None:
        pass


class ScriptedTranscriber:
    """A Transcriber whose texts are given by the name of the recording and the channel."""

    def __init__(self, texts: Mapping[tuple[str, int], str]) -> None:
        self._texts = texts
        self.jobs: list[TranscriptionJob] = []

    async def transcribe(self, job: TranscriptionJob) -> Transcript:
        self.jobs.append(job)
        try:
            info = inspect_channel(job.path, job.channel)
        except RecognitionError as error:
            raise TranscriptionFailed(error.reason, str(error)) from error
        text = self._texts.get((job.path.name, job.channel), "")
        segments = (spread(text, info.duration_ms, job.language),) if text else ()
        return Transcript(
            job.language, "scripted", "script", info.sample_rate, info.duration_ms, segments, text
        )


def spread(text: str, duration_ms: int, language: str) -> Segment:
    """Return `text` as a segment whose words share `duration_ms` evenly."""
    parts = text.split() if " " in text or join_texts("ab", language) == "a b" else list(text)
    words = tuple(
        Word(part, index * duration_ms // len(parts), (index + 1) * duration_ms // len(parts), 1.0)
        for index, part in enumerate(parts)
    )
    return Segment(text, words, 0, duration_ms)
