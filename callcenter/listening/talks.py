"""Talks that are read while they go on: a stream of the recogniser for each side, as far as there is room.

Callers in a flow come first: talks have what they leave, at most half. A talk that cannot be heard now is
tried again as long as it goes on; until then its transcript says why. The switch is asked for audio only
while somebody recognises it. What is said is in no log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Never

import structlog

from asr.hearing import Hearing, HearingUnavailable, HearsRecordingsOnly, hearing
from asr.protocol import OpenStream, StreamFinal, StreamOverrun, StreamPartial
from asr.routing import NoRoute, Route
from callcenter.controller.messages import (
    ForgetTalks,
    ListenToTalk,
    TalkAudioLost,
    TalkAudioWanted,
    TalkJob,
    TalkOver,
)
from callcenter.domain.call import TRANSCRIBED_LEGS
from callcenter.domain.listening import listening_to
from callcenter.listening.ear import AUDIO_HZ, Ear
from callcenter.listening.transcript import LiveTranscript, LiveTranscripts, Unread
from callcenter.places import Places
from callcenter.ports import Clock

log = structlog.get_logger(__name__)

STREAMS_PER_TALK = len(TRANSCRIBED_LEGS)
AGAIN_S = 5.0
_PAUSE_MS = 700
"""Whoever is silent for so long has ended the sentence."""
_MOST_BEHIND_MS = 5000
"""What would be read later than that is passed over."""


class _TalkUnread(Exception):
    """The talk is not read for now."""

    def __init__(self, why: Unread, told: str) -> None:
        super().__init__(told)
        self.why = why


@dataclass(slots=True, eq=False)
class _Talk:
    job: ListenToTalk
    said: LiveTranscript
    ears: dict[str, Ear] = field(default_factory=dict)
    """By the id of the listening."""
    broken: asyncio.Future[_TalkUnread] | None = None
    """While streams are open or being opened: what ends them from outside."""
    task: asyncio.Task[None] | None = None

    def break_off(self, why: Unread, told: str) -> None:
        """Read no further for now."""
        if self.broken is not None and not self.broken.done():
            self.broken.set_result(_TalkUnread(why, told))


class TalkSpeech:
    """Listens to the talks that the Centre names. ``route`` tells which model hears a language, ``room`` how
    many streams talks may have now; ``tell`` takes what the Centre must know."""

    def __init__(
        self,
        places: Places,
        transcripts: LiveTranscripts,
        clock: Clock,
        *,
        route: Callable[[str], Route | NoRoute],
        room: Callable[[], int],
        tell: Callable[[TalkAudioWanted], None],
    ) -> None:
        self._places = places
        self._transcripts = transcripts
        self._clock = clock
        self._route = route
        self._room = room
        self._tell = tell
        self._talks: dict[str, _Talk] = {}
        """By the call."""
        self._by_listening: dict[str, _Talk] = {}
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def streams(self) -> int:
        """How many are open, or being opened."""
        return STREAMS_PER_TALK * sum(talk.broken is not None for talk in self._talks.values())

    def take(self, job: TalkJob) -> None:
        """As the Centre wants it."""
        match job:
            case ListenToTalk():
                self._begin(job)
            case TalkAudioLost(call_id):
                if talk := self._talks.get(call_id):
                    talk.break_off(Unread.NO_AUDIO, "the switch hands no audio on")
            case TalkOver(call_id):
                self._end(call_id)
                self._transcripts.of(call_id).paused()
            case ForgetTalks(call_id):
                self._transcripts.forget(call_id)

    def hear(self, listening_id: str, pcm: bytes) -> None:
        """The next audio, if it is that of a talk."""
        talk = self._by_listening.get(listening_id)
        if talk is not None and not talk.ears[listening_id].hear(pcm):
            talk.break_off(Unread.AWAY, "the speech worker takes no audio")

    def make_room(self) -> None:
        """See to it that talks have no more streams than there is room for: those that began last wait."""
        for talk in reversed(self._talks.values()):
            if self.streams <= self._room():
                return
            talk.break_off(Unread.NO_ROOM, "callers in a flow need the streams")
            talk.broken = None

    async def close(self) -> None:
        """Listen no more."""
        for call_id in list(self._talks):
            self._end(call_id)
        await asyncio.gather(*self._ending, return_exceptions=True)

    # --- inner workings ------------------------------------------------------------------------------------

    def _begin(self, job: ListenToTalk) -> None:
        self._end(job.call_id)
        talk = self._talks[job.call_id] = _Talk(job, self._transcripts.of(job.call_id))
        talk.task = asyncio.get_running_loop().create_task(self._run(talk), name="talk")

    def _end(self, call_id: str) -> None:
        talk = self._talks.pop(call_id, None)
        if talk is not None and talk.task is not None:
            self._deafen(talk)
            talk.task.cancel()
            self._ending.add(talk.task)
            talk.task.add_done_callback(self._ending.discard)

    async def _run(self, talk: _Talk) -> None:
        """Read along until the talk is over, again and again, or until it is clear that nobody can."""
        before: Unread | None = None
        while True:
            try:
                await self._read(talk)
            except _TalkUnread as unread:
                why, told = unread.why, str(unread)
            except HearsRecordingsOnly as error:
                why, told = Unread.NO_MODEL, str(error)
            except HearingUnavailable as error:
                why, told = Unread.AWAY, str(error)
            except Exception as error:  # its text may quote what was said
                why, told = Unread.AWAY, type(error).__name__
            finally:
                self._deafen(talk)
            if why is not before:
                log.warning("talk_not_read", call_id=talk.job.call_id, why=why, reason=told)
            before = why
            self._tell(TalkAudioWanted(talk.job.call_id, talk.job.talk_id, wanted=False))
            talk.said.unread(why)
            if why is Unread.NO_MODEL:
                return
            await asyncio.sleep(AGAIN_S)

    async def _read(self, talk: _Talk) -> Never:
        """Open a stream for each side and read along; ends only by raising."""
        job, route = talk.job, self._route(talk.job.language)
        if isinstance(route, NoRoute):
            raise _TalkUnread(Unread.NO_MODEL, route.reason)
        if self.streams + STREAMS_PER_TALK > self._room():
            raise _TalkUnread(Unread.NO_ROOM, "as many speakers are followed as can be")
        broken = talk.broken = asyncio.get_running_loop().create_future()
        async with AsyncExitStack() as stack:
            sides: list[Coroutine[None, None, None]] = []
            for side in TRANSCRIBED_LEGS:
                listening_id = listening_to(job.talk_id, side)
                asked = OpenStream(listening_id, AUDIO_HZ, route.language, (), _PAUSE_MS, _MOST_BEHIND_MS)
                socket = self._places.speech_socket(route.model_id)
                stream = await stack.enter_async_context(hearing(socket, asked))
                talk.ears[listening_id] = Ear(stream)
                sides.append(self._follow(talk.said, side, stream))
            self._by_listening |= dict.fromkeys(talk.ears, talk)
            talk.said.heard()
            self._tell(TalkAudioWanted(job.call_id, job.talk_id, wanted=True))
            await _first_end(broken, *sides)
        raise AssertionError("streams end by raising only")

    async def _follow(self, said: LiveTranscript, side: str, stream: Hearing) -> None:
        async for event in stream.events():
            match event:
                case StreamPartial(text=text):
                    said.partial(side, text, self._clock())
                case StreamFinal(segment=segment):
                    spoken_ms_ago = max(0, stream.fed_ms - segment.start_ms)
                    said.final(side, segment.text, self._clock() - spoken_ms_ago)
                case StreamOverrun():
                    said.lost(side, self._clock())

    def _deafen(self, talk: _Talk) -> None:
        """Its streams are closed, or about to be."""
        for listening_id in talk.ears:
            self._by_listening.pop(listening_id, None)
        talk.ears.clear()
        if talk.broken is not None:
            talk.broken.cancel()
            talk.broken = None


async def _first_end(broken: asyncio.Future[_TalkUnread], *works: Coroutine[None, None, None]) -> None:
    """Run them beside each other until the first of them raises, or ``broken`` tells what to raise."""
    tasks = [asyncio.ensure_future(work) for work in works]
    ends: list[asyncio.Future[Any]] = [broken, *tasks]
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task.done():
                task.result()
        raise broken.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
