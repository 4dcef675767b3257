"""Asterisk 22 without root: found on the machine, or provisioned from Debian's own signed packages.

The private tree holds Asterisk with the libraries of its own suite, and runs through that suite's loader, so
that it is independent of the libraries of the machine. Modules whose libraries are not in the tree are
removed from it: what is in `modules_dir` can be loaded.
"""

import asyncio
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from callcenter.embedded.elf import missing_libraries, read_needs
from callcenter.embedded.errors import ServiceError
from callcenter.embedded.package_tree import Progress, TreeRequest, install_tree, installed_packages
from callcenter.embedded.private_apt import Package, PrivateApt

_MAJOR = 22
_AT_LEAST, _BELOW = f"1:{_MAJOR}", f"1:{_MAJOR + 1}~~"
_MODULES_OF_DEBIAN = "lib/*/asterisk/modules"
_DATA_DIR = "usr/share/asterisk"
# Of the many libraries that Debian's modules can use, those behind the modules that a call centre loads:
# codecs, resampling, encrypted media. The rest would fetch four times as much.
_MODULE_LIBRARIES = re.compile(r"lib(opus|gsm|srtp2-|resample|speex)|zlib1g")
_PROGRAM_EXCLUDES = re.compile(r"(asterisk-(?!modules)|adduser|libpopt)")
_MUST_LOAD = (
    "chan_pjsip",
    "res_ari",
    "res_rtp_asterisk",
    "res_srtp",
    "res_websocket_client",
    "codec_opus_open_source",
)


@dataclass(frozen=True, slots=True)
class AsteriskInstallation:
    """An Asterisk that can be started."""

    command: tuple[str, ...]
    """How to call it: the argv to which its own options are appended."""
    modules_dir: Path
    """To be named as `astmoddir` in asterisk.conf."""
    data_dir: Path
    """To be named as `astdatadir`: documentation (which the configuration options need) and ARI's schemas."""
    version: str
    origin: Literal["machine", "private"]


@dataclass(frozen=True, slots=True)
class ToolTree:
    """Programs of Debian that are used beside the product, for benches and tests."""

    root: Path

    def command(self, program: str) -> tuple[str, ...]:
        """How to call `program` of this tree: the argv to which its own options are appended."""
        root = self.root.resolve()
        return _private_command(root, root / "usr/bin" / program)


def find_asterisk(
    setting: Path | None = None, *, provisioned: Path | None = None
) -> AsteriskInstallation | None:
    """The Asterisk 22 to use: the one named in the settings, else the machine's, else a provisioned tree.

    None when there is none; raises ServiceError when the settings name one that is not suitable.
    """
    if setting is not None:
        named = _in_tree(setting) if setting.is_dir() else _on_machine(setting)
        if named is None:
            raise ServiceError(
                f"{setting} is not an Asterisk {_MAJOR} that can be started here",
                "correct services.asterisk_binary, or remove it to have Asterisk provisioned",
            )
        return named
    program = shutil.which("asterisk") or shutil.which("asterisk", path="/usr/sbin:/usr/local/sbin")
    machine = _on_machine(Path(program)) if program else None
    return machine or (_in_tree(provisioned) if provisioned else None)


async def provision_asterisk(
    target: Path, *, mirror: str | None, progress: Progress, keyrings: Sequence[Path] = ()
) -> AsteriskInstallation:
    """Make `target` a private Asterisk 22, fetched from `mirror` unless it is there already.

    `mirror` is the base URI of a Debian mirror, or None for the machine's own. `progress` is told stage and
    fraction. About 20 MB are fetched besides the index, 60 MB stay, in about 10 s. Several callers, also in
    several processes, may ask at once. Raises ServiceError and leaves nothing half-installed.
    """
    request = TreeRequest(("asterisk",), _follow_for_asterisk, _accept_version, _keep_loadable_modules)
    await install_tree(target, request, mirror=mirror, progress=progress, keyrings=keyrings)
    installation = _in_tree(target)
    if installation is None:
        raise ServiceError(f"{target} holds no usable Asterisk {_MAJOR}", f"remove {target} and start again")
    return installation


async def provision_tools(
    target: Path,
    packages: Sequence[str],
    *,
    mirror: str | None,
    progress: Progress,
    keyrings: Sequence[Path] = (),
) -> ToolTree:
    """Make `target` a tree of `packages` and their libraries, under the same rules as Asterisk's."""
    request = TreeRequest(
        tuple(packages), lambda _, needed: _is_library(needed), _accept_any, _finish_nothing
    )
    await install_tree(target, request, mirror=mirror, progress=progress, keyrings=keyrings)
    return ToolTree(target)


