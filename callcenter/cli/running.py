"""`callcenter run`: the whole centre under one supervisor."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from callcenter import assembly, collector, console_build, huge_pages
from callcenter.adapters.journal_tail import JournalTail
from callcenter.cli.claim import claimed
from callcenter.cli.controller_process import ANSWERS_WITHIN_S, answers, controller_of, tell_controller
from callcenter.cli.failure import Failure
from callcenter.cli.health_watch import watch_health
from callcenter.cli.hearing import why_unheard
from callcenter.cli.listening import require_ports
from callcenter.domain.events import FlowsRefused, KpiPolicyInForce
from callcenter.embedded.asterisk_packages import AsteriskInstallation, find_asterisk
from callcenter.embedded.errors import ServiceError
from callcenter.embedded.process import ServiceState
from callcenter.embedded.supervisor import Service, Supervisor
from callcenter.observability import configure_logging
from callcenter.places import Places
from callcenter.prompts.music import install_music
from callcenter.secrets import ADMIN, Secrets, load_secrets
from callcenter.services import installed_asterisk, services, switch_of
from callcenter.settings import Settings, SettingsSource
from callcenter.settings.reload_asked import ReloadAsked, leave
from callcenter.speech import spoken_languages
from located_yaml import Mistakes

Told = Callable[[str, ServiceState], None]


async def prepare(
    settings: Settings, places: Places, settings_argv: tuple[str, ...], console: Console
) -> tuple[tuple[tuple[Service, ...], ...], Secrets]:
    """Everything that must be there before anything starts: right flows, directories, passwords, Asterisk.

    Raises Mistakes, ServiceError, SwitchConfigError and OSError.
    """
    if unset := assembly.unset_at_start(settings, os.environ):
        raise Mistakes(unset)
    assembly.centre_config(settings, assembly.flows_to_run(settings, places), lambda _: None, places)
    for directory in (places.run, places.log, places.recordings):
        directory.mkdir(parents=True, exist_ok=True)
    secrets = load_secrets(places.secrets, settings.phones)
    await asyncio.to_thread(install_music, places.prompts / "music")  # Asterisk looks for it when it starts
    installation = await _asterisk(settings, places, console)
    return services(settings, places, secrets, installation, settings_argv), secrets


async def provision_for(settings: Settings, places: Places) -> None:
    """Fetch what a first start would fetch, and say what there is."""
    console = Console(stderr=True, highlight=False)
    found = await _asterisk(settings, places, console)
    console.print(f"Asterisk {found.version} ({found.origin}) is there.")


async def _asterisk(settings: Settings, places: Places, console: Console) -> AsteriskInstallation:
    with console.status("Asterisk") as status:
        return await installed_asterisk(
            settings,
            places,
            lambda stage, fraction: status.update(f"Asterisk: {stage} {fraction:.0%}"),
        )


async def run_centre(settings: Settings, places: Places, settings_argv: tuple[str, ...]) -> None:
    """Start everything, say where it is, and stop everything on Ctrl-C or SIGTERM."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    with claimed(places), _sigterm_like_ctrl_c():
        stages, secrets = await prepare(settings, places, settings_argv, console)
        supervisor = Supervisor(stages, on_progress=teller(console))
        watch: list[asyncio.Task[None]] = []

        def ready() -> None:
            _tell_where(console, settings, places, secrets)
            watch.append(asyncio.create_task(watch_health(settings, places, console)))

        try:
            await supervisor.run(on_ready=ready)
        except ServiceError:
            require_ports(settings)  # A port is the likeliest reason; this names the setting of it.
            raise
        finally:
            for task in watch:
                task.cancel()
            await asyncio.gather(*watch, return_exceptions=True)
    console.print("Everything is stopped.")


