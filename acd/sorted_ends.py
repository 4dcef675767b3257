"""Sorted lists that mostly grow at their end and shrink at their head, as waiting lines do."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import Any, TypeVar

_Key = TypeVar("_Key", bound=tuple[Any, ...])


def put_in(keys: list[_Key], key: _Key) -> None:
    """Put a key into sorted ones; at their end without a search."""
    if not keys or keys[-1] < key:
        keys.append(key)
    else:
        insort(keys, key)


def take_out(keys: list[_Key], key: _Key) -> None:
    """Take a key, which must be there, out of sorted ones; from their head without a search."""
    del keys[0 if keys[0] == key else bisect_left(keys, key)]
