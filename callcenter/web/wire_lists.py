"""The JSON shapes of the lists of callers. See ``wire``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from callcenter.caller_lists.model import Deed
from callcenter.web.wire import Instant, Wire


class CallerListRequest(Wire):
    """One list by name; without it, all. ``search``: only what these words are about (reason, author, or the
    number of a caller)."""

    list: Annotated[str, Field(max_length=64)] | None = None
    search: Annotated[str, Field(max_length=64)] = ""


class CallerListPageRequest(CallerListRequest):
    """The same, the first ``limit`` of them (0: all)."""

    limit: Annotated[int, Field(ge=0, le=100_000)] = 0


class CallerListEntry(Wire):
    """One number (or, with ``*`` at its end, all that begin so) on a list of callers. ``hits`` are the calls
    that went its way; ``expires_at`` null: for good."""

    entry_id: str
    list: str
    number: str
    reason: str
    author: str
    added_at: Instant
    expires_at: Instant | None
    hits: int
    last_hit_at: Instant | None


class CallerListAnswer(Wire):
    """The lists that there are, with what people call them, and entries."""

    lists: dict[str, str]
    entries: list[CallerListEntry]
    total: int = 0
    """How many there are, of which the first may be shown only."""


class NewCallerListEntry(Wire):
    """An entry to be added. ``expires_on`` is its last day (2026-12-31, UTC); null or empty: for good."""

    list: Annotated[str, Field(max_length=64)]
    number: Annotated[str, Field(max_length=64)]
    reason: Annotated[str, Field(max_length=400)] = ""
    expires_on: Annotated[str, Field(max_length=10)] | None = None


class CallerListEntries(Wire):
    """Entries to be added, or to take the place of those with the same list and number."""

    entries: Annotated[list[NewCallerListEntry], Field(min_length=1, max_length=100)]


class CallerListResult(Wire):
    """What became of one of them; ``told`` says why it was refused."""

    deed: Deed
    told: str


class CallerListImport(Wire):
    """A CSV file whose first line names its columns: list, number and perhaps reason, expires_on. Whoever is
    on the list already is changed. ``dry_run``: only say what would become of each row."""

    csv: Annotated[str, Field(min_length=1, max_length=200_000)]
    dry_run: bool = False


class CallerListRow(Wire):
    """What became (or would become) of the row that ends in ``line``; ``told`` says why it is refused."""

    line: int
    list: str
    number: str
    deed: Deed
    told: str


class CallerListRows(Wire):
    """Each row of the file, in its order."""

    rows: list[CallerListRow]


class CallerListResults(Wire):
    """What became of each, in the order asked."""

    results: list[CallerListResult]
