"""Calls, their routing, recordings, transcripts and tickets of the record."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import structlog
from aiohttp import hdrs, web

from callcenter.domain.events import CallWaits, OfferMade
from callcenter.ports import CallHistory, CallRecord, FinishedRecording, TranscriptRecord
from callcenter.web import wire_api as wire
from callcenter.web.access import require_part, session_of
from callcenter.web.explained import decision_on_wire, wait_on_wire
from callcenter.web.live import mask_name, mask_number
from callcenter.web.problems import ApiProblem, not_found
from callcenter.web.requests import answer, read_query
from callcenter.web.wire import instant

_SEARCH_LIMIT = 100

_log = structlog.get_logger(__name__)


class HistoryRoutes:
    """The record over HTTP."""

    def __init__(self, history: CallHistory, recordings_dir: Path) -> None:
        self._history = history
        self._recordings_dir = recordings_dir.resolve()

    async def call(self, request: web.Request) -> web.Response:
        """GET /api/calls/{call_id}"""
        record = await self._own_call(request)
        return answer(_call_on_wire(record, masked=_masked(request, record.agent_ids)))

    async def decisions(self, request: web.Request) -> web.Response:
        """GET /api/calls/{call_id}/decisions?lang=&agent=: why each agent was rung and why it waited"""
        asked = read_query(request, wire.DecisionsRequest)
        call_id = request.match_info["call_id"]
        routing = await self._history.routing(call_id)
        if routing is None:
            raise not_found("There is no such call.")
        return answer(
            wire.DecisionsAnswer(
                call_id=call_id,
                decisions=[decision_on_wire(made, asked) for made in routing if isinstance(made, OfferMade)],
                waits=[wait_on_wire(noted, asked) for noted in routing if isinstance(noted, CallWaits)],
            )
        )

    async def recording(self, request: web.Request) -> web.StreamResponse:
        """GET /api/calls/{call_id}/recording: the sound, whole or a range; to keep it takes a reason"""
        asked = read_query(request, wire.RecordingRequest)
        record = await self._own_call(request)
        if record.recording is None:
            raise not_found("This call has no recording.", "GET /api/calls/{call_id} tells what it has.")
        path = (self._recordings_dir / record.recording.path).resolve()
        if not path.is_relative_to(self._recordings_dir) or not path.is_file():
            _log.error("recording_file_missing", call_id=record.call_id)
            raise ApiProblem(
                410,
                "recording_gone",
                "The recording's file is not where the record says.",
                f"Restore it below the recordings directory; its SHA-256 is {record.recording.sha256}.",
            )
        _log.info("recording_opened", call_id=record.call_id, user=session_of(request).user.name)
        headers = {hdrs.CONTENT_TYPE: "audio/wav"}
        if asked.download:
            headers[hdrs.CONTENT_DISPOSITION] = (
                f"attachment; filename*=UTF-8''{quote(record.call_id, safe='')}.wav"
            )
        return web.FileResponse(path, headers=headers)

    async def search(self, request: web.Request) -> web.Response:
        """GET /api/search?q=: transcripts that contain the words"""
        hits = await self._history.search(read_query(request, wire.SearchRequest).q, _SEARCH_LIMIT)
        return answer(
            wire.SearchAnswer(
                hits=[
                    wire.SearchHit(
                        call_id=hit.call_id,
                        leg=hit.leg,
                        arrived_at=instant(hit.arrived_at),
                        excerpt=hit.excerpt,
                    )
                    for hit in hits
                ]
            )
        )

    async def ticket(self, request: web.Request) -> web.Response:
        """GET /api/tickets/{ticket_id}"""
        ticket = await self._history.ticket(request.match_info["ticket_id"])
        if ticket is None:
            raise not_found("There is no such ticket.")
        masked = not session_of(request).user.sees_numbers
        return answer(
            wire.Ticket(
                ticket_id=ticket.ticket_id,
                number=ticket.number,
                state=ticket.state,
                category=ticket.category,
                text=ticket.text,
                caller=mask_number(ticket.caller) if masked else ticket.caller,
                queue=ticket.queue,
                call_ids=list(ticket.call_ids),
                opened_at=instant(ticket.opened_at),
                changed_at=instant(ticket.changed_at),
                fields=dict(ticket.fields),
            )
        )

    async def _own_call(self, request: web.Request) -> CallRecord:
        record = await self._history.call(request.match_info["call_id"])
        if record is None:
            raise not_found("There is no such call.")
        require_part(session_of(request), record.agent_ids)
        return record


def _masked(request: web.Request, agent_ids: tuple[str, ...]) -> bool:
    """Whether the caller is hidden: from whoever neither has the right nor talked in the call."""
    user = session_of(request).user
    return not user.sees_numbers and user.agent_id not in agent_ids


def _call_on_wire(record: CallRecord, *, masked: bool) -> wire.CallDetail:
    return wire.CallDetail(
        call_id=record.call_id,
        trunk=record.trunk,
        did=record.did,
        caller=mask_number(record.caller) if masked else record.caller,
        caller_name=mask_name(record.caller_name) if masked else record.caller_name,
        language=record.language,
        flow_path=list(record.flow_path),
        queue=record.queue,
        outcome=record.outcome,
        arrived_at=instant(record.arrived_at),
        ended_at=None if record.ended_at is None else instant(record.ended_at),
        wait_ms=record.wait_ms,
        talk_ms=record.talk_ms,
        agent_ids=list(record.agent_ids),
        recording=_recording_on_wire(record.call_id, record.recording) if record.recording else None,
        transcripts=[_transcript_on_wire(said) for said in record.transcripts],
        ticket_id=record.ticket_id,
        decisions=[dict(decision) for decision in record.decisions],
        call_back_of=record.call_back_of,
        sends=[
            wire.Send(
                webhook=send.webhook,
                asked_at=instant(send.asked_at),
                outcome=send.outcome.value,
                ended_at=None if send.ended_at is None else instant(send.ended_at),
                detail=send.detail,
            )
            for send in record.sends
        ],
    )


def _recording_on_wire(call_id: str, recording: FinishedRecording) -> wire.Recording:
    return wire.Recording(
        url=f"/api/calls/{quote(call_id, safe='')}/recording",
        sha256=recording.sha256,
        duration_ms=recording.duration_ms,
        channel_rms_dbfs=recording.channel_rms_dbfs,
    )


def _transcript_on_wire(said: TranscriptRecord) -> wire.Transcript:
    return wire.Transcript(
        leg=said.leg,
        language=said.language,
        engine=said.engine,
        model=said.model,
        text=said.text,
        segments=[dict(segment) for segment in said.segments],
    )
