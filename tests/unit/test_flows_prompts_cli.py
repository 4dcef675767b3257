"""`callcenter flows prompts`, as people call it."""

import csv
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner, Result

from callcenter.cli import Failure, app
from callcenter.cli.flows import prompts as work
from callcenter.prompts import audio
from callcenter.prompts.catalogue import number_of
from callcenter.prompts.model import PromptText

CONFIG = Path(__file__).parents[2] / "config"
WELCOME = PromptText("您好，欢迎致电一二三四五政务服务便民热线。", "zh")
NUMBER = number_of(WELCOME)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A centre that has nothing yet."""
    monkeypatch.setenv("CALLCENTER__CENTRE__DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def prompts(*words: str) -> Result:
    """The command."""
    return CliRunner().invoke(app, ["--config", str(CONFIG), "flows", "prompts", *words])


def spoken(path: Path, peak: float = 0.3, rate_hz: int = 48_000) -> Path:
    """A recording of two seconds: syllables with pauses."""
    time = np.arange(2 * rate_hz) / rate_hz
    soundfile.write(path, np.sin(1130 * time) * (np.sin(19 * time) > 0) * peak, rate_hz)
    return path


def test_every_text_is_listed_with_what_speaks_it(data: Path) -> None:
    """Number, state, language, seconds, level, voice, who says it; of one flow or language when asked."""
    lines = prompts("list").output.splitlines()
    (line,) = (line for line in lines if line.endswith(WELCOME.text))
    words = line.split()
    assert words[:3] == [NUMBER, "shipped", "zh"]
    assert words[7:9] == ["zf_xiaoxiao", "citizen_hotline"]
    assert -21 < float(words[5]) < -19
    korean = prompts("list", "--flow", "korean_line").output.splitlines()[:-1]
    assert {line.split()[2] for line in korean} == {"ko"}
    assert prompts("list", "--only", "missing").output == "no texts\n"
    assert isinstance(prompts("list", "--only", "mising").exception, Failure)


def test_a_recording_is_imported_and_heard_instead(data: Path) -> None:
    """By number or words; forgotten again by `remove`."""
    said = prompts("import", str(spoken(data / "a.wav")), NUMBER)
    assert said.exit_code == 0, said.output
    assert "1 recordings taken in" in said.output
    (line,) = prompts("list", "--only", "recorded").output.splitlines()[:-1]
    assert line.split()[0] == NUMBER
    assert line.split()[7] == "own"
    assert prompts("remove", WELCOME.text).exit_code == 0
    assert prompts("list", "--only", "recorded").output == "no texts\n"
    assert "no text" in str(prompts("remove", WELCOME.text).exception)


def test_a_studio_records_an_export(data: Path) -> None:
    """The sheet tells the texts, the present audio lies beside it, recordings are found by number."""
    out = data / "studio"
    assert "texts in" in prompts("export", str(out), "--flow", "citizen_hotline", "--language", "zh").output
    with (out / "prompts.csv").open(encoding="utf-8-sig") as file:
        rows = {row["number"]: row for row in csv.DictReader(file)}
    assert rows[NUMBER]["text"] == WELCOME.text
    samples, rate_hz = soundfile.read(out / rows[NUMBER]["file"])
    assert rate_hz == audio.WIDEBAND_HZ
    assert float(rows[NUMBER]["seconds"]) == pytest.approx(len(samples) / rate_hz, abs=0.06)
    other = next(number for number in rows if number != NUMBER)
    spoken(out / "recorded" / f"{NUMBER}.mp3")
    spoken(out / "recorded" / f"{other}.ogg")
    said = prompts("import", str(out))
    assert "2 recordings taken in" in said.output, said.output
    listed = prompts("list", "--only", "recorded").output.splitlines()[:-1]
    assert {line.split()[0] for line in listed} == {NUMBER, other}
    assert "another directory" in str(prompts("export", str(out)).exception)


def test_unfit_recordings_are_refused_with_all_mistakes(data: Path) -> None:
    """One bad among good ones: nothing is taken in."""
    out = data / "studio"
    prompts("export", str(out), "--flow", "citizen_hotline")
    (first, second, third, *_) = sorted(path.stem for path in out.glob("*.wav"))
    spoken(out / "recorded" / f"{first}.wav")
    spoken(out / "recorded" / f"{second}.wav", peak=0.0)
    soundfile.write(out / "recorded" / f"{third}.wav", np.sign(np.sin(np.arange(40_000) / 30)), 16_000)
    told = str(prompts("import", str(out)).exception)
    assert "silent" in told
    assert "clipped" in told
    assert prompts("list", "--only", "recorded").output == "no texts\n"
    spoken(out / "recorded" / "999999999.wav")
    assert "name each file by its number" in str(prompts("import", str(out)).exception)


def test_recordings_of_changed_texts_are_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the words that the flow has now; and what else is said no more."""
    flows = data / "flows"
    flows.mkdir()
    before, now = "请在提示音之后说出您的姓名。", "请在提示音之后说出您的姓名和地址。"
    source = (
        "flow: f\nlanguages: [zh]\nstart: a\nnodes:\n  a: {play: {zh: WORDS}, next: b}\n  b: {hang_up: x}\n"
    )
    (flows / "f.yaml").write_text(source.replace("WORDS", before))
    monkeypatch.setenv("CALLCENTER__CENTRE__FLOWS_DIR", str(flows))
    prompts("import", str(spoken(data / "a.wav")), before)
    assert "0 recordings; 0 rendered files" in prompts("stale").output
    (flows / "f.yaml").write_text(source.replace("WORDS", now))
    said = prompts("stale").output.splitlines()
    assert said[0].split() == [number_of(PromptText(before, "zh")), "recorded", "zh", before]
    assert said[1].split() == ["now:", number_of(PromptText(now, "zh")), now]
    assert said[2].startswith("1 recordings")


def test_a_text_is_played_or_its_file_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the first player of the machine."""
    monkeypatch.setattr(work.shutil, "which", lambda name: None)
    said = prompts("play", NUMBER).output
    assert "cannot play sound; it lies in" in said
    heard = data / "heard"
    player = data / "aplay"
    player.write_text(f'#!/bin/sh\ncp "$1" {heard}\n')
    player.chmod(0o755)
    monkeypatch.setattr(work, "PLAYERS", ((str(player),),))
    monkeypatch.setattr(work.shutil, "which", lambda name: name)
    assert prompts("play", NUMBER).output == f"{WELCOME.text}\n"
    assert soundfile.info(heard).samplerate == audio.NARROWBAND_HZ
