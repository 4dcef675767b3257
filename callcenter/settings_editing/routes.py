"""The settings over HTTP, for operations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from aiohttp import hdrs, web

from callcenter.audit.model import AuditDeed
from callcenter.settings_editing.agents_csv import BadFile, Row
from callcenter.settings_editing.model import (
    Change,
    Given,
    Kept,
    MovedOn,
    NothingToUndo,
    NotWritable,
    NotYours,
    Renamed,
    Saved,
    Section,
    Taken,
    Wish,
)
from callcenter.settings_editing.service import SettingsEditing
from callcenter.web import wire_settings as wire
from callcenter.web.access import ROLES, Access, Media, Route, session_of
from callcenter.web.noting import ABOUT, Noted
from callcenter.web.problems import ApiProblem, forbidden, not_found
from callcenter.web.requests import answer, read_body
from callcenter.web.wire import instant
from callcenter.web.wire_problems import WrittenMistake
from located_yaml import Mistake, Mistakes

LARGEST_CHANGES, LARGEST_FILE = 512 * 1024, 2 * 1024 * 1024


class SettingsRoutes:
    """What is wrong is answered whole: 422 with every mistake at its place; 409 says who was quicker."""

    def __init__(self, editing: SettingsEditing) -> None:
        self._editing = editing

    def table(self) -> tuple[Route, ...]:
        """Every route with its access."""
        return (*self._of_entries(), *self._of_files(), *self._of_agents())

    def _of_entries(self) -> tuple[Route, ...]:
        day, here, changed = Access.OPERATION, "/api/settings", Noted(AuditDeed.SETTINGS_CHANGED, ("note",))
        saved, clash = wire.SettingsSaved, (409,)
        return (
            Route("GET", here, day, self.seen, answers=wire.SettingsAnswer),
            Route(
                "POST", here, day, self.save, wire.SettingsRequest, saved, changed, clash,
                largest=LARGEST_CHANGES,
            ),
            Route(
                "POST", f"{here}/check", day, self.check, wire.SettingsCheckRequest, wire.SettingsCheckAnswer,
                largest=LARGEST_CHANGES,
            ),
            Route("GET", f"{here}/history", day, self.history, answers=wire.SettingsHistoryAnswer),
            Route("POST", f"{here}/undo", day, self.undo, wire.SettingsUndoRequest, saved, changed, clash),
        )  # fmt: skip

    def _of_files(self) -> tuple[Route, ...]:
        day, file = Access.OPERATION, "/api/settings/files/{name}"
        changed = Noted(AuditDeed.SETTINGS_CHANGED, ("note",))
        return (
            Route("GET", file, day, self.file, answers=wire.SettingsFileAnswer),
            Route(
                "POST", file, day, self.write_file, wire.SettingsFileRequest, wire.SettingsSaved, changed,
                (409,), largest=LARGEST_FILE,
            ),
            Route(
                "POST", f"{file}/check", day, self.check_file, wire.SettingsFileCheck, status=204,
                largest=LARGEST_FILE,
            ),
        )  # fmt: skip

    def _of_agents(self) -> tuple[Route, ...]:
        day, here = Access.OPERATION, "/api/settings/agents"
        changed, told = Noted(AuditDeed.SETTINGS_CHANGED, ("note",)), wire.AgentImportAnswer
        return (
            Route("GET", f"{here}/export", day, self.agents_file, answers=Media("text/csv")),
            Route(
                "POST", f"{here}/check", day, self.check_agents, wire.AgentImportCheck, told,
                largest=LARGEST_CHANGES,
            ),
            Route(
                "POST", f"{here}/import", day, self.import_agents, wire.AgentImportRequest, told, changed,
                (409,), largest=LARGEST_CHANGES,
            ),
        )  # fmt: skip

    async def seen(self, _: web.Request) -> web.Response:
        """GET /api/settings: what can be changed of the settings, as it is written"""
        with self._refusals():
            seen = await self._editing.seen()
        return answer(
            wire.SettingsAnswer(
                version=seen.version,
                sections=[*map(_part, seen.sections)],
                files=list(seen.files),
                needs_start=list(seen.needs_start),
                why_fixed=seen.why_fixed,
            )
        )

    async def save(self, request: web.Request) -> web.Response:
        """POST /api/settings: change entries, all or none

        The files keep their comments and layout. What is sound is in force at once, but for the sections that
        only a start puts in force (``needs_start``).
        """
        asked = await read_body(request, wire.SettingsRequest)
        changes = [*map(_change, asked.changes)]
        request[ABOUT] = ", ".join(".".join(map(str, change.path)) for change in changes)
        with self._refusals():
            saved = await self._editing.save(_wish(request, asked.version, asked.note), changes)
        return answer(self._saved(saved))

    async def check(self, request: web.Request) -> web.Response:
        """POST /api/settings/check: whether changes would be sound; nothing is written"""
        asked = await read_body(request, wire.SettingsCheckRequest)
        with self._refusals():
            files = await self._editing.check([*map(_change, asked.changes)])
        return answer(wire.SettingsCheckAnswer(files=list(files)))

    async def history(self, _: web.Request) -> web.Response:
        """GET /api/settings/history: the changes that were made over the API"""
        kept, version = await self._editing.history()
        return answer(wire.SettingsHistoryAnswer(changes=[*map(_kept, kept)], version=version))

    async def undo(self, request: web.Request) -> web.Response:
        """POST /api/settings/undo: undo the newest change that is not undone"""
        asked = await read_body(request, wire.SettingsUndoRequest)
        request[ABOUT] = f"undo {asked.number}"
        with self._refusals():
            saved = await self._editing.undo(_wish(request, asked.version, asked.note), asked.number)
        return answer(self._saved(saved))

    async def file(self, request: web.Request) -> web.Response:
        """GET /api/settings/files/{name}: the text of a file"""
        name = request.match_info["name"]
        found = await self._editing.file(name)
        if found is None:
            raise _no_such_file()
        return answer(wire.SettingsFileAnswer(name=name, text=found[0], version=found[1]))

    async def write_file(self, request: web.Request) -> web.Response:
        """POST /api/settings/files/{name}: the whole text of a file, comments and all"""
        asked = await read_body(request, wire.SettingsFileRequest)
        wish = _wish(request, asked.version, asked.note)
        with self._refusals():
            saved = await self._editing.write_file(wish, request.match_info["name"], asked.text)
        if saved is None:
            raise _no_such_file()
        return answer(self._saved(saved))

    async def check_file(self, request: web.Request) -> web.Response:
        """POST /api/settings/files/{name}/check: whether the file could say this; nothing is written"""
        asked = await read_body(request, wire.SettingsFileCheck)
        with self._refusals():
            known = await self._editing.check_file(request.match_info["name"], asked.text)
        if not known:
            raise _no_such_file()
        return web.Response(status=204)

    async def agents_file(self, _: web.Request) -> web.Response:
        """GET /api/settings/agents/export: the agents as a CSV file, fit to be imported again"""
        with self._refusals():
            text = await self._editing.agents_file()
        named = {hdrs.CONTENT_DISPOSITION: 'attachment; filename="agents.csv"'}
        body = text.encode("utf-8-sig")
        return web.Response(body=body, content_type="text/csv", charset="utf-8", headers=named)

    async def check_agents(self, request: web.Request) -> web.Response:
        """POST /api/settings/agents/check: what a CSV file of agents would change, row by row"""
        asked = await read_body(request, wire.AgentImportCheck)
        with self._refusals():
            rows = await self._editing.check_agents(asked.csv)
        return answer(wire.AgentImportAnswer(results=[*map(_row, rows)], saved=None))

    async def import_agents(self, request: web.Request) -> web.Response:
        """POST /api/settings/agents/import: add and change agents by a CSV file, row by row"""
        asked = await read_body(request, wire.AgentImportRequest)
        with self._refusals():
            rows, saved = await self._editing.import_agents(
                _wish(request, asked.version, asked.note), asked.csv
            )
        request[ABOUT] = "agents: " + ", ".join(row.agent_id for row in rows if row.changes)
        on_wire = None if saved is None else self._saved(saved)
        return answer(wire.AgentImportAnswer(results=[*map(_row, rows)], saved=on_wire))

    def _saved(self, saved: Saved) -> wire.SettingsSaved:
        return wire.SettingsSaved(
            version=saved.version,
            files=list(saved.changed),
            in_force=saved.in_force,
            needs_start=list(saved.needs_start),
            mistakes=self._mistakes(saved.mistakes),
        )

    def _mistakes(self, found: Iterable[Mistake]) -> list[WrittenMistake]:
        return [
            WrittenMistake(
                file=self._editing.name_of(one.file) if one.file else "",
                line=one.line,
                column=one.column,
                path=list(one.path),
                message=one.message,
            )
            for one in found
        ]

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        """What the settings refuse is a problem with its cure."""
        try:
            yield
        except Mistakes as wrong:
            what, cure = f"{len(wrong.found)} mistakes: {wrong.found[0].message}", "Correct them all."
            raise ApiProblem(
                422, "settings_mistakes", what, cure, told={"mistakes": self._mistakes(wrong.found)}
            ) from None
        except MovedOn as moved:
            who = moved.author or f"by hand, in {', '.join(moved.files) or 'a file that is gone'}"
            what = f"The settings have been changed meanwhile ({who}, {instant(moved.at)})."
            told = {"changed_by": moved.author, "changed_at": instant(moved.at)}
            raise ApiProblem(
                409, "settings_moved_on", what, "Look at them again, and repeat what you want.", told=told
            ) from None
        except NotYours as refused:
            raise forbidden(f"Only administrators change {refused}.") from None
        except NotWritable as refused:
            raise ApiProblem(
                409, "settings_not_writable", f"The settings cannot be written: {refused}",
                "Let the centre's user write that directory, or edit the files on its machine.",
            ) from None  # fmt: skip
        except NothingToUndo:
            raise ApiProblem(
                409, "nothing_to_undo", "This change cannot be undone: files were changed since.",
                "GET /api/settings/history tells which can.",
            ) from None  # fmt: skip
        except BadFile as wrong:
            raise ApiProblem(
                422, "bad_agents_file", str(wrong), "Correct the file, and send it again."
            ) from None


def _wish(request: web.Request, version: str, note: str) -> Wish:
    user = session_of(request).user
    return Wish(version, user.name, note.strip(), user.role in ROLES[Access.ADMINISTRATION])


def _change(asked: wire.SettingsChange) -> Change:
    path = tuple(asked.path)
    match asked:
        case wire.SettingsGiven(value=value):
            return Given(path, value)
        case wire.SettingsTaken():
            return Taken(path)
        case wire.SettingsRenamed(rename=name):
            return Renamed(path, name)


def _part(section: Section) -> wire.SettingsPart:
    places = {name: wire.SettingsPlace(file=file, line=line) for name, (file, line) in section.places.items()}
    return wire.SettingsPart(
        name=section.name,
        data=section.data,
        places=places,
        fixed=dict(section.fixed),
        defaults=dict(section.defaults),
        at_start_only=section.at_start_only,
    )


def _kept(kept: Kept) -> wire.SettingsKept:
    return wire.SettingsKept(
        number=kept.number,
        at=instant(kept.at),
        author=kept.author,
        note=kept.note,
        what=list(kept.what),
        files=list(kept.files),
        diff=kept.diff,
        undoes=kept.undoes,
        undone_by=kept.undone_by,
        can_be_undone=kept.can_be_undone,
    )


def _row(row: Row) -> wire.AgentRow:
    return wire.AgentRow(
        line=row.line,
        agent_id=row.agent_id,
        name=row.name,
        deed=wire.AgentRowDeed(row.deed.value),
        told=row.told,
    )


def _no_such_file() -> ApiProblem:
    return not_found("There is no such file.", "GET /api/settings lists them.")
