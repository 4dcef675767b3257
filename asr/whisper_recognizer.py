"""The Whisper engine (faster-whisper): for after the call, where no Vosk model is installed.

Whisper hears windows of up to 30 s, not streams: a recognizer collects the speech and decodes it in `finish`.
On bad audio Whisper repeats itself; segments that compress too well, or hold more text than anyone can say
in their time, are dropped.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper import WhisperModel

from asr.audio import ACCEPTED_SAMPLE_RATES, BYTES_PER_SAMPLE
from asr.model import Capabilities, Segment, Word
from asr.recognizer import (
    FailureReason,
    Final,
    RecognitionError,
    Recognizer,
    RecognizerEvent,
    require_language,
)
from asr.warm_up import warm_up_speech

_SAMPLE_RATE = 16000
# faster-whisper fetches what is missing from a hub, so nothing may be missing.
_REQUIRED_FILES = ("config.json", "model.bin", "tokenizer.json", "vocabulary.txt")
# Steers the model to simplified characters with punctuation.
_INITIAL_PROMPTS = {"zh": "以下是普通话的句子。"}
_MAX_COMPRESSION_RATIO = 2.4
_MIN_LOG_PROBABILITY = -1.0
_MAX_NO_SPEECH_PROBABILITY = 0.6
_MAX_TOKENS_PER_WINDOW = 220
_MAX_CHARACTERS_PER_SEC = 30
_SHORTEST_AUDIO_MS = 100


class WhisperRecognizer:
    """A Recognizer that decodes in `finish`, window by window, each window once."""

    def __init__(self, model: WhisperModel, language: str, capabilities: Capabilities) -> None:
        self.capabilities = capabilities
        self._model = model
        self._language = language
        self._pcm = bytearray()

    def feed(self, pcm: bytes) -> list[RecognizerEvent]:
        self._pcm += pcm
        return []

    def finish(self) -> list[RecognizerEvent]:
        whole_bytes = len(self._pcm) // BYTES_PER_SAMPLE * BYTES_PER_SAMPLE
        audio = np.frombuffer(bytes(self._pcm[:whole_bytes]), np.int16).astype(np.float32) / 32768
        self._pcm.clear()
        events: list[RecognizerEvent] = []
        at = 0
        while holds_speech(audio[at:]):
            window = audio[at : at + next_cut(audio[at:])]
            found = self._decode(window)
            events += [Final(self._segment(one, at)) for one in found if is_plausible(one, self._language)]
            at += _heard_samples(found, window)
        return events

    def _decode(self, window: Audio) -> list[Any]:
        segments, _ = self._model.transcribe(
            window,
            language=self._language,
            beam_size=1,
            temperature=0.0,
            initial_prompt=_INITIAL_PROMPTS.get(self._language),
            condition_on_previous_text=False,
            compression_ratio_threshold=_MAX_COMPRESSION_RATIO,
            log_prob_threshold=_MIN_LOG_PROBABILITY,
            no_speech_threshold=_MAX_NO_SPEECH_PROBABILITY,
            max_new_tokens=_MAX_TOKENS_PER_WINDOW,
            word_timestamps=True,
        )
        # Left alone, faster-whisper goes on to the silence after the last word, where Whisper invents text.
        # Segments are decoded as they are asked for: stop after the first decoding, which bears `seek` 0.
        try:
            return _first_decoding(segments)
        except (RuntimeError, ValueError) as error:  # what CTranslate2 raises
            raise RecognitionError(FailureReason.RECOGNIZER_FAILED, f"whisper failed: {error}") from error

    def _segment(self, found: Any, at: int) -> Segment:
        offset_ms = at * 1000 // _SAMPLE_RATE
        words = tuple(
            Word(
                self._written(word.word),
                offset_ms + _ms(word.start),
                offset_ms + _ms(word.end),
                round(float(word.probability), 3),
            )
            for word in found.words
        )
        return Segment(self._written(found.text), words, words[0].start_ms, words[-1].end_ms)

    def _written(self, text: str) -> str:
        return simplified(text.strip()) if self._language == "zh" else text.strip()


class WhisperEngine:
    """An Engine over the CTranslate2 Whisper model in one directory."""

    name = "whisper"
    sample_rate = _SAMPLE_RATE

    def __init__(self, directory: Path, model_id: str, languages: tuple[str, ...], threads: int = 1) -> None:
        """Load the model. `threads` decodings may run at once, each on one core.

        Raises RecognitionError(MODEL_BROKEN).
        """
        for name in _REQUIRED_FILES:
            if not (directory / name).is_file():
                raise _broken(directory, f"{name} is missing")
        try:
            self._whisper = WhisperModel(
                str(directory),
                device="cpu",
                compute_type="int8",
                cpu_threads=1,
                num_workers=threads,
                local_files_only=True,
            )
        except Exception as error:  # ctranslate2 and tokenizers raise bare Exceptions on damaged files
            raise _broken(directory, str(error)) from error
        self.model = model_id
        self.version = version("faster-whisper")
        self.capabilities = Capabilities(ACCEPTED_SAMPLE_RATES, live=False, words=True, languages=languages)

    def acquire(self, language: str) -> Recognizer:
        require_language(language, self.capabilities, self.model)
        return WhisperRecognizer(self._whisper, language, self.capabilities)

    def release(self, recognizer: Recognizer) -> None:
        pass

    def discard(self, recognizer: Recognizer) -> None:
        pass

    def warm_up(self) -> None:
        recognizer = self.acquire(self.capabilities.languages[0])
        recognizer.feed(warm_up_speech(self.capabilities.languages[0], self.sample_rate))
        recognizer.finish()


def _is_speech(found: Any) -> bool:
    """Tell a heard segment from a loop or an invention."""
    duration_sec = max(found.end - found.start, 0.1)
    return bool(
        found.words
        and found.compression_ratio <= _MAX_COMPRESSION_RATIO
        and len(found.text.strip()) / duration_sec <= _MAX_CHARACTERS_PER_SEC
        and not (
            found.no_speech_prob > _MAX_NO_SPEECH_PROBABILITY and found.avg_logprob < _MIN_LOG_PROBABILITY
        )
    )


def _segment(found: Any) -> Segment:
    words = tuple(
        Word(word.word.strip(), _ms(word.start), _ms(word.end), round(float(word.probability), 3))
        for word in found.words
    )
    return Segment(found.text.strip(), words, words[0].start_ms, words[-1].end_ms)


def _ms(seconds: float) -> int:
    return round(float(seconds) * 1000)


def _broken(directory: Path, detail: str) -> RecognitionError:
    return RecognitionError(
        FailureReason.MODEL_BROKEN, f"the Whisper model in {directory} is broken: {detail}; install it again"
    )
