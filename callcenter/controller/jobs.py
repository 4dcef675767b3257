"""Slow work of the Centre, done beside it: each job is tried until it has an answer, which is posted back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from callcenter.controller.messages import (
    FinishRecording,
    FinishTake,
    Job,
    JobDone,
    KeepTake,
    LookUp,
    MakePrompts,
    Message,
    OpenTicket,
    PromptAnswered,
    PromptsMade,
    RecordingUnfinished,
    TakeChecked,
    TellWebhook,
    TicketDelayed,
    Transcribe,
    UpdateTicket,
)
from callcenter.controller.outside_jobs import OutsideJobs
from callcenter.controller.until_stored import until_stored
from callcenter.domain import events as e
from callcenter.ports import (
    Clock,
    NothingRecorded,
    PromptMaker,
    PromptStudio,
    PromptUnavailable,
    RecordingFiles,
    RecordingUnusable,
    TakeUnusable,
    TicketRequest,
    TicketStore,
    Transcriber,
    TranscriptUnavailable,
)
from ivr_flows.effects import TakeFault

log = structlog.get_logger(__name__)
FINISHERS = 4
"""Recordings finished at once; more wait their turn so that telephony keeps the machine."""


class JobRunner:
    """Begins jobs as tasks. What ``close`` interrupts is begun again at the next start. A defect of whoever
    does the work is logged and told like a failure, so that no call waits for ever."""

    def __init__(
        self,
        tickets: TicketStore,
        recordings: RecordingFiles,
        transcriber: Transcriber,
        prompts: PromptMaker,
        studio: PromptStudio,
        clock: Clock,
        outside: OutsideJobs,
    ) -> None:
        self._tickets = tickets
        self._recordings = recordings
        self._transcriber = transcriber
        self._prompts = prompts
        self._studio = studio
        self._clock = clock
        self._outside = outside
        self._post: Callable[[Message], None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._owed: set[Job] = set()
        self._finishing = asyncio.Semaphore(FINISHERS)

    def attach(self, post: Callable[[Message], None]) -> None:
        """Where results go; to be given before the first job."""
        self._post = post

    def begin(self, job: Job) -> None:
        """Do the job; one that is already under way is not begun twice."""
        if job in self._owed:
            return
        self._owed.add(job)
        task = asyncio.get_running_loop().create_task(self._run(job), name=type(job).__name__)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Cancel what is under way and wait for it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, job: Job) -> None:
        try:
            match job:
                case OpenTicket():
                    await self._open_ticket(job)
                case FinishRecording():
                    await self._finish_recording(job)
                case Transcribe():
                    await self._transcribe(job)
                case MakePrompts():
                    await self._make_prompts(job)
                case LookUp() | TellWebhook() | UpdateTicket():
                    self._done(await self._outside.carry_out(job))
                case FinishTake():
                    await self._finish_take(job)
                case KeepTake():
                    await self._keep_take(job)
        finally:
            self._owed.discard(job)

    def _done(self, message: Message) -> None:
        assert self._post is not None
        self._post(message)

    async def _open_ticket(self, job: OpenTicket) -> None:
        request = ticket_request(job, self._clock())
        link = await until_stored(
            lambda: self._tickets.open_or_join(request),
            "ticket_delayed",
            job.call_id,
            lambda: self._done(TicketDelayed(job.call_id)),
        )
        self._done(JobDone(e.TicketLinked(self._clock(), job.call_id, link.ticket_id, link.opened)))

    async def _finish_recording(self, job: FinishRecording) -> None:
        async with self._finishing:
            try:
                done = await self._recordings.finish(job.path_stem, wideband=job.wideband)
            except Exception as error:
                defect = None if isinstance(error, RecordingUnusable) else error
                log.warning("recording_unusable", call_id=job.call_id, reason=str(error), exc_info=defect)
                final = isinstance(error, NothingRecorded)
                self._done(RecordingUnfinished(job.call_id, str(error), final))
                return
        self._done(
            JobDone(
                e.RecordingStored(
                    at=self._clock(),
                    call_id=job.call_id,
                    recording_id=job.recording_id,
                    path=done.path,
                    sha256=done.sha256,
                    duration_ms=done.duration_ms,
                    sample_rate=done.sample_rate,
                    channel_rms_dbfs=done.channel_rms_dbfs,
                )
            )
        )

    async def _transcribe(self, job: Transcribe) -> None:
        try:
            heard = await self._transcriber.transcribe(job.path, job.channel, job.language)
        except Exception as error:
            defect = None if isinstance(error, TranscriptUnavailable) else error
            log.warning(
                "transcript_missing", call_id=job.call_id, leg=job.leg, reason=str(error), exc_info=defect
            )
            missing = e.TranscriptMissing(self._clock(), job.call_id, job.recording_id, job.leg, str(error))
            self._done(JobDone(missing))
            return
        self._done(
            JobDone(
                e.TranscriptStored(
                    at=self._clock(),
                    call_id=job.call_id,
                    recording_id=job.recording_id,
                    leg=job.leg,
                    language=job.language,
                    engine=heard.engine,
                    model=heard.model,
                    text=heard.text,
                    segments=heard.segments,
                )
            )
        )

    async def _make_prompts(self, job: MakePrompts) -> None:
        """A caller who hears nothing of what was meant is an alarm; it names no word of it."""
        try:
            async with asyncio.timeout(job.within_ms / 1000):
                await self._prompts.make(job.prompts, job.within_ms)
        except PromptUnavailable as error:
            log.error("prompt_unheard", call_id=job.call_id, prompts=len(job.prompts), reason=str(error))
        except TimeoutError:
            log.error("prompt_unheard", call_id=job.call_id, prompts=len(job.prompts), reason="too slow")
        except Exception as error:  # its text may quote what was to be said
            log.error(
                "prompt_unheard", call_id=job.call_id, prompts=len(job.prompts), reason=type(error).__name__
            )
        self._done(PromptsMade(job.call_id, job.token))

    async def _finish_take(self, job: FinishTake) -> None:
        try:
            name = await self._studio.take(job.path_stem, wideband=job.wideband)
        except Exception as error:
            known = isinstance(error, TakeUnusable)
            fault = error.fault if isinstance(error, TakeUnusable) else TakeFault.FAILED
            log.warning(
                "take_unusable", call_id=job.call_id, reason=str(error), exc_info=None if known else error
            )
            self._done(TakeChecked(job.call_id, job.token, "", fault))
        else:
            self._done(TakeChecked(job.call_id, job.token, name, None))

    async def _keep_take(self, job: KeepTake) -> None:
        """Every change of what callers hear is told, with the call in which it was made."""
        try:
            prompt = await self._studio.keep(job.number, job.take)
        except Exception as error:
            known = isinstance(error, TakeUnusable)
            log.warning(
                "prompt_not_kept", call_id=job.call_id, reason=str(error), exc_info=None if known else error
            )
            self._done(PromptAnswered(job.call_id, job.number, kept=False))
        else:
            log.info("prompt_recorded", call_id=job.call_id, number=job.number, language=prompt.language)
            self._done(PromptAnswered(job.call_id, job.number, kept=True))


def ticket_request(job: OpenTicket, asked_at: int) -> TicketRequest:
    """What the store is asked for; ``asked_at`` in ms since the epoch, UTC."""
    about = job.category, job.text, job.queue, job.language
    return TicketRequest(job.call_id, job.caller, *about, asked_at, job.known_as)
