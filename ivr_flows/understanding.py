"""From what was heard to what was meant: which of the phrases of a menu the caller has said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from heard_text import comparable_text
from ivr_flows.effects import HeardWord

SYLLABIC: Final = frozenset({"zh", "yue", "ja", "ko"})
"""Languages whose recognisers put the spaces between words where they like: phrases are looked for across
them. In all others a phrase is made of whole words, so that ``no`` is not heard in ``I know``."""
UNSPACED: Final = frozenset({"zh", "yue", "ja"})
"""Languages that write no spaces."""


@dataclass(frozen=True, slots=True)
class Understood:
    """The choice, as sure as its least sure word."""

    choice: str
    confidence: float


def understood(
    words: Sequence[HeardWord], spoken: Mapping[str, Sequence[str]], language: str
) -> Understood | None:
    """The choice one of whose phrases was said, the longest phrase when there are several; None when there is
    none, or when choices are named by phrases of the same length."""
    heard = [(comparable_text(word.text, language), word.confidence) for word in words]
    found: dict[int, dict[str, float]] = {}
    for choice, phrases in spoken.items():
        for phrase in (comparable_text(phrase, language) for phrase in phrases):
            for confidence in _said(phrase, heard, whole_words=language not in SYLLABIC):
                best = found.setdefault(len(phrase), {})
                best[choice] = max(confidence, best.get(choice, 0.0))
    if not found:
        return None
    longest = found[max(found)]
    if len(longest) > 1:
        return None
    ((choice, confidence),) = longest.items()
    return Understood(choice, confidence)


def _said(phrase: str, heard: Sequence[tuple[str, float]], *, whole_words: bool) -> Iterator[float]:
    """How sure each place is at which the phrase was said."""
    text = "".join(word for word, _ in heard)
    edges = [0]
    for word, _ in heard:
        edges.append(edges[-1] + len(word))
    place = text.find(phrase) if phrase else -1
    while place >= 0:
        end = place + len(phrase)
        if not whole_words or (place in edges and end in edges):
            yield min(
                confidence
                for (word, confidence), begin in zip(heard, edges, strict=False)
                if word and begin < end and begin + len(word) > place
            )
        place = text.find(phrase, place + 1)


def joined(words: Sequence[HeardWord], language: str) -> str:
    """What was heard as one text, as the language writes it."""
    return ("" if language in UNSPACED else " ").join(word.text for word in words)
