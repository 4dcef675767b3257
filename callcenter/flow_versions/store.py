"""The published versions on the disk: each whole or not there at all, whenever a process dies.

    versions/000001/*.yaml          the flow files as they were written
    versions/000001/version.json    number, time, author, note, hashes
    versions/000001/parsed.json     the content of each file, so that the controller need not parse YAML
    log.jsonl                       the actions, one a line; it alone says what is in force

A version is written beside, synced and renamed before an action of the log names it; the log is exchanged as
a whole. What a dead publisher left behind is named by nobody, and the next one clears it away.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from callcenter.flow_versions.model import Action, Doing, Files, State, Version, content_of, hash_of, state_of

LOCK_WITHIN_S = 10.0
LOCK_LOOK_S = 0.02


class FlowStoreError(Exception):
    """The store cannot be read or is in use; the text is a whole message with its cure."""


class FlowStore:
    """Readers need no lock; whoever writes holds ``locked``. OSError where the disk refuses."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._versions = directory / "versions"
        self._log = directory / "log.jsonl"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only publisher for the length of the block; the kernel ends it with this process. Raises
        FlowStoreError when another one is at work for long."""
        self._versions.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            give_up_at = time.monotonic() + LOCK_WITHIN_S
            while not _taken(handle):
                if time.monotonic() > give_up_at:
                    raise FlowStoreError(
                        f"{self._directory}: another publisher is at work -> try again later"
                    )
                time.sleep(LOCK_LOOK_S)
            yield
        finally:
            os.close(handle)

    def actions(self) -> list[Action]:
        """The log, the oldest first; empty when nothing was published. Raises FlowStoreError."""
        try:
            lines = self._log.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        found = []
        for at, line in enumerate(lines, start=1):
            try:
                found.append(Action.from_dict(orjson.loads(line)))
            except (ValueError, TypeError, KeyError) as error:
                cure = "restore it from a backup, or move the directory away and publish anew"
                raise FlowStoreError(
                    f"{self._log}:{at}: not an entry of a publishing log ({error}) -> {cure}"
                ) from error
        return found

    def state(self) -> State:
        """What is in force and what is staged. Raises FlowStoreError."""
        return state_of(self.actions())

    def version(self, number: int) -> Version:
        """What is known of this version. Raises FlowStoreError when there is none."""
        path = self.path(number) / "version.json"
        try:
            return Version(**orjson.loads(path.read_bytes()))
        except FileNotFoundError:
            raise FlowStoreError(
                f"{path}: there is no version {number} -> `callcenter flows log` lists them"
            ) from None
        except (ValueError, TypeError) as error:
            raise FlowStoreError(f"{path}: cannot be read ({error}) -> restore it from a backup") from error

    def files(self, number: int) -> dict[str, bytes]:
        """The files of this version, proved to be as they were published. Raises FlowStoreError."""
        version = self.version(number)
        found = {}
        for name, known in version.files.items():
            path = self.path(number) / name
            try:
                found[name] = path.read_bytes()
            except FileNotFoundError:
                found[name] = b""
            if hash_of(found[name]) != known:
                cure = "restore it from a backup, or roll back to another version"
                raise FlowStoreError(
                    f"{path}:1: is not as it was published (a version never changes) -> {cure}"
                )
        return found

    def parsed(self, number: int) -> dict[str, Any]:
        """The content of each file of this version as its publisher parsed it; empty when it is not there."""
        try:
            found = orjson.loads((self.path(number) / "parsed.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def path(self, number: int) -> Path:
        """Where the files of this version lie."""
        return self._versions / f"{number:06d}"

    # --- what needs the lock -------------------------------------------------------------------------------

    def add(
        self,
        number: int,
        files: Files,
        parsed: Mapping[str, Any],
        flows: Mapping[str, str],
        doing: Doing,
    ) -> Version:
        """Write a new version, above every number of the log; nobody sees it before an action names it."""
        for left in self._versions.iterdir():
            if left.name.startswith(".new") or left.name >= self.path(number).name:
                shutil.rmtree(left)  # of a publisher that died before its action
        hashes = {name: hash_of(source) for name, source in files.items()}
        version = Version(number, doing.at, doing.author, doing.note, content_of(files), dict(flows), hashes)
        fresh = self._versions / f".new-{number:06d}"
        fresh.mkdir()
        for name, source in files.items():
            _write(fresh / name, source)
        _write(fresh / "parsed.json", orjson.dumps(dict(parsed)))
        told = orjson.dumps(asdict(version), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        _write(fresh / "version.json", told)
        _sync(fresh)
        fresh.rename(self.path(number))
        _sync(self._versions)
        return version

    def append(self, action: Action) -> None:
        """From here the log says so; on the disk when this returns."""
        lines = [orjson.dumps(known.to_dict()) for known in (*self.actions(), action)]
        fresh = self._log.with_suffix(".new")
        _write(fresh, b"\n".join(lines) + b"\n")
        fresh.rename(self._log)
        _sync(self._directory)


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(directory: Path) -> None:
    """Names are on the disk only when their directory is."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
