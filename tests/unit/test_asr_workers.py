"""The client of a worker: what it does when the worker is busy, away, slow or dying."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from asr.model import Transcript
from asr.protocol import (
    JobBusy,
    JobDone,
    JobFailed,
    JobStarted,
    Message,
    Ready,
    SubmitJob,
    encode,
    read_message,
)
from asr.recognizer import FailureReason
from asr.scripted import ScriptedEngine, ScriptedTranscriber
from asr.server import WorkerServer
from asr.workers import (
    Patience,
    TranscriptionClient,
    TranscriptionFailed,
    TranscriptionJob,
    TranscriptionUnavailable,
    worker_command,
)

SPEECH = Path(__file__).parents[1] / "data" / "speech"
JOB = TranscriptionJob("call-1#0", SPEECH / "ko" / "02.flac", 0, "ko")
TRANSCRIPT = Transcript("ko", "vosk", "vosk-ko", 16000, 2950, (), "")
READY = Ready("vosk", "vosk-ko", "1", "ko", True)
HASTE = Patience(worker_sec=0.2, queue_sec=1.0, decoding_sec=0.2, decoding_factor=0.0)

Answer = Callable[[asyncio.StreamWriter, int, asyncio.Event], Awaitable[None]]


def say(writer: asyncio.StreamWriter, *messages: Message) -> None:
    """Send messages."""
    writer.write(b"".join(encode(message) for message in messages))


@asynccontextmanager
async def worker_that(answer: Answer, socket_path: Path) -> AsyncIterator[None]:
    """A worker that greets and meets the n-th job (from 1) with `answer`, then hangs up.

    `answer` gets an event that is set when the test is over, to wait for instead of answering.
    """
    over = asyncio.Event()
    serving: set[asyncio.Task[None]] = set()
    jobs = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal jobs
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        say(writer, READY)
        if isinstance(await read_message(reader), SubmitJob):
            jobs += 1
            await answer(writer, jobs, over)
        writer.transport.abort() if over.is_set() else writer.close()

    async with await asyncio.start_unix_server(serve, str(socket_path)):
        yield
        over.set()
        await asyncio.gather(*serving)
        await asyncio.sleep(0)  # a closed transport says so in the next turn of the loop


@pytest.fixture
def socket_path(tmp_path: Path) -> Path:
    """Where the worker listens."""
    return tmp_path / "asr.sock"


async def test_busy_worker_is_asked_again(socket_path: Path) -> None:
    """The client keeps the job while the queue is full."""

    async def answer(writer: asyncio.StreamWriter, job: int, over: asyncio.Event) -> None:
        say(writer, JobBusy("x")) if job < 3 else say(writer, JobStarted("x", 100), JobDone("x", TRANSCRIPT))

    async with worker_that(answer, socket_path):
        assert await TranscriptionClient(socket_path, patience=HASTE).transcribe(JOB) == TRANSCRIPT


async def test_worker_that_is_not_there_yet_is_waited_for(socket_path: Path) -> None:
    """A job that comes while the worker loads its model is done when it is ready."""
    client = TranscriptionClient(socket_path, patience=Patience(worker_sec=5))
    transcription = asyncio.create_task(client.transcribe(JOB))
    await asyncio.sleep(0)
    async with WorkerServer(ScriptedEngine(("ko",), default="네")).listening(socket_path):
        assert (await transcription).text == "네"


async def test_worker_that_stays_away_makes_the_job_unavailable(socket_path: Path) -> None:
    """The reason names the socket; nothing hangs."""
    with pytest.raises(TranscriptionUnavailable, match=str(socket_path)):
        await TranscriptionClient(socket_path, patience=HASTE).transcribe(JOB)


async def test_worker_that_never_greets_makes_the_job_unavailable(socket_path: Path) -> None:
    """A stopped process accepts connections and says nothing."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(socket_path))
        listening.listen()
        client = TranscriptionClient(socket_path, patience=HASTE)
        with pytest.raises(TranscriptionUnavailable, match="does not answer"):
            await client.greet(timeout_sec=0.05)
        with pytest.raises(TranscriptionUnavailable, match="does not answer"):
            await client.transcribe(JOB)


async def test_job_that_is_never_started_becomes_unavailable(socket_path: Path) -> None:
    """The time in the queue is bounded."""

    async def answer(writer: asyncio.StreamWriter, job: int, over: asyncio.Event) -> None:
        await over.wait()

    async with worker_that(answer, socket_path):
        with pytest.raises(TranscriptionUnavailable):
            await TranscriptionClient(socket_path, patience=HASTE).transcribe(JOB)


async def test_job_that_is_never_done_fails(socket_path: Path) -> None:
    """The time of decoding is bounded by the length of the audio."""

    async def answer(writer: asyncio.StreamWriter, job: int, over: asyncio.Event) -> None:
        say(writer, JobStarted("x", 100))
        await over.wait()

    async with worker_that(answer, socket_path):
        with pytest.raises(TranscriptionFailed, match="were not transcribed within"):
            await TranscriptionClient(socket_path, patience=HASTE).transcribe(JOB)


