"""What is done to a text before a synthesiser reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.prompts.engines import SynthesisError, is_installed
from callcenter.prompts.engines.kokoro import KokoroSynthesizer, breaths, korean_phonemes, spoken_digits


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("请拨打12345热线", "请拨打幺二三四五热线"),
        ("等待15分钟", "等待15分钟"),
        ("工单20260101", "工单二零二六零幺零幺"),
    ],
)
def test_long_chinese_numbers_are_read_digit_by_digit(written: str, spoken: str) -> None:
    """Hotline and ticket numbers lose their place values; quantities keep them."""
    assert spoken_digits(written) == spoken


@pytest.mark.parametrize(
    ("espeak", "trained"),
    [
        ("tɕˈʌnɯn sˈʌuɾˌe sˈɐqo", "ʨɔnɯn sɔuɾe saɡo"),
        ("nɛˈiˈɐtʃhim", "nɛiaʨʰim"),
        ("sˈɐŋdɐm sˈiqɐnˌi", "saŋdam ɕiɡani"),
        ("tɕˈumindˌɯŋɾoqtɕˌɯŋ", "ʨumindɯŋɾokʨɯŋ"),
    ],
)
def test_korean_is_written_in_the_sounds_of_the_japanese_voices(espeak: str, trained: str) -> None:
    """No stress marks, single-symbol affricates, voiced ㄱ between vowels and k elsewhere."""
    assert korean_phonemes(espeak) == trained


@given(st.text(alphabet="abc .,!?", max_size=1500))
def test_no_breath_is_longer_than_the_model_can_hold(phonemes: str) -> None:
    """However a text is punctuated, its pieces fit and no sound is lost or changes its place."""
    pieces = breaths(phonemes)
    assert all(len(piece) <= 250 for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(phonemes.split())


def test_sentences_are_kept_whole_where_they_fit() -> None:
    """A long text is cut between its sentences, not inside one."""
    sentence = "a" * 99 + "."
    assert breaths(" ".join([sentence] * 4)) == [f"{sentence} {sentence}"] * 2


@pytest.mark.skipif(is_installed("kokoro"), reason="the extra `tts` is installed here")
def test_without_the_extra_the_cure_is_named() -> None:
    """The error tells what to install."""
    with pytest.raises(SynthesisError, match=r"callcenter\[tts\]"):
        KokoroSynthesizer()
