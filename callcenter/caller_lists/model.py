"""Entries of the lists of callers as people write them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

from callcenter.domain.caller_lists import AS_SHOWN, CallerLists, ListEntry, canonical_entry
from callcenter.domain.numbering import NumberingPlan
from located_yaml import did_you_mean

MAX_REASON: Final = 200
MOST_ROWS: Final = 2000
"""Of one CSV file."""
COLUMNS: Final = ("list", "number", "reason", "expires_on")
"""Of a CSV file; the first two are needed."""
_IGNORED: Final = str.maketrans("", "", " -()/.\t")
_NUMBER: Final = re.compile(r"\+?[0-9]{1,24}\*?")


class Deed(StrEnum):
    """What became of one entry that was to be added."""

    ADDED = "added"
    CHANGED = "changed"
    """The number was on the list already; reason, author and end are new."""
    REFUSED = "refused"


class Refused(ValueError):
    """The entry cannot be; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to be added, well-formed; ``number`` is canonical."""

    list: str
    number: str = field(repr=False)
    reason: str = ""
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class CountedEntry:
    """An entry with the calls that went its way. ``last_hit_at`` is None before the first."""

    entry: ListEntry
    hits: int = 0
    last_hit_at: int | None = None


def new_entry(
    written: Mapping[str, str | None], known: Collection[str], plan: NumberingPlan = AS_SHOWN
) -> NewEntry:
    """The entry in this row; ``known`` are the lists that there are, ``plan`` that by which numbers are
    written. Raises Refused."""
    name = (written.get("list") or "").strip()
    if name not in known:
        there = ", ".join(known) or "none: name them in the settings, section caller_lists"
        raise Refused(f"no list '{name}'{did_you_mean(name, known)}; there are: {there}")
    reason = " ".join((written.get("reason") or "").split())
    if len(reason) > MAX_REASON:
        raise Refused(f"the reason has more than {MAX_REASON} characters")
    expires_at = _end_of((written.get("expires_on") or "").strip())
    return NewEntry(name, plain_number(written.get("number") or "", plan), reason, expires_at)


def plain_number(written: str, plan: NumberingPlan = AS_SHOWN) -> str:
    """The canonical form of a number, or of the beginning of one with ``*`` after it, as people or trunks
    write it: digits, perhaps a + before them. Raises Refused."""
    number = written.translate(_IGNORED)
    if not _NUMBER.fullmatch(number):
        raise Refused("a number is written in digits, with * at the end for all that begin so: 02155*")
    return canonical_entry(number, plan)


def rows_of(reader: csv.DictReader[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file with the lines in which they end; what is not there is empty. An apostrophe that
    keeps a spreadsheet from taking +86 for a formula does not count."""
    for row in reader:
        yield reader.line_num, {name: (row.get(name) or "").removeprefix("'") for name in COLUMNS}


def rows_in(text: str) -> list[tuple[int, dict[str, str]]]:
    """The rows of this CSV file. Raises Refused for what is no such file."""
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline=""))
    try:
        rows = list(rows_of(reader))
    except csv.Error as wrong:
        raise Refused(f"this is no CSV file: {wrong}") from None
    if not {"list", "number"} <= set(reader.fieldnames or ()):
        raise Refused(f"the first line must name the columns: {', '.join(COLUMNS)}; list and number at least")
    if not 0 < len(rows) <= MOST_ROWS:
        raise Refused(f"one file has 1 to {MOST_ROWS} rows, this one has {len(rows)}")
    return rows


def last_day(entry: ListEntry) -> str:
    """The last day (UTC) on which the entry holds, as people write it; empty: for good."""
    if entry.expires_at is None:
        return ""
    return datetime.fromtimestamp((entry.expires_at - 1) / 1000, UTC).date().isoformat()


def found(
    entries: Sequence[CountedEntry], words: str, now: int, plan: NumberingPlan, *, open_numbers: bool
) -> list[CountedEntry]:
    """Those that these words are about: in the reason, the author, or as the number of a caller who would be
    met by the entry. Part of a number finds it only with ``open_numbers``: else digits that are masked could
    be guessed one by one."""
    looked_for = words.strip().lower()
    digits = words.translate(_IGNORED)
    is_number = digits.lstrip("+").isdigit()

    def is_meant(entry: ListEntry) -> bool:
        in_words = looked_for in entry.reason.lower() or looked_for in entry.author.lower()
        in_number = open_numbers and is_number and (digits.lstrip("+0") or digits) in entry.number
        return in_words or in_number or (is_number and bool(CallerLists([entry], plan).of(digits, now)))

    return [one for one in entries if is_meant(one.entry)]


def _end_of(day: str) -> int | None:
    """The end of this day, UTC."""
    if not day:
        return None
    try:
        after = date.fromisoformat(day) + timedelta(days=1)
    except (ValueError, OverflowError):
        raise Refused("expires_on is a day such as 2026-12-31, or empty") from None
    return round(datetime(after.year, after.month, after.day, tzinfo=UTC).timestamp() * 1000)
