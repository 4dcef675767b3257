"""The worker's server: a bounded queue of jobs and a limited number of live streams over one engine."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from asr.audio import inspect_channel
from asr.live import LiveStream
from asr.protocol import (
    CloseStream,
    JobBusy,
    JobDone,
    JobFailed,
    JobStarted,
    Message,
    OpenStream,
    ProtocolError,
    Ready,
    StreamFailed,
    StreamFrame,
    SubmitJob,
    WorkerMessage,
    encode,
    read_message,
)
from asr.recognizer import Engine, FailureReason, RecognitionError
from asr.transcription import transcribe_channel

log = logging.getLogger(__name__)

BUSY = "BUSY"
_MAX_UNREAD_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What a worker takes on: `threads` decodings at once, `jobs` waiting, `streams` open."""

    threads: int = 1
    jobs: int = 32
    streams: int = 6


class Client:
    """One connection. Sending never blocks; a client that does not read is cut off."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.streams: dict[str, LiveStream] = {}
        self.has_gone = False

    def send(self, message: WorkerMessage) -> None:
        """Send a message, unless the client has gone."""
        if self.has_gone:
            return
        self._writer.write(encode(message))
        if self._writer.transport.get_write_buffer_size() > _MAX_UNREAD_BYTES:
            self.leave()

    def leave(self) -> None:
        """End the connection; its jobs and streams come to nothing."""
        self.has_gone = True
        self._writer.transport.abort()
        for stream in self.streams.values():
            stream.abandon()


class WorkerServer:
    """Serves an engine to the clients of a unix socket."""

    def __init__(self, engine: Engine, limits: Limits | None = None) -> None:
        self._engine = engine
        self._limits = limits or Limits()
        self._jobs: asyncio.Queue[tuple[Client, SubmitJob]] = asyncio.Queue(self._limits.jobs)
        self._clients: set[Client] = set()
        self._serving: set[asyncio.Task[None]] = set()
        # Live audio does not wait behind whole recordings.
        self._job_threads = ThreadPoolExecutor(self._limits.threads, "job")
        self._live_threads = ThreadPoolExecutor(self._limits.threads, "live")

    @asynccontextmanager
    async def listening(self, socket_path: Path) -> AsyncIterator[None]:
        """Serve at `socket_path`, mode 0600, until the context ends; then withdraw every job and stream.

        Raises OSError when the socket cannot be made.
        """
        umask = os.umask(0o177)
        try:
            server = await asyncio.start_unix_server(self._serve, str(socket_path))
        finally:
            os.umask(umask)
        workers = [asyncio.create_task(self._work()) for _ in range(self._limits.threads)]
        try:
            yield
        finally:
            server.close()
            tasks = [*workers, *self._serving]
            for client in self._clients:
                client.leave()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.to_thread(self._clean_up, socket_path)

    def _clean_up(self, socket_path: Path) -> None:
        self._job_threads.shutdown(cancel_futures=True)
        self._live_threads.shutdown(cancel_futures=True)
        socket_path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = Client(writer)
        self._clients.add(client)
        serving = asyncio.current_task()
        assert serving is not None
        self._serving.add(serving)
        engine = self._engine
        client.send(
            Ready(
                engine=engine.name,
                model=engine.model,
                version=engine.version,
                languages=",".join(engine.capabilities.languages),
                live=engine.capabilities.live,
            )
        )
        try:
            while (message := await read_message(reader)) is not None:
                self._take(client, message)
        except ProtocolError as error:
            log.warning("a client was cut off: %s", error)
        finally:
            client.leave()
            self._clients.discard(client)
            self._serving.discard(serving)

    def _take(self, client: Client, message: Message) -> None:
        match message:
            case SubmitJob():
                try:
                    self._jobs.put_nowait((client, message))
                except asyncio.QueueFull:
                    client.send(JobBusy(message.job_id))
            case OpenStream():
                self._open_stream(client, message)
            case StreamFrame():
                if stream := client.streams.get(message.stream_id):
                    stream.frame(message.pcm)
            case CloseStream():
                if stream := client.streams.get(message.stream_id):
                    stream.close()
            case _:
                raise ProtocolError(f"a client does not send {type(message).__name__}")

    def _open_stream(self, client: Client, request: OpenStream) -> None:
        if request.stream_id in client.streams:
            raise ProtocolError(f"the stream {request.stream_id} is open already")
        if sum(len(other.streams) for other in self._clients) >= self._limits.streams:
            client.send(
                StreamFailed(request.stream_id, BUSY, f"{self._limits.streams} streams are open already")
            )
            return
        try:
            stream = LiveStream(request, self._engine, self._live_threads, client.send)
        except RecognitionError as error:
            client.send(StreamFailed(request.stream_id, error.reason, str(error)))
            return
        client.streams[request.stream_id] = stream
        task = asyncio.create_task(stream.run())
        self._serving.add(task)
        task.add_done_callback(lambda done: self._stream_ended(client, request.stream_id, done))

    def _stream_ended(self, client: Client, stream_id: str, task: asyncio.Task[None]) -> None:
        self._serving.discard(task)
        client.streams.pop(stream_id, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("stream %s failed", stream_id, exc_info=error)
            client.send(
                StreamFailed(stream_id, FailureReason.RECOGNIZER_FAILED, f"{type(error).__name__}: {error}")
            )

    async def _work(self) -> None:
        while True:
            client, job = await self._jobs.get()
            if client.has_gone:
                continue
            try:
                await self._transcribe(client, job)
            except RecognitionError as error:
                client.send(JobFailed(job.job_id, error.reason, str(error)))
            except Exception as error:  # a worker outlives any one recording
                log.exception("job %s failed", job.job_id)
                client.send(
                    JobFailed(job.job_id, FailureReason.RECOGNIZER_FAILED, f"{type(error).__name__}: {error}")
                )

    async def _transcribe(self, client: Client, job: SubmitJob) -> None:
        in_thread = asyncio.get_running_loop().run_in_executor
        info = await in_thread(self._job_threads, inspect_channel, Path(job.path), job.channel)
        client.send(JobStarted(job.job_id, info.duration_ms))
        transcript = await in_thread(
            self._job_threads, transcribe_channel, self._engine, info, job.language, lambda: client.has_gone
        )
        client.send(JobDone(job.job_id, transcript))
