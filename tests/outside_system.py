"""Another organisation's system on loopback: answers questions about citizens, and is told of calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web


@dataclass(slots=True)
class Asked:
    """One request that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """What was told."""
        return orjson.loads(self.body)


@dataclass(slots=True)
class OutsideSystem:
    """``answers`` are the statuses and bodies by path, used in order, the last one for ever; None: no answer
    ever comes. What has none is 404."""

    base: str = ""
    answers: dict[str, list[tuple[int, bytes] | None]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    came: asyncio.Condition = field(default_factory=asyncio.Condition)

    def answer(self, path: str, *answers: tuple[int, Any] | None) -> None:
        """From now on this path answers so; a body that is no ``bytes`` becomes JSON."""
        self.answers[path] = [
            one and (one[0], one[1] if isinstance(one[1], bytes) else orjson.dumps(one[1])) for one in answers
        ]

    async def until_asked(self, times: int, within: float = 20.0) -> list[Asked]:
        """Wait for so many requests in all."""
        async with asyncio.timeout(within), self.came:
            await self.came.wait_for(lambda: len(self.asked) >= times)
        return self.asked

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any request."""
        body = await request.read()
        async with self.came:
            self.asked.append(Asked(request.method, request.path_qs, dict(request.headers), body))
            self.came.notify_all()
        answers = self.answers.get(request.path, [(404, b"{}")])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer is None:
            await self.closing.wait()
        status, told = answer or (503, b"")
        headers = {"Location": self.base} if status in range(300, 400) else {}
        return web.Response(status=status, body=told, content_type="application/json", headers=headers)


@asynccontextmanager
async def outside_system(port: int = 0) -> AsyncIterator[OutsideSystem]:
    """Runs while inside, at this port of loopback (0: any)."""
    system = OutsideSystem()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", system.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    system.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield system
    finally:
        system.closing.set()
        await runner.cleanup()
