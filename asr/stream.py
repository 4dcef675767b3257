"""One audio stream on its way through a recognizer: resampled, gated, timed by the stream's own clock."""

from __future__ import annotations

from dataclasses import replace

from asr.audio import BYTES_PER_SAMPLE, Resampler
from asr.gate import PAUSE_MS, Gated, Speech, SpeechGate
from asr.model import Segment
from asr.recognizer import Final, Partial, Recognizer, RecognizerEvent

# A stream that ends in mid-word: the recognizer decides on what follows.
_CLOSING_SILENCE_MS = 300


class RecognitionStream:
    """Feeds a recognizer the utterances in one stream of PCM at `source_rate`, one after the other.

    An utterance ends after `pause_ms` without speech. Event times count from the first sample of the stream,
    including what the gate kept out and `skip`.
    Afterwards `finish` must be called, or the recognizer discarded.
    """

    def __init__(
        self, recognizer: Recognizer, source_rate: int, engine_rate: int, pause_ms: int = PAUSE_MS
    ) -> None:
        self._recognizer = recognizer
        self._source_rate = source_rate
        self._engine_rate = engine_rate
        self._resampler = Resampler(source_rate, engine_rate)
        self._gate = SpeechGate(engine_rate, pause_ms)
        self._received_ms = 0.0
        self._utterance_at_ms: int | None = None

    def feed(self, pcm: bytes) -> list[RecognizerEvent]:
        """Hear more of the stream; return what became known. Blocks while it decodes."""
        self._received_ms += len(pcm) / BYTES_PER_SAMPLE * 1000 / self._source_rate
        return self._hear(self._gate.feed(self._resampler.feed(pcm)))

    def skip(self, duration_ms: int) -> list[RecognizerEvent]:
        """Pass over audio that was lost on the way, so that later times stay right."""
        events = self._hear(self._gate.feed(self._resampler.finish()))
        events += self._hear(self._gate.skip(duration_ms * self._engine_rate // 1000))
        self._resampler = Resampler(self._source_rate, self._engine_rate)
        self._received_ms += duration_ms
        return events

    def finish(self) -> list[RecognizerEvent]:
        """End the stream; return what was still open. The recognizer may then be released."""
        events = self._hear(self._gate.feed(self._resampler.finish()))
        if self._utterance_at_ms is not None:
            silence = bytes(self._engine_rate * _CLOSING_SILENCE_MS // 1000 * BYTES_PER_SAMPLE)
            events += self._placed(self._recognizer.feed(silence))
        return events + self._hear(self._gate.finish())

    def _hear(self, gated: list[Gated]) -> list[RecognizerEvent]:
        events: list[RecognizerEvent] = []
        for piece in gated:
            if isinstance(piece, Speech):
                if self._utterance_at_ms is None:
                    self._utterance_at_ms = piece.at_sample * 1000 // self._engine_rate
                events += self._placed(self._recognizer.feed(piece.pcm))
            else:
                events += self._placed(self._recognizer.finish())
                self._utterance_at_ms = None
        return events

    def _placed(self, events: list[RecognizerEvent]) -> list[RecognizerEvent]:
        return [
            event if isinstance(event, Partial) else Final(self._place(event.segment)) for event in events
        ]

    def _place(self, segment: Segment) -> Segment:
        words = tuple(
            replace(word, start_ms=self._stream_ms(word.start_ms), end_ms=self._stream_ms(word.end_ms))
            for word in segment.words
        )
        start_ms, end_ms = self._stream_ms(segment.start_ms), self._stream_ms(segment.end_ms)
        return Segment(segment.text, words, start_ms, end_ms)

    def _stream_ms(self, utterance_ms: int) -> int:
        return min((self._utterance_at_ms or 0) + utterance_ms, int(self._received_ms))
