"""Agents as a CSV file: what each row would change, and the agents as such a file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from callcenter.settings_editing.model import Change, Given, Taken
from located_yaml import Mistakes

COLUMNS: Final = ("id", "name", "skills", "groups", "queues", "dials_out")
MOST_ROWS: Final = 500
_YES, _NO = ("yes", "true", "1", "是"), ("", "no", "false", "0", "否")
_FORMULA: Final = ("=", "+", "-", "@")
"""What a spreadsheet takes for the beginning of a formula; an apostrophe before it keeps it a text."""
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class BadFile(Exception):
    """This is no such CSV file; the words say why and what cures it."""


class RowDeed(StrEnum):
    """What becomes of one row."""

    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Row:
    """One agent of the file, whose row ends in ``line``; ``changes`` make it so."""

    line: int
    agent_id: str
    name: str
    deed: RowDeed
    told: str = ""
    changes: tuple[Change, ...] = ()


def rows_of(text: str, agents: Mapping[str, Any]) -> list[Row]:
    """What each row would change of these agents, as written. Raises BadFile."""
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline=""))
    try:
        read = [(reader.line_num, row) for row in reader]
    except csv.Error as wrong:
        raise BadFile(f"this is no CSV file: {wrong}; save it as CSV in UTF-8") from None
    columns = reader.fieldnames or ()
    if {*columns} - {*COLUMNS} or not {"id", "name"} <= {*columns}:
        raise BadFile(f"the first line names the columns, id and name at least: {', '.join(COLUMNS)}")
    if not 0 < len(read) <= MOST_ROWS:
        raise BadFile(f"one file has 1 to {MOST_ROWS} rows, this one has {len(read)}")
    seen: set[str] = set()
    rows = [_row(line, row, columns, agents) for line, row in read]
    return [_once(row, seen) for row in rows]


def proved(rows: Sequence[Row], prove: Callable[[list[Change]], object]) -> list[Row]:
    """The rows, those refused whose agents would not be sound. Raises Mistakes for what is wrong beside
    them."""
    rows = list(rows)
    while changes := changes_of(rows):
        try:
            prove(changes)
            break
        except Mistakes as wrong:
            told: dict[str, list[str]] = {}
            for mistake in wrong.found:
                if mistake.path[:1] == ("agents",) and len(mistake.path) > 1:
                    told.setdefault(str(mistake.path[1]), []).append(mistake.message)
            refused = [row for row in rows if row.changes and row.agent_id in told]
            if not refused:
                raise
            rows = [_refused(row, "; ".join(told[row.agent_id])) if row in refused else row for row in rows]
    return rows


def changes_of(rows: Iterable[Row]) -> list[Change]:
    """What the rows that are not refused change together."""
    return [change for row in rows for change in row.changes]


def written(agents: Mapping[str, Any]) -> str:
    """These agents, as written, as such a file."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for agent_id, agent in agents.items():
        skills = ";".join(f"{skill}:{level}" for skill, level in (agent.get("skills") or {}).items())
        lists = (";".join(agent.get(field) or ()) for field in ("groups", "queues"))
        writer.writerow(
            [_plain(agent_id), _plain(agent["name"]), skills, *lists, "yes" if agent.get("dials_out") else ""]
        )
    return file.getvalue()


def _row(line: int, row: Mapping[str, str | None], columns: Iterable[str], agents: Mapping[str, Any]) -> Row:
    agent_id, name = (_said(row, column) for column in ("id", "name"))
    base = Row(line, agent_id, name, RowDeed.SAME)
    if None in row:
        return _refused(base, "the row has more fields than the first line names")
    if not _ID.fullmatch(agent_id):
        return _refused(base, f"'{agent_id}' is no id of an agent: letters, digits, - and _")
    if not name:
        return _refused(base, "the name is missing")
    try:
        fields = dict(_fields(row, columns))
    except ValueError as wrong:
        return _refused(base, str(wrong))
    known = agents.get(agent_id)
    if not isinstance(known, dict):
        kept = {field: value for field, value in fields.items() if value}
        return replace(base, deed=RowDeed.ADDED, changes=(Given(("agents", agent_id), kept),))
    changes = tuple(_differing(agent_id, fields, known))
    return replace(base, deed=RowDeed.CHANGED, changes=changes) if changes else base


def _fields(row: Mapping[str, str | None], columns: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """The fields that the row gives. Raises ValueError for one that cannot be understood."""
    for column in columns:
        said = _said(row, column)
        match column:
            case "name":
                yield column, said
            case "skills":
                yield column, dict(map(_skill, _parts(said)))
            case "groups" | "queues":
                yield column, _parts(said)
            case "dials_out":
                if said.lower() not in (*_YES, *_NO):
                    raise ValueError(f"dials_out is yes or no, not '{said}'")
                yield column, said.lower() in _YES


def _said(row: Mapping[str, str | None], column: str) -> str:
    said = (row.get(column) or "").strip()
    return said[1:] if said[:1] == "'" and said[1:2] in _FORMULA else said


def _skill(said: str) -> tuple[str, int]:
    skill, _, level = said.partition(":")
    if not skill.strip() or not re.fullmatch(r"[0-9]{1,3}", level.strip()):
        raise ValueError(f"a skill is written as mandarin:9, not '{said}'")
    return skill.strip(), int(level)


def _parts(said: str) -> list[str]:
    return [part.strip() for part in said.split(";") if part.strip()]


def _differing(agent_id: str, fields: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[Change]:
    for field, value in fields.items():
        path = ("agents", agent_id, field)
        if value and known.get(field) != value:
            yield Given(path, value)
        elif not value and known.get(field):
            yield Taken(path)


def _once(row: Row, seen: set[str]) -> Row:
    if row.agent_id in seen and row.deed is not RowDeed.REFUSED:
        return _refused(row, f"agent {row.agent_id} stands in this file already")
    seen.add(row.agent_id)
    return row


def _refused(row: Row, told: str) -> Row:
    return replace(row, deed=RowDeed.REFUSED, told=told, changes=())


def _plain(text: str) -> str:
    """No spreadsheet takes it for a formula."""
    return f"'{text}" if text[:1] in _FORMULA else text
