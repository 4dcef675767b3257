"""What supervisors ask about calls, queues and agents, and agents about what supervisors wrote."""

from __future__ import annotations

import structlog
from aiohttp import web

from callcenter.domain import commands as c
from callcenter.web.access import session_of
from callcenter.web.live import live_call
from callcenter.web.ports import Centre
from callcenter.web.problems import not_found, refused
from callcenter.web.requests import answer, read_body
from callcenter.web.wire_api import MoveRequest, NoFields, SupervisionAnswer, WaitingRequest
from callcenter.web.wire_supervision import NoteReadRequest, NoteRequest, PickRequest, SupervisionRequest

_log = structlog.get_logger(__name__)


class SupervisionRoutes:
    """SupervisorCommands over HTTP. A call or queue of the path that is not there is 404; what the centre
    refuses is 409. The log keeps who asked for what."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre

    async def change_waiting(self, request: web.Request) -> web.Response:
        """POST /api/calls/{call_id}/waiting: another priority, other skills, or both"""
        call_id = self._call(request)
        asked = await read_body(request, WaitingRequest)
        return await self._ask(request, c.ChangeWaiting(call_id, asked.priority, asked.skills))

    async def move(self, request: web.Request) -> web.Response:
        """POST /api/calls/{call_id}/move: wait on in another queue"""
        call_id = self._call(request)
        asked = await read_body(request, MoveRequest)
        return await self._ask(request, c.MoveWaiting(call_id, asked.queue))

    async def open_queue(self, request: web.Request) -> web.Response:
        """POST /api/queues/{queue}/open"""
        queue = self._queue(request)
        await read_body(request, NoFields)
        return await self._ask(request, c.OpenQueue(queue))

    async def close_queue(self, request: web.Request) -> web.Response:
        """POST /api/queues/{queue}/close"""
        queue = self._queue(request)
        await read_body(request, NoFields)
        return await self._ask(request, c.CloseQueue(queue))

    async def supervise(self, request: web.Request) -> web.Response:
        """POST /api/calls/{call_id}/supervision: listen, whisper, barge or take over, at a phone or as the
        agent that the viewer is"""
        call_id, user = self._call(request), session_of(request).user
        asked = await read_body(request, SupervisionRequest)
        command = c.Supervise(call_id, asked.mode, user.name, user.agent_id, asked.phone)
        return await self._ask(request, command)

    async def stop_supervising(self, request: web.Request) -> web.Response:
        """POST /api/calls/{call_id}/supervision/stop"""
        call_id = self._call(request)
        await read_body(request, NoFields)
        return await self._ask(request, c.StopSupervising(call_id, session_of(request).user.name))

    async def pick(self, request: web.Request) -> web.Response:
        """POST /api/calls/{call_id}/pick: offer a waiting call to an agent now"""
        call_id = self._call(request)
        asked = await read_body(request, PickRequest)
        command = c.PickWaiting(call_id, asked.agent_id, session_of(request).user.name)
        return await self._ask(request, command)

    async def hang_up(self, request: web.Request) -> web.Response:
        """POST /api/calls/{call_id}/hang-up"""
        call_id = self._call(request)
        await read_body(request, NoFields)
        return await self._ask(request, c.HangUpCall(call_id, session_of(request).user.name))

    async def send_note(self, request: web.Request) -> web.Response:
        """POST /api/agents/{agent_id}/notes: write to the agent"""
        agent_id = self._agent(request)
        asked = await read_body(request, NoteRequest)
        return await self._ask(request, c.SendNote(agent_id, session_of(request).user.name, asked.text))

    async def read_note(self, request: web.Request) -> web.Response:
        """POST /api/agents/{agent_id}/notes/read: it need not be shown any more"""
        agent_id = self._agent(request)
        asked = await read_body(request, NoteReadRequest)
        result = await self._centre.agent_command(c.ReadNote(agent_id, asked.note_id))
        if isinstance(result, c.Refused):
            raise refused(result)
        return answer(SupervisionAnswer(seq=self._centre.view().seq))

    def _agent(self, request: web.Request) -> str:
        agent_id = request.match_info["agent_id"]
        if agent_id not in self._centre.view().agents:
            raise not_found("There is no such agent.", "GET /api/agents lists them.")
        return agent_id

    def _call(self, request: web.Request) -> str:
        call_id = request.match_info["call_id"]
        if live_call(self._centre.view(), call_id) is None:
            raise not_found("There is no such live call.", "GET /api/view lists the live calls.")
        return call_id

    def _queue(self, request: web.Request) -> str:
        queue = request.match_info["queue"]
        if queue not in self._centre.view().queues:
            raise not_found("There is no such queue.", "GET /api/view lists the queues.")
        return queue

    async def _ask(self, request: web.Request, command: c.SupervisorCommand) -> web.Response:
        result = await self._centre.supervisor_command(command)
        if isinstance(result, c.Refused):
            raise refused(result)
        _log.info("supervisor_command", user=session_of(request).user.name, command=repr(command))
        return answer(SupervisionAnswer(seq=self._centre.view().seq))
