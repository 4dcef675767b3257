"""Is a port free, and if not, who holds it?"""

import contextlib
import errno
import os
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from callcenter.embedded.errors import ServiceError


@dataclass(frozen=True, slots=True)
class Port:
    """An address that a service is going to listen on."""

    protocol: Literal["tcp", "udp"]
    host: str
    number: int


def require_free(service: str, ports: Iterable[Port]) -> None:
    """Raises ServiceError, with the holder's pid if it is visible, for the first port that cannot be had."""
    for port in ports:
        try:
            _bind(port)
        except OSError as refused:
            raise ServiceError(f"{service} cannot use {_reason(port, refused)}", _cure(refused)) from refused


def port_holder(port: Port) -> int | None:
    """The process that listens on `port`, if this user may see it."""
    inodes = set(_listening_inodes(port))
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                for descriptor in (entry / "fd").iterdir():
                    with contextlib.suppress(OSError):
                        if os.readlink(descriptor) in inodes:
                            return int(entry.name)
    return None


def _bind(port: Port) -> None:
    family = socket.AF_INET6 if ":" in port.host else socket.AF_INET
    kind = socket.SOCK_STREAM if port.protocol == "tcp" else socket.SOCK_DGRAM
    with socket.socket(family, kind) as probe:
        if port.protocol == "tcp":  # A port that only waits for stray segments of an earlier run is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((port.host, port.number))


def _listening_inodes(port: Port) -> Iterator[str]:
    listening = "0A" if port.protocol == "tcp" else "07"
    for table in (port.protocol, f"{port.protocol}6"):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == listening and int(fields[1].rpartition(":")[2], 16) == port.number:
                    yield f"socket:[{fields[9]}]"


def _reason(port: Port, refused: OSError) -> str:
    address = f"{port.protocol} port {port.number} on {port.host}"
    match refused.errno:
        case errno.EADDRINUSE:
            holder = port_holder(port)
            return f"{address}: it is taken" + (f" by process {holder}" if holder else "")
        case errno.EADDRNOTAVAIL:
            return f"{address}: this machine has no such address"
        case _:
            return f"{address}: {refused.strerror}"


def _cure(refused: OSError) -> str:
    match refused.errno:
        case errno.EACCES:
            return "choose a port above 1023 in the settings, or run as root"
        case errno.EADDRNOTAVAIL:
            return "correct the address in the settings"
        case _:
            return "stop that process, or choose another port in the settings"
