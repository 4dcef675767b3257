"""The whole web over a made-up day."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

from aiohttp import web

from callcenter.audit.service import AuditLog
from callcenter.caller_lists.service import CallerListService
from callcenter.console_build import BUILT_PAGE
from callcenter.domain.events import AgentReleased, DomainEvent
from callcenter.domain.kpi import TOTAL, KpiBoard, KpiPolicy
from callcenter.domain.kpi_catalogue import KpiFigure, agent_figures, queue_figures, total_figures
from callcenter.figures.service import FigureService
from callcenter.flow_editing.memory import MemoryAtWork, ThreadBench, unspoken
from callcenter.flow_editing.routes import FlowRoutes
from callcenter.flow_editing.service import FlowEditing
from callcenter.opening_hours.routes import OpeningHoursRoutes
from callcenter.opening_hours.service import OpeningHours
from callcenter.places import Places
from callcenter.preview.day import DISPOSITIONS, PAUSE_REASONS, QUEUES, MadeUpDay, cast
from callcenter.preview.desk import MadeUpDesk
from callcenter.preview.operations import MadeUpOperations, made_up_lists
from callcenter.preview.past import DAY_MS, SOUND, MadeUpPast, sound_of, write_sound
from callcenter.preview.people import made_up_audit, made_up_users
from callcenter.preview.planning import MadeUpPlanning
from callcenter.preview.prompts import MadeUpPrompts, shipped_texts
from callcenter.preview.settings import made_up_settings
from callcenter.preview.talks import MadeUpTalks
from callcenter.prompt_catalogue.routes import PromptRoutes
from callcenter.reports.service import ReportService
from callcenter.reports.store import MemoryReportStore
from callcenter.settings import load_settings
from callcenter.settings_editing.routes import SettingsRoutes
from callcenter.web.app import WebSettings, make_app, now_ms
from callcenter.web.auth import MemorySessionStore, Sessions
from callcenter.web.figure_routes import FigureRoutes
from callcenter.web.memory import MemoryCentre
from callcenter.web.memory_history import MemoryHistory
from callcenter.web.ports import AgentView, Component, Role, User
from callcenter.web.report_routes import ReportRoutes
from callcenter.web.socket import SocketLimits
from ivr_flows.files import SHIPPED_FLOWS, read_flows

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "preview-only"  # noqa: S105 - printed, and good for a made-up centre only
USERS = {
    "admin": (PASSWORD, User("admin", Role.ADMIN, None)),
    "supervisor": (PASSWORD, User("supervisor", Role.SUPERVISOR, None)),
    "agent": (PASSWORD, User("agent", Role.AGENT, "1001")),
    "quality": (PASSWORD, User("quality", Role.QUALITY, None)),
    "ops": (PASSWORD, User("ops", Role.OPS, None)),
}


HOME = Path(tempfile.gettempdir()) / f"callcenter-preview-{os.getpid()}"
"""Everything that is written; gone with the application."""
RECORDINGS, SETTINGS, PROMPTS, FLOWS = (
    HOME / part for part in ("recordings", "settings", "prompts", "flows")
)
TARGETS = {"connect_rate": 0.9, "connected_within_15": 0.8, "service_level": 0.8, "abandonment_rate": 0.05}
DAYS_BEFORE, CALLS_BEFORE = 8, 1_800
CALLER_LISTS = {"black": "黑名单", "vip": "重要来电人", "key": "重点服务对象"}


def _figures(board: KpiBoard) -> dict[str, tuple[KpiFigure, ...]]:
    now = now_ms()
    board = board.seen_at(now)
    figures = {TOTAL: total_figures(board, now)}
    figures |= {queue: queue_figures(tally, now) for queue, tally in board.queues.items()}
    return {
        scope: tuple(replace(figure, target=TARGETS.get(figure.key)) for figure in of_scope)
        for scope, of_scope in figures.items()
    }


def made_up_past(now: int) -> list[DomainEvent]:
    """The days before, whose answered calls can be heard."""
    past: list[DomainEvent] = []
    for life in MadeUpPast(now - DAYS_BEFORE * DAY_MS, now - DAY_MS // 24, CALLS_BEFORE).lives():
        for event in life:
            past.append(event)
            if isinstance(event, AgentReleased):
                past += sound_of(event.call_id, event.at)
    return past


def made_up_flows() -> FlowRoutes:
    """The shipped flows, to be changed and published at will."""
    shutil.copytree(SHIPPED_FLOWS, FLOWS / "flows", dirs_exist_ok=True)
    settings = load_settings(ROOT / "config", (), {"CALLCENTER__CENTRE__FLOWS_DIR": str(FLOWS / "flows")})
    places = Places(FLOWS / "var")
    return FlowRoutes(
        FlowEditing(MemoryAtWork(settings, places, now_ms), ThreadBench(), places, now_ms, unspoken)
    )


def made_up_hours() -> OpeningHoursRoutes:
    """The calendars as they are saved."""
    flows = read_flows()
    return OpeningHoursRoutes(
        OpeningHours(lambda: load_settings(SETTINGS / "config", (), {}), lambda: [flows], now_ms)
    )


def made_up_prompts() -> PromptRoutes:
    """What callers of the shipped flows hear, with some recordings."""
    prompts = MadeUpPrompts(PROMPTS, shipped_texts())
    prompts.record_some()
    return prompts.routes


def _following(
    centre: MemoryCentre, board: KpiBoard, past: list[DomainEvent]
) -> tuple[MemoryHistory, MemoryReportStore]:
    """The record and what is counted, of the past and from now on; so is the board."""
    for event in past:
        board.apply(event)
    history, counted = MemoryHistory(past), MemoryReportStore(board.policy, past)
    centre.subscribe(lambda _, event: board.apply(event))
    centre.subscribe(lambda _, event: history.apply(event))
    centre.subscribe(lambda _, event: counted.apply(event))
    return history, counted


def _made_up_centre(board: KpiBoard, first_seq: int, people: Sequence[AgentView]) -> MemoryCentre:
    """A centre that is well, before its day begins; its figures are the board's."""
    centre = MemoryCentre(
        people, QUEUES, first_seq=first_seq, figures=lambda: _figures(board), dispositions=DISPOSITIONS
    )
    for component in Component:
        centre.set_health(component, True, now_ms())
    centre.day_of = lambda agent_id: agent_figures(
        board.agents[agent_id].tally, board.agents[agent_id].at(now_ms())
    )
    centre.handle_ms = 25_000
    return centre


