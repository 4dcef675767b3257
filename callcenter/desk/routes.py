"""The desk beside a call, over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict
from datetime import UTC, datetime

import structlog
from aiohttp import web

from callcenter.audit.model import AuditDeed
from callcenter.desk.model import Earlier
from callcenter.desk.service import DeskService, ScreenPop
from callcenter.domain.call import Call
from callcenter.ports import Clock
from callcenter.tickets.model import (
    TRANSITIONS,
    ImpossibleStep,
    Ticket,
    TicketChanged,
    TicketClosed,
    TicketForm,
    TicketState,
    TicketWrite,
    UnitMissing,
)
from callcenter.tickets.store import MemoryTicketStore, PostgresTicketStore
from callcenter.web import wire_desk as wire
from callcenter.web.access import Access, Route, require_part, session_of
from callcenter.web.figures import kpi_on_wire
from callcenter.web.live import parties
from callcenter.web.noting import Noted
from callcenter.web.ports import Centre
from callcenter.web.problems import ApiProblem, not_found
from callcenter.web.requests import answer, read_body, read_query
from callcenter.web.wire import instant
from callcenter.web.wire_api import KpiAnswer

_log = structlog.get_logger(__name__)
_REFUSALS = {UnitMissing: "ticket_unit_missing", TicketClosed: "ticket_closed"}


class DeskRoutes:
    """For the agent who is offered the call, has it, or had it; and for supervisors. Every access to what is
    known of a caller is logged with who it was."""

    def __init__(
        self,
        desk: DeskService,
        tickets: PostgresTicketStore | MemoryTicketStore,
        centre: Centre,
        categories: Callable[[], Collection[str]],
        clock: Clock,
    ) -> None:
        self._desk = desk
        self._tickets = tickets
        self._centre = centre
        self._categories = categories
        self._clock = clock

    def table(self) -> tuple[Route, ...]:
        """Every route with its access."""
        call, own = "/api/calls/{call_id}", Access.OWN_CALL
        seen, ticket = (
            Noted(AuditDeed.CALL_SEEN, for_others=True),
            Noted(AuditDeed.TICKET_SEEN, for_others=True),
        )
        written = Noted(AuditDeed.TICKET_CHANGED, ("category", "demand", "unit", "state"))
        return (
            Route("GET", f"{call}/pop", own, self.pop, wire.PopRequest, wire.ScreenPop, seen),
            Route("GET", f"{call}/ticket", own, self.ticket, None, wire.CallTicketAnswer, ticket),
            Route(
                "POST", f"{call}/ticket", Access.DESK, self.write, wire.TicketWriteRequest,
                wire.CallTicketAnswer, written, (409,),
            ),
            Route("GET", "/api/agents/{agent_id}/day", Access.OWN_AGENT, self.day, answers=KpiAnswer),
        )  # fmt: skip

    async def pop(self, request: web.Request) -> web.Response:
        """GET /api/calls/{call_id}/pop?lang="""
        call = await self._own_call(request)
        asked, user = read_query(request, wire.PopRequest), session_of(request).user
        found = await self._desk.pop(call, asked.lang, user.agent_id)
        _log.info("screen_pop_opened", call_id=call.call_id, user=user.name)
        return answer(_pop_on_wire(found))

    async def ticket(self, request: web.Request) -> web.Response:
        """GET /api/calls/{call_id}/ticket"""
        call = await self._own_call(request)
        ticket = await self._tickets.of_call(call.call_id)
        if ticket is not None:
            user = session_of(request).user.name
            _log.info("ticket_opened", ticket_id=ticket.ticket_id, call_id=call.call_id, user=user)
        return answer(self._answer(ticket))

    async def write(self, request: web.Request) -> web.Response:
        """POST /api/calls/{call_id}/ticket: change it, upon the version that was seen"""
        call = await self._own_call(request)
        asked, user = await read_body(request, wire.TicketWriteRequest), session_of(request).user
        ticket = await self._tickets.of_call(call.call_id)
        if ticket is None:
            raise ApiProblem(
                409, "no_ticket_yet", "The call has no ticket yet.", "It gets one when answered; try again."
            )
        form = TicketForm(
            asked.demand, asked.category, asked.text, asked.address, asked.requester, asked.unit
        )
        at = datetime.fromtimestamp(self._clock() / 1000, UTC)
        try:
            after = await self._tickets.write(
                ticket.ticket_id, TicketWrite(asked.version, form, user.name, at, asked.state)
            )
        except TicketChanged as changed:
            raise ApiProblem(
                409, "ticket_changed", str(changed), "Read it again, and write upon what is there."
            ) from None
        except ImpossibleStep as impossible:
            code = _REFUSALS.get(type(impossible), "ticket_step")
            raise ApiProblem(409, code, str(impossible), "The answer of GET names next_states.") from None
        _log.info("ticket_written", ticket_id=ticket.ticket_id, version=after.version, user=user.name)
        return answer(self._answer(after))

    async def day(self, request: web.Request) -> web.Response:
        """GET /api/agents/{agent_id}/day: the agent's own figures of the day"""
        agent_id, view = request.match_info["agent_id"], self._centre.view()
        if agent_id not in view.agents:
            raise not_found("There is no such agent.", "GET /api/agents lists them.")
        return answer(KpiAnswer(seq=view.seq, kpi=kpi_on_wire({agent_id: view.day_of(agent_id)})))

    def _answer(self, ticket: Ticket | None) -> wire.CallTicketAnswer:
        own = [ticket.category] if ticket else []
        categories = list(dict.fromkeys([*self._categories(), *own]))
        told = _ticket_on_wire(ticket) if ticket else None
        return wire.CallTicketAnswer(ticket=told, categories=categories)

    async def _own_call(self, request: web.Request) -> Call:
        call = await self._desk.call(request.match_info["call_id"])
        if call is None:
            raise not_found("There is no such call.")
        require_part(session_of(request), (*parties(call), *call.agent_ids))
        return call


