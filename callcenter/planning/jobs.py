"""Jobs: questions that take seconds, answered one at a time beside everything else."""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from contextlib import suppress
from dataclasses import dataclass

import structlog

from callcenter.planning.staffing import Unanswerable
from callcenter.planning.task import Solver, Task
from callcenter.ports import Clock
from callcenter.web import wire_planning as wire
from callcenter.web.wire_planning import JobState

MOST_WAITING = 4
KEPT_MS = 3_600_000
MOST_KEPT = 40
END_S = 3.0

_log = structlog.get_logger(__name__)


class Busy(Exception):
    """So many questions wait already that another one is refused."""


class NoSuchJob(Exception):
    """Nobody asked this, or too long ago, or of a controller that is gone."""


@dataclass(slots=True)
class _Job:
    task: Task
    shown: wire.PlanningJob
    ended_at: int | None = None
    working: asyncio.Task[None] | None = None


class Jobs:
    """One job at a time; MOST_WAITING may wait. What has ended is kept for KEPT_MS, and not over the end of
    the controller. Used from one event loop only."""

    def __init__(self, solver: Solver, clock: Clock) -> None:
        self._solver = solver
        self._clock = clock
        self._jobs: dict[str, _Job] = {}
        self._waiting: deque[str] = deque()
        self._running: str | None = None
        self._keeper: asyncio.Task[None] | None = None

    def ask(self, task: Task) -> wire.PlanningJob:
        """The job that will answer it. Raises Busy."""
        self._forget()
        if len(self._waiting) >= MOST_WAITING:
            raise Busy
        job_id = uuid.uuid4().hex
        shown = wire.PlanningJob(job_id=job_id, state=JobState.WAITING, place=0, progress=0.0)
        self._jobs[job_id] = _Job(task, shown)
        self._waiting.append(job_id)
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.get_running_loop().create_task(self._work(), name="planning")
        return self.told(job_id)

    def told(self, job_id: str) -> wire.PlanningJob:
        """How far the job is, with its answer when it is done. Raises NoSuchJob."""
        self._forget()
        job = self._jobs.get(job_id)
        if job is None:
            raise NoSuchJob
        if job_id in self._waiting:
            place = self._waiting.index(job_id) + (self._running is not None)
            return job.shown.model_copy(update={"place": place})
        return job.shown

    def cancel(self, job_id: str) -> wire.PlanningJob:
        """End it at once; one that has ended stays as it is. Raises NoSuchJob."""
        self.told(job_id)
        job = self._jobs[job_id]
        if job_id in self._waiting:
            self._waiting.remove(job_id)
            self._end(job, state=JobState.CANCELLED)
        elif job.working is not None and job.ended_at is None:
            self._end(job, state=JobState.CANCELLED)
            job.working.cancel()
        return job.shown

    async def close(self) -> None:
        """End what is being worked at."""
        self._waiting.clear()
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait({self._keeper}, timeout=END_S)
            self._keeper = None

    async def _work(self) -> None:
        """Job by job, until none waits."""
        while self._waiting:
            self._running = job_id = self._waiting.popleft()
            job = self._jobs[job_id]
            job.shown = job.shown.model_copy(update={"state": JobState.RUNNING})
            job.working = asyncio.get_running_loop().create_task(self._solve(job), name="planning-job")
            try:
                with suppress(asyncio.CancelledError):
                    await asyncio.wait({job.working})
            finally:
                self._running = None
                if not job.working.done():  # we are being closed
                    job.working.cancel()
                    await asyncio.wait({job.working}, timeout=END_S)

    async def _solve(self, job: _Job) -> None:
        def progress(share: float) -> None:
            if job.ended_at is None:
                job.shown = job.shown.model_copy(update={"progress": max(job.shown.progress, share)})

        began = self._clock()
        try:
            answer = await self._solver.solve(job.task, progress)
        except Unanswerable as why:
            failure = wire.PlanningFailure(code=why.code, what=why.what, cure=why.cure)
            self._end(job, state=JobState.FAILED, failure=failure)
        except Exception:
            _log.exception("planning_failed")
            failure = wire.PlanningFailure(
                code="internal", what="The question could not be answered.", cure="See the centre's log."
            )
            self._end(job, state=JobState.FAILED, failure=failure)
        else:
            kind = "staffing" if isinstance(answer, wire.StaffingAnswer) else "what_if"
            self._end(job, state=JobState.DONE, progress=1.0, **{kind: answer})
            _log.info("planning_answered", kind=kind, took_ms=self._clock() - began)

    def _end(self, job: _Job, **update: object) -> None:
        if job.ended_at is None:
            job.ended_at = self._clock()
            job.shown = job.shown.model_copy(update=update)

    def _forget(self) -> None:
        """What ended long ago, and the oldest of what is too much."""
        ended = sorted(
            (job.ended_at, job_id) for job_id, job in self._jobs.items() if job.ended_at is not None
        )
        too_many = len(ended) - MOST_KEPT
        for number, (ended_at, job_id) in enumerate(ended):
            if number < too_many or ended_at + KEPT_MS < self._clock():
                del self._jobs[job_id]
