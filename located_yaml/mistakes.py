"""What is wrong in a hand-written file, told in a way its writer can act on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

Path = tuple[str | int, ...]
"""The way to a value: keys of mappings (always text) and indices of sequences, from the outside in."""


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One mistake; line and column count from 1, as editors do."""

    file: str
    line: int
    column: int
    path: Path
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class Mistakes(Exception):
    """All mistakes found together, in the order in which they stand in their files."""

    def __init__(self, found: Iterable[Mistake]) -> None:
        unique = {(m.file, m.line, m.column, m.message): m for m in found}
        self.found: tuple[Mistake, ...] = tuple(unique[place] for place in sorted(unique))
        super().__init__("\n".join(map(str, self.found)))

    def __reduce__(self) -> tuple[type[Mistakes], tuple[tuple[Mistake, ...]]]:
        """They come whole out of another process."""
        return Mistakes, (self.found,)


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """``; did you mean 'x'?`` for the name nearest to ``word``, or nothing when none is near."""
    near = get_close_matches(word, list(names), n=1, cutoff=0.6)
    return f"; did you mean '{near[0]}'?" if near else ""
