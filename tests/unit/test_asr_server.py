"""The worker's server, over the scripted engine."""

from __future__ import annotations

import asyncio
import os
import stat
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asr.protocol import (
    CloseStream,
    JobBusy,
    JobDone,
    JobFailed,
    JobStarted,
    Message,
    OpenStream,
    Ready,
    StreamClosed,
    StreamFailed,
    StreamFinal,
    StreamFrame,
    StreamOpened,
    StreamOverrun,
    StreamPartial,
    SubmitJob,
    encode,
    read_message,
)
from asr.recognizer import FailureReason, Recognizer
from asr.scripted import ScriptedEngine
from asr.server import BUSY, Limits, WorkerServer

SPEECH = Path(__file__).parents[1] / "data" / "speech"
RECORDING = SPEECH / "ko" / "02.flac"


class HeldEngine(ScriptedEngine):
    """A scripted engine that lends nothing until `go` is set."""

    def __init__(self) -> None:
        super().__init__(("ko",), default="네")
        self.go = threading.Event()
        self.asked = threading.Event()

    def acquire(self, language: str, phrases: tuple[str, ...] = ()) -> Recognizer:
        self.asked.set()
        assert self.go.wait(10)
        return super().acquire(language, phrases)


class Peer:
    """A client that speaks the bare protocol."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    def send(self, *messages: Message) -> None:
        """Send messages."""
        self.writer.write(b"".join(encode(message) for message in messages))

    async def receive(self) -> Message | None:
        """The next message."""
        async with asyncio.timeout(10):
            return await read_message(self._reader)

    async def receive_until(self, last: type[Message]) -> list[Message | None]:
        """All messages up to one of the kind `last`."""
        received: list[Message | None] = []
        while not received or not isinstance(received[-1], last):
            received.append(await self.receive())
            assert received[-1] is not None
        return received


@asynccontextmanager
async def connected(socket_path: Path) -> AsyncIterator[Peer]:
    """A greeted client."""
    reader, writer = await asyncio.open_unix_connection(str(socket_path))
    peer = Peer(reader, writer)
    try:
        assert isinstance(await peer.receive(), Ready)
        yield peer
    finally:
        writer.close()


@pytest.fixture
def socket_path(tmp_path: Path) -> Path:
    """Where the server listens."""
    return tmp_path / "asr.sock"


def pcm_of(path: Path) -> bytes:
    """A recording as PCM."""
    samples, _ = soundfile.read(path, dtype="int16")
    return np.asarray(samples, np.int16).tobytes()


async def test_socket_is_the_owners_alone_and_goes_with_the_server(socket_path: Path) -> None:
    """Nobody else may read what callers said; nothing stays behind."""
    async with WorkerServer(ScriptedEngine(("ko",))).listening(socket_path):
        assert stat.S_IMODE(os.stat(socket_path).st_mode) == 0o600
    assert list(os.listdir(socket_path.parent)) == []


async def test_job_is_started_and_done(socket_path: Path) -> None:
    """A recording's transcript says what was heard, when, by whom, and at which rate it was recorded."""
    async with (
        WorkerServer(ScriptedEngine(("ko",), default="저는 서울에")).listening(socket_path),
        connected(socket_path) as peer,
    ):
        peer.send(SubmitJob("1", str(RECORDING), 0, "ko"))
        assert await peer.receive() == JobStarted("1", 2950)
        done = await peer.receive()
    assert isinstance(done, JobDone)
    assert done.transcript.text == "저는 서울에"
    assert (done.transcript.engine, done.transcript.model) == ("scripted", "script")
    assert (done.transcript.sample_rate, done.transcript.duration_ms) == (16000, 2950)
    assert [word.text for word in done.transcript.segments[0].words] == ["저는", "서울에"]


async def test_silent_channel_gives_an_empty_transcript(socket_path: Path, tmp_path: Path) -> None:
    """One channel of a call may well be silent; that is no failure."""
    speech = np.frombuffer(pcm_of(RECORDING), np.int16)
    path = tmp_path / "call.wav"
    soundfile.write(path, np.stack([speech, np.zeros_like(speech)], axis=1), 16000)
    async with (
        WorkerServer(ScriptedEngine(("ko",), default="네")).listening(socket_path),
        connected(socket_path) as peer,
    ):
        peer.send(SubmitJob("caller", str(path), 0, "ko"), SubmitJob("agent", str(path), 1, "ko"))
        received = [await peer.receive() for _ in range(4)]
    texts = {done.job_id: done.transcript.text for done in received if isinstance(done, JobDone)}
    assert texts == {"caller": "네", "agent": ""}


