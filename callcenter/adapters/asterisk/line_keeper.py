"""Keeps the control connection open when the controller dies, and ends it when that is safe.

Asterisk must not see the connection end while it sends an event: the thread that reads the connection forgets
it without the lock under which other threads write to it, and the process dies of that, with every call it
carries. Source: outbound_session_handler_thread() and session_write() in res/ari/ari_websockets.c of
22.10.1, and core dumps: on a busy machine one of 25 kills of a controller at 60 calls a second did that.

A killed process ends nothing in order; its parent can. So the controller lends its parent a handle of the
line that brings the events: the kernel keeps a connection open while anybody has one. When the controller is
gone, its parent asks Asterisk for no events but the few that it can tell only once, waits until those under
way are through, ends the connection and asks for all events again, which Asterisk then keeps for the next
controller. What came over the line until its end and was not read is kept here and inherited by the next
controller: a key that was pressed in that moment counts. What was not told then stands in the switch's truth,
which the next controller reads when it connects.
"""

import asyncio
import contextlib
import socket
from collections.abc import Collection, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
import orjson
import structlog

from callcenter.adapters.asterisk.ari_asked import AriAsked
from callcenter.adapters.asterisk.config import SwitchConfig
from callcenter.adapters.asterisk.decode import KNOWN_EVENTS, PASSING_EVENTS
from callcenter.adapters.asterisk.requests import event_filter
from callcenter.adapters.asterisk.unread import unread_messages

log = structlog.get_logger(__name__)

UNDER_WAY_SEC = 0.05
"""How long an event may take from Asterisk's filter to the connection: 0.1 ms, and its turn to run."""
NOTICED_SEC = 0.3
"""How long Asterisk may take to see that the connection has ended."""
FORGOTTEN_SEC = 0.02
"""From there until it has forgotten it."""
ANSWER_WITHIN_SEC = 0.5
INHERITED_WITHIN_SEC = 1.0
_PIECE = 1 << 16
_LENDING, _INHERITING, _ALIVE, _LEAVING = b"L", b"I", b"A", b"E"
"""What comes: a handle of the line; of where to write what nobody has read; a sign of life, and the last."""
BEAT_SEC = 1.0
"""From one sign of life to the next, and from one look for them to the next."""
HANGS_AFTER = 4
"""Looks without a sign of life. Asterisk has patience for five seconds."""


def lend(line: socket.socket, keeper: Path) -> bool:
    """Give the keeper who listens there a handle of this line; False when nobody does."""
    return _give(_LENDING, keeper, line)


def show_life(keeper: Path) -> None:
    """To be called each BEAT_SEC by a controller, which is killed when it no longer does. Without effect when
    nobody listens there."""
    _give(_ALIVE, keeper)


def take_leave(keeper: Path) -> None:
    """No sign of life is to be expected from now on."""
    _give(_LEAVING, keeper)


