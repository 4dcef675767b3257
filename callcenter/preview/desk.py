"""What the desk shows in a preview: callers who have called before, and tickets that open with the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from callcenter.desk.memory import MemoryLiveCalls
from callcenter.desk.missed import MissedCalls
from callcenter.desk.missed_routes import MissedCallRoutes
from callcenter.desk.model import Earlier, EarlierCall, EarlierTicket
from callcenter.desk.routes import DeskRoutes
from callcenter.desk.service import DeskService
from callcenter.desk.store import MemoryCallers, MemoryMissedCalls
from callcenter.domain import events as e
from callcenter.ports import TicketRequest
from callcenter.settings.desk import DeskSection, LinkSection
from callcenter.tickets.model import Demand, TicketState
from callcenter.tickets.store import MemoryTicketStore
from callcenter.web.access import Route
from callcenter.web.memory import MemoryCentre
from ivr_flows.files import read_flows

LINKS = (LinkSection(title="市民档案", url="https://crm.example/citizens?phone={caller}"),)
HOUR_MS = 3_600_000


class _Nowhere:
    def of(self, canonical: str, language: str) -> str:
        return "北京市" if language == "zh" else "Beijing"


class MadeUpDesk:
    """Follows the centre, over the ``past``, whose days are those of ``time_zone``. What is written is kept
    in ``tickets``."""

    def __init__(
        self,
        centre: MemoryCentre,
        clock: Callable[[], int],
        past: Iterable[e.DomainEvent],
        time_zone: str,
        links: Sequence[LinkSection] = LINKS,
    ) -> None:
        self.tickets = MemoryTicketStore()
        self._clock = clock
        self._callers = MemoryCallers()
        self._lists: dict[str, dict[str, str]] = {}
        self._opening: set[asyncio.Task[object]] = set()
        flow = read_flows(None)["citizen_hotline"]
        needs = {"普通话": 5}
        calls = MemoryLiveCalls(centre, flow, self._lists, needs, DeskSection(links=tuple(links)))
        service = DeskService(calls, self._callers, _Nowhere(), clock)
        desk = DeskRoutes(service, self.tickets, centre, calls.categories, clock)
        self._missed = MemoryMissedCalls(past)
        missed = MissedCalls(calls, self._missed, clock, time_zone)
        self.table: tuple[Route, ...] = (*desk.table(), *MissedCallRoutes(missed, centre).table())
        self._centre = centre
        centre.subscribe(self._follow)

    def _follow(self, _: int, event: e.DomainEvent) -> None:
        self._missed.apply(event)
        match event:
            case e.CallArrived():
                self._remember(event)
            case e.AgentConnected():
                call = self._centre.calls[event.call_id]
                asked = TicketRequest(
                    call.call_id, call.caller, "consultation", "", event.queue, call.language, event.at
                )
                opening = asyncio.get_running_loop().create_task(self.tickets.open_or_join(asked))
                self._opening.add(opening)
                opening.add_done_callback(self._opening.discard)

    def _remember(self, arrived: e.CallArrived) -> None:
        """Of some callers more is known than of others."""
        if arrived.caller[-1:] in "024":
            self._lists[arrived.caller] = {"vip": "重要来电人"}
        if arrived.caller[-1:] in "13579":
            return
        ago = [arrived.at - hours * HOUR_MS for hours in (2, 26, 400)]
        calls = [
            EarlierCall(f"e{at}", at, "general", outcome, agent_id, talk_ms, None)
            for at, outcome, agent_id, talk_ms in zip(
                ago,
                ("abandoned", "answered", "answered"),
                (None, "1003", "1001"),
                (0, 184_000, 95_000),
                strict=True,
            )
        ]
        text = "小区南门的路灯坏了一周，晚上老人出行不便，希望尽快维修。"
        told = "T20261121-000042", TicketState.DISPATCHED, "complaint", Demand.HELP, ago[1], text
        self._callers.known[arrived.caller] = Earlier(calls, [EarlierTicket(*told)])
