"""The Vosk engine: one Model, and a pool of warmed recognizers that are used again and again.

A fresh KaldiRecognizer composes its decoding graph on the way, at twice the cost and with stalls of 0.6 s;
one that has heard some speech does not. So recognizers are pooled, and an utterance ends with FinalResult
alone: no Reset. Their clock therefore never restarts, and each utterance subtracts where it began.

One that listens for phrases has a graph of its own, so small that it is made in a few milliseconds and needs
no warming. So that what is not among the phrases is not taken for one of them, its grammar also has words
that mean nothing: single syllables of the model's vocabulary or, where they are not written alone, its word
for the unknown (which in vosk-ko takes in next to nothing).
"""

from __future__ import annotations

import re
import threading
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson
import vosk

from asr.audio import ACCEPTED_SAMPLE_RATES, BYTES_PER_SAMPLE
from asr.model import Capabilities, Segment, Word, join_texts
from asr.recognizer import (
    FailureReason,
    Final,
    Partial,
    RecognitionError,
    Recognizer,
    RecognizerEvent,
    require_language,
)
from asr.warm_up import warm_up_speech

_REQUIRED_FILES = ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf")
_DEFAULT_SAMPLE_RATE = 16000
_FEED_MS = 200
# A single word below this confidence is noise that passed the gate.
_LONE_WORD_CONFIDENCE = 0.5
_FILLERS = 400
"""With 400 of the 5,036 syllables of vosk-ko, 24 of 30 synthetic sayings of a choice were heard, none
wrongly, and nothing else was taken for a choice; with 100 it was 27, but 2 wrongly, and 5 others were."""
_SYLLABLES = (range(0xAC00, 0xD7A4), range(0x4E00, 0xA000), range(0x3041, 0x30FB))
_UNKNOWN_WORDS = frozenset({"[unk]", "<unk>", "<UNK>", "[UNK]"})


class VoskRecognizer:
    """A Recognizer over one KaldiRecognizer."""

    def __init__(
        self,
        model: vosk.Model,
        language: str,
        sample_rate: int,
        capabilities: Capabilities,
        grammar: tuple[str, ...] = (),
    ) -> None:
        self.capabilities = capabilities
        self.is_free = not grammar
        self._language = language
        self._sample_rate = sample_rate
        listens_for = (orjson.dumps(grammar).decode(),) if grammar else ()
        self._kaldi: Any = vosk.KaldiRecognizer(model, sample_rate, *listens_for)
        self._kaldi.SetWords(True)
        self._heard_samples = 0
        self._utterance_began_at_sample = 0
        self._partial = ""

    def feed(self, pcm: bytes) -> list[RecognizerEvent]:
        events: list[RecognizerEvent] = []
        step = self._sample_rate * _FEED_MS // 1000 * BYTES_PER_SAMPLE
        for start in range(0, len(pcm), step):
            events += self._accept(bytes(pcm[start : start + step]))
        return events

    def finish(self) -> list[RecognizerEvent]:
        events = self._final(self._kaldi.FinalResult())
        self._utterance_began_at_sample = self._heard_samples
        self._partial = ""
        return events

    def _accept(self, pcm: bytes) -> list[RecognizerEvent]:
        try:
            ended = self._kaldi.AcceptWaveform(pcm)
        except Exception as error:  # vosk raises nothing narrower
            raise RecognitionError(FailureReason.RECOGNIZER_FAILED, f"vosk failed: {error}") from error
        self._heard_samples += len(pcm) // BYTES_PER_SAMPLE
        if ended:
            self._partial = ""
            return self._final(self._kaldi.Result())
        text = orjson.loads(self._kaldi.PartialResult())["partial"]
        if not text or text == self._partial:
            return []
        self._partial = text
        return [Partial(text)]

    def _final(self, result: str) -> list[RecognizerEvent]:
        words = tuple(
            self._word(word)
            for word in orjson.loads(result).get("result", ())
            if word["word"] not in _UNKNOWN_WORDS
        )
        if not words or (len(words) == 1 and words[0].confidence < _LONE_WORD_CONFIDENCE):
            return []
        text = join_texts((word.text for word in words), self._language)
        return [Final(Segment(text, words, words[0].start_ms, words[-1].end_ms))]

    def _word(self, word: dict[str, Any]) -> Word:
        return Word(
            word["word"], self._utterance_ms(word["start"]), self._utterance_ms(word["end"]), word["conf"]
        )

    def _utterance_ms(self, kaldi_sec: float) -> int:
        began_sec = self._utterance_began_at_sample / self._sample_rate
        return max(0, round((kaldi_sec - began_sec) * 1000))


