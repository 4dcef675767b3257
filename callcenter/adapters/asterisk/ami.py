"""The manager connection: panoramisk's codec under our own supervision.

What panoramisk 1.4 does by itself, and what is done about it here:
- values with CR, LF or NUL could smuggle in a second action: refused;
- a character split over two reads is lost: decoded incrementally;
- an unanswered action waits for ever, a refused list action too: time-outs, and an error ends a list;
- pending actions are sent again after a reconnect: they fail instead, an action must not happen twice;
- a failing callback ends the reading: it is logged;
- a wrong password is tried for ever, even after close(): one clear error, and close() ends everything;
- a peer that hangs is not noticed: it is pinged, with a time-out.
"""

import asyncio
import codecs
import contextlib
import re
from collections.abc import Callable, Mapping
from functools import partial

import structlog
from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message

log = structlog.get_logger(__name__)

_LINE_BREAK = re.compile("[\r\n\0]")

MAX_PARTIAL_MESSAGE = 1024 * 1024
"""More than this without the end of a message is no manager speaking."""


class AmiError(Exception):
    """An action that brought no success; the message says why."""


class AmiRefused(AmiError):
    """The switch answered with an error."""


class AmiTimeout(AmiError):
    """The switch did not answer in time; the action may still be carried out."""


class AmiConnectionLost(AmiError):
    """There is no connection, or it broke before the answer; the action may have been carried out."""


class AmiLoginRefused(AmiError):
    """Wrong user or password; nothing is tried again."""


class _GuardedAction(Action):  # type: ignore[misc]  # panoramisk is untyped
    """An action whose list answer ends also when it is an error. Its id and its text are made once:
    panoramisk would search its headers for them a dozen times.

    Raises:
        ValueError: a header holds a line break or NUL, and would be more than one.
    """

    id = action_id = ""

    def __init__(self, name: str, headers: Mapping[str, str], *, as_list: bool) -> None:
        self.id = self.action_id = self.action_id_generator()
        said = {"Action": name, "ActionID": self.id, **headers}
        self._text = "".join([_header(key, value) for key, value in said.items()]) + "\r\n"
        super().__init__(said, as_list=as_list)

    def __str__(self) -> str:
        return self._text

    def add_message(self, message: Message) -> bool | None:
        if not self.responses and not message.success:
            self.responses.append(message)
            if not self.future.done():
                self.future.set_result(message)
            return True
        return bool(super().add_message(message))


