"""What is said in a live call, read over HTTP while it is said: a stream of server-sent events.

A reader gets what stands when it can take it, so nothing piles up for a slow one; one that takes nothing for
too long is cut, and its browser comes back by itself. Nothing is sent after the right to it has ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Literal

import structlog
from aiohttp import web

from callcenter.audit.model import AuditDeed
from callcenter.listening.transcript import LiveTranscript, LiveTranscripts, Utterance
from callcenter.web import wire_live_transcript as wire
from callcenter.web.access import EVENT_STREAM, Access, Media, Route, session_of
from callcenter.web.auth import Session
from callcenter.web.live import live_call
from callcenter.web.noting import Noted
from callcenter.web.ports import Centre, Role
from callcenter.web.problems import forbidden, not_found
from callcenter.web.wire import Wire, instant

log = structlog.get_logger(__name__)

COME_BACK_MS = 1000
LOOK_S = 1.0
"""So soon a reader who has lost the right is gone, though nothing is said."""
BEAT_S = 10.0
"""A line without words is proved so often."""
TAKEN_WITHIN_S = 10.0

_End = Literal["over", "not_yours", "logged_out"]


class LiveTranscriptRoutes:
    """For the agent who has the call, as long as they have it, and for whoever may read the record."""

    def __init__(
        self,
        transcripts: LiveTranscripts,
        centre: Centre,
        alive: Callable[[Session], bool],
        clock: Callable[[], int],
    ) -> None:
        self._transcripts = transcripts
        self._centre = centre
        self._alive = alive
        self._clock = clock
        self._readers: set[asyncio.Task[object]] = set()

    @property
    def readers(self) -> int:
        """How many read just now."""
        return len(self._readers)

    def table(self) -> tuple[Route, ...]:
        """Every route with its access."""
        path, seen = "/api/calls/{call_id}/live-transcript", AuditDeed.LIVE_TRANSCRIPT_READ
        noted = Noted(seen, for_others=True, in_parts=True)
        return (Route("GET", path, Access.OWN_CALL, self.read, None, Media(EVENT_STREAM), noted),)

    async def close(self, _: web.Application) -> None:
        """Send all readers away; they come back when the centre does."""
        for reader in self._readers:
            reader.cancel()

    async def read(self, request: web.Request) -> web.StreamResponse:
        """GET /api/calls/{call_id}/live-transcript"""
        session, call_id = session_of(request), request.match_info["call_id"]
        match self._end(session, call_id):
            case "not_yours":
                raise forbidden("This call is not with you now.")
            case "over":
                raise not_found("There is no such live call.")
        if not self._is_read(call_id):
            raise not_found("What is said in calls of this queue is not read while it is said.")
        response = web.StreamResponse(headers={"Content-Type": EVENT_STREAM, "X-Accel-Buffering": "no"})
        await response.prepare(request)
        reader = asyncio.current_task()
        assert reader is not None
        self._readers.add(reader)
        try:
            await self._tell(response, session, call_id)
        except TimeoutError:
            log.info("live_transcript_reader_too_slow", call_id=call_id, user=session.user.name)
            if request.transport is not None:
                request.transport.abort()
        except ConnectionError:
            pass
        finally:
            self._readers.discard(reader)
        return response

    async def _tell(self, response: web.StreamResponse, session: Session, call_id: str) -> None:
        """All there is, then every change, until the right to it ends. Raises TimeoutError and
        ConnectionError."""
        await _send(response, f"retry: {COME_BACK_MS}\n\n")
        nothing_yet = LiveTranscript(self._clock())
        known: LiveTranscript | None = None
        revision = beat = 0
        while (end := self._end(session, call_id)) is None:
            said = self._transcripts.find(call_id) or nothing_yet
            if said is not known:
                known, revision = said, said.revision
                await _send(response, _event("picture", _picture(said)))
            elif said.revision != revision:
                changed, revision = said.since(revision), said.revision
                await _send(response, _event("change", _change(said, changed)))
            elif (beat := beat + 1) * LOOK_S >= BEAT_S:
                beat = 0
                await _send(response, ":\n\n")
            if said.revision == revision:
                await said.changes(LOOK_S)
        await _send(response, _event("end", wire.LiveTranscriptEnd(reason=end)))

    def _end(self, session: Session, call_id: str) -> _End | None:
        """Why nothing of the call may be read (any more) in this session."""
        if not self._alive(session):
            return "logged_out"
        call, user = live_call(self._centre.view(), call_id), session.user
        talk = call.conversation if call is not None else None
        if user.role is Role.AGENT and (talk is None or talk.agent_id != user.agent_id):
            return "not_yours"
        return "over" if call is None else None

    def _is_read(self, call_id: str) -> bool:
        """Whether something of the call was read already, or its queue wants its talks to be."""
        view = self._centre.view()
        queue = view.queues.get(view.calls[call_id].queue or "")
        return self._transcripts.find(call_id) is not None or (queue is not None and queue.live_transcript)


async def _send(response: web.StreamResponse, text: str) -> None:
    async with asyncio.timeout(TAKEN_WITHIN_S):
        await response.write(text.encode())


def _event(name: str, told: Wire) -> str:
    return f"event: {name}\ndata: {told.model_dump_json()}\n\n"


def _picture(said: LiveTranscript) -> wire.LiveTranscript:
    return wire.LiveTranscript(
        began_at=instant(said.began_at),
        reading=said.reading,
        why=said.why,
        utterances=_on_wire(said.since(0)),
    )


def _change(said: LiveTranscript, changed: Sequence[Utterance]) -> wire.LiveTranscriptChange:
    return wire.LiveTranscriptChange(reading=said.reading, why=said.why, utterances=_on_wire(changed))


def _on_wire(utterances: Sequence[Utterance]) -> list[wire.LiveUtterance]:
    return [
        wire.LiveUtterance(
            number=one.number,
            side="caller" if one.side == "caller" else "agent",
            text=one.text,
            is_final=one.is_final,
            lost=one.lost,
            at=instant(one.at),
        )
        for one in utterances
    ]