async def test_bad_jobs_get_a_typed_answer_and_the_worker_goes_on(socket_path: Path, tmp_path: Path) -> None:
    """A missing file, a text file, a missing channel, an odd rate and a foreign language each say so."""
    text = tmp_path / "text.wav"
    text.write_text("no audio")
    odd = tmp_path / "odd.wav"
    soundfile.write(odd, np.zeros(700, np.int16), 7000)
    jobs = [
        SubmitJob("missing", str(tmp_path / "none.wav"), 0, "ko"),
        SubmitJob("text", str(text), 0, "ko"),
        SubmitJob("channel", str(RECORDING), 1, "ko"),
        SubmitJob("rate", str(odd), 0, "ko"),
        SubmitJob("language", str(RECORDING), 0, "fr"),
        SubmitJob("good", str(RECORDING), 0, "ko"),
    ]
    async with (
        WorkerServer(ScriptedEngine(("ko",), default="네")).listening(socket_path),
        connected(socket_path) as peer,
    ):
        peer.send(*jobs)
        received = await peer.receive_until(JobDone)
    failed = {failure.job_id: failure.reason for failure in received if isinstance(failure, JobFailed)}
    assert failed == {
        "missing": FailureReason.BAD_FILE,
        "text": FailureReason.BAD_FILE,
        "channel": FailureReason.BAD_FILE,
        "rate": FailureReason.UNSUPPORTED_SAMPLE_RATE,
        "language": FailureReason.UNSUPPORTED_LANGUAGE,
    }


async def test_full_queue_answers_busy(socket_path: Path) -> None:
    """The queue takes what fits; the client keeps the rest."""
    engine = HeldEngine()
    async with (
        WorkerServer(engine, Limits(jobs=1)).listening(socket_path),
        connected(socket_path) as peer,
    ):
        peer.send(SubmitJob("running", str(RECORDING), 0, "ko"))
        assert isinstance(await peer.receive(), JobStarted)
        peer.send(SubmitJob("waiting", str(RECORDING), 0, "ko"), SubmitJob("kept", str(RECORDING), 0, "ko"))
        assert await peer.receive() == JobBusy("kept")
        engine.go.set()
        done = [
            message for message in [await peer.receive() for _ in range(3)] if isinstance(message, JobDone)
        ]
    assert [message.job_id for message in done] == ["running", "waiting"]


async def test_client_that_vanishes_withdraws_its_jobs(socket_path: Path) -> None:
    """Its running job is broken off, its waiting ones are dropped, and others are served."""
    engine = HeldEngine()
    async with WorkerServer(engine).listening(socket_path):
        async with connected(socket_path) as vanishing:
            vanishing.send(*(SubmitJob(str(index), str(RECORDING), 0, "ko") for index in range(5)))
            assert isinstance(await vanishing.receive(), JobStarted)
            vanishing.writer.transport.abort()
        engine.go.set()
        async with connected(socket_path) as peer:
            peer.send(SubmitJob("good", str(RECORDING), 0, "ko"))
            received = await peer.receive_until(JobDone)
    assert [type(message) for message in received] == [JobStarted, JobDone]


@pytest.mark.parametrize("garbage", [b"\xff" * 64, b"\0\0\0\2\0\0\0\0{}", b"GET / HTTP/1.1\r\n\r\n"])
async def test_client_that_talks_garbage_is_cut_off(socket_path: Path, garbage: bytes) -> None:
    """Its connection ends; the worker goes on."""
    async with WorkerServer(ScriptedEngine(("ko",), default="네")).listening(socket_path):
        async with connected(socket_path) as rude:
            rude.writer.write(garbage)
            assert await rude.receive() is None
        async with connected(socket_path) as peer:
            peer.send(SubmitJob("good", str(RECORDING), 0, "ko"))
            assert isinstance((await peer.receive_until(JobDone))[-1], JobDone)