async def test_worker_that_dies_once_gets_the_job_again(socket_path: Path) -> None:
    """One crash may be bad luck."""

    async def answer(writer: asyncio.StreamWriter, job: int, over: asyncio.Event) -> None:
        say(writer, JobStarted("x", 100))
        if job == 2:
            say(writer, JobDone("x", TRANSCRIPT))

    async with worker_that(answer, socket_path):
        assert await TranscriptionClient(socket_path, patience=HASTE).transcribe(JOB) == TRANSCRIPT


async def test_recording_that_kills_workers_is_given_up(socket_path: Path) -> None:
    """Two crashes over one recording are no accident; the next recording needs the worker."""
    jobs: list[int] = []

    async def answer(writer: asyncio.StreamWriter, job: int, over: asyncio.Event) -> None:
        jobs.append(job)
        say(writer, JobStarted("x", 100))

    async with worker_that(answer, socket_path):
        with pytest.raises(TranscriptionFailed, match="died on this recording 2 times"):
            await TranscriptionClient(socket_path, patience=HASTE).transcribe(JOB)
    assert jobs == [1, 2]


async def test_failure_keeps_its_reason(socket_path: Path) -> None:
    """What the worker says about a recording reaches the caller, before and after the start."""

    async def answer(writer: asyncio.StreamWriter, job: int, over: asyncio.Event) -> None:
        started = [JobStarted("x", 100)] if job == 2 else []
        say(writer, *started, JobFailed("x", FailureReason.BAD_FILE, "there is no such file"))

    async with worker_that(answer, socket_path):
        client = TranscriptionClient(socket_path, patience=HASTE)
        for _ in range(2):
            with pytest.raises(TranscriptionFailed, match="no such file") as caught:
                await client.transcribe(JOB)
            assert caught.value.reason is FailureReason.BAD_FILE


async def test_more_jobs_than_may_wait_are_refused_at_once(socket_path: Path) -> None:
    """A stalled worker does not pile up jobs without end; the jobs that wait are still done."""
    go = asyncio.Event()

    async def answer(writer: asyncio.StreamWriter, job: int, over: asyncio.Event) -> None:
        await go.wait()
        say(writer, JobStarted("x", 100), JobDone("x", TRANSCRIPT))

    async with worker_that(answer, socket_path):
        client = TranscriptionClient(socket_path, max_at_once=1, max_waiting=1)
        accepted = [asyncio.create_task(client.transcribe(JOB)) for _ in range(1)]
        await asyncio.sleep(0)
        accepted.append(asyncio.create_task(client.transcribe(JOB)))
        await asyncio.sleep(0)
        with pytest.raises(TranscriptionUnavailable, match="waiting already"):
            await client.transcribe(JOB)
        go.set()
        assert await asyncio.gather(*accepted) == [TRANSCRIPT, TRANSCRIPT]


async def test_cancelled_job_frees_its_turn(socket_path: Path) -> None:
    """A job nobody waits for any more does not block the next."""

    async def answer(writer: asyncio.StreamWriter, job: int, over: asyncio.Event) -> None:
        say(writer, JobStarted("x", 100))
        if job == 1:
            await over.wait()
        say(writer, JobDone("x", TRANSCRIPT))

    async with worker_that(answer, socket_path):
        client = TranscriptionClient(socket_path, max_at_once=1)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.transcribe(JOB)
        assert await client.transcribe(JOB) == TRANSCRIPT


async def test_greeting_tells_who_listens(socket_path: Path) -> None:
    """Engine, model, version and languages of the worker."""
    async with WorkerServer(ScriptedEngine(("ko", "zh"))).listening(socket_path):
        greeting = await TranscriptionClient(socket_path).greet()
    assert greeting == Ready("scripted", "script", "1", "ko,zh", True)


async def test_twin_fails_as_the_client_does() -> None:
    """The scripted transcriber gives its texts, nothing for others, and refuses what is no audio."""
    twin = ScriptedTranscriber({("02.flac", 0): "저는 서울에"})
    assert (await twin.transcribe(JOB)).text == "저는 서울에"
    with pytest.raises(TranscriptionFailed) as caught:
        await twin.transcribe(TranscriptionJob("2", Path("/none.wav"), 0, "ko"))
    assert caught.value.reason is FailureReason.BAD_FILE
    assert [job.job_id for job in twin.jobs] == ["call-1#0", "2"]


def test_command_line_is_the_one_the_worker_reads(tmp_path: Path) -> None:
    """What starts a worker is understood by it."""
    from asr.worker import parse_arguments

    command = worker_command(
        socket_path=tmp_path / "s",
        model_dir=tmp_path,
        model_id="vosk-ko",
        engine="vosk",
        languages=("ko", "zh"),
        threads=2,
    )
    options = parse_arguments(command[3:])
    assert command[1:3] == ["-m", "asr.worker"]
    assert (options.model_id, options.engine, options.language, options.threads) == (
        "vosk-ko",
        "vosk",
        "ko,zh",
        2,
    )
