"""A client's connection to a worker process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from asr.protocol import ClientMessage, Message, ProtocolError, Ready, encode, read_message


@dataclass(frozen=True, slots=True)
class Connection:
    """A greeted connection to a worker."""

    ready: Ready
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, message: ClientMessage) -> None:
        """Never blocks; what the worker does not read piles up in `unread_bytes`."""
        self.writer.write(encode(message))

    @property
    def unread_bytes(self) -> int:
        """What was sent and has not left this process."""
        return self.writer.transport.get_write_buffer_size()

    async def receive(self) -> Message | None:
        """The next message; None when the worker has hung up. Raises ProtocolError."""
        return await read_message(self.reader)


@asynccontextmanager
async def connected(socket_path: Path) -> AsyncIterator[Connection]:
    """Connect to the worker that listens at `socket_path`. Raises OSError and ProtocolError."""
    reader, writer = await asyncio.open_unix_connection(str(socket_path))
    try:
        greeting = await read_message(reader)
        if not isinstance(greeting, Ready):
            raise ProtocolError("the greeting is missing")
        yield Connection(greeting, reader, writer)
    finally:
        # abort, not close: what this side still has to send, nobody wants.
        writer.transport.abort()
