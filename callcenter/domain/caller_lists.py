"""Lists of callers: black list, VIP, key callers, and any other that the settings name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

PREFIX: Final = "*"
"""At the end of an entry's number: all numbers that begin so."""


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One number, or all that begin with one (``02155*``), on one list, until ``expires_at`` (None: for
    good). Instants are ``int`` milliseconds since the Unix epoch, UTC."""

    entry_id: str
    list: str
    number: str = field(repr=False)
    reason: str
    author: str
    added_at: int
    expires_at: int | None = None


class CallerLists:
    """All entries, found by the caller's number. Never changed once made."""

    def __init__(self, entries: Iterable[ListEntry] = ()) -> None:
        self._by_number: dict[str, list[ListEntry]] = {}
        self._lengths: set[int] = set()
        for entry in entries:
            self._by_number.setdefault(entry.number, []).append(entry)
            if entry.number.endswith(PREFIX):
                self._lengths.add(len(entry.number) - 1)

    def of(self, caller: str, now: int) -> Mapping[str, str]:
        """The lists on which this caller is now, each with the id of the entry that says so: that of the
        whole number, else of the longest prefix. A caller without a number is on none."""
        if not caller:
            return {}
        prefixes = [caller[:length] + PREFIX for length in sorted(self._lengths) if length <= len(caller)]
        found: dict[str, str] = {}
        for number in (*prefixes, caller):
            for entry in self._by_number.get(number, ()):
                if entry.expires_at is None or now < entry.expires_at:
                    found[entry.list] = entry.entry_id
        return found
