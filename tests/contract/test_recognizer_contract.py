"""What every recognizer does, twin and real ones alike."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import cast

import numpy as np
import pytest
import soundfile
from asr_rigs import SCRIPTED, VOSK, WHISPER, EngineRig

from asr.audio import inspect_channel
from asr.model import Segment
from asr.recognizer import Engine, FailureReason, Final, Partial, RecognitionError, Recognizer
from asr.text import character_error_rate
from asr.transcription import transcribe_channel
from heard_text import comparable_text

Rigged = tuple[EngineRig, Engine]


@pytest.fixture(
    scope="module",
    params=[
        SCRIPTED,
        pytest.param(VOSK, marks=pytest.mark.integration),
        pytest.param(WHISPER, marks=pytest.mark.integration),
    ],
    ids=cast(Callable[[object], str], lambda rig: rig.name),
)
def rigged(request: pytest.FixtureRequest) -> Rigged:
    """An engine, loaded once for all tests of this file, with a recording it understands."""
    rig: EngineRig = request.param
    return rig, rig.make()


def pcm_of(rig: EngineRig) -> bytes:
    """The rig's recording as PCM at 16 kHz."""
    samples, rate = soundfile.read(rig.recording, dtype="int16")
    assert rate == 16000
    return np.asarray(samples, np.int16).tobytes()


def hear(recognizer: Recognizer, pcm: bytes, block_bytes: int = 6400) -> list[Segment]:
    """Everything final in one utterance."""
    events = []
    for start in range(0, len(pcm), block_bytes):
        events += recognizer.feed(pcm[start : start + block_bytes])
    events += recognizer.finish()
    assert all(isinstance(event, Partial | Final) for event in events)
    return [event.segment for event in events if isinstance(event, Final)]


def test_what_is_listened_for_is_heard(rigged: Rigged) -> None:
    """Phrases that were said are heard, whatever else was said; some that the model has no words for do no
    harm."""
    rig, engine = rigged
    phrase = {"ko": "서울", "zh": "路灯"}[rig.language]
    recognizer = engine.acquire(rig.language, (phrase, "☎☎"))
    heard = "".join(segment.text for segment in hear(recognizer, pcm_of(rig)))
    engine.release(recognizer)
    assert phrase in comparable_text(heard, rig.language)


def test_recording_is_understood_with_words_in_order(rigged: Rigged) -> None:
    """Words follow each other within the audio, with confidences in 0..1, and make up the text."""
    rig, engine = rigged
    info = inspect_channel(rig.recording, 0)
    transcript = transcribe_channel(engine, info, rig.language)
    assert character_error_rate(rig.text, transcript.text, rig.language) <= rig.highest_error_rate
    assert (transcript.engine, transcript.model) == (engine.name, engine.model)
    words = [word for segment in transcript.segments for word in segment.words]
    assert words
    assert all(0 <= word.confidence <= 1 for word in words)
    times = [time for word in words for time in (word.start_ms, word.end_ms)]
    assert times == sorted(times)
    assert 0 <= times[0] < times[-1] <= info.duration_ms


def test_reused_recognizer_counts_time_from_each_utterance(rigged: Rigged) -> None:
    """The second utterance has the times of the first, whatever was heard before."""
    rig, engine = rigged
    recognizer = engine.acquire(rig.language)
    first, second = hear(recognizer, pcm_of(rig)), hear(recognizer, pcm_of(rig))
    engine.release(recognizer)
    assert second[0].start_ms == pytest.approx(first[0].start_ms, abs=300)
    assert second[-1].end_ms == pytest.approx(first[-1].end_ms, abs=300)


def test_nothing_and_silence_are_heard_as_nothing(rigged: Rigged) -> None:
    """An utterance without audio has no segments, and the recognizer can be used afterwards."""
    rig, engine = rigged
    recognizer = engine.acquire(rig.language)
    assert hear(recognizer, b"") == []
    assert hear(recognizer, pcm_of(rig))
    engine.release(recognizer)


def test_blocks_may_be_cut_anywhere(rigged: Rigged) -> None:
    """The size of the blocks does not change what is understood."""
    rig, engine = rigged
    recognizer = engine.acquire(rig.language)
    text = "".join(segment.text for segment in hear(recognizer, pcm_of(rig), block_bytes=1234))
    engine.release(recognizer)
    assert character_error_rate(rig.text, text, rig.language) <= rig.highest_error_rate


def test_foreign_language_is_refused(rigged: Rigged) -> None:
    """The error names the languages the model knows."""
    _, engine = rigged
    with pytest.raises(RecognitionError, match=", ".join(engine.capabilities.languages)) as caught:
        engine.acquire("xx")
    assert caught.value.reason is FailureReason.UNSUPPORTED_LANGUAGE


def test_recognizers_hear_side_by_side(rigged: Rigged) -> None:
    """Two threads with a recognizer each do not disturb each other."""
    rig, engine = rigged
    texts: list[str] = []

    def transcribe() -> None:
        texts.append(transcribe_channel(engine, inspect_channel(rig.recording, 0), rig.language).text)

    threads = [threading.Thread(target=transcribe) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(texts) == 2
    assert all(character_error_rate(rig.text, text, rig.language) <= rig.highest_error_rate for text in texts)


def test_abandoned_transcription_stops_and_spoils_nothing(rigged: Rigged) -> None:
    """A cancelled recording ends at once; the engine hears the next one."""
    rig, engine = rigged
    info = inspect_channel(rig.recording, 0)
    asked: list[bool] = []

    def is_cancelled() -> bool:
        asked.append(True)
        return len(asked) > 3

    with pytest.raises(RecognitionError) as caught:
        transcribe_channel(engine, info, rig.language, is_cancelled)
    assert caught.value.reason is FailureReason.CANCELLED
    assert len(asked) == 4
    assert transcribe_channel(engine, info, rig.language).text


def test_engine_says_what_it_is(rigged: Rigged) -> None:
    """Reports name engine, model and version; live engines give partial texts, others do not."""
    rig, engine = rigged
    assert engine.name == rig.name
    assert engine.model
    assert engine.version
    assert 16000 in engine.capabilities.sample_rates
    engine.warm_up()
    recognizer = engine.acquire(rig.language)
    partials = [event for event in recognizer.feed(pcm_of(rig)) if isinstance(event, Partial)]
    recognizer.finish()
    engine.release(recognizer)
    assert bool(partials) == engine.capabilities.live
