"""Softphones over HTTP."""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp
from aiohttp import web

from callcenter.audit.model import AuditDeed
from callcenter.domain.commands import PhoneRestarted, Refused
from callcenter.domain.softphones import ECHO
from callcenter.phone_registrar import SwitchRefused
from callcenter.softphones.proxy import SipProxy
from callcenter.softphones.service import Softphones
from callcenter.web.access import Access, Route, session_of
from callcenter.web.noting import Noted
from callcenter.web.ports import Centre, User
from callcenter.web.problems import ApiProblem, forbidden, not_found, refused
from callcenter.web.requests import answer, read_body
from callcenter.web.wire import instant
from callcenter.web.wire_softphone import IceServer, SoftphoneAnswer, SoftphoneRequest, SoftphoneState

_TRY_AGAIN = "Calls go on; try again in a moment, or work at a desk phone."


@dataclass(frozen=True, slots=True)
class SoftphoneRoutes:
    """What the page of an agent needs to be a telephone; only ever for the agent's own."""

    softphones: Softphones
    proxy: SipProxy
    centre: Centre
    ice_servers: tuple[IceServer, ...] = ()

    def table(self) -> tuple[Route, ...]:
        """Every route with its access."""
        path = "/api/agents/{agent_id}/softphone"
        given = Noted(AuditDeed.PHONE_GIVEN, in_parts=True)
        return (
            Route("GET", path, Access.OWN_AGENT, self.state, answers=SoftphoneState),
            Route(
                "POST", path, Access.OWN_AGENT, self.issue, SoftphoneRequest, SoftphoneAnswer, given,
                (409, 503),
            ),
            Route("GET", "/sip", Access.LOGGED_IN, self.sip, problems=(400, 503), status=101),
        )  # fmt: skip

    async def left(self, user: User) -> None:
        """The user logged out: their phone goes, too."""
        if user.agent_id is not None:
            self.proxy.drop(user.agent_id)
            await self.softphones.withdraw(user.agent_id)

    async def state(self, request: web.Request) -> web.Response:
        """GET /api/agents/{agent_id}/softphone: which credentials are good"""
        return answer(SoftphoneState(issue=self.softphones.latest(self._own(request))))

    async def issue(self, request: web.Request) -> web.Response:
        """POST /api/agents/{agent_id}/softphone: new credentials; those before are void"""
        agent_id = self._own(request)
        asked = await read_body(request, SoftphoneRequest)
        try:
            phone = await self.softphones.issue(agent_id)
        except SwitchRefused as error:
            raise ApiProblem(503, "switch_away", str(error), _TRY_AGAIN) from None
        if asked.restarted:
            self.proxy.drop(agent_id)  # whichever page was the phone so far learns that it is no more
            told = await self.centre.agent_command(PhoneRestarted(agent_id, phone.name))
            if isinstance(told, Refused):
                raise refused(told)
        return answer(
            SoftphoneAnswer(
                phone=phone.name,
                password=phone.password,
                issue=phone.issue,
                expires_at=instant(phone.expires_at),
                echo=ECHO,
                ice_servers=list(self.ice_servers),
            )
        )

    async def sip(self, request: web.Request) -> web.StreamResponse:
        """GET /sip: a WebSocket that speaks SIP (RFC 7118)"""
        session = session_of(request)
        if session.user.agent_id is None:
            raise forbidden("Only who takes calls has a softphone.")
        try:
            return await self.proxy.serve(request, session, session.user.agent_id)
        except web.HTTPBadRequest:
            raise ApiProblem(
                400, "not_a_websocket", "This is a WebSocket.", "Connect with a WebSocket client."
            ) from None
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise ApiProblem(
                503, "switch_away", "The telephone switch cannot be reached.", _TRY_AGAIN
            ) from None

    def _own(self, request: web.Request) -> str:
        """The agent of the path. Nobody, whatever their role, gets to be the phone of somebody else."""
        agent_id = request.match_info["agent_id"]
        if session_of(request).user.agent_id != agent_id:
            raise forbidden("A softphone is given to its own agent only.")
        if agent_id not in self.centre.view().agents:
            raise not_found("There is no such agent.", "GET /api/agents lists them.")
        return agent_id
