"""The routes that the web has without any capability: one line each (docs/access.md)."""

from __future__ import annotations

from callcenter.audit.model import AuditDeed
from callcenter.web import wire_api as api
from callcenter.web import wire_lists as entries
from callcenter.web.access import Access, Media, Route
from callcenter.web.caller_list_routes import CallerListRoutes
from callcenter.web.history_routes import HistoryRoutes
from callcenter.web.live_routes import COMMANDS, LiveRoutes
from callcenter.web.metrics import Metrics
from callcenter.web.noting import Noted
from callcenter.web.session_routes import SessionRoutes
from callcenter.web.supervision_routes import SupervisionRoutes
from callcenter.web.wire import Snapshot
from callcenter.web.wire_history import CallsAnswer, CallsRequest, LifeAnswer, WaveformAnswer
from callcenter.web.wire_supervision import NoteReadRequest, NoteRequest, PickRequest, SupervisionRequest

LARGEST_FILE = 1024 * 1024


def for_everybody(sessions: SessionRoutes, live: LiveRoutes, metrics: Metrics) -> tuple[Route, ...]:
    anybody, noted = Access.LOGGED_IN, Noted(AuditDeed.LOGGED_IN, ("name",))
    return (
        Route(
            "POST", "/api/login", Access.PUBLIC, sessions.login, api.LoginRequest, api.LoginAnswer,
            noted, (401, 403, 429),
        ),
        Route("POST", "/api/logout", anybody, sessions.logout, status=204, password_due=True),
        Route("GET", "/api/me", anybody, sessions.me, answers=api.MeAnswer, password_due=True),
        Route("GET", "/api/socket", anybody, live.socket, problems=(400,), status=101),
        Route("GET", "/api/view", anybody, live.view, answers=Snapshot),
        Route("GET", "/api/agents", anybody, live.agents, answers=api.AgentsAnswer),
        Route("GET", "/api/kpi", anybody, live.kpi, answers=api.KpiAnswer),
        Route("GET", "/healthz", Access.PUBLIC, live.health, answers=api.HealthAnswer),
        Route("GET", "/metrics", Access.METRICS, metrics.scrape, answers=Media("text/plain")),
    )  # fmt: skip


def of_the_record(history: HistoryRoutes) -> tuple[Route, ...]:
    call, own, record = "/api/calls/{call_id}", Access.OWN_CALL, Access.RECORD
    seen = Noted(AuditDeed.CALL_SEEN)
    searched = Noted(AuditDeed.SEARCHED, ("words", "caller", "agent", "queue", "since", "until"))
    heard = Noted(AuditDeed.RECORDING_HEARD, ("download",), in_parts=True)
    ticket = Noted(AuditDeed.TICKET_SEEN)
    return (
        Route("GET", "/api/calls", own, history.calls, CallsRequest, CallsAnswer, searched),
        Route("GET", call, own, history.call, None, api.CallDetail, seen),
        Route("GET", f"{call}/life", own, history.life, None, LifeAnswer, seen),
        Route("GET", f"{call}/waveform", own, history.waveform, None, WaveformAnswer, problems=(410,)),
        Route(
            "GET", f"{call}/recording", own, history.recording, api.RecordingRequest, Media("audio/wav"),
            heard, (410, 416),
        ),
        Route(
            "GET", f"{call}/decisions", record, history.decisions, api.DecisionsRequest, api.DecisionsAnswer
        ),
        Route("GET", "/api/tickets/{ticket_id}", Access.TICKETS, history.ticket, None, api.Ticket, ticket),
    )  # fmt: skip


def for_agents(live: LiveRoutes) -> tuple[Route, ...]:
    noted = Noted(AuditDeed.AGENT_COMMANDED, ("call_id", "kind", "target", "phone", "code"), for_others=True)
    return tuple(
        Route(
            "POST", f"/api/agents/{{agent_id}}/{action}", Access.OWN_AGENT, live.command(action), shape,
            api.CommandAnswer, noted, (409,),
        )
        for action, (shape, _) in COMMANDS.items()
    )  # fmt: skip


def for_supervision(supervision: SupervisionRoutes) -> tuple[Route, ...]:
    call, queue, own, refusal = "/api/calls/{call_id}", "/api/queues/{queue}", Access.SUPERVISION, (409,)
    noted, of_queue = (
        Noted(AuditDeed.CALL_COMMANDED, ("priority", "skills", "queue", "mode", "phone", "agent_id")),
        Noted(AuditDeed.QUEUE_CHANGED),
    )
    done, day = api.SupervisionAnswer, Access.OPERATION
    waiting, agent = supervision.change_waiting, "/api/agents/{agent_id}"
    return (
        Route(
            "POST", f"{call}/supervision", own, supervision.supervise, SupervisionRequest, done, noted,
            refusal,
        ),
        Route(
            "POST", f"{call}/supervision/stop", own, supervision.stop_supervising, api.NoFields, done, noted,
            refusal,
        ),
        Route("POST", f"{call}/pick", own, supervision.pick, PickRequest, done, noted, refusal),
        Route("POST", f"{call}/hang-up", own, supervision.hang_up, api.NoFields, done, noted, refusal),
        Route(
            "POST", f"{agent}/notes", own, supervision.send_note, NoteRequest, done,
            Noted(AuditDeed.AGENT_COMMANDED), refusal,
        ),
        Route(
            "POST", f"{agent}/notes/read", Access.OWN_AGENT, supervision.read_note, NoteReadRequest,
            done, Noted(AuditDeed.AGENT_COMMANDED, for_others=True), refusal,
        ),
        Route("POST", f"{call}/waiting", own, waiting, api.WaitingRequest, done, noted, refusal),
        Route("POST", f"{call}/move", own, supervision.move, api.MoveRequest, done, noted, refusal),
        Route("POST", f"{queue}/open", day, supervision.open_queue, api.NoFields, done, of_queue, refusal),
        Route("POST", f"{queue}/close", day, supervision.close_queue, api.NoFields, done, of_queue, refusal),
    )  # fmt: skip


def for_operation(lists: CallerListRoutes) -> tuple[Route, ...]:
    listed, day = "/api/caller-lists", Access.OPERATION
    seen, changed = (
        Noted(AuditDeed.LIST_SEEN, ("list", "search")),
        Noted(AuditDeed.LIST_CHANGED, ("entries",)),
    )
    return (
        Route(
            "GET", listed, day, lists.entries, entries.CallerListPageRequest, entries.CallerListAnswer, seen,
            (404,),
        ),
        Route(
            "GET", f"{listed}/export", day, lists.export, entries.CallerListRequest, Media("text/csv"), seen,
            (404,),
        ),
        Route(
            "POST", f"{listed}/import", day, lists.import_rows, entries.CallerListImport,
            entries.CallerListRows, Noted(AuditDeed.LIST_CHANGED, ("dry_run",)), largest=LARGEST_FILE,
        ),
        Route("POST", listed, day, lists.add, entries.CallerListEntries, entries.CallerListResults, changed),
        Route(
            "POST", f"{listed}/{{entry_id}}/remove", day, lists.remove, api.NoFields, entries.CallerListEntry,
            changed,
        ),
    )  # fmt: skip