def _tell_where(console: Console, settings: Settings, places: Places, secrets: Secrets) -> None:
    page = f"http://{settings.web.host}:{settings.web.port}/"
    console.print(f"\n[bold green]The centre is up.[/]  Live page and API: [bold]{page}[/]")
    console.print(f"First login: name [bold]{ADMIN}[/], password [bold]{secrets.admin}[/]")
    numbers = ", ".join(settings.numbers)
    console.print(f"SIP: {settings.sip.address}:{settings.sip.port} (UDP), numbers {numbers}")
    console.print(f"Phones register with the passwords in {places.secrets} (readable by you only).")
    for language in spoken_languages(settings, places):
        if reason := why_unheard(settings, places, language):
            console.print(f"[yellow]No transcripts[/] of calls in {language}: {reason}")
    if not console_build.is_built():
        console.print(f"[yellow]No page[/], only the API: it has not been built -> {console_build.CURE}")
    console.print("Ctrl-C stops everything.\n")


@contextmanager
def _sigterm_like_ctrl_c() -> Iterator[None]:
    """SIGTERM ends what we do as Ctrl-C does: in order, with nothing left running."""
    before = signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def teller(console: Console) -> Told:
    """Prints each change of a service on one line."""
    colours = {ServiceState.READY: "green", ServiceState.FAILED: "red"}
    known: dict[str, ServiceState] = {}

    def tell(name: str, state: ServiceState) -> None:
        if known.get(name, ServiceState.STOPPED) is not state:
            console.print(f"  {name:<22} [{colours.get(state, 'dim')}]{state.value.lower()}[/]")
        known[name] = state

    return tell


def reload_settings(places: Places, author: str) -> None:
    """Let the running centre read its settings again for this author, which have just been found sound, and
    hear that they are in force. Raises Failure with all that is wrong between them and the flows that it
    runs."""
    tail = JournalTail(places.journal)
    if controller_of(places) is not None:
        leave(places.reload_asked, ReloadAsked(time.time_ns() // 1_000_000, author))
    if not tell_controller(places, signal.SIGHUP):
        raise Failure(f"no centre runs in {places.data_dir} -> start it by `callcenter run`")
    told: Iterator[KpiPolicyInForce | FlowsRefused] = answers(tail, KpiPolicyInForce, FlowsRefused)
    answer = next(told, None)
    if answer is None:
        raise Failure(
            f"the controller has not said within {ANSWERS_WITHIN_S:.0f} s that the settings are in force "
            "-> see log/controller.log"
        )
    if isinstance(answer, FlowsRefused):
        places.reload_asked.unlink(missing_ok=True)
        mistakes = "\n".join(answer.mistakes)
        raise Failure(
            f"{mistakes}\nThe running controller refuses these settings and goes on as before -> correct "
            "them (or the flows: `callcenter flows publish`), and reload again"
        )
    sys.stdout.write(
        "The settings are sound. In force now: agents, skills, queues, routing, reasons, waiting, numbers, "
        "calendars. Flows: by `callcenter flows publish`. Trunks, numbering, phones, ports: at the next "
        "start.\n"
    )


async def run_controller_process(settings: Settings, source: SettingsSource, places: Places) -> None:
    """The controller alone, beside services that already run. The settings came from ``source``."""
    from callcenter.main import run_controller  # heavy, and the supervisor needs none of it
    from callcenter.serving import Endpoints

    debug = bool(os.environ.get("CALLCENTER_DEBUG"))
    configure_logging("controller", level=logging.DEBUG if debug else logging.INFO)
    stores = settings.services
    installation = find_asterisk(stores.asterisk_binary, provisioned=places.asterisk)
    if installation is None or stores.database_url is None or stores.valkey_url is None:
        raise Failure("the controller needs Asterisk, PostgreSQL and Valkey -> start it by `callcenter run`")
    secrets = load_secrets(places.secrets, settings.phones)
    switch = switch_of(settings, places, secrets, installation)
    collector.settle()
    huge_pages.gather()
    where = Endpoints(stores.database_url, stores.valkey_url, switch)
    await run_controller(settings, source, places, secrets, where)
