"""Debian packages unpacked into a directory of their own: all of it, or nothing.

A tree is built beside its place and moved there by one rename, after its data has reached the disk. A
download that is tampered with or interrupted therefore leaves at most a `.partial` directory, which the next
attempt removes. A file lock lets several starters ask for the same tree: one builds, the others wait.
"""

import asyncio
import fcntl
import json
import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from callcenter.embedded.apt_sources import debian_mirrors
from callcenter.embedded.errors import ServiceError
from callcenter.embedded.private_apt import Package, PrivateApt, default_keyrings

SUITE = "forky"
Progress = Callable[[str, float], None]
"""Told the stage and the fraction of the whole work that is done, 0.0 to 1.0."""

_MANIFEST = "packages.json"
# Left out of every tree: nothing that a program reads while it runs.
_NOT_UNPACKED = (
    "usr/share/doc",
    "usr/share/man",
    "usr/share/locale",
    "usr/lib/*/gconv",
    "usr/share/lintian",
    "etc",
)
_MERGED_DIRS = ("bin", "lib", "lib64", "sbin")


@dataclass(frozen=True, slots=True)
class TreeRequest:
    """Which packages a tree holds.

    `follow(package, needed)` says whether a dependency belongs in it; `accept` may refuse the chosen
    packages before anything is fetched; `finish` gets the unpacked tree and makes it usable or refuses it.
    Both refuse by raising ServiceError.
    """

    roots: tuple[str, ...]
    follow: Callable[[str, str], bool]
    accept: Callable[[PrivateApt, dict[str, Package]], Awaitable[None]]
    finish: Callable[[Path], Awaitable[None]]


def installed_packages(tree: Path) -> dict[str, str]:
    """Name and version of each package in `tree`; empty when there is no complete tree."""
    try:
        versions: dict[str, str] = json.loads((tree / _MANIFEST).read_text())
    except (OSError, ValueError):
        return {}
    return versions


async def install_tree(
    target: Path,
    request: TreeRequest,
    *,
    mirror: str | None,
    progress: Progress,
    keyrings: Sequence[Path] = (),
) -> None:
    """Make `target` a complete tree of `request`; does nothing when it already holds all its roots.

    `mirror` is a base URI, or None for those of the machine's apt sources, tried in turn. `keyrings` default
    to Debian's. Raises ServiceError; `target` is then as it was before.
    """
    async with _lock(target, progress):
        if set(request.roots) <= set(installed_packages(target)):
            return
        workshop = target.with_name(f".{target.name}.partial")
        shutil.rmtree(workshop, ignore_errors=True)
        try:
            await _build(workshop, request, mirror, progress, keyrings or default_keyrings())
            progress("writing to disk", 0.95)
            await _run_all([["sync", "--file-system", str(workshop)]])
            shutil.rmtree(target, ignore_errors=True)
            (workshop / "tree").rename(target)
        except OSError as refused:
            raise ServiceError(f"cannot install {target}: {refused}", _cure(refused)) from refused
        finally:
            shutil.rmtree(workshop, ignore_errors=True)
        progress("installed", 1.0)


async def _build(
    workshop: Path, request: TreeRequest, mirror: str | None, progress: Progress, keyrings: Sequence[Path]
) -> None:
    apt, tree = PrivateApt(workshop / "apt"), workshop / "tree"
    await _refresh_from_first_mirror(apt, mirror, keyrings, progress)
    progress("choosing packages", 0.45)
    packages = await apt.closure(request.roots, request.follow)
    await request.accept(apt, packages)
    debs = await apt.download(
        list(packages), lambda percent: progress("downloading packages", 0.5 + 0.25 * percent / 100)
    )
    tree.mkdir(parents=True)
    for directory in _MERGED_DIRS:
        (tree / "usr" / directory).mkdir(parents=True)
        (tree / directory).symlink_to(f"usr/{directory}")
    for done, deb in enumerate(debs):
        progress("unpacking", 0.75 + 0.2 * done / len(debs))
        await _unpack(deb, tree)
    await request.finish(tree)
    versions = {package.name: package.version for package in packages.values()}
    (tree / _MANIFEST).write_text(json.dumps(versions, indent=1, sort_keys=True) + "\n")


async def _refresh_from_first_mirror(
    apt: PrivateApt, mirror: str | None, keyrings: Sequence[Path], progress: Progress
) -> None:
    if mirror and not re.fullmatch(r"[a-z][a-z+]*:\S+", mirror):
        raise ServiceError(
            f"services.debian_mirror is {mirror!r}, which is no URI", "set it to one like http://HOST/debian"
        )
    mirrors = (mirror.rstrip("/"),) if mirror else debian_mirrors()
    refusal = ServiceError(
        "this machine's apt takes nothing from a Debian mirror",
        "set services.debian_mirror to the base URI of one",
    )
    for base in mirrors:
        try:
            await apt.refresh(
                base,
                SUITE,
                keyrings,
                lambda percent: progress("reading the package index", 0.45 * percent / 100),
            )
        except ServiceError as failed:
            refusal = failed
        else:
            return
    raise refusal


async def _unpack(deb: Path, tree: Path) -> None:
    exclusions = ["--wildcards", *(f"--exclude=./{pattern}" for pattern in _NOT_UNPACKED)]
    options = ["--directory", str(tree), "--keep-directory-symlink", "--no-same-owner", *exclusions]
    await _run_all([["dpkg-deb", "--fsys-tarfile", str(deb)], ["tar", "--extract", *options]])


async def _run_all(pipeline: Sequence[Sequence[str]]) -> None:
    """Run the commands with each one's output flowing into the next; all must succeed."""
    processes: list[asyncio.subprocess.Process] = []
    upstream = asyncio.subprocess.DEVNULL
    try:
        for position, command in enumerate(pipeline):
            is_last = position == len(pipeline) - 1
            reader, writer = (-1, asyncio.subprocess.DEVNULL) if is_last else os.pipe()
            processes.append(
                await asyncio.create_subprocess_exec(
                    *command, stdin=upstream, stdout=writer, stderr=asyncio.subprocess.PIPE
                )
            )
            for used in (upstream, writer):
                if used >= 0:
                    os.close(used)
            upstream = reader
        for process, command in zip(processes, pipeline, strict=True):
            _, errors = await process.communicate()
            if process.returncode != 0:
                raise OSError(f"{command[0]} failed: {errors.decode(errors='replace').strip()}")
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
                await process.wait()


@asynccontextmanager
async def _lock(target: Path, progress: Progress) -> AsyncIterator[None]:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(
            target.with_name(f".{target.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
    except OSError as refused:
        raise ServiceError(
            f"cannot write in {target.parent}: {refused.strerror}", _cure(refused)
        ) from refused
    try:
        while not _try_lock(handle):
            progress("waiting for another starter", 0.0)
            await asyncio.sleep(0.2)
        yield
    finally:
        os.close(handle)


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _cure(refused: OSError) -> str:
    match refused:
        case PermissionError():
            return (
                "give this user write access to that directory, or set centre.data_dir to another directory"
            )
        case OSError(errno=28):
            return "free at least 500 MB on that disk"
        case _:
            return "see the message, then start again: nothing half-installed was left behind"
