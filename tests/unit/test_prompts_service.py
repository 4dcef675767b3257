"""Prompts for the running centre: prepared once, looked up at once, never a reason to fail a call."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from callcenter.prompts import audio
from callcenter.prompts.model import PromptText
from callcenter.prompts.phrases import Phrase, phrase, standing_prompts
from callcenter.prompts.service import PromptService

UNHEARD_OF = PromptText("This sentence is in no flow.", "en")


async def test_a_first_start_finds_everything_shipped_and_a_second_cached(tmp_path: Path) -> None:
    """Standing texts are decoded at the first start; the next one finds them, and music is in place."""
    texts = list(standing_prompts())
    first = await PromptService(tmp_path).prepare(texts)
    service = PromptService(tmp_path)
    second = await service.prepare(texts)

    assert first.complete
    assert second.cached == tuple(texts)
    assert audio.is_written(service.music_directory / "hold")


async def test_a_prepared_text_is_played_from_its_own_file(tmp_path: Path) -> None:
    """The media URI is absolute, has no suffix, and stands for both bandwidths."""
    service = PromptService(tmp_path)
    goodbye = phrase(Phrase.GOODBYE, "zh")
    await service.prepare([goodbye])

    uri = service.media_uri(goodbye)

    assert uri.startswith(f"sound:{tmp_path}/")
    assert audio.is_written(Path(uri.removeprefix("sound:")))


async def test_a_text_nobody_prepared_is_beeps_and_one_alarm(tmp_path: Path) -> None:
    """The call goes on with a sound; the log says once that the text is missing, without quoting it."""
    service = PromptService(tmp_path)
    await service.prepare([])
    with capture_logs() as logs:
        uris = [service.media_uri(UNHEARD_OF) for _ in range(3)]

    assert audio.is_written(Path(uris[0].removeprefix("sound:")))
    assert len(set(uris)) == 1
    assert [entry["event"] for entry in logs] == ["prompt_not_prepared"]
    assert UNHEARD_OF.text not in str(logs)


async def test_beeps_are_no_audio_of_a_text(tmp_path: Path) -> None:
    """Whoever asks for the audio of a text that nothing speaks learns so, and what to play instead."""
    service = PromptService(tmp_path, shipped=tmp_path / "none")
    await service.prepare([UNHEARD_OF], synthesize=False)

    assert service.audio(UNHEARD_OF) is None
    assert audio.is_written(Path(service.beeps.removeprefix("sound:")))


async def test_before_any_preparation_there_is_no_uri(tmp_path: Path) -> None:
    """Looking up before `prepare` is a mistake in the program and says so, instead of playing `sound:`."""
    with pytest.raises(RuntimeError, match="prepare"):
        PromptService(tmp_path).media_uri(UNHEARD_OF)


async def test_what_is_wrong_is_one_line_in_the_log(tmp_path: Path) -> None:
    """However many prompts lack audio, the log gets one warning with the count and the cure."""
    texts = [PromptText(f"Sentence number {number}.", "en") for number in range(20)]
    with capture_logs() as logs:
        report = await PromptService(tmp_path, shipped=tmp_path / "none").prepare(texts, synthesize=False)

    assert len(report.problems) == 20
    [warning] = [entry for entry in logs if entry["log_level"] == "warning"]
    assert warning["count"] == 20
    assert "render-shipped" in warning["first"][0]
