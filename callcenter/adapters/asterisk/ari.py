"""The control connection: Asterisk dials us; events come and REST requests go over that one websocket.

While we are away Asterisk queues our events and sends them, in order, when it has found us again; only then
does it read our requests. The first request of each connection sets the event filter, because Asterisk keeps
the filter of the connection before. The reader does nothing but read, decode and hand on: Asterisk closes a
connection that is not read.

Source: res/ari/ari_websockets.c of Asterisk 22; models RESTRequest and RESTResponse in events.json.
"""

import asyncio
import contextlib
import hmac
import itertools
import os
import socket
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson
import structlog
from aiohttp import web

log = structlog.get_logger(__name__)

CONNECTION_LOST = 0
"""Status of a request whose answer can no longer come; it may or may not have been carried out."""
TIMED_OUT = -1
"""Status of a request that was not answered in time; it may still be carried out."""

FIRST_WORD_SEC = 0.25
"""Asterisk speaks first (ApplicationRegistered). What is sent to it before it has read our handshake lies in
its buffer, unnoticed, until more comes; so we wait for its first word, or this long."""

MAX_MESSAGE = 64 * 1024 * 1024
"""A list of all channels of a full machine is one message."""


@dataclass(frozen=True, slots=True)
class RestRequest:
    """One ARI request; `body` becomes JSON."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class RestResponse:
    """An HTTP status, or CONNECTION_LOST or TIMED_OUT; `body` as Asterisk sent it."""

    status: int
    reason: str = ""
    body: str = ""

    @property
    def ok(self) -> bool:
        """Whether Asterisk did it."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The decoded body."""
        return orjson.loads(self.body)


OnResponse = Callable[[RestResponse], None]


@dataclass(slots=True)
class _Pending:
    on_response: OnResponse
    give_up_at: float


