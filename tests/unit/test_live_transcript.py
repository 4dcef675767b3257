"""What is said in a talk, read while it is said: how it stands, what a reader gets, and who makes room."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from live_ears import Ears, stuck_worker
from structlog.testing import capture_logs

from asr.protocol import Ready, StreamOpened, StreamOverrun, encode
from asr.routing import NoRoute
from callcenter.controller.messages import (
    ForgetTalks,
    Listen,
    ListenToTalk,
    Message,
    NoLongerListen,
    SpeechReady,
    TalkAudioLost,
    TalkAudioWanted,
    TalkOver,
)
from callcenter.listening import talks
from callcenter.listening.transcript import (
    GIVEN_UP_MS,
    KEPT,
    LiveTranscript,
    LiveTranscripts,
    Reading,
    Unread,
    Utterance,
)

CALLER, AGENT = "c1.t.1.caller", "c1.t.1.agent"


def talk(number: int = 1) -> ListenToTalk:
    """A talk in Korean."""
    return ListenToTalk(f"c{number}", f"c{number}.t.1", "ko")


def wanted(number: int = 1, *, yes: bool = True) -> TalkAudioWanted:
    """What the Centre is told of it."""
    return TalkAudioWanted(f"c{number}", f"c{number}.t.1", wanted=yes)


def lines(said: LiveTranscript, since: int = 0) -> list[tuple[int, str, str, bool]]:
    """Number, side, text, and whether it is final."""
    return [(one.number, one.side, one.text, one.is_final) for one in said.since(since)]


async def ready(said: LiveTranscript, *texts: str) -> None:
    """These have been said, to the end."""
    async with asyncio.timeout(10):
        while [one.text for one in said.since(0) if one.is_final] != list(texts):
            await said.changes(1)


# --- how it stands -----------------------------------------------------------------------------------------


def test_a_guess_becomes_what_was_said() -> None:
    """In its place, at its instant; whoever knows an earlier revision gets what is different."""
    said = LiveTranscript(0)
    said.partial("caller", "민원", 100)
    said.partial("agent", "네", 200)
    known = said.revision
    said.partial("caller", "민원 접수", 300)
    said.final("caller", "민원 접수해 주세요", 900)
    assert lines(said, known) == [(1, "caller", "민원 접수해 주세요", True)]
    assert lines(said) == [(1, "caller", "민원 접수해 주세요", True), (2, "agent", "네", False)]
    assert said.since(0)[0].at == 100
    assert lines(said, said.revision) == []


def test_what_was_lost_leaves_one_gap() -> None:
    """However often it is told; what was being said stays as it was understood."""
    said = LiveTranscript(0)
    said.partial("caller", "민원", 100)
    for at in (200, 300):
        said.lost("caller", at)
    said.partial("caller", "주세요", 400)
    assert said.since(0) == [
        Utterance(1, "caller", "민원", 100, is_final=True),
        Utterance(2, "caller", "", 200, is_final=True, lost=True),
        Utterance(3, "caller", "주세요", 400, is_final=False),
    ]


def test_a_guess_that_came_to_nothing_is_no_part_of_the_next() -> None:
    said = LiveTranscript(0)
    said.partial("caller", "음", 0)
    said.partial("caller", "민원", GIVEN_UP_MS + 1)
    assert lines(said) == [(1, "caller", "음", True), (2, "caller", "민원", False)]


def test_the_end_of_a_talk_ends_what_was_being_said() -> None:
    said = LiveTranscript(0)
    said.heard()
    said.partial("caller", "민원", 100)
    said.paused()
    assert (said.reading, lines(said)) == (Reading.PAUSED, [(1, "caller", "민원", True)])
    said.unread(Unread.NO_ROOM)
    assert (said.reading, said.why) == (Reading.UNREAD, Unread.NO_ROOM)


def test_a_long_talk_is_kept_to_its_last_words() -> None:
    said = LiveTranscript(0)
    for number in range(KEPT + 5):
        said.final("caller", str(number), number)
    assert len(said.since(0)) == KEPT
    assert said.since(0)[0].number == 6


async def test_readers_wait_for_changes_and_not_for_ever() -> None:
    said = LiveTranscript(0)
    await said.changes(0.01)
    waiting = asyncio.create_task(said.changes(10))
    await asyncio.sleep(0)
    said.heard()
    await asyncio.wait_for(waiting, 1)


def test_a_call_that_is_over_leaves_nothing() -> None:
    """The next of that name would be another one."""
    known = LiveTranscripts(lambda: 7)
    first = known.of("c1")
    assert known.of("c1") is first
    known.forget("c1")
    known.forget("c1")
    assert known.find("c1") is None
    assert "민원" not in repr(Utterance(1, "caller", "민원", 0, is_final=True))


# --- with a recogniser -------------------------------------------------------------------------------------


@pytest.fixture
async def ears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ears]:
    monkeypatch.setattr(talks, "AGAIN_S", 0.1)
    made = Ears(tmp_path, monkeypatch, live_streams="4")
    yield made
    await made.live.close()


async def until(ears: Ears, message: Message) -> None:
    """This is told, perhaps after others."""
    while await ears.next() != message:
        pass


async def test_both_sides_are_read(ears: Ears) -> None:
    """Audio is wanted once they can be heard; afterwards it can still be read, until the call is over."""
    async with ears.working().listening(ears.socket):
        ears.live.take(talk())
        assert await ears.next() == wanted()
        said = ears.live.transcripts.of("c1")
        assert (said.reading, ears.live.streams) == (Reading.HEARD, {"flow": 0, "talk": 2})
        ears.say(CALLER)
        await ready(said, "상담 원")
        ears.say(AGENT)
        await ready(said, "상담 원", "상담 원")
        assert [one.side for one in said.since(0)] == ["caller", "agent"]
        ears.live.take(TalkOver("c1"))
        assert (said.reading, ears.live.streams["talk"]) == (Reading.PAUSED, 0)
        assert len(said.since(0)) == 2
        ears.live.take(ForgetTalks("c1"))
        assert ears.live.transcripts.find("c1") is None
        await ears.live.close()
    assert ears.posted.empty()


async def test_talks_have_half_of_the_streams(ears: Ears) -> None:
    """Whoever has no room is told, and gets it as soon as there is some."""
    async with ears.working().listening(ears.socket):
        ears.live.take(talk(1))
        await until(ears, wanted(1))
        ears.live.take(talk(2))
        await until(ears, wanted(2, yes=False))
        assert ears.live.transcripts.of("c2").why is Unread.NO_ROOM
        ears.live.take(TalkOver("c1"))
        await until(ears, wanted(2))
        await ears.live.close()


async def test_callers_in_a_flow_come_first(ears: Ears) -> None:
    """They take what a talk had, which gets it back when they are through."""
    menus = [Listen(f"m{number}", "t", f"m{number}.h.t", "ko", (), 600) for number in range(3)]
    async with ears.working().listening(ears.socket):
        ears.live.take(talk())
        await until(ears, wanted())
        for menu in menus[:2]:
            ears.live.take(menu)
            assert await ears.next() == SpeechReady(menu.call_id, "t")
        assert ears.live.streams == {"flow": 2, "talk": 2}
        ears.live.take(menus[2])
        assert ears.live.streams == {"flow": 3, "talk": 0}
        await until(ears, wanted(yes=False))
        ears.live.take(NoLongerListen(menus[0].listening_id))
        await until(ears, wanted())
        await ears.live.close()


async def test_it_is_said_why_a_talk_is_not_read(ears: Ears) -> None:
    """A language that nobody hears live is not tried again; a worker that is away is."""
    ears.route = NoRoute("no installed speech model hears 'zh'")
    ears.live.take(talk(1))
    assert await ears.next() == wanted(1, yes=False)
    assert ears.live.transcripts.of("c1").why is Unread.NO_MODEL
    await asyncio.sleep(0.2)
    assert ears.posted.empty()


async def test_an_engine_for_recordings_reads_no_talk(ears: Ears) -> None:
    """Whisper's worker says so in its greeting."""
    async with stuck_worker(ears.socket, encode(Ready("whisper", "base", "1", "ko", False))):
        ears.live.take(talk())
        assert await ears.next() == wanted(yes=False)
        assert ears.live.transcripts.of("c1").why is Unread.NO_MODEL


