"""Who asked by command that the settings be read again: told by a note, because a signal carries none."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson


@dataclass(frozen=True, slots=True)
class ReloadAsked:
    """``at`` is ms since the epoch, UTC; ``author`` the name that the command was given."""

    at: int
    author: str


def leave(path: Path, asked: ReloadAsked) -> None:
    """Leave the note there, whole. Raises OSError."""
    fresh = path.with_suffix(f".{os.getpid()}.new")
    fresh.write_bytes(orjson.dumps(asdict(asked)))
    fresh.replace(path)


def left(path: Path) -> ReloadAsked | None:
    """The note that lies there; what is no such note is none. Raises OSError."""
    try:
        told = orjson.loads(path.read_bytes())
        return ReloadAsked(int(told["at"]), str(told["author"]))
    except (FileNotFoundError, orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None
