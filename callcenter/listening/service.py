"""Live recognition beside the Centre: takes the audio of each listening, and posts what was heard.

Telephony never waits for it: there are no more listenings than the machine can follow, audio that the
recogniser does not take in time ends the listening, and whoever is not listened to goes on by keys.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from asr.hearing import Hearing, HearingUnavailable, hearing
from asr.model import Segment
from asr.protocol import OpenStream, StreamFinal, StreamOverrun, StreamPartial
from asr.routing import NoRoute, Route
from callcenter.controller.messages import (
    Listen,
    Message,
    NoLongerListen,
    SpeechJob,
    SpeechReady,
    SpeechTold,
)
from callcenter.listening.ear import AUDIO_HZ, Ear
from callcenter.listening.talks import TalkSpeech
from callcenter.listening.transcript import LiveTranscripts
from callcenter.places import Places
from callcenter.ports import Clock
from callcenter.settings import Settings
from callcenter.speech import choose, live_streams
from ivr_flows.effects import HeardWord, SpeechHeard, SpeechUnavailable

log = structlog.get_logger(__name__)

_MOST_BEHIND_MS = 2000
"""Whoever has to wait longer for what they said is better served by keys."""


@dataclass(slots=True, eq=False)
class _Listening:
    task: asyncio.Task[None]
    ear: Ear | None = None


class LiveSpeech:
    """Runs the listenings of one controller; used from one event loop only. What was said is in no log."""

    def __init__(self, settings: Settings, places: Places, clock: Clock) -> None:
        self.transcripts = LiveTranscripts(clock)
        """Of the talks that are read meanwhile."""
        self._settings = settings
        self._places = places
        self._most = live_streams(settings)
        self._routes: dict[str, Route | NoRoute] = {}
        self._post: Callable[[Message], None] | None = None
        self._listenings: dict[str, _Listening] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._talks = TalkSpeech(
            places, self.transcripts, clock, route=self._route, room=self._room_for_talks, tell=self._tell
        )

    @property
    def streams(self) -> Mapping[str, int]:
        """How many streams are in use: by callers in a flow, and by talks."""
        return {"flow": len(self._listenings), "talk": self._talks.streams}

    @property
    def most(self) -> int:
        """How many streams there may be at once; those of talks have to leave half of them."""
        return self._most

    def attach(self, post: Callable[[Message], None]) -> None:
        """Where what is heard goes; to be given before the first job."""
        self._post = post

    def take(self, job: SpeechJob) -> None:
        """Begin or end a listening."""
        match job:
            case Listen():
                is_full = len(self._listenings) >= self._most
                task = asyncio.get_running_loop().create_task(self._run(job, is_full=is_full), name="listen")
                self._listenings[job.listening_id] = _Listening(task)
                self._talks.make_room()
            case NoLongerListen(listening_id):
                self._end(listening_id)
            case _:
                self._talks.take(job)

    def hear(self, listening_id: str, pcm: bytes) -> None:
        """The next audio of a listening: 16-bit mono PCM at 16 kHz."""
        listening = self._listenings.get(listening_id)
        if listening is None:
            self._talks.hear(listening_id, pcm)
        elif listening.ear is not None and not listening.ear.hear(pcm):
            listening.task.cancel("the speech worker takes no audio")

    async def close(self) -> None:
        """End all listenings."""
        for listening_id in list(self._listenings):
            self._end(listening_id)
        await asyncio.gather(self._talks.close(), *self._ending, return_exceptions=True)

    # --- inner workings ------------------------------------------------------------------------------------

    def _end(self, listening_id: str) -> None:
        listening = self._listenings.pop(listening_id, None)
        if listening is not None:
            listening.task.cancel()
            self._ending.add(listening.task)
            listening.task.add_done_callback(self._ending.discard)

    def _tell(self, message: Message) -> None:
        assert self._post is not None
        self._post(message)

    async def _run(self, job: Listen, *, is_full: bool) -> None:
        """Listen until told otherwise, or until it cannot be done; that is told once."""
        try:
            if is_full:
                raise HearingUnavailable(f"{self._most} callers are listened to already")
            await self._listen(job)
        except HearingUnavailable as error:
            log.warning("speech_unavailable", call_id=job.call_id, reason=str(error))
        except asyncio.CancelledError:
            if job.listening_id not in self._listenings:  # ended as it should
                raise
            log.warning("speech_unavailable", call_id=job.call_id, reason="the speech worker takes no audio")
        except Exception as error:  # its text may quote what was said
            log.error("speech_unavailable", call_id=job.call_id, reason=type(error).__name__)
        self._listenings.pop(job.listening_id, None)
        self._tell(SpeechTold(job.call_id, SpeechUnavailable(job.token)))

    async def _listen(self, job: Listen) -> None:
        route = self._route(job.language)
        if isinstance(route, NoRoute):
            raise HearingUnavailable(f"{route.reason} -> callcenter models install")
        asked = OpenStream(
            job.listening_id, AUDIO_HZ, route.language, job.phrases, job.pause_ms, _MOST_BEHIND_MS
        )
        async with hearing(self._places.speech_socket(route.model_id), asked) as stream:
            self._listenings[job.listening_id].ear = Ear(stream)
            self._tell(SpeechReady(job.call_id, job.token))
            async for event in stream.events():
                if isinstance(event, StreamOverrun):
                    raise HearingUnavailable(f"the speech worker is too slow: {event.lost_ms} ms were lost")
                self._tell(SpeechTold(job.call_id, _heard(job.token, event)))
                _require_pace(job, stream, event)

    def _room_for_talks(self) -> int:
        """What callers in a flow leave, at most half."""
        return min(self._most // 2, self._most - len(self._listenings))

    def _route(self, language: str) -> Route | NoRoute:
        """The model that hears this language; looked up once."""
        if language not in self._routes:
            self._routes[language] = choose(self._settings, self._places, language)
        return self._routes[language]


def _heard(token: str, event: StreamPartial | StreamFinal) -> SpeechHeard:
    if isinstance(event, StreamPartial):
        return SpeechHeard(token, (HeardWord(event.text, 0.0),), final=False)
    return SpeechHeard(token, _words(event.segment))


def _words(segment: Segment) -> tuple[HeardWord, ...]:
    """The words of an utterance; of an engine that tells none, all of it as surely as can be."""
    words = tuple(HeardWord(word.text, word.confidence) for word in segment.words)
    return words or tuple(HeardWord(text, 1.0) for text in segment.text.split())


def _require_pace(job: Listen, stream: Hearing, event: StreamPartial | StreamFinal) -> None:
    """Raises HearingUnavailable when what was said is recognised too late to be an answer."""
    if isinstance(event, StreamFinal):
        behind_ms = stream.fed_ms - event.segment.end_ms - job.pause_ms
        if behind_ms > _MOST_BEHIND_MS:
            raise HearingUnavailable(f"the speech worker is {behind_ms} ms behind")
