"""Prompts through real processes: the renderer beside the controller, and the engines that are installed."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from callcenter.prompts import audio
from callcenter.prompts.engines import is_installed, open_engine
from callcenter.prompts.model import PromptText, voices_for
from callcenter.prompts.service import PromptService
from callcenter.prompts.store import PromptStore

pytestmark = pytest.mark.integration

CHANGED = PromptText("A text that somebody changed today.", "en")


async def test_the_render_command_fills_a_cache_or_says_what_to_install(tmp_path: Path) -> None:
    """It ends well either way: with audio of the best installed voice, or with a line that has the cure."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "callcenter.prompts", "render", str(tmp_path / "cache")),
        *("--shipped", str(tmp_path / "none")),
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, told = await process.communicate(json.dumps([[CHANGED.text, CHANGED.language]]).encode())
    report = PromptStore(tmp_path / "cache", tmp_path / "none").ensure([CHANGED], synthesize=False)

    assert process.returncode == 0, told.decode()
    if is_installed("kokoro"):
        assert report.cached == (CHANGED,)
    elif is_installed("espeak"):
        assert report.placeholders == (CHANGED,)
        assert "placeholder voice espeak" in told.decode()
    else:
        assert report.missing == (CHANGED,)
        assert "install the extra `tts`" in told.decode()


@pytest.mark.skipif(not is_installed("espeak"), reason="espeak-ng is not installed")
async def test_a_changed_text_is_spoken_after_the_start(tmp_path: Path) -> None:
    """The fast start gives beeps; preparing with synthesis gives the text audio, made by another process."""
    service = PromptService(tmp_path, shipped=tmp_path / "none")
    await service.prepare([CHANGED], synthesize=False)
    beeps = service.media_uri(CHANGED)

    await service.prepare([CHANGED])

    assert service.media_uri(CHANGED) != beeps
    assert audio.is_written(Path(service.media_uri(CHANGED).removeprefix("sound:")))


@pytest.mark.skipif(not is_installed("espeak"), reason="espeak-ng is not installed")
@pytest.mark.parametrize(
    ("language", "text"), [("zh", "请稍候"), ("en", "Please hold"), ("ko", "기다려 주십시오")]
)
def test_the_placeholder_voice_speaks_every_language(language: str, text: str) -> None:
    """espeak-ng makes audible speech of a plausible length in each language of the centre."""
    samples, rate = open_engine("espeak").synthesize(text, language, voices_for(language)[1])
    assert 0.3 < len(samples) / rate < 5
    assert audio.active_level_dbfs(samples, rate) > -30
