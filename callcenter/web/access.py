"""The gate that every request passes, and what a route says of itself.

A route is one line of a table: method, path, right, handler, and beside them the shapes that it asks for and
answers (the API's document is made of them, callcenter.web.openapi) and what of it is noted in the audit log
(callcenter.web.noting). docs/access.md tells how to add one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import unquote

from aiohttp import hdrs, web
from pydantic import BaseModel

from callcenter.web.auth import (
    COOKIE,
    CSRF_HEADER,
    SESSION,
    WIDGET_COOKIE,
    Session,
    Sessions,
    same_token,
)
from callcenter.web.noting import NOTED, Notary, Noted
from callcenter.web.ports import Role
from callcenter.web.problems import ApiProblem, forbidden, not_logged_in, password_due
from callcenter.web.requests import MAX_BODY_BYTES
from callcenter.web.rights import ROLES as ROLES  # noqa: PLC0414 - of one table
from callcenter.web.rights import Access as Access  # noqa: PLC0414 - of one table

EVENT_STREAM = "text/event-stream"
"""The type of an answer that goes on as long as somebody reads it."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Media:
    """An answer, or a body, that is no JSON."""

    type: str


@dataclass(frozen=True, slots=True)
class Route:
    """One route of the API. ``asks`` is the shape of the query (GET) or of the body, ``answers`` that of the
    answer (None: none), ``status`` the answer's; ``problems`` are the statuses of refusals beyond those that
    follow from the rest (callcenter.web.openapi). ``largest`` is the size in bytes of a body that may be more
    than a few fields. ``password_due``: it is open also to who must choose a password of their own first."""

    method: str
    path: str
    access: Access
    handler: Handler
    asks: type[BaseModel] | Media | None = None
    answers: type[BaseModel] | Media | None = None
    noted: Noted | None = None
    problems: tuple[int, ...] = ()
    status: int = 200
    largest: int = MAX_BODY_BYTES
    password_due: bool = False


def session_of(request: web.Request) -> Session:
    """The session that the gate found; only for routes that are not PUBLIC."""
    return request[SESSION]


def require_part(session: Session, agent_ids: tuple[str, ...]) -> None:
    """Refuse an agent who is none of these, who have a part in the call (Access.OWN_CALL)."""
    if session.user.role is Role.AGENT and session.user.agent_id not in agent_ids:
        raise forbidden("This call was not yours.")


class Gate:
    """Lets a request pass, or answers why not: who is it (401), proved (403 csrf), with the right (403)?
    What the route wants noted is written before anything of the answer goes out."""

    def __init__(self, sessions: Sessions, notary: Notary, metrics_token: str | None = None) -> None:
        self._sessions = sessions
        self._notary = notary
        self._metrics_token = metrics_token

    def guard(self, route: Route) -> Handler:
        """The route's handler behind the gate."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            _require_text(request)
            if route.largest != MAX_BODY_BYTES:
                request = request.clone(client_max_size=route.largest)
            if route.noted is not None:
                request[NOTED] = route.noted
            try:
                if route.access is not Access.PUBLIC and not self._scraper(route, request):
                    await self._admit(request, route)
                if route.noted is not None and route.noted.streamed:
                    await self._notary.done(request)
                response = await route.handler(request)
            except ApiProblem as problem:
                await self._notary.refused(request, problem.status)
                raise
            await self._notary.before_sending(request, response)
            return response

        return guarded

    async def _admit(self, request: web.Request, route: Route) -> None:
        access = route.access
        bearer = _bearer(request)
        session = await self._found(request, bearer)
        if session is None:
            raise not_logged_in()
        if bearer is None:
            _prove_same_page(request, session)
        request[SESSION] = session
        if session.user.password_due and not route.password_due:
            raise password_due()
        if session.user.role not in ROLES[access]:
            raise forbidden()
        foreign = access is Access.OWN_AGENT and request.match_info["agent_id"] != session.user.agent_id
        if foreign and session.user.role is Role.AGENT:
            raise forbidden("You may only act for yourself.")

    async def _found(self, request: web.Request, bearer: str | None) -> Session | None:
        """The session that the request names. A page in another site's may have two cookies, one of them of a
        session that is over."""
        cookies = request.cookies
        for token in (bearer,) if bearer else (cookies.get(COOKIE), cookies.get(WIDGET_COOKIE)):
            if token and (session := await self._sessions.find(token)):
                return session
        return None

    def _scraper(self, route: Route, request: web.Request) -> bool:
        bearer = _bearer(request)
        return bool(
            route.access is Access.METRICS
            and self._metrics_token
            and bearer
            and same_token(bearer, self._metrics_token)
        )


def _bearer(request: web.Request) -> str | None:
    scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _require_text(request: web.Request) -> None:
    """No name, id or word has a NUL character, and no store keeps one."""
    if "\0" in unquote(request.raw_path):
        raise ApiProblem(422, "bad_request", "The address holds a NUL character.", "Leave it out.")


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
