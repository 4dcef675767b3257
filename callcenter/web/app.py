"""The web application: every route with its access in one table, and what all answers have in common."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware
from prometheus_client import CollectorRegistry

from callcenter.audit.service import AuditLog
from callcenter.audit.store import MemoryAudit
from callcenter.caller_lists.service import CallerListService
from callcenter.ports import CallHistory, StoreAway
from callcenter.users.service import UserService
from callcenter.users.store import UserStore
from callcenter.web.access import EVENT_STREAM, Gate, Route
from callcenter.web.audit_routes import AuditRoutes
from callcenter.web.auth import LoginGuard, Sessions
from callcenter.web.caller_list_routes import CallerListRoutes
from callcenter.web.history_routes import HistoryRoutes
from callcenter.web.live_routes import LiveRoutes
from callcenter.web.metrics import Metrics
from callcenter.web.noting import Notary
from callcenter.web.openapi import DocumentRoutes
from callcenter.web.page import add_page
from callcenter.web.ports import Centre, User
from callcenter.web.problems import ApiProblem, defect, from_http, problem_response, store_unavailable
from callcenter.web.requests import MAX_BODY_BYTES
from callcenter.web.session_routes import Cookies, SessionRoutes
from callcenter.web.socket import SocketHub, SocketLimits
from callcenter.web.supervision_routes import SupervisionRoutes
from callcenter.web.tables import for_agents, for_everybody, for_operation, for_supervision, of_the_record
from callcenter.web.user_routes import UserRoutes
from callcenter.web.widget import RESOURCE_POLICY, Embedding, WidgetRoutes, headers_of_path

_SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    RESOURCE_POLICY: "same-origin",
    "Server": "callcenter",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
}

ROUTES = web.AppKey("routes", tuple)
"""The table of all routes of an application."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WebSettings:
    """``console_dir`` holds the built page; ``pause_reasons`` are those in force when asked;
    ``secure_cookies`` is for a centre behind TLS; ``metrics_token`` lets a scraper in without a session;
    ``embedding`` says, each time it is asked, whose pages may have the widget."""

    console_dir: Path
    recordings_dir: Path
    pause_reasons: Callable[[], Collection[str]] = tuple
    secure_cookies: bool = False
    metrics_token: str | None = None
    socket: SocketLimits = field(default_factory=SocketLimits)
    embedding: Callable[[], Embedding] = Embedding


def now_ms() -> int:
    """The clock of the web."""
    return time.time_ns() // 1_000_000


def make_app(
    centre: Centre,
    users: UserStore,
    history: CallHistory,
    sessions: Sessions,
    settings: WebSettings,
    *,
    caller_lists: CallerListService,
    audit: AuditLog | None = None,
    clock: Callable[[], int] = now_ms,
    registry: CollectorRegistry | None = None,
    capabilities: Iterable[Route] = (),
    left: Callable[[User], Awaitable[None]] | None = None,
) -> web.Application:
    """The application, ready for an aiohttp runner. It follows the centre from its start-up to its clean-up;
    the centre must be there for both. ``registry`` is where /metrics reads from. ``capabilities`` bring
    their own routes; ``left`` is told of who logged out. Without ``audit`` the audit log is kept in memory:
    for previews and tests."""
    hub = SocketHub(centre, sessions, clock, settings.pause_reasons, settings.socket)
    metrics = Metrics(registry or CollectorRegistry(), centre, hub)
    people = UserService(users, clock, lambda: centre.view().agents)
    sessions.current = people.current
    guard, notes = LoginGuard(clock), audit or AuditLog(MemoryAudit())
    document, live = DocumentRoutes(), LiveRoutes(centre, hub, history)
    cookies = Cookies(settings.secure_cookies, settings.embedding)
    logging_in = SessionRoutes(people, sessions, guard, hub, cookies, left)
    table = (
        *for_everybody(logging_in, live, metrics),
        *WidgetRoutes(settings.embedding, settings.console_dir).table(),
        *of_the_record(HistoryRoutes(history, settings.recordings_dir)),
        *for_agents(live),
        *for_supervision(SupervisionRoutes(centre)),
        *for_operation(CallerListRoutes(caller_lists)),
        *UserRoutes(people, sessions, guard, hub, clock).table(),
        *AuditRoutes(notes).table(),
        *document.table(),
        *capabilities,
    )
    document.tell(table)
    app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[_measured(metrics), _problems_as_json])
    notary = Notary(notes, clock)
    gate = Gate(sessions, notary, settings.metrics_token)
    for route in table:
        app.router.add_route(route.method, route.path, gate.guard(route))
    app[ROUTES] = table
    add_page(app, settings.console_dir)
    app.on_response_prepare.extend((notary.last_guard, _secured(settings.embedding)))
    app.cleanup_ctx.append(_following(hub))
    app.on_shutdown.append(lambda _: hub.close())
    return app


def _following(hub: SocketHub) -> Callable[[web.Application], AsyncIterator[None]]:
    async def following(_: web.Application) -> AsyncIterator[None]:
        await hub.start()
        yield

    return following


def _secured(
    embedding: Callable[[], Embedding],
) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    async def secure(request: web.Request, response: web.StreamResponse) -> None:
        own = response.headers.get(RESOURCE_POLICY)
        response.headers.update(headers_of_path(request.path, _SECURITY_HEADERS, embedding()))
        if own is not None:
            response.headers[RESOURCE_POLICY] = own
        response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")

    return secure


@web.middleware
async def _problems_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except ApiProblem as problem:
        return problem_response(problem, request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return problem_response(from_http(error), request)
    except StoreAway as error:
        return problem_response(store_unavailable(error), request)
    except Exception:
        _log.exception("request_failed", method=request.method, path=request.path)
        return problem_response(defect(), request)


def _measured(metrics: Metrics) -> Middleware:
    @web.middleware
    async def measured(request: web.Request, handler: Handler) -> web.StreamResponse:
        began = time.perf_counter()
        response = await handler(request)
        resource = request.match_info.route.resource
        if not isinstance(response, web.WebSocketResponse) and response.content_type != EVENT_STREAM:
            metrics.requests.labels(
                request.method if resource else "",
                resource.canonical if resource else "",
                str(response.status),
            ).observe(time.perf_counter() - began)
        return response

    return measured
