"""Surveys over HTTP."""

from __future__ import annotations

from aiohttp import web

from callcenter.audit.model import AuditDeed
from callcenter.surveys.model import SurveyResult, Wanted
from callcenter.surveys.service import SpanRefused, SurveyService
from callcenter.web import wire_api as wire
from callcenter.web.access import Access, Route
from callcenter.web.noting import Noted
from callcenter.web.problems import ApiProblem
from callcenter.web.requests import answer, read_query
from callcenter.web.wire import instant


class SurveyRoutes:
    """What callers said, for supervisors."""

    def __init__(self, surveys: SurveyService) -> None:
        self._surveys = surveys

    def table(self) -> tuple[Route, ...]:
        """Every route with its access."""
        seen = Noted(AuditDeed.SURVEYS_SEEN, ("since", "until", "queue", "agent"))
        return (
            Route(
                "GET", "/api/surveys", Access.RECORD, self.surveys, wire.SurveysRequest, wire.SurveysAnswer,
                seen,
            ),
        )  # fmt: skip

    async def surveys(self, request: web.Request) -> web.Response:
        """GET /api/surveys?since=&until=&queue=&agent=&limit="""
        asked = read_query(request, wire.SurveysRequest)
        since, until = (round(moment.timestamp() * 1000) for moment in (asked.since, asked.until))
        try:
            summary, results = await self._surveys.told(
                Wanted(since, until, asked.queue, asked.agent), asked.limit
            )
        except SpanRefused as refused:
            raise ApiProblem(
                422, "bad_request", str(refused), "Give since and until as 2026-03-02T00:00:00Z."
            ) from None
        return answer(
            wire.SurveysAnswer(
                invited=summary.invited,
                rated=summary.rated,
                satisfied=summary.satisfied,
                satisfaction_rate=summary.satisfaction_rate,
                participation_rate=summary.participation_rate,
                surveys=[_on_wire(result) for result in results],
            )
        )


def _on_wire(result: SurveyResult) -> wire.Survey:
    return wire.Survey(
        call_id=result.call_id,
        offered_at=instant(result.offered_at),
        queue=result.queue or None,
        agent_ids=list(result.agent_ids),
        ticket_id=result.ticket_id,
        answers=[
            wire.SurveyAnswer(question=given.question, score=given.score, satisfied=given.satisfied)
            for given in result.answers
        ],
    )
