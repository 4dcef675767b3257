"""Entries of the lists of callers as people write them."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

from callcenter.domain.caller_lists import AS_SHOWN, ListEntry, canonical_entry
from callcenter.domain.numbering import NumberingPlan
from located_yaml import did_you_mean

MAX_REASON: Final = 200
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
    """The rows of a CSV file with the lines in which they end; what is not there is empty."""
    for row in reader:
        yield reader.line_num, {name: row.get(name) or "" for name in COLUMNS}


def _end_of(day: str) -> int | None:
    """The end of this day, UTC."""
    if not day:
        return None
    try:
        after = date.fromisoformat(day) + timedelta(days=1)
    except (ValueError, OverflowError):
        raise Refused("expires_on is a day such as 2026-12-31, or empty") from None
    return round(datetime(after.year, after.month, after.day, tzinfo=UTC).timestamp() * 1000)
