"""The control connection, with a client that behaves like Asterisk, or badly."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import picows
import pytest

from callcenter.adapters.asterisk.ari import FIRST_WORD_SEC, AriLink, line_path
from callcenter.adapters.asterisk.ari_socket import FAREWELL_SEC
from callcenter.adapters.asterisk.rest import (
    CONNECTION_LOST,
    TIMED_OUT,
    OnResponse,
    RestRequest,
    RestResponse,
)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


PORT = free_port()
PING = RestRequest("GET", "/asterisk/ping")


class Link:
    """An AriLink and all that it told."""

    def __init__(self, lines: int = 1) -> None:
        self.told: list[Any] = []
        self.news = asyncio.Event()
        self.fails_on_event = False
        self.link = AriLink(
            port=PORT,
            user="callcenter",
            password="word",
            app="callcenter",
            allowed_events=("StasisStart",),
            on_event=self._event,
            on_up=lambda: self._tell("up"),
            on_down=lambda: self._tell("down"),
            request_timeout_sec=0.3,
            pipeline=4,
            heartbeat_sec=0.4,
            lines=lines,
        )

    def _tell(self, what: Any) -> None:
        self.told.append(what)
        self.news.set()

    def _event(self, event: Any) -> None:
        self._tell(event["type"])
        if self.fails_on_event:
            raise RuntimeError("a bug in the controller")

    async def until(self, what: Any) -> None:
        """Wait until this was told."""
        async with asyncio.timeout(5):
            while what not in self.told:
                self.news.clear()
                await self.news.wait()


class Switch:
    """The other end: connects as Asterisk does."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws

    async def say(self, kind: str) -> None:
        """Send an event."""
        await self.ws.send_str(orjson.dumps({"type": kind}).decode())

    async def hear(self) -> dict[str, Any]:
        """The next request."""
        message = await self.ws.receive(timeout=5)
        assert message.type is aiohttp.WSMsgType.TEXT, message
        heard: dict[str, Any] = orjson.loads(message.data)
        return heard

    async def answer(self, request: dict[str, Any], status: int = 200, body: str = "") -> None:
        """Answer a request."""
        response = {"type": "RESTResponse", "request_id": request["request_id"], "status_code": status}
        await self.ws.send_str(orjson.dumps({**response, "message_body": body}).decode())


@contextlib.asynccontextmanager
async def switch(
    password: str = "word",
    *,
    line: int = 0,
    protocols: tuple[str, ...] = ("ari",),
    autoping: bool = True,
) -> AsyncIterator[Switch]:
    """Asterisk's end of a connection."""
    headers = {"Authorization": aiohttp.encode_basic_auth("callcenter", password)}
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(
            f"http://127.0.0.1:{PORT}{line_path(line)}",
            headers=headers,
            protocols=protocols,
            autoping=autoping,
        ) as ws,
    ):
        yield Switch(ws)


@contextlib.asynccontextmanager
async def listening(lines: int) -> AsyncIterator[Link]:
    """A link that waits for so many lines."""
    made = Link(lines)
    await made.link.start()
    yield made
    await made.link.close()


@pytest.fixture
async def link() -> AsyncIterator[Link]:
    """A listening link."""
    async with listening(1) as made:
        yield made


@pytest.fixture
async def two_lines() -> AsyncIterator[Link]:
    """A link that waits for two lines."""
    async with listening(2) as made:
        yield made


async def test_the_filter_is_the_first_thing_said(link: Link) -> None:
    """It follows Asterisk's first word, and lets the answers to our requests through."""
    async with switch() as asterisk:
        await asterisk.say("ApplicationRegistered")
        request = await asterisk.hear()
        assert (request["method"], request["uri"]) == ("PUT", "applications/callcenter/eventFilter")
        allowed = orjson.loads(request["message_body"])["allowed"]
        assert allowed == [{"type": "StasisStart"}, {"type": "RESTResponse"}]


