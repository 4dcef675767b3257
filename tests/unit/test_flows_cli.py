"""`callcenter flows check|test|graph|list`, as people call it."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from callcenter.cli import app
from callcenter.flow_editing import checking
from callcenter.prompts.audio import WIDEBAND_HZ, write_for_asterisk
from callcenter.prompts.model import PromptText
from callcenter.prompts.recordings import RECORDED, Recordings

CONFIG = Path(__file__).parents[2] / "config"
SHIPPED = Path(__file__).parents[2] / "ivr_flows" / "flows"
SMALL = """\
flow: small
languages: [zh]
start: hours
nodes:
  hours: {hours: hotline, open: hello, closed: bye}
  hello: {play: {zh: 这句话还没有录音。}, next: general}
  general: {queue: general, call_back: bye, otherwise: bye}
  bye: {hang_up: done}
"""
TESTS = """\
flow: small
usually: {at: 2026-03-02 10:00}
cases:
  open: {expect: {path: [hello, general]}}
  on a holiday: {calendars: {hotline: holiday}, expect: {ends: done}}
  later: {skip: true, expect: {}}
"""


def flows(*words: str, directory: Path | None = None, **environment: str) -> Result:
    """The command with the shipped settings, or with the flows of a directory."""
    own = {"CALLCENTER__CENTRE__FLOWS_DIR": str(directory)} if directory else {}
    number = {"CALLCENTER__ANY_NUMBER__FLOW": "small", "CALLCENTER__NUMBERS__12345__FLOW": "small"}
    options = ["--config", str(CONFIG)]
    return CliRunner().invoke(
        app, [*options, "flows", *words], env={**own, **(number if own else {}), **environment}
    )


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A directory with one flow and its tests."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "tests" / "small.yaml").write_text(TESTS, encoding="utf-8")
    return tmp_path


def test_the_shipped_flows_are_sound_and_tested() -> None:
    """Against the shipped settings, with their audio, every way gone."""
    checked = flows("check")
    assert checked.exit_code == 0
    assert checked.output.splitlines()[-1] == (
        "all is well: citizen_hotline, korean_line, prompt_studio, ticket_status"
    )
    assert "warning" not in checked.output
    tested = flows("test", "--min-coverage", "100")
    assert tested.exit_code == 0, tested.output
    assert "citizen_hotline: 44 of 44 nodes (100 %), 83 of 83 ways (100 %)" in tested.output


def test_check_tells_how_far_a_human_is(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the length of the audio there is; farther than the settings allow is warned of, and no mistake."""
    monkeypatch.setattr(checking, "is_installed", lambda engine: True)
    reach = "small (zh): to a human usually 2 s, 0 keys: hours > hello > general"
    checked = flows("check", str(small / "small.yaml"))
    assert checked.output.splitlines()[:2] == [reach, reach.replace("usually", "at worst")]
    assert "citizen_hotline (en): to a human usually 7 s, 1 key" in flows("check").output
    limits = {"CALLCENTER__HUMAN_REACH__USUAL_SEC": "1", "CALLCENTER__HUMAN_REACH__WORST_SEC": "1"}
    checked = flows("check", str(small / "small.yaml"), **limits)
    assert checked.exit_code == 0
    assert "small (zh): usually farther than the 1 s and 3 keys" in checked.output
    assert "small (zh): at worst farther than the 1 s" in checked.output


def test_list_tells_the_numbers() -> None:
    """With version, languages and size."""
    lines = [line.split() for line in flows("list").output.splitlines()]
    assert lines[0] == ["flow", "version", "languages", "nodes", "numbers"]
    assert lines[1][2:] == ["zh,", "en", "44", "12345,", "all", "others"]
    assert lines[2][2:] == ["ko", "21", "12345082"]


