"""The flow files that are being written, with their tests: the directory that is published."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callcenter.flow_versions.model import NotNow, hash_of
from callcenter.flow_versions.service import written_files
from ivr_flows.files import SHIPPED_FLOWS

NAME: Final = r"(tests/)?[A-Za-z0-9][A-Za-z0-9_-]{0,63}\.yaml"
MOST_FILES: Final = 200
TESTS: Final = "tests/"


class Conflict(Exception):
    """The file is no longer what its writer has seen; ``now`` is its text, None: it is gone."""

    def __init__(self, name: str, now: str | None) -> None:
        super().__init__(f"{name} was changed by somebody else meanwhile")
        self.name = name
        self.now = now


@dataclass(frozen=True, slots=True)
class WorkingSet:
    """``directory`` None: the flows that come with the product, which are copied to ``copied`` before one of
    them is changed."""

    directory: Path | None
    copied: Path

    def flows(self) -> dict[str, bytes]:
        """The flow files by name. Raises OSError."""
        return written_files(self.directory)

    def tests(self) -> dict[str, bytes]:
        """The files of their tests by name, which begin with ``tests/``. Raises OSError."""
        tests = (self.directory or SHIPPED_FLOWS) / TESTS
        return {f"{TESTS}{path.name}": path.read_bytes() for path in sorted(tests.glob("*.yaml"))}

    def write(self, name: str, text: str, seen: str | None) -> None:
        """Write this file, whole or not at all. ``seen`` is the hash of what the writer began with; None: it
        is a new one. Raises Conflict, NotNow, and OSError where the disk refuses."""
        if not re.fullmatch(NAME, name):
            raise NotNow(f"'{name}' is no name of a flow file -> choose one like night_line.yaml")
        directory = self.directory or self._copy()
        path = directory / name
        with _alone(directory):
            there = path.read_bytes() if path.is_file() else None
            if (None if there is None else hash_of(there)) != seen:
                raise Conflict(name, None if there is None else there.decode("utf-8", errors="replace"))
            if there is None and len(self.flows()) + len(self.tests()) >= MOST_FILES:
                raise NotNow(f"there are {MOST_FILES} files already -> put flows together, or remove some")
            path.parent.mkdir(exist_ok=True)
            replace_file(path, text)

    def _copy(self) -> Path:
        """The flows that come with the product, and their tests, as the centre's own: all or none."""
        if not self.copied.is_dir():
            fresh = self.copied.with_name(f".{self.copied.name}.{os.getpid()}")
            shutil.rmtree(fresh, ignore_errors=True)
            shutil.copytree(SHIPPED_FLOWS, fresh)
            fresh.rename(self.copied)
        return self.copied


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """One writer at a time, between looking and writing."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def replace_file(file: Path, text: str) -> None:
    """The whole text or, after a crash, the old one."""
    part = file.with_name(f".{file.name}.part")
    with part.open("w", encoding="utf-8", newline="") as written:
        written.write(text)
        written.flush()
        os.fsync(written.fileno())
    if file.exists():
        shutil.copymode(file, part)
    os.replace(part, file)
