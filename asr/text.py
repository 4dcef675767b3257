"""How well speech was heard: the character error rate."""

from __future__ import annotations

from heard_text import comparable_text


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
