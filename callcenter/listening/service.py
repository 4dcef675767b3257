"""Live recognition beside the Centre: takes the audio of each listening, and posts what was heard.

Telephony never waits for it: there are no more listenings than the machine can follow, audio that the
recogniser does not take in time ends the listening, and whoever is not listened to goes on by keys.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from asr.hearing import Hearing, HearingUnavailable, hearing
from asr.model import Segment
from asr.protocol import OpenStream, StreamFinal, StreamPartial
from asr.routing import NoRoute, Route
from callcenter.controller.messages import (
    Listen,
    Message,
    NoLongerListen,
    SpeechJob,
    SpeechReady,
    SpeechTold,
)
from callcenter.places import Places
from callcenter.settings import Settings
from callcenter.speech import choose, live_streams
from ivr_flows.effects import HeardWord, SpeechHeard, SpeechUnavailable

log = structlog.get_logger(__name__)

AUDIO_HZ = 16_000
_PIECE_BYTES = AUDIO_HZ // 10 * 2
"""Audio goes to the recogniser in pieces of 100 ms."""
_MOST_BEHIND_MS = 2000
"""Whoever has to wait longer for what they said is better served by keys."""


@dataclass(slots=True, eq=False)
class _Listening:
    task: asyncio.Task[None]
    stream: Hearing | None = None
    waiting: bytearray = field(default_factory=bytearray)


class LiveSpeech:
    """Runs the listenings of one controller; used from one event loop only. What was said is in no log."""

    def __init__(self, settings: Settings, places: Places) -> None:
        self._settings = settings
        self._places = places
        self._most = live_streams(settings)
        self._routes: dict[str, Route | NoRoute] = {}
        self._post: Callable[[Message], None] | None = None
        self._listenings: dict[str, _Listening] = {}
        self._ending: set[asyncio.Task[None]] = set()

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
            case NoLongerListen(listening_id):
                self._end(listening_id)

    def hear(self, listening_id: str, pcm: bytes) -> None:
        """The next audio of a listening: 16-bit mono PCM at 16 kHz."""
        listening = self._listenings.get(listening_id)
        if listening is None or listening.stream is None:
            return
        listening.waiting += pcm
        if len(listening.waiting) < _PIECE_BYTES:
            return
        piece = bytes(listening.waiting)
        listening.waiting.clear()
        if not listening.stream.feed(piece):
            listening.task.cancel("the speech worker takes no audio")

    async def close(self) -> None:
        """End all listenings."""
        for listening_id in list(self._listenings):
            self._end(listening_id)
        await asyncio.gather(*self._ending, return_exceptions=True)

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
        asked = OpenStream(
            job.listening_id, AUDIO_HZ, route.language, job.phrases, job.pause_ms, _MOST_BEHIND_MS
        )
        async with hearing(self._places.speech_socket(route.model_id), asked) as stream:
            self._listenings[job.listening_id].stream = stream
            self._tell(SpeechReady(job.call_id, job.token))
            async for event in stream.events():
                self._tell(SpeechTold(job.call_id, _heard(job.token, event)))
                _require_pace(job, stream, event)

    def _route(self, language: str) -> Route:
        """The model that hears this language; looked up once."""
        if language not in self._routes:
            self._routes[language] = choose(self._settings, self._places, language)
        route = self._routes[language]
        if isinstance(route, NoRoute):
            raise HearingUnavailable(f"{route.reason} -> callcenter models install")
        return route


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
