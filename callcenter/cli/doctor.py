"""`callcenter doctor`: what is right here, what is not, and the cure."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import redis.asyncio as redis
from rich.console import Console
from rich.markup import escape

from asr.routing import Route
from callcenter import assembly, console_build
from callcenter.cli.claim import claim_holder
from callcenter.cli.hearing import why_unheard
from callcenter.cli.listening import cure, ports_by_setting
from callcenter.embedded import doctor_checks as checks
from callcenter.embedded.doctor_checks import Check
from callcenter.embedded.errors import ServiceError
from callcenter.embedded.postgres_programs import find_postgres
from callcenter.embedded.taken_ports import require_free
from callcenter.places import Places
from callcenter.settings import Settings
from callcenter.speech import choose, spoken_languages

POSTGRES_AT_LEAST = 15
PATIENCE_S = 3.0


def examine(settings: Settings) -> int:
    """Print every finding; 0 when nothing stands in the way of a start, or of the centre that runs already.

    Raises Mistakes for flows that are wrong.
    """
    places = Places.of(settings.centre)
    console = Console(highlight=False, soft_wrap=True)
    wrong = 0
    for check in _checks(settings, places):
        mark = "[green]ok[/]" if check.ok else "[red]no[/]"
        console.print(f"{mark}  {check.name:<20} {escape(check.detail)}")
        if check.cure:
            console.print(f"{'':<24} -> {escape(check.cure)}")
        wrong += not check.ok
    console.print(
        f"{wrong} of these stand in the way." if wrong else "Nothing stands in the way of a working centre."
    )
    return 1 if wrong else 0


def _checks(settings: Settings, places: Places) -> Iterator[Check]:
    assembly.centre_config(settings, assembly.flows_to_run(settings, places), lambda _: None, places)
    yield Check("settings, flows", True, "read, and they fit together")
    holder = claim_holder(places)
    yield from environment_checks(settings, runs=holder is not None)
    yield checks.check_python()
    yield checks.check_machine()
    if holder is None:
        yield checks.check_memory()
    yield checks.check_disk(places.data_dir)
    for check in checks.check_writable([places.data_dir]):
        yield Check("data_dir", check.ok, f"{places.data_dir.absolute()}: {check.detail}", check.cure)
    if holder is None:
        yield from _ports(settings)
    else:
        yield Check("centre", True, f"runs here already (process {holder}), on the ports of these settings")
    yield checks.check_asterisk(
        settings.services.asterisk_binary,
        provisioned=places.asterisk,
        mirror=settings.services.debian_mirror,
    )
    yield _postgres(settings, places)
    yield _valkey(settings)
    yield check_page()
    for language in spoken_languages(settings, places):
        yield _speech(settings, places, language)


def environment_checks(settings: Settings, *, runs: bool) -> Iterator[Check]:
    """What a start from this shell would refuse; it does not stand in the way of a centre that ``runs``,
    which has an environment of its own."""
    unset = assembly.unset_at_start(settings, os.environ)
    for mistake in unset:
        field, _, remedy = mistake.message.partition(": ")
        yield Check("environment", runs, f"{field} has no value in this shell", remedy)
    if not unset:
        yield Check("environment", True, "holds every variable that the settings name")


def _ports(settings: Settings) -> Iterator[Check]:
    for setting, port in ports_by_setting(settings).items():
        try:
            require_free("the centre", [port])
        except ServiceError as taken:
            yield Check(setting, False, taken.problem, cure(setting, taken))
        else:
            yield Check(setting, True, f"{port.protocol} port {port.number} on {port.host} is free")


def check_page() -> Check:
    """The console. Without it calls go on, and so does the API: no obstacle."""
    if console_build.is_built():
        return Check("page", True, "built")
    return Check("page", True, "not built: agents and supervisors cannot work at it", console_build.CURE)


def _speech(settings: Settings, places: Places, language: str) -> Check:
    """Who hears this language. Nobody is no obstacle: calls then go without a transcript."""
    chosen = choose(settings, places, language)
    if isinstance(chosen, Route):
        return Check(f"speech {language}", True, f"{chosen.engine}, model {chosen.model_id}")
    reason, _, remedy = (why_unheard(settings, places, language) or chosen.reason).partition(" -> ")
    return Check(f"speech {language}", True, f"no transcripts: {reason}", remedy)


def _postgres(settings: Settings, places: Places) -> Check:
    url = settings.services.database_url
    if url is not None:
        return asyncio.run(_database_answers(url))
    try:
        find_postgres(_stored_major(places.data_dir / "postgres"))
    except ServiceError as unreadable:
        return Check("postgres", False, unreadable.problem, unreadable.cure)
    return checks.check_postgres()


def _stored_major(home: Path) -> int | None:
    """The version of the data that the centre's own PostgreSQL left (elsewhere, when it had to move)."""
    try:
        moved_to = home / "moved_to"
        home = Path(moved_to.read_text().strip()) if moved_to.exists() else home
        return int((home / "data" / "PG_VERSION").read_text())
    except (OSError, ValueError):
        return None


async def _database_answers(url: str) -> Check:
    name, remedy = "postgres", "start that server, or correct services.database_url (or remove it)"
    try:
        connection = await asyncpg.connect(url, timeout=PATIENCE_S)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return Check(name, False, f"services.database_url: {error or 'no answer'}", remedy)
    try:
        major = connection.get_server_version().major
    finally:
        await connection.close(timeout=PATIENCE_S)
    if major < POSTGRES_AT_LEAST:
        old = f"services.database_url leads to PostgreSQL {major}, {POSTGRES_AT_LEAST} is needed"
        return Check(name, False, old, "upgrade that server, or name another in services.database_url")
    return Check(name, True, f"PostgreSQL {major} answers at services.database_url")


def _valkey(settings: Settings) -> Check:
    url = settings.services.valkey_url
    return checks.check_valkey() if url is None else asyncio.run(_valkey_answers(url))


async def _valkey_answers(url: str) -> Check:
    name, remedy = "valkey", "start that server, or correct services.valkey_url (or remove it)"
    try:
        client = redis.Redis.from_url(url, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S)
    except ValueError as error:
        return Check(name, False, f"services.valkey_url: {error}", remedy)
    try:
        await client.ping()
    except (redis.RedisError, OSError, TimeoutError) as error:
        return Check(name, False, f"services.valkey_url: {error}", remedy)
    finally:
        await client.aclose()
    return Check(name, True, "answers at services.valkey_url")
