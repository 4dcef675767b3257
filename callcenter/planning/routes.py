"""Planning over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from aiohttp import web

from callcenter.planning.jobs import MOST_WAITING, Busy, NoSuchJob
from callcenter.planning.service import Planner
from callcenter.planning.staffing import Unanswerable
from callcenter.web import wire_planning as wire
from callcenter.web.access import Access, Route
from callcenter.web.problems import ApiProblem, not_found
from callcenter.web.requests import answer, read_body
from callcenter.web.wire import Wire

W = TypeVar("W", bound=Wire)


class PlanningRoutes:
    """Staffing and what-if, for whoever keeps the centre in order."""

    def __init__(self, planner: Planner) -> None:
        self._planner = planner

    def table(self) -> tuple[Route, ...]:
        """Every route with its access."""
        may, job = Access.OPERATION, "/api/planning/jobs/{job_id}"
        return (
            Route("GET", "/api/planning/basis", may, self.basis, None, wire.PlanningBasis),
            Route(
                "POST", "/api/planning/staffing", may, self.staffing, wire.StaffingRequest,
                wire.PlanningJob, problems=(409,), status=202,
            ),
            Route(
                "POST", "/api/planning/what-if", may, self.what_if, wire.WhatIfRequest,
                wire.PlanningJob, problems=(409,), status=202,
            ),
            Route("GET", job, may, self.job, None, wire.PlanningJob),
            Route("POST", f"{job}/cancel", may, self.cancel, None, wire.PlanningJob),
        )  # fmt: skip

    async def basis(self, _: web.Request) -> web.Response:
        """GET /api/planning/basis: what a plan can begin with

        The whole weeks that were last, what came to each queue in them, and how the centre is arranged."""
        return answer(await self._planner.basis())

    async def staffing(self, request: web.Request) -> web.Response:
        """POST /api/planning/staffing: how many agents are needed

        The answer is a job: it takes seconds, beside the calls."""
        return _begun(self._planner.staffing, await read_body(request, wire.StaffingRequest))

    async def what_if(self, request: web.Request) -> web.Response:
        """POST /api/planning/what-if: a past time as it was, against the same with changes

        The answer is a job: it takes seconds, beside the calls."""
        return _begun(self._planner.what_if, await read_body(request, wire.WhatIfRequest))

    async def job(self, request: web.Request) -> web.Response:
        """GET /api/planning/jobs/{job_id}: how far the job is, and its answer"""
        return _known(self._planner.jobs.told, request)

    async def cancel(self, request: web.Request) -> web.Response:
        """POST /api/planning/jobs/{job_id}/cancel: nobody waits for the answer any more"""
        return _known(self._planner.jobs.cancel, request)


def _begun(begin: Callable[[W], wire.PlanningJob], asked: W) -> web.Response:
    try:
        return answer(begin(asked), 202)
    except Unanswerable as why:
        raise ApiProblem(422, why.code, why.what, why.cure) from None
    except Busy:
        raise ApiProblem(
            409,
            "planning_busy",
            f"{MOST_WAITING} questions wait already.",
            "Ask again when one of them is answered, or cancel one.",
        ) from None


def _known(act: Callable[[str], wire.PlanningJob], request: web.Request) -> web.Response:
    try:
        return answer(act(request.match_info["job_id"]))
    except NoSuchJob:
        raise not_found(
            "There is no such job: answers are kept for an hour, and not over a restart.", "Ask again."
        ) from None
