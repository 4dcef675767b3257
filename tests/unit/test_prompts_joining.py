"""Sentences cut into pieces that have audio, and joined of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.prompts import audio
from callcenter.prompts.joining import Pieces, join, tokens
from callcenter.prompts.model import PromptText
from callcenter.prompts.phrases import piece_prompts, standing_prompts
from ivr_flows.spoken import LANGUAGES, spoken

CARRIERS = [
    PromptText("您的工单号是", "zh"),
    PromptText("，请您记好。", "zh"),
    PromptText("Your appointment is on", "en"),
    PromptText("님 안녕하세요", "ko"),
]
PIECES = Pieces()
PIECES.add([*standing_prompts(), *piece_prompts(), *CARRIERS])


def cut(text: str, language: str) -> list[tuple[str, bool]]:
    """The parts, and whether each has audio."""
    return [(part.text, part.known is not None) for part in PIECES.cut(PromptText(text, language))]


def test_a_ticket_number_is_joined_of_its_carrier_and_its_figures() -> None:
    """Punctuation and width make no difference; commas become pauses."""
    parts = PIECES.cut(PromptText(f"您的工单号是{spoken('T20261030-12', 'ticket', 'zh')},请您记好", "zh"))
    assert all(part.known is not None for part in parts)
    assert [part.text for part in parts][:3] == ["您的工单号是", "T", "二"]
    assert parts[-1].known == CARRIERS[1]
    assert parts[1].pause_sec > 10 * parts[2].pause_sec


@pytest.mark.parametrize(
    ("text", "language", "parts"),
    [
        ("王二小您好", "zh", [("王二小您好", False)]),
        ("您的工单号是王二小", "zh", [("您的工单号是", True), ("王二小", False)]),
        ("이영수님 안녕하세요", "ko", [("이영수", False), ("님 안녕하세요", True)]),
        (
            "Your appointment is on Monday, Mr. O'Neil.",
            "en",
            [("Your appointment is on", True), ("Monday", True), ("Mr. O'Neil", False)],
        ),
        ("nine thirty a.m.", "en", [("nine", True), ("thirty", True), ("a.m.", True)]),
        ("sixteen sixes", "en", [("sixteen", True), ("sixes", False)]),
        ("Bonjour", "fr", [("Bonjour", False)]),
        ("…!", "zh", []),
    ],
)
def test_what_has_no_audio_stays_in_one_stretch(
    text: str, language: str, parts: list[tuple[str, bool]]
) -> None:
    """A name is not torn apart around a figure, a word not around a shorter one."""
    assert cut(text, language) == parts


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_is_spoken_can_be_joined_of_what_is_shipped(language: str) -> None:
    """Numbers, money, days, times, durations, ids: no engine is needed for any of them."""
    values: list[tuple[str | float, str]] = [
        *((n, kind) for n in (0, 2, 12, 105, 2222, 98_765_432) for kind in ("number", "money", "duration")),
        *((n, kind) for n in (1, 3, 20, 31) for kind in ("ordinal", "position")),
        (-12.05, "number"),
        (12.05, "money"),
        *((f"2026-{month:02d}-{day:02d}", "date") for month in range(1, 13) for day in (1, 12, 20, 23, 28)),
        *((day, "weekday") for day in range(1, 8)),
        *((f"{hour:02d}:{minute:02d}", "time") for hour in range(24) for minute in (0, 5, 30, 59)),
        ("T20261030-000012", "ticket"),
        ("+8613800138000", "phone"),
        ("12*#", "digits"),
    ]  # fmt: skip
    for value, kind in values:
        assert all(known for _, known in cut(spoken(value, kind, language), language)), (value, kind)


@given(st.text("您的工单号是王二三,。 T", max_size=40))
def test_nothing_is_lost_or_doubled(text: str) -> None:
    """Whatever the cut, the parts together say the words of the text."""
    parts = PIECES.cut(PromptText(text, "zh"))
    said = [token.word for part in parts for token in tokens(part.text)]
    assert said == [token.word for token in tokens(text)]
    for part in parts:
        if part.known is not None:
            assert [t.word for t in tokens(part.text)] == [t.word for t in tokens(part.known.text)]


def test_a_long_text_is_cut_at_once() -> None:
    """Nobody waits for the cutting: its time grows with the length only."""
    assert cut("二" * 2000, "zh")


def test_pieces_are_joined_with_short_gaps_and_one_loudness() -> None:
    """The silence around each piece goes; a pause comes after the one that has it."""
    piece = audio.finish_speech(np.sin(np.arange(8000) / 5).astype(np.float32), 16_000)
    joined = join([(piece, 0.0), (piece, 0.25), (piece, 0.0)])
    assert 1.5 < len(joined) / audio.WIDEBAND_HZ < 2.2
    assert audio.active_level_dbfs(joined, audio.WIDEBAND_HZ) == pytest.approx(audio.SPEECH_LEVEL_DBFS, abs=1)
    with pytest.raises(audio.AudioError, match="silent"):
        join([(np.zeros(8000, dtype=np.float32), 0.0)])
