"""Changes a YAML text in a few places and leaves every other character as it stands.

What is added looks as if written by hand: on the line of its key when it fits there, and below it when not;
an entry in braces when its neighbours are. Comments stay, but for those within what is replaced or removed.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from located_yaml.document import Document, load
from located_yaml.layout import Form, Part, layout
from located_yaml.mistakes import Mistake, Mistakes, Path, did_you_mean
from located_yaml.writing import FOLDED, INDENT, entry, inline, key_of


@dataclass(frozen=True, slots=True)
class Put:
    """Gives ``path`` this value (plain data); a key that its mapping lacks, or the index behind the last one
    of a sequence, is added."""

    path: Path
    value: Any


@dataclass(frozen=True, slots=True)
class Remove:
    """Takes the entry at ``path`` away."""

    path: Path


@dataclass(frozen=True, slots=True)
class Rename:
    """Gives the key at ``path`` another name, at the same place."""

    path: Path
    key: str


Edit = Put | Remove | Rename


def edited(source: str, file: str, edits: Iterable[Edit]) -> str:
    """The text after these edits, made one after the other: its data are ``applied`` to those of ``source``.

    Raises Mistakes when the text is not sound, an edit has no place in it, or it is laid out in a way that
    this module does not master (``? key``, say).
    """
    mark = "\ufeff" if source.startswith("\ufeff") else ""
    text = source.removeprefix(mark)
    doc = load(text, file)
    for edit in edits:
        wanted = applied(doc, edit)
        try:
            text = _Text(text).after(edit)
            after = load(text, file)
        except (Mistakes, ValueError):
            after = None
        if after is None or repr(after.data) != repr(wanted):
            told = f"{dotted(edit.path)} is laid out in a way that only people change: edit it by hand"
            raise Mistakes([doc.mistake(edit.path, told)])
        doc = after
    return mark + text


def applied(doc: Document, edit: Edit) -> Any:
    """The document's data after an edit. Raises Mistakes when it has no place there."""
    data = deepcopy(doc.data)
    holder, last = data, edit.path[-1] if edit.path else ""
    for depth, step in enumerate(edit.path[:-1]):
        if not _has(holder, step):
            raise Mistakes([_misplaced(doc, edit.path[: depth + 1], holder)])
        holder = holder[step]
    if not edit.path or (not _has(holder, last) and not (isinstance(edit, Put) and _may_have(holder, last))):
        raise Mistakes([_misplaced(doc, edit.path, holder)])
    match edit:
        case Put(value=value) if isinstance(holder, list) and last == len(holder):
            holder.append(value)
        case Put(value=value):
            holder[last] = value
        case Remove():
            del holder[last]
        case Rename(key=key):
            if not isinstance(holder, dict) or (key in holder and key != last):
                told = f"{dotted(edit.path)} cannot be called '{key}', which is there already"
                raise Mistakes([doc.mistake(edit.path, told, key=True)])
            renamed = {key if name == last else name: value for name, value in holder.items()}
            holder.clear()
            holder.update(renamed)
    return data


def dotted(path: Path) -> str:
    """A path as people write it."""
    return ".".join(map(str, path))


def _has(holder: Any, step: str | int) -> bool:
    if isinstance(holder, list):
        return isinstance(step, int) and 0 <= step < len(holder)
    return isinstance(holder, dict) and step in holder


def _may_have(holder: Any, step: str | int) -> bool:
    if isinstance(holder, list):
        return step == len(holder)
    return isinstance(holder, dict) and isinstance(step, str)


def _misplaced(doc: Document, path: Path, holder: Any) -> Mistake:
    near = did_you_mean(str(path[-1]), holder) if path and isinstance(holder, dict) else ""
    return doc.mistake(path, f"there is no {dotted(path) or 'place for this'}{near}")


