"""The centre as it is now, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web

from callcenter.domain import commands as c
from callcenter.domain.missed_calls import ABANDONED, MissedCall
from callcenter.ports import CallHistory
from callcenter.web.access import session_of
from callcenter.web.figures import kpi_on_wire
from callcenter.web.live import (
    agent_on_wire,
    health_on_wire,
    sight_of_agent,
)
from callcenter.web.ports import Centre, User
from callcenter.web.problems import ApiProblem, not_found, refused
from callcenter.web.requests import answer, read_body
from callcenter.web.socket import SocketHub
from callcenter.web.wire import AgentAction, Wire
from callcenter.web.wire_api import (
    AgentsAnswer,
    CallRequest,
    CommandAnswer,
    DispositionRequest,
    ExtendWrapUpRequest,
    HealthAnswer,
    KpiAnswer,
    NoFields,
    OfferRequest,
    PauseRequest,
    PhoneRequest,
    TransferRequest,
)
from callcenter.web.wire_dialling import DialOutRequest, KeysRequest

_Make = Callable[[str, Any, str], c.AgentCommand]

COMMANDS: Mapping[AgentAction, tuple[type[Wire], _Make]] = {
    AgentAction.LOGIN: (PhoneRequest, lambda agent, asked, _: c.LogIn(agent, asked.phone)),
    AgentAction.CHANGE_PHONE: (PhoneRequest, lambda agent, asked, _: c.ChangePhone(agent, asked.phone)),
    AgentAction.LOGOUT: (NoFields, lambda agent, _, by: c.LogOut(agent, by)),
    AgentAction.READY: (NoFields, lambda agent, _, by: c.Ready(agent, by)),
    AgentAction.PAUSE: (PauseRequest, lambda agent, asked, by: c.Pause(agent, asked.reason, by)),
    AgentAction.END_WRAP_UP: (NoFields, lambda agent, *_: c.EndWrapUp(agent)),
    AgentAction.EXTEND_WRAP_UP: (
        ExtendWrapUpRequest,
        lambda agent, asked, _: c.ExtendWrapUp(agent, asked.extra_sec),
    ),
    AgentAction.DISPOSITION: (
        DispositionRequest,
        lambda agent, asked, _: c.GiveDisposition(agent, asked.call_id, asked.code),
    ),
    AgentAction.HOLD: (CallRequest, lambda agent, asked, _: c.Hold(agent, asked.call_id)),
    AgentAction.RETRIEVE: (CallRequest, lambda agent, asked, _: c.Retrieve(agent, asked.call_id)),
    AgentAction.TRANSFER: (
        TransferRequest,
        lambda agent, asked, _: c.Transfer(agent, asked.call_id, asked.kind, asked.target),
    ),
    AgentAction.CONSULT: (
        TransferRequest,
        lambda agent, asked, _: c.Consult(agent, asked.call_id, asked.kind, asked.target),
    ),
    AgentAction.SWAP: (CallRequest, lambda agent, asked, _: c.Swap(agent, asked.call_id)),
    AgentAction.CONFERENCE: (CallRequest, lambda agent, asked, _: c.Confer(agent, asked.call_id)),
    AgentAction.COMPLETE_TRANSFER: (
        CallRequest,
        lambda agent, asked, _: c.CompleteTransfer(agent, asked.call_id),
    ),
    AgentAction.END_CONSULT: (CallRequest, lambda agent, asked, _: c.EndConsult(agent, asked.call_id)),
    AgentAction.DIAL_OUT: (
        DialOutRequest,
        lambda agent, asked, _: c.DialOut(agent, asked.number, asked.call_id),
    ),
    AgentAction.KEYS: (KeysRequest, lambda agent, asked, _: c.PressKeys(agent, asked.call_id, asked.digits)),
    AgentAction.HANG_UP: (CallRequest, lambda agent, asked, _: c.HangUp(agent, asked.call_id)),
    AgentAction.DECLINE: (OfferRequest, lambda agent, asked, _: c.Decline(agent, asked.offer_id)),
}
"""What each action reads from the request, and the command it becomes: made of the agent id, what was read,
and who acts in the agent's place (empty for the agent)."""


class LiveRoutes:
    """The live centre over HTTP."""

    def __init__(self, centre: Centre, hub: SocketHub, history: CallHistory) -> None:
        self._centre = centre
        self._hub = hub
        self._history = history

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
            user = session_of(request).user
            asked = await read_body(request, model)
            wanted = await self._complete(make(agent_id, asked, _in_place_of(agent_id, user)))
            result = await self._centre.agent_command(wanted)
            if isinstance(result, c.Refused):
                raise refused(result)
            view = self._centre.view()
            known = agent_id in view.agents
            agent = agent_on_wire(view, agent_id, sight_of_agent(user, agent_id)) if known else None
            return answer(CommandAnswer(seq=view.seq, agent=agent))

        return ask

    async def _complete(self, command: c.AgentCommand) -> c.AgentCommand:
        """With the caller out of the record, when it is to be called whose call the centre has forgotten."""
        if not isinstance(command, c.DialOut) or command.missed_call_id in ("", *self._centre.view().calls):
            return command
        return replace(command, missed=await self._recorded(command.missed_call_id))

    async def _recorded(self, call_id: str) -> MissedCall | None:
        call = await self._history.call(call_id)
        if call is None or call.ended_at is None or call.outcome not in ABANDONED or call.call_back_of:
            return None
        return MissedCall(
            call_id, call.trunk, call.did, call.caller, call.queue, call.arrived_at, call.ended_at
        )


def _in_place_of(agent_id: str, user: User) -> str:
    """The name of the user who acts for another agent; empty when the agent does it."""
    return "" if user.agent_id == agent_id else user.name
