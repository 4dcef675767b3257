"""Which ports the centre listens on, and which setting chooses each."""

from __future__ import annotations

from collections.abc import Mapping

from callcenter.cli.failure import Failure
from callcenter.embedded.errors import ServiceError
from callcenter.embedded.taken_ports import Port, require_free
from callcenter.services import LOOPBACK
from callcenter.settings import Settings


def ports_by_setting(settings: Settings) -> Mapping[str, Port]:
    """Every port that is the same at each start, by the name of its setting (RTP takes what is free)."""
    return {
        "sip.port": Port("udp", settings.sip.address, settings.sip.port),
        "ports.asterisk_http": Port("tcp", LOOPBACK, settings.ports.asterisk_http),
        "ports.asterisk_ami": Port("tcp", LOOPBACK, settings.ports.asterisk_ami),
        "ports.ari": Port("tcp", LOOPBACK, settings.ports.ari),
        "web.port": Port("tcp", settings.web.host, settings.web.port),
    }


def cure(setting: str, taken: ServiceError) -> str:
    """What to do about a port that cannot be had, with the setting by name."""
    return taken.cure.replace("in the settings", f"(setting {setting})")


def require_ports(settings: Settings) -> None:
    """Raises Failure for the first port that cannot be had: who holds it, and which setting chooses it."""
    for setting, port in ports_by_setting(settings).items():
        try:
            require_free("the centre", [port])
        except ServiceError as taken:
            raise Failure(f"{taken.problem} -> {cure(setting, taken)}") from taken
