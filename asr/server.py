"""The worker's server: a bounded queue of jobs and a limited number of live streams over one engine."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from asr.audio import inspect_channel
from asr.live import LiveStream
from asr.protocol import (
    CloseStream,
    JobBusy,
    JobDone,
    JobFailed,
    JobStarted,
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


@dataclass(slots=True)
class Client:
    """One connection. Sending never blocks; a client that does not read is cut off."""

    writer: asyncio.StreamWriter
    streams: dict[str, LiveStream] = field(default_factory=dict)
    gone: bool = False

    def send(self, message: WorkerMessage) -> None:
        """Send a message, unless the client has gone."""
        if self.gone:
            return
        self.writer.write(encode(message))
        if self.writer.transport.get_write_buffer_size() > _MAX_UNREAD_BYTES:
            self.leave()

    def leave(self) -> None:
        """End the connection; jobs and streams of it come to nothing."""
        self.gone = True
        self.writer.transport.abort()


class WorkerServer:
    """Serves an engine to the clients of a unix socket."""

    def __init__(self, engine: Engine, limits: Limits | None = None) -> None:
        self._engine = engine
        self._limits = limits or Limits()
        self._jobs: asyncio.Queue[tuple[Client, SubmitJob]] = asyncio.Queue(self._limits.jobs)
        self._clients: set[Client] = set()
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
            for client in self._clients:
                client.leave()
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            await asyncio.gather(*(stream.abandon() for client in self._clients for stream in client.streams.values()))
            self._job_threads.shutdown()
            self._live_threads.shutdown()
            socket_path.unlink(missing_ok=True)
