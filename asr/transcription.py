"""A whole recorded channel through an engine."""

from __future__ import annotations

from collections.abc import Callable

from asr.audio import ChannelInfo, read_blocks
from asr.model import Segment, Transcript, join_texts
from asr.recognizer import Engine, FailureReason, Final, RecognitionError, RecognizerEvent
from asr.stream import RecognitionStream


def transcribe_channel(
    engine: Engine, info: ChannelInfo, language: str, is_cancelled: Callable[[], bool] = lambda: False
) -> Transcript:
    """Return the transcript of one channel; a channel without speech gives one without segments.

    Blocks while it decodes; asks `is_cancelled` every 200 ms of audio. Raises RecognitionError.
    """
    recognizer = engine.acquire(language)
    try:
        stream = RecognitionStream(recognizer, info.sample_rate, engine.sample_rate)
        events: list[RecognizerEvent] = []
        for block in read_blocks(info):
            if is_cancelled():
                raise RecognitionError(FailureReason.CANCELLED, "the client has gone")
            events += stream.feed(block)
        events += stream.finish()
    except BaseException:
        engine.discard(recognizer)
        raise
    engine.release(recognizer)
    return _transcript(
        engine, info, language, [event.segment for event in events if isinstance(event, Final)]
    )


def _transcript(engine: Engine, info: ChannelInfo, language: str, segments: list[Segment]) -> Transcript:
    return Transcript(
        language=language,
        engine=engine.name,
        model=engine.model,
        sample_rate=info.sample_rate,
        duration_ms=info.duration_ms,
        segments=tuple(segments),
        text=join_texts((segment.text for segment in segments), language),
    )