class VoskEngine:
    """An Engine over the Vosk model in one directory, for one language."""

    name = "vosk"

    def __init__(self, directory: Path, model_id: str, language: str) -> None:
        """Load the model (seconds). Raises RecognitionError(MODEL_BROKEN)."""
        _require_files(directory)
        vosk.SetLogLevel(-1)
        try:
            self._model = vosk.Model(str(directory))
        except Exception as error:  # vosk raises nothing narrower
            raise _broken(directory, "vosk cannot load it") from error
        self.model = model_id
        self.version = version("vosk")
        self.sample_rate = _sample_rate(directory)
        self.capabilities = Capabilities(ACCEPTED_SAMPLE_RATES, live=True, words=True, languages=(language,))
        self._language = language
        self._lock = threading.Lock()
        self._idle: list[VoskRecognizer] = []
        self._fillers = self._words_of_no_meaning()

    def acquire(self, language: str, phrases: tuple[str, ...] = ()) -> VoskRecognizer:
        require_language(language, self.capabilities, self.model)
        if known := tuple(dict.fromkeys(filter(None, map(self._in_known_words, phrases)))):
            return self._create((*known, *self._fillers))
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return self._create()

    def release(self, recognizer: Recognizer) -> None:
        # Last in, first out: the most recently used recognizer is the warmest.
        if isinstance(recognizer, VoskRecognizer) and recognizer.is_free:
            with self._lock:
                self._idle.append(recognizer)

    def discard(self, recognizer: Recognizer) -> None:
        pass

    def warm_up(self) -> None:
        recognizer = self._create()
        recognizer.feed(warm_up_speech(self._language, self.sample_rate))
        recognizer.finish()
        self.release(recognizer)

    def _create(self, grammar: tuple[str, ...] = ()) -> VoskRecognizer:
        return VoskRecognizer(self._model, self._language, self.sample_rate, self.capabilities, grammar)

    def _knows(self, word: str) -> bool:
        return bool(self._model.vosk_model_find_word(word) >= 0)

    def _in_known_words(self, phrase: str) -> str:
        """The phrase in words of the vocabulary, the longest first; empty when it cannot be put so."""
        words: list[str] = []
        for written in phrase.casefold().split():
            rest = written
            while rest:
                known = next((rest[:end] for end in range(len(rest), 0, -1) if self._knows(rest[:end])), "")
                if not known:
                    return ""
                words.append(known)
                rest = rest[len(known) :]
        return " ".join(words)

    def _words_of_no_meaning(self) -> tuple[str, ...]:
        known = [chr(code) for script in _SYLLABLES for code in script if self._knows(chr(code))]
        if not known:
            return tuple(word for word in sorted(_UNKNOWN_WORDS) if self._knows(word))
        return tuple(known[:: max(1, len(known) // _FILLERS)])


def _require_files(directory: Path) -> None:
    for name in _REQUIRED_FILES:
        if not (directory / name).is_file():
            raise _broken(directory, f"{name} is missing")


def _broken(directory: Path, detail: str) -> RecognitionError:
    return RecognitionError(
        FailureReason.MODEL_BROKEN, f"the Vosk model in {directory} is broken: {detail}; install it again"
    )


def _sample_rate(directory: Path) -> int:
    """Return the rate the model was trained at: Kaldi's `--sample-frequency`, 16 kHz unless given."""
    found = re.search(r"--sample-frequency=(\d+)", (directory / "conf" / "mfcc.conf").read_text("utf-8"))
    return int(found[1]) if found else _DEFAULT_SAMPLE_RATE
