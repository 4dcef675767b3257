"""Values: texts, numbers, true and false, all of bounded size."""

from __future__ import annotations

from typing import Final

Value = str | int | float | bool

MAX_TEXT: Final = 200
"""Characters of a text; longer ones are cut."""
MAX_NUMBER: Final = 10**12
"""The greatest number, and without its sign the least; what goes beyond stays there."""

KIND_WORDS: Final[dict[type, str]] = {
    str: "a text",
    float: "a number",
    bool: "true or false",
    tuple: "a list",
}
"""What the kinds are called in mistakes. Whole and broken numbers are one kind, ``float``."""


def kind_of(value: Value) -> type:
    """The kind of a value: ``str``, ``float`` (any number) or ``bool``."""
    return float if type(value) is int else type(value)


def bounded(value: Value) -> Value:
    """The value itself, or the nearest that is within the bounds."""
    if isinstance(value, str):
        return value[:MAX_TEXT]
    return value if isinstance(value, bool) else bounded_number(value)


def bounded_number(number: float) -> float:
    """The number itself, or the nearest that is within the bounds; 0 for what is no number (nan)."""
    if -MAX_NUMBER <= number <= MAX_NUMBER:
        return number
    if number > MAX_NUMBER:
        return MAX_NUMBER
    return -MAX_NUMBER if number < -MAX_NUMBER else 0
