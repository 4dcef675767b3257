"""The control connection of a controller that has died ends only when its switch sends nothing over it, and
what the controller has not read is inherited by the next."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from test_asterisk_ari import free_port
from test_asterisk_config import config
from test_unread import framed

from callcenter.adapters.asterisk.ari import AriLink
from callcenter.adapters.asterisk.ari_socket import FAREWELL_SEC
from callcenter.adapters.asterisk.config import SwitchConfig
from callcenter.adapters.asterisk.decode import KNOWN_EVENTS, PASSING_EVENTS
from callcenter.adapters.asterisk.line_keeper import (
    BEAT_SEC,
    HANGS_AFTER,
    NOTICED_SEC,
    LineKeeper,
    inherit,
    show_life,
    take_leave,
)

LENDS = """
import socket, sys, time
from pathlib import Path
from callcenter.adapters.asterisk.line_keeper import lend
line = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
print(lend(line, Path(sys.argv[2])), flush=True)
time.sleep(60)
"""


class FakeSwitch:
    """The other end of the line, and of HTTP; what happens at them, in order."""

    def __init__(self, config: SwitchConfig) -> None:
        self.config = config
        self.port = 0
        """Of the line."""
        self.seen: list[object] = []
        self.status = 200
        self.hangs_up = True
        self.line: asyncio.StreamWriter | None = None

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A line: it talks all the time, and hangs up when the other end has."""
        self.line = writer
        self.tell("StasisEnd")
        with suppress(ConnectionResetError):  # what was closed unread
            await reader.read()
        self.seen.append("the line ended")
        if self.hangs_up:
            writer.close()

    def tell(self, kind: str) -> None:
        """Send an event of this kind."""
        assert self.line is not None
        self.line.write(framed({"type": kind}))

    async def filter(self, request: web.Request) -> web.Response:
        """Asked for events."""
        allowed = (await request.json())["allowed"]
        self.seen.append([one["type"] for one in allowed if one["type"] != "RESTResponse"])
        self.tell("ChannelDtmfReceived")
        return web.Response(status=self.status)


