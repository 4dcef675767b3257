"""SIP of softphones: between the page's websocket and the switch's, which nobody outside can reach."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import aiohttp
from aiohttp import WSMsgType, web

from callcenter.web.auth import Session
from callcenter.web.socket import CLOSE_LOGGED_OUT, CLOSE_RESTART

MAX_MESSAGE = 64 * 1024
"""A SIP message with the candidates of many interfaces has a few thousand bytes."""
BEAT_S = 20.0
LOOK_S = 5.0
SUBPROTOCOL = "sip"
"""RFC 7118."""


class SipProxy:
    """Carries SIP between pages and the switch at ``url``. A socket ends with the session that opened it."""

    def __init__(self, url: str, alive: Callable[[Session], bool]) -> None:
        self._url = url
        self._alive = alive
        self._open: dict[str, set[asyncio.Event]] = {}
        """By agent: what ends each of their sockets."""

    @property
    def sockets(self) -> int:
        """How many pages are telephones just now."""
        return sum(map(len, self._open.values()))

    def drop(self, agent_id: str) -> None:
        """End all sockets of this agent: the switch then forgets who registered over them."""
        for dropped in self._open.get(agent_id, ()):
            dropped.set()

    async def serve(self, request: web.Request, session: Session, agent_id: str) -> web.WebSocketResponse:
        """Carry the messages of one page until one side ends. Raises aiohttp.ClientError and OSError when
        the switch cannot be reached."""
        async with (
            aiohttp.ClientSession() as client,
            client.ws_connect(self._url, protocols=(SUBPROTOCOL,), max_msg_size=MAX_MESSAGE) as switch,
        ):
            page = web.WebSocketResponse(
                protocols=(SUBPROTOCOL,), heartbeat=BEAT_S, max_msg_size=MAX_MESSAGE, timeout=2.0
            )
            await page.prepare(request)
            carriers = [
                asyncio.create_task(_carry(page, switch), name="sip-from-page"),
                asyncio.create_task(_carry(switch, page), name="sip-to-page"),
                asyncio.create_task(self._watch(session), name="sip-session"),
                asyncio.create_task(self._dropped(agent_id), name="sip-dropped"),
            ]
            try:
                await asyncio.wait(carriers, return_when=asyncio.FIRST_COMPLETED)
            finally:
                await switch.close()
                for task in carriers:
                    task.cancel()
                await asyncio.gather(*carriers, return_exceptions=True)
                await page.close(code=CLOSE_RESTART if self._alive(session) else CLOSE_LOGGED_OUT)
        return page

    async def _dropped(self, agent_id: str) -> None:
        dropped = asyncio.Event()
        of_agent = self._open.setdefault(agent_id, set())
        of_agent.add(dropped)
        try:
            await dropped.wait()
        finally:
            of_agent.discard(dropped)
            if not of_agent:
                self._open.pop(agent_id, None)

    async def _watch(self, session: Session) -> None:
        while self._alive(session):
            await asyncio.sleep(LOOK_S)


Socket = web.WebSocketResponse | aiohttp.ClientWebSocketResponse


async def _carry(source: Socket, target: Socket) -> None:
    async for message in source:
        if message.type is WSMsgType.TEXT:
            await target.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await target.send_bytes(message.data)