class _GuardedProtocol(AMIProtocol):  # type: ignore[misc]  # panoramisk is untyped
    """panoramisk's protocol; it reports to a GuardedAmi as its factory."""

    encoding = "utf8"
    forgetable_actions = ()

    def __init__(self, owner: "GuardedAmi") -> None:
        self._owner = owner

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.factory = self._owner
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def data_received(self, data: bytes) -> None:
        try:
            super().data_received(self._decoder.decode(data).encode())
        except Exception:
            log.exception("ami_message_unreadable")
        if self.queue and len(self.queue[0]) > MAX_PARTIAL_MESSAGE:
            log.error("ami_message_endless")
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail what is pending; panoramisk would queue it to be sent again."""
        pending = {id(action): action for action in self.responses.values()}
        self.responses.clear()
        self.closed = True
        for action in pending.values():
            if not action.future.done():
                action.future.set_exception(AmiConnectionLost("the manager connection was lost"))
        self._owner.protocol_lost(self)


class GuardedAmi:
    """A manager connection that is kept up until close().

    `on_event` gets every event in order; `on_up` is called after each login, `on_down` after each loss.
    What they raise is logged and goes no further.
    """

    save_stream = None
    """Read by panoramisk."""

    def __init__(
        self,
        *,
        port: int,
        user: str,
        secret: str,
        host: str = "127.0.0.1",
        on_event: Callable[[Message], None] = lambda event: None,
        on_up: Callable[[], None] = lambda: None,
        on_down: Callable[[], None] = lambda: None,
        action_timeout_sec: float = 5.0,
        ping_interval_sec: float = 5.0,
        reconnect_sec: float = 0.5,
    ) -> None:
        self._host, self._port, self._user, self._secret = host, port, user, secret
        self._on_event, self._on_up, self._on_down = on_event, on_up, on_down
        self._action_timeout_sec, self._ping_interval_sec = action_timeout_sec, ping_interval_sec
        self._reconnect_sec = reconnect_sec
        self._protocol: _GuardedProtocol | None = None
        self._lost = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self.login_refused = False
        self.logged_in = False

    def start(self) -> None:
        """Connect and stay connected; the switch need not be there yet."""
        self._keeper = asyncio.create_task(self._keep(), name="ami-keeper")

    async def close(self) -> None:
        """End the connection and all attempts; pending actions fail with AmiConnectionLost."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
            self._keeper = None

    async def action(
        self, name: str, headers: Mapping[str, str] | None = None, *, timeout_sec: float | None = None
    ) -> Message:
        """Send one action and return its successful answer.

        Raises:
            AmiRefused, AmiTimeout, AmiConnectionLost: no success.
            ValueError: a name or value that would break out of its line.
        """
        answers = await self._send(name, headers or {}, as_list=False, timeout_sec=timeout_sec)
        return answers[0]

    async def list_action(
        self, name: str, headers: Mapping[str, str] | None = None, *, timeout_sec: float | None = None
    ) -> list[Message]:
        """Send an action that is answered by a list of events; return those, without the frame around them.

        Raises: as `action`.
        """
        answers = await self._send(name, headers or {}, as_list=True, timeout_sec=timeout_sec)
        return answers[1:-1]

    def tell(self, name: str, headers: Mapping[str, str], on_failure: Callable[[AmiError], None]) -> None:
        """Send one action for whose answer nobody waits, after all that is done in this turn of the loop:
        callers wait for that. `on_failure` is called once when it brings no success, never from inside this
        call.

        Raises:
            ValueError: as `action`.
        """
        action = _GuardedAction(name, headers, as_list=False)
        asyncio.get_running_loop().call_soon(self._send_told, name, action, on_failure)

    def _send_told(self, name: str, action: _GuardedAction, on_failure: Callable[[AmiError], None]) -> None:
        try:
            protocol = self._up()
        except AmiConnectionLost as lost:
            self._call(partial(on_failure, lost))
            return
        overdue = asyncio.get_running_loop().call_later(self._action_timeout_sec, _give_up, name, action)

        def answered(answer: asyncio.Future[Message]) -> None:
            overdue.cancel()
            protocol.responses.pop(action.id, None)
            error = answer.exception() or _refusal(name, answer.result())
            if isinstance(error, AmiError):
                self._call(partial(on_failure, error))

        protocol.send(action, as_list=False).add_done_callback(answered)

    def dispatch(self, event: Message) -> None:
        """Called by panoramisk with each event."""
        try:
            self._on_event(event)
        except Exception:
            log.exception("ami_event_callback_failed", event_name=event.event)

    def protocol_lost(self, protocol: _GuardedProtocol) -> None:
        """Called by the protocol when its connection has ended."""
        if protocol is self._protocol:
            self._lost.set()

    async def _send(
        self, name: str, headers: Mapping[str, str], *, as_list: bool, timeout_sec: float | None
    ) -> list[Message]:
        protocol, action = self._up(), _GuardedAction(name, headers, as_list=as_list)
        try:
            async with asyncio.timeout(timeout_sec or self._action_timeout_sec):
                answer = await protocol.send(action, as_list=as_list)
        except TimeoutError:
            raise _unanswered(name) from None
        finally:
            protocol.responses.pop(action.id, None)
        answers = answer if isinstance(answer, list) else [answer]
        if refusal := _refusal(name, answers[0]):
            raise refusal
        return answers

    def _up(self) -> _GuardedProtocol:
        if self._protocol is None or self._protocol.closed:
            raise AmiConnectionLost("there is no manager connection")
        return self._protocol

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        while not self.login_refused:
            self._lost.clear()
            with contextlib.suppress(OSError, AmiError, TimeoutError):
                async with asyncio.timeout(self._action_timeout_sec):
                    _, self._protocol = await loop.create_connection(
                        lambda: _GuardedProtocol(self), self._host, self._port
                    )
                try:
                    await self._log_in()
                    await self._watch()
                finally:
                    self._disconnect()
            await asyncio.sleep(self._reconnect_sec)

    async def _log_in(self) -> None:
        headers = {"Username": self._user, "Secret": self._secret, "Events": "on"}
        try:
            await self.action("Login", headers)
        except AmiRefused as error:
            self.login_refused = True
            log.error(
                "ami_login_refused", user=self._user, cure="make the manager password match manager.conf"
            )
            raise AmiLoginRefused(str(error)) from None
        self.logged_in = True
        log.info("ami_up")
        self._call(self._on_up)

    async def _watch(self) -> None:
        """Return when the connection is lost or does not answer a ping."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._ping_interval_sec):
                    await self._lost.wait()
                return
            await self.action("Ping", timeout_sec=self._ping_interval_sec)

    def _disconnect(self) -> None:
        protocol, self._protocol = self._protocol, None
        if protocol is not None and not protocol.closed:
            protocol.transport.abort()
            protocol.connection_lost(None)
        if self.logged_in:
            self.logged_in = False
            log.warning("ami_lost")
            self._call(self._on_down)

    def _call(self, callback: Callable[[], None]) -> None:
        try:
            callback()
        except Exception:
            log.exception("ami_callback_failed")


def _give_up(name: str, action: _GuardedAction) -> None:
    if not action.future.done():
        action.future.set_exception(_unanswered(name))


def _unanswered(name: str) -> AmiTimeout:
    return AmiTimeout(f"{name}: no answer from the switch's manager interface")


def _refusal(name: str, answer: Message) -> AmiRefused | None:
    return None if answer.success else AmiRefused(f"{name}: {answer.message or 'refused without a reason'}")


def _header(key: str, value: str) -> str:
    line = f"{key}: {value}"
    if _LINE_BREAK.search(line):
        raise ValueError(f"manager header {key!r}: line breaks and NUL are not allowed")
    return line + "\r\n"
