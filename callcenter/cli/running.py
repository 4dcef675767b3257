"""`callcenter run`: the whole centre under one supervisor."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from collections.abc import Callable

from rich.console import Console

from callcenter.cli.failure import Failure
from callcenter.embedded.asterisk_packages import find_asterisk
from callcenter.embedded.process import ServiceState
from callcenter.embedded.supervisor import Service, Supervisor
from callcenter.main import ADMIN, Endpoints, run_controller
from callcenter.observability import configure_logging
from callcenter.places import Places
from callcenter.prompts.music import install_music
from callcenter.secrets import Secrets, load_secrets
from callcenter.services import installed_asterisk, services, switch_of
from callcenter.settings import Settings

Told = Callable[[str, ServiceState], None]


async def prepare(
    settings: Settings, places: Places, settings_argv: tuple[str, ...], console: Console
) -> tuple[tuple[tuple[Service, ...], ...], Secrets]:
    """Everything that must be there before anything starts: directories, passwords, Asterisk."""
    places.run.mkdir(parents=True, exist_ok=True)
    places.log.mkdir(parents=True, exist_ok=True)
    places.recordings.mkdir(parents=True, exist_ok=True)
    secrets = load_secrets(places.secrets, settings.phones)
    await asyncio.to_thread(install_music, places.prompts / "music")  # Asterisk looks for it when it starts
    with console.status("Asterisk") as status:
        installation = await installed_asterisk(
            settings,
            places,
            lambda stage, fraction: status.update(f"Asterisk: {stage} {fraction:.0%}"),
        )
    return services(settings, places, secrets, installation, settings_argv), secrets


async def run_centre(settings: Settings, places: Places, settings_argv: tuple[str, ...]) -> None:
    """Start everything, say where it is, and stop everything on Ctrl-C."""
    console = Console(stderr=True, highlight=False)
    stages, secrets = await prepare(settings, places, settings_argv, console)
    supervisor = Supervisor(stages, on_progress=teller(console))

    def tell_where() -> None:
        page = f"http://{settings.web.host}:{settings.web.port}/"
        console.print(f"\n[bold green]The centre is up.[/]  Live page and API: [bold]{page}[/]")
        console.print(f"First login: name [bold]{ADMIN}[/], password [bold]{secrets.admin}[/]")
        numbers = ", ".join(settings.numbers)
        console.print(f"SIP: {settings.sip.address}:{settings.sip.port} (UDP), numbers {numbers}")
        console.print(f"Phones register with the passwords in {places.secrets} (readable by you only).")
        console.print("Ctrl-C stops everything.\n")

    await supervisor.run(on_ready=tell_where)
    console.print("Everything is stopped.")


def teller(console: Console) -> Told:
    """Prints each change of a service on one line."""
    colours = {ServiceState.READY: "green", ServiceState.FAILED: "red"}

    def tell(name: str, state: ServiceState) -> None:
        console.print(f"  {name:<22} [{colours.get(state, 'dim')}]{state.value.lower()}[/]")

    return tell


async def run_controller_process(settings: Settings, places: Places) -> None:
    """The controller alone, beside services that already run."""
    debug = bool(os.environ.get("CALLCENTER_DEBUG"))
    configure_logging("controller", level=logging.DEBUG if debug else logging.INFO)
    stores = settings.services
    installation = find_asterisk(stores.asterisk_binary, provisioned=places.asterisk)
    if installation is None or stores.database_url is None or stores.valkey_url is None:
        raise Failure("the controller needs Asterisk, PostgreSQL and Valkey -> start it by `callcenter run`")
    secrets = load_secrets(places.secrets, settings.phones)
    switch = switch_of(settings, places, secrets, installation)
    gc.freeze()
    await run_controller(settings, places, secrets, Endpoints(stores.database_url, stores.valkey_url, switch))
