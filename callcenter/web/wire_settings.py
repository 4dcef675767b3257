"""The JSON shapes of the settings as people change them. See ``wire``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from callcenter.web.wire import WHOLE, Instant, Wire
from callcenter.web.wire_problems import WrittenMistake

Step = Annotated[str, Field(min_length=1, max_length=200)] | Annotated[int, Field(ge=0, le=10_000), WHOLE]
EntryPath = Annotated[list[Step], Field(min_length=1, max_length=12)]
"""The way to an entry: names, and places in lists (from 0), such as agents, 1001, skills."""
Version = Annotated[str, Field(min_length=1, max_length=64)]
Note = Annotated[str, Field(max_length=400)]


class SettingsPlace(Wire):
    """Where something is written; the line counts from 1."""

    file: str
    line: int


class SettingsPart(Wire):
    """A section as it is written (``data``: null where it stands in no file). ``places`` tells where each of
    its entries stands, by name, and under the empty name the section itself. ``fixed`` are the paths that a
    variable of the environment sets, each with its name: they cannot be changed here. ``defaults`` holds for
    the fields that an entry leaves out. ``at_start_only``: a change comes in force by the next start."""

    name: str
    data: Any
    places: dict[str, SettingsPlace]
    fixed: dict[str, str]
    defaults: dict[str, Any]
    at_start_only: bool


class SettingsAnswer(Wire):
    """What is written now. ``version`` names it: whoever changes something says which version was seen.
    ``why_fixed`` is not empty where nothing can be written, and tells why. ``needs_start`` are the sections
    that are written otherwise than at the start and wait for the next one."""

    version: str
    sections: list[SettingsPart]
    files: list[str]
    needs_start: list[str]
    why_fixed: str


class SettingsGiven(Wire):
    """The entry gets this value; one that is not there is added."""

    path: EntryPath
    value: Any


class SettingsTaken(Wire):
    """The entry goes."""

    path: EntryPath
    remove: Literal[True]


class SettingsRenamed(Wire):
    """The entry is called so from now on; a skill also where agents and queues name it."""

    path: EntryPath
    rename: Annotated[str, Field(min_length=1, max_length=200)]


SettingsChange = SettingsGiven | SettingsTaken | SettingsRenamed
Changes = Annotated[list[SettingsChange], Field(min_length=1, max_length=1000)]


class SettingsCheckRequest(Wire):
    """Would these changes be sound?"""

    changes: Changes


class SettingsCheckAnswer(Wire):
    """They would; these files would change."""

    files: list[str]


class SettingsRequest(Wire):
    """Changes, made in this order, all or none, upon the version that was seen. ``note`` says why."""

    version: Version
    note: Note = ""
    changes: Changes


class SettingsSaved(Wire):
    """What is written now, and whether the centre works by it: ``in_force``, but for the sections of
    ``needs_start``, which wait for the next start. Not in force: ``mistakes`` tells what the running centre
    refuses."""

    version: str
    files: list[str]
    in_force: bool
    needs_start: list[str]
    mistakes: list[WrittenMistake]


class SettingsFileAnswer(Wire):
    """The text of a file. Passwords in addresses are shown as ********; left so, they stay."""

    name: str
    text: str
    version: str


FileText = Annotated[str, Field(max_length=500_000)]


class SettingsFileCheck(Wire):
    """Could the file say this?"""

    text: FileText


class SettingsFileRequest(Wire):
    """Let the file say this, upon the version that was seen."""

    version: Version
    note: Note = ""
    text: FileText


class SettingsKept(Wire):
    """One change that was made: its paths, its files, the lines. ``undoes`` and ``undone_by`` are numbers of
    others (0: none)."""

    number: int
    at: Instant
    author: str
    note: str
    what: list[str]
    files: list[str]
    diff: str
    undoes: int
    undone_by: int
    can_be_undone: bool


class SettingsHistoryAnswer(Wire):
    """The changes that were made, the newest first, and the version of what is written now."""

    changes: list[SettingsKept]
    version: str


class SettingsUndoRequest(Wire):
    """Undo the newest change that is not undone, which is this one."""

    version: Version
    number: Annotated[int, Field(ge=1), WHOLE]
    note: Note = ""


# --- agents as a CSV file ----------------------------------------------------------------------------------


class AgentRowDeed(StrEnum):
    """What becomes of one row."""

    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


Csv = Annotated[str, Field(min_length=1, max_length=200_000)]


class AgentImportCheck(Wire):
    """A CSV file whose first line names its columns: id, name and perhaps skills
    (``mandarin:9;complaints:5``), groups and queues (``day;late``), dials_out (yes). Who is there already is
    changed in these columns."""

    csv: Csv


class AgentImportRequest(Wire):
    """The same, to be done upon the version that was seen. Rows that are refused are left out."""

    version: Version
    note: Note = ""
    csv: Csv


class AgentRow(Wire):
    """What becomes of the row that ends in ``line``; ``told`` says why it is refused."""

    line: int
    agent_id: str
    name: str
    deed: AgentRowDeed
    told: str


class AgentImportAnswer(Wire):
    """What becomes, or became, of each row; ``saved`` is null when nothing was written."""

    results: list[AgentRow]
    saved: SettingsSaved | None
