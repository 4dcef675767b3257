"""The telephone studio: takes are checked, heard, and kept as the centre's own recordings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from callcenter.ports import FinishedRecording, TakeUnusable
from callcenter.prompts import audio
from callcenter.prompts.catalogue import number_of
from callcenter.prompts.model import PromptText
from callcenter.prompts.recordings import RECORDED
from callcenter.prompts.service import PromptService
from callcenter.prompts.studio import Studio
from ivr_flows.effects import NUMBERED, TAKEN, TakeFault

HELLO, BYE = PromptText("您好。", "zh"), PromptText("再见。", "zh")
NUMBER = number_of(HELLO)
STEM = "takes/c1-1-2"


class Files:
    """What the switch wrote: the caller's side at this level, the other side loud."""

    def __init__(self, directory: Path, level: float, seconds: float = 2.0) -> None:
        self.directory, self.level, self.seconds = directory, level, seconds

    async def finish(self, path_stem: str, *, wideband: bool) -> FinishedRecording:
        times = np.arange(round(16_000 * self.seconds)) / 16_000
        said = np.clip(self.level * np.sin(2 * np.pi * 500 * times), -1, 1)
        heard = 0.5 * np.sin(2 * np.pi * 2000 * times)
        path = self.directory / f"{path_stem}-both.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, np.stack([said, heard], axis=1), 16_000, subtype="PCM_16")
        return FinishedRecording(f"{path_stem}-both.wav", "", 2000, 16_000, (0.0, 0.0))


async def studio(directory: Path, level: float = 0.2, seconds: float = 2.0) -> Studio:
    """A studio for two prompts that nothing speaks so far."""
    own = directory / "own"
    prompts = PromptService(directory / "prompts", shipped=directory, own=own)
    await prompts.prepare([HELLO, BYE], synthesize=False)
    files = Files(directory / "recordings", level, seconds)
    return Studio(prompts, files, files.directory, own / "takes", own / RECORDED, lambda: [HELLO, BYE])


def power(uri: str | None, hz: float) -> float:
    """The part of the sound at this tone."""
    assert uri is not None
    samples = audio.read_audio(Path(uri.removeprefix("sound:")).with_suffix(".wav16"))
    spectrum = np.abs(np.fft.rfft(samples)) ** 2
    near = np.abs(np.fft.rfftfreq(len(samples), 1 / 16_000) - hz) < 20
    return float(spectrum[near].sum() / spectrum.sum())


async def test_a_take_is_the_callers_side_levelled_and_what_the_switch_wrote_goes(tmp_path: Path) -> None:
    """It is found under its name, and only under names of takes."""
    made = await studio(tmp_path)
    take = await made.take(STEM, wideband=True)
    uri = made.audio(PromptText(take, TAKEN))
    assert power(uri, 500) > 0.9
    assert [path.name for path in (tmp_path / "recordings").rglob("*.wav")] == []
    assert made.audio(PromptText("c1-1-3", TAKEN)) is None
    assert made.audio(PromptText("../../etc/passwd", TAKEN)) is None


async def test_a_kept_take_is_heard_at_once(tmp_path: Path) -> None:
    """By its number and by its words; the other prompt stays as it was."""
    made = await studio(tmp_path)
    before, other = made.audio(HELLO), made.audio(BYE)
    take = await made.take(STEM, wideband=True)
    assert await made.keep(NUMBER, take) == HELLO
    assert await made.keep(NUMBER, take) == HELLO  # a restart may ask again
    assert made.audio(HELLO) != before
    assert made.audio(PromptText(NUMBER, NUMBERED)) == made.audio(HELLO)
    assert power(made.audio(HELLO), 500) > 0.9
    assert made.audio(BYE) == other


@pytest.mark.parametrize(
    ("level", "seconds", "fault"),
    [(0.001, 2.0, TakeFault.SILENT), (4.0, 2.0, TakeFault.CLIPPED), (0.2, 0.05, TakeFault.FAILED)],
)
async def test_takes_that_callers_should_not_hear_are_refused(
    tmp_path: Path, level: float, seconds: float, fault: TakeFault
) -> None:
    """Silence, peaks that are cut off, and hardly any sound at all."""
    made = await studio(tmp_path, level, seconds)
    with pytest.raises(TakeUnusable) as refused:
        await made.take(STEM, wideband=True)
    assert refused.value.fault is fault


async def test_what_is_not_there_is_not_kept(tmp_path: Path) -> None:
    """Neither an unknown number nor an unknown take changes anything."""
    made = await studio(tmp_path)
    before = made.audio(HELLO)
    for number, take in (("000000", "c1-1-2"), (NUMBER, "c1-1-2"), (NUMBER, "../x")):
        with pytest.raises(TakeUnusable):
            await made.keep(number, take)
    assert made.audio(HELLO) == before
    assert made.audio(PromptText("000000", NUMBERED)) is None
