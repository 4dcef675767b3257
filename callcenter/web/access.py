"""Who may use which route: one table of rights, and the gate that every request passes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from aiohttp import hdrs, web

from callcenter.web.auth import COOKIE, CSRF_HEADER, Session, Sessions, same_token
from callcenter.web.ports import Role
from callcenter.web.problems import ApiProblem, forbidden, not_logged_in

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SESSION: web.RequestKey[Session] = web.RequestKey("session", Session)


class Access(StrEnum):
    """What a route asks of whoever uses it."""

    PUBLIC = "public"
    LOGGED_IN = "logged_in"
    OWN_AGENT = "own_agent"
    """Supervision, or the agent named in the path."""
    OWN_CALL = "own_call"
    """Supervision, or an agent who has a part in the call (for what is known of a live one also by being
    rung); the handler asks ``require_part``."""
    SUPERVISION = "supervision"
    METRICS = "metrics"
    """An administrator, or a scraper with the metrics token of the settings."""


ROLES: Mapping[Access, frozenset[Role]] = {
    Access.LOGGED_IN: frozenset(Role),
    Access.OWN_AGENT: frozenset(Role),
    Access.OWN_CALL: frozenset(Role),
    Access.SUPERVISION: frozenset({Role.ADMIN, Role.SUPERVISOR}),
    Access.METRICS: frozenset({Role.ADMIN}),
}
"""The roles that may pass; PUBLIC asks for none."""


@dataclass(frozen=True, slots=True)
class Route:
    """One route of the API."""

    method: str
    path: str
    access: Access
    handler: Handler


def session_of(request: web.Request) -> Session:
    """The session that the gate found; only for routes that are not PUBLIC."""
    return request[SESSION]


def require_part(session: Session, agent_ids: tuple[str, ...]) -> None:
    """Refuse an agent who is none of these, who have a part in the call (Access.OWN_CALL)."""
    if session.user.role is Role.AGENT and session.user.agent_id not in agent_ids:
        raise forbidden("This call was not yours.")


class Gate:
    """Lets a request pass, or answers why not: who is it (401), proved (403 csrf), with the right (403)?"""

    def __init__(self, sessions: Sessions, metrics_token: str | None = None) -> None:
        self._sessions = sessions
        self._metrics_token = metrics_token

    def guard(self, route: Route) -> Handler:
        """The route's handler behind the gate."""
        if route.access is Access.PUBLIC:
            return route.handler

        async def guarded(request: web.Request) -> web.StreamResponse:
            if not (route.access is Access.METRICS and self._scraper(request)):
                request[SESSION] = await self._admit(request, route.access)
            return await route.handler(request)

        return guarded

    async def _admit(self, request: web.Request, access: Access) -> Session:
        bearer = _bearer(request)
        token = bearer or request.cookies.get(COOKIE)
        session = await self._sessions.find(token) if token else None
        if session is None:
            raise not_logged_in()
        if bearer is None:
            _prove_same_page(request, session)
        if session.user.role not in ROLES[access]:
            raise forbidden()
        foreign = access is Access.OWN_AGENT and request.match_info["agent_id"] != session.user.agent_id
        if foreign and session.user.role is Role.AGENT:
            raise forbidden("You may only act for yourself.")
        return session

    def _scraper(self, request: web.Request) -> bool:
        bearer = _bearer(request)
        return bool(self._metrics_token and bearer and same_token(bearer, self._metrics_token))


def _bearer(request: web.Request) -> str | None:
    scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _prove_same_page(request: web.Request, session: Session) -> None:
    """A cookie comes along with requests that another page makes; the header and the origin do not lie."""
    if not same_origin(request):
        raise ApiProblem(
            403, "foreign_origin", "The request comes from another site.", "Use the centre's own page."
        )
    if request.method in {hdrs.METH_GET, hdrs.METH_HEAD}:
        return
    if not same_token(request.headers.get(CSRF_HEADER, ""), session.csrf_token):
        raise ApiProblem(
            403,
            "csrf",
            f"The header {CSRF_HEADER} is missing or wrong.",
            "Send the csrf_token of GET /api/me in it, or use a Bearer token.",
        )


def same_origin(request: web.Request) -> bool:
    """Whether the browser says that our own page asks (or says nothing, as programs do)."""
    origin = request.headers.get(hdrs.ORIGIN)
    return origin is None or origin.partition("://")[2] == request.host
