"""The prompt cache: where audio is found, how it is made, and what is said when it is not."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from callcenter.prompts import audio
from callcenter.prompts.engines import SpeechSynthesizer, SynthesisError, open_engine
from callcenter.prompts.model import TONE, PromptText, Voice, prompt_key, voices_for
from callcenter.prompts.shipped import (
    MANIFEST_NAME,
    SHIPPED_DIRECTORY,
    ShippedPrompt,
    prune_shipped,
    read_manifest,
    render_shipped,
)
from callcenter.prompts.store import PromptStore

HELLO = PromptText("您好。", "zh")
GOODBYE = PromptText("Goodbye.", "en")


class HummingSynthesizer:
    """A test engine: hums for a time that depends on the text, and remembers what it was asked."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.asked: list[str] = []

    def synthesize(self, text: str, language: str, voice: Voice) -> tuple[NDArray[np.float32], int]:
        self.asked.append(text)
        time = np.arange(round(22_050 * (0.3 + 0.1 * len(text)))) / 22_050
        return (0.2 * np.sin(2 * np.pi * 300 * time)).astype(np.float32), 22_050


class Engines:
    """What is installed in a test: only the engines it is given."""

    def __init__(self, *installed: HummingSynthesizer) -> None:
        self.installed = {engine.name: engine for engine in installed}

    def open(self, name: str) -> SpeechSynthesizer:
        if name not in self.installed:
            raise SynthesisError(f"{name} is not installed")
        return self.installed[name]


def store(tmp_path: Path, *installed: HummingSynthesizer) -> PromptStore:
    return PromptStore(tmp_path / "cache", tmp_path / "shipped", Engines(*installed).open)


def path_of(uri: str | None) -> Path:
    assert uri is not None
    assert uri.startswith("sound:/")
    return Path(uri.removeprefix("sound:"))


def test_a_prompt_is_rendered_once_and_then_cached(tmp_path: Path) -> None:
    """The engine speaks each text once; a second store over the same directory only finds it."""
    kokoro = HummingSynthesizer("kokoro")
    first = store(tmp_path, kokoro).ensure([HELLO, GOODBYE, HELLO])
    again = store(tmp_path, kokoro)
    second = again.ensure([HELLO, GOODBYE])

    assert first.rendered == second.cached == (HELLO, GOODBYE)
    assert first.total == second.total == 2
    assert first.complete
    assert second.complete
    assert kokoro.asked == [HELLO.text, GOODBYE.text]
    assert audio.is_written(path_of(again.media_uri(HELLO)))


def test_every_rendered_prompt_has_the_one_loudness(tmp_path: Path) -> None:
    """Both files of a prompt play at -20 dBFS."""
    prompts = store(tmp_path, HummingSynthesizer("kokoro"))
    prompts.ensure([HELLO])
    for suffix, rate in audio.SUFFIXES.items():
        with path_of(prompts.media_uri(HELLO)).with_suffix(suffix).open("rb") as file:
            samples, _ = audio.soundfile.read(file, dtype="float32")
        assert audio.active_level_dbfs(samples, rate) == pytest.approx(audio.SPEECH_LEVEL_DBFS, abs=0.5)


def test_shipped_audio_is_used_before_any_engine(tmp_path: Path) -> None:
    """What lies among the shipped audio is decoded, not spoken again."""
    list(render_shipped_with(HummingSynthesizer("kokoro"), [HELLO], tmp_path / "shipped"))
    silent = HummingSynthesizer("kokoro")

    report = store(tmp_path, silent).ensure([HELLO])

    assert report.shipped == (HELLO,)
    assert silent.asked == []


def test_a_placeholder_is_said_plainly(tmp_path: Path) -> None:
    """With only espeak the prompt can be heard, and the report says whose voice it is and what to install."""
    report = store(tmp_path, HummingSynthesizer("espeak")).ensure([HELLO])

    assert report.placeholders == (HELLO,)
    assert not report.complete
    [problem] = report.problems
    for part in ("您好。", "placeholder", "espeak", "kokoro is not installed", "render-shipped"):
        assert part in str(problem)


def test_a_better_voice_replaces_a_placeholder(tmp_path: Path) -> None:
    """Once the good engine is installed, the same text gets other audio at the next start."""
    poor = store(tmp_path, HummingSynthesizer("espeak"))
    poor.ensure([HELLO])
    good = store(tmp_path, HummingSynthesizer("espeak"), HummingSynthesizer("kokoro"))

    assert good.ensure([HELLO]).rendered == (HELLO,)
    assert good.media_uri(HELLO) != poor.media_uri(HELLO)


def test_without_any_engine_a_caller_hears_beeps(tmp_path: Path) -> None:
    """Nothing installed: the prompt still plays a sound, and the report names text, place and cure."""
    prompts = store(tmp_path)
    report = prompts.ensure([HELLO, GOODBYE])

    assert report.missing == (HELLO, GOODBYE)
    assert prompts.media_uri(HELLO) == prompts.media_uri(GOODBYE) == prompts.tone_uri()
    assert audio.is_written(path_of(prompts.tone_uri()))
    assert "callers hear three beeps" in str(report.problems[0])


