"""Comparing and searching what was heard: normalised text and the character error rate."""

from __future__ import annotations

import unicodedata
from importlib.resources import files

# A Mandarin recogniser trained on mixed scripts writes traditional characters now and then. The file pairs
# each common one with its simplified form: traditional, simplified, traditional, simplified...
_PAIRS = (files("asr") / "data" / "simplified.txt").read_text("utf-8").replace("\n", "")
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


def character_error_rate(reference: str, hypothesis: str, language: str) -> float:
    """Return the edit distance between the comparable texts over the length of the reference.

    0.0 is a perfect transcript, 1.0 an empty one; inventions give more. An empty reference gives 0.0 for an
    empty hypothesis and 1.0 otherwise. Numerals and number words count as different.
    """
    expected = comparable_text(reference, language)
    heard = comparable_text(hypothesis, language)
    if not expected:
        return 1.0 if heard else 0.0
    return _edit_distance(expected, heard) / len(expected)


def _edit_distance(source: str, target: str) -> int:
    """Levenshtein distance, row by row (Wagner and Fischer, 1974)."""
    above = list(range(len(target) + 1))
    for row, character in enumerate(source, 1):
        current = [row]
        for column, other in enumerate(target, 1):
            current.append(min(above[column] + 1, current[-1] + 1, above[column - 1] + (character != other)))
        above = current
    return above[-1]
