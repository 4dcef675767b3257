"""Log-in, log-out and who am I."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from aiohttp import hdrs, web

from callcenter.users.service import AccountClosed, UserService
from callcenter.web.access import same_origin, session_of
from callcenter.web.auth import COOKIE, WIDGET_COOKIE, LoginGuard, Session, Sessions
from callcenter.web.live import viewer_on_wire
from callcenter.web.ports import User
from callcenter.web.problems import ApiProblem, locked_out
from callcenter.web.requests import answer, read_body
from callcenter.web.socket import SocketHub
from callcenter.web.widget import Embedding
from callcenter.web.wire_api import LoginAnswer, LoginRequest, MeAnswer

_VERIFICATIONS_AT_ONCE = 2
"""argon2id takes 64 MiB and a core for 0.2 s each time; more at once would starve the calls."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Cookies:
    """The cookies that hold a session's token; ``secure``: behind TLS.

    In another site's page browsers send none of the strict cookies. Where the settings say that there are
    such pages, a log-in in the widget gets one that they send there (SameSite=None), by TLS only, and keep
    apart for each site that embeds it (Partitioned): no page of a third site can make use of it."""

    secure: bool
    embedding: Callable[[], Embedding]

    def give(self, response: web.Response, token: str, *, to_widget: bool) -> None:
        """The page keeps the token from now on."""
        if to_widget and self.embedding().across_sites:
            _tell_widget(response, token)
        else:
            response.set_cookie(COOKIE, token, httponly=True, samesite="Strict", secure=self.secure, path="/")

    def take_back(self, response: web.Response) -> None:
        """No page keeps a token any more."""
        response.del_cookie(COOKIE, path="/")
        if self.embedding().across_sites:
            _tell_widget(response, "", "; Max-Age=0")


def _tell_widget(response: web.Response, token: str, lasts: str = "") -> None:
    """By hand: http.cookies knows Partitioned from Python 3.14 on."""
    kept = f"{WIDGET_COOKIE}={token}; HttpOnly; Path=/; SameSite=None; Secure; Partitioned{lasts}"
    response.headers.add(hdrs.SET_COOKIE, kept)


class SessionRoutes:
    """Sessions over HTTP."""

    def __init__(
        self,
        users: UserService,
        sessions: Sessions,
        guard: LoginGuard,
        hub: SocketHub,
        cookies: Cookies,
        left: Callable[[User], Awaitable[None]] | None = None,
    ) -> None:
        self._users = users
        self._sessions = sessions
        self._guard = guard
        self._hub = hub
        self._cookies = cookies
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
        for_page = asked.client != "api"
        response = answer(
            LoginAnswer(
                viewer=viewer_on_wire(user),
                csrf_token=session.csrf_token,
                token=None if for_page else token,
            )
        )
        if for_page:
            self._cookies.give(response, token, to_widget=asked.client == "widget")
        return response

    async def _verified(self, asked: LoginRequest, address: str) -> User:
        async with self._verifying:
            if wait_ms := self._guard.locked_for_ms(asked.name, address):
                raise locked_out(wait_ms)
            try:
                user = await self._users.log_in(asked.name, asked.password)
            except AccountClosed:
                raise _closed() from None
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
        self._guard.succeeded(user.name)
        return user

    async def logout(self, request: web.Request) -> web.Response:
        """POST /api/logout"""
        session = session_of(request)
        await self._sessions.end(session)
        await self._hub.log_out(session)
        if self._left is not None:
            await self._left(session.user)
        response = web.Response(status=204)
        self._cookies.take_back(response)
        return response

    async def me(self, request: web.Request) -> web.Response:
        """GET /api/me"""
        session: Session = session_of(request)
        return answer(MeAnswer(viewer=viewer_on_wire(session.user), csrf_token=session.csrf_token))


def _closed() -> ApiProblem:
    return ApiProblem(
        403,
        "account_closed",
        "The account is disabled, or its rights have ended.",
        "Ask an administrator to open it again.",
    )
