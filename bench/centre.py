"""The whole centre as the product runs it, on ports and settings of the bench, with its agents logged in."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from rich.console import Console

from bench.ports import Ports
from bench.sipp import Sipp
from callcenter.cli.running import prepare
from callcenter.embedded.asterisk import EmbeddedAsterisk
from callcenter.embedded.postgres import EmbeddedPostgres
from callcenter.embedded.process import ServiceStatus
from callcenter.embedded.supervisor import Service, Supervisor
from callcenter.embedded.valkey import EmbeddedValkey
from callcenter.places import Places
from callcenter.secrets import ADMIN, Secrets
from callcenter.settings import load_settings

ROOT = Path(__file__).parents[1]
NUMBER, SCARCE_NUMBER, MENU_NUMBER = "7000", "7001", "7002"
FLOWS = Path(__file__).parent / "flows"
AGENTS = 215
SCARCE_AGENTS = 15
"""The first so many agents serve the second number only."""
NO_LIMIT = 100_000.0
"""Calls per second that no bench reaches: admission control is out of the way."""


@dataclass(frozen=True, slots=True)
class CentreOptions:
    """What differs between benches. ``admitted_per_sec`` None: no limit."""

    agents: int = AGENTS
    recording: bool = False
    admitted_per_sec: float | None = None


@dataclass(slots=True)
class RunningCentre:
    """A centre at work."""

    places: Places
    sip_port: int
    asterisk: EmbeddedAsterisk
    controller: Service
    stores: tuple[Service, ...]
    secrets: Secrets

    @property
    def asterisk_pid(self) -> int:
        """The switch's process."""
        return _pid(self.asterisk.status())

    @property
    def controller_pid(self) -> int:
        """The controller's process."""
        return _pid(self.controller.status())

    @property
    def store_pids(self) -> tuple[int, ...]:
        """PostgreSQL and Valkey."""
        return tuple(_pid(store.status()) for store in self.stores)


def phone_names(agents: int) -> list[str]:
    """One phone per agent."""
    return [f"p{number:03d}" for number in range(1, agents + 1)]


def agent_of(phone: str) -> str:
    """The agent who works at this phone."""
    return phone.replace("p", "a")


@asynccontextmanager
async def running_centre(
    directory: Path, ports: Ports, sipp: Sipp, options: CentreOptions
) -> AsyncIterator[RunningCentre]:
    """A fresh centre with registered phones and ready agents; ``sipp.phones`` must run."""
    shutil.rmtree(directory, ignore_errors=True)
    settings_dir = directory / "settings"
    settings_dir.mkdir(parents=True)
    shutil.copytree(FLOWS, directory / "flows")
    # JSON is YAML.
    (settings_dir / "bench.yaml").write_bytes(orjson.dumps(_settings(directory, ports, options)))
    settings = load_settings(settings_dir)
    places = Places.of(settings.centre)
    argv = ("--config", str(settings_dir))
    stages, secrets = await prepare(settings, places, argv, Console(quiet=True))
    services, (controller,) = stages
    asterisk = next(service for service in services if isinstance(service, EmbeddedAsterisk))
    stores = tuple(service for service in services if isinstance(service, EmbeddedPostgres | EmbeddedValkey))
    async with AsyncExitStack() as stack:
        supervisor = Supervisor(stages)
        stack.push_async_callback(supervisor.stop)
        await supervisor.start()
        centre = RunningCentre(places, settings.sip.port, asterisk, controller, stores, secrets)
        await sipp.register(secrets.phones, settings.sip.port)
        await _log_in(f"http://127.0.0.1:{ports.web}", secrets.admin, options.agents)
        yield centre


def _settings(directory: Path, ports: Ports, options: CentreOptions) -> dict[str, object]:
    sip, http, ami = ports.centre
    names = phone_names(options.agents)
    limit = options.admitted_per_sec
    return {
        "centre": {
            "data_dir": str(directory.resolve()),
            "installed_dir": str((ROOT / "var").resolve()),
            "flows_dir": str((directory / "flows").resolve()),
            "default_language": "en",
        },
        "sip": {"port": sip, "rtp_first": ports.rtp[0], "rtp_last": ports.rtp[1]},
        "ports": {"asterisk_http": http, "asterisk_ami": ami, "ari": ports.ari},
        "web": {"port": ports.web},
        "admission": {
            "calls_per_sec": limit or NO_LIMIT,
            "burst": max(1, round((limit or NO_LIMIT) / 2)),
        },
        "trunks": {"bench": {"match": [ports.callers_address], "channel_limit": 10_000, "codecs": ["ulaw"]}},
        "numbers": {
            NUMBER: {"flow": "straight_to_queue", "language": "en"},
            SCARCE_NUMBER: {"flow": "straight_to_scarce", "language": "en"},
            MENU_NUMBER: {"flow": "menu", "language": "en"},
        },
        "any_number": {"flow": "straight_to_queue", "language": "en"},
        "phones": {name: {"codecs": ["ulaw"]} for name in names},
        "agents": {
            agent_of(name): {"name": name, "queues": ["scarce" if index < SCARCE_AGENTS else "bench"]}
            for index, name in enumerate(names)
        },
        "queues": {
            name: {
                "title": name,
                "category": "consultation",
                "wrap_up_sec": 0,
                "retry_delay_sec": 0,
                "record": options.recording,
            }
            for name in ("bench", "scarce")
        },
        "waiting": {"first_after_sec": 600, "announce_position": False},
        "speech": {"enabled": False},
    }


async def _log_in(url: str, password: str, agents: int) -> None:
    """Log every agent in and make it ready, as soon as its phone can be rung."""
    async with aiohttp.ClientSession(url) as session:
        body = {"name": ADMIN, "password": password, "client": "api"}
        token = (await _accepted(session, "/api/login", body))["token"]  # on a busy machine not at once
        session.headers["Authorization"] = f"Bearer {token}"
        for name in phone_names(agents):
            agent = f"/api/agents/{agent_of(name)}"
            async with session.post(f"{agent}/login", json={"phone": name}) as answer:
                answer.raise_for_status()
            await _accepted(session, f"{agent}/ready", {})


async def _accepted(session: aiohttp.ClientSession, path: str, body: dict[str, str]) -> Any:
    """The answer, as soon as the centre gives it."""
    async with asyncio.timeout(30):
        while True:
            async with session.post(path, json=body) as answer:
                if answer.status == 200:
                    return await answer.json()
            await asyncio.sleep(0.1)


def _pid(status: ServiceStatus) -> int:
    if status.pid is None:
        raise RuntimeError(f"{status.name} does not run: {status.detail}")
    return status.pid
