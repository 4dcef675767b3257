"""The live socket: snapshot, numbered changes, resume, slow clients."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import WSMsgType
from pydantic import TypeAdapter
from web_twin import (
    NUMBER,
    T0,
    USERS,
    ClientPicture,
    Twin,
    arrival,
    ended,
    greet,
    next_changes,
    offered,
    presence,
    queued,
)

from acd.model import Presence
from callcenter.domain import events as e
from callcenter.web.ports import Component
from callcenter.web.socket import CLOSE_LOGGED_OUT, CLOSE_PROTOCOL, SocketHub, SocketLimits
from callcenter.web.wire import Changes, Ping, Snapshot

MESSAGE: TypeAdapter[Any] = TypeAdapter(Snapshot | Changes | Ping)
QUIET = SocketLimits(changes_every_ms=1, gauges_every_ms=5, idle_gauges_every_ms=60_000)
RELOADED = e.RoutingInput(T0, {"kind": "config_changed", "config": {}})


@pytest.fixture
async def twin(tmp_path: Path) -> AsyncIterator[Twin]:
    async with Twin(tmp_path, first_seq=100, limits=QUIET).serving() as twin:
        yield twin


async def _catch_up(line: Any, picture: ClientPicture, seq: int) -> None:
    while picture.seq < seq:
        picture.take(await line.receive_json(timeout=5))


async def test_snapshot_then_changes(twin: Twin) -> None:
    """A new client gets the whole picture, then what changes, each message a valid shape of the wire."""
    twin.emit(arrival("c1"))
    async with twin.caller("sue") as client, client.ws_connect("/api/socket") as line:
        snapshot = await greet(line)
        MESSAGE.validate_json(json.dumps(snapshot))
        assert snapshot["seq"] == 101
        assert [call["call_id"] for call in snapshot["calls"]] == ["c1"]
        assert snapshot["pause_reasons"] == ["break", "meal"]
        assert {health["component"] for health in snapshot["health"]} == set(Component)
        twin.emit(queued("c1"))
        message = await line.receive_json(timeout=5)
        MESSAGE.validate_json(json.dumps(message))
        assert (message["after_seq"], message["seq"]) == (101, 102)
        changed = {(change["entity"], change["id"]): change["value"] for change in message["changes"]}
        assert changed["call", "c1"]["phase"] == "queued"
        assert changed["queue", "general"]["waiting"] == 1
        assert set(changed) == {("call", "c1"), ("queue", "general")}


async def test_the_hub_closes_though_something_happens_in_that_moment(twin: Twin) -> None:
    """A task that is cancelled in the moment in which it is told of news ends all the same."""
    hub = SocketHub(twin.centre, twin.sessions, lambda: T0, tuple, QUIET)
    await hub.start()
    await asyncio.sleep(0.01)
    hub._gauges_dirty.set()
    async with asyncio.timeout(5):
        await hub.close()


async def test_changes_add_up_to_the_snapshot(twin: Twin) -> None:
    """Whoever follows the changes from the start has the picture that a newcomer gets."""
    async with twin.caller("sue") as client, client.ws_connect("/api/socket") as line:
        picture = ClientPicture(await greet(line))
        for number in range(30):
            call_id = f"c{number}"
            last = twin.emit(arrival(call_id), queued(call_id))
            if number % 3 == 0:
                last = twin.emit(presence("1001", Presence.OFFERED, call_id), offered(call_id))
            if number % 2 == 0:
                last = twin.emit(
                    e.QueueLeft(T0, call_id, "general", e.QueueOutcome.ABANDONED, 5), ended(call_id)
                )
            await asyncio.sleep(0)
        await _catch_up(line, picture, last)
        async with client.ws_connect("/api/socket") as newcomer:
            fresh = ClientPicture(await greet(newcomer))
    assert picture.seq == fresh.seq
    assert picture.entities == fresh.entities


async def test_other_settings_make_a_new_snapshot(twin: Twin) -> None:
    """A reload brings other agents or dispositions: whoever looks on gets a whole picture, then changes."""
    async with twin.caller("sue") as client, client.ws_connect("/api/socket") as line:
        await greet(line)
        twin.centre.agents["1003"] = replace(twin.centre.agents["1002"], agent_id="1003")
        twin.centre.dispositions = {"solved": "已解决"}
        seq = twin.emit(RELOADED)
        snapshot = await line.receive_json(timeout=5)
        assert (snapshot["type"], snapshot["seq"]) == ("snapshot", seq)
        assert [agent["agent_id"] for agent in snapshot["agents"]] == ["1001", "1002", "1003"]
        assert snapshot["dispositions"] == {"solved": "已解决"}
        twin.emit(arrival("c1"))
        changes = await line.receive_json(timeout=5)
        assert (changes["type"], changes["after_seq"]) == ("changes", seq)


async def test_nothing_is_resumed_over_other_settings(twin: Twin) -> None:
    """Who was away during a reload gets a whole picture, not only what events name."""
    async with twin.caller("sue") as client:
        async with client.ws_connect("/api/socket") as line:
            seq = (await greet(line))["seq"]
        twin.emit(arrival("c1"), RELOADED)
        async with client.ws_connect("/api/socket") as line:
            assert (await greet(line, resume_from=seq))["type"] == "snapshot"
        async with client.ws_connect("/api/socket") as line:
            assert (await greet(line, resume_from=seq + 2))["type"] == "changes"


async def test_resume_without_loss(twin: Twin) -> None:
    """A client that was away gets exactly what it missed, gone calls included, not a snapshot."""
    async with twin.caller("sue") as client:
        twin.emit(arrival("c1"))
        async with client.ws_connect("/api/socket") as line:
            picture = ClientPicture(await greet(line))
        last = twin.emit(ended("c1"), arrival("c2"), queued("c2"))
        async with client.ws_connect("/api/socket") as line:
            message = await greet(line, resume_from=picture.seq)
            assert message["type"] == "changes"
            picture.take(message)
            assert picture.seq == last
            assert ("call", "c1") not in picture.entities
            assert picture.entities["call", "c2"]["phase"] == "queued"
            assert {"kpi", "health"} <= {change["entity"] for change in message["changes"]}


async def test_resume_over_a_restart_of_the_controller(tmp_path: Path) -> None:
    """A new process that never saw the events brings the client up to date from the journal."""
    async with Twin(tmp_path, limits=QUIET).serving() as first:
        first.emit(arrival("c1"))
        async with first.caller("sue") as client, client.ws_connect("/api/socket") as line:
            picture = ClientPicture(await greet(line))
    second = Twin(tmp_path, limits=QUIET)
    last = second.emit(arrival("c1"), ended("c1"), arrival("c2"))
    async with second.serving(), second.caller("sue") as client, client.ws_connect("/api/socket") as line:
        message = await greet(line, resume_from=picture.seq)
        assert message["type"] == "changes"
        picture.take(message)
        assert picture.seq == last
        assert [key for key in picture.entities if key[0] == "call"] == [("call", "c2")]


@pytest.mark.parametrize("resume_from", [0, 99, 500])
async def test_resume_from_an_unknown_number_is_a_snapshot(twin: Twin, resume_from: int) -> None:
    """What lies before the journal or in its future cannot be made up for."""
    twin.emit(arrival("c1"))
    async with twin.caller("sue") as client, client.ws_connect("/api/socket") as line:
        assert (await greet(line, resume_from))["type"] == "snapshot"


async def test_too_much_missed_is_a_snapshot(tmp_path: Path) -> None:
    """More than resume_events are not made up for one by one."""
    limits = SocketLimits(changes_every_ms=1, resume_events=10)
    async with Twin(tmp_path, limits=limits).serving() as twin:
        last = twin.emit(*(arrival(f"c{number}") for number in range(20)))
        async with twin.caller("sue") as client:
            async with client.ws_connect("/api/socket") as line:
                assert (await greet(line, last - 15))["type"] == "snapshot"
            async with client.ws_connect("/api/socket") as line:
                assert (await greet(line, last - 5))["type"] == "changes"


async def test_events_while_the_journal_is_read_are_not_lost(tmp_path: Path) -> None:
    """What happens between the question to the journal and its answer reaches the client, too."""
    second = Twin(tmp_path, limits=QUIET)
    second.emit(arrival("c1"))
    read = second.centre.events_since

    async def slowly(seq: int, limit: int) -> Any:
        answer = await read(seq, limit)
        if seq == 0:
            second.emit(arrival("c2"))
        await asyncio.sleep(0)
        return answer

    async with second.serving():
        second.centre.events_since = slowly  # type: ignore[method-assign]
        async with second.caller("sue") as client, client.ws_connect("/api/socket") as line:
            message = await greet(line, resume_from=0)
    assert message["seq"] == 2
    assert {change["id"] for change in message["changes"] if change["entity"] == "call"} == {"c1", "c2"}


async def test_masking_by_role_and_own_call(twin: Twin) -> None:
    """Supervisors see the number; agents a masked one, until the call is offered to them, and again after."""
    twin.emit(arrival("c1"), queued("c1"))
    sockets: dict[str, Any] = {}
    async with twin.caller("sue") as sue, twin.caller("amy") as amy, twin.caller("bob") as bob:
        for name, client in (("sue", sue), ("amy", amy), ("bob", bob)):
            sockets[name] = await client.ws_connect("/api/socket")
        seen = {name: (await greet(line))["calls"][0]["caller"] for name, line in sockets.items()}
        assert seen == {"sue": NUMBER, "amy": "138****5678", "bob": "138****5678"}

        async def now(last: int) -> dict[str, str]:
            told = {}
            for name, line in sockets.items():
                changes = await next_changes(line, last)
                values = {change["id"]: change["value"] for change in changes if change["entity"] == "call"}
                told[name] = values["c1"]["caller"]
            return told

        last = twin.emit(offered("c1", "1001"))
        assert await now(last) == {"sue": NUMBER, "amy": NUMBER, "bob": "138****5678"}
        last = twin.emit(e.OfferEnded(T0, "c1", "o1", "general", "1001", "declined"))
        assert await now(last) == {"sue": NUMBER, "amy": "138****5678", "bob": "138****5678"}
        for line in sockets.values():
            await line.close()


async def test_actions_are_told_to_those_who_may_ask(twin: Twin) -> None:
    """allowed_actions of an agent go to the agent and to supervision, not to colleagues."""
    allowed = {}
    for name in ("sue", "amy", "bob"):
        async with twin.caller(name) as client, client.ws_connect("/api/socket") as line:
            agents = {agent["agent_id"]: agent for agent in (await greet(line))["agents"]}
            allowed[name] = agents["1001"]["allowed_actions"]
    assert allowed == {"sue": ["login"], "amy": ["login"], "bob": []}


async def test_figures_are_told_at_most_five_times_a_second(tmp_path: Path) -> None:
    """Many changes of a figure within one interval reach the client as one."""
    limits = SocketLimits(changes_every_ms=1, gauges_every_ms=150, idle_gauges_every_ms=20)
    async with (
        Twin(tmp_path, limits=limits).serving() as twin,
        twin.caller("sue") as client,
        client.ws_connect("/api/socket") as line,
    ):
        await greet(line)
        loop = asyncio.get_running_loop()
        began, told = loop.time(), []
        while not told or told[-1] < 60:
            twin.figures.offered = min(60, twin.figures.offered + 1)
            twin.emit(arrival(f"c{twin.figures.offered}"))
            message = await line.receive_json(timeout=5)
            told += [change["value"]["value"] for change in message["changes"] if change["entity"] == "kpi"]
        elapsed_ms = (loop.time() - began) * 1000
    assert told == sorted(set(told))
    assert len(told) <= elapsed_ms / 150 + 2


async def test_lost_component_is_told_without_an_event(tmp_path: Path) -> None:
    """A store that is gone shows up although nothing is journaled."""
    limits = SocketLimits(gauges_every_ms=5, idle_gauges_every_ms=10)
    async with (
        Twin(tmp_path, limits=limits).serving() as twin,
        twin.caller("sue") as client,
        client.ws_connect("/api/socket") as line,
    ):
        snapshot = await greet(line)
        twin.centre.set_health(Component.STORE, False, T0, "trying again")
        message = await line.receive_json(timeout=5)
    assert message["after_seq"] == message["seq"] == snapshot["seq"]
    assert [(change["id"], change["value"]["up"]) for change in message["changes"]] == [("store", False)]


async def test_slow_client_is_cut_to_a_snapshot_and_slows_nobody(tmp_path: Path) -> None:
    """A client that does not read loses its backlog and starts anew; the other hears every change."""
    limits = SocketLimits(changes_every_ms=1, backlog_bytes=200_000, gauges_every_ms=60_000)
    async with (
        Twin(tmp_path, limits=limits).serving() as twin,
        twin.caller("sue") as client,
        client.ws_connect("/api/socket") as quick,
    ):
        picture = ClientPicture(await greet(quick))
        token, _ = await twin.sessions.begin(USERS["ada"])
        reader, writer = await _raw_socket(twin, token)
        last = twin.emit(arrival("c1", caller="1" * 50_000))
        while "callcenter_socket_cut_total 0.0" in await twin.metrics():
            for _ in range(10):
                last = twin.emit(e.NodeEntered(T0, "c1", "hotline", "1", f"node-{last}"))
                await _catch_up(quick, picture, last)
            assert last < 2_000, "the slow client was never cut"
        messages = [message async for message in _frames(reader, last)]
        writer.close()
    kinds = [message["type"] for message in messages]
    assert kinds[0] == "snapshot"
    cut = len(kinds) - 1 - kinds[::-1].index("snapshot")
    assert cut > 0
    slow = ClientPicture(messages[cut])
    for message in messages[cut + 1 :]:
        slow.take(message)
    assert slow.seq == picture.seq == last
    assert slow.entities == picture.entities


async def _raw_socket(twin: Twin, token: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A WebSocket of our own with a tiny read buffer: nothing reads behind the test's back."""
    host, _, port = twin.base.removeprefix("http://").partition(":")
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect((host, int(port)))
    connection.setblocking(False)
    reader, writer = await asyncio.open_connection(sock=connection, limit=4096)
    writer.write(
        f"GET /api/socket HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
        f"Authorization: Bearer {token}\r\n\r\n".encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    hello = b'{"resume_from":null}'
    writer.write(bytes([0x81, 0x80 | len(hello)]) + bytes(4) + hello)
    return reader, writer


async def _frames(reader: asyncio.StreamReader, last: int) -> AsyncIterator[dict[str, Any]]:
    """The server's messages up to the one that reaches ``last`` (RFC 6455 section 5.2, unmasked)."""
    while True:
        opcode, length = await asyncio.wait_for(reader.readexactly(2), 5)
        if length == 126:
            length = int.from_bytes(await reader.readexactly(2))
        elif length == 127:
            length = int.from_bytes(await reader.readexactly(8))
        payload = await reader.readexactly(length)
        if opcode == 0x81:
            message = json.loads(payload)
            yield message
            if message["seq"] >= last:
                return


@pytest.mark.parametrize("hello", ["", "null", '{"resume_from":-1}', '{"resume_from":1,"more":2}', "[]"])
async def test_a_wrong_hello_is_shown_the_door(twin: Twin, hello: str) -> None:
    """Who does not say hello as agreed is closed with the reason."""
    async with twin.caller("sue") as client, client.ws_connect("/api/socket") as line:
        await line.send_str(hello)
        message = await line.receive(timeout=5)
        assert (message.type, message.data) == (WSMsgType.CLOSE, CLOSE_PROTOCOL)


async def test_silence_instead_of_hello(tmp_path: Path) -> None:
    """A client that connects and says nothing does not stay."""
    async with (
        Twin(tmp_path, limits=SocketLimits(hello_within_ms=20)).serving() as twin,
        twin.caller("sue") as client,
        client.ws_connect("/api/socket") as line,
    ):
        message = await line.receive(timeout=5)
        assert (message.type, message.data) == (WSMsgType.CLOSE, CLOSE_PROTOCOL)


async def test_talking_after_the_hello_is_refused(twin: Twin) -> None:
    """The socket only tells; commands go through the API."""
    async with twin.caller("sue") as client, client.ws_connect("/api/socket") as line:
        await greet(line)
        await line.send_str('{"hang_up":"c1"}')
        message = await line.receive(timeout=5)
        assert (message.type, message.data) == (WSMsgType.CLOSE, CLOSE_PROTOCOL)


async def test_logout_closes_the_socket(twin: Twin) -> None:
    """The sockets of a session end with it, at once."""
    async with twin.caller("amy") as client, client.ws_connect("/api/socket") as line:
        await greet(line)
        async with client.post("/api/logout") as response:
            assert response.status == 204
        message = await line.receive(timeout=5)
        assert (message.type, message.data) == (WSMsgType.CLOSE, CLOSE_LOGGED_OUT)


async def test_ping_and_the_end_of_a_session(tmp_path: Path) -> None:
    """In silence the client is pinged with the number it stands at; when its session ends it is closed."""
    limits = SocketLimits(ping_every_ms=10, gauges_every_ms=60_000)
    async with (
        Twin(tmp_path, limits=limits, first_seq=7).serving() as twin,
        twin.caller("amy") as client,
        client.ws_connect("/api/socket") as line,
    ):
        await greet(line)
        ping = await line.receive_json(timeout=5)
        MESSAGE.validate_json(json.dumps(ping))
        assert (ping["type"], ping["seq"]) == ("ping", 7)
        twin.clock.now += 13 * 3_600_000
        while (message := await line.receive(timeout=5)).type is WSMsgType.TEXT:
            pass
        assert (message.type, message.data) == (WSMsgType.CLOSE, CLOSE_LOGGED_OUT)


async def test_too_many_sockets(tmp_path: Path) -> None:
    """Past the limit a client is told to come later."""
    async with (
        Twin(tmp_path, limits=SocketLimits(clients=1)).serving() as twin,
        twin.caller("sue") as client,
        client.ws_connect("/api/socket") as line,
    ):
        await greet(line)
        async with client.get("/api/socket") as response:
            assert response.status == 503


async def test_three_hundred_clients_hear_of_a_call(tmp_path: Path) -> None:
    """Several hundred clients on one centre are all told, from one encoding per sight."""
    async with Twin(tmp_path, limits=QUIET).serving() as twin, twin.caller("sue") as client:
        sockets = [await client.ws_connect("/api/socket") for _ in range(300)]
        for line in sockets:
            await greet(line)
        last = twin.emit(arrival("c1"))
        for line in sockets:
            assert "c1" in {change["id"] for change in await next_changes(line, last)}
        for line in sockets:
            await line.close()
