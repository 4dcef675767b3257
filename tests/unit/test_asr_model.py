"""The shapes of a transcript and their JSON."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.model import (
    Segment,
    Transcript,
    Word,
    decode_transcript,
    encode_transcript,
    join_texts,
    primary_language,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
times = st.integers(0, 10**7)
words = st.builds(Word, texts, times, times, st.floats(0, 1))
segments = st.builds(Segment, texts, st.lists(words, max_size=3).map(tuple), times, times)
transcripts = st.builds(
    Transcript, texts, texts, texts, times, times, st.lists(segments, max_size=3).map(tuple), texts
)


@given(transcripts)
def test_json_brings_back_the_same_transcript(transcript: Transcript) -> None:
    """Encoding loses nothing."""
    assert decode_transcript(encode_transcript(transcript)) == transcript


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"null", b"{}", b'{"segments": [1]}', b'{"segments": [], "x": 1}']
)
def test_anything_else_is_refused(data: bytes) -> None:
    """What is no transcript raises ValueError and nothing else."""
    with pytest.raises(ValueError, match="not a transcript"):
        decode_transcript(data)


def test_words_are_joined_as_the_language_writes_them() -> None:
    """Chinese has no spaces between words, Korean has, and empty parts leave no trace."""
    assert join_texts(["路灯", " ", "坏了"], "zh") == "路灯坏了"
    assert join_texts(["수도", "", "요금"], "ko") == "수도 요금"


def test_language_of_a_tag_is_without_region() -> None:
    """Region, script and spelling of the tag do not matter."""
    assert [primary_language(tag) for tag in ("zh-CN", "zh_Hans", "KO", "en")] == ["zh", "zh", "ko", "en"]
