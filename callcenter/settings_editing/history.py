"""The changes that were made, kept with the texts that they exchanged, so that each can be undone."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from callcenter.settings.written import Exchange, SettingsFiles, begin, begun_in, carry_out, end, write_whole
from callcenter.settings_editing.model import Kept

KEPT: Final = 200
"""How many changes are kept."""
HIDDEN: Final = "********"
_PASSWORD = re.compile(r"(://[^\s/@:'\"]*:)([^\s/@'\"]+)(?=@)")


class SettingsHistory:
    """In ``directory``, each change in a file of its own, readable by its owner only. OSError where the disk
    refuses."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def make(self, settings: Path, exchange: Exchange) -> None:
        """Exchange the files of this settings' directory, and keep the change: all of it, also when the
        process dies in between (`finish`). Raises OSError."""
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        begin(settings, exchange)
        try:
            carry_out(exchange)
            self._keep(exchange)
        except OSError:
            carry_out(Exchange(exchange.after, exchange.before, exchange.about))
            end(settings)
            raise
        end(settings)

    def finish(self, settings: Path) -> None:
        """Complete the change that a dead process left half made. Raises OSError."""
        exchange = begun_in(settings)
        if exchange is not None:
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            carry_out(exchange)
            self._keep(exchange)
            end(settings)

    def next_number(self) -> int:
        """Of the change to be made."""
        return max(self._numbers(), default=0) + 1

    def exchange(self, number: int) -> Exchange | None:
        """The change of this number."""
        try:
            return Exchange.from_json(self._file(number).read_bytes())
        except (OSError, ValueError):
            return None

    def told(self, files: SettingsFiles) -> list[Kept]:
        """All changes, the newest first. The newest that is not undone can be, as long as its files are as it
        left them."""
        exchanges = {number: self.exchange(number) for number in sorted(self._numbers(), reverse=True)}
        known = {number: one for number, one in exchanges.items() if one is not None}
        undone = {one.about.get("undoes", 0): number for number, one in known.items()}
        newest = next((n for n, one in known.items() if not one.about.get("undoes") and n not in undone), 0)
        return [
            Kept(
                number=number,
                at=one.about["at"],
                author=one.about["author"],
                note=one.about["note"],
                what=tuple(one.about["what"]),
                files=tuple(path.name for path in one.after),
                diff=_diff(one),
                version=one.about["version"],
                undoes=one.about.get("undoes", 0),
                undone_by=undone.get(number, 0),
                can_be_undone=number == newest and is_as_left(one, files),
            )
            for number, one in known.items()
        ]

    def _keep(self, exchange: Exchange) -> None:
        write_whole(self._file(exchange.about["number"]), exchange.to_json(), mode=0o600)
        for number in sorted(self._numbers())[:-KEPT]:
            self._file(number).unlink(missing_ok=True)

    def _numbers(self) -> Iterator[int]:
        for file in self._directory.glob("*.json"):
            if file.stem.isdecimal():
                yield int(file.stem)

    def _file(self, number: int) -> Path:
        return self._directory / f"{number:08d}.json"


def is_as_left(exchange: Exchange, files: SettingsFiles) -> bool:
    """Whether the files that the change exchanged are still as it left them."""
    return all(files.texts.get(path) == text for path, text in exchange.after.items())


def without_secrets(text: str) -> str:
    """The text with the passwords in its addresses hidden."""
    return _PASSWORD.sub(rf"\1{HIDDEN}", text)


def with_secrets(text: str, before: str) -> str:
    """The text with what was hidden of ``before`` put back, where the address around it is the same."""
    hidden: Mapping[str, str] = {_around(found): found[2] for found in _PASSWORD.finditer(before)}

    def put_back(found: re.Match[str]) -> str:
        known = hidden.get(_around(found)) if found[2] == HIDDEN else None
        return found[0] if known is None else f"{found[1]}{known}"

    return _PASSWORD.sub(put_back, text)


def _around(found: re.Match[str]) -> str:
    """The address but for its password: by it one is told from another."""
    rest = found.string[found.end() :]
    return found[1] + re.split(r"[\s'\"]", rest, maxsplit=1)[0]


def _diff(exchange: Exchange) -> str:
    lines: list[str] = []
    for path, after in exchange.after.items():
        sides = (exchange.before.get(path) or b"", after or b"")
        old, new = (without_secrets(text.decode()).splitlines() for text in sides)
        lines += difflib.unified_diff(old, new, path.name, path.name, n=1, lineterm="")
    return "\n".join(lines)