def test_without_leave_to_synthesize_no_engine_is_opened(tmp_path: Path) -> None:
    """The fast pass at the start takes only what is there."""
    kokoro = HummingSynthesizer("kokoro")
    report = store(tmp_path, kokoro).ensure([HELLO], synthesize=False)

    assert report.missing == (HELLO,)
    assert kokoro.asked == []


def test_damaged_shipped_audio_is_told_and_rendered_anew(tmp_path: Path) -> None:
    """A broken file in the release costs neither the call nor the sound."""
    shipped = tmp_path / "shipped"
    [entry] = render_shipped_with(HummingSynthesizer("kokoro"), [HELLO], shipped)
    (shipped / f"{entry.key}.ogg").write_bytes(b"not audio")

    assert store(tmp_path, HummingSynthesizer("kokoro")).ensure([HELLO]).rendered == (HELLO,)
    broken = PromptStore(tmp_path / "other", shipped, Engines().open).ensure([HELLO])
    assert broken.missing == (HELLO,)
    assert "unreadable audio file" in str(broken.problems[0])


def test_a_damaged_manifest_is_one_problem_and_no_crash(tmp_path: Path) -> None:
    """A manifest that is no JSON leaves every prompt to the engines and says so."""
    (tmp_path / "shipped").mkdir()
    (tmp_path / "shipped" / MANIFEST_NAME).write_text("[{")
    report = store(tmp_path, HummingSynthesizer("kokoro")).ensure([HELLO])

    assert report.rendered == (HELLO,)
    assert "not a prompt manifest" in str(report.problems[0])


def test_a_text_that_was_never_prepared_has_no_audio(tmp_path: Path) -> None:
    """The store does not invent a file name for audio that is not there."""
    assert store(tmp_path).media_uri(HELLO) is None


def test_the_key_changes_with_everything_that_is_heard() -> None:
    """Text, language, voice, speed and model each give another key; folding and Unicode form do not."""
    voice = Voice("kokoro", "zf_xiaoxiao", "1")
    others = [
        prompt_key(PromptText("您好！", "zh"), voice),
        prompt_key(PromptText("您好。", "en"), voice),
        prompt_key(HELLO, Voice("espeak", "zf_xiaoxiao", "1")),
        prompt_key(HELLO, Voice("kokoro", "zm_yunjian", "1")),
        prompt_key(HELLO, Voice("kokoro", "zf_xiaoxiao", "2")),
        prompt_key(HELLO, Voice("kokoro", "zf_xiaoxiao", "1", speed=0.9)),
        prompt_key(HELLO, voice),
    ]
    assert len(set(others)) == len(others)
    assert prompt_key(PromptText(" Please\n hold cafe\u0301", "en"), voice) == prompt_key(
        PromptText("Please hold caf\u00e9", "en"), voice
    )


def test_an_unknown_language_has_only_the_tone() -> None:
    """Nobody reads Welsh with a Chinese voice."""
    assert voices_for("cy") == (TONE,)


def test_rendering_the_shipped_audio_never_ships_a_placeholder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the good engine the command stops with its cure and leaves no file."""
    monkeypatch.setattr("callcenter.prompts.shipped.open_engine", Engines(HummingSynthesizer("espeak")).open)
    with pytest.raises(SynthesisError, match="kokoro is not installed"):
        list(render_shipped([HELLO], tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_the_manifest_tells_each_file(tmp_path: Path) -> None:
    """Entries carry text, voice and the checksum of their file; removed texts lose both."""
    list(render_shipped_with(HummingSynthesizer("kokoro"), [HELLO, GOODBYE], tmp_path))
    entries = read_manifest(tmp_path)
    assert {entry.text for entry in entries.values()} == {HELLO.text, GOODBYE.text}
    for key, entry in entries.items():
        assert hashlib.sha256((tmp_path / f"{key}.ogg").read_bytes()).hexdigest() == entry.sha256

    assert [entry.text for entry in prune_shipped([HELLO], tmp_path)] == [GOODBYE.text]
    assert len(list(tmp_path.glob("*.ogg"))) == len(json.loads((tmp_path / MANIFEST_NAME).read_text())) == 1


def test_the_tone_is_heard_whatever_the_text() -> None:
    """The engine of last resort makes an audible sound of at least half a second."""
    samples, rate = open_engine("tone").synthesize("", "", TONE)
    assert len(samples) / rate > 0.5
    assert audio.active_level_dbfs(samples, rate) > -20


def test_an_unknown_engine_is_refused_by_name() -> None:
    """A misspelt engine does not silently become another."""
    with pytest.raises(SynthesisError, match="kokorro"):
        open_engine("kokorro")


def test_the_shipped_directory_is_the_flows_own() -> None:
    """The audio lies beside the flows that say it."""
    assert SHIPPED_DIRECTORY.parts[-2:] == ("ivr_flows", "audio")


def render_shipped_with(
    engine: HummingSynthesizer, texts: list[PromptText], directory: Path
) -> list[ShippedPrompt]:
    """`render_shipped` with `engine` in the place of the installed one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("callcenter.prompts.shipped.open_engine", Engines(engine).open)
        return list(render_shipped(texts, directory))
