"""What surrounds Whisper: cutting long speech into windows, and telling heard text from inventions."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("faster_whisper")

from asr.whisper_recognizer import is_plausible, spoken_words, windows

RATE = 16000


def speech(seconds: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Loud noise in place of speech."""
    return np.random.default_rng(1).normal(0, 0.1, int(seconds * RATE)).astype(np.float32)


def test_short_speech_is_one_window() -> None:
    """Up to 28 s nothing is cut."""
    assert windows(speech(28)) == [(0, 28 * RATE)]


def test_long_speech_is_cut_where_it_is_quiet() -> None:
    """Windows follow each other without gap or overlap, the first ending in the pause at 24 s."""
    audio = speech(70)
    audio[int(23.8 * RATE) : int(24.2 * RATE)] = 0
    cuts = windows(audio)
    assert cuts[0][1] / RATE == pytest.approx(24, abs=0.3)
    assert [cuts[0][0], cuts[-1][1]] == [0, len(audio)]
    assert all(earlier[1] == later[0] for earlier, later in pairwise(cuts))
    assert max(end - start for start, end in cuts) <= 28 * RATE


def test_nothing_and_a_click_are_no_window() -> None:
    """Less than 100 ms is not worth a decoding."""
    assert windows(speech(0)) == []
    assert windows(speech(0.09)) == []


def found(**changes: object) -> SimpleNamespace:
    """A segment as faster-whisper gives it: ten characters in three seconds."""
    words = [SimpleNamespace(start=0.0, end=1.0), SimpleNamespace(start=1.0, end=3.0)]
    heard = {
        "text": "我想反映一下路灯坏了",
        "words": words,
        "compression_ratio": 0.8,
        "no_speech_prob": 0.05,
        "avg_logprob": -0.3,
    }
    return SimpleNamespace(**(heard | changes))


def test_heard_text_is_plausible() -> None:
    """Ten characters in three seconds are speech."""
    assert is_plausible(found(), "zh")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"compression_ratio": 5.7}, id="loop"),
        pytest.param({"text": "作词作曲" * 15}, id="faster than anyone speaks"),
        pytest.param({"no_speech_prob": 0.9, "avg_logprob": -1.4}, id="unsure words in silence"),
        pytest.param({"words": []}, id="no words"),
    ],
)
def test_inventions_are_not(changes: dict[str, object]) -> None:
    """Loops, bursts of text and guesses at silence are dropped."""
    assert not is_plausible(found(**changes), "zh")


@pytest.mark.parametrize(
    ("heard", "kept"),
    [
        (["好", "得", "以下是", "普通话的", "句子"], ["好", "得"]),
        (["以下是普通话的句子", "路灯", "坏了"], ["路灯", "坏了"]),
        (["路灯", "坏了"], ["路灯", "坏了"]),
        (["以下", "是", "普通话的", "句子"], []),
    ],
)
def test_the_prompt_that_primed_whisper_was_not_said(heard: list[str], kept: list[str]) -> None:
    """Its own prompt, repeated, is left out; everything around it stays."""
    words = [SimpleNamespace(word=word) for word in heard]
    assert [word.word for word in spoken_words(words, "zh")] == kept