async def test_nothing_is_said_before_asterisk_has_read_the_handshake(link: Link) -> None:
    """It would lie in its buffer unnoticed; a silent Asterisk is given a moment."""
    async with switch() as asterisk:
        with pytest.raises(TimeoutError):
            await asterisk.ws.receive(timeout=FIRST_WORD_SEC / 2)
        assert not link.link.connected
        assert (await asterisk.hear())["method"] == "PUT"


async def test_kept_events_come_before_anything_else(link: Link) -> None:
    """What Asterisk kept for us is delivered in its order."""
    async with switch() as asterisk:
        for kind in ("StasisStart", "StasisEnd", "ApplicationRegistered"):
            await asterisk.say(kind)
        await link.until("ApplicationRegistered")
        assert link.told == ["up", "StasisStart", "StasisEnd", "ApplicationRegistered"]


async def test_requests_are_answered_by_their_ids(link: Link) -> None:
    """Answers may come in any order."""
    async with switch() as asterisk:
        await asterisk.say("ApplicationRegistered")
        await link.until("up")
        calls = [asyncio.create_task(link.link.call(RestRequest("GET", f"/n/{number}"))) for number in (1, 2)]
        _, first, second = [await asterisk.hear() for _ in range(3)]
        await asterisk.answer(second, 404, "two")
        await asterisk.answer(first, 200, "one")
        answers = await asyncio.gather(*calls)
        assert [(answer.status, answer.body) for answer in answers] == [(200, "one"), (404, "two")]
        assert (first["uri"], second["uri"]) == ("n/1", "n/2")


async def test_an_unanswered_request_times_out_alone(link: Link) -> None:
    """Others go on; a late answer to it is ignored."""
    async with switch() as asterisk:
        await asterisk.say("ApplicationRegistered")
        await asterisk.answer(await asterisk.hear())
        lost = asyncio.create_task(link.link.call(PING))
        forgotten = await asterisk.hear()
        assert (await lost).status == TIMED_OUT
        await asterisk.answer(forgotten)
        fine = asyncio.create_task(link.link.call(PING))
        await asterisk.answer(await asterisk.hear())
        assert (await fine).ok
        assert link.link.open_requests == 0


async def test_only_so_many_requests_are_under_way(link: Link) -> None:
    """The rest waits and keeps its order."""
    async with switch() as asterisk:
        await asterisk.say("ApplicationRegistered")
        await asterisk.answer(await asterisk.hear())
        calls = [
            asyncio.create_task(link.link.call(RestRequest("GET", f"/n/{number}"))) for number in range(6)
        ]
        heard = [await asterisk.hear() for _ in range(4)]
        with pytest.raises(TimeoutError):
            await asterisk.ws.receive(timeout=0.05)
        for request in heard:
            await asterisk.answer(request)
        heard = [await asterisk.hear() for _ in range(2)]
        assert [request["uri"] for request in heard] == ["n/4", "n/5"]
        for request in heard:
            await asterisk.answer(request)
        assert all(answer.ok for answer in await asyncio.gather(*calls))


@pytest.mark.parametrize("number", [0, 3, 6])
async def test_requests_that_are_asked_together_keep_their_order(link: Link, number: int) -> None:
    """Also when they are more than may be under way; each is answered to its own asker."""
    answers: list[tuple[int, int]] = []

    def asker(index: int) -> OnResponse:
        return lambda response: answers.append((index, response.status))

    async with switch() as asterisk:
        await asterisk.say("ApplicationRegistered")
        await asterisk.answer(await asterisk.hear())
        await link.until("up")
        asked = [(RestRequest("GET", f"/n/{index}"), asker(index)) for index in range(number)]
        link.link.request_all(asked, key="leg")
        alone = asyncio.create_task(link.link.call(PING))
        for index in range(number):
            request = await asterisk.hear()
            assert request["uri"] == f"n/{index}"
            await asterisk.answer(request, status=200 + index)
        await asterisk.answer(await asterisk.hear())
        assert (await alone).ok
    assert answers == [(index, 200 + index) for index in range(number)]


