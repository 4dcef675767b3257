"""The Whisper engine (faster-whisper): for after the call, where no Vosk model is installed.

Whisper hears windows of up to 30 s, not streams: a recognizer collects the speech and decodes it in `finish`.
On bad audio Whisper repeats itself: what a window may say is capped, and segments that compress too well, or
hold more text than anyone can say in their time, are dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel
from numpy.typing import NDArray

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
from heard_text import simplified

_SAMPLE_RATE = 16000
# faster-whisper fetches what is missing from a hub, so nothing may be missing.
_REQUIRED_FILES = ("config.json", "model.bin", "tokenizer.json", "vocabulary.txt")
# Steers the model to simplified characters with punctuation.
_INITIAL_PROMPTS = {"zh": "以下是普通话的句子。"}
_MAX_COMPRESSION_RATIO = 2.4
_MIN_LOG_PROBABILITY = -1.0
_MAX_NO_SPEECH_PROBABILITY = 0.6
_MAX_TOKENS_PER_WINDOW = 200
# Faster than anyone speaks; Chinese characters are syllables.
_MAX_CHARACTERS_PER_SEC = {"zh": 14}
_MAX_LETTERS_PER_SEC = 35
_BEAM_SIZE = 3

_WINDOW_SAMPLES = 28 * _SAMPLE_RATE
_CUT_SEARCH_SAMPLES = 8 * _SAMPLE_RATE
_CUT_STEP_SAMPLES = _SAMPLE_RATE // 50
_CUT_STEPS = 10
_SHORTEST_SAMPLES = _SAMPLE_RATE // 10
# 100 frames of features are a second.
_SHORT_WINDOW_FRAMES = 1500
_PADDING_FRAMES = 500

Audio = NDArray[np.float32]


class ShortWindowModel(WhisperModel):  # type: ignore[misc]  # faster-whisper has no types
    """A Whisper model that does not encode 30 s for an utterance of five.

    Encoding costs 0.58 s of processor for 30 s and 0.18 s for 15 s, and is most of the work. 5 s of padding
    must stay after the speech: with less, Whisper says everything twice.
    """

    def encode(self, features: Any) -> Any:
        """Encode log-mel features (mels x frames, padded with zeros to 30 s)."""
        spoken = np.flatnonzero(np.any(features, axis=tuple(range(features.ndim - 1))))
        if not len(spoken) or spoken[-1] < _SHORT_WINDOW_FRAMES - _PADDING_FRAMES:
            features = features[..., :_SHORT_WINDOW_FRAMES]
        return super().encode(np.ascontiguousarray(features))


class WhisperRecognizer:
    """A Recognizer that decodes in `finish`, in windows of at most 28 s, each decoded once.

    faster-whisper's plain `transcribe` goes on to decode the silence after the last word, where Whisper
    invents text and loops; its batched pipeline decodes each window exactly once.
    """

    def __init__(self, model: WhisperModel, language: str, capabilities: Capabilities) -> None:
        self.capabilities = capabilities
        self._pipeline = BatchedInferencePipeline(model)
        self._language = language
        self._pcm = bytearray()

    def feed(self, pcm: bytes) -> list[RecognizerEvent]:
        self._pcm += pcm
        return []

    def finish(self) -> list[RecognizerEvent]:
        whole_bytes = len(self._pcm) // BYTES_PER_SAMPLE * BYTES_PER_SAMPLE
        audio: Audio = np.frombuffer(bytes(self._pcm[:whole_bytes]), np.int16).astype(np.float32)
        audio /= 32768
        self._pcm.clear()
        events: list[RecognizerEvent] = []
        for start, end in windows(audio):
            for found in self._decode(audio[start:end]):
                words = spoken_words(found.words, self._language)
                if words and is_plausible(found, self._language):
                    events.append(Final(self._segment(words, start * 1000 // _SAMPLE_RATE)))
        return events

    def _decode(self, window: Audio) -> list[Any]:
        try:
            segments, _ = self._pipeline.transcribe(
                window,
                language=self._language,
                beam_size=_BEAM_SIZE,
                temperature=0.0,
                initial_prompt=_INITIAL_PROMPTS.get(self._language),
                vad_filter=False,
                without_timestamps=False,
                word_timestamps=True,
                max_new_tokens=_MAX_TOKENS_PER_WINDOW,
                batch_size=1,
            )
            return list(segments)
        except (RuntimeError, ValueError) as error:  # what CTranslate2 raises
            raise RecognitionError(FailureReason.RECOGNIZER_FAILED, f"whisper failed: {error}") from error

    def _segment(self, spoken: Sequence[Any], window_at_ms: int) -> Segment:
        words = tuple(
            Word(
                self._written(word.word),
                window_at_ms + round(float(word.start) * 1000),
                window_at_ms + round(float(word.end) * 1000),
                round(float(word.probability), 3),
            )
            for word in spoken
        )
        text = "".join(word.word for word in spoken)
        return Segment(self._written(text), words, words[0].start_ms, words[-1].end_ms)

    def _written(self, text: str) -> str:
        return simplified(text.strip()) if self._language == "zh" else text.strip()


def spoken_words(words: Sequence[Any], language: str) -> list[Any]:
    """The words without the prompt: Whisper now and then repeats what it was primed with."""
    prompt = _INITIAL_PROMPTS.get(language, "").rstrip("。.")
    heard = "".join(word.word for word in words)
    at = heard.find(prompt) if prompt else -1
    if at < 0:
        return list(words)
    kept, position = [], 0
    for word in words:
        begins, position = position, position + len(word.word)
        if position <= at or begins >= at + len(prompt):
            kept.append(word)
    return kept


def windows(audio: Audio) -> list[tuple[int, int]]:
    """Cut audio at 16 kHz into windows of at most 28 s, each at the quietest place of its last 8 s.

    A rest of less than 100 ms is left out: there is no word in it.
    """
    cuts: list[tuple[int, int]] = []
    start = 0
    while len(audio) - start > _WINDOW_SAMPLES:
        searched = audio[start + _WINDOW_SAMPLES - _CUT_SEARCH_SAMPLES : start + _WINDOW_SAMPLES]
        levels = np.square(searched).reshape(-1, _CUT_STEP_SAMPLES).sum(axis=1)
        quietest = int(np.argmin(np.convolve(levels, np.ones(_CUT_STEPS), "same")))
        end = start + _WINDOW_SAMPLES - _CUT_SEARCH_SAMPLES + quietest * _CUT_STEP_SAMPLES
        cuts.append((start, end))
        start = end
    if len(audio) - start >= _SHORTEST_SAMPLES:
        cuts.append((start, len(audio)))
    return cuts


def is_plausible(found: Any, language: str) -> bool:
    """Tell a heard segment from a loop or an invention."""
    if not found.words:
        return False
    duration_sec = max(found.words[-1].end - found.words[0].start, 0.1)
    characters_per_sec = len(found.text.strip()) / duration_sec
    is_silence = (
        found.no_speech_prob > _MAX_NO_SPEECH_PROBABILITY and found.avg_logprob < _MIN_LOG_PROBABILITY
    )
    return bool(
        found.compression_ratio <= _MAX_COMPRESSION_RATIO
        and characters_per_sec <= _MAX_CHARACTERS_PER_SEC.get(language, _MAX_LETTERS_PER_SEC)
        and not is_silence
    )


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
            self._whisper = ShortWindowModel(
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

    def acquire(self, language: str, phrases: tuple[str, ...] = ()) -> Recognizer:
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


def _broken(directory: Path, detail: str) -> RecognitionError:
    return RecognitionError(
        FailureReason.MODEL_BROKEN, f"the Whisper model in {directory} is broken: {detail}; install it again"
    )
