"""A small centre, people and record, with the whole web around them, for the tests of callcenter.web."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, CookieJar, TCPConnector, web
from aiohttp.test_utils import TestServer

from acd.model import Presence
from acd_settings import AgentRouting, QueueRouting, RoutingSection
from callcenter.audit.service import AuditLog
from callcenter.audit.store import MemoryAudit
from callcenter.caller_lists.service import CallerListService
from callcenter.caller_lists.store import MemoryCallerListStore
from callcenter.desk.memory import MemoryLiveCalls
from callcenter.desk.missed import MissedCalls
from callcenter.desk.missed_routes import MissedCallRoutes
from callcenter.desk.routes import DeskRoutes
from callcenter.desk.service import DeskService
from callcenter.desk.store import MemoryCallers, MemoryMissedCalls
from callcenter.domain import events as e
from callcenter.domain.commands import Accepted, AgentCommand, CommandResult, SupervisorCommand
from callcenter.domain.kpi import TOTAL, KpiPolicy
from callcenter.domain.kpi_catalogue import KpiFigure, KpiUnit
from callcenter.figures.service import FigureService
from callcenter.flow_editing.memory import MemoryAtWork, ThreadBench, unspoken
from callcenter.flow_editing.routes import FlowRoutes
from callcenter.flow_editing.service import FlowEditing
from callcenter.health.model import Condition, Fact, Finding, Part, Trouble, Unit
from callcenter.health.service import HealthService, Probe
from callcenter.listening.transcript import LiveTranscripts
from callcenter.opening_hours.routes import OpeningHoursRoutes
from callcenter.opening_hours.service import OpeningHours
from callcenter.places import Places
from callcenter.planning.answering import answered
from callcenter.planning.arrangement import arranged
from callcenter.planning.jobs import Jobs
from callcenter.planning.routes import PlanningRoutes
from callcenter.planning.service import CentreAsArranged, Planner
from callcenter.planning.task import Progress, Source, Task
from callcenter.ports import CallRecord, FinishedRecording, TicketRecord, TranscriptRecord
from callcenter.preview.prompts import GREETING, MadeUpPrompts
from callcenter.prompts.catalogue import number_of
from callcenter.prompts.model import PromptText
from callcenter.reports.service import ReportService
from callcenter.reports.store import MemoryReportStore
from callcenter.settings import load_settings
from callcenter.settings.desk import DeskSection, LinkSection
from callcenter.settings_editing.memory import settings_twin
from callcenter.settings_editing.routes import SettingsRoutes
from callcenter.softphones.memory import MemoryRegistrar
from callcenter.softphones.proxy import SipProxy
from callcenter.softphones.routes import SoftphoneRoutes
from callcenter.softphones.service import Softphones
from callcenter.surveys.routes import SurveyRoutes
from callcenter.surveys.service import SurveyService
from callcenter.surveys.store import MemorySurveyStore
from callcenter.tickets.store import MemoryTicketStore
from callcenter.trunks.memory import MemorySwitchLook
from callcenter.trunks.model import NumberPlan, Plans, TrunkPlan, calls_up
from callcenter.trunks.service import TrunkService
from callcenter.trunks.store import MemoryTrunkDays
from callcenter.users.store import MemoryUsers
from callcenter.web import wire_planning
from callcenter.web.access import Route
from callcenter.web.app import WebSettings, make_app
from callcenter.web.auth import MemorySessionStore, Sessions, SessionStore
from callcenter.web.figure_routes import FigureRoutes
from callcenter.web.health_routes import HealthRoutes
from callcenter.web.live_transcript_routes import LiveTranscriptRoutes
from callcenter.web.memory import MemoryCentre
from callcenter.web.memory_history import MemoryHistory
from callcenter.web.ports import AgentView, QueueView, Role, User
from callcenter.web.report_routes import ReportRoutes
from callcenter.web.socket import SocketLimits
from callcenter.web.trunk_routes import TrunkRoutes
from callcenter.web.widget import Embedding
from callcenter.web.wire_softphone import IceServer
from ivr_flows.files import SHIPPED_FLOWS, read_flows

T0 = 1_700_000_000_000
USERS = {
    "ada": User("ada", Role.ADMIN, None),
    "sue": User("sue", Role.SUPERVISOR, None),
    "amy": User("amy", Role.AGENT, "1001"),
    "bob": User("bob", Role.AGENT, "1002"),
    "quinn": User("quinn", Role.QUALITY, None),
    "olga": User("olga", Role.OPS, None),
}
NUMBER = "13812345678"
PROMPT = PromptText(GREETING, "zh")
PROMPT_NUMBER = number_of(PROMPT)
POLICY = KpiPolicy({TOTAL: 15_000})
WAV = b"RIFF" + bytes(range(256)) * 4
PAGE = '<!doctype html><html lang="zh-CN"><script type="module" src="/assets/page-1a2b.js"></script></html>'
SCRIPT = "export {};"
PLANS = Plans(
    (TrunkPlan("trunk-a", 2, ("g722", "ulaw"), "192.0.2.1:5060"),),
    (NumberPlan("12345", "citizen_hotline", "zh"), NumberPlan("12346", "korean_line", "ko")),
    NumberPlan("", "citizen_hotline", "zh"),
)
OWED = (Fact("owed", Unit.COUNT, 3),)
LINKS = (
    LinkSection(title="CRM", url="https://crm.example/{caller_name}?phone={caller}&by={agent_id}"),
    LinkSection(title="Orders", url="https://orders.example/{ticket_id}", open="automatic"),
)


class SolvedHere:
    """Answers in this process, at once."""

    async def solve(
        self, task: Task, progress: Progress
    ) -> wire_planning.StaffingAnswer | wire_planning.WhatIfAnswer:
        return await answered(task, progress)


def arranged_twin() -> CentreAsArranged:
    """The twin's queue and agents, as planning knows them."""
    agents = {name: AgentRouting(skills={"zh": 5}) for name in ("1001", "1002")}
    queues = {"general": QueueRouting(skills={"zh": 3}, wrap_up_sec=20)}
    return CentreAsArranged(
        arranged(queues, agents, RoutingSection()),
        {"general": "综合受理"},
        {"1001": "陈晓雯", "1002": "Bob"},
        {"general": 0.9},
    )


