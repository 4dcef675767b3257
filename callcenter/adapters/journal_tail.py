"""What a running controller journals from now on, for a command beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from callcenter.adapters.journal_segments import SNAPSHOT
from callcenter.domain.codec import decode_line
from callcenter.domain.events import DomainEvent


class JournalTail:
    """Reads on in the segments of a journal, from where they end when it is made."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._read: dict[str, int] = {}
        self.news(())

    def news(self, kinds: Sequence[str]) -> list[DomainEvent]:
        """The events of these kinds written since the last call, in order; a line still being written is left
        for the next. Never waits."""
        marks = tuple(f'"kind":"{kind}"'.encode() for kind in kinds)
        found = []
        for path in self._segments():
            try:
                with path.open("rb") as file:
                    file.seek(self._read.get(path.name, 0))
                    written = file.read()
            except FileNotFoundError:  # the controller has just cleared it away
                continue
            whole = written.rfind(b"\n") + 1
            self._read[path.name] = self._read.get(path.name, 0) + whole
            for line in written[:whole].splitlines():
                if not line.startswith(SNAPSHOT) and any(mark in line for mark in marks):
                    event = decode_line(line)[1]
                    if type(event).__name__ in kinds:
                        found.append(event)
        return found

    def _segments(self) -> list[Path]:
        return sorted(self._directory.glob("journal-*.jsonl"))