async def inherit(keeper: Path) -> list[Mapping[str, Any]]:
    """The events, in order, that came to the controller before this one and were not read. Each is given to
    one controller only; none when nobody listens there."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            if not _give(_INHERITING, keeper, theirs):
                return []
        with _Reading(ours) as will:
            if await will.ends(INHERITED_WITHIN_SEC) and will.read:
                unread: list[Mapping[str, Any]] = orjson.loads(will.read)
                return unread
    log.error("unread_switch_events_not_inherited", within_sec=INHERITED_WITHIN_SEC)
    return []


def _give(what: bytes, keeper: Path, *handles: socket.socket) -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
        way.setblocking(False)
        way.connect(str(keeper))
        socket.send_fds(way, [what], [handle.fileno() for handle in handles])
        return True
    return False


class LineKeeper:
    """The parent's side. `listen` before each start of the controller, `let_go` after each end of it, `hangs`
    each BEAT_SEC in between; all in the same event loop."""

    def __init__(self, config: SwitchConfig) -> None:
        self._config = config
        self._path = config.directories.line_keeper
        self._door: socket.socket | None = None
        self._line: socket.socket | None = None
        self._unread: list[Mapping[str, Any]] = []
        self._telling: asyncio.Task[None] | None = None
        self._looks: int | None = None
        """Since the last sign of life; None before the first."""

    async def listen(self) -> None:
        """Be there for a controller. Without effect when we are.

        Raises:
            OSError: the socket cannot be made.
        """
        if self._door is not None:
            return
        self._path.unlink(missing_ok=True)
        door = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        door.setblocking(False)
        door.bind(str(self._path))
        asyncio.get_running_loop().add_reader(door, self._take)
        self._door = door

    def hangs(self) -> bool:
        """Whether the controller has lived and shows no life any more. It is then to be killed: the next one
        takes over at once, and Asterisk would end the line soon. Looks are counted, not seconds: a machine
        that stood still as a whole was no hanging controller."""
        self._take()
        if self._looks is None:
            return False
        self._looks += 1
        return self._looks > HANGS_AFTER

    async def let_go(self) -> None:
        """The controller is gone: end the line that it has lent. Asterisk dials the next controller then."""
        self._take()
        self._close_door()
        self._looks = None
        if self._telling is not None:
            await self._telling
        line, self._line = self._line, None
        if line is None:
            return
        async with _EventFilter(self._config, ANSWER_WITHIN_SEC) as events:
            with line, _Reading(line) as rest:
                quiet = not await rest.ends(0.0) and await events.allow(PASSING_EVENTS)
                if not await rest.ends(UNDER_WAY_SEC):
                    with contextlib.suppress(OSError):
                        line.shutdown(socket.SHUT_WR)
                    await rest.ends(NOTICED_SEC)
            await asyncio.sleep(FORGOTTEN_SEC)
            if quiet:
                await events.allow(KNOWN_EVENTS)
        self._unread += [one for one in unread_messages(bytes(rest.read)) if one.get("type") in KNOWN_EVENTS]

    def _take(self) -> None:
        """What a controller gives us at the door."""
        while self._door is not None:
            try:
                what, handles, _, _ = socket.recv_fds(self._door, 1, 1)
            except BlockingIOError:
                return
            if what in (_ALIVE, _LEAVING):
                self._looks = 0 if what == _ALIVE else None
                continue
            given = socket.socket(fileno=handles[0])
            if what == _INHERITING:
                unread, self._unread = self._unread, []
                self._telling = asyncio.create_task(_tell(given, orjson.dumps(unread)), name="tell the heir")
                continue
            if self._line is not None:  # it has ended: the newest is the one
                self._line.close()
            self._line = given

    def _close_door(self) -> None:
        if self._door is not None:
            asyncio.get_running_loop().remove_reader(self._door)
            self._door.close()
            self._door = None
            self._path.unlink(missing_ok=True)


class _EventFilter(AriAsked):
    """Which events the switch sends, asked beside the control connection."""

    async def allow(self, kinds: Collection[str]) -> bool:
        """Ask for these and no others; whether that is in force."""
        request = event_filter(self._config.app, kinds)
        try:
            async with self._client.request(
                request.method, self._base + request.path, json=request.body
            ) as answer:
                return answer.ok
        except (aiohttp.ClientError, TimeoutError) as away:
            log.warning("switch_not_asked_for_events", reason=str(away) or type(away).__name__)
            return False


async def _tell(heir: socket.socket, unread: bytes) -> None:
    heir.setblocking(False)
    with heir, contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(INHERITED_WITHIN_SEC):
            await asyncio.get_running_loop().sock_sendall(heir, unread)


class _Reading:
    """Reads all that comes over a line, as long as this is entered."""

    def __init__(self, line: socket.socket) -> None:
        self._line, self._ended = line, asyncio.Event()
        self.read = bytearray()

    def __enter__(self) -> Self:
        self._line.setblocking(False)
        asyncio.get_running_loop().add_reader(self._line, self._take)
        self._take()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.get_running_loop().remove_reader(self._line)

    async def ends(self, within_sec: float) -> bool:
        """Whether the other end hangs up in this time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_sec):
                await self._ended.wait()
        return self._ended.is_set()

    def _take(self) -> None:
        try:
            while piece := self._line.recv(_PIECE):
                self.read += piece
        except BlockingIOError:
            return
        except OSError as broken:
            log.info("switch_line_broken", reason=broken.strerror)
        asyncio.get_running_loop().remove_reader(self._line)
        self._ended.set()