async def test_what_is_asked_together_without_a_connection_fails(link: Link) -> None:
    """Each request, and later."""
    statuses: list[int] = []
    link.link.request_all([(PING, lambda answer: statuses.append(answer.status))] * 2)
    assert statuses == []
    await asyncio.sleep(0)
    assert statuses == [CONNECTION_LOST] * 2


async def test_a_lost_connection_answers_all_open_requests_and_then_tells(link: Link) -> None:
    """Nobody waits for ever; later requests fail at once."""
    async with switch() as asterisk:
        await asterisk.say("ApplicationRegistered")
        await link.until("up")
        for number in range(6):
            link.link.request(
                RestRequest("GET", f"/n/{number}"), lambda answer: link.told.append(answer.status)
            )
    await link.until("down")
    assert link.told == ["up", "ApplicationRegistered", *[CONNECTION_LOST] * 6, "down"]
    assert (await link.link.call(PING)).status == CONNECTION_LOST


async def test_a_request_is_never_answered_from_inside_itself(link: Link) -> None:
    """Also without a connection the answer comes later."""
    answers: list[RestResponse] = []
    link.link.request(PING, answers.append)
    assert answers == []
    await asyncio.sleep(0)
    assert [answer.status for answer in answers] == [CONNECTION_LOST]


async def test_a_wrong_password_is_turned_away(link: Link) -> None:
    """401, and nothing is told."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with switch("guess"):
            pass
    assert refused.value.status == 401
    assert link.told == []


async def test_another_protocol_is_turned_away(link: Link) -> None:
    """Only ARI is spoken here."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with switch(protocols=("sip",)):
            pass
    assert refused.value.status == 400


async def test_garbage_and_failing_callbacks_are_survived(link: Link) -> None:
    """The next event is delivered as if nothing had been."""
    link.fails_on_event = True
    async with switch() as asterisk:
        await asterisk.say("ApplicationRegistered")
        await asterisk.ws.send_str("{broken")
        await asterisk.ws.send_str("[1]")
        await asterisk.ws.send_bytes(b"\x00")
        await asterisk.say("StasisStart")
        await link.until("StasisStart")


async def test_a_message_may_come_in_pieces(link: Link) -> None:
    """RFC 6455, 5.4: a ping may come between them."""
    headers = {
        "Authorization": aiohttp.encode_basic_auth("callcenter", "word"),
        "Sec-WebSocket-Protocol": "ari",
    }
    transport, _ = await picows.ws_connect(
        picows.WSListener, f"ws://127.0.0.1:{PORT}{line_path(0)}", extra_headers=headers
    )
    transport.send(picows.WSMsgType.TEXT, b'{"type": "Stasi', fin=False)
    transport.send_ping(b"there?")
    transport.send(picows.WSMsgType.CONTINUATION, b'sStart"}')
    transport.send(picows.WSMsgType.TEXT, b'{"type": "StasisEnd"}')
    await link.until("StasisEnd")
    assert link.told == ["up", "StasisStart", "StasisEnd"]
    transport.disconnect()
    await link.until("down")


async def test_a_peer_without_manners_does_not_delay_the_end(link: Link) -> None:
    """Who does not answer our farewell is hung up on."""
    async with switch(autoping=False) as asterisk:
        await asterisk.say("ApplicationRegistered")
        await link.until("up")
        async with asyncio.timeout(FAREWELL_SEC + 1):
            await link.link.close()  # nobody reads what is said to the other end
    assert link.told[-1] == "down"


async def test_a_peer_that_hangs_is_noticed(link: Link) -> None:
    """A half-open connection ends when its pings are not answered."""
    async with switch(autoping=False) as asterisk:
        await asterisk.say("ApplicationRegistered")
        await link.until("down")


