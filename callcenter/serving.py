"""The web over the centre: the page, the API, its sockets and the telephones in browsers."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import redis.asyncio as redis
from aiohttp import web
from prometheus_client import CollectorRegistry

from callcenter import assembly
from callcenter.adapters.asterisk.config import SwitchConfig
from callcenter.adapters.asterisk.softphones import AsteriskSoftphones
from callcenter.adapters.postgres.history import PostgresHistory
from callcenter.adapters.postgres.lives import PostgresLives
from callcenter.adapters.postgres.pool import Database
from callcenter.audit.service import AuditLog
from callcenter.audit.store import PostgresAudit
from callcenter.background import background
from callcenter.clock import SteadyClock
from callcenter.commands_noted import note_commands
from callcenter.console_build import BUILT_PAGE
from callcenter.controller.shell import Controller
from callcenter.desk_in_force import desk_of
from callcenter.domain.events import SwitchStateChanged
from callcenter.figures.service import FigureService
from callcenter.operations_in_force import Surroundings, Works, operations
from callcenter.outside_in_force import OutsideInForce
from callcenter.places import Places
from callcenter.planning_in_force import planning_of
from callcenter.ports import Clock
from callcenter.regions.service import Regions
from callcenter.reports.service import ReportService
from callcenter.reports.store import PostgresReportStore
from callcenter.settings import Settings
from callcenter.softphones.proxy import SipProxy
from callcenter.softphones.routes import SoftphoneRoutes
from callcenter.softphones.service import Softphones
from callcenter.surveys.routes import SurveyRoutes
from callcenter.surveys.service import SurveyService
from callcenter.surveys.store import PostgresSurveyStore
from callcenter.users.store import PostgresUsers
from callcenter.view import LiveCentre
from callcenter.web.access import Route
from callcenter.web.app import WebSettings, make_app
from callcenter.web.auth import Sessions
from callcenter.web.figure_routes import FigureRoutes
from callcenter.web.live_transcript_routes import LiveTranscriptRoutes
from callcenter.web.metrics import LiveStreams
from callcenter.web.report_routes import ReportRoutes
from callcenter.web.valkey_sessions import ValkeySessionStore
from callcenter.web.widget import Embedding


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the services are that this process does not run itself."""

    database_url: str
    valkey_url: str
    switch: SwitchConfig


@dataclass(frozen=True, slots=True)
class Running:
    """The centre at work, as the web is laid over it. ``settings`` are those of the start."""

    settings: Settings
    places: Places
    where: Endpoints
    clock: SteadyClock
    control: Controller
    live: LiveCentre
    database: Database
    outside: OutsideInForce
    works: Works


async def serve(
    stack: AsyncExitStack, running: Running, users: PostgresUsers, beside: Iterable[Route]
) -> None:
    """Serve until the stack is left; ``beside`` are routes that know more of the centre."""
    settings, places, live, clock = running.settings, running.places, running.live, running.clock
    database, where, control = running.database, running.where, running.control
    sessions_client = redis.Redis.from_url(where.valkey_url, socket_timeout=2, socket_connect_timeout=1)
    stack.push_async_callback(sessions_client.aclose)
    sessions = Sessions(ValkeySessionStore(sessions_client), clock)
    phones = SoftphoneRoutes(
        await _softphones(stack, settings, where.switch, control, clock),
        SipProxy(f"ws://127.0.0.1:{where.switch.ports.http}/ws", sessions.alive),
        live,
        assembly.ice_servers(settings),
    )
    audit = AuditLog(PostgresAudit(database), places.audit_owed)
    background(stack, audit.run(), "audit")
    note_commands(stack, audit, control, places)
    history, lists = PostgresHistory(database), running.outside.caller_lists
    around = Surroundings(places, live, database, sessions_client, audit, phones.proxy)
    looked_after = await operations(stack, settings, where.switch, running.works, around, clock)
    stored = _of_the_store(stack, settings, places, live, database, where, clock)
    listening = running.works.listening
    read_live = LiveTranscriptRoutes(listening.transcripts, live, sessions.alive, clock)
    registry = CollectorRegistry()
    registry.register(LiveStreams(listening, read_live))
    app = make_app(
        live,
        users,
        history,
        sessions,
        _web_settings(places, live),
        caller_lists=lists,
        audit=audit,
        clock=clock,
        registry=registry,
        capabilities=(*beside, *phones.table(), *stored, *looked_after, *read_live.table()),
        left=phones.left,
    )
    app.on_shutdown.append(read_live.close)
    await _listen(stack, app, settings)


async def _listen(stack: AsyncExitStack, app: web.Application, settings: Settings) -> None:
    """Answer at the address of the settings until the stack is left."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, settings.web.host, settings.web.port).start()


def _web_settings(places: Places, live: LiveCentre) -> WebSettings:
    """What a reload of the settings changes is asked for each time."""
    return WebSettings(
        BUILT_PAGE,
        places.recordings,
        lambda: live.settings.pause_reasons,
        embedding=lambda: Embedding(live.settings.widget.origins, live.settings.widget.across_sites),
    )


async def _softphones(
    stack: AsyncExitStack, settings: Settings, switch: SwitchConfig, control: Controller, clock: Clock
) -> Softphones:
    """The telephones in browsers, kept in step with the switch."""
    registrar = await stack.enter_async_context(AsteriskSoftphones(switch))
    softphones = Softphones(registrar, clock, settings.softphones.credentials_sec * 1000)
    control.subscribe(softphones.follow, SwitchStateChanged)
    background(stack, softphones.run(), "softphones")
    return softphones


def _of_the_store(
    stack: AsyncExitStack,
    settings: Settings,
    places: Places,
    live: LiveCentre,
    database: Database,
    where: Endpoints,
    clock: SteadyClock,
) -> tuple[Route, ...]:
    """What callers said, what stands beside a call, and what was counted."""
    surveys = SurveyRoutes(SurveyService(PostgresSurveyStore(database)))
    regions = Regions(places.regions, assembly.numbering(settings).plan.country)
    stack.callback(regions.close)
    background(stack, regions.prepare(), "regions")
    policy = assembly.kpi_policy(settings)
    reports = ReportService(PostgresReportStore(database, policy), policy.time_zone)
    figures = FigureRoutes(FigureService(PostgresLives(database), reports, policy, clock), live)
    desk = desk_of(live, database, regions, clock, policy.time_zone)
    planning = planning_of(stack, live, places, where.database_url, reports, clock)
    counted = (*ReportRoutes(reports, live).table(), *figures.table(), *planning.table())
    return (*surveys.table(), *desk, *counted)