def preview_app(
    pace: float,
    first_seq: int = 0,
    people: Sequence[AgentView] | None = None,
    limits: SocketLimits | None = None,
) -> web.Application:
    """The whole web over a made-up day of these ``people``, which begins and ends with the application."""
    board = KpiBoard(KpiPolicy({TOTAL: 15_000}))
    centre = _made_up_centre(board, first_seq, people or cast(now_ms()))
    past = sorted(made_up_past(now_ms()), key=lambda event: event.at)
    history, counted = _following(centre, board, past)
    counting = ReportService(counted, board.policy.time_zone)
    figures = FigureRoutes(FigureService(history, counting, board.policy, now_ms), centre)
    write_sound(RECORDINGS / SOUND)
    desk = MadeUpDesk(centre, now_ms, past, board.policy.time_zone)
    planning = MadeUpPlanning(centre, now_ms)
    sessions = Sessions(MemorySessionStore(now_ms), now_ms)
    talks = MadeUpTalks(centre, sessions.alive, now_ms)
    app = make_app(
        centre,
        made_up_users(USERS, now_ms()),
        history,
        sessions,
        WebSettings(BUILT_PAGE, RECORDINGS, lambda: PAUSE_REASONS, socket=limits or SocketLimits()),
        caller_lists=CallerListService(made_up_lists(now_ms()), CALLER_LISTS, now_ms),
        audit=AuditLog(made_up_audit(now_ms())),
        capabilities=(
            *desk.table,
            *ReportRoutes(counting, centre).table(),
            *figures.table(),
            *made_up_flows().table(),
            *made_up_prompts().table(),
            *MadeUpOperations(centre, now_ms, past).table(),
            *SettingsRoutes(made_up_settings(SETTINGS, now_ms, cast(now_ms()))).table(),
            *made_up_hours().table(),
            *planning.routes.table(),
            *talks.routes.table(),
        ),
    )
    app.on_shutdown.append(talks.close)
    app.on_cleanup.append(planning.close)

    app.cleanup_ctx.append(lambda _: _played(MadeUpDay(centre, now_ms, pace=pace)))
    return app


async def _played(day: MadeUpDay) -> AsyncIterator[None]:
    """The day goes on meanwhile."""
    playing = asyncio.create_task(day.play())
    yield
    playing.cancel()
    await asyncio.gather(playing, return_exceptions=True)
