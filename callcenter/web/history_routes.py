"""Calls, their routing, recordings, transcripts and tickets of the record."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import structlog
from aiohttp import hdrs, web

from callcenter.call_search import CallLine, CallPlace, CallsWanted
from callcenter.domain.call_life import CallLife, life_of
from callcenter.domain.events import CallWaits, OfferMade
from callcenter.ports import CallHistory, CallRecord, FinishedRecording, TranscriptRecord
from callcenter.web import wire_api as wire
from callcenter.web.access import require_part, session_of
from callcenter.web.explained import decision_on_wire, wait_on_wire
from callcenter.web.live import mask_name, mask_number
from callcenter.web.problems import ApiProblem, forbidden, not_found
from callcenter.web.requests import answer, read_query
from callcenter.web.rights import ROLES, Access
from callcenter.web.wire import instant, instant_or_none
from callcenter.web.wire_history import CallLine as WireLine
from callcenter.web.wire_history import (
    CallsAnswer,
    CallsRequest,
    LifeAnswer,
    LifeMark,
    LifeSpan,
    SaidExcerpt,
    WaveformAnswer,
)
from recorder.model import RecordingUnusable

if TYPE_CHECKING:
    from recorder.waveform import Waveform

_log = structlog.get_logger(__name__)


class HistoryRoutes:
    """The record over HTTP."""

    def __init__(self, history: CallHistory, recordings_dir: Path) -> None:
        self._history = history
        self._recordings_dir = recordings_dir.resolve()

    async def call(self, request: web.Request) -> web.Response:
        """GET /api/calls/{call_id}"""
        record = await self._own_call(request)
        return answer(_call_on_wire(record, masked=is_masked(request, record.agent_ids)))

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
        path = self._sound(record)
        headers = {hdrs.CONTENT_TYPE: "audio/wav"}
        if asked.download:
            headers[hdrs.CONTENT_DISPOSITION] = (
                f"attachment; filename*=UTF-8''{quote(record.call_id, safe='')}.wav"
            )
        return web.FileResponse(path, headers=headers)

    async def waveform(self, request: web.Request) -> web.Response:
        """GET /api/calls/{call_id}/waveform: the shape of the sound"""
        path = self._sound(await self._own_call(request))
        try:
            shape = await asyncio.to_thread(_waveform, path)
        except RecordingUnusable as error:
            raise ApiProblem(410, "recording_gone", str(error), "Restore the recording's file.") from None
        return answer(
            WaveformAnswer(duration_ms=shape.duration_ms, peaks=[list(side) for side in shape.peaks])
        )

    async def life(self, request: web.Request) -> web.Response:
        """GET /api/calls/{call_id}/life: the call over time"""
        record = await self._own_call(request)
        life = life_of(await self._history.life(record.call_id) or ())
        return answer(_life_on_wire(record.call_id, life))

    async def calls(self, request: web.Request) -> web.Response:
        """GET /api/calls?since=&until=&queue=&...: the list of calls; of an agent, those that were theirs"""
        asked = read_query(request, CallsRequest)
        viewer = session_of(request).user
        wanted = _wanted(asked)
        if viewer.role not in ROLES[Access.RECORD]:
            if viewer.agent_id is None or asked.agent not in (None, viewer.agent_id):
                raise forbidden("These calls were not yours.")
            wanted = replace(wanted, agent_id=viewer.agent_id)
        found = await self._history.calls(wanted, asked.limit)
        last = found.calls[-1] if found.calls and found.more else None
        return answer(
            CallsAnswer(
                calls=[line_on_wire(line, masked=is_masked(request, line.agent_ids)) for line in found.calls],
                next=f"{last.arrived_at}.{last.call_id}" if last else None,
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

    def _sound(self, record: CallRecord) -> Path:
        """The recording's file."""
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
        return path

    async def _own_call(self, request: web.Request) -> CallRecord:
        record = await self._history.call(request.match_info["call_id"])
        if record is None:
            raise not_found("There is no such call.")
        require_part(session_of(request), record.agent_ids)
        return record


def is_masked(request: web.Request, agent_ids: tuple[str, ...]) -> bool:
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
        ended_at=instant_or_none(record.ended_at),
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
                ended_at=instant_or_none(send.ended_at),
                detail=send.detail,
            )
            for send in record.sends
        ],
        flow=record.flow,
        hold_ms=record.hold_ms,
    )


def _wanted(asked: CallsRequest) -> CallsWanted:
    since, until = (
        None if moment is None else round(moment.timestamp() * 1000) for moment in (asked.since, asked.until)
    )
    arrived_at, _, call_id = (asked.before or "").partition(".")
    return CallsWanted(
        since_at=since,
        until_at=until,
        queue=asked.queue,
        agent_id=asked.agent,
        caller=asked.caller,
        did=asked.did,
        outcome=asked.outcome,
        flow=asked.flow,
        language=asked.language,
        recorded=asked.recorded,
        least_wait_ms=asked.least_wait_sec * 1000,
        least_talk_ms=asked.least_talk_sec * 1000,
        words=asked.words.strip(),
        before=CallPlace(int(arrived_at), call_id) if asked.before else None,
    )


def line_on_wire(line: CallLine, *, masked: bool) -> WireLine:
    """A call in a list of calls."""
    return WireLine(
        call_id=line.call_id,
        arrived_at=instant(line.arrived_at),
        ended_at=instant_or_none(line.ended_at),
        caller=mask_number(line.caller) if masked else line.caller,
        caller_name=mask_name(line.caller_name) if masked else line.caller_name,
        did=line.did,
        language=line.language,
        flow=line.flow,
        queue=line.queue,
        outcome=line.outcome,
        wait_ms=line.wait_ms,
        talk_ms=line.talk_ms,
        agent_ids=list(line.agent_ids),
        recorded=line.recorded,
        call_back_of=line.call_back_of,
        excerpts=[SaidExcerpt(leg=one.leg, text=one.text) for one in line.excerpts],
    )


def _life_on_wire(call_id: str, life: CallLife) -> LifeAnswer:
    return LifeAnswer(
        call_id=call_id,
        ended_at=instant_or_none(life.ended_at),
        spans=[
            LifeSpan(
                lane=span.lane,
                name=span.name,
                began_at=instant(span.began_at),
                ended_at=instant_or_none(span.ended_at),
                end=span.end,
                offset_ms=span.offset_ms,
            )
            for span in life.spans
        ],
        marks=[LifeMark(kind=mark.kind, at=instant(mark.at), name=mark.name) for mark in life.marks],
    )


def _waveform(path: Path) -> Waveform:
    from recorder.waveform import waveform  # numpy is not needed before: the controller starts faster without

    return waveform(path)


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
