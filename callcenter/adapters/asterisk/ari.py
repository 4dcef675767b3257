"""The control connection: Asterisk dials us; events come and REST requests go over websockets.

Asterisk carries out the requests of one websocket one after the other, waiting for the leg each time, so one
websocket bounds how many calls a second can be served, and beyond that everything waits for everything. There
are several *lines* therefore: the first one also brings the events, and requests that must keep their order
are given the same key and go over the same line. The connection is up when all lines are, and lost with any
of them; the others are then closed, too, and Asterisk dials all again.

While we are away Asterisk queues our events and sends them, in order, when it has found us again; only then
does it read our requests. The first request of each connection sets the event filter, because Asterisk keeps
the filter of the connection before. The reader does nothing but read, decode and hand on: Asterisk closes a
connection that is not read.

Source: res/ari/ari_websockets.c of Asterisk 22; models RESTRequest and RESTResponse in events.json.
"""

import asyncio
import hmac
import itertools
import zlib
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import structlog
from picows import WSUpgradeRequest, WSUpgradeResponse, WSUpgradeResponseWithListener, ws_create_server

from callcenter.adapters.asterisk.ari_socket import AriSocket
from callcenter.adapters.asterisk.line_keeper import BEAT_SEC, inherit, show_life, take_leave
from callcenter.adapters.asterisk.requests import event_filter
from callcenter.adapters.asterisk.rest import (
    CONNECTION_LOST,
    TIMED_OUT,
    Asked,
    OnResponse,
    RestRequest,
    RestResponse,
    encode_request,
)

log = structlog.get_logger(__name__)

FIRST_WORD_SEC = 0.25
"""Asterisk speaks first (ApplicationRegistered). What is sent to it before it has read our handshake lies in
its buffer, unnoticed, until more comes; so we wait for its first word, or this long."""

MAX_MESSAGE = 64 * 1024 * 1024
"""A list of all channels of a full machine is one message."""


@dataclass(slots=True)
class _Pending:
    on_response: OnResponse
    give_up_at: float


@dataclass(eq=False, slots=True)
class _Line:
    """One websocket and what is to go, or has gone, over it."""

    ws: AriSocket | None = None
    ready: bool = False
    """Whether Asterisk reads what we send."""
    waiting: deque[Asked] = field(default_factory=deque)
    pending: dict[str, _Pending] = field(default_factory=dict)

    def give_up(self) -> list[OnResponse]:
        """Forget all requests; returns whom to tell."""
        callbacks = [pending.on_response for pending in self.pending.values()]
        callbacks += [on_response for _, on_response in self.waiting]
        self.pending.clear()
        self.waiting.clear()
        return callbacks


