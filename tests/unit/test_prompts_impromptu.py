"""Prompts made during calls: in time, of the best there is, bounded in what is kept, and never in a log."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from structlog.testing import capture_logs

from callcenter.ports import PromptUnavailable
from callcenter.prompts import audio
from callcenter.prompts.engines import SynthesisError, is_installed
from callcenter.prompts.impromptu import Bounds, Impromptu, NothingFastEnough
from callcenter.prompts.model import PromptText, Voice
from callcenter.prompts.phrases import piece_prompts, standing_prompts
from callcenter.prompts.service import PromptService
from callcenter.prompts.store import PromptStore
from ivr_flows.spoken import spoken

NUMBER = PromptText(spoken("T20261030-000012", "ticket", "zh"), "zh")
NAME = PromptText("王小明女士", "zh")


class Engine:
    """Hums for as long as the text is; takes so many virtual seconds per character."""

    def __init__(self, name: str, clock: list[float], pace: float) -> None:
        self.name, self.clock, self.pace = name, clock, pace
        self.asked: list[str] = []
        self.mute = False

    def synthesize(self, text: str, language: str, voice: Voice) -> tuple[NDArray[np.float32], int]:
        if self.mute:
            raise SynthesisError(f"cannot say {text}")
        self.asked.append(text)
        self.clock[0] += self.pace * len(text)
        return np.sin(np.arange(3200 * len(text)) / 9).astype(np.float32), 16_000


class Desk:
    """An Impromptu with these engines, all measured."""

    def __init__(self, directory: Path, bounds: Bounds = Bounds(), **paces: float) -> None:  # noqa: B008
        self.clock = [1000.0]
        self.engines = {name: Engine(name, self.clock, pace) for name, pace in paces.items()}
        self.impromptu = Impromptu(
            directory / "said",
            PromptStore(directory / "speech"),
            bounds,
            open_engine=self.engines.__getitem__,
            clock=lambda: self.clock[0],
            installed=self.engines.__contains__,
        )
        self.impromptu.know([*standing_prompts(("zh",)), *piece_prompts(("zh",))])
        for engine, language in self.impromptu.engines(["zh"]):
            self.impromptu.measure(engine, language)
        for made in self.engines.values():
            made.asked.clear()


def test_a_sentence_of_known_pieces_needs_no_engine(tmp_path: Path) -> None:
    """Both bandwidths, levelled, found again by its words alone."""
    desk = Desk(tmp_path)
    stem = desk.impromptu.say(NUMBER, 2.5)
    for suffix, rate in audio.SUFFIXES.items():
        with stem.with_suffix(suffix).open("rb") as file:
            samples, _ = audio.soundfile.read(file, dtype="float32")
        assert audio.active_level_dbfs(samples, rate) == pytest.approx(audio.SPEECH_LEVEL_DBFS, abs=1)
    assert Desk(tmp_path).impromptu.say(NUMBER, 2.5) == stem
    with pytest.raises(NothingFastEnough, match="libespeak-ng1") as refused:
        desk.impromptu.say(NAME, 2.5)
    assert "王" not in str(refused.value)


def test_the_best_engine_that_is_fast_enough_speaks_what_is_left(tmp_path: Path) -> None:
    """Only the name is spoken; with less time by the quicker engine."""
    desk = Desk(tmp_path, kokoro=0.1, espeak=0.001)
    prompt = PromptText(f"{NAME.text},{NUMBER.text}", "zh")
    meanwhile: list[Path] = []
    good = desk.impromptu.say(prompt, 2.5, meanwhile.append)
    assert desk.engines["kokoro"].asked == desk.engines["espeak"].asked == [NAME.text]
    quick = desk.impromptu.say(PromptText(prompt.text + "。", "zh"), 0.5)
    assert desk.engines["kokoro"].asked == [NAME.text]
    assert meanwhile != [good]
    assert audio.is_written(quick)


def test_an_engine_learns_its_pace(tmp_path: Path) -> None:
    """On a machine that has become busy the slow engine is not asked any more."""
    desk = Desk(tmp_path, kokoro=0.1, espeak=0.001)
    desk.engines["kokoro"].pace = 1.0
    for number in range(4):
        desk.impromptu.say(PromptText(f"王小明{'好' * number}", "zh"), 2.5)
    assert len(desk.engines["kokoro"].asked) == 1
    assert len(desk.engines["espeak"].asked) == 4


def test_when_an_engine_fails_the_next_one_speaks(tmp_path: Path) -> None:
    """And when all fail there is no audio, and no word of it in the reason."""
    desk = Desk(tmp_path, kokoro=0.01, espeak=0.001)
    desk.engines["kokoro"].mute = True
    assert audio.is_written(desk.impromptu.say(NAME, 2.5))
    desk.engines["espeak"].mute = True
    for text in ("李四", "……"):
        with pytest.raises(NothingFastEnough) as refused:
            desk.impromptu.say(PromptText(text, "zh"), 2.5)
        assert text not in str(refused.value)


def test_what_was_said_is_kept_within_bounds(tmp_path: Path) -> None:
    """Old audio goes, then the longest unused beyond the size; what is in use stays."""
    desk = Desk(tmp_path, Bounds(max_bytes=300_000, max_age_sec=1000), espeak=0.001)
    stems = [desk.impromptu.say(PromptText(f"王{'好' * 10}{tail}", "zh"), 2.5) for tail in "甲乙丙丁戊"]
    for age, stem in enumerate(reversed(stems)):
        used_at = time.time() - (2000 if stem == stems[0] else 100 * age)
        os.utime(stem.with_suffix(".wav16"), (used_at, used_at))
    desk.clock[0] += 3600
    assert desk.impromptu.prune() == 3
    assert [audio.is_written(stem) for stem in stems] == [False, False, False, True, True]
    assert len(list((tmp_path / "said").iterdir())) == 4
    assert desk.impromptu.prune() == 0


# --- the process -------------------------------------------------------------------------------------------


@pytest.fixture
async def service(tmp_path: Path) -> PromptService:
    """A service whose worker has begun."""
    made = PromptService(tmp_path, impromptu=Bounds())
    await made.prepare([], synthesize=False)
    return made


async def test_the_worker_makes_a_prompt_that_is_then_found(service: PromptService) -> None:
    """Also after the process was killed in the meantime; what was said is in no log."""
    with capture_logs() as logs:
        assert service.audio(NUMBER) is None
        await service.make((NUMBER, NUMBER), 30_000)
        uri = service.audio(NUMBER)
        assert uri is not None
        assert audio.is_written(Path(uri.removeprefix("sound:")))
        assert service._worker is not None
        assert service._worker._process.pid is not None
        os.kill(service._worker._process.pid, signal.SIGKILL)
        other = PromptText(spoken(-12.5, "number", "zh"), "zh")
        await service.make((other,), 60_000)
        assert service.audio(other) is not None
        Path(uri.removeprefix("sound:")).with_suffix(".wav").unlink()
        assert service.audio(NUMBER) is None
    await service.close()
    assert "process_died" in [entry["event"] for entry in logs]
    assert not any(word in str(logs) for word in (NUMBER.text, other.text))


async def test_a_worker_that_hangs_costs_the_prompt_and_not_the_call(service: PromptService) -> None:
    """The answer comes within the time given."""
    assert service._worker is not None
    service._worker._send = lambda message: None  # type: ignore[method-assign]
    began = asyncio.get_running_loop().time()
    with pytest.raises(PromptUnavailable, match="too slow"):
        await service.make((NUMBER,), 300)
    assert asyncio.get_running_loop().time() - began < 1
    await service.close()


async def test_without_a_worker_nothing_is_made(tmp_path: Path) -> None:
    """A service that only prepares says so."""
    with pytest.raises(PromptUnavailable, match="prepare the text"):
        await PromptService(tmp_path).make((NUMBER,), 100)


@pytest.mark.skipif(not is_installed("espeak"), reason="espeak-ng is not installed")
async def test_a_name_is_spoken_by_espeak(service: PromptService) -> None:
    """The real engine, in its process."""
    await service.make((NAME,), 60_000)
    assert service.audio(NAME) is not None
    await service.close()
