"""The audio that is in the repository: complete, intact, and fit to be heard."""

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest

from callcenter.assembly import waiting_policy
from callcenter.demo.speech import DIRECTORY, Role, Utterance, spoken_by, utterances
from callcenter.prompts import audio
from callcenter.prompts.model import LANGUAGES, PromptText, prompt_key, voices_for
from callcenter.prompts.music import HOLD_MUSIC, install_music
from callcenter.prompts.music.compose import MUSIC_LEVEL_DBFS, compose
from callcenter.prompts.phrases import (
    Phrase,
    digits,
    phrase,
    piece_prompts,
    standing_prompts,
)
from callcenter.prompts.shipped import SHIPPED_DIRECTORY, ShippedPrompt, read_manifest
from callcenter.settings import load_settings
from ivr_flows.check import prompts_of
from ivr_flows.effects import BEEP
from ivr_flows.files import read_flows

ENTRIES = sorted(read_manifest(SHIPPED_DIRECTORY).values(), key=lambda entry: (entry.language, entry.text))
CONFIG = Path(__file__).parents[2] / "config"


def name(entry: ShippedPrompt) -> str:
    return f"{entry.language}-{entry.key[:8]}"


@pytest.mark.parametrize("entry", ENTRIES, ids=name)
def test_a_shipped_prompt_is_intact_and_fit_to_be_heard(entry: ShippedPrompt) -> None:
    """The file is the one in the manifest, at -20 dBFS, unclipped, with little silence around it."""
    path = SHIPPED_DIRECTORY / f"{entry.key}.ogg"
    samples = audio.read_audio(path)

    assert hashlib.sha256(path.read_bytes()).hexdigest() == entry.sha256
    assert 1000 * len(samples) / audio.WIDEBAND_HZ == pytest.approx(entry.duration_ms, abs=1)
    assert audio.active_level_dbfs(samples, audio.WIDEBAND_HZ) == pytest.approx(
        audio.SPEECH_LEVEL_DBFS, abs=1
    )
    assert np.abs(samples).max() < 0.95
    assert audio.trim_silence(samples, audio.WIDEBAND_HZ).size > 0.8 * samples.size
    assert entry.key == prompt_key(PromptText(entry.text, entry.language), voices_for(entry.language)[0])
    assert not voices_for(entry.language)[0].placeholder


@pytest.mark.parametrize("entry", [one for one in ENTRIES if one.language != BEEP.language], ids=name)
def test_a_prompt_takes_about_as_long_as_its_words(entry: ShippedPrompt) -> None:
    """A prompt that was cut off or that rambles would be far from the pace of its language."""
    per_sec = {"zh": 4.6, "en": 15.0, "ko": 5.6}[entry.language]
    spelled = 2 * len(re.findall(r"\b[a-z]\.", entry.text))  # a.m. is ay em
    expected = 0.35 + (sum(map(str.isalnum, entry.text)) + spelled) / per_sec
    assert 0.6 * expected <= entry.duration_ms / 1000 <= 1.7 * expected


def test_everything_that_callers_can_hear_is_shipped() -> None:
    """Flows, waiting room and standing texts: a first run synthesises nothing."""
    wanted = {*standing_prompts(), *piece_prompts(), *waiting_policy(load_settings(CONFIG)).prompts()}
    for flow in read_flows().values():
        wanted |= set(prompts_of(flow))
    shipped = {entry.key for entry in ENTRIES}

    missing = [
        prompt for prompt in wanted if prompt_key(prompt, voices_for(prompt.language)[0]) not in shipped
    ]
    assert missing == [], "run `python -m callcenter.prompts render-shipped`"


def test_the_shipped_audio_is_small_and_has_no_strays() -> None:
    """Under 3 MB, and each file has its entry."""
    files = {path.stem for path in SHIPPED_DIRECTORY.glob("*.ogg")}
    assert files == {entry.key for entry in ENTRIES}
    assert sum((SHIPPED_DIRECTORY / f"{stem}.ogg").stat().st_size for stem in files) < 3_500_000


def test_music_on_hold_is_calm_and_loops_without_a_seam(tmp_path: Path) -> None:
    """The piece lasts 30-60 s at -23 dBFS, begins and ends in silence, never jumps."""
    samples = audio.read_audio(HOLD_MUSIC)
    level = 20 * np.log10(np.sqrt(np.mean(samples.astype(np.float64) ** 2)))

    assert 30 <= len(samples) / audio.WIDEBAND_HZ <= 60
    assert level == pytest.approx(MUSIC_LEVEL_DBFS, abs=0.5)
    assert abs(samples[0]) < 0.01
    assert np.abs(samples[-160:]).max() < 0.002
    assert np.abs(np.diff(samples)).max() < 0.15
    assert audio.is_written(install_music(tmp_path / "music") / "hold")


def test_the_music_can_be_made_again() -> None:
    """The shipped file is what the composer writes, up to the noise of its coding."""
    composed, shipped = compose(), audio.read_audio(HOLD_MUSIC)
    noise = np.mean((composed - shipped) ** 2) / np.mean(composed**2)
    assert 10 * np.log10(noise) < -15


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_standing_texts_are_complete(language: str) -> None:
    """Every phrase, digit and wait exists in every language, each once."""
    texts = list(standing_prompts((language,)))
    assert len(texts) == len(set(texts)) == len(Phrase) + 10 + 9
    assert all(prompt.language == language and prompt.text for prompt in texts)


def test_numbers_are_read_digit_by_digit() -> None:
    """A ticket number is its digits, without its separators; one is 幺 in Chinese."""
    assert [prompt.text for prompt in digits("T-102", "zh")] == ["幺", "零", "二"]
    assert phrase(Phrase.GOODBYE, "cy").language == "en"


@pytest.mark.parametrize("said", utterances(), ids=lambda said: said.file)
def test_demo_speech_is_two_to_six_seconds_of_clean_sound(said: Utterance) -> None:
    """Each sentence of the demo is 16 kHz, levelled, unclipped and as long as the manifest says."""
    samples, rate = audio.soundfile.read(said.path, dtype="float32")
    assert rate == audio.WIDEBAND_HZ
    assert 1.8 <= len(samples) / rate <= 6
    assert audio.active_level_dbfs(samples, rate) == pytest.approx(audio.SPEECH_LEVEL_DBFS, abs=1)
    assert np.abs(samples).max() < 0.95


@pytest.mark.parametrize("language", ["zh", "ko"])
def test_callers_and_agents_of_the_demo_sound_different(language: str) -> None:
    """Swapped channels can be heard, because no voice speaks on both sides."""
    callers, agents = (spoken_by(role, language) for role in (Role.CALLER, Role.AGENT))
    assert {said.voice for said in callers}.isdisjoint(said.voice for said in agents)
    assert sum(path.stat().st_size for path in DIRECTORY.glob("*.flac")) < 2_500_000


def test_a_language_without_demo_speech_is_named() -> None:
    """The error says which languages there are."""
    with pytest.raises(LookupError, match="ko, zh"):
        spoken_by(Role.CALLER, "cy")
