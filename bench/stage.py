"""``python -m bench.stage --port N --pace P``: the web of the centre, in a process of its own, over a made-up
day of 15 agents; without telephony, whose cost the bench ``queue`` has. ``staged`` runs it."""

from __future__ import annotations

import argparse
import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import aiohttp
from aiohttp import web

from bench.centre import ROOT
from callcenter.preview.app import PASSWORD, preview_app
from callcenter.preview.day import cast
from callcenter.web.app import now_ms
from callcenter.web.ports import AgentView
from callcenter.web.socket import SocketLimits

AGENTS = 15
UP_WITHIN_S = 60.0
_SENDING_BYTES = 8 * 1024
"""What the machine keeps of a socket that is not read: by itself it would keep megabytes on loopback."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A web that is up: where, its process, and the sessions of a supervisor and of an agent."""

    port: int
    pid: int
    supervisor: str
    agent: str

    async def cut(self) -> int:
        """How many slow sockets it has cut down to a snapshot so far."""
        headers = {"Authorization": f"Bearer {await log_in(self.port, 'ops')}"}
        async with (
            aiohttp.ClientSession(headers=headers) as client,
            client.get(f"http://127.0.0.1:{self.port}/metrics") as told,
        ):
            lines = (await told.text()).splitlines()
        found = next(line for line in lines if line.startswith("callcenter_socket_cut_total "))
        return round(float(found.split()[1]))


@asynccontextmanager
async def staged(port: int, pace: float, backlog_bytes: int | None = None) -> AsyncIterator[Stage]:
    """A fresh one; people are ``pace`` times as quick as usual. Who lags by more than ``backlog_bytes`` is
    cut (None: as usual)."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.stage", "--port", str(port), "--pace", str(pace)),
        *(("--backlog", str(backlog_bytes)) if backlog_bytes else ()),
        cwd=ROOT,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(UP_WITHIN_S):
            while not await _answers(port):
                await asyncio.sleep(0.2)
        yield Stage(port, process.pid, await log_in(port, "supervisor"), await log_in(port, "agent"))
    finally:
        process.terminate()
        await process.wait()


async def _answers(port: int) -> bool:
    try:
        async with aiohttp.ClientSession() as client, client.get(f"http://127.0.0.1:{port}/healthz"):
            return True
    except aiohttp.ClientConnectionError:
        return False


async def log_in(port: int, name: str) -> str:
    """The token of a new session."""
    asked = {"name": name, "password": PASSWORD, "client": "api"}
    async with (
        aiohttp.ClientSession() as client,
        client.post(f"http://127.0.0.1:{port}/api/login", json=asked) as answer,
    ):
        token: str = (await answer.json())["token"]
    return token


def fifteen() -> list[AgentView]:
    """The people of the made-up day, and some more of the same kind."""
    people = cast(now_ms())
    more = [replace(one, agent_id=str(int(one.agent_id) + len(people))) for one in people]
    return [*people, *more][:AGENTS]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--pace", type=float, required=True)
    parser.add_argument("--backlog", type=int, default=SocketLimits().backlog_bytes)
    asked = parser.parse_args()
    app = preview_app(asked.pace, people=fifteen(), limits=SocketLimits(backlog_bytes=asked.backlog))
    with socket.create_server(("127.0.0.1", asked.port), backlog=128) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SENDING_BYTES)
        web.run_app(app, sock=door, print=None, access_log=None)