@pytest.fixture
async def switch() -> AsyncIterator[FakeSwitch]:
    """One that is found over HTTP and has no line yet."""
    plain = config()
    fake = FakeSwitch(replace(plain, ports=replace(plain.ports, http=free_port())))
    web_app = web.Application()
    web_app.router.add_put(f"/ari/applications/{plain.app}/eventFilter", fake.filter)
    runner = web.AppRunner(web_app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", fake.config.ports.http).start()
    server = await asyncio.start_server(fake.answer, "127.0.0.1", 0)
    fake.port = server.sockets[0].getsockname()[1]
    yield fake
    server.close()
    await runner.cleanup()


@pytest.fixture
async def keeper(switch: FakeSwitch, tmp_path: Path) -> AsyncIterator[LineKeeper]:
    """Who keeps lines; its socket is line.sock in this test's directory."""
    directories = replace(switch.config.directories, run=tmp_path)
    made = LineKeeper(replace(switch.config, directories=directories))
    yield made
    await made.let_go()


@asynccontextmanager
async def lender(port: int, path: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that has a line and has tried to lend it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LENDS, str(port), str(path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"True\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def kill(process: asyncio.subprocess.Process) -> None:
    """End it as nothing can be caught or cleared up."""
    process.kill()
    await process.wait()


async def until(true: Callable[[], bool]) -> None:
    """Wait for it."""
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.01)


async def die_unread(switch: FakeSwitch, keeper: LineKeeper, path: Path, *, digits: int = 0) -> None:
    """A controller's whole life: it lends its line, reads nothing, dies, and the line ends."""
    await keeper.listen()
    async with lender(switch.port, path) as process:
        await until(lambda: switch.line is not None)
        assert switch.line is not None
        for digit in range(digits):
            switch.line.write(framed({"type": "ChannelDtmfReceived", "digit": digit, "filler": "x" * 200}))
        await kill(process)
        await keeper.let_go()


async def test_a_line_ends_between_two_questions(
    switch: FakeSwitch, keeper: LineKeeper, tmp_path: Path
) -> None:
    """Killed, it stays open; then the switch tells only what it cannot tell later, the line ends, and all
    events are kept again."""
    await keeper.listen()
    async with lender(switch.port, tmp_path / "line.sock") as process:
        await kill(process)
        await asyncio.sleep(0.1)
        assert switch.seen == []
        await keeper.let_go()
    assert switch.seen == [list(PASSING_EVENTS), "the line ended", list(KNOWN_EVENTS)]
    assert list(tmp_path.iterdir()) == []


async def test_what_was_not_read_is_inherited_once(
    switch: FakeSwitch, keeper: LineKeeper, tmp_path: Path
) -> None:
    """What came before the kill and until the line ended, in order; kept while one controller after the other
    dies before it asks."""
    await die_unread(switch, keeper, tmp_path / "line.sock")
    await keeper.listen()
    await keeper.let_go()
    await keeper.listen()
    told = [event["type"] for event in await inherit(tmp_path / "line.sock")]
    assert told == ["StasisEnd", "ChannelDtmfReceived"]
    assert await inherit(tmp_path / "line.sock") == []


async def test_a_large_inheritance_is_told_whole(
    switch: FakeSwitch, keeper: LineKeeper, tmp_path: Path
) -> None:
    """More than fits into a socket at once."""
    await die_unread(switch, keeper, tmp_path / "line.sock", digits=5000)
    await keeper.listen()
    told = [event.get("digit") for event in await inherit(tmp_path / "line.sock")]
    assert told == [None, *range(5000), None]


async def test_from_nobody_nothing_is_inherited(tmp_path: Path) -> None:
    """A centre whose parent keeps nothing."""
    assert await inherit(tmp_path / "nobody") == []


async def test_who_lends_again_has_that_line_kept(
    switch: FakeSwitch, keeper: LineKeeper, tmp_path: Path
) -> None:
    """The one before has ended; nothing holds it any more."""
    await keeper.listen()
    async with lender(switch.port, tmp_path / "line.sock") as first:
        await kill(first)
        async with lender(switch.port, tmp_path / "line.sock") as second:
            await until(lambda: switch.seen == ["the line ended"])
            await kill(second)
            await keeper.let_go()
    assert switch.seen == ["the line ended", list(PASSING_EVENTS), "the line ended", list(KNOWN_EVENTS)]


async def test_a_switch_that_is_asked_in_vain_is_hung_up_on_all_the_same(
    switch: FakeSwitch, keeper: LineKeeper, tmp_path: Path
) -> None:
    """It would wait for ever for a reader; its filter is left as it is."""
    switch.status, switch.hangs_up = 500, False
    await keeper.listen()
    async with lender(switch.port, tmp_path / "line.sock") as process:
        await kill(process)
        began = asyncio.get_running_loop().time()
        await keeper.let_go()
        assert asyncio.get_running_loop().time() - began >= NOTICED_SEC
    assert switch.seen == [list(PASSING_EVENTS), "the line ended"]
    assert switch.line is not None
    switch.line.close()


async def test_a_line_that_the_switch_has_ended_needs_nothing(
    switch: FakeSwitch, keeper: LineKeeper, tmp_path: Path
) -> None:
    """Nor does a controller that has lent none."""
    await keeper.listen()
    async with lender(switch.port, tmp_path / "line.sock") as process:
        await until(lambda: switch.line is not None)
        assert switch.line is not None
        switch.line.close()
        await kill(process)
        await keeper.let_go()
    await keeper.listen()
    await keeper.let_go()
    assert switch.seen in (["the line ended"], [])


async def test_who_shows_no_life_any_more_hangs(keeper: LineKeeper, tmp_path: Path) -> None:
    """So many looks after the last sign; not before the first one, nor when it has taken leave."""
    path = tmp_path / "line.sock"
    await keeper.listen()
    assert not any(keeper.hangs() for _ in range(3 * HANGS_AFTER))
    for _ in range(3):
        show_life(path)
        assert not any(keeper.hangs() for _ in range(HANGS_AFTER))
    assert keeper.hangs()
    show_life(path)
    assert not keeper.hangs()
    take_leave(path)
    assert not any(keeper.hangs() for _ in range(3 * HANGS_AFTER))
    show_life(path)
    await keeper.let_go()
    await keeper.listen()
    assert not any(keeper.hangs() for _ in range(3 * HANGS_AFTER)), "it is another controller"


async def test_a_link_shows_life_until_it_is_closed(keeper: LineKeeper, tmp_path: Path) -> None:
    """Whether the switch is there or not."""
    await keeper.listen()
    link = link_with(tmp_path / "line.sock", free_port())
    await link.start()
    assert not any(keeper.hangs() for _ in range(HANGS_AFTER))
    assert keeper.hangs()
    await asyncio.sleep(1.2 * BEAT_SEC)
    assert not keeper.hangs()
    await link.close()
    assert not any(keeper.hangs() for _ in range(3 * HANGS_AFTER))


async def test_without_a_keeper_nothing_is_lent(tmp_path: Path) -> None:
    """A centre whose parent keeps nothing: closing says farewell, as ever."""
    assert not await left(tmp_path / "nobody")


async def test_a_link_that_is_closed_leaves_its_line_to_the_keeper(
    switch: FakeSwitch, keeper: LineKeeper, tmp_path: Path
) -> None:
    """The end of the process, or what ended it, ends the line no more than a kill does."""
    await keeper.listen()
    assert await left(tmp_path / "line.sock", keeper)


def link_with(keeper: Path, port: int) -> AriLink:
    """A link that lends its line there."""
    return AriLink(
        port=port,
        user="callcenter",
        password="word",
        app="callcenter",
        allowed_events=(),
        on_event=lambda event: None,
        on_up=lambda: None,
        on_down=lambda: None,
        keeper=keeper,
    )


async def left(path: Path, keeper: LineKeeper | None = None) -> bool:
    """Whether Asterisk's end of a link that is closed stays open, until the keeper ends it."""
    link = link_with(path, port := free_port())
    await link.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"GET /ari HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Protocol: ari\r\nAuthorization: Basic Y2FsbGNlbnRlcjp3b3Jk\r\n\r\n"
    )
    await reader.readuntil(b"\r\n\r\n")
    await asyncio.sleep(0.05)
    await link.close()
    try:
        async with asyncio.timeout(FAREWELL_SEC):
            while await reader.read(100):
                pass
    except TimeoutError:
        assert keeper is not None
        ending = asyncio.create_task(keeper.let_go())
        assert await reader.read(100) == b""
        await ending
        return True
    finally:
        writer.close()
    return False
