"""The manager connection: each known defect of panoramisk 1.4, and that it does not show here."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from callcenter.adapters.asterisk.ami import (
    AmiConnectionLost,
    AmiError,
    AmiRefused,
    AmiTimeout,
    GuardedAmi,
)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


PORT = free_port()


class Manager:
    """A manager interface of Asterisk's that answers as it is told to."""

    def __init__(self) -> None:
        self.heard: list[dict[str, str]] = []
        self.logins = 0
        self.silent = False
        self.refused = {"Refuse"}
        self.password = "word"
        self.writers: list[asyncio.StreamWriter] = []
        self.news = asyncio.Event()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", PORT)

    async def stop(self) -> None:
        """Hang up and stop listening."""
        assert self._server is not None
        self._server.close()
        await self.drop()
        await self._server.wait_closed()

    async def drop(self) -> None:
        """Hang up."""
        for writer in self.writers:
            writer.close()
        self.writers.clear()

    async def heard_of(self, action: str, times: int = 1) -> dict[str, str]:
        """Wait until this action came so often; the last one."""
        async with asyncio.timeout(5):
            while len(found := [one for one in self.heard if one["Action"] == action]) < times:
                self.news.clear()
                await self.news.wait()
        return found[-1]

    async def say(self, text: str, *, pieces: int = 1) -> None:
        """Write an event or answer, in so many pieces."""
        data = text.replace("\n", "\r\n").encode()
        size = -(-len(data) // pieces)
        for start in range(0, len(data), size):
            self.writers[-1].write(data[start : start + size])
            await self.writers[-1].drain()
            await asyncio.sleep(0.002)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        writer.write(b"Asterisk Call Manager/10.0.0\r\n")
        try:
            while True:
                text = (await reader.readuntil(b"\r\n\r\n")).decode()
                action = dict(line.split(": ", 1) for line in text.strip().split("\r\n"))
                self.heard.append(action)
                self.news.set()
                await self._answer(action, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _answer(self, action: dict[str, str], writer: asyncio.StreamWriter) -> None:
        if action["Action"] == "Login":
            self.logins += 1
            fine = action["Secret"] == self.password
            await self._reply(action, writer, "Success" if fine else "Error", "Message: Authentication\n")
        elif self.silent:
            return
        elif action["Action"] in self.refused:
            await self._reply(action, writer, "Error", "Message: No such channel\n")
        else:
            await self._reply(action, writer, "Success", "Message: fine\n")

    async def _reply(self, action: dict[str, str], writer: asyncio.StreamWriter, how: str, rest: str) -> None:
        text = f"Response: {how}\nActionID: {action['ActionID']}\n{rest}\n"
        writer.write(text.replace("\n", "\r\n").encode())
        await writer.drain()


@pytest.fixture
async def manager() -> AsyncIterator[Manager]:
    """A listening manager interface."""
    made = Manager()
    await made.start()
    yield made
    await made.stop()


Connect = Callable[..., Awaitable[GuardedAmi]]


@pytest.fixture
async def connect(manager: Manager) -> AsyncIterator[Connect]:
    """Makes logged-in connections and closes them."""
    made: list[GuardedAmi] = []

    async def connect_one(**changes: Any) -> GuardedAmi:
        up = asyncio.Event()
        settings: dict[str, Any] = {
            "port": PORT,
            "user": "callcenter",
            "secret": "word",
            "on_up": up.set,
            "action_timeout_sec": 0.5,
            "ping_interval_sec": 0.2,
            "reconnect_sec": 0.05,
        }
        ami = GuardedAmi(**(settings | changes))
        made.append(ami)
        ami.start()
        async with asyncio.timeout(5):
            await up.wait()
        return ami

    yield connect_one
    for ami in made:
        await ami.close()


@pytest.mark.parametrize("value", ["1001\r\n\r\nAction: Originate", "a\nb", "a\rb", "a\0b"])
async def test_line_breaks_cannot_smuggle_in_an_action(
    connect: Connect, manager: Manager, value: str
) -> None:
    """The action is refused before a byte of it is written, in values and in names."""
    ami = await connect()
    with pytest.raises(ValueError, match="line breaks"):
        await ami.action("MixMonitor", {"Channel": value})
    with pytest.raises(ValueError, match="line breaks"):
        await ami.action("MixMonitor", {value: "1001"})
    with pytest.raises(ValueError, match="line breaks"):
        await ami.action(value)
    with pytest.raises(ValueError, match="line breaks"):
        ami.tell("Setvar", {"Channel": value}, lambda failure: None)
    await ami.action("Fine")
    assert {one["Action"] for one in manager.heard} <= {"Login", "Ping", "Fine"}


async def test_a_character_split_over_two_reads_is_whole(connect: Connect, manager: Manager) -> None:
    """Written byte by byte, a Chinese name arrives as it is."""
    events: asyncio.Queue[Any] = asyncio.Queue()
    await connect(on_event=events.put_nowait)
    text = "Event: News\nName: 张三 Müller\n\n"
    await manager.say(text, pieces=len(text.encode()) + text.count("\n"))
    async with asyncio.timeout(5):
        event = await events.get()
    assert event["Name"] == "张三 Müller"


async def test_every_action_has_a_time_out(connect: Connect, manager: Manager) -> None:
    """A switch that says nothing costs a moment, and the connection goes on."""
    ami = await connect(ping_interval_sec=30)
    manager.silent = True
    with pytest.raises(AmiTimeout):
        await ami.action("Slow", timeout_sec=0.05)
    manager.silent = False
    assert (await ami.action("Fine")).success
    assert manager.logins == 1


async def test_an_action_that_is_refused_says_why(connect: Connect) -> None:
    """Also one that asks for a list: its error is the end of it."""
    ami = await connect()
    with pytest.raises(AmiRefused, match="No such channel"):
        await ami.action("Refuse")
    with pytest.raises(AmiRefused, match="No such channel"):
        await ami.list_action("Refuse")


async def test_a_list_is_returned_without_its_frame(connect: Connect, manager: Manager) -> None:
    """The events between start and end."""
    ami = await connect()
    manager.silent = True
    listing = asyncio.create_task(ami.list_action("List"))
    action_id = (await manager.heard_of("List"))["ActionID"]
    await manager.say(f"Response: Success\nActionID: {action_id}\nEventList: start\nMessage: follows\n\n")
    for uri in ("sip:a", "sip:b"):
        await manager.say(f"Event: ContactList\nActionID: {action_id}\nUri: {uri}\n\n")
    await manager.say(f"Event: ContactListComplete\nActionID: {action_id}\nEventList: Complete\n\n")
    assert [contact["Uri"] for contact in await listing] == ["sip:a", "sip:b"]


async def test_pending_actions_fail_with_the_connection_and_are_not_sent_again(
    connect: Connect, manager: Manager
) -> None:
    """An action must not happen twice because a connection broke."""
    ami = await connect(ping_interval_sec=30)
    manager.silent = True
    pending = asyncio.create_task(ami.action("Originate"))
    await manager.heard_of("Originate")
    await manager.drop()
    with pytest.raises(AmiConnectionLost):
        await pending
    manager.silent = False
    await manager.heard_of("Login", times=2)
    await manager.say("Event: FullyBooted\n\n")
    assert (await ami.action("Fine")).success
    assert [one["Action"] for one in manager.heard].count("Originate") == 1


async def test_without_a_connection_an_action_fails_at_once(manager: Manager) -> None:
    """Nothing is queued for later."""
    ami = GuardedAmi(port=PORT, user="callcenter", secret="word")
    with pytest.raises(AmiConnectionLost):
        await ami.action("Originate")
    assert manager.heard == []


async def test_who_tells_hears_only_of_failures(connect: Connect, manager: Manager) -> None:
    """Once each, never from inside the call: refused, not answered in time, the connection lost or away."""
    failures: asyncio.Queue[AmiError] = asyncio.Queue()
    ami = await connect(ping_interval_sec=30, action_timeout_sec=0.2)

    async def next_failure() -> AmiError:
        async with asyncio.timeout(5):
            return await failures.get()

    ami.tell("Fine", {}, failures.put_nowait)
    ami.tell("Refuse", {}, failures.put_nowait)
    assert failures.empty()
    assert isinstance(await next_failure(), AmiRefused)
    manager.silent = True
    ami.tell("Slow", {}, failures.put_nowait)
    assert isinstance(await next_failure(), AmiTimeout)
    ami.tell("Lost", {}, failures.put_nowait)
    await manager.heard_of("Lost")
    await manager.drop()
    assert isinstance(await next_failure(), AmiConnectionLost)
    away = GuardedAmi(port=PORT, user="callcenter", secret="word")
    away.tell("Away", {}, failures.put_nowait)
    assert failures.empty()
    assert isinstance(await next_failure(), AmiConnectionLost)
    with pytest.raises(AmiConnectionLost):
        await away.action("Away")
    assert failures.empty()


async def test_a_failing_callback_does_not_end_the_connection(connect: Connect, manager: Manager) -> None:
    """The next events, even of the same read, are delivered."""
    seen: list[str] = []
    done = asyncio.Event()

    def on_event(event: Any) -> None:
        seen.append(event["Name"])
        if event["Name"] == "last":
            done.set()
        raise RuntimeError("a bug in the controller")

    ami = await connect(on_event=on_event)
    await manager.say("Event: News\nName: first\n\nEvent: News\nName: second\n\nEvent: News\nName: last\n\n")
    async with asyncio.timeout(5):
        await done.wait()
    assert seen == ["first", "second", "last"]
    assert (await ami.action("Fine")).success


async def test_a_wrong_password_is_tried_once(manager: Manager) -> None:
    """One clear error, no further attempt, and close() returns."""
    manager.password = "another"
    ami = GuardedAmi(port=PORT, user="callcenter", secret="word", reconnect_sec=0.01)
    ami.start()
    await manager.heard_of("Login")
    await asyncio.sleep(0.15)
    assert ami.login_refused
    assert manager.logins == 1
    assert not ami.logged_in
    await ami.close()


async def test_close_really_ends_it(connect: Connect, manager: Manager) -> None:
    """No connection and no attempt afterwards; pending actions fail."""
    ami = await connect(ping_interval_sec=30)
    manager.silent = True
    pending = asyncio.create_task(ami.action("Slow", timeout_sec=30))
    await manager.heard_of("Slow")
    await ami.close()
    with pytest.raises(AmiConnectionLost):
        await pending
    await asyncio.sleep(0.15)
    assert manager.logins == 1


async def test_close_ends_the_attempts_to_an_absent_switch() -> None:
    """Nobody listens; close() does not wait for anybody."""
    ami = GuardedAmi(port=PORT, user="callcenter", secret="word", reconnect_sec=0.01)
    ami.start()
    await asyncio.sleep(0.05)
    async with asyncio.timeout(1):
        await ami.close()


async def test_a_switch_that_hangs_is_noticed(connect: Connect, manager: Manager) -> None:
    """An unanswered ping ends the connection, and a new one is made."""
    down = asyncio.Event()
    await connect(on_down=down.set)
    manager.silent = True
    async with asyncio.timeout(5):
        await down.wait()
    manager.silent = False
    await manager.heard_of("Login", times=2)


async def test_a_switch_that_comes_late_is_found() -> None:
    """The connection is made when the switch is there."""
    up = asyncio.Event()
    ami = GuardedAmi(port=PORT, user="callcenter", secret="word", on_up=up.set, reconnect_sec=0.02)
    ami.start()
    await asyncio.sleep(0.05)
    manager = Manager()
    await manager.start()
    async with asyncio.timeout(5):
        await up.wait()
    await ami.close()
    await manager.stop()


async def test_a_message_without_an_end_is_cut_off(connect: Connect, manager: Manager) -> None:
    """More than a megabyte of one message is no manager: the connection is made anew."""
    down = asyncio.Event()
    await connect(on_down=down.set, ping_interval_sec=30)
    manager.writers[-1].write(b"Event: " + b"x" * 2_000_000)
    async with asyncio.timeout(10):
        await down.wait()
