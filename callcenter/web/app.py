"""The web application: every route with its access in one table, and what all answers have in common."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware
from prometheus_client import CollectorRegistry

from callcenter.caller_lists.service import CallerListService
from callcenter.ports import CallHistory, StoreAway
from callcenter.web.access import Access, Gate, Route
from callcenter.web.auth import LoginGuard, Sessions
from callcenter.web.caller_list_routes import CallerListRoutes
from callcenter.web.history_routes import HistoryRoutes
from callcenter.web.live_routes import LiveRoutes
from callcenter.web.metrics import Metrics
from callcenter.web.page import add_page
from callcenter.web.ports import Centre, User, Users
from callcenter.web.problems import ApiProblem, defect, from_http, problem_response, store_unavailable
from callcenter.web.requests import MAX_BODY_BYTES
from callcenter.web.session_routes import SessionRoutes
from callcenter.web.socket import SocketHub, SocketLimits
from callcenter.web.supervision_routes import SupervisionRoutes
from callcenter.web.wire import AgentAction

_SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "callcenter",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
}

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WebSettings:
    """``console_dir`` holds the built page; ``secure_cookies`` is for a centre behind TLS; ``metrics_token``
    lets a scraper in without a session."""

    console_dir: Path
    recordings_dir: Path
    pause_reasons: tuple[str, ...] = ()
    secure_cookies: bool = False
    metrics_token: str | None = None
    socket: SocketLimits = field(default_factory=SocketLimits)


def now_ms() -> int:
    """The clock of the web."""
    return time.time_ns() // 1_000_000


def make_app(
    centre: Centre,
    users: Users,
    history: CallHistory,
    sessions: Sessions,
    settings: WebSettings,
    *,
    caller_lists: CallerListService,
    clock: Callable[[], int] = now_ms,
    registry: CollectorRegistry | None = None,
    capabilities: Iterable[Route] = (),
    left: Callable[[User], Awaitable[None]] | None = None,
) -> web.Application:
    """The application, ready for an aiohttp runner. It follows the centre from its start-up to its clean-up;
    the centre must be there for both. ``registry`` is where /metrics reads from. ``capabilities`` bring
    their own routes; ``left`` is told of who logged out."""
    hub = SocketHub(centre, sessions, clock, settings.pause_reasons, settings.socket)
    metrics = Metrics(registry or CollectorRegistry(), centre, hub)
    table = _routes(
        SessionRoutes(users, sessions, LoginGuard(clock), hub, settings.secure_cookies, left),
        LiveRoutes(centre, hub),
        SupervisionRoutes(centre),
        HistoryRoutes(history, settings.recordings_dir),
        CallerListRoutes(caller_lists),
        metrics,
    )
    app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[_measured(metrics), _problems_as_json])
    gate = Gate(sessions, settings.metrics_token)
    for route in (*table, *capabilities):
        app.router.add_route(route.method, route.path, gate.guard(route))
    add_page(app, settings.console_dir)
    app.on_response_prepare.append(_secure)
    app.cleanup_ctx.append(_following(hub))
    app.on_shutdown.append(lambda _: hub.close())
    return app


def _routes(
    sessions: SessionRoutes,
    live: LiveRoutes,
    supervision: SupervisionRoutes,
    history: HistoryRoutes,
    caller_lists: CallerListRoutes,
    metrics: Metrics,
) -> tuple[Route, ...]:
    return (
        Route("POST", "/api/login", Access.PUBLIC, sessions.login),
        Route("POST", "/api/logout", Access.LOGGED_IN, sessions.logout),
        Route("GET", "/api/me", Access.LOGGED_IN, sessions.me),
        Route("GET", "/api/socket", Access.LOGGED_IN, live.socket),
        Route("GET", "/api/view", Access.LOGGED_IN, live.view),
        Route("GET", "/api/agents", Access.LOGGED_IN, live.agents),
        Route("GET", "/api/kpi", Access.LOGGED_IN, live.kpi),
        Route("GET", "/api/missed-calls", Access.LOGGED_IN, live.missed_calls),
        *(
            Route("POST", f"/api/agents/{{agent_id}}/{action}", Access.OWN_AGENT, live.command(action))
            for action in AgentAction
        ),
        Route("GET", "/api/calls", Access.OWN_CALL, history.calls),
        Route("GET", "/api/calls/{call_id}", Access.OWN_CALL, history.call),
        Route("GET", "/api/calls/{call_id}/life", Access.OWN_CALL, history.life),
        Route("GET", "/api/calls/{call_id}/decisions", Access.SUPERVISION, history.decisions),
        Route("POST", "/api/calls/{call_id}/waiting", Access.SUPERVISION, supervision.change_waiting),
        Route("POST", "/api/calls/{call_id}/move", Access.SUPERVISION, supervision.move),
        Route("POST", "/api/calls/{call_id}/supervision", Access.SUPERVISION, supervision.supervise),
        Route(
            "POST", "/api/calls/{call_id}/supervision/stop", Access.SUPERVISION, supervision.stop_supervising
        ),
        Route("POST", "/api/calls/{call_id}/pick", Access.SUPERVISION, supervision.pick),
        Route("POST", "/api/calls/{call_id}/hang-up", Access.SUPERVISION, supervision.hang_up),
        Route("POST", "/api/agents/{agent_id}/notes", Access.SUPERVISION, supervision.send_note),
        Route("POST", "/api/agents/{agent_id}/notes/read", Access.OWN_AGENT, supervision.read_note),
        Route("POST", "/api/queues/{queue}/open", Access.SUPERVISION, supervision.open_queue),
        Route("POST", "/api/queues/{queue}/close", Access.SUPERVISION, supervision.close_queue),
        Route("GET", "/api/calls/{call_id}/recording", Access.OWN_CALL, history.recording),
        Route("GET", "/api/calls/{call_id}/waveform", Access.OWN_CALL, history.waveform),
        Route("GET", "/api/tickets/{ticket_id}", Access.LOGGED_IN, history.ticket),
        Route("GET", "/api/caller-lists", Access.SUPERVISION, caller_lists.entries),
        Route("POST", "/api/caller-lists", Access.SUPERVISION, caller_lists.add),
        Route("POST", "/api/caller-lists/{entry_id}/remove", Access.SUPERVISION, caller_lists.remove),
        Route("GET", "/healthz", Access.PUBLIC, live.health),
        Route("GET", "/metrics", Access.METRICS, metrics.scrape),
    )


def _following(hub: SocketHub) -> Callable[[web.Application], AsyncIterator[None]]:
    async def following(_: web.Application) -> AsyncIterator[None]:
        await hub.start()
        yield

    return following


async def _secure(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_SECURITY_HEADERS)
    response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")


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
        if not isinstance(response, web.WebSocketResponse):
            metrics.requests.labels(
                request.method if resource else "",
                resource.canonical if resource else "",
                str(response.status),
            ).observe(time.perf_counter() - began)
        return response

    return measured
