"""What lies behind figures, over HTTP."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from callcenter.audit.model import AuditDeed
from callcenter.call_search import CallPlace
from callcenter.domain.kpi import TOTAL
from callcenter.domain.kpi_calls import FigurePart, countable
from callcenter.domain.kpi_ledger import QUARTER_MS
from callcenter.figures.model import Compared, TrendPoint
from callcenter.figures.service import FigureService
from callcenter.web import wire_figures as wire
from callcenter.web.access import Access, Route
from callcenter.web.history_routes import is_masked, line_on_wire
from callcenter.web.noting import Noted
from callcenter.web.ports import Centre
from callcenter.web.problems import not_found
from callcenter.web.requests import answer, read_query
from callcenter.web.wire import instant

MINUTE_MS = 60_000


class FigureRoutes:
    """The calls that a figure counts, and the course of its day."""

    def __init__(self, figures: FigureService, centre: Centre) -> None:
        self._figures = figures
        self._centre = centre

    def table(self) -> tuple[Route, ...]:
        """Every route with its access."""
        seen = Noted(AuditDeed.SEARCHED, ("key", "part", "scope"))
        return (
            Route(
                "GET", "/api/figures/calls", Access.RECORD, self.calls, wire.FigureCallsRequest,
                wire.FigureCallsAnswer, seen, (404,),
            ),
            Route(
                "GET", "/api/figures/day", Access.LOGGED_IN, self.day, wire.FigureDayRequest,
                wire.FigureDayAnswer, problems=(404,),
            ),
        )  # fmt: skip

    async def calls(self, request: web.Request) -> web.Response:
        """GET /api/figures/calls?key=&part=&scope=&before=&limit="""
        asked = read_query(request, wire.FigureCallsRequest)
        self._require_number(asked)
        arrived_at, _, call_id = (asked.before or "").partition(".")
        before = CallPlace(int(arrived_at), call_id) if asked.before else None
        number = FigurePart(asked.scope, asked.key, asked.part)
        found = await self._figures.calls(number, before, asked.limit)
        last = found.calls[-1].place if found.calls and found.more else None
        return answer(
            wire.FigureCallsAnswer(
                calls=[
                    wire.CountedLine(
                        call=line_on_wire(one.line, masked=is_masked(request, one.line.agent_ids)),
                        times=one.times,
                    )
                    for one in found.calls
                ],
                next=f"{last.arrived_at}.{last.call_id}" if last else None,
            )
        )

    async def day(self, request: web.Request) -> web.Response:
        """GET /api/figures/day?scope=&minutes="""
        asked = read_query(request, wire.FigureDayRequest)
        self._require_scope(asked.scope)
        step_ms = int(asked.minutes) * MINUTE_MS
        day = await self._figures.day(asked.scope, step_ms)
        elapsed_ms = day.until_at - day.began_at
        return answer(
            wire.FigureDayAnswer(
                time_zone=self._figures.time_zone,
                began_at=instant(day.began_at),
                until_at=instant(day.until_at),
                compared_to_at=instant(day.until_at - elapsed_ms % QUARTER_MS),
                step_ms=step_ms,
                today=_points(day.today),
                week_ago=None if day.week_ago is None else _points(day.week_ago),
                figures=[_compared_on_wire(figure) for figure in day.figures],
            )
        )

    def _require_scope(self, scope: str) -> None:
        if scope != TOTAL and scope not in self._centre.view().queues:
            raise not_found("There is no such queue.", "Leave scope out for all queues together.")

    def _require_number(self, asked: wire.FigureCallsRequest) -> None:
        """Refuse what counts no calls. A queue that nobody has called today has no figures, and no calls."""
        self._require_scope(asked.scope)
        figures = self._centre.view().kpi()
        known = figures.get(asked.scope) or figures.get(TOTAL, ())
        if not any(one.key == asked.key and asked.part in countable(one) for one in known):
            raise not_found(
                f"No figure '{asked.key}' counts calls in its {asked.part.value}.",
                "GET /api/kpi tells in 'opens' which numbers do.",
            )


def _points(points: Sequence[TrendPoint]) -> list[wire.DayPoint]:
    return [
        wire.DayPoint(
            offset_ms=point.offset_ms,
            offered=point.offered,
            answered=point.answered,
            abandoned=point.abandoned,
            service_level=point.service_level,
            answer_rate=point.answer_rate,
        )
        for point in points
    ]


def _compared_on_wire(figure: Compared) -> wire.FigureBefore:
    return wire.FigureBefore(
        key=figure.key,
        unit=figure.unit,
        today=figure.today,
        before=[
            wire.DayBefore(day=day, value=one.before, change=one.change, is_better=one.is_better)
            for day, one in figure.days.items()
        ],
    )
