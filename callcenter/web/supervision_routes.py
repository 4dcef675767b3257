"""What supervisors ask about waiting calls and about queues."""

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
