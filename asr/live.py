"""A live stream in the worker: frames in, partial and final texts out, never far behind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import assert_never

from asr.audio import BYTES_PER_SAMPLE, require_sample_rate
from asr.protocol import (
    OpenStream,
    StreamClosed,
    StreamFailed,
    StreamFinal,
    StreamOpened,
    StreamOverrun,
    StreamPartial,
    WorkerMessage,
)
from asr.recognizer import Engine, FailureReason, Final, Partial, RecognitionError, RecognizerEvent
from asr.stream import RecognitionStream


class LiveStream:
    """Hears one stream on `threads`, one piece at a time, and answers through `send`.

    `run` must be started as a task; cancelling it abandons the stream.
    """

    def __init__(
        self, request: OpenStream, engine: Engine, threads: Executor, send: Callable[[WorkerMessage], None]
    ) -> None:
        """Raises RecognitionError when the engine cannot hear such a stream."""
        require_sample_rate(request.sample_rate)
        if not engine.capabilities.live:
            raise RecognitionError(
                FailureReason.RECOGNIZER_FAILED, f"{engine.name} hears recordings only, no live streams"
            )
        self._id = request.stream_id
        self._request = request
        self._engine = engine
        self._threads = threads
        self._send = send
        # Frames, and in between the milliseconds of those that found no room.
        self._queued: list[bytes | int] = []
        self._queued_ms = 0
        self._is_closing = False
        self._wake = asyncio.Event()

    def frame(self, pcm: bytes) -> None:
        """Take the next audio; when too much is queued it is lost, and reported as such."""
        duration_ms = len(pcm) // BYTES_PER_SAMPLE * 1000 // self._request.sample_rate
        if self._queued_ms + duration_ms > self._request.max_behind_ms:
            lost = self._queued[-1] if self._queued else None
            if isinstance(lost, int):
                self._queued[-1] = lost + duration_ms
            else:
                self._queued.append(duration_ms)
        else:
            self._queued.append(pcm)
            self._queued_ms += duration_ms
        self._wake.set()

    def close(self) -> None:
        """Note that no more frames come."""
        self._is_closing = True
        self._wake.set()

    def abandon(self) -> None:
        """Note that nobody wants to know any more what is said: what waits is not heard, and the recognizer,
        warm as it is, is there for the next stream."""
        self._queued, self._queued_ms = [], 0
        self.close()

    async def run(self) -> None:
        """Serve the stream to its end, a failure, or cancellation."""
        try:
            await self._hear_all()
        except RecognitionError as error:
            self._send(StreamFailed(self._id, error.reason, str(error)))

    async def _hear_all(self) -> None:
        in_thread = asyncio.get_running_loop().run_in_executor
        asked = self._request
        recognizer = await in_thread(self._threads, self._engine.acquire, asked.language, asked.phrases)
        stream = RecognitionStream(recognizer, asked.sample_rate, self._engine.sample_rate, asked.pause_ms)
        self._send(StreamOpened(self._id))
        try:
            while not (self._is_closing and not self._queued):
                await self._wake.wait()
                self._wake.clear()
                queued, self._queued, self._queued_ms = self._queued, [], 0
                for piece in _joined(queued):
                    if isinstance(piece, int):
                        self._send(StreamOverrun(self._id, piece))
                        self._tell(await in_thread(self._threads, stream.skip, piece))
                    else:
                        self._tell(await in_thread(self._threads, stream.feed, piece))
            self._tell(await in_thread(self._threads, stream.finish))
        except BaseException:
            self._engine.discard(recognizer)
            raise
        self._engine.release(recognizer)
        self._send(StreamClosed(self._id))

    def _tell(self, events: list[RecognizerEvent]) -> None:
        for event in events:
            match event:
                case Partial():
                    self._send(StreamPartial(self._id, event.text))
                case Final():
                    self._send(StreamFinal(self._id, event.segment))
                case _:
                    assert_never(event)


def _joined(queued: list[bytes | int]) -> list[bytes | int]:
    """Join frames without a loss between them: a recognizer that is behind catches up in one go."""
    joined: list[bytes | int] = []
    for piece in queued:
        if isinstance(piece, bytes) and joined and isinstance(joined[-1], bytes):
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined
