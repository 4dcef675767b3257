"""Heard speech as text to be compared: whoever recognises it and whoever understands it agree on one form."""

from __future__ import annotations

import unicodedata
from importlib.resources import files

# A Mandarin recogniser trained on mixed scripts writes traditional characters now and then. The file pairs
# each common one with its simplified form: traditional, simplified, traditional, simplified...
_PAIRS = (files("heard_text") / "simplified.txt").read_text("utf-8").replace("\n", "")
_TO_SIMPLIFIED = str.maketrans(_PAIRS[::2], _PAIRS[1::2])


def simplified(text: str) -> str:
    """Return Chinese text in simplified characters; rare traditional ones stay."""
    return text.translate(_TO_SIMPLIFIED)


def search_text(text: str, language: str) -> str:
    """Return `text` in the one form under which it is stored and searched.

    Unicode compatibility forms are unified (NFKC), case is folded, white space becomes single spaces, and
    Chinese is written in simplified characters.
    """
    unified = unicodedata.normalize("NFKC", text).casefold()
    if language == "zh":
        unified = simplified(unified)
    return " ".join(unified.split())


def comparable_text(text: str, language: str) -> str:
    """Return the letters and digits of `text` alone: what two transcripts of the same speech share."""
    return "".join(character for character in search_text(text, language) if character.isalnum())
