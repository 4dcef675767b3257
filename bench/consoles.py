"""Simulated consoles on the live socket: as cheap as can be, so that a thousand of them hardly count."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from bench.stage import Stage

_HEAD = re.compile(rb'\{"type":"(\w+)"(?:,"after_seq":(\d+))?,"seq":(\d+)')
_SMALL_WINDOW, _USUAL_SEGMENT = 4096, 1400
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
_AT_ONCE = 50
GREETED_WITHIN_S = 60.0


@dataclass(slots=True)
class Console(asyncio.Protocol):
    """One client. ``told`` has what came, as (kind, after_seq, seq, ms since the epoch); one that ``keeps``
    keeps the messages, too. A ``stalled`` one reads nothing until it is to ``read_on``."""

    token: str
    keeps: bool = False
    stalled: bool = False
    told: list[tuple[str, int, int, float]] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)
    greeted: asyncio.Event = field(default_factory=asyncio.Event)
    _raw: bytearray = field(default_factory=bytearray)
    _upgraded: bool = False
    _transport: Any = None

    async def connect(self, port: int) -> None:
        """Join, and have the snapshot, unless nothing is to be read."""
        line = socket.socket()
        if self.stalled:  # what it does not read piles up at the server, as behind a real network
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL_WINDOW)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _USUAL_SEGMENT)
        line.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(line, ("127.0.0.1", port))
        await loop.create_connection(lambda: self, sock=line)
        await self.greeted.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._transport.write(
            b"GET /api/socket HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            b"Authorization: Bearer " + self.token.encode() + b"\r\n\r\n"
        )

    def data_received(self, data: bytes) -> None:
        now = time.time() * 1000
        self._raw += data
        if not self._upgraded:
            head, found, rest = bytes(self._raw).partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head.splitlines()[0]:
                raise RuntimeError(f"the socket was refused: {head.decode()}")
            self._raw, self._upgraded = bytearray(rest), True
            self._say(_TEXT, b'{"resume_from":null}')
            if self.stalled:
                self._transport.pause_reading()
                self.greeted.set()
        while (frame := self._frame()) is not None:
            self._take(*frame, now)

    def _take(self, kind: int, payload: bytes, now: float) -> None:
        if kind == _PING:
            self._say(_PONG, payload)
        if kind != _TEXT or (head := _HEAD.match(payload)) is None:
            return
        self.told.append((head[1].decode(), int(head[2] or 0), int(head[3]), now))
        if self.keeps:
            self.messages.append(payload)
        self.greeted.set()

    def _frame(self) -> tuple[int, bytes] | None:
        """The next whole frame; servers do not mask theirs."""
        raw = self._raw
        if len(raw) < 2:
            return None
        start, length = 2, raw[1]
        if length == 126:
            start, length = 4, int.from_bytes(raw[2:4])
        elif length == 127:
            start, length = 10, int.from_bytes(raw[2:10])
        if len(raw) < max(start, start + length):
            return None
        frame = raw[0] & 15, bytes(raw[start : start + length])
        del raw[: start + length]
        return frame

    def _say(self, kind: int, payload: bytes) -> None:
        """With a mask of zeros."""
        self._transport.write(struct.pack("!BB4x", 128 | kind, 128 | len(payload)) + payload)

    def read_on(self) -> None:
        """Read again."""
        self._transport.resume_reading()

    def leave(self) -> None:
        """No more."""
        self._transport.abort()


@asynccontextmanager
async def consoles(stage: Stage, count: int, stalled: int = 0) -> AsyncIterator[Sequence[Console]]:
    """So many, the agents' first, the ``stalled`` ones last; the first of a supervisor keeps its messages."""
    all_of = [
        Console(
            stage.agent if 0 < place < 15 else stage.supervisor,
            keeps=place == 0,
            stalled=place >= count - stalled,
        )
        for place in range(count)
    ]
    async with asyncio.timeout(GREETED_WITHIN_S):
        for start in range(0, count, _AT_ONCE):
            await asyncio.gather(*(one.connect(stage.port) for one in all_of[start : start + _AT_ONCE]))
    try:
        yield all_of
    finally:
        for one in all_of:
            one.leave()


def happened_at(messages: Sequence[bytes]) -> dict[int, float]:
    """When the first thing happened that each message with events tells: by its number, in ms since the
    epoch, as the changed agents and calls say themselves."""
    known: dict[tuple[str, str], str] = {}
    found: dict[int, float] = {}
    for message in map(orjson.loads, messages):
        fresh = []
        for entity, entry, value in _entries(message):
            since = (value and value["since_at"]) or ""
            if since > known.get((entity, entry), ""):  # a talk that goes on after a hold began before it
                fresh.append(datetime.fromisoformat(since).timestamp() * 1000)
                known[entity, entry] = since
        if fresh and message["type"] == "changes" and message["seq"] != message["after_seq"]:
            found[message["seq"]] = min(fresh)
    return found


def _entries(message: dict[str, Any]) -> list[tuple[str, str, dict[str, Any] | None]]:
    if message["type"] == "changes":
        changes = message["changes"]
        return [
            (one["entity"], one["id"], one["value"]) for one in changes if one["entity"] in ("agent", "call")
        ]
    if message["type"] == "snapshot":
        agents = [("agent", one["agent_id"], one) for one in message["agents"]]
        return agents + [("call", one["call_id"], one) for one in message["calls"]]
    return []