async def test_live_stream_tells_each_utterance_while_the_stream_goes_on(socket_path: Path) -> None:
    """An utterance is final a second after its end, placed on the stream's clock."""
    utterance = pcm_of(RECORDING) + bytes(16000 * 2 * 13 // 10)
    frames = [StreamFrame("s", utterance[start : start + 6400]) for start in range(0, len(utterance), 6400)]
    async with (
        WorkerServer(ScriptedEngine(("ko",), default="네")).listening(socket_path),
        connected(socket_path) as peer,
    ):
        peer.send(OpenStream("s", 16000, "ko"))
        assert await peer.receive() == StreamOpened("s")
        finals: list[StreamFinal] = []
        for _ in range(2):
            peer.send(*frames)
            *before, final = await peer.receive_until(StreamFinal)
            assert [type(message) for message in before] == [StreamPartial]
            assert isinstance(final, StreamFinal)
            finals.append(final)
        peer.send(CloseStream("s"))
        assert await peer.receive() == StreamClosed("s")
    assert [final.segment.text for final in finals] == ["네", "네"]
    assert finals[0].segment.start_ms == pytest.approx(0, abs=400)
    assert finals[1].segment.start_ms == pytest.approx(4250, abs=400)


async def test_stream_that_comes_too_fast_loses_audio_but_not_its_clock(socket_path: Path) -> None:
    """Beyond 5 s of backlog frames are lost and reported; what is heard later has its true place."""
    engine = HeldEngine()
    second = bytes(16000 * 2)
    async with WorkerServer(engine).listening(socket_path), connected(socket_path) as peer:
        peer.send(OpenStream("s", 16000, "ko"), *[StreamFrame("s", second)] * 8)
        await asyncio.to_thread(engine.asked.wait, 10)
        async with connected(socket_path):  # greeted: by then the frames above have been read
            engine.go.set()
        assert await peer.receive() == StreamOpened("s")
        assert await peer.receive() == StreamOverrun("s", 3000)
        peer.send(StreamFrame("s", pcm_of(RECORDING)), CloseStream("s"))
        received = await peer.receive_until(StreamClosed)
    (final,) = [message.segment for message in received if isinstance(message, StreamFinal)]
    assert final.start_ms == pytest.approx(8000, abs=400)


async def test_streams_beyond_the_limit_are_refused_until_one_ends(socket_path: Path) -> None:
    """The limit holds over all clients together."""
    async with (
        WorkerServer(ScriptedEngine(("ko",)), Limits(streams=1)).listening(socket_path),
        connected(socket_path) as second,
    ):
        async with connected(socket_path) as first:
            first.send(OpenStream("a", 16000, "ko"))
            assert await first.receive() == StreamOpened("a")
            second.send(OpenStream("b", 16000, "ko"))
            refused = await second.receive()
            assert isinstance(refused, StreamFailed)
            assert refused.reason == BUSY
            first.send(CloseStream("a"))
            await first.receive_until(StreamClosed)
        second.send(OpenStream("b", 16000, "ko"))
        assert await second.receive() == StreamOpened("b")


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (OpenStream("s", 0, "ko"), FailureReason.UNSUPPORTED_SAMPLE_RATE),
        (OpenStream("s", 16000, "fr"), FailureReason.UNSUPPORTED_LANGUAGE),
    ],
)
async def test_stream_nobody_can_hear_is_refused(
    socket_path: Path, request_: OpenStream, reason: FailureReason
) -> None:
    """An impossible rate and a foreign language get a typed answer, also when frames follow at once."""
    async with (
        WorkerServer(ScriptedEngine(("ko",))).listening(socket_path),
        connected(socket_path) as peer,
    ):
        peer.send(request_, StreamFrame("s", bytes(640)), CloseStream("s"))
        refused = await peer.receive()
    assert isinstance(refused, StreamFailed)
    assert refused.reason == reason


class LentEngine(ScriptedEngine):
    """Counts what it lent and did not get back in a usable state."""

    discarded = 0
    released = 0

    def release(self, recognizer: Recognizer) -> None:
        self.released += 1

    def discard(self, recognizer: Recognizer) -> None:
        self.discarded += 1


async def test_a_client_that_leaves_in_the_middle_leaves_a_usable_recognizer(socket_path: Path) -> None:
    """Recognizers are warm only as long as they are kept: whoever stops listening wastes none."""
    engine = LentEngine(("ko",), default="네")
    server = WorkerServer(engine)
    async with server.listening(socket_path):
        async with connected(socket_path) as peer:
            peer.send(OpenStream("s", 16000, "ko"))
            await peer.receive()
            peer.send(StreamFrame("s", pcm_of(RECORDING)[:32_000]))
            assert isinstance(await peer.receive(), StreamPartial)
        async with asyncio.timeout(10):
            while not engine.released:
                await asyncio.sleep(0.01)
    assert (engine.released, engine.discarded) == (1, 0)
