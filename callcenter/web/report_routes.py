"""Reports over HTTP."""

from __future__ import annotations

from aiohttp import hdrs, web

from callcenter.domain.kpi_ledger import Counts, Scope, Sparse
from callcenter.reports.export import Sheet, csv_bytes, xlsx_bytes
from callcenter.reports.model import Interval, ReportWanted, figures_of
from callcenter.reports.service import ReportService, SpanRefused
from callcenter.web import wire_reports as wire
from callcenter.web.access import Access, Media, Route
from callcenter.web.ports import Centre
from callcenter.web.problems import ApiProblem
from callcenter.web.requests import answer, read_query
from callcenter.web.wire import instant

MOST_ROWS = 5_000
"""More than that is read by nobody on a page."""
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ReportRoutes:
    """The figures over any time, for supervisors."""

    def __init__(self, reports: ReportService, centre: Centre) -> None:
        self._reports = reports
        self._centre = centre

    def table(self) -> tuple[Route, ...]:
        """Every route with its access."""
        return (
            Route(
                "GET", "/api/reports", Access.SUPERVISION, self.report, wire.ReportRequest, wire.ReportAnswer
            ),
            Route(
                "GET", "/api/reports/export", Access.SUPERVISION, self.export, wire.ReportExportRequest,
                Media("text/csv"),
            ),
        )  # fmt: skip

    async def report(self, request: web.Request) -> web.Response:
        """GET /api/reports?since=&until=&interval=&scope=&name="""
        wanted = self._wanted(read_query(request, wire.ReportRequest))
        counted = await self._reports.counted()
        whole: Sparse = {}
        rows: list[wire.ReportRow] = []
        async for row in self._reports.rows(wanted, whole):
            if len(rows) == MOST_ROWS:
                raise ApiProblem(
                    422,
                    "report_too_long",
                    f"The report has more than {MOST_ROWS} rows.",
                    "Ask for longer intervals or a shorter time, or export it.",
                )
            rows.append(
                wire.ReportRow(
                    begin_at=instant(row.begin_at),
                    end_at=instant(row.end_at),
                    name=row.name,
                    values=[figure.value for figure in row.figures],
                )
            )
        figures = figures_of(wanted.scope, Counts.of(whole))
        return answer(
            wire.ReportAnswer(
                time_zone=wanted.time_zone,
                counted_to_at=instant(counted.until_at) if counted.until_at else None,
                behind=counted.behind,
                figures=[
                    wire.ReportFigure(key=figure.key, unit=figure.unit, formula=figure.formula)
                    for figure in figures
                ],
                rows=rows,
                whole=[figure.value for figure in figures],
            )
        )

    async def export(self, request: web.Request) -> web.StreamResponse:
        """GET /api/reports/export?since=&until=&interval=&scope=&name=&format=&lang=: the same as a file"""
        asked = read_query(request, wire.ReportExportRequest)
        wanted = self._wanted(asked)
        await self._reports.counted()
        whole: Sparse = {}
        sheet = Sheet(wanted, asked.lang, self._names(wanted.scope), whole)
        rows = self._reports.rows(wanted, whole)
        portions = csv_bytes(sheet, rows) if asked.format == "csv" else xlsx_bytes(sheet, rows)
        first = await anext(portions)  # what is wrong is told before the answer begins
        name = f"report-{asked.since:%Y%m%d}-{asked.scope}-{asked.interval}.{asked.format}"
        response = web.StreamResponse(
            headers={
                hdrs.CONTENT_TYPE: MEDIA_TYPES[asked.format],
                hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"',
            }
        )
        await response.prepare(request)
        await response.write(first)
        async for portion in portions:
            await response.write(portion)
        await response.write_eof()
        return response

    def _wanted(self, asked: wire.ReportRequest) -> ReportWanted:
        since, until = (round(moment.timestamp() * 1000) for moment in (asked.since, asked.until))
        interval, zone = Interval(asked.interval), self._reports.time_zone
        try:
            return self._reports.checked(ReportWanted(since, until, interval, asked.scope, zone, asked.name))
        except SpanRefused as refused:
            raise ApiProblem(
                422, "bad_request", str(refused), "Give since and until as 2026-03-02T00:00:00Z."
            ) from None

    def _names(self, scope: Scope) -> dict[str, str]:
        view = self._centre.view()
        if scope is Scope.QUEUE:
            return {name: queue.title for name, queue in view.queues.items()}
        return {agent_id: f"{agent.name} {agent_id}" for agent_id, agent in view.agents.items()}
