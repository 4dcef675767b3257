"""Normalised text and the character error rate."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.text import character_error_rate
from heard_text import comparable_text, search_text, simplified


@pytest.mark.parametrize(
    ("reference", "hypothesis", "language", "expected"),
    [
        ("我要投诉这家饭店乱收费", "我要投诉这家饭店乱收费。", "zh", 0.0),
        ("我要投诉", "我要頭訴", "zh", 0.25),
        ("路灯坏了", "路灯", "zh", 0.5),
        ("路灯坏了", "", "zh", 1.0),
        ("저는 서울에 살고", "저 는 서울에 살고", "ko", 0.0),
        ("수도 요금", "수도 요리", "ko", 0.25),
        ("", "", "ko", 0.0),
        ("", "네", "ko", 1.0),
        ("네", "네네네", "ko", 2.0),
    ],
)
def test_error_rate_counts_wrong_missing_and_invented_characters(
    reference: str, hypothesis: str, language: str, expected: float
) -> None:
    """Errors are edits over the length of the reference; punctuation and spacing are none."""
    assert character_error_rate(reference, hypothesis, language) == pytest.approx(expected)


@given(st.text(), st.text())
def test_error_rate_is_zero_exactly_for_equal_comparable_texts(reference: str, hypothesis: str) -> None:
    """No two texts that compare differently get a perfect score."""
    is_equal = comparable_text(reference, "ko") == comparable_text(hypothesis, "ko")
    assert (character_error_rate(reference, hypothesis, "ko") == 0) == is_equal


def test_search_text_unifies_width_case_space_and_script() -> None:
    """Full-width, upper-case and traditional spellings are found under one form."""
    assert search_text("  ＡＢＣ １２\n樓下的馬路 ", "zh") == "abc 12 楼下的马路"


def test_search_text_leaves_traditional_characters_of_other_languages_alone() -> None:
    """Only Chinese text is rewritten in simplified characters."""
    assert search_text("樓", "ko") == "樓"


def test_simplified_text_stays_as_it_is() -> None:
    """No character of the table maps to one that would be mapped again."""
    once = simplified("請問辦理社保卡需要帶什麼材料，楼下的馬路")
    assert once == "请问办理社保卡需要带什么材料，楼下的马路"
    assert simplified(once) == once