def test_check_tells_every_mistake_of_every_flow(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One broken flow hides nothing of another: queues, calendars, call-backs, audio and numbers."""
    monkeypatch.setattr(checking, "is_installed", lambda engine: engine == "tone")
    (small / "broken.yaml").write_text("flow: broken\nlanguages: [zh]\n", encoding="utf-8")
    wrong = SMALL.replace("queue: general, call_back: bye", "queue: genral").replace("hotline", "hotlin")
    (small / "wrong.yaml").write_text(wrong.replace("flow: small", "flow: wrong"), encoding="utf-8")
    without = SMALL.replace(" call_back: bye,", "").replace("flow: small", "flow: silent")
    (small / "silent.yaml").write_text(without, encoding="utf-8")
    checked = flows("check", directory=small)
    assert checked.exit_code == 1
    for words in (
        "broken.yaml:1:1: the field 'nodes' is missing",
        "wrong.yaml:7:20: node 'general': unknown queue 'genral'; did you mean 'general'?",
        "wrong.yaml:5:18: node 'hours': unknown calendar 'hotlin'; did you mean 'hotline'?",
        "silent.yaml:7:3: node 'general': callers of queue 'general' may be promised a call-back",
        "small.yaml:6:22: node 'hello': no audio for this text",
        "numbers.12345082: no flow 'korean_line'",
    ):
        assert words in checked.output
    assert flows("check", str(SHIPPED / "korean_line.yaml")).exit_code == 0


def test_a_poor_voice_is_told_and_is_no_mistake(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller would hear the words, only not well spoken."""
    monkeypatch.setattr(checking, "is_installed", lambda engine: engine in ("tone", "espeak"))
    checked = flows("check", str(small / "small.yaml"))
    assert checked.exit_code == 0
    assert "\nsmall: 1 texts are spoken by a placeholder voice" in checked.output


def test_a_recording_is_audio(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that only a person has spoken lacks nothing."""
    monkeypatch.setattr(checking, "is_installed", lambda engine: False)
    data = {"CALLCENTER__CENTRE__DATA_DIR": str(small)}
    assert "no audio for this text" in flows("check", str(small / "small.yaml"), **data).output
    stem = Recordings(small / "prompts" / RECORDED).stem(PromptText("这句话还没有录音。", "zh"))
    stem.parent.mkdir(parents=True)
    write_for_asterisk(stem, np.ones(WIDEBAND_HZ, np.float32) / 2)
    checked = flows("check", str(small / "small.yaml"), **data)
    assert "small (zh): to a human usually 1 s, 0 keys" in checked.output
    assert checked.exit_code == 0


def test_results_and_coverage(small: Path) -> None:
    """What passed, was left out, and is not gone, and the threshold."""
    tested = flows("test", directory=small)
    assert tested.exit_code == 0, tested.output
    assert f"skipped small: later ({small}/tests/small.yaml:6)" in tested.output
    assert "2 passed, 1 skipped in " in tested.output
    assert "small: 4 of 4 nodes (100 %), 3 of 8 ways (38 %)" in tested.output
    assert f"{small}/small.yaml:7: no test goes from 'general' by 'timeout' to 'bye'" in tested.output
    short = flows("test", "--min-coverage", "50", directory=small)
    assert short.exit_code == 1
    assert "TOO LITTLE small: 37.5 % of the ways are gone, 50 % are asked" in short.output


def test_a_failure_is_status_1_with_its_line_and_trace(small: Path) -> None:
    """On paper and as JSON."""
    file = small / "tests" / "small.yaml"
    file.write_text(TESTS.replace("[hello, general]", "[hello, bye]"), encoding="utf-8")
    tested = flows("test", directory=small)
    assert tested.exit_code == 1
    assert f"FAILED small: open ({file}:4)" in tested.output
    assert "expected node 'bye' after 'hello': never entered" in tested.output
    assert "3.0 s      waits in queue general" in tested.output
    whole = json.loads(flows("test", "--json", str(file), directory=small).output)
    assert whole["ok"] is False
    assert [case["outcome"] for case in whole["cases"]] == ["failed", "passed", "skipped"]
    assert whole["cases"][0]["failures"][0]["line"] == 4
    assert whole["coverage"][0]["missed_ways"][0] == {
        "node": "general", "word": "timeout", "target": "bye", "line": 7,
    }  # fmt: skip


def test_a_flow_without_tests_has_no_coverage(small: Path) -> None:
    """It cannot hide behind those that have some."""
    (small / "other.yaml").write_text(SMALL.replace("flow: small", "flow: other"), encoding="utf-8")
    tested = flows("test", "--min-coverage", "10", directory=small)
    assert "TOO LITTLE other: 0.0 %" in tested.output


def test_no_tests_at_all_is_a_failure_with_its_cure(small: Path) -> None:
    """Nothing tested is not the same as all passed."""
    (small / "tests" / "small.yaml").unlink()
    told = str(flows("test", directory=small).exception)
    assert told.startswith(f"no tests in {small}/tests -> write some")


@pytest.mark.parametrize(
    ("form", "begins"), [("mermaid", "---\ntitle: korean_line"), ("svg", "<svg "), ("dot", "digraph ")]
)
def test_graph_draws_by_name_and_by_file(form: str, begins: str, tmp_path: Path) -> None:
    """To the terminal, or to a file."""
    assert flows("graph", "korean_line", "--format", form).output.startswith(begins)
    out = tmp_path / "drawn"
    flows("graph", str(SHIPPED / "korean_line.yaml"), "--format", form, "--out", str(out))
    assert out.read_text(encoding="utf-8").startswith(begins)


def test_graph_of_what_is_not_there() -> None:
    """The nearest name, and what there is."""
    assert "no flow 'korean_lin'; did you mean 'korean_line'?" in str(flows("graph", "korean_lin").exception)
    assert "does not speak 'zh' -> choose one of: ko" in str(
        flows("graph", "korean_line", "--language", "zh").exception
    )


def test_a_sub_flow_is_checked_with_the_flow_around(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when only one of the two files is asked about; what does not fit between them is told."""
    monkeypatch.setattr(checking, "is_installed", lambda engine: True)
    around = SMALL.replace(
        "hello: {play: {zh: 这句话还没有录音。}, next: general}", "hello: {flow: who, next: general}"
    )
    (small / "small.yaml").write_text(around, encoding="utf-8")
    inner = "flow: who\nlanguages: [zh]\nstart: back\nnodes:\n  back: {return: {}}\n"
    (small / "who.yaml").write_text(inner, encoding="utf-8")
    for files in ((), (str(small / "small.yaml"),), (str(small / "who.yaml"),)):
        checked = flows("check", *files, directory=small)
        assert "KeyError" not in repr(checked.exception)
        assert "unknown flow" not in checked.output
    (small / "who.yaml").unlink()
    checked = flows("check", str(small / "small.yaml"), directory=small)
    assert checked.exit_code == 1
    assert "small.yaml:6:17: node 'hello': unknown flow 'who'" in checked.output
