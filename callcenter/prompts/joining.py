"""Sentences put together from pieces that have audio: the words around a variable, figures, numbers.

A sentence is cut wherever the pieces lie, so nobody has to mark its variables: carrier texts are prepared
when a flow is loaded, the words of numbers are shipped, and what is left between them (a name) is a stretch
still to be spoken. Whatever the cut, the pieces together are exactly the words of the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from callcenter.prompts.audio import WIDEBAND_HZ, Samples, trim_silence
from callcenter.prompts.model import PromptText

_TOKEN: Final = re.compile(
    r"[\u3400-\u9fff]|[\uac00-\ud7af]|[^\W\d_](?:[^\W\d_]|['’.](?=[^\W\d_])|(?<=\.[^\W\d_])\.)*|\d+"
)
_SENTENCE_END: Final = frozenset(".。!?！？…")
_CLAUSE_END: Final = frozenset(",，、;；:：")
_SENTENCE_PAUSE_SEC, _CLAUSE_PAUSE_SEC, _WORD_PAUSE_SEC = 0.45, 0.25, 0.02
_PIECE_HEAD_SEC, _PIECE_TAIL_SEC = 0.02, 0.05
# A stretch costs far more than a piece, so that a long carrier is never given up for its first word.
_PIECE_COST, _STRETCH_COST, _WORD_COST = 1.1, 6.0, 1.25
# Where a piece of one sign touches a stretch without a gap it would rather be torn from a name (王二小).
_TEAR_COST: Final = 1.5


@dataclass(frozen=True, slots=True)
class Token:
    """One word (Latin letters), sign (Chinese), syllable (Korean) or run of figures, and where it stands."""

    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a cut sentence: ``known`` is the piece whose audio says it; None: it has to be spoken.
    ``pause_sec`` is the silence after it."""

    text: str
    known: PromptText | None
    pause_sec: float


@dataclass(frozen=True, slots=True)
class _Way:
    cost: float
    end: int
    piece: PromptText | None = None
    goes_on: bool = False


_NO_WAY: Final = _Way(float("inf"), 0)


@dataclass(slots=True)
class _Branch:
    following: dict[str, _Branch] = field(default_factory=dict)
    piece: PromptText | None = None


def tokens(text: str) -> list[Token]:
    """What is heard of a text, in order: punctuation and case make no difference."""
    return [Token(found.group().casefold(), found.start(), found.end()) for found in _TOKEN.finditer(text)]


class Pieces:
    """Texts that have audio, by language."""

    def __init__(self) -> None:
        self._roots: dict[str, _Branch] = {}

    def add(self, prompts: Iterable[PromptText]) -> None:
        """These can be played from now on; one that says the same words as another stands in for it."""
        for prompt in prompts:
            branch = self._roots.setdefault(prompt.language, _Branch())
            for token in tokens(prompt.text):
                branch = branch.following.setdefault(token.word, _Branch())
            branch.piece = prompt

    def cut(self, prompt: PromptText) -> list[Part]:
        """The sentence in as few pieces and stretches as it takes; [] when nothing of it can be heard.

        Takes time in proportion to its length times that of the longest carrier in it.
        """
        words = tokens(prompt.text)
        pieces: list[_Way] = [_NO_WAY] * (len(words) + 1)  # the best way on from here by a piece
        stretch: list[_Way] = [_NO_WAY] * (len(words) + 1)  # and by a word of a stretch
        for at in reversed(range(len(words))):
            on, over = stretch[at + 1], pieces[at + 1]
            change = over.cost + _torn(words, at + 1, over.end)
            last = at + 1 == len(words)
            stretch[at] = _Way(
                _WORD_COST + (0 if last else min(on.cost, change)), at + 1, None, on.cost < change
            )
            for end, piece in self._from(prompt.language, words, at):
                torn = _torn(words, end, 2 * end - at)  # as long as the piece before it
                after = min(pieces[end].cost, _STRETCH_COST + stretch[end].cost + torn)
                way = _Way(_PIECE_COST + (0 if end == len(words) else after), end, piece)
                pieces[at] = min(pieces[at], way, key=lambda each: each.cost)
        return _parts(prompt.text, words, pieces, stretch)

    def _from(self, language: str, words: Sequence[Token], at: int) -> Iterable[tuple[int, PromptText]]:
        branch = self._roots.get(language)
        while branch is not None and at < len(words):
            branch, at = branch.following.get(words[at].word), at + 1
            if branch is not None and branch.piece is not None:
                yield at, branch.piece


def _torn(words: Sequence[Token], at: int, end: int) -> float:
    """What it costs that a stretch and a piece of ``end - at`` words meet before word ``at``."""
    glued = 0 < at < len(words) and words[at - 1].end == words[at].start
    return _TEAR_COST if glued and end - at == 1 else 0.0


def _parts(text: str, words: Sequence[Token], pieces: Sequence[_Way], stretch: Sequence[_Way]) -> list[Part]:
    parts: list[Part] = []
    at = 0
    while at < len(words):
        way = pieces[at] if pieces[at].cost <= _STRETCH_COST + stretch[at].cost else stretch[at]
        end = way.end
        if way.piece is None:
            while stretch[end - 1].goes_on and end < len(words):
                end += 1
        after = words[end].start if end < len(words) else words[end - 1].end
        pause_sec = _pause_sec(text[words[end - 1].end : after])
        parts.append(Part(text[words[at].start : words[end - 1].end], way.piece, pause_sec))
        at = end
    return parts


def _pause_sec(between: str) -> float:
    signs = set(between)
    if signs & _SENTENCE_END:
        return _SENTENCE_PAUSE_SEC
    return _CLAUSE_PAUSE_SEC if signs & _CLAUSE_END else _WORD_PAUSE_SEC


def join(heard: Iterable[tuple[Samples, float]]) -> Samples:
    """One sound of levelled 16 kHz pieces, each with the pause after it (seconds); raises AudioError when a
    piece is silent."""
    sounds: list[Samples] = []
    for samples, pause_sec in heard:
        sounds.append(trim_silence(samples, WIDEBAND_HZ, _PIECE_HEAD_SEC, _PIECE_TAIL_SEC))
        sounds.append(np.zeros(round(pause_sec * WIDEBAND_HZ), dtype=np.float32))
    return trim_silence(np.concatenate(sounds), WIDEBAND_HZ)
