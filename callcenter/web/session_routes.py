"""Log-in, log-out and who am I."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import hdrs, web

from callcenter.web.access import same_origin, session_of
from callcenter.web.auth import COOKIE, LoginGuard, Session, Sessions
from callcenter.web.live import viewer_on_wire
from callcenter.web.ports import User, Users
from callcenter.web.problems import ApiProblem
from callcenter.web.requests import answer, read_body
from callcenter.web.socket import SocketHub
from callcenter.web.wire_api import LoginAnswer, LoginRequest, MeAnswer

_VERIFICATIONS_AT_ONCE = 2
"""argon2id takes 64 MiB and a core for 0.2 s each time; more at once would starve the calls."""

_log = structlog.get_logger(__name__)


class SessionRoutes:
    """Sessions over HTTP."""

    def __init__(
        self,
        users: Users,
        sessions: Sessions,
        guard: LoginGuard,
        hub: SocketHub,
        secure_cookies: bool,
        left: Callable[[User], Awaitable[None]] | None = None,
    ) -> None:
        self._users = users
        self._sessions = sessions
        self._guard = guard
        self._hub = hub
        self._secure_cookies = secure_cookies
        self._left = left
        self._verifying = asyncio.Semaphore(_VERIFICATIONS_AT_ONCE)

    async def login(self, request: web.Request) -> web.Response:
        """POST /api/login"""
        if not same_origin(request):
            raise ApiProblem(
                403, "foreign_origin", "The request comes from another site.", "Use the centre's own page."
            )
        asked = await read_body(request, LoginRequest)
        user = await self._verified(asked, request.remote or "")
        token, session = await self._sessions.begin(user)
        _log.info("logged_in", user=user.name, role=user.role)
        for_page = asked.client == "page"
        response = answer(
            LoginAnswer(
                viewer=viewer_on_wire(user),
                csrf_token=session.csrf_token,
                token=None if for_page else token,
            )
        )
        if for_page:
            response.set_cookie(
                COOKIE, token, httponly=True, samesite="Strict", secure=self._secure_cookies, path="/"
            )
        return response

    async def _verified(self, asked: LoginRequest, address: str) -> User:
        async with self._verifying:
            self._refuse_locked(asked.name, address)
            user = await self._users.verify(asked.name, asked.password)
            if user is None:
                self._guard.failed(asked.name, address)
        if user is None:
            _log.warning("login_failed", address=address)
            raise ApiProblem(
                401,
                "wrong_login",
                "The name or the password is wrong.",
                "Try again, or ask an administrator.",
            )
        self._guard.succeeded(asked.name)
        return user

    def _refuse_locked(self, name: str, address: str) -> None:
        wait_sec = -(-self._guard.locked_for_ms(name, address) // 1000)
        if wait_sec > 0:
            raise ApiProblem(
                429,
                "locked_out",
                "Too many failed log-ins.",
                f"Wait {wait_sec} s, then try again.",
                {hdrs.RETRY_AFTER: str(wait_sec)},
            )

    async def logout(self, request: web.Request) -> web.Response:
        """POST /api/logout"""
        session = session_of(request)
        await self._sessions.end(session)
        await self._hub.log_out(session)
        if self._left is not None:
            await self._left(session.user)
        response = web.Response(status=204)
        response.del_cookie(COOKIE, path="/")
        return response

    async def me(self, request: web.Request) -> web.Response:
        """GET /api/me"""
        session: Session = session_of(request)
        return answer(MeAnswer(viewer=viewer_on_wire(session.user), csrf_token=session.csrf_token))