class AriLink:
    """Our end of the connection.

    `on_event` gets every event in order; `on_up` is called at each connect after the event filter was sent,
    `on_down` after each disconnect, when all open requests have been answered with CONNECTION_LOST. All
    three, and the callbacks of requests, are called in the order of the stream; what they raise is logged
    and goes no further.
    """

    def __init__(
        self,
        *,
        port: int,
        user: str,
        password: str,
        app: str,
        allowed_events: Sequence[str],
        on_event: Callable[[Mapping[str, Any]], None],
        on_up: Callable[[], None],
        on_down: Callable[[], None],
        request_timeout_sec: float = 5.0,
        pipeline: int = 256,
        heartbeat_sec: float = 5.0,
        host: str = "127.0.0.1",
    ) -> None:
        self._host, self._port = host, port
        self._authorization = aiohttp.encode_basic_auth(user, password)
        self._filter = RestRequest(
            "PUT",
            f"/applications/{app}/eventFilter",
            # The filter swallows the answers to our own requests, too, unless they are named.
            body={"allowed": [{"type": kind} for kind in (*allowed_events, "RESTResponse")]},
        )
        self._on_event, self._on_up, self._on_down = on_event, on_up, on_down
        self._request_timeout_sec, self._pipeline, self._heartbeat_sec = (
            request_timeout_sec,
            pipeline,
            heartbeat_sec,
        )
        self._newest: web.WebSocketResponse | None = None
        self._ws: web.WebSocketResponse | None = None
        """The newest connection, once we may send on it."""
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self._ids = itertools.count(1)
        self._waiting: deque[tuple[RestRequest, OnResponse]] = deque()
        self._pending: dict[str, _Pending] = {}
        self._work = asyncio.Event()
        self._sweep: asyncio.TimerHandle | None = None

    @property
    def connected(self) -> bool:
        """Whether requests can be sent now."""
        return self._ws is not None

    @property
    def open_requests(self) -> int:
        """Requests that are waiting to be sent or answered."""
        return len(self._waiting) + len(self._pending)

    async def start(self) -> None:
        """Listen; Asterisk connects by itself.

        Raises:
            OSError: the port is taken.
        """
        app = web.Application()
        app.router.add_get("/ari", self._accept)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        self._site = web.TCPSite(self._runner, self._host, self._port)
        try:
            await self._site.start()
        except OSError:
            await self._runner.cleanup()
            raise

    async def close(self) -> None:
        """Stop listening and disconnect; open requests are answered with CONNECTION_LOST.

        In this order: Asterisk dials again at once, and would wait for ever on a connection that was accepted
        while the server was being closed.
        """
        if self._runner is None or self._site is None:
            return
        await self._site.stop()
        if self._ws is not None:
            await self._ws.close(code=aiohttp.WSCloseCode.GOING_AWAY)
        await self._runner.cleanup()
        self._runner = self._site = None

    def request(self, request: RestRequest, on_response: OnResponse) -> None:
        """Send in order; `on_response` is called exactly once, never from inside this call."""
        if self._ws is None:
            lost = RestResponse(CONNECTION_LOST, "not connected to the switch")
            asyncio.get_running_loop().call_soon(_guarded, on_response, lost)
            return
        self._waiting.append((request, on_response))
        self._work.set()

    async def call(self, request: RestRequest) -> RestResponse:
        """Send and wait for the answer."""
        answer: asyncio.Future[RestResponse] = asyncio.get_running_loop().create_future()
        self.request(request, lambda response: None if answer.done() else answer.set_result(response))
        return await answer

    async def _accept(self, http: web.Request) -> web.StreamResponse:
        offered = http.headers.get("Authorization", "")
        if not hmac.compare_digest(offered.encode(), self._authorization.encode()):
            log.error("switch_refused", reason="a wrong password on the control connection", peer=http.remote)
            return web.Response(status=401)
        ws = web.WebSocketResponse(
            protocols=("ari",),
            heartbeat=self._heartbeat_sec,
            max_msg_size=MAX_MESSAGE,
            compress=False,
            timeout=1.0,
        )
        if ws.can_prepare(http).protocol != "ari":
            return web.Response(status=400, text="a websocket with the subprotocol ari is expected here")
        await ws.prepare(http)
        with _acknowledging_at_once(http) as acknowledge:
            await self._serve(ws, acknowledge)
        return ws

    async def _serve(self, ws: web.WebSocketResponse, acknowledge: Callable[[], None]) -> None:
        if self._ws is not None:
            # Asterisk keeps one connection: a second one means that it has given the first one up.
            self._drop(self._ws)
        self._newest = ws
        writer = asyncio.create_task(self._write(ws), name="ari-writer")
        late = asyncio.get_running_loop().call_later(FIRST_WORD_SEC, self._open, ws)
        try:
            await self._read(ws, acknowledge)
        finally:
            late.cancel()
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
            self._drop(ws)

    def _open(self, ws: web.WebSocketResponse) -> None:
        """From now on we may send: Asterisk has spoken, or has had the time to read our handshake."""
        if self._newest is ws and self._ws is None:
            self._ws = ws
            log.info("switch_connection_up")
            self.request(self._filter, self._filter_set)
            self._arm_sweep()
            _guarded(self._on_up)

    async def _read(self, ws: web.WebSocketResponse, acknowledge: Callable[[], None]) -> None:
        acknowledge()
        async for message in ws:
            acknowledge()
            self._open(ws)
            if self._newest is not ws:
                return
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            decoded = _decode(message.data)
            if decoded.get("type") == "RESTResponse":
                self._answer(decoded)
            elif decoded:
                _guarded(self._on_event, decoded)

    async def _write(self, ws: web.WebSocketResponse) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            while self._waiting and len(self._pending) < self._pipeline:
                request, on_response = self._waiting.popleft()
                request_id = str(next(self._ids))
                give_up_at = asyncio.get_running_loop().time() + self._request_timeout_sec
                self._pending[request_id] = _Pending(on_response, give_up_at)
                try:
                    await ws.send_str(_encode(request_id, request))
                except (ConnectionError, RuntimeError):
                    return

    def _answer(self, message: Mapping[str, Any]) -> None:
        pending = self._pending.pop(message.get("request_id", ""), None)
        if self._waiting:
            self._work.set()
        if pending is not None:
            response = RestResponse(
                message.get("status_code", 500),
                message.get("reason_phrase", ""),
                message.get("message_body") or "",
            )
            _guarded(pending.on_response, response)

    def _filter_set(self, response: RestResponse) -> None:
        if not response.ok and response.status != CONNECTION_LOST:
            log.error("switch_event_filter_refused", status=response.status, reason=response.reason)

    def _arm_sweep(self) -> None:
        self._sweep = asyncio.get_running_loop().call_later(self._request_timeout_sec / 5, self._expire)

    def _expire(self) -> None:
        """Requests are kept in the order of their deadlines: only the oldest need to be looked at."""
        now = asyncio.get_running_loop().time()
        while self._pending:
            request_id, oldest = next(iter(self._pending.items()))
            if oldest.give_up_at > now:
                break
            del self._pending[request_id]
            self._work.set()
            _guarded(oldest.on_response, RestResponse(TIMED_OUT, "the switch did not answer in time"))
        self._arm_sweep()

    def _drop(self, ws: web.WebSocketResponse) -> None:
        if self._ws is not ws:
            return
        self._ws = None
        if self._sweep is not None:
            self._sweep.cancel()
        lost = RestResponse(CONNECTION_LOST, "the connection to the switch was lost")
        callbacks = [pending.on_response for pending in self._pending.values()]
        callbacks += [on_response for _, on_response in self._waiting]
        self._pending.clear()
        self._waiting.clear()
        for on_response in callbacks:
            _guarded(on_response, lost)
        log.warning("switch_connection_lost", replaced=self._newest is not ws, close_code=ws.close_code)
        _guarded(self._on_down)