async def test_a_worker_that_comes_back_is_found(ears: Ears) -> None:
    """Nothing of what was said is in the log."""
    with capture_logs() as logs:
        ears.live.take(talk())
        await until(ears, wanted(yes=False))
        said = ears.live.transcripts.of("c1")
        assert said.why is Unread.AWAY
        async with ears.working().listening(ears.socket):
            await until(ears, wanted())
            ears.say(CALLER)
            await ready(said, "상담 원")
        await until(ears, wanted(yes=False))
        assert (said.why, len(said.since(0))) == (Unread.AWAY, 1)
    assert "상담" not in str(logs)


async def test_audio_that_is_lost_is_asked_for_again(ears: Ears) -> None:
    async with ears.working().listening(ears.socket):
        ears.live.take(talk())
        await until(ears, wanted())
        ears.live.take(TalkAudioLost("c1"))
        await until(ears, wanted(yes=False))
        assert ears.live.transcripts.of("c1").why is Unread.NO_AUDIO
        await until(ears, wanted())
        await ears.live.close()


async def test_a_slow_recogniser_leaves_a_gap(ears: Ears) -> None:
    """And goes on; one that reads nothing any more is given up."""
    told = [Ready("scripted", "script", "1", "ko", True), StreamOpened(CALLER), StreamOverrun(CALLER, 800)]
    async with stuck_worker(ears.socket, *map(encode, told)):
        ears.live.take(talk())
        await until(ears, wanted())
        said = ears.live.transcripts.of("c1")
        while not said.since(0):
            await said.changes(1)
        assert said.since(0)[0].lost
        assert said.reading is Reading.HEARD
        for _ in range(20):
            ears.say(CALLER)
        await until(ears, wanted(yes=False))
        assert said.why is Unread.AWAY
        await ears.live.close()