def _ticket_on_wire(ticket: Ticket) -> wire.CallTicket:
    return wire.CallTicket(
        ticket_id=ticket.ticket_id,
        version=ticket.version,
        state=ticket.state,
        next_states=[state for state in TicketState if state in TRANSITIONS[ticket.state]],
        open=ticket.state is not TicketState.CLOSED,
        changed_by=ticket.changed_by,
        changed_at=instant(round(ticket.changed_at.timestamp() * 1000)),
        demand=ticket.demand,
        category=ticket.category,
        text=ticket.text,
        address=ticket.address,
        requester=ticket.requester,
        unit=ticket.unit,
    )


def _pop_on_wire(pop: ScreenPop) -> wire.ScreenPop:
    call, earlier = pop.call, pop.earlier or Earlier()
    return wire.ScreenPop(
        call_id=call.call_id,
        caller=call.caller,
        caller_name=call.caller_name,
        shown_number=pop.shown_number,
        region=pop.region,
        did=call.did,
        dialled_out=call.out is not None,
        trunk=call.trunk,
        language=call.language,
        lists=dict(pop.lists),
        way=[wire.WayStep(**asdict(step) | {"at": instant(step.at)}) for step in pop.way],
        queue=call.queue,
        queue_title=pop.queue_title,
        skills=dict(pop.skills),
        arrived_at=instant(call.arrived_at),
        queued_at=None if call.queued_at is None else instant(call.queued_at),
        waited_ms=None if call.outcome is None else call.wait_ms,
        repeats=None if pop.earlier is None else earlier.repeats,
        repeat_days=pop.repeat_days,
        earlier_calls=[
            wire.EarlierCall(**asdict(one) | {"arrived_at": instant(one.arrived_at)}) for one in earlier.calls
        ],
        earlier_tickets=[
            wire.EarlierTicket(**asdict(one) | {"opened_at": instant(one.opened_at)})
            for one in earlier.tickets
        ],
        ticket_id=call.ticket_id or earlier.ticket_id,
        links=[wire.PopLink(**asdict(link)) for link in pop.links],
    )
