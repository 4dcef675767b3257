"""The services that the centre runs itself: which, where, and what each is started with.

One supervisor process (`callcenter run`) is the parent of all: PostgreSQL, Valkey, Asterisk, the controller
and the speech workers. The controller may die and come back while Asterisk carries the calls on.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import aiohttp

from callcenter import assembly
from callcenter.adapters.asterisk.config import SwitchConfig
from callcenter.adapters.asterisk.line_keeper import LineKeeper
from callcenter.adapters.asterisk.switch_files import write_switch_files
from callcenter.embedded.asterisk import CONTROL_SOCKET, EmbeddedAsterisk
from callcenter.embedded.asterisk_packages import AsteriskInstallation, find_asterisk, provision_asterisk
from callcenter.embedded.places import socket_directory
from callcenter.embedded.postgres import EmbeddedPostgres
from callcenter.embedded.process import (
    TELEPHONY_FIRST,
    ProcessSpec,
    ServiceState,
    ServiceStatus,
    SupervisedProcess,
)
from callcenter.embedded.supervisor import Service
from callcenter.embedded.taken_ports import Port
from callcenter.embedded.valkey import EmbeddedValkey
from callcenter.places import Places
from callcenter.secrets import Secrets
from callcenter.settings import Settings
from callcenter.settings.load import ENVIRONMENT_PREFIX
from callcenter.speech import SpeechWorkerPlan, speech_workers

ROOT = Path(__file__).parents[1]
LOOPBACK = "127.0.0.1"
DATABASE_VARIABLE = f"{ENVIRONMENT_PREFIX}SERVICES__DATABASE_URL"
VALKEY_VARIABLE = f"{ENVIRONMENT_PREFIX}SERVICES__VALKEY_URL"
Progress = Callable[[str, float], None]


async def installed_asterisk(settings: Settings, places: Places, progress: Progress) -> AsteriskInstallation:
    """A suitable Asterisk: of the settings, of the machine, or provisioned privately now."""
    found = find_asterisk(settings.services.asterisk_binary, provisioned=places.asterisk)
    if found is not None:
        return found
    return await provision_asterisk(
        places.asterisk, mirror=settings.services.debian_mirror, progress=progress
    )


def switch_of(
    settings: Settings, places: Places, secrets: Secrets, installation: AsteriskInstallation
) -> SwitchConfig:
    """What Asterisk is configured with."""
    return assembly.switch_config(
        settings,
        secrets,
        places,
        modules=installation.modules_dir,
        data=installation.data_dir,
        music=(places.prompts / "music").resolve(),
        run=socket_directory(places.run.resolve(), CONTROL_SOCKET),
    )


def services(
    settings: Settings,
    places: Places,
    secrets: Secrets,
    installation: AsteriskInstallation,
    settings_argv: tuple[str, ...],
) -> tuple[tuple[Service, ...], ...]:
    """All services, in the stages in which they start. Writes Asterisk's configuration.

    ``settings_argv`` tells the controller's process where the settings are.
    """
    switch = switch_of(settings, places, secrets, installation)
    write_switch_files(switch)
    run, log, data = places.run.resolve(), places.log.resolve(), places.data_dir.resolve()
    postgres = EmbeddedPostgres(data / "postgres", run_dir=run, log_dir=log)
    valkey = EmbeddedValkey(data / "valkey", run_dir=run, log_dir=log)
    stores: list[Service] = []
    if settings.services.database_url is None:
        stores.append(postgres)
    if settings.services.valkey_url is None:
        stores.append(valkey)

    def stores_found() -> dict[str, str]:
        """Where our own stores are, known once they run, told to the controller as settings."""
        return {
            DATABASE_VARIABLE: settings.services.database_url or postgres.dsn,
            VALKEY_VARIABLE: settings.services.valkey_url or valkey.url,
        }

    sip, ports = settings.sip, settings.ports
    asterisk = EmbeddedAsterisk(
        installation,
        switch.directories.configuration,
        switch.directories.run,
        log,
        ports=(
            Port("udp", sip.address, sip.port),
            Port("tcp", LOOPBACK, ports.asterisk_http),
            Port("tcp", LOOPBACK, ports.asterisk_ami),
        ),
        own_logs=(switch.directories.log / "messages.log",),
    )
    workers = tuple(_speech_worker(plan, places) for plan in speech_workers(settings, places))
    controller = LateService(
        "controller", lambda: _controller(settings, places, switch, settings_argv, stores_found())
    )
    return ((*stores, asterisk, *workers), (controller,))


class LateService:
    """A service whose process can only be described when those before it run."""

    def __init__(self, name: str, make: Callable[[], SupervisedProcess]) -> None:
        self.name = name
        self._make = make
        self._process: SupervisedProcess | None = None

    async def start(self) -> None:
        """See Service."""
        self._process = self._make()
        await self._process.start()

    async def wait_ready(self) -> None:
        """See Service."""
        if self._process is not None:
            await self._process.wait_ready()

    async def stop(self) -> None:
        """See Service."""
        if self._process is not None:
            await self._process.stop()

    def status(self) -> ServiceStatus:
        """See Service."""
        if self._process is None:
            return ServiceStatus(self.name, ServiceState.STOPPED, None, 0, "")
        return self._process.status()


def _controller(
    settings: Settings,
    places: Places,
    switch: SwitchConfig,
    settings_argv: tuple[str, ...],
    environment: Mapping[str, str],
) -> SupervisedProcess:
    """``settings_argv`` are the options by which it finds the same ``settings``; ``environment`` tells it
    where the stores are."""
    keeper = LineKeeper(switch)
    health = f"http://{settings.web.host}:{settings.web.port}/healthz"

    async def answers() -> bool:
        timeout = aiohttp.ClientTimeout(total=1.0)
        try:
            async with aiohttp.ClientSession(timeout=timeout) as session, session.get(health) as answer:
                return answer.status in (200, 503)  # 503: it works, a store is away
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    spec = ProcessSpec(
        name="controller",
        argv=(sys.executable, "-m", "callcenter", *settings_argv, "controller"),
        log_path=places.log.resolve() / "controller.log",
        pid_path=places.run.resolve() / "controller.pid",
        env={**_python_environment(), **environment},
        niceness=TELEPHONY_FIRST,
        ports=(
            Port("tcp", settings.web.host, settings.web.port),
            Port("tcp", LOOPBACK, settings.ports.ari),
        ),
    )
    return SupervisedProcess(
        spec,
        probe=answers,
        prepare=keeper.listen,
        clear_up=keeper.let_go,
        hangs=keeper.hangs,
        ready_within_sec=60.0,
    )


def _speech_worker(plan: SpeechWorkerPlan, places: Places) -> SupervisedProcess:
    spec = ProcessSpec(
        name=f"speech-{plan.model_id}",
        argv=plan.argv,
        log_path=places.log.resolve() / f"speech-{plan.model_id}.log",
        pid_path=places.run.resolve() / f"speech-{plan.model_id}.pid",
        env=_python_environment(),
        # Callers in spoken menus wait for it: where the telephony may come first, that is enough.
        niceness=0 if os.geteuid() == 0 else 10,
    )
    return SupervisedProcess(spec)


def _python_environment() -> dict[str, str]:
    """Of processes that find our code, and keep it compiled: who comes back after a crash is waited for."""
    known = os.environ.get("PYTHONPATH")
    ours = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{known}" if known else str(ROOT)}
    ours.pop("PYTHONDONTWRITEBYTECODE", None)
    return ours
