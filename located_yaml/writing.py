"""Values as the YAML that ``located_yaml.load`` reads back as the very same values."""

from __future__ import annotations

import json
import textwrap
from typing import Any, Final

from located_yaml.document import load
from located_yaml.mistakes import Mistakes

WIDTH: Final = 110
INDENT: Final = 2
FOLDED: Final = " >-"
"""Opens a text on the lines below."""


def inline(value: Any, quote: str = "") -> str:
    """On one line, fit to stand between braces too. A text keeps this quote where it can."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key_of(key)}: {inline(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(inline, value))}]"
    if not isinstance(value, str):
        return json.dumps(value)
    for written in [_quoted(value)] if quote == "'" else (value, _quoted(value)):
        if quote != '"' and "\n" not in written and _reads_as(f"{{a: {written}}}", {"a": value}):
            return written
    return _escaped(value)


def key_of(name: str, quote: str = "") -> str:
    """A key, which is a text whatever it looks like; in this quote where it can be."""
    for written in [_quoted(name)] if quote == "'" else (name, _quoted(name)):
        if "\n" not in written and _reads_as(f"{{{written}: 1}}", {name: 1}):
            return written
    return _escaped(name)


def entry(lead: str, value: Any, column: int, quote: str = "") -> list[str]:
    """The lines of a value behind ``lead`` (its line as far as the colon of its key, or its dash); what does
    not go on that line stands below, at ``column``."""
    short = f"{lead} {inline(value, quote)}"
    if len(short) > WIDTH and value and not isinstance(value, int | float):
        if isinstance(value, str):
            return _folded(lead, value, column) or [short]
        below = _block(value, column)
        return [f"{lead} {below[0].lstrip()}", *below[1:]] if lead.endswith("-") else [lead, *below]
    return [short]


def _block(value: dict[str, Any] | list[Any], column: int) -> list[str]:
    indent = " " * column
    if isinstance(value, dict):
        entries = [entry(f"{indent}{key_of(key)}:", inner, column + INDENT) for key, inner in value.items()]
    else:
        entries = [entry(f"{indent}-", inner, column + INDENT) for inner in value]
    return [line for lines in entries for line in lines]


def _folded(lead: str, text: str, column: int) -> list[str]:
    indent = " " * column
    lines = textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        expand_tabs=False,
    )
    read_back = len(lines) > 1 and _reads_as("\n".join([f"a:{FOLDED}", *lines]), {"a": text})
    return [lead + FOLDED, *lines] if read_back else []


def _reads_as(text: str, value: Any) -> bool:
    try:
        return repr(load(text, "").data) == repr(value)
    except Mistakes:
        return False


def _quoted(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _escaped(text: str) -> str:
    """In double quotes, which can hold everything."""
    return f'"{"".join(map(_sign, text))}"'


def _sign(sign: str) -> str:
    if sign in '"\\':
        return f"\\{sign}"
    return sign if sign.isprintable() else "\\n" if sign == "\n" else f"\\U{ord(sign):08x}"
