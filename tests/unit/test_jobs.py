"""Slow work beside the Centre: tried until it has an answer, never twice at once, never lost in a defect."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from callcenter.adapters.memory import (
    ScriptedLookUps,
    ScriptedRecordingFiles,
    ScriptedTranscriber,
    ScriptedWebhooks,
)
from callcenter.controller import until_stored
from callcenter.controller.jobs import JobRunner
from callcenter.controller.messages import (
    FinishRecording,
    FinishTake,
    Job,
    JobDone,
    KeepTake,
    MakePrompts,
    Message,
    OpenTicket,
    PromptAnswered,
    PromptsMade,
    RecordingUnfinished,
    TakeChecked,
    TicketDelayed,
    Transcribe,
)
from callcenter.controller.outside_jobs import OutsideJobs
from callcenter.domain import events as e
from callcenter.ports import (
    NothingRecorded,
    PromptUnavailable,
    StoreAway,
    TakeUnusable,
    TicketLink,
    TicketRequest,
)
from callcenter.tickets.store import MemoryTicketStore
from ivr_flows.effects import PromptText, TakeFault

TICKET = OpenTicket("c1", "02112345678", "consultation", "", "general", "zh")
MAKE = MakePrompts("c1", "t-1", (PromptText("王女士", "zh"),), 50)
FINISH = FinishRecording("c1", "r-c1", "2026/01/01/c1", True)
HEAR = Transcribe("c1", "r-c1", "caller", "x-both.wav", 0, "zh")


class Tickets(MemoryTicketStore):
    """Fails so often, with this error."""

    def __init__(self) -> None:
        super().__init__()
        self.failures = 0
        self.error: Exception = StoreAway("PostgreSQL does not answer")
        self.asked = 0

    async def open_or_join(self, request: TicketRequest) -> TicketLink:
        self.asked += 1
        await asyncio.sleep(0)
        if self.failures:
            self.failures -= 1
            raise self.error
        return await super().open_or_join(request)


class Studio:
    """Takes everything, unless it fails like this."""

    def __init__(self) -> None:
        self.error: Exception | None = None

    async def take(self, path_stem: str, *, wideband: bool) -> str:
        if self.error is not None:
            raise self.error
        return path_stem.rpartition("/")[2]

    async def keep(self, number: str, take: str) -> PromptText:
        if self.error is not None:
            raise self.error
        return PromptText("您好。", "zh")


class Prompts:
    """Makes prompts, unless it fails like this, or hangs."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.hangs = False
        self.made: list[tuple[PromptText, ...]] = []

    async def make(self, prompts: tuple[PromptText, ...], within_ms: int) -> None:
        if self.hangs:
            await asyncio.sleep(3600)
        if self.error:
            raise self.error
        self.made.append(prompts)


class Desk:
    """A runner, what it works with, and what it posted."""

    def __init__(self) -> None:
        self.tickets = Tickets()
        self.files = ScriptedRecordingFiles()
        self.texts: dict[int, str | Exception] = {0: "你好"}
        self.posted: asyncio.Queue[Message] = asyncio.Queue()
        self.prompts = Prompts()
        self.studio = Studio()
        self.runner = JobRunner(
            self.tickets,
            self.files,
            ScriptedTranscriber(self.texts),
            self.prompts,
            self.studio,
            lambda: 77,
            OutsideJobs(ScriptedLookUps(), ScriptedWebhooks(), self.tickets, lambda: 77),
        )
        self.runner.attach(self.posted.put_nowait)

    def with_files(self, *failures: str | Exception) -> Desk:
        self.files = ScriptedRecordingFiles(failures)
        self.runner._recordings = self.files
        return self

    async def answer(self, job: Job) -> Message:
        """What comes of this job."""
        self.runner.begin(job)
        return await self.next()

    async def next(self) -> Message:
        return await asyncio.wait_for(self.posted.get(), 5)


