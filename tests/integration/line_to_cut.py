"""The way of a browser to the centre, which can be cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class LineToCut:
    """Carries TCP to a port on loopback until it is cut: then what is open ends, and nothing new is taken."""

    def __init__(self, port: int) -> None:
        self.port = 0
        self._to = port
        self._is_cut = False
        self._open: set[asyncio.Task[None]] = set()

    def cut(self) -> None:
        """End all that is open."""
        self._is_cut = True
        for task in self._open:
            task.cancel()

    def mend(self) -> None:
        """Carry again."""
        self._is_cut = False

    async def carry(self, page: asyncio.StreamReader, to_page: asyncio.StreamWriter) -> None:
        """One connection, from its beginning to its end."""
        carried = asyncio.ensure_future(self._carried(page, to_page))
        self._open.add(carried)
        carried.add_done_callback(self._open.discard)
        await asyncio.wait([carried])

    async def _carried(self, page: asyncio.StreamReader, to_page: asyncio.StreamWriter) -> None:
        try:
            if self._is_cut:
                return
            centre, to_centre = await asyncio.open_connection("127.0.0.1", self._to)
            try:
                both = ((page, to_centre), (centre, to_page))
                ways = [asyncio.ensure_future(_one_way(*way)) for way in both]
                try:
                    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for way in ways:
                        way.cancel()
            finally:
                to_centre.close()
        finally:
            to_page.close()


async def _one_way(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while piece := await source.read(65536):
        target.write(piece)
        await target.drain()


@asynccontextmanager
async def line_to(port: int) -> AsyncIterator[LineToCut]:
    """A line to this port; ``port`` of it is where to connect instead."""
    line = LineToCut(port)
    server = await asyncio.start_server(line.carry, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    async with server:
        yield line
        line.cut()
