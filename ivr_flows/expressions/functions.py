"""The functions that expressions may call, with the kinds of what they take and give.

Each is total (it answers for every value of the right kinds), and takes time and memory in proportion to its
bounded arguments.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ivr_flows.expressions.values import MAX_TEXT, Value, bounded_number
from ivr_flows.masks import fits


class Texts:
    """Kind of an argument: a text, or a list of texts in parentheses."""


class Same:
    """Kind of an argument or of what is given: any, but the same wherever it stands in one call."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function expressions may call. ``takes`` and ``gives`` are kinds, or the marks above."""

    takes: tuple[type, ...]
    gives: type
    call: Callable[..., Value]


_NUMBER: Final = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")


def _length(text: str) -> int:
    return len(text)


def _round(number: float) -> int:
    """Halves go up, as at school."""
    return math.floor(bounded_number(number) + 0.5)


def _least(one: float, other: float) -> float:
    return min(bounded_number(one), bounded_number(other))


def _greatest(one: float, other: float) -> float:
    return max(bounded_number(one), bounded_number(other))


def plain(value: Value) -> str:
    """A value as a person writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else _text(value)


def _text(number: float) -> str:
    """As a person writes it: ``2``, ``2.5``, at most six places."""
    number = bounded_number(number)
    if number == int(number):
        return str(int(number))
    return f"{number:.6f}".rstrip("0").rstrip(".")


def _number(text: str, default: float) -> float:
    """The default for a text that is no number of at most 12 digits and 6 places."""
    if not _NUMBER.fullmatch(text):
        return bounded_number(default)
    return float(text) if "." in text else int(text)


def _if_else(condition: bool, then: Any, otherwise: Any) -> Any:
    return then if condition else otherwise


FUNCTIONS: Final[Mapping[str, Function]] = {
    "starts_with": Function((str, Texts), bool, str.startswith),
    "ends_with": Function((str, Texts), bool, str.endswith),
    "contains": Function((str, str), bool, lambda text, part: part in text),
    "matches": Function((str, str), bool, fits),
    "length": Function((str,), float, _length),
    "lower": Function((str,), str, lambda text: text.lower()[:MAX_TEXT]),
    "upper": Function((str,), str, lambda text: text.upper()[:MAX_TEXT]),
    "min": Function((float, float), float, _least),
    "max": Function((float, float), float, _greatest),
    "round": Function((float,), float, _round),
    "text": Function((float,), str, _text),
    "number": Function((str, float), float, _number),
    "if_else": Function((bool, Same, Same), Same, _if_else),
}
