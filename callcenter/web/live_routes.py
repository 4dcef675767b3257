"""The centre as it is now, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web

from callcenter.domain import commands as c
from callcenter.web.access import session_of
from callcenter.web.live import agent_on_wire, health_on_wire, kpi_on_wire, sight_of_agent
from callcenter.web.ports import Centre
from callcenter.web.problems import ApiProblem, not_found
from callcenter.web.requests import answer, read_body
from callcenter.web.socket import SocketHub
from callcenter.web.wire import AgentAction, Wire
from callcenter.web.wire_api import (
    AgentsAnswer,
    CallRequest,
    CommandAnswer,
    HealthAnswer,
    KpiAnswer,
    NoFields,
    OfferRequest,
    PauseRequest,
    PhoneRequest,
    TransferRequest,
)

_Make = Callable[[str, Any], c.AgentCommand]

COMMANDS: Mapping[AgentAction, tuple[type[Wire], _Make]] = {
    AgentAction.LOGIN: (PhoneRequest, lambda agent, asked: c.LogIn(agent, asked.phone)),
    AgentAction.LOGOUT: (NoFields, lambda agent, _: c.LogOut(agent)),
    AgentAction.READY: (NoFields, lambda agent, _: c.Ready(agent)),
    AgentAction.PAUSE: (PauseRequest, lambda agent, asked: c.Pause(agent, asked.reason)),
    AgentAction.END_WRAP_UP: (NoFields, lambda agent, _: c.EndWrapUp(agent)),
    AgentAction.HOLD: (CallRequest, lambda agent, asked: c.Hold(agent, asked.call_id)),
    AgentAction.RETRIEVE: (CallRequest, lambda agent, asked: c.Retrieve(agent, asked.call_id)),
    AgentAction.TRANSFER: (
        TransferRequest,
        lambda agent, asked: c.Transfer(agent, asked.call_id, asked.kind, asked.target),
    ),
    AgentAction.HANG_UP: (CallRequest, lambda agent, asked: c.HangUp(agent, asked.call_id)),
    AgentAction.DECLINE: (OfferRequest, lambda agent, asked: c.Decline(agent, asked.offer_id)),
}
"""What each action reads from the request, and the command it becomes."""


class LiveRoutes:
    """The live centre over HTTP."""

    def __init__(self, centre: Centre, hub: SocketHub) -> None:
        self._centre = centre
        self._hub = hub

    async def socket(self, request: web.Request) -> web.StreamResponse:
        """GET /api/socket: see callcenter.web.socket"""
        if self._hub.full:
            raise ApiProblem(503, "too_many_sockets", "All live sockets are taken.", "Try again in a while.")
        try:
            return await self._hub.serve(request, session_of(request))
        except web.HTTPBadRequest:
            raise ApiProblem(
                400, "not_a_websocket", "This is a WebSocket.", "Connect with a WebSocket client."
            ) from None

    async def view(self, request: web.Request) -> web.Response:
        """GET /api/view: the snapshot, as the socket sends it"""
        snapshot = self._hub.snapshot(session_of(request).user)
        return web.Response(body=snapshot, content_type="application/json", charset="utf-8")

    async def agents(self, request: web.Request) -> web.Response:
        """GET /api/agents"""
        view, user = self._centre.view(), session_of(request).user
        agents = [agent_on_wire(view, agent_id, sight_of_agent(user, agent_id)) for agent_id in view.agents]
        return answer(AgentsAnswer(seq=view.seq, agents=agents))

    async def kpi(self, _: web.Request) -> web.Response:
        """GET /api/kpi"""
        view = self._centre.view()
        return answer(KpiAnswer(seq=view.seq, kpi=kpi_on_wire(view.kpi())))

    async def health(self, _: web.Request) -> web.Response:
        """GET /healthz: 200 while all is up, else 503 (telephony may well go on). Anybody may ask, so it
        tells no detail."""
        components = [health_on_wire(replace(health, detail="")) for health in self._centre.view().health]
        ok = all(component.up for component in components)
        return answer(HealthAnswer(ok=ok, components=components), status=200 if ok else 503)

    def command(self, action: AgentAction) -> Callable[[web.Request], Any]:
        """POST /api/agents/{agent_id}/{action}"""
        model, make = COMMANDS[action]

        async def ask(request: web.Request) -> web.Response:
            agent_id = request.match_info["agent_id"]
            if agent_id not in self._centre.view().agents:
                raise not_found("There is no such agent.", "GET /api/agents lists them.")
            result = await self._centre.agent_command(make(agent_id, await read_body(request, model)))
            if isinstance(result, c.Refused):
                raise ApiProblem(409, "refused", result.reason, result.cure)
            view, user = self._centre.view(), session_of(request).user
            known = agent_id in view.agents
            agent = agent_on_wire(view, agent_id, sight_of_agent(user, agent_id)) if known else None
            return answer(CommandAnswer(seq=view.seq, agent=agent))

        return ask
