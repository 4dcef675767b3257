"""The controller's side of transcription: an asyncio client of one worker process."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, assert_never

from asr.connection import Connection, connected
from asr.model import Transcript
from asr.protocol import JobBusy, JobDone, JobFailed, JobStarted, ProtocolError, Ready, SubmitJob
from asr.recognizer import FailureReason

_SHORTEST_PAUSE_SEC = 0.05
_LONGEST_PAUSE_SEC = 2.0


@dataclass(frozen=True, slots=True)
class TranscriptionJob:
    """One channel (counted from 0) of a finished recording; `path` is absolute."""

    job_id: str
    path: Path
    channel: int
    language: str


class TranscriptionUnavailable(Exception):
    """No worker took the job in time; the same job may succeed later."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TranscriptionFailed(Exception):
    """The job cannot be done; trying again is in vain."""

    def __init__(self, reason: FailureReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Transcriber(Protocol):
    """The port to transcription; its in-memory twin is `scripted.ScriptedTranscriber`."""

    async def transcribe(self, job: TranscriptionJob) -> Transcript:
        """Return the transcript. Raises TranscriptionUnavailable or TranscriptionFailed; never hangs."""
        ...


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the client waits, and for what.

    `worker_sec`: for a worker that does not answer (it may be loading its model or restarting);
    `queue_sec`: in all, until the job is started;
    `decoding_sec` + `decoding_factor` x audio length: from there to the transcript;
    `crashes`: how many workers a job may kill before it is given up.
    """

    worker_sec: float = 30.0
    queue_sec: float = 600.0
    decoding_sec: float = 60.0
    decoding_factor: float = 4.0
    crashes: int = 2


def worker_command(
    *,
    socket_path: Path,
    model_dir: Path,
    model_id: str,
    engine: str,
    languages: tuple[str, ...],
    threads: int = 1,
    streams: int = 6,
) -> list[str]:
    """Return the command line that starts a worker; see `asr.worker` for what it then does."""
    return [
        *(sys.executable, "-m", "asr.worker"),
        *("--socket", str(socket_path)),
        *("--model-dir", str(model_dir)),
        *("--model-id", model_id),
        *("--engine", engine),
        *("--language", ",".join(languages)),
        *("--threads", str(threads)),
        *("--max-streams", str(streams)),
    ]


class TranscriptionClient:
    """A Transcriber over the worker that listens at `socket_path`.

    Each job has a connection of its own: closing it, as a cancelled `transcribe` does, withdraws the job.
    """

    def __init__(
        self,
        socket_path: Path,
        *,
        patience: Patience | None = None,
        max_at_once: int = 4,
        max_waiting: int = 1000,
    ) -> None:
        self._socket_path = socket_path
        self._patience = patience or Patience()
        self._turn = asyncio.Semaphore(max_at_once)
        self._waiting = 0
        self._max_waiting = max_waiting

    @property
    def waiting(self) -> int:
        """How many transcriptions are asked for and not there yet."""
        return self._waiting

    async def greet(self, timeout_sec: float = 1.0) -> Ready:
        """Return who listens. Raises TranscriptionUnavailable when no worker answers in time."""
        try:
            async with asyncio.timeout(timeout_sec), connected(self._socket_path) as connection:
                return connection.ready
        except (OSError, TimeoutError, ProtocolError) as error:
            raise self._unavailable(f"does not answer ({_told(error)})") from error

    async def transcribe(self, job: TranscriptionJob) -> Transcript:
        """Return the transcript. Raises TranscriptionUnavailable or TranscriptionFailed; never hangs."""
        if self._waiting >= self._max_waiting:
            raise TranscriptionUnavailable(f"{self._waiting} transcriptions are waiting already")
        give_up_at = asyncio.get_running_loop().time() + self._patience.queue_sec
        self._waiting += 1
        try:
            async with asyncio.timeout_at(give_up_at):
                await self._turn.acquire()
        except TimeoutError as error:
            raise self._queue_too_long() from error
        finally:
            self._waiting -= 1
        try:
            return await self._until_done(job, give_up_at)
        finally:
            self._turn.release()

    async def _until_done(self, job: TranscriptionJob, give_up_at: float) -> Transcript:
        clock = asyncio.get_running_loop()
        crashes = 0
        absent_since: float | None = None
        pause_sec = _SHORTEST_PAUSE_SEC
        while True:
            outcome = await self._attempt(job, give_up_at)
            match outcome:
                case Transcript():
                    return outcome
                case _Busy():
                    absent_since = None
                case _Crashed():
                    crashes += 1
                    if crashes >= self._patience.crashes:
                        raise TranscriptionFailed(
                            FailureReason.RECOGNIZER_FAILED,
                            f"the worker died on this recording {crashes} times",
                        )
                case _Absent():
                    absent_since = absent_since or clock.time()
                    if clock.time() - absent_since > self._patience.worker_sec:
                        raise self._unavailable(f"does not answer ({outcome.detail})")
                case _:
                    assert_never(outcome)
            if clock.time() + pause_sec > give_up_at:
                raise self._queue_too_long()
            await asyncio.sleep(pause_sec)
            pause_sec = min(2 * pause_sec, _LONGEST_PAUSE_SEC)

    async def _attempt(self, job: TranscriptionJob, give_up_at: float) -> _Outcome:
        """Offer the job once. Raises TranscriptionFailed, and TranscriptionUnavailable at `give_up_at`."""
        greeting_until = asyncio.get_running_loop().time() + self._patience.worker_sec
        try:
            async with asyncio.timeout_at(min(greeting_until, give_up_at)) as until:
                async with connected(self._socket_path) as connection:
                    until.reschedule(give_up_at)
                    connection.send(SubmitJob(job.job_id, str(job.path), job.channel, job.language))
                    reply = await connection.receive()
                    if isinstance(reply, JobStarted):
                        until.reschedule(None)
                        return await self._decoded(connection, reply.duration_ms)
        except TimeoutError:
            return _Absent("it accepts no work")
        except (OSError, ProtocolError) as error:
            return _Absent(_told(error))
        if isinstance(reply, JobFailed):
            raise TranscriptionFailed(reply.reason, reply.message)
        return _Busy() if isinstance(reply, JobBusy) else _Absent("it hung up")

    async def _decoded(self, connection: Connection, duration_ms: int) -> _Outcome:
        limit_sec = self._patience.decoding_sec + self._patience.decoding_factor * duration_ms / 1000
        try:
            async with asyncio.timeout(limit_sec):
                reply = await connection.receive()
        except TimeoutError as error:
            raise TranscriptionFailed(
                FailureReason.RECOGNIZER_FAILED,
                f"{duration_ms / 1000:.0f} s of audio were not transcribed within {limit_sec:.0f} s",
            ) from error
        match reply:
            case JobDone():
                return reply.transcript
            case JobFailed():
                raise TranscriptionFailed(reply.reason, reply.message)
            case _:
                return _Crashed()

    def _unavailable(self, detail: str) -> TranscriptionUnavailable:
        return TranscriptionUnavailable(f"the transcription worker at {self._socket_path} {detail}")

    def _queue_too_long(self) -> TranscriptionUnavailable:
        return self._unavailable(f"did not start the job within {self._patience.queue_sec:.0f} s")


@dataclass(frozen=True, slots=True)
class _Busy:
    """The worker's queue is full."""


@dataclass(frozen=True, slots=True)
class _Absent:
    """No worker took the job."""

    detail: str


@dataclass(frozen=True, slots=True)
class _Crashed:
    """The worker went away while it decoded the job."""


_Outcome = Transcript | _Busy | _Absent | _Crashed


def _told(error: Exception) -> str:
    return str(error) or type(error).__name__