@contextlib.contextmanager
def _acknowledging_at_once(http: web.Request) -> Iterator[Callable[[], None]]:
    """What to call after each message so that the next is acknowledged at once.

    Asterisk writes a message in two pieces and lets the kernel hold the second one back until the first is
    acknowledged (Nagle): with our kernel's delayed acknowledgement each message would come 40 ms late. Linux
    forgets the wish by itself, so it is renewed (tcp(7), TCP_QUICKACK).
    """
    lent = http.transport.get_extra_info("socket") if http.transport is not None else None
    if lent is None or not hasattr(socket, "TCP_QUICKACK"):
        yield lambda: None
        return
    # A handle of our own: uvloop makes a new socket object for each thing asked of the one it lends.
    with socket.socket(fileno=os.dup(lent.fileno())) as connection:

        def acknowledge() -> None:
            with contextlib.suppress(OSError):  # the connection has just gone, which the reader notices
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

        yield acknowledge


def _decode(text: str) -> Mapping[str, Any]:
    """The JSON object in a message; an empty one when it is anything else."""
    try:
        decoded = orjson.loads(text)
    except orjson.JSONDecodeError:
        decoded = None
    if isinstance(decoded, dict):
        return decoded
    log.error("switch_message_malformed", length=len(text))
    return {}


def _encode(request_id: str, request: RestRequest) -> str:
    message: dict[str, Any] = {
        "type": "RESTRequest",
        "transaction_id": request_id,
        "request_id": request_id,
        "method": request.method,
        "uri": request.path.lstrip("/"),
    }
    if request.query:
        message["query_strings"] = [{"name": name, "value": value} for name, value in request.query.items()]
    if request.body is not None:
        message["content_type"] = "application/json"
        message["message_body"] = orjson.dumps(request.body).decode()
    return orjson.dumps(message).decode()


def _guarded(callback: Callable[..., None], *args: Any) -> None:
    """One failing callback must end neither the connection nor the others."""
    try:
        callback(*args)
    except Exception:
        log.exception("switch_callback_failed", callback=getattr(callback, "__qualname__", repr(callback)))
