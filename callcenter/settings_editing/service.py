"""The settings as people see and change them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path as File
from typing import Final, Protocol

from callcenter.ports import Clock
from callcenter.settings import Settings
from callcenter.settings.load import Loaded, SettingsSource, from_environment, loaded
from callcenter.settings.sections import AT_START, HOMES, defaults_of, differing
from callcenter.settings.written import Exchange, SettingsFiles
from callcenter.settings_editing import agents_csv, edits
from callcenter.settings_editing.agents_csv import Row
from callcenter.settings_editing.history import SettingsHistory, is_as_left, with_secrets, without_secrets
from callcenter.settings_editing.model import (
    Change,
    Kept,
    MovedOn,
    NothingToUndo,
    NotWritable,
    NotYours,
    Saved,
    Section,
    Seen,
    Tried,
    Wish,
)
from located_yaml import Mistake, Mistakes

_OVERLAY: Final = "overlay:"


class InForce(Protocol):
    """The centre at work."""

    @property
    def started(self) -> Settings:
        """The settings of its start."""
        ...

    def prove(self, settings: Settings) -> None:
        """Whether a start, or the centre at work, would take them besides: flows, variables. Called in a
        thread. Raises Mistakes."""
        ...

    async def reload(self) -> None:
        """Put in force what is written. Raises Mistakes, and OSError."""
        ...


class SettingsEditing:
    """One change at a time. Whoever wants one must have seen what is written (``version``): MovedOn says who
    was quicker. Raises Mistakes with all that is wrong, and then nothing is written; NotWritable and NotYours
    likewise."""

    def __init__(
        self, source: SettingsSource, history: SettingsHistory, force: InForce, clock: Clock
    ) -> None:
        self._source = source
        self._history = history
        self._force = force
        self._clock = clock
        self._turn = asyncio.Lock()

    async def finish(self) -> None:
        """Complete the change that a dead process left half made. Raises OSError."""
        await asyncio.to_thread(self._history.finish, self._source.directory)

    async def seen(self) -> Seen:
        """What can be changed. Raises Mistakes when somebody has spoilt a file by hand."""
        return await asyncio.to_thread(self._seen)

    async def file(self, name: str) -> tuple[str, str] | None:
        """The text of a file, its passwords hidden, and the version of all; None when there is none."""
        files = await asyncio.to_thread(self._source.read)
        path = self._path_of(files, name)
        if path is None:
            return None
        return without_secrets(files.texts[path].decode("utf-8", "replace")), files.version

    async def check(self, changes: Sequence[Change]) -> tuple[str, ...]:
        """Which files these changes would touch. Raises Mistakes."""
        tried = await asyncio.to_thread(self._tried, changes)
        return self._names(tried.changed)

    async def save(self, wish: Wish, changes: Sequence[Change]) -> Saved:
        """Make these changes, all or none."""
        what, variables = [edits.dotted(change.path) for change in changes], self._source.variables
        return await self._change(wish, what, lambda files: edits.tried(files, variables, changes))

    async def check_agents(self, text: str) -> list[Row]:
        """What the rows of this CSV file would change. Raises BadFile besides."""
        return await asyncio.to_thread(self._rows, text)

    async def import_agents(self, wish: Wish, text: str) -> tuple[list[Row], Saved | None]:
        """Add and change agents by this CSV file, but for the rows that are refused. Raises BadFile
        besides."""
        rows = await self.check_agents(text)
        changes = agents_csv.changes_of(rows)
        return rows, await self.save(wish, changes) if changes else None

    async def agents_file(self) -> str:
        """The agents as such a file. Raises Mistakes when somebody has spoilt a file by hand."""
        now = await asyncio.to_thread(lambda: loaded(self._source.read(), self._source.variables))
        return agents_csv.written(now.data.get("agents") or {})

    async def write_file(self, wish: Wish, name: str, text: str) -> Saved | None:
        """Let the file say this; None when there is none."""
        files = await asyncio.to_thread(self._source.read)
        path = self._path_of(files, name)
        if path is None:
            return None
        return await self._change(wish, [name], lambda now: self._with_text(now, path, text))

    async def check_file(self, name: str, text: str) -> bool:
        """Whether there is such a file; Mistakes if it could not say this."""
        files = await asyncio.to_thread(self._source.read)
        path = self._path_of(files, name)
        if path is None:
            return False
        tried = await asyncio.to_thread(self._with_text, files, path, text)
        await asyncio.to_thread(self._force.prove, tried.loaded.settings)
        return True

    async def history(self) -> tuple[list[Kept], str]:
        """The changes that were made, the newest first, and the version of what is written now."""
        files = await asyncio.to_thread(self._source.read)
        return await asyncio.to_thread(self._history.told, files), files.version

    async def undo(self, wish: Wish, number: int) -> Saved:
        """Undo the newest change that is not undone; ``number`` says which that was. Raises NothingToUndo
        besides."""
        files = await asyncio.to_thread(self._source.read)
        told = {kept.number: kept for kept in await asyncio.to_thread(self._history.told, files)}
        exchange = self._history.exchange(number)
        if exchange is None or not told[number].can_be_undone:
            raise NothingToUndo(str(number))

        def undone(now: SettingsFiles) -> Tried:
            if not is_as_left(exchange, now):
                raise NothingToUndo(str(number))
            gone = {path for path, text in exchange.before.items() if text is None}
            after = now.after({path: text for path, text in exchange.before.items() if text is not None})
            texts = {path: text for path, text in after.texts.items() if path not in gone}
            after = SettingsFiles(after.directory, texts, after.overlays, after.unread)
            sound = loaded(after, self._source.variables)
            return Tried(after, sound, tuple(str(path) for path in exchange.before))

        return await self._change(wish, list(told[number].what), undone, undoes=number)

    def name_of(self, file: str) -> str:
        """A file as it is told: by its name alone."""
        path = File(file)
        return f"{_OVERLAY}{path.name}" if path in self._source.overlays else path.name

    # --- in a thread ---------------------------------------------------------------------------------------

    def _seen(self) -> Seen:
        files = self._source.read()
        now = loaded(files, self._source.variables)
        return Seen(
            version=files.version,
            sections=[self._section(now, name) for name in HOMES],
            files=self._names(map(str, files.texts)),
            needs_start=self._needs_start(now.settings),
            why_fixed=self._why_fixed(files),
        )

    def _section(self, now: Loaded, name: str) -> Section:
        data = now.data.get(name)
        paths = [(name,), *((name, key) for key in data)] if isinstance(data, dict) else [(name,)]
        places: dict[str, tuple[str, int]] = {}
        for path in paths:
            document = now.document_of(path)
            if document is not None:
                line, _ = document.position(path, key=True)
                places[".".join(path[1:])] = (self.name_of(document.file), line)
        fixed = from_environment(self._source.variables)
        return Section(
            name=name,
            data=data,
            at_start_only=name in AT_START,
            places=places,
            fixed={edits.dotted(path): variable for path, variable in fixed.items() if path[0] == name},
            defaults=defaults_of(name),
        )

    def _why_fixed(self, files: SettingsFiles) -> str:
        closed = [d for d in {path.parent for path in files.texts} if not os.access(d, os.W_OK | os.X_OK)]
        return f"{', '.join(map(str, closed))} may not be written by the centre" if closed else ""

    def _tried(self, changes: Sequence[Change]) -> Tried:
        tried = edits.tried(self._source.read(), self._source.variables, changes)
        self._force.prove(tried.loaded.settings)
        return tried

    def _rows(self, text: str) -> list[Row]:
        now = loaded(self._source.read(), self._source.variables)
        return agents_csv.proved(agents_csv.rows_of(text, now.data.get("agents") or {}), self._tried)

    def _with_text(self, files: SettingsFiles, path: File, text: str) -> Tried:
        before = files.texts[path].decode("utf-8", "replace")
        after = files.after({path: with_secrets(text, before).encode("utf-8", "replace")})
        return Tried(after, loaded(after, self._source.variables), edits.differing(files, after))

    async def _change(
        self, wish: Wish, what: list[str], make: Callable[[SettingsFiles], Tried], undoes: int = 0
    ) -> Saved:
        async with self._turn:
            tried = await asyncio.to_thread(self._write, wish, what, make, undoes)
            if not tried.changed:
                return Saved(tried.files.version, (), True, self._needs_start(tried.loaded.settings))
            mistakes = await self._reload()
        return Saved(
            version=tried.files.version,
            changed=self._names(tried.changed),
            in_force=not mistakes,
            needs_start=self._needs_start(tried.loaded.settings),
            mistakes=mistakes,
        )

    async def _reload(self) -> tuple[Mistake, ...]:
        """Why the centre at work refuses what is written."""
        try:
            await self._force.reload()
        except Mistakes as wrong:
            return wrong.found
        except OSError as wrong:
            return (Mistake("", 1, 1, (), str(wrong)),)
        return ()

    def _write(
        self, wish: Wish, what: list[str], make: Callable[[SettingsFiles], Tried], undoes: int
    ) -> Tried:
        files = self._source.read()
        if files.version != wish.version:
            raise self._moved_on(files)
        tried = make(files)
        self._force.prove(tried.loaded.settings)
        if not tried.changed:
            return tried
        if not wish.everything and (foreign := self._foreign(files, tried)):
            raise NotYours(", ".join(foreign))
        paths = [File(name) for name in tried.changed]
        about = {
            "number": self._history.next_number(),
            "at": self._clock(),
            "author": wish.author,
            "note": wish.note,
            "what": what,
            "version": tried.files.version,
            "undoes": undoes,
        }
        exchange = Exchange(
            {path: files.texts.get(path) for path in paths},
            {path: tried.files.texts.get(path) for path in paths},
            about,
        )
        try:
            self._history.make(self._source.directory, exchange)
        except OSError as refused:
            place = refused.filename or self._source.directory
            raise NotWritable(f"{place}: {refused.strerror}") from refused
        except UnicodeDecodeError:
            told = "this is no UTF-8: save it as UTF-8 by hand first"
            raise Mistakes([Mistake(str(path), 1, 1, (), told) for path in paths]) from None
        return tried

    def _foreign(self, files: SettingsFiles, tried: Tried) -> list[str]:
        """What would change beside the sections that are for operations."""
        try:
            before = loaded(files, self._source.variables).settings
        except Mistakes:  # somebody has spoilt a file by hand
            before = self._force.started
        return [name for name in differing(before, tried.loaded.settings) if name not in HOMES]

    def _moved_on(self, files: SettingsFiles) -> MovedOn:
        newest = next(iter(self._history.told(files)), None)
        if newest is not None and newest.version == files.version:
            return MovedOn(newest.author, newest.at)
        changed_at = {path: path.stat().st_mtime for path in files.texts if path.exists()}
        last = max(changed_at, key=lambda path: changed_at[path], default=None)
        if last is None:
            return MovedOn("", self._clock())
        return MovedOn("", round(changed_at[last] * 1000), [self.name_of(str(last))])

    def _needs_start(self, settings: Settings) -> tuple[str, ...]:
        return tuple(name for name in differing(self._force.started, settings) if name in AT_START)

    def _names(self, paths: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.name_of(path) for path in paths)

    def _path_of(self, files: SettingsFiles, name: str) -> File | None:
        return next((path for path in files.texts if self.name_of(str(path)) == name), None)
