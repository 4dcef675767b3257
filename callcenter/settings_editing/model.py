"""What people want changed of the settings, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from callcenter.settings.load import Loaded
from callcenter.settings.written import SettingsFiles
from located_yaml import Mistake, Path

DEEPEST: Final = 24
"""How many maps and lists a value may hold within each other."""


@dataclass(frozen=True, slots=True)
class Given:
    """The entry at ``path`` gets this value; where there is none, it is added."""

    path: Path
    value: Any


@dataclass(frozen=True, slots=True)
class Taken:
    """The entry at ``path`` goes."""

    path: Path


@dataclass(frozen=True, slots=True)
class Renamed:
    """The entry at ``path`` is called ``name`` from now on; a skill also where agents and queues name it."""

    path: Path
    name: str


Change = Given | Taken | Renamed


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants what changed, for which reason, having seen ``version``. ``everything``: also the sections
    that are not for operations, such as where the stores are and whom flows ask."""

    version: str
    author: str
    note: str = ""
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """The files as they would be, sound; ``changed`` are those that differ."""

    files: SettingsFiles
    loaded: Loaded
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Saved:
    """What is written now. ``in_force``: the centre works by it, but for the sections of ``needs_start``,
    which only the next start puts in force. Not in force: ``mistakes`` tells what the running centre refuses.
    """

    version: str
    changed: tuple[str, ...]
    in_force: bool
    needs_start: tuple[str, ...]
    mistakes: tuple[Mistake, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """One change that was made. ``what`` are its paths as people write them; ``diff`` shows the lines,
    without secrets; ``undoes`` and ``undone_by`` are numbers of others (0: none)."""

    number: int
    at: int
    author: str
    note: str
    what: tuple[str, ...]
    files: tuple[str, ...]
    diff: str
    version: str
    undoes: int = 0
    undone_by: int = 0
    can_be_undone: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """One section as written: ``places`` tells file and line of it and of each of its entries; ``fixed`` the
    paths in it that a variable of the environment sets, with its name; ``defaults`` what holds for a field
    that is left out."""

    name: str
    data: Any
    at_start_only: bool
    places: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """What can be changed entry by entry, and the files; ``why_fixed`` tells why nothing can be written."""

    version: str
    sections: Sequence[Section]
    files: Sequence[str]
    needs_start: tuple[str, ...]
    why_fixed: str = ""


class MovedOn(Exception):
    """What is written is no more what was seen. ``author`` is empty where a file was changed by hand; ``at``
    is in ms since the epoch."""

    def __init__(self, author: str, at: int, files: Sequence[str] = ()) -> None:
        super().__init__(author or ", ".join(files))
        self.author = author
        self.at = at
        self.files = tuple(files)


class NotYours(Exception):
    """Only administrators change these sections; the words name them."""


class NotWritable(Exception):
    """The files cannot be written; the words tell which and why."""


class NothingToUndo(Exception):
    """There is no such change, or others were made upon it."""
