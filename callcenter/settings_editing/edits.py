"""Changes of the settings as edits of the YAML that says them, wherever that stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path as File
from typing import Any

from callcenter.settings.load import Loaded, from_environment, holds, loaded
from callcenter.settings.sections import HOMES
from callcenter.settings.written import SettingsFiles
from callcenter.settings_editing.model import DEEPEST, Change, Given, Renamed, Taken, Tried
from located_yaml import (
    Edit,
    Mistake,
    Mistakes,
    Path,
    Put,
    Remove,
    Rename,
    applied,
    did_you_mean,
    edited,
    load,
)


def tried(files: SettingsFiles, environment: Mapping[str, str], changes: Iterable[Change]) -> Tried:
    """The settings after these changes. Raises Mistakes with all that is wrong then, or when a change has no
    place in the files."""
    before = loaded(files, environment)
    texts = _Texts(files, before)
    changes = list(changes)
    _refuse_fixed(environment, changes)
    for change in changes:
        texts.make(change)
    after = files.after(texts.edited())
    now = loaded(after, environment)
    _refuse_hidden(now, changes)
    return Tried(after, now, differing(files, after))


def differing(before: SettingsFiles, after: SettingsFiles) -> tuple[str, ...]:
    """The files that are not the same."""
    return tuple(str(path) for path, text in after.texts.items() if before.texts.get(path) != text)


def value_at(data: Any, path: Path) -> Any:
    """What stands there; None also when nothing does."""
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def dotted(path: Path) -> str:
    """A path as people write it."""
    return ".".join(map(str, path))


class _Texts:
    """The documents, with what the edits so far have made of their data."""

    def __init__(self, files: SettingsFiles, before: Loaded) -> None:
        self._files = files
        self._texts = {str(path): text.decode() for path, text in files.texts.items()}
        self._documents = {one.file: one for one in before.documents if one.file in self._texts}
        self._edits: dict[str, list[Edit]] = {}

    def edited(self) -> dict[File, bytes]:
        """The texts that change."""
        return {
            File(file): edited(self._texts[file], file, edits).encode() for file, edits in self._edits.items()
        }

    def make(self, change: Change) -> None:
        """See to it that the texts say this. Raises Mistakes."""
        match change:
            case Given(path=path, value=value):
                self._give(path, value)
            case Taken(path=path):
                for file in self._holders(path):
                    self._edit(file, Remove(path))
            case Renamed(path=path, name=name):
                for old in (path, *self._named_elsewhere(path)):
                    self._rename(old, str(path[-1]), name)

    def _rename(self, path: Path, old: str, name: str) -> None:
        for file in self._holders(path):
            is_key = path[-1] == old
            self._edit(file, Rename(path, name) if is_key else Put(path, name))

    def _give(self, path: Path, value: Any) -> None:
        if _depth(value) > DEEPEST:
            told = f"{dotted(path)}: at most {DEEPEST} maps and lists within each other"
            raise Mistakes([_misplaced(told, path)])
        holders = self._holders(path, must=False)
        if holders:
            self._edit(holders[-1], Put(path, value))
            return
        for length in range(len(path) - 1, 0, -1):
            for file in reversed(self._holders(path[:length], must=False)):
                if self._documents[file].value(path[:length]) is not None:
                    self._edit(file, Put(path[: length + 1], _nested(path[length + 1 :], value)))
                else:  # `agents:` with nothing behind it
                    self._edit(file, Put(path[:length], _nested(path[length:], value)))
                return
        self._edit(self._home_of(str(path[0])), Put(path[:1], _nested(path[1:], value)))

    def _holders(self, path: Path, *, must: bool = True) -> list[str]:
        """The files that say something exactly there, the one that is heard last at the end."""
        found = [file for file, one in self._documents.items() if holds(one.data, path)]
        if must and not found:
            around = [value_at(one.data, path[:-1]) for one in self._documents.values()]
            names = [name for one in around if isinstance(one, dict) for name in one]
            near = did_you_mean(str(path[-1]), names)
            raise Mistakes([_misplaced(f"there is no {dotted(path)}{near}", path)])
        return found

    def _home_of(self, section: str) -> str:
        """The file into which a section goes that stands nowhere yet. One that says nothing yet begins to."""
        file = str(self._files.directory / HOMES.get(section, f"{section}.yaml"))
        if file not in self._documents or self._documents[file].data is None:
            text = self._texts.get(file, "")
            text = f"{text.rstrip()}\n\n{section}: {{}}\n" if text.strip() else f"{section}: {{}}\n"
            self._texts[file], self._documents[file] = text, load(text, file)
            self._edits.setdefault(file, [])
        return file

    def _edit(self, file: str, edit: Edit) -> None:
        document = self._documents[file]
        self._documents[file] = replace(document, data=applied(document, edit))
        self._edits.setdefault(file, []).append(edit)

    def _named_elsewhere(self, path: Path) -> list[Path]:
        """Where agents and queues name this skill."""
        if len(path) != 2 or path[0] != "skills":
            return []
        found = [place for one in self._documents.values() for place in _places_of_skill(one.data, path[1])]
        return list(dict.fromkeys(found))


def _places_of_skill(data: Any, skill: str | int) -> Iterator[Path]:
    for section in ("agents", "queues"):
        for name, entry in _items(value_at(data, (section,))):
            if skill in dict(_items(value_at(entry, ("skills",)))):
                yield (section, name, "skills", skill)
            steps = value_at(entry, ("steps",))
            for place, step in enumerate(steps if isinstance(steps, list) else ()):
                if skill in dict(_items(value_at(step, ("lower",)))):
                    yield (section, name, "steps", place, "lower", skill)
                drop = value_at(step, ("drop",))
                for index, dropped in enumerate(drop if isinstance(drop, list) else ()):
                    if dropped == skill:
                        yield (section, name, "steps", place, "drop", index)


def _refuse_fixed(environment: Mapping[str, str], changes: Iterable[Change]) -> None:
    """What a variable sets can only be changed there."""
    fixed = from_environment(environment)
    wrong = {
        change.path: name
        for change in changes
        for path, name in fixed.items()
        if change.path[: len(path)] == path or path[: len(change.path)] == change.path
    }
    if wrong:
        told = "is set by the environment variable"
        raise Mistakes(
            _misplaced(f"{dotted(path)} {told} {name}: change it there", path) for path, name in wrong.items()
        )


def _refuse_hidden(now: Loaded, changes: list[Change]) -> None:
    """A value that two files say together cannot be exchanged in one of them."""
    last = {change.path: change for change in changes}
    for path, change in last.items():
        later = (other for other in changes[changes.index(change) + 1 :] if other.path[: len(path)] == path)
        if isinstance(change, Given) and not any(later) and value_at(now.data, path) != change.value:
            document = now.document_of(path)
            told = f"{dotted(path)} stands in several files, laid over each other: edit them by hand"
            raise Mistakes([document.mistake(path, told) if document else _misplaced(told, path)])


def _misplaced(told: str, path: Path = ()) -> Mistake:
    return Mistake("", 1, 1, path, told)


def _nested(steps: Path, value: Any) -> Any:
    for step in reversed(steps):
        value = {step: value}
    return value


def _items(value: Any) -> Iterable[tuple[Any, Any]]:
    return value.items() if isinstance(value, dict) else ()


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level and depth <= DEEPEST:
        holders = (one for one in level if isinstance(one, dict | list))
        inner = [one.values() if isinstance(one, dict) else one for one in holders]
        level = [child for children in inner for child in children]
        depth += bool(inner)
    return depth
