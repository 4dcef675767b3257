"""The controller's side of live recognition: speech is heard by a worker process while it is spoken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from asr.audio import BYTES_PER_SAMPLE
from asr.connection import Connection, connected
from asr.protocol import (
    OpenStream,
    ProtocolError,
    StreamFailed,
    StreamFinal,
    StreamFrame,
    StreamOpened,
    StreamOverrun,
    StreamPartial,
)

_MOST_UNREAD_BYTES = 96_000
"""Three seconds of audio at 16 kHz: a worker that does not even read is no help."""


class HearingUnavailable(Exception):
    """Nobody hears the stream (any more), or not in time; the text is for people."""


class HearsRecordingsOnly(HearingUnavailable):
    """The engine never hears live speech."""


class Hearing:
    """An open stream. `feed` it and read `events` side by side."""

    def __init__(self, connection: Connection, request: OpenStream) -> None:
        self._connection = connection
        self._request = request
        self._fed_bytes = 0

    @property
    def fed_ms(self) -> int:
        """How much audio was fed."""
        return self._fed_bytes // BYTES_PER_SAMPLE * 1000 // self._request.sample_rate

    def feed(self, pcm: bytes) -> bool:
        """Hand on the next audio; never blocks. False: the worker reads no more, and the audio is lost."""
        if self._connection.unread_bytes > _MOST_UNREAD_BYTES:
            return False
        self._fed_bytes += len(pcm)
        self._connection.send(StreamFrame(self._request.stream_id, pcm))
        return True

    async def events(self) -> AsyncIterator[StreamPartial | StreamFinal | StreamOverrun]:
        """What is heard, as it becomes known, and what was lost because the worker is further behind than the
        stream allows. Ends only by raising HearingUnavailable: the worker has gone, or has failed."""
        while True:
            match await _received(self._connection):
                case StreamPartial() | StreamFinal() | StreamOverrun() as event:
                    yield event
                case StreamFailed(message=message):
                    raise HearingUnavailable(message)
                case None:
                    raise HearingUnavailable("the speech worker has gone")
                case _:
                    pass


@asynccontextmanager
async def hearing(
    socket_path: Path, request: OpenStream, *, open_within_sec: float = 1.0
) -> AsyncIterator[Hearing]:
    """Have the worker at `socket_path` hear a stream until the context is left.

    Raises HearingUnavailable when it does not take the stream within `open_within_sec`.
    """
    try:
        async with asyncio.timeout(open_within_sec) as limit, connected(socket_path) as connection:
            if not connection.ready.live:
                raise HearsRecordingsOnly(f"{connection.ready.engine} hears recordings only, no live speech")
            connection.send(request)
            match await _received(connection):
                case StreamOpened():
                    limit.reschedule(None)
                case StreamFailed(message=message):
                    raise HearingUnavailable(message)
                case _:
                    raise HearingUnavailable("the speech worker has gone")
            yield Hearing(connection, request)
    except TimeoutError as error:
        raise HearingUnavailable(f"the speech worker did not answer within {open_within_sec} s") from error
    except (OSError, ProtocolError) as error:
        raise HearingUnavailable(f"no speech worker at {socket_path}: {error}") from error


async def _received(connection: Connection) -> object:
    try:
        return await connection.receive()
    except ProtocolError as error:
        raise HearingUnavailable(f"the speech worker talks nonsense: {error}") from error