class Clock:
    """A wall clock that the test moves."""

    def __init__(self) -> None:
        self.now = T0

    def __call__(self) -> int:
        return self.now


def agent(agent_id: str, name: str) -> AgentView:
    """An agent who is logged out and serves the queue ``general``."""
    return AgentView(
        agent_id=agent_id,
        name=name,
        phone=None,
        presence=Presence.LOGGED_OUT,
        reason="",
        since_at=T0,
        until_at=None,
        call_id=None,
        skills={"zh": 5},
        queues=("general",),
    )


def build_page(console_dir: Path) -> Path:
    """Lay a page there as a build would; the answer is the folder."""
    (console_dir / "assets").mkdir(parents=True)
    (console_dir / "index.html").write_text(PAGE)
    (console_dir / "assets/page-1a2b.js").write_text(SCRIPT)
    (console_dir / "assets/page-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (console_dir / ".sources").write_text("not for the world")
    return console_dir


@dataclass
class Figures:
    """The KPI that the centre shows."""

    offered: int = 0

    def __call__(self) -> dict[str, tuple[KpiFigure, ...]]:
        figure = KpiFigure("offered", float(self.offered), KpiUnit.COUNT, "calls that asked for a human")
        return {TOTAL: (figure,)}


@dataclass
class Twin:
    """The web over a MemoryCentre, and what a test may turn."""

    recordings_dir: Path
    clock: Clock = field(default_factory=Clock)
    figures: Figures = field(default_factory=Figures)
    first_seq: int = 0
    limits: SocketLimits = field(default_factory=lambda: SocketLimits(changes_every_ms=1, gauges_every_ms=5))
    store: SessionStore | None = None
    audit: MemoryAudit | None = None
    audit_owed: Path | None = None
    secure_cookies: bool = False
    embedding: Embedding = field(default_factory=Embedding)
    asked: list[AgentCommand | SupervisorCommand] = field(default_factory=list)
    answer: CommandResult = field(default_factory=Accepted)
    base: str = ""

    def __post_init__(self) -> None:
        self.console_dir = self.recordings_dir / "console"
        self.centre = MemoryCentre(
            [agent("1001", "陈晓雯"), agent("1002", "Bob")],
            [QueueView("general", "综合受理", live_transcript=True)],
            first_seq=self.first_seq,
            figures=self.figures,
        )
        self.centre.commands = self.centre.supervisor_commands = self._command
        self.history = MemoryHistory()
        self.surveys = MemorySurveyStore()
        self.reports = MemoryReportStore(POLICY)
        self.history.records["c1"] = call_record("c1", ("1001",))
        self.history.tickets["t1"] = TicketRecord(
            "t1", "2026-1", "open", "complaint", "噪音", NUMBER, "general", ("c1",), T0, T0
        )
        self.callers, self.tickets = MemoryCallers(), MemoryTicketStore()
        flow = read_flows(None)["citizen_hotline"]
        lists = {NUMBER: {"vip": "重要来电人"}}
        live = MemoryLiveCalls(self.centre, flow, lists, {"zh": 5}, DeskSection(links=LINKS))
        service = DeskService(live, self.callers, self, self.clock)
        self.prompts = MadeUpPrompts(self.recordings_dir / "prompts", {PROMPT: ["citizen_hotline"]})
        self.desk = DeskRoutes(service, self.tickets, self.centre, live.categories, self.clock)
        self.missed = MemoryMissedCalls()
        missed = MissedCalls(live, self.missed, self.clock, POLICY.time_zone)
        self.missed_routes = MissedCallRoutes(missed, self.centre)
        self.users = MemoryUsers({name: (f"{name}-secret", user) for name, user in USERS.items()})
        self.audit = self.audit or MemoryAudit()
        self.caller_lists = CallerListService(MemoryCallerListStore(), {"vip": "重要来电人"}, self.clock)
        self.settings = settings_twin(self.recordings_dir / "settings", self.clock)
        self.switch_phones = MemoryRegistrar()
        self.journal = self.recordings_dir / "journal"
        self.planning = Jobs(SolvedHere(), self.clock)
        self.flow_editing = self._flow_editing()
        shipped = load_settings(Path(__file__).parents[2] / "config", (), {})
        self.opening_hours = OpeningHours(lambda: shipped, lambda: [read_flows()], self.clock)
        self.switch_look = MemorySwitchLook({"trunk-a": 2}, self.clock)
        self.trunk_days = MemoryTrunkDays()
        self.findings = [Finding(Part.AUDIT, Condition.POOR, OWED, Trouble.AUDIT_OWES)]
        self.live_transcripts = LiveTranscripts(self.clock)
        self.store = self.store or MemorySessionStore(self.clock)
        self.sessions = Sessions(self.store, self.clock)

    def _flow_editing(self) -> FlowEditing:
        """Over the shipped flows, copied, of which nothing was published yet."""
        flows = self.recordings_dir / "flows"
        shutil.copytree(SHIPPED_FLOWS, flows, dirs_exist_ok=True)
        shipped = Path(__file__).parents[2] / "config"
        settings = load_settings(shipped, (), {"CALLCENTER__CENTRE__FLOWS_DIR": str(flows)})
        places = Places(self.recordings_dir / "var")
        self.at_work = MemoryAtWork(settings, places, self.clock)
        return FlowEditing(self.at_work, ThreadBench(), places, self.clock, unspoken)

    def of(self, canonical: str, language: str) -> str:
        """Where numbers belong."""
        return {"zh": "北京市", "en": "Beijing"}[language] if canonical == NUMBER else ""

    def _operations(self) -> tuple[Route, ...]:
        def up(trunk: str) -> int:
            return calls_up(self.centre.calls.values(), trunk)

        async def findings() -> list[Finding]:
            return self.findings

        zone = "Asia/Shanghai"
        trunks = TrunkService(self.switch_look, self.trunk_days, lambda: PLANS, up, self.clock, zone)
        health = HealthService([Probe(Part.AUDIT, findings)], self.clock)
        return (*TrunkRoutes(trunks).table(), *HealthRoutes(health).table())

    async def _command(self, command: AgentCommand | SupervisorCommand) -> CommandResult:
        self.asked.append(command)
        return self.answer

    def emit(self, *events: e.DomainEvent) -> int:
        """This has happened; the answer is the last number."""
        return [self.centre.emit(event) for event in events][-1]

    def made(self) -> web.Application:
        """The application, as it is served."""
        settings = WebSettings(
            self.console_dir,
            self.recordings_dir,
            lambda: ("break", "meal"),
            self.secure_cookies,
            "scrape-me",
            self.limits,
            lambda: self.embedding,
        )
        surveys = SurveyRoutes(SurveyService(self.surveys)).table()
        service = ReportService(self.reports, POLICY.time_zone)
        phones = SoftphoneRoutes(
            Softphones(self.switch_phones, self.clock, 3_600_000),
            SipProxy("ws://127.0.0.1:9/ws", self.sessions.alive),
            self.centre,
            (IceServer(urls="stun:127.0.0.1"),),
        )
        source = Source(journal=self.journal)
        planner = Planner(arranged_twin, source, self.planning, service, self.clock)
        self.read_live = LiveTranscriptRoutes(
            self.live_transcripts, self.centre, self.sessions.alive, self.clock
        )
        return make_app(
            self.centre,
            self.users,
            self.history,
            self.sessions,
            settings,
            caller_lists=self.caller_lists,
            audit=AuditLog(self.audit or MemoryAudit(), self.audit_owed),
            clock=self.clock,
            capabilities=(
                *surveys,
                *phones.table(),
                *self.desk.table(),
                *self.missed_routes.table(),
                *ReportRoutes(service, self.centre).table(),
                *self.prompts.routes.table(),
                *FigureRoutes(FigureService(self.history, service, POLICY, self.clock), self.centre).table(),
                *PlanningRoutes(planner).table(),
                *self._operations(),
                *SettingsRoutes(self.settings).table(),
                *FlowRoutes(self.flow_editing).table(),
                *OpeningHoursRoutes(self.opening_hours).table(),
                *self.read_live.table(),
            ),
            left=phones.left,
        )

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Twin]:
        """While inside, ``base`` answers."""
        self.app = app = self.made()
        app.on_shutdown.append(self.read_live.close)
        async with TestServer(app) as server:
            self.base = str(server.make_url("")).rstrip("/")
            yield self

    @asynccontextmanager
    async def caller(self, name: str | None = None) -> AsyncIterator[ClientSession]:
        """A program, logged in with a Bearer token as ``name`` (None: not logged in)."""
        headers = {}
        if name:
            token, _ = await self.sessions.begin(USERS[name])
            headers["Authorization"] = f"Bearer {token}"
        connector = TCPConnector(limit=0)
        async with ClientSession(self.base, headers=headers, connector=connector) as session:
            yield session

    async def metrics(self) -> str:
        """What a scraper is told."""
        headers = {"Authorization": "Bearer scrape-me"}
        async with self.caller() as client, client.get("/metrics", headers=headers) as response:
            return await response.text()

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[ClientSession]:
        """A client that keeps cookies, as a page does."""
        async with ClientSession(self.base, cookie_jar=CookieJar(unsafe=True)) as session:
            yield session


def call_record(call_id: str, agent_ids: tuple[str, ...], path: str = "c1.wav") -> CallRecord:
    """A finished call with a recording and a transcript."""
    return CallRecord(
        call_id=call_id,
        trunk="trunk-a",
        did="12345",
        caller=NUMBER,
        caller_name="张三",
        language="zh",
        flow_path=("welcome", "menu"),
        queue="general",
        outcome="answered",
        arrived_at=T0,
        ended_at=T0 + 60_000,
        wait_ms=4_000,
        talk_ms=30_000,
        agent_ids=agent_ids,
        recording=FinishedRecording(path, "0" * 64, 30_000, 8_000, (-20.0, -21.5)),
        transcripts=(TranscriptRecord("caller", "zh", "vosk", "small-cn", "我要投诉噪音"),),
        ticket_id="t1",
    )


def arrival(call_id: str = "c9", caller: str = NUMBER) -> e.CallArrived:
    """A caller comes in."""
    return e.CallArrived(
        at=T0,
        call_id=call_id,
        leg_id=f"{call_id}.caller",
        trunk="trunk-a",
        did="12345",
        caller=caller,
        shown_number=caller,
        caller_name="张三",
        wideband=False,
        language="zh",
        flow="hotline",
    )


def queued(call_id: str = "c9") -> e.CallQueued:
    """The caller asks for a human."""
    return e.CallQueued(T0, call_id, "general", T0, 0)


