"""The live socket: a snapshot or what was missed, then numbered changes without gaps (wire.Changes).

All clients stand at the same number; what changed is encoded once per sight. Each client has its own sender
and a bounded backlog: one that does not keep up loses its backlog and gets a fresh snapshot when it reads
again, and never slows the others.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

import orjson
import structlog
from aiohttp import ClientConnectionResetError, WSMsgType, web
from pydantic import ValidationError

from callcenter.domain.events import DomainEvent
from callcenter.ports import StoreAway
from callcenter.web.auth import Session, Sessions
from callcenter.web.live import Key, Sight, all_keys, changes_settings, sight_of_others, touched
from callcenter.web.picture import Picture
from callcenter.web.ports import Centre, User
from callcenter.web.wire import Hello, instant

_log = structlog.get_logger(__name__)

CLOSE_LOGGED_OUT = 4401
CLOSE_PROTOCOL = 1008
CLOSE_INTERNAL = 1011
CLOSE_RESTART = 1012


@dataclass(frozen=True, slots=True)
class SocketLimits:
    """``changes_every_ms`` and ``gauges_every_ms`` bound how often clients are told; ``backlog_bytes`` how
    far one may lag behind; ``resume_events`` how much is made up for instead of a snapshot."""

    changes_every_ms: int = 50
    gauges_every_ms: int = 200
    idle_gauges_every_ms: int = 1_000
    ping_every_ms: int = 10_000
    hello_within_ms: int = 10_000
    backlog_bytes: int = 256 * 1024
    resume_events: int = 10_000
    clients: int = 2_000


@dataclass(eq=False, slots=True)
class _Client:
    ws: web.WebSocketResponse
    session: Session
    backlog: deque[bytes] = field(default_factory=deque)
    backlog_bytes: int = 0
    wants_snapshot: bool = False
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def push(self, message: bytes, limit: int) -> bool:
        """Queue the message; False when the client was too far behind and must get a snapshot instead."""
        self.wake.set()
        if self.wants_snapshot:
            return True
        if self.backlog_bytes + len(message) > limit:
            self.clear(wants_snapshot=True)
            return False
        self.backlog.append(message)
        self.backlog_bytes += len(message)
        return True

    def pop(self) -> bytes | None:
        if not self.backlog:
            return None
        message = self.backlog.popleft()
        self.backlog_bytes -= len(message)
        return message

    def clear(self, *, wants_snapshot: bool) -> None:
        self.backlog.clear()
        self.backlog_bytes = 0
        self.wants_snapshot = wants_snapshot


@dataclass(slots=True)
class SocketCounts:
    """What the hub has done, for the metrics."""

    clients: int = 0
    messages: int = 0
    snapshots: int = 0
    resumed: int = 0
    cut_to_snapshot: int = 0


class SocketHub:
    """All live sockets of the centre. ``start`` it once, ``close`` it at the end."""

    def __init__(
        self,
        centre: Centre,
        sessions: Sessions,
        clock: Callable[[], int],
        pause_reasons: Callable[[], Collection[str]] = tuple,
        limits: SocketLimits | None = None,
    ) -> None:
        self.counts = SocketCounts()
        self._centre = centre
        self._sessions = sessions
        self._clock = clock
        self._pause_reasons = pause_reasons
        self._limits = limits or SocketLimits()
        self._clients: set[_Client] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._flush_timer: asyncio.TimerHandle | None = None
        self._flushed_at = 0.0
        self._gauges_dirty = asyncio.Event()
        self._picture: Picture
        """Drawn for the first who comes."""
        self._touched: dict[Key, None] = {}
        """Since the last flush; nothing while nobody is there."""
        self._outdated = False
        """Other settings are in force than those with which the picture was drawn."""

    # --- life ----------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Follow the centre from now on."""
        self._seen_seq = self._told_seq = self._centre.view().seq
        self._unsubscribe = self._centre.subscribe(self._on_event)
        self._tasks = [
            asyncio.create_task(_for_ever(self._tell_gauges), name="socket-gauges"),
            asyncio.create_task(_for_ever(self._ping), name="socket-ping"),
        ]

    async def close(self) -> None:
        """Send every client away; they come back when the centre does."""
        self._unsubscribe()
        if self._flush_timer:
            self._flush_timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        closing = [client.ws.close(code=CLOSE_RESTART, message=b"restart") for client in self._clients]
        await asyncio.gather(*closing, return_exceptions=True)

    async def log_out(self, session: Session) -> None:
        """Close the sockets of a session that has ended."""
        for client in [client for client in self._clients if client.session.key == session.key]:
            await client.ws.close(code=CLOSE_LOGGED_OUT, message=b"logged out")

    # --- one client ----------------------------------------------------------------------------------------

    @property
    def full(self) -> bool:
        """No further client is taken in."""
        return len(self._clients) >= self._limits.clients

    async def serve(self, request: web.Request, session: Session) -> web.WebSocketResponse:
        """Speak with one client until it leaves."""
        ws = web.WebSocketResponse(
            heartbeat=30.0, compress=False, max_msg_size=4096, writer_limit=64 * 1024, timeout=2.0
        )
        await ws.prepare(request)
        hello = await self._hello(ws)
        if hello is None:
            return ws
        client = _Client(ws, session)
        await self._join(client, hello.resume_from)
        sender = asyncio.create_task(self._send(client), name="socket-sender")
        try:
            async for _ in ws:
                await ws.close(code=CLOSE_PROTOCOL, message=b"nothing is expected after the hello")
        finally:
            self._clients.discard(client)
            self.counts.clients = len(self._clients)
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
        return ws

    async def _hello(self, ws: web.WebSocketResponse) -> Hello | None:
        try:
            async with asyncio.timeout(self._limits.hello_within_ms / 1000):
                message = await ws.receive()
            if message.type is WSMsgType.TEXT:
                return Hello.model_validate_json(message.data)
        except (TimeoutError, ValidationError):
            pass
        await ws.close(code=CLOSE_PROTOCOL, message=b'say {"resume_from": number or null} first')
        return None

    async def _join(self, client: _Client, resume_from: int | None) -> None:
        missed = None if resume_from is None else await self._missed_since(resume_from)
        self._renew_all()
        self._clients.add(client)
        self.counts.clients = len(self._clients)
        client.wake.set()
        if missed is None or resume_from is None:
            client.wants_snapshot = True
            return
        keys = [*missed, *self._picture.shared_keys]
        own = self._picture.own(keys).get(client.session.user.agent_id or "", ())
        client.push(
            self._picture.changes((resume_from, self._told_seq), self._clock(), keys, _sight(client), own),
            self._limits.backlog_bytes,
        )
        self.counts.resumed += 1

    async def _missed_since(self, seq: int) -> dict[Key, None] | None:
        """What was touched after ``seq``; None when that cannot be told."""
        missed: dict[Key, None] = {}
        while seq != self._seen_seq:  # more may happen while the journal is asked
            try:
                events = await self._centre.events_since(seq, self._limits.resume_events)
            except StoreAway:
                return None
            if not events:
                return None
            for _, event in events:
                if changes_settings(event):
                    return None
                missed.update(dict.fromkeys(touched(event, self._all)))
            seq = events[-1][0]
        return missed

    async def _send(self, client: _Client) -> None:
        try:
            while True:
                await client.wake.wait()
                client.wake.clear()
                while (message := self._next(client)) is not None:
                    await client.ws.send_frame(message, WSMsgType.TEXT)
                    self.counts.messages += 1
        except ClientConnectionResetError:
            return
        except Exception:
            _log.exception("socket_sender_failed")
            await client.ws.close(code=CLOSE_INTERNAL, message=b"the centre could not tell what changed")

    def _next(self, client: _Client) -> bytes | None:
        if not client.wants_snapshot:
            return client.pop()
        snapshot = self.snapshot(client.session.user)
        client.clear(wants_snapshot=False)
        return snapshot

    def snapshot(self, viewer: User) -> bytes:
        """wire.Snapshot of now, for this viewer."""
        self._renew_all()
        self.counts.snapshots += 1
        return self._picture.snapshot(self._told_seq, self._clock(), viewer, self._pause_reasons())

    # --- telling all ---------------------------------------------------------------------------------------

    def _on_event(self, seq: int, event: DomainEvent) -> None:
        self._seen_seq = seq
        if not self._clients:
            return
        self._touched.update(dict.fromkeys(touched(event, self._all)))
        self._outdated |= changes_settings(event)
        self._gauges_dirty.set()
        if self._flush_timer is None:
            loop = asyncio.get_running_loop()
            due_at = self._flushed_at + self._limits.changes_every_ms / 1000
            self._flush_timer = loop.call_at(max(due_at, loop.time()), self._flush)

    def _all(self) -> Iterable[Key]:
        return all_keys(self._centre.view())

    def _flush(self, *, with_gauges: bool = False) -> None:
        """Bring every client to the last event seen, and to the figures of now if that is asked; with nobody
        there the picture is left to grow old. It is one message, since each costs a call of the system for
        each client."""
        if self._flush_timer is not None:
            self._flush_timer.cancel()
            self._flush_timer = None
        self._flushed_at = asyncio.get_running_loop().time()
        after_seq = self._told_seq
        happened = after_seq != self._seen_seq
        if not self._clients or not (happened or with_gauges):
            return
        if self._outdated:
            self._begin_anew()
            return
        view = self._centre.view()
        keys = self._picture.renew(view, self._touched) if happened else []
        if with_gauges:
            keys += self._picture.renew_gauges(view)
        self._touched, self._told_seq = {}, self._seen_seq
        if happened or keys:
            self._tell(after_seq, keys)

    def _begin_anew(self) -> None:
        """Draw the picture of what there is now; every client gets it whole."""
        self._picture = Picture(self._centre.view())
        self._touched, self._outdated = {}, False
        self._told_seq = self._seen_seq
        for client in self._clients:
            client.clear(wants_snapshot=True)
            client.wake.set()

    def _tell(self, after_seq: int, keys: list[Key]) -> None:
        own = self._picture.own(keys)
        messages: dict[tuple[Sight, str], bytes] = {}
        for client in self._clients:
            sight = _sight(client)
            agent_id = client.session.user.agent_id or ""
            whose = agent_id if agent_id in own else ""
            message = messages.get((sight, whose))
            if message is None:
                message = messages[sight, whose] = self._picture.changes(
                    (after_seq, self._told_seq), self._clock(), keys, sight, own.get(whose, ())
                )
            if not client.push(message, self._limits.backlog_bytes):
                self.counts.cut_to_snapshot += 1
                _log.info("socket_client_too_slow", user=client.session.user.name)

    def _renew_all(self) -> None:
        """Bring the picture up to date; it is drawn anew for the first who comes."""
        if self._clients:
            self._flush()
        else:
            self._begin_anew()

    async def _tell_gauges(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.idle_gauges_every_ms / 1000):
                await self._gauges_dirty.wait()
        self._gauges_dirty.clear()
        self._flush(with_gauges=True)
        await asyncio.sleep(self._limits.gauges_every_ms / 1000)

    async def _ping(self) -> None:
        await asyncio.sleep(self._limits.ping_every_ms / 1000)
        ping = orjson.dumps({"type": "ping", "seq": self._told_seq, "server_at": instant(self._clock())})
        ended = []
        for client in list(self._clients):
            if self._sessions.alive(client.session):
                client.push(ping, self._limits.backlog_bytes)
                await self._sessions.touch(client.session)
            else:
                ended.append(client.ws.close(code=CLOSE_LOGGED_OUT, message=b"session ended"))
        await asyncio.gather(*ended, return_exceptions=True)


async def _for_ever(beat: Callable[[], Awaitable[None]]) -> None:
    """Beat after beat; one that fails is logged and does not stop the next."""
    while True:
        try:
            await beat()
        except Exception:
            _log.exception("socket_beat_failed")
            await asyncio.sleep(1)


def _sight(client: _Client) -> Sight:
    return sight_of_others(client.session.user)