class _Text:
    def __init__(self, text: str) -> None:
        self.text = text
        self.root = layout(text)
        self.line_break = "\r\n" if "\r\n" in text else "\n"

    def after(self, edit: Edit) -> str:
        """The text after an edit that has its place there."""
        holder = self.root.at(edit.path[:-1])
        place = holder.index(edit.path[-1])
        match edit:
            case Rename(path=path, key=key):
                old = holder.keys[str(path[-1])]
                return self._replaced(old.start, old.end, key_of(key))
            case Put(value=value) if place is not None:
                return self._changed(holder, holder.values[place], value)
            case Put(path=path, value=value):
                return self._with(path[-1], holder, value)
            case Remove(path=path):
                assert place is not None
                return self._without(path, holder, place)

    # --- another value -------------------------------------------------------------------------------------

    def _changed(self, holder: Part, old: Part, value: Any) -> str:
        if holder.form is Form.FLOW:
            return self._replaced(old.start, old.end, self._gap(old) + inline(value, quote=old.quote))
        lead = self.text[self.text.rfind("\n", 0, old.opened) + 1 : old.opened]
        first, *below = entry(lead, value, holder.column + INDENT, quote=old.quote)
        head, end = first.removeprefix(lead), self._line_end(old.end)
        if old.form is Form.BLOCK and "\n" in self.text[old.opened : old.start]:  # on lines of its own
            kept = self.text[old.opened : old.start].rstrip()
            if "#" in kept and head == FOLDED:
                head, below = f" {inline(value)}", []
            return self._replaced(old.opened, end, self.line_break.join([head + kept, *below]))
        if not below:
            return self._replaced(old.start, old.end, self._gap(old) + head.lstrip())
        comment = self.text[old.end : end]
        return self._replaced(old.opened, end, self.line_break.join([head + comment, *below]))

    def _gap(self, old: Part) -> str:
        """What has to go before a value where there was none."""
        return " " if old.opened == old.start and self.text[old.opened - 1] in ":-" else ""

    # --- another entry -------------------------------------------------------------------------------------

    def _with(self, last: str | int, holder: Part, value: Any) -> str:
        quotes = {key.quote for key in holder.keys.values()}
        quote = quotes.pop() if len(quotes) == 1 else ""  # as its neighbours are written
        lead = f"{key_of(last, quote)}:" if isinstance(last, str) else "-"
        if holder.form is Form.FLOW:
            written = f"{lead} {inline(value)}" if isinstance(last, str) else inline(value)
            if not holder.values:
                return self._replaced(holder.start + 1, holder.start + 1, written)
            at = holder.values[-1].end
            return self._replaced(at, at, f", {written}")
        at = self._line_end(holder.end)
        first = next(iter(holder.keys.values())) if holder.keys else None
        column = first.column if first else holder.column
        lines = entry(" " * column + lead, value, column + INDENT)
        apart = [""] if self._are_apart(holder) else []
        return self._replaced(at, at, self.line_break.join(["", *apart, *lines]))

    def _are_apart(self, holder: Part) -> bool:
        """Whether empty lines stand between the entries."""
        between = zip(holder.values, holder.values[1:], strict=False)
        gaps = [self.text[one.end : following.opened].splitlines() for one, following in between]
        return bool(gaps) and any(not line.strip() for line in gaps[-1][1:-1])

    # --- one entry fewer -----------------------------------------------------------------------------------

    def _without(self, path: Path, holder: Part, index: int) -> str:
        if len(holder.values) == 1:
            return self._emptied(path, holder)
        gone = holder.values[index]
        keys = [*holder.keys.values()]
        if holder.form is Form.FLOW:
            return self._without_in_flow(holder, index)
        start = keys[index].start if keys else gone.opened - 1
        line = self.text.rfind("\n", 0, start) + 1
        end = self._line_end(gone.end)
        if not self.text[line:start].strip():
            end = self._next_line(end)
            if index == 0 or self._is_empty(self.text.rfind("\n", 0, max(0, line - 1)) + 1):
                end = self._next_line(end) if self._is_empty(end) else end
            return self._replaced(line, end, "")
        following = keys[index + 1].start if keys else holder.values[index + 1].opened - 1
        only_space = not self.text[gone.end : following].strip()
        return self._replaced(start, following if only_space else gone.end, "")

    def _without_in_flow(self, holder: Part, index: int) -> str:
        def start_of(at: int) -> int:
            return [*holder.keys.values()][at].start if holder.keys else holder.values[at].start

        gone = holder.values[index]
        if index + 1 < len(holder.values):
            return self._replaced(start_of(index), start_of(index + 1), "")
        return self._replaced(holder.values[index - 1].end, gone.end, "")

    def _emptied(self, path: Path, holder: Part) -> str:
        empty: Any = {} if holder.keys else []
        if path[:-1]:
            return self._changed(self.root.at(path[:-2]), holder, empty)
        return self._replaced(holder.start, self._line_end(holder.end), inline(empty))

    # --- the text ------------------------------------------------------------------------------------------

    def _replaced(self, start: int, end: int, by: str) -> str:
        return self.text[:start] + by + self.text[end:]

    def _next_line(self, at: int) -> int:
        found = self.text.find("\n", at)
        return found + 1 if found >= 0 else len(self.text)

    def _is_empty(self, line: int) -> bool:
        """Whether nothing stands in the line that begins here."""
        return line < len(self.text) and not self.text[line : self._line_end(line)].strip()

    def _line_end(self, at: int) -> int:
        """Where the line break of this line stands, or the text ends."""
        end = self._next_line(at)
        return at + len(self.text[at:end].rstrip("\r\n"))