def offered(call_id: str = "c9", agent_id: str = "1001") -> e.OfferMade:
    """The agent is rung."""
    return e.OfferMade(T0, call_id, "o1", "general", agent_id, f"{call_id}.{agent_id}", {})


def presence(agent_id: str, now_is: Presence, call_id: str | None = None) -> e.PresenceChanged:
    """The agent's Presence changes."""
    return e.PresenceChanged(T0, agent_id, now_is.value, "", call_id)


def ended(call_id: str = "c9") -> e.CallEnded:
    """The caller is gone."""
    return e.CallEnded(T0, call_id, e.EndedBy.CALLER, "normal")


async def greet(socket: ClientWebSocketResponse, resume_from: int | None = None) -> dict[str, Any]:
    """Say hello; the answer is the first message."""
    await socket.send_json({"resume_from": resume_from})
    first: dict[str, Any] = await socket.receive_json(timeout=5)
    return first


async def next_changes(socket: ClientWebSocketResponse, seq: int) -> list[dict[str, Any]]:
    """All changes up to the event numbered ``seq``, with the proof that no number was left out."""
    changes: list[dict[str, Any]] = []
    while True:
        message = await socket.receive_json(timeout=5)
        if message["type"] == "ping" or message["after_seq"] == message["seq"]:
            continue
        changes += message["changes"]
        if message["seq"] >= seq:
            return changes


class ClientPicture:
    """A client's picture, kept by the rules of wire.Changes alone."""

    def __init__(self, snapshot: dict[str, Any]) -> None:
        self.seq = snapshot["seq"]
        ids = {"agent": ("agents", "agent_id"), "call": ("calls", "call_id"), "queue": ("queues", "name")}
        self.entities = {
            (kind, value[key]): value for kind, (field, key) in ids.items() for value in snapshot[field]
        }

    def take(self, message: dict[str, Any]) -> None:
        """Take in wire.Changes; they must follow what is here."""
        assert message["after_seq"] == self.seq
        self.seq = message["seq"]
        for change in message["changes"]:
            if change["entity"] in {"agent", "call", "queue"}:
                key = (change["entity"], change["id"])
                if change["value"] is None:
                    self.entities.pop(key, None)
                else:
                    self.entities[key] = change["value"]