def _follow_for_asterisk(package: str, needed: str) -> bool:
    match package:
        case "asterisk":
            return not _PROGRAM_EXCLUDES.match(needed) and (
                _is_library(needed) or needed == "asterisk-modules"
            )
        case "asterisk-modules":
            return bool(_MODULE_LIBRARIES.match(needed))
        case _:
            return _is_library(needed)


def _is_library(package: str) -> bool:
    return package.startswith(("lib", "zlib")) and not package.startswith("libc-")


async def _accept_version(apt: PrivateApt, packages: dict[str, Package]) -> None:
    version = packages["asterisk"].version
    if not await apt.version_in_range(version, _AT_LEAST, _BELOW):
        raise ServiceError(
            f"the mirror offers Asterisk {version}, but version {_MAJOR} is needed",
            f"set services.debian_mirror to one with {_MAJOR}, or services.asterisk_binary to a program",
        )


async def _accept_any(apt: PrivateApt, packages: dict[str, Package]) -> None:
    del apt, packages


async def _finish_nothing(tree: Path) -> None:
    del tree


async def _keep_loadable_modules(tree: Path) -> None:
    await asyncio.to_thread(_remove_unloadable_modules, tree)


def _remove_unloadable_modules(tree: Path) -> None:
    library_dir, modules_dir = _library_dir(tree), _modules_dir(tree / "usr")
    known: dict[Path, frozenset[str]] = {}
    try:
        if missing := missing_libraries(tree / "usr/sbin/asterisk", library_dir, known):
            raise ServiceError(
                f"the packages of Asterisk lack {', '.join(sorted(missing))}",
                "set services.asterisk_binary to a program",
            )
        for module in modules_dir.glob("*.so"):
            if missing_libraries(module, library_dir, known):
                module.unlink()
    except ValueError as damaged:
        raise ServiceError(
            str(damaged), "start again, or set services.debian_mirror to another mirror"
        ) from damaged
    if absent := [name for name in _MUST_LOAD if not (modules_dir / f"{name}.so").exists()]:
        raise ServiceError(
            f"the packages of Asterisk lack libraries of {', '.join(absent)}",
            "set services.asterisk_binary to a program",
        )


def _in_tree(tree: Path) -> AsteriskInstallation | None:
    version = installed_packages(tree).get("asterisk", "")
    upstream = version.partition(":")[2].partition("~")[0].partition("-")[0].partition("+")[0]
    if not _is_suitable(upstream):
        return None
    tree = tree.resolve()
    command = _private_command(tree, tree / "usr/sbin/asterisk")
    return AsteriskInstallation(command, _modules_dir(tree / "usr"), tree / _DATA_DIR, upstream, "private")


def _on_machine(program: Path) -> AsteriskInstallation | None:
    try:
        answer = subprocess.run(
            [program, "-V"], capture_output=True, text=True, timeout=10, check=True
        ).stdout
        prefix = program.resolve().parent.parent
        modules_dir = _modules_dir(prefix)
    except (OSError, subprocess.SubprocessError, ServiceError):
        return None
    version = answer.strip().removeprefix("Asterisk ").partition("~")[0]
    if not _is_suitable(version):
        return None
    data_dirs = (prefix.parent / _DATA_DIR, prefix / "var/lib/asterisk", Path("/var/lib/asterisk"))
    data_dir = next((path for path in data_dirs if (path / "documentation").is_dir()), data_dirs[-1])
    return AsteriskInstallation((str(program),), modules_dir, data_dir, version, "machine")


def _is_suitable(version: str) -> bool:
    return version.partition(".")[0] == str(_MAJOR)


def _modules_dir(prefix: Path) -> Path:
    """Debian keeps modules below the architecture's directory, others directly below lib or lib64."""
    patterns = (_MODULES_OF_DEBIAN, "lib64/asterisk/modules", "lib/asterisk/modules")
    return _found_below(prefix, *patterns)


def _library_dir(tree: Path) -> Path:
    return _found_below(tree, "usr/lib/*-linux-gnu*")


def _found_below(directory: Path, *patterns: str) -> Path:
    for pattern in patterns:
        for found in directory.glob(pattern):
            return found
    raise ServiceError(
        f"{directory} has no {patterns[0]}",
        "install Asterisk anew, or name another one in services.asterisk_binary",
    )


def _private_command(tree: Path, program: Path) -> tuple[str, ...]:
    interpreter = read_needs(program).interpreter
    if interpreter is None:
        raise ServiceError(f"{program} names no loader", f"remove {tree} and start again")
    loader = tree / interpreter.lstrip("/")
    return (str(loader), "--inhibit-cache", "--library-path", str(_library_dir(tree)), str(program))
