"""`callcenter doctor`: what is right here, what is not, and the cure."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from asr.routing import NoRoute
from callcenter.embedded import doctor_checks as checks
from callcenter.embedded.taken_ports import Port
from callcenter.places import Places
from callcenter.services import LOOPBACK
from callcenter.settings import Settings
from callcenter.speech import choose, spoken_languages

MODELS_CURE = "callcenter models list, then callcenter models install ..."


def _speech(settings: Settings, places: Places, language: str) -> checks.Check:
    """Who hears this language. Nobody is no obstacle: calls then go without a transcript."""
    chosen = choose(settings, places, language)
    if isinstance(chosen, NoRoute):
        return checks.Check(f"speech {language}", True, f"no transcripts: {chosen.reason}", MODELS_CURE)
    return checks.Check(f"speech {language}", True, f"{chosen.engine}, model {chosen.model_id}", "")


def examine(settings: Settings) -> int:
    """Print every finding; 0 when nothing stands in the way of a start."""
    places = Places(settings.centre.data_dir, settings.centre.installed_dir)
    ports = (
        Port("udp", settings.sip.address, settings.sip.port),
        Port("tcp", LOOPBACK, settings.ports.asterisk_http),
        Port("tcp", LOOPBACK, settings.ports.asterisk_ami),
        Port("tcp", LOOPBACK, settings.ports.ari),
        Port("tcp", settings.web.host, settings.web.port),
    )
    found = [
        checks.check_python(),
        checks.check_machine(),
        checks.check_memory(),
        checks.check_disk(places.data_dir),
        *checks.check_writable([places.data_dir]),
        *checks.check_ports("the centre", ports),
        checks.check_asterisk(
            settings.services.asterisk_binary,
            provisioned=places.asterisk,
            mirror=settings.services.debian_mirror,
        ),
        checks.check_postgres(),
        checks.check_valkey(),
        *(_speech(settings, places, language) for language in spoken_languages(settings)),
    ]
    table = Table(box=None, pad_edge=False)
    for column in ("", "what", "found", "what to do"):
        table.add_column(column, overflow="fold")
    for check in found:
        mark = "[green]ok[/]" if check.ok else "[red]no[/]"
        table.add_row(mark, check.name, check.detail, check.cure)
    console = Console(highlight=False)
    console.print(table)
    return 0 if all(check.ok for check in found) else 1
