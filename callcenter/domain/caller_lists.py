"""Lists of callers: black list, VIP, key callers, and any other that the settings name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from callcenter.domain.numbering import NumberingPlan

PREFIX: Final = "*"
"""At the end of an entry's number: all numbers that begin so."""


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One number, or all that begin with one (``02155*``), on one list, until ``expires_at`` (None: for
    good). A number is canonical, or as it was written before numbers were. Instants are ``int`` milliseconds
    since the Unix epoch, UTC."""

    entry_id: str
    list: str
    number: str = field(repr=False)
    reason: str
    author: str
    added_at: int
    expires_at: int | None = None


AS_SHOWN: Final = NumberingPlan()


def canonical_entry(number: str, plan: NumberingPlan) -> str:
    """The number of an entry, or the beginning with ``*`` after it, in the one form in which it is kept."""
    if number.endswith(PREFIX):
        return plan.canonical_beginning(number.removesuffix(PREFIX)) + PREFIX
    return plan.canonical(number)


class CallerLists:
    """All entries, found by the caller's number, whatever its spelling. Never changed once made. ``plan`` is
    that by which entries are written."""

    def __init__(self, entries: Iterable[ListEntry] = (), plan: NumberingPlan = AS_SHOWN) -> None:
        self._plan = plan
        self._by_number: dict[str, list[ListEntry]] = {}
        self._lengths: set[int] = set()
        for entry in entries:
            for number in dict.fromkeys([entry.number, canonical_entry(entry.number, plan)]):
                self._by_number.setdefault(number, []).append(entry)
                if number.endswith(PREFIX):
                    self._lengths.add(len(number) - 1)

    def of(self, caller: str, now: int, plan: NumberingPlan | None = None) -> Mapping[str, str]:
        """The lists on which this caller, shown so by a trunk of this ``plan`` (None: of that of the lists),
        is now, each with the id of the entry that says so: that of the whole number, else of the prefix that
        leaves the fewest digits open. A caller without a number is on none."""
        if not caller:
            return {}
        canonical = (plan or self._plan).canonical(caller)
        spellings = dict.fromkeys([caller, *reversed(self._plan.spellings(canonical))])
        prefixes = [
            (len(number) - length, number[:length] + PREFIX)
            for number in spellings
            for length in self._lengths
            if length <= len(number)
        ]
        by_prefix = [prefix for _, prefix in sorted(prefixes, reverse=True)]
        found: dict[str, str] = {}
        for number in (*by_prefix, *spellings):
            for entry in self._by_number.get(number, ()):
                if entry.expires_at is None or now < entry.expires_at:
                    found[entry.list] = entry.entry_id
        return found