async def test_a_second_connection_replaces_the_first(link: Link) -> None:
    """Asterisk keeps one: when it dials again it has given the first one up."""
    async with switch() as first:
        await first.say("ApplicationRegistered")
        await link.until("up")
        async with switch() as second:
            await link.until("down")
            await second.say("StasisStart")
            await link.until("StasisStart")
            assert link.told[-3:] == ["down", "up", "StasisStart"]
            await first.say("StasisEnd")
            await second.say("StasisEnd")
            await link.until("StasisEnd")
            assert link.told.count("StasisEnd") == 1


async def test_a_taken_port_is_an_error(link: Link) -> None:
    """The second listener is refused and leaves nothing open."""
    with pytest.raises(OSError, match="address already in use"):
        await Link().link.start()


async def test_closing_ends_the_connection(link: Link) -> None:
    """Asterisk sees the close; closing twice is fine."""
    async with switch() as asterisk:
        await asterisk.say("ApplicationRegistered")
        await link.until("up")
        closing = asyncio.create_task(link.link.close())
        while not asterisk.ws.closed:
            await asterisk.ws.receive(timeout=5)
        await closing
    assert link.told[-1] == "down"
    await link.link.close()


async def test_the_connection_is_up_when_all_lines_are(two_lines: Link) -> None:
    """What the first line brings before that is told after it, in its order."""
    async with switch() as first:
        await first.say("ApplicationRegistered")
        await first.say("StasisStart")
        await asyncio.sleep(2 * FIRST_WORD_SEC)
        assert not two_lines.told
        async with switch(line=1) as second:
            await second.say("ApplicationRegistered")
            await two_lines.until("StasisStart")
            await first.say("StasisEnd")
            await two_lines.until("StasisEnd")
            assert two_lines.told == ["up", "ApplicationRegistered", "StasisStart", "StasisEnd"]
            assert (await first.hear())["uri"].endswith("eventFilter")


async def test_requests_of_one_key_share_a_line_and_those_of_many_use_all(two_lines: Link) -> None:
    """A line that is busy with one call does not hold up all the others."""
    async with switch() as first, switch(line=1) as second:
        await first.say("ApplicationRegistered")
        await second.say("ApplicationRegistered")
        await two_lines.until("up")
        await first.answer(await first.hear())
        for number in range(3):
            for key in ("a", "b", "c", "d"):
                request = RestRequest("GET", f"/{key}/{number}")
                two_lines.link.request(request, lambda response: None, key=key)
        heard: list[list[str]] = []
        for line in (first, second):
            heard.append([])
            with contextlib.suppress(TimeoutError):
                while True:
                    message = await line.ws.receive(timeout=0.1)
                    asked = orjson.loads(message.data)
                    heard[-1].append(asked["uri"])
                    await line.answer(asked)
        keys = [{uri[0] for uri in uris} for uris in heard]
        assert keys[0] | keys[1] == {"a", "b", "c", "d"}
        assert not keys[0] & keys[1]
        assert all(keys)
        for uris in heard:
            assert uris == sorted(uris, key=lambda uri: uri[2:])


async def test_one_lost_line_is_the_whole_connection_lost(two_lines: Link) -> None:
    """Its requests and those of the other lines are answered, the other lines closed; then all come anew."""
    answers: list[RestResponse] = []
    async with switch() as first:
        async with switch(line=1) as second:
            await first.say("ApplicationRegistered")
            await second.say("ApplicationRegistered")
            await two_lines.until("up")
            for key in ("a", "b", "c", "d"):
                two_lines.link.request(PING, answers.append, key=key)
            await second.hear()
        await two_lines.until("down")
        assert [answer.status for answer in answers] == [CONNECTION_LOST] * 4
        while (await first.ws.receive(timeout=5)).type is aiohttp.WSMsgType.TEXT:
            pass
        assert first.ws.closed
    two_lines.told.clear()
    async with switch(line=1), switch():
        await two_lines.until("up")
        assert two_lines.link.connected
