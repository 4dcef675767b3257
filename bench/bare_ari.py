"""The least that a call costs who controls Asterisk by ARI: its requests, for an agent who is free, and no
more. No journal, no routing, no figures, no ticket, and what goes wrong is forgotten.

    python -m bench.bare_ari PORT PASSWORD
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop

from bench.centre import AGENTS, SCARCE_AGENTS, RunningCentre, phone_names
from callcenter import collector
from callcenter.adapters.asterisk import requests
from callcenter.adapters.asterisk.ari import AriLink
from callcenter.adapters.asterisk.config import ARI_LINES, ARI_USER
from callcenter.adapters.asterisk.decode import DIALLED, KNOWN_EVENTS, TRUNK
from callcenter.adapters.asterisk.rest import unheard
from callcenter.domain.switch import Connect, DestroyBridge, DialPhone, HangUp

APP = "callcenter"
UP = "up"
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class RunningBareAri:
    """A centre whose controller has made room for this one."""

    sip_port: int
    asterisk_pid: int
    controller_pid: int
    store_pids: tuple[int, ...] = ()


@asynccontextmanager
async def running_bare_ari(centre: RunningCentre, ari_port: int) -> AsyncIterator[RunningBareAri]:
    """In place of the centre's controller, which does not come back."""
    await centre.controller.stop()
    command = (sys.executable, "-m", "bench.bare_ari", str(ari_port), centre.secrets.ari)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            await process.stdout.readline()
        yield RunningBareAri(centre.sip_port, centre.asterisk_pid, process.pid)
    finally:
        process.kill()
        await process.wait()


class BareAri:
    """Rings the next phone for each caller and joins the two."""

    def __init__(self, port: int, password: str) -> None:
        self._phones = itertools.cycle(phone_names(AGENTS)[SCARCE_AGENTS:])
        self._numbers = itertools.count(1)
        self._other: dict[str, str] = {}
        self.link = AriLink(
            port=port,
            user=ARI_USER,
            password=password,
            app=APP,
            allowed_events=KNOWN_EVENTS,
            on_event=self._on_event,
            on_up=lambda: print(UP, flush=True),
            on_down=lambda: None,
            lines=ARI_LINES,
        )

    def _on_event(self, event: Mapping[str, Any]) -> None:
        match event["type"]:
            case "StasisStart" if event["args"][0] == TRUNK:
                self._dial(event["channel"])
            case "StasisStart" if event["args"][0] == DIALLED:
                self._join(self._other[event["channel"]["id"]], event["channel"]["id"])
            case "StasisEnd":
                self._part(event["channel"]["id"])

    def _dial(self, caller: Mapping[str, Any]) -> None:
        phone, leg = next(self._phones), f"agent-{next(self._numbers)}"
        self._other |= {caller["id"]: leg, leg: caller["id"]}
        ring = DialPhone(leg, caller["id"], phone, caller["caller"]["number"], "", 20)
        self.link.request(requests.dial(ring, APP), unheard, key=phone)

    def _join(self, caller: str, agent: str) -> None:
        make_bridge, add_legs = requests.connect(Connect(agent, (caller, agent)))
        asked = [(request, unheard) for request in (make_bridge, requests.stop_music(caller), add_legs)]
        self.link.request_all(asked, key=caller)

    def _part(self, leg: str) -> None:
        other = self._other.pop(leg, None)
        if other is None or self._other.pop(other, None) is None:
            return
        agent = leg if leg.startswith("agent-") else other
        for request in (requests.hang_up(HangUp(other)), requests.destroy_bridge(DestroyBridge(agent))):
            self.link.request(request, unheard, key=other)


async def main(port: int, password: str) -> None:
    """Control Asterisk until killed; says when it does."""
    bare = BareAri(port, password)
    await bare.link.start()
    collector.settle()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2]))
