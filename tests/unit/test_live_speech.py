"""Live recognition beside the Centre: audio in, words out, and no more than can be followed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from live_ears import Ears, stuck_worker
from structlog.testing import capture_logs

from asr.protocol import Ready, StreamOpened, encode
from asr.routing import NoRoute
from callcenter.controller.messages import Listen, NoLongerListen, SpeechReady, SpeechTold
from ivr_flows.effects import SpeechHeard, SpeechUnavailable


def job(number: int = 1) -> Listen:
    """A listening to Korean speech."""
    return Listen(f"c{number}", f"t{number}", f"c{number}.h.t{number}", "ko", ("상담",), 600)


@pytest.fixture
async def ears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ears]:
    made = Ears(tmp_path, monkeypatch)
    yield made
    await made.live.close()


async def test_what_is_said_is_told_as_soon_as_it_is_said(ears: Ears) -> None:
    """Ready first; then that somebody speaks; then the words, each with its confidence."""
    async with ears.working().listening(ears.socket):
        ears.live.take(job())
        assert await ears.next() == SpeechReady("c1", "t1")
        ears.say(job().listening_id)
        begun = await ears.next()
        assert isinstance(begun, SpeechTold)
        assert isinstance(begun.event, SpeechHeard)
        assert not begun.event.final
        said = await ears.next()
        assert isinstance(said, SpeechTold)
        assert isinstance(said.event, SpeechHeard)
        assert [(word.text, word.confidence) for word in said.event.words] == [("상담", 1.0), ("원", 1.0)]
        ears.live.take(NoLongerListen(job().listening_id))
        await ears.live.close()


async def test_after_its_end_a_listening_tells_nothing(ears: Ears) -> None:
    """Neither what it would have heard nor that it ended."""
    async with ears.working().listening(ears.socket):
        ears.live.take(job())
        await ears.next()
        ears.live.take(NoLongerListen(job().listening_id))
        ears.say(job().listening_id)
        await ears.live.close()
        assert ears.posted.empty()


async def test_beyond_the_limit_callers_are_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those who are listened to go on; when one has finished another may begin."""
    ears = Ears(tmp_path, monkeypatch, live_streams="1")
    async with ears.working().listening(ears.socket):
        ears.live.take(job(1))
        ears.live.take(job(2))
        assert await ears.next() == SpeechTold("c2", SpeechUnavailable("t2"))
        assert await ears.next() == SpeechReady("c1", "t1")
        ears.live.take(NoLongerListen(job(1).listening_id))
        ears.live.take(job(3))
        assert await ears.next() == SpeechReady("c3", "t3")
        await ears.live.close()


async def test_without_a_model_or_a_worker_it_says_so(ears: Ears) -> None:
    """The log says what to do, and nothing of what was said."""
    with capture_logs() as logs:
        ears.live.take(job(1))
        assert await ears.next() == SpeechTold("c1", SpeechUnavailable("t1"))
    ears.route = NoRoute("no installed speech model hears 'ko'")
    fresh = Listen("c2", "t2", "c2.h.t2", "en", (), 600)
    with capture_logs() as more:
        ears.live.take(fresh)
        assert await ears.next() == SpeechTold("c2", SpeechUnavailable("t2"))
    assert "no speech worker at" in logs[0]["reason"]
    assert "callcenter models install" in more[0]["reason"]


async def test_a_worker_that_dies_ends_its_listenings(ears: Ears) -> None:
    """Each is told once."""
    async with ears.working().listening(ears.socket):
        ears.live.take(job())
        await ears.next()
    assert await ears.next() == SpeechTold("c1", SpeechUnavailable("t1"))
    await ears.live.close()
    assert ears.posted.empty()


async def test_a_worker_that_takes_no_audio_ends_the_listening(ears: Ears) -> None:
    """Audio does not pile up in the controller."""
    ready = encode(Ready("scripted", "script", "1", "ko", True))
    async with stuck_worker(ears.socket, ready, encode(StreamOpened(job().listening_id))):
        ears.live.take(job())
        assert await ears.next() == SpeechReady("c1", "t1")
        for _ in range(20):
            ears.say(job().listening_id)
        assert await ears.next() == SpeechTold("c1", SpeechUnavailable("t1"))
        await ears.live.close()


async def test_a_worker_that_does_not_answer_is_not_waited_for(ears: Ears) -> None:
    """A caller hears the menu meanwhile, and goes on by keys."""
    async with stuck_worker(ears.socket):
        ears.live.take(job())
        assert await ears.next() == SpeechTold("c1", SpeechUnavailable("t1"))


async def test_an_engine_for_recordings_hears_nobody_live(ears: Ears) -> None:
    """Whisper's worker says so in its greeting."""
    async with stuck_worker(ears.socket, encode(Ready("whisper", "base", "1", "ko", False))):
        ears.live.take(job())
        assert await ears.next() == SpeechTold("c1", SpeechUnavailable("t1"))
