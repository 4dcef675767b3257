"""The files of the settings as they lie there, and changes of several of them, whole or not at all.

A change is noted beside the files before the first of them is exchanged, and the note is taken away after the
last. Whoever reads meanwhile, or after a crash in between, reads the note too: from its appearance on the
change counts as made.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from located_yaml import Mistake

NOTE: Final = ".settings_change.json"
"""In the settings' directory, while a change is being made."""


@dataclass(frozen=True, slots=True)
class SettingsFiles:
    """What is written: ``texts`` in the order in which they are laid over each other. ``unread`` tells which
    could not be read."""

    directory: Path
    texts: Mapping[Path, bytes]
    overlays: tuple[Path, ...] = ()
    unread: tuple[Mistake, ...] = ()

    @property
    def version(self) -> str:
        """The name of these texts: equal ones have equal names."""
        said = hashlib.sha256()
        for path, text in self.texts.items():
            said.update(f"{path}\0{len(text)}\0".encode() + text)
        return said.hexdigest()[:16]

    def after(self, changed: Mapping[Path, bytes]) -> SettingsFiles:
        """These with some texts exchanged. A new one of the directory stands among the others by its name."""
        texts = {**self.texts, **changed}
        in_order = [*sorted(path for path in texts if path not in self.overlays), *self.overlays]
        ordered = {path: texts[path] for path in in_order if path in texts}
        return SettingsFiles(self.directory, ordered, self.overlays, self.unread)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A change: every text that it exchanges as it was (None: there was no such file) and as it becomes
    (None: there is none any more), and what its maker wants kept with it."""

    before: Mapping[Path, bytes | None]
    after: Mapping[Path, bytes | None]
    about: Mapping[str, Any]

    def to_json(self) -> bytes:
        """As it is kept."""
        before, after = (
            {str(path): _text(text) for path, text in side.items()} for side in (self.before, self.after)
        )
        return orjson.dumps({"before": before, "after": after, "about": self.about})

    @classmethod
    def from_json(cls, kept: bytes) -> Exchange:
        """As it was kept. Raises ValueError."""
        told = orjson.loads(kept)
        try:
            sides = [
                {Path(path): None if text is None else text.encode() for path, text in told[side].items()}
                for side in ("before", "after")
            ]
            return cls(sides[0], sides[1], told["about"])
        except (KeyError, TypeError, AttributeError) as wrong:
            raise ValueError(f"no change of the settings: {wrong}") from wrong


def read_files(directory: Path, overlays: Sequence[Path] = ()) -> SettingsFiles:
    """What is written now."""
    unread: list[Mistake] = []
    texts: dict[Path, bytes] = {}
    for path in (*sorted(directory.glob("*.yaml")), *overlays):
        try:
            texts[path] = path.read_bytes()
        except OSError as error:
            told = f"cannot be read: {error.strerror}; check its permissions"
            unread.append(Mistake(str(path), 1, 1, (), told))
    files = SettingsFiles(directory, texts, tuple(overlays), tuple(unread))
    begun = begun_in(directory)
    if begun is None:
        return files
    owed = {path: text for path, text in begun.after.items() if texts.get(path) == begun.before.get(path)}
    kept = files.after({path: text for path, text in owed.items() if text is not None})
    gone = {path for path, text in owed.items() if text is None}
    left = {path: text for path, text in kept.texts.items() if path not in gone}
    return SettingsFiles(directory, left, kept.overlays, kept.unread)


def begun_in(directory: Path) -> Exchange | None:
    """The change that is being made there, or that a crash cut short."""
    try:
        return Exchange.from_json((directory / NOTE).read_bytes())
    except (OSError, ValueError):
        return None  # a note appears whole: what cannot be understood was not written by us


def begin(directory: Path, exchange: Exchange) -> None:
    """Note the change: from now on it counts as made. Raises OSError, and then it does not."""
    write_whole(directory / NOTE, exchange.to_json(), mode=0o600)


def carry_out(exchange: Exchange) -> None:
    """Exchange the files, but for those that somebody has changed meanwhile. May be done again. Raises
    OSError."""
    for path, text in exchange.after.items():
        now = path.read_bytes() if path.exists() else None
        if now != exchange.before.get(path):
            continue
        if text is None:
            path.unlink()
            _sync_directory(path.parent)
        else:
            write_whole(path, text)


def end(directory: Path) -> None:
    """The change is made and kept: take its note away. Raises OSError."""
    (directory / NOTE).unlink(missing_ok=True)
    _sync_directory(directory)


def write_whole(path: Path, text: bytes, mode: int | None = None) -> None:
    """The whole text or, after a crash or an OSError, the file that was there; it keeps its permissions. A
    link stays a link."""
    path = path.resolve()
    with _part_of(path) as part:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode or 0o644), "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if mode is None and path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    _sync_directory(path.parent)


@contextmanager
def _part_of(path: Path) -> Iterator[Path]:
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)  # of one that died
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _text(text: bytes | None) -> str | None:
    return None if text is None else text.decode()
