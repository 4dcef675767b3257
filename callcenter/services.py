"""The services that the centre runs itself: which, where, and what each is started with.

One supervisor process (`callcenter run`) is the parent of all: PostgreSQL, Valkey, Asterisk, the controller
and the speech workers. The controller may die and come back while Asterisk carries the calls on.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from callcenter import assembly
from callcenter.adapters.asterisk.config import SwitchConfig
from callcenter.adapters.asterisk.switch_files import write_switch_files
from callcenter.embedded.asterisk import CONTROL_SOCKET, EmbeddedAsterisk
from callcenter.embedded.asterisk_packages import AsteriskInstallation, find_asterisk, provision_asterisk
from callcenter.embedded.places import socket_directory
from callcenter.embedded.postgres import EmbeddedPostgres
from callcenter.embedded.process import ProcessSpec, SupervisedProcess
from callcenter.embedded.supervisor import Service
from callcenter.embedded.taken_ports import Port
from callcenter.embedded.valkey import EmbeddedValkey
from callcenter.main import Endpoints
from callcenter.places import Places
from callcenter.secrets import Secrets
from callcenter.settings import Settings
from callcenter.speech import SpeechWorkerPlan, speech_workers

ROOT = Path(__file__).parents[1]
LOOPBACK = "127.0.0.1"
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that runs, in the stages in which it starts, and where the controller finds it."""

    stages: tuple[tuple[Service, ...], ...]
    endpoints: Endpoints


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


def embedded_stores(settings: Settings, places: Places) -> tuple[EmbeddedPostgres, EmbeddedValkey]:
    """Our own PostgreSQL and Valkey (started only when the settings name no others)."""
    run, log = places.run.resolve(), places.log.resolve()
    return (
        EmbeddedPostgres(places.data_dir.resolve() / "postgres", run_dir=run, log_dir=log),
        EmbeddedValkey(places.data_dir.resolve() / "valkey", run_dir=run, log_dir=log),
    )


def endpoints(
    settings: Settings, places: Places, secrets: Secrets, installation: AsteriskInstallation
) -> Endpoints:
    """Where the controller finds what it needs."""
    postgres, valkey = embedded_stores(settings, places)
    return Endpoints(
        database_url=settings.services.database_url or postgres.dsn,
        valkey_url=settings.services.valkey_url or valkey.url,
        switch=switch_of(settings, places, secrets, installation),
    )


def services(
    settings: Settings,
    places: Places,
    secrets: Secrets,
    installation: AsteriskInstallation,
    settings_argv: tuple[str, ...],
) -> Services:
    """All services, ready to be started. Writes Asterisk's configuration. ``settings_argv`` tells the
    controller's process where the settings are."""
    where = endpoints(settings, places, secrets, installation)
    write_switch_files(where.switch)
    postgres, valkey = embedded_stores(settings, places)
    stores: list[Service] = []
    if settings.services.database_url is None:
        stores.append(postgres)
    if settings.services.valkey_url is None:
        stores.append(valkey)
    sip, ports = settings.sip, settings.ports
    asterisk = EmbeddedAsterisk(
        installation,
        where.switch.directories.configuration,
        where.switch.directories.run,
        places.log.resolve(),
        ports=(
            Port("udp", sip.address, sip.port),
            Port("tcp", LOOPBACK, ports.asterisk_http),
            Port("tcp", LOOPBACK, ports.asterisk_ami),
        ),
    )
    workers = tuple(_speech_worker(plan, places) for plan in speech_workers(settings, places))
    control = _controller(settings, places, settings_argv)
    return Services(stages=((*stores, asterisk, control, *workers),), endpoints=where)


def _controller(settings: Settings, places: Places, settings_argv: tuple[str, ...]) -> SupervisedProcess:
    health = f"http://{settings.web.host}:{settings.web.port}/healthz"

    async def answers() -> bool:
        timeout = aiohttp.ClientTimeout(total=1.0)
        try:
            async with aiohttp.ClientSession(timeout=timeout) as session, session.get(health) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    spec = ProcessSpec(
        name="controller",
        argv=(sys.executable, "-m", "callcenter", *settings_argv, "controller"),
        log_path=places.log.resolve() / "controller.log",
        pid_path=places.run.resolve() / "controller.pid",
        env=_python_environment(),
        ports=(
            Port("tcp", settings.web.host, settings.web.port),
            Port("tcp", LOOPBACK, settings.ports.ari),
        ),
    )
    return SupervisedProcess(spec, probe=answers, ready_within_sec=60.0)


def _speech_worker(plan: SpeechWorkerPlan, places: Places) -> SupervisedProcess:
    spec = ProcessSpec(
        name=f"speech-{plan.model_id}",
        argv=plan.argv,
        log_path=places.log.resolve() / f"speech-{plan.model_id}.log",
        pid_path=places.run.resolve() / f"speech-{plan.model_id}.pid",
        env=_python_environment(),
        niceness=10,
    )
    return SupervisedProcess(spec)


def _python_environment() -> dict[str, str]:
    known = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{known}" if known else str(ROOT)}