class AriLink:
    """Our end of the connection.

    `on_event` gets every event in order; `on_up` is called at each connect after the event filter was sent,
    `on_down` after each disconnect, when all open requests have been answered with CONNECTION_LOST. All
    three, and the callbacks of requests, are called in the order of the stream; what they raise is logged
    and goes no further. `keeper` is where a LineKeeper listens, who is lent the line that brings the events,
    and from whom the first events come: those that the controller before us left unread. From start to close
    it is shown that this event loop lives.
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
        lines: int = 1,
        request_timeout_sec: float = 5.0,
        pipeline: int = 256,
        heartbeat_sec: float = 5.0,
        host: str = "127.0.0.1",
        keeper: Path | None = None,
    ) -> None:
        self._host, self._port = host, port
        self._authorization = b"Basic " + b64encode(f"{user}:{password}".encode())
        self._filter, self._keeper = event_filter(app, allowed_events), keeper
        self._on_event, self._on_up, self._on_down = on_event, on_up, on_down
        self._request_timeout_sec, self._pipeline, self._heartbeat_sec = (
            request_timeout_sec,
            pipeline,
            heartbeat_sec,
        )
        self._lines = [_Line() for _ in range(lines)]
        self._by_path = {line_path(number): line for number, line in enumerate(self._lines)}
        self._up = False
        self._early: list[Mapping[str, Any]] = []
        """Events that came before all lines were there, or were left unread by the controller before us."""
        self._server: asyncio.Server | None = None
        self._sockets: set[AriSocket] = set()
        self._ids = itertools.count(1)
        self._sweep: asyncio.TimerHandle | None = None
        self._beat: asyncio.TimerHandle | None = None

    @property
    def connected(self) -> bool:
        """Whether requests can be sent now."""
        return self._up

    @property
    def open_requests(self) -> int:
        """Requests that are waiting to be sent or answered."""
        return sum(len(line.waiting) + len(line.pending) for line in self._lines)

    async def start(self) -> None:
        """Listen; Asterisk connects by itself.

        Raises:
            OSError: the port is taken.
        """
        if self._keeper is not None:
            self._early += await inherit(self._keeper)
        self._server = await ws_create_server(
            self._accept,
            self._host,
            self._port,
            max_frame_size=MAX_MESSAGE,
            enable_auto_ping=True,
            auto_ping_idle_timeout=self._heartbeat_sec,
            auto_ping_reply_timeout=self._heartbeat_sec / 2,
        )
        if self._keeper is not None:
            self._show_life(self._keeper)

    async def close(self) -> None:
        """Stop listening and disconnect; open requests are answered with CONNECTION_LOST. Asterisk, which
        dials again at once, is refused; where a keeper has the first line, once that has ended it."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        if self._beat is not None and self._keeper is not None:
            self._beat.cancel()
            take_leave(self._keeper)
        for ws in self._sockets:
            ws.leave()
        await asyncio.gather(*(ws.closed() for ws in self._sockets))

    def request(self, request: RestRequest, on_response: OnResponse, *, key: str = "") -> None:
        """Send; `on_response` is called exactly once, never from inside this call. Requests with equal keys
        are carried out in the order in which they were made."""
        self.request_all(((request, on_response),), key=key)

    def request_all(self, asked: Sequence[Asked], *, key: str = "") -> None:
        """`request` for each; they travel together."""
        if not self._up:
            lost = RestResponse(CONNECTION_LOST, "not connected to the switch")
            for _, on_response in asked:
                asyncio.get_running_loop().call_soon(_guarded, on_response, lost)
            return
        line = self._lines[zlib.crc32(key.encode()) % len(self._lines) if key else 0]
        if line.waiting or len(line.pending) + len(asked) > self._pipeline:
            line.waiting.extend(asked)
            self._send_waiting(line)
        else:
            self._send(line, asked)

    async def call(self, request: RestRequest) -> RestResponse:
        """Send and wait for the answer."""
        answer: asyncio.Future[RestResponse] = asyncio.get_running_loop().create_future()
        self.request(request, lambda response: None if answer.done() else answer.set_result(response))
        return await answer

    def _connected(self, line: _Line, ws: AriSocket) -> None:
        self._sockets.add(ws)
        if line.ws is not None:
            # Asterisk keeps one connection for each line: a second one means that it has given the first up.
            self._lose(line, line.ws, replaced=True)
        line.ws = ws
        if line is self._lines[0] and self._keeper is not None:
            ws.lend_to(self._keeper)
        asyncio.get_running_loop().call_later(FIRST_WORD_SEC, self._get_ready, line, ws)

    def _heard(self, line: _Line, ws: AriSocket, message: Mapping[str, Any]) -> None:
        if line.ws is not ws:
            return
        if not line.ready:
            self._get_ready(line, ws)
        if message.get("type") == "RESTResponse":
            self._answer(line, message)
        elif line is not self._lines[0]:
            pass  # Asterisk names the application of this line, in which nothing ever is
        elif message and self._up:
            _guarded(self._on_event, message)
        elif message:
            self._early.append(message)

    def _disconnected(self, line: _Line, ws: AriSocket) -> None:
        self._sockets.discard(ws)
        self._lose(line, ws, replaced=False)

    def _accept(self, asked: WSUpgradeRequest) -> WSUpgradeResponseWithListener | None:
        offered = asked.headers.get("Authorization", "")
        if not hmac.compare_digest(offered.encode(), self._authorization):
            log.error("switch_refused", reason="a wrong password on the control connection")
            return _refusal(HTTPStatus.UNAUTHORIZED, "wrong name or password")
        line = self._by_path.get(asked.path.decode("ascii", "replace").partition("?")[0])
        if line is None or self._server is None:
            return None
        protocols = asked.headers.get("Sec-WebSocket-Protocol", "").split(",")
        if "ari" not in map(str.strip, protocols):
            return _refusal(HTTPStatus.BAD_REQUEST, "a websocket with the subprotocol ari is expected here")
        accepted = WSUpgradeResponse.create_101_response({"Sec-WebSocket-Protocol": "ari"})
        ws = AriSocket(
            on_connected=partial(self._connected, line),
            on_message=partial(self._heard, line),
            on_disconnected=partial(self._disconnected, line),
        )
        return WSUpgradeResponseWithListener(accepted, ws)

    def _get_ready(self, line: _Line, ws: AriSocket) -> None:
        """From now on we may send here: Asterisk has spoken, or has had the time to read our handshake."""
        if line.ws is not ws or line.ready:
            return
        line.ready = True
        if all(each.ready for each in self._lines):
            self._up = True
            log.info("switch_connection_up")
            self.request(self._filter, self._filter_set)
            self._arm_sweep()
            _guarded(self._on_up)
            self._tell_early()

    def _send(self, line: _Line, asked: Sequence[Asked]) -> None:
        give_up_at = asyncio.get_running_loop().time() + self._request_timeout_sec
        messages = []
        for request, on_response in asked:
            request_id = str(next(self._ids))
            line.pending[request_id] = _Pending(on_response, give_up_at)
            messages.append(encode_request(request_id, request))
        if line.ws is not None:
            line.ws.send(messages)

    def _send_waiting(self, line: _Line) -> None:
        while line.waiting and len(line.pending) < self._pipeline:
            self._send(line, (line.waiting.popleft(),))

    def _answer(self, line: _Line, message: Mapping[str, Any]) -> None:
        pending = line.pending.pop(message.get("request_id", ""), None)
        self._send_waiting(line)
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

    def _tell_early(self) -> None:
        early, self._early = self._early, []
        for event in early:
            _guarded(self._on_event, event)

    def _show_life(self, keeper: Path) -> None:
        show_life(keeper)
        self._beat = asyncio.get_running_loop().call_later(BEAT_SEC, self._show_life, keeper)

    def _arm_sweep(self) -> None:
        self._sweep = asyncio.get_running_loop().call_later(self._request_timeout_sec / 5, self._expire)

    def _expire(self) -> None:
        """Requests are kept in the order of their deadlines: the oldest of each line tell."""
        now = asyncio.get_running_loop().time()
        for line in self._lines:
            while line.pending:
                request_id, oldest = next(iter(line.pending.items()))
                if oldest.give_up_at > now:
                    break
                del line.pending[request_id]
                self._send_waiting(line)
                _guarded(oldest.on_response, RestResponse(TIMED_OUT, "the switch did not answer in time"))
        self._arm_sweep()

    def _lose(self, line: _Line, ws: AriSocket, *, replaced: bool) -> None:
        """The line has ended, and with it the connection, if it was up."""
        if line.ws is not ws:
            return
        line.ws, line.ready = None, False
        if replaced:
            ws.close()
        if not self._up:
            return
        self._up = False
        if self._sweep is not None:
            self._sweep.cancel()
        for other in self._lines:
            if other.ws is not None:
                other.ws.close()
                other.ws, other.ready = None, False
        lost = RestResponse(CONNECTION_LOST, "the connection to the switch was lost")
        for on_response in [each for other in self._lines for each in other.give_up()]:
            _guarded(on_response, lost)
        log.warning("switch_connection_lost", replaced=replaced, close_code=ws.close_code)
        _guarded(self._on_down)


def line_path(number: int) -> str:
    """Where Asterisk finds the line of this number, from 0."""
    return f"/ari/{number}" if number else "/ari"


def _refusal(status: HTTPStatus, reason: str) -> WSUpgradeResponseWithListener:
    return WSUpgradeResponseWithListener(
        WSUpgradeResponse.create_error_response(status, reason.encode()), None
    )


def _guarded(callback: Callable[..., None], *args: Any) -> None:
    """One failing callback must end neither the connection nor the others."""
    try:
        callback(*args)
    except Exception:
        log.exception("switch_callback_failed", callback=getattr(callback, "__qualname__", repr(callback)))