@pytest.fixture
async def desk(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """A desk at which nobody waits long."""
    monkeypatch.setattr(until_stored, "RETRY_S", (0.001,))
    made = Desk()
    yield made
    await made.runner.close()


async def test_each_job_answers(desk: Desk) -> None:
    """Ticket, recording and transcript come back as what is now known."""
    for job in (TICKET, FINISH, HEAR):
        desk.runner.begin(job)
    answers = [await desk.next() for _ in range(3)]
    events = {type(answer.event): answer.event for answer in answers if isinstance(answer, JobDone)}
    assert events[e.TicketLinked] == e.TicketLinked(77, "c1", "T19700101-000001", True)
    stored = events[e.RecordingStored]
    assert isinstance(stored, e.RecordingStored)
    assert (stored.path, stored.sample_rate) == ("2026/01/01/c1-both.wav", 16_000)
    heard = events[e.TranscriptStored]
    assert isinstance(heard, e.TranscriptStored)
    assert (heard.text, heard.engine, heard.leg) == ("你好", "scripted", "caller")


@pytest.mark.parametrize("error", [StoreAway("gone"), RuntimeError("a defect")])
async def test_a_ticket_is_tried_until_it_is_there(desk: Desk, error: Exception) -> None:
    """The delay is told once; then, however long it took, the one ticket."""
    desk.tickets.failures, desk.tickets.error = 5, error
    desk.runner.begin(TICKET)
    assert await desk.next() == TicketDelayed("c1")
    assert await desk.next() == JobDone(e.TicketLinked(77, "c1", "T19700101-000001", True))
    assert desk.tickets.asked == 6


async def test_a_job_under_way_is_not_begun_twice(desk: Desk) -> None:
    """Asked again meanwhile it runs once; asked again later, it runs again and answers the same."""
    desk.runner.begin(TICKET)
    desk.runner.begin(TICKET)
    first = await desk.next()
    await asyncio.sleep(0)
    assert desk.tickets.asked == 1
    desk.runner.begin(TICKET)
    assert await desk.next() == first
    assert len(desk.tickets.tickets) == 1


@pytest.mark.parametrize(
    ("failure", "final"),
    [("disk full", False), (RuntimeError("disk full"), False), (NothingRecorded("disk full"), True)],
)
async def test_a_recording_that_cannot_be_finished_is_told(
    desk: Desk, failure: str | Exception, final: bool
) -> None:
    """Foreseen or not; the Centre decides whether to try again."""
    desk.with_files(failure)
    desk.runner.begin(FINISH)
    assert await desk.next() == RecordingUnfinished("c1", "disk full", final)


async def test_a_transcript_that_cannot_be_had_is_told(desk: Desk) -> None:
    """Without a model, and for a defect nobody foresaw."""
    for reason in (None, RuntimeError("worker died")):
        desk.texts.clear()
        if reason is not None:
            desk.texts[0] = reason
        desk.runner.begin(HEAR)
        answer = await desk.next()
        assert isinstance(answer, JobDone)
        assert isinstance(answer.event, e.TranscriptMissing)
        assert answer.event.reason


async def test_closing_interrupts_what_waits(desk: Desk) -> None:
    """A store that never comes back does not keep the centre from ending; nothing more is told."""
    desk.tickets.failures = 1_000_000
    desk.runner.begin(TICKET)
    assert await desk.next() == TicketDelayed("c1")
    await asyncio.wait_for(desk.runner.close(), 5)
    assert desk.posted.empty()


async def test_prompts_are_made_and_told(desk: Desk) -> None:
    """The call hears of it by the token of the play that waits."""
    desk.runner.begin(MAKE)
    assert await desk.next() == PromptsMade("c1", "t-1")
    assert desk.prompts.made == [MAKE.prompts]


@pytest.mark.parametrize("trouble", [PromptUnavailable("install libespeak-ng1"), ValueError("王女士"), None])
async def test_a_prompt_that_cannot_be_made_is_an_alarm_without_its_words(
    desk: Desk, trouble: Exception | None
) -> None:
    """Failed, defective or hanging: the call is told in time, and the log has the reason only."""
    desk.prompts.error, desk.prompts.hangs = trouble, trouble is None
    with capture_logs() as logs:
        desk.runner.begin(MAKE)
        assert await desk.next() == PromptsMade("c1", "t-1")
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("prompt_unheard", "error")]
    assert "王" not in str(logs)


TAKE = FinishTake("c1", "t-1", "takes/c1-t-1", True)
KEEP = KeepTake("c1", "123456", "c1-t-1")


async def test_a_take_is_checked_and_a_prompt_kept(desk: Desk) -> None:
    """The name of the take, and that it is kept."""
    assert await desk.answer(TAKE) == TakeChecked("c1", "t-1", "c1-t-1", None)
    assert await desk.answer(KEEP) == PromptAnswered("c1", "123456", kept=True)


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (TakeUnusable(TakeFault.SILENT, "nothing was said"), TakeFault.SILENT),
        (RuntimeError("defect"), TakeFault.FAILED),
    ],
)
async def test_a_take_that_is_of_no_use_says_why(desk: Desk, error: Exception, fault: TakeFault) -> None:
    """Also when it is a defect; no call waits for ever."""
    desk.studio.error = error
    assert await desk.answer(TAKE) == TakeChecked("c1", "t-1", "", fault)
    assert await desk.answer(KEEP) == PromptAnswered("c1", "123456", kept=False)
