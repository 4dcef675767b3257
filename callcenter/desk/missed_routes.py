"""Missed callers, over HTTP."""

from __future__ import annotations

from aiohttp import web

from callcenter.desk.missed import MissedCalls
from callcenter.web.access import Access, Route, session_of
from callcenter.web.live import Sight, mask_number, sight_of_call
from callcenter.web.ports import Centre
from callcenter.web.requests import answer
from callcenter.web.wire import instant
from callcenter.web.wire_dialling import MissedCall, MissedCallsAnswer


class MissedCallRoutes:
    """For agents, of the queues that they serve; for whoever may see any call, of all queues."""

    def __init__(self, missed: MissedCalls, centre: Centre) -> None:
        self._missed = missed
        self._centre = centre

    def table(self) -> tuple[Route, ...]:
        """The one route."""
        return (Route("GET", "/api/missed-calls", Access.OWN_CALL, self.missed, answers=MissedCallsAnswer),)

    async def missed(self, request: web.Request) -> web.Response:
        """GET /api/missed-calls: of today and yesterday, with whom nobody has talked since"""
        user = session_of(request).user
        masked = sight_of_call(user, ()) is Sight.MASKED
        agent = self._centre.view().agents.get(user.agent_id or "")
        queues = () if agent is None else agent.queues
        missed = await self._missed.of(None if user.agent_id is None else queues)
        calls = [
            MissedCall(
                call_id=call.call_id,
                caller=mask_number(call.caller) if masked else call.caller,
                queue=call.queue,
                ended_at=instant(call.ended_at),
                today=call.ended_at >= missed.midnight,
            )
            for call in missed.calls
        ]
        return answer(MissedCallsAnswer(calls=calls, whole=missed.whole))
