"""Masks: patterns for digits and short texts, matched in one pass (no backtracking, so nothing can hang)."""

from __future__ import annotations

from typing import Final

DECIMALS: Final = frozenset("0123456789")


def fits(text: str, mask: str) -> bool:
    """Whether the text is as the mask says: ``#`` stands for one digit, ``?`` for any one character, a ``*``
    at the end for whatever follows (or nothing), and everything else for itself.
    """
    if mask.endswith("*"):
        mask = mask[:-1]
        text = text[: len(mask)]
    return len(text) == len(mask) and all(
        wanted in ("?", written) or (wanted == "#" and written in DECIMALS)
        for written, wanted in zip(text, mask, strict=True)
    )
