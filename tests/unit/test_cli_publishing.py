"""`callcenter flows ...` as people use it: what it says, and what it leaves on the disk."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from callcenter.adapters.journal_tail import JournalTail
from callcenter.adapters.local_journal import LocalJournal
from callcenter.cli import app
from callcenter.cli.controller_process import controller_of, tell_controller
from callcenter.cli.failure import Failure
from callcenter.cli.running import reload_settings
from callcenter.domain import events as e
from callcenter.embedded.process_identity import identify
from callcenter.flow_versions.model import NotNow
from callcenter.flow_versions.store import FlowStore
from callcenter.places import Places
from callcenter.prompts.model import PromptReport
from callcenter.prompts.service import PromptService
from callcenter.settings.reload_asked import left
from ivr_flows.files import SHIPPED_FLOWS
from located_yaml import Mistakes

Flows = Callable[..., str]


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "var")


@pytest.fixture
def flows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flows:
    """`callcenter flows ...` over the shipped settings, with flows of its own; answers what it says."""
    shutil.copytree(SHIPPED_FLOWS, tmp_path / "flows")
    monkeypatch.setenv("CALLCENTER__CENTRE__FLOWS_DIR", str(tmp_path / "flows"))
    monkeypatch.setenv("CALLCENTER__CENTRE__DATA_DIR", str(tmp_path / "var"))

    async def prepare(self: PromptService, texts: object, *, synthesize: bool = True) -> PromptReport:
        return PromptReport()

    monkeypatch.setattr(PromptService, "prepare", prepare)

    def run(*argv: str) -> str:
        return CliRunner().invoke(app, ["flows", *argv], catch_exceptions=False).output

    return run


def edit(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "flows" / "korean_line.yaml"
    source = path.read_text(encoding="utf-8")
    assert old in source
    path.write_text(source.replace(old, new), encoding="utf-8")


def test_a_year_of_a_hotline(flows: Flows, tmp_path: Path) -> None:
    """Published, looked at, tried on some, taken back; the log tells all of it."""
    assert "Nothing was published yet" in flows("status")
    assert "Nothing was published yet" in flows("log")
    said = flows("publish", "--note", "the first", "--author", "li")
    assert said.startswith("Version 1 is published. No centre runs in ")
    assert "Nothing to publish" in flows("publish")
    assert "flows_dir is the same." in flows("status")
    edit(tmp_path, "timeout_sec: 5", "timeout_sec: 7")
    assert "flows_dir differs: korean_line.yaml +1 -1" in flows("status")
    difference = flows("diff").splitlines()
    assert "--- version-1/korean_line.yaml" in difference
    assert "+++ flows_dir/korean_line.yaml" in difference
    assert "-    timeout_sec: 5" in difference
    assert "+    timeout_sec: 7" in difference
    assert "Version 2 is staged for 10 %" in flows("publish", "--percent", "10", "--author", "kim")
    assert "Staged:   version 2, for 10 % of new callers" in flows("status")
    assert "Version 2 is now for 30 %" in flows("stage", "--percent", "30")
    assert "Version 2 is now for all callers" in flows("stage", "--finish")
    assert flows("diff", "1", "2") == "\n".join(difference).replace("flows_dir", "version-2") + "\n"
    assert "Version 1 is put in force again" in flows("rollback", "--note", "too slow")
    assert flows("diff", "v1", "1") == ""
    log = [line.split() for line in flows("log").splitlines()[1:]]
    assert [line[0] for line in log] == ["1", "2", "2", "2", "1"]
    text = flows("log")
    for word in (
        "rolled back to",
        "too slow",
        "staged for 10 %",
        "kim",
        "the first",
        "korean_line.yaml +1 -1",
    ):
        assert word in text


def test_mistakes_are_all_told_and_nothing_is_published(flows: Flows, tmp_path: Path, places: Places) -> None:
    """With file and line."""
    edit(tmp_path, "queue: korean", "queue: corean")
    with pytest.raises(Mistakes, match=r"korean_line.yaml:\d+:\d+: .*'corean'; did you mean 'korean'"):
        flows("publish")
    assert FlowStore(places.flow_versions).state().number == 0


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("stage",), "give one of"),
        (("stage", "--finish", "--withdraw"), "give one of"),
        (("diff",), "nothing was published yet"),
        (("diff", "x"), "'x' is no version"),
        (("rollback",), "nothing was published yet"),
        (("publish", "--percent", "5"), "nothing was published yet"),
    ],
)
def test_what_cannot_be_is_told_with_its_cure(flows: Flows, argv: tuple[str, ...], told: str) -> None:
    """In one line."""
    with pytest.raises((Failure, NotNow), match=told) as refused:
        flows(*argv)
    assert " -> " in str(refused.value)


def test_going_back_to_what_does_not_fit_today_is_refused(flows: Flows, tmp_path: Path) -> None:
    """The queue of the older version is gone from the settings: told with the version's own file."""
    flows("publish")
    settings = tmp_path / "config"
    shutil.copytree(Path(__file__).parents[2] / "config", settings)
    agents, queues = settings / "agents.yaml", settings / "queues.yaml"
    agents.write_text(
        agents.read_text("utf-8").replace("queues: [korean, general]", "queues: [seoul]"), "utf-8"
    )
    queues.write_text(queues.read_text("utf-8").replace("  korean:\n", "  seoul:\n"), "utf-8")
    edit(tmp_path, "queue: korean", "queue: seoul")
    chosen = ["--config", str(settings), "flows"]
    CliRunner().invoke(app, [*chosen, "publish"], catch_exceptions=False)
    with pytest.raises(Mistakes, match=r"versions/000001/korean_line.yaml:\d+"):
        CliRunner().invoke(app, [*chosen, "rollback"], catch_exceptions=False)


# --- the running controller --------------------------------------------------------------------------------


CATCHES = """
import signal, sys
signal.signal(signal.SIGUSR1, lambda *_: (print("told", flush=True), sys.exit(0)))
print("ready", flush=True)
signal.pause()
"""
DIES_OF_IT = 'import time; print("ready", flush=True); time.sleep(60)'


@pytest.fixture
def controller(places: Places) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Starts a process that stands for a controller."""
    started: list[subprocess.Popen[str]] = []

    def start(source: str) -> subprocess.Popen[str]:
        process = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        known = identify(process.pid)
        assert known is not None
        places.run.mkdir(parents=True, exist_ok=True)
        (places.run / "controller.pid").write_text(f"{known.pid} {known.start_ticks} {known.boot}\n")
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_a_controller_that_listens_is_told(
    places: Places, controller: Callable[[str], subprocess.Popen[str]]
) -> None:
    """And once it is gone there is none, whatever its file says."""
    assert not tell_controller(places, signal.SIGUSR1)
    process = controller(CATCHES)
    assert tell_controller(places, signal.SIGUSR1)
    assert process.communicate(timeout=10)[0] == "told\n"
    assert controller_of(places) is None
    known = identify(os.getpid())
    assert known is not None
    (places.run / "controller.pid").write_text(f"{known.pid} {known.start_ticks + 1} {known.boot}\n")
    assert not tell_controller(places, signal.SIGUSR1)


def test_a_controller_that_only_starts_is_not_killed_by_the_word(
    places: Places, controller: Callable[[str], subprocess.Popen[str]]
) -> None:
    """It reads what is published anyway."""
    process = controller(DIES_OF_IT)
    assert tell_controller(places, signal.SIGUSR1)
    time.sleep(0.2)
    assert process.poll() is None


@pytest.mark.parametrize("answer", ["published", "refused"])
def test_the_command_waits_for_the_controller_s_answer(
    flows: Flows,
    places: Places,
    controller: Callable[[str], subprocess.Popen[str]],
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
) -> None:
    """And tells how long it took, or what is wrong by the settings in force there."""
    journal = LocalJournal(places.journal)
    journal.recall()
    journal.append([e.FlowsPublished(1, 9, {}, 9)])  # of before
    controller(CATCHES)

    def told(_: object, word: signal.Signals) -> bool:
        now = time.time_ns() // 1_000_000 + 7
        journal.append([e.FlowsRefused(now, 0, ["of an earlier one"])])
        fact = (
            e.FlowsPublished(now, 1, {}, 1) if answer == "published" else e.FlowsRefused(now, 1, ["a:1: b"])
        )
        journal.append([e.CallSettled(now, "c1"), fact])
        return True

    monkeypatch.setattr("callcenter.cli.publishing_work.tell_controller", told)
    try:
        if answer == "published":
            assert "Version 1 is published. In force " in flows("publish")
        else:
            with pytest.raises(Failure, match=r"a:1: b\n.* refuses it .* -> `callcenter reload`"):
                flows("publish")
    finally:
        journal.close()


@pytest.mark.parametrize("refused", [False, True])
def test_a_reload_waits_for_the_controller_s_answer(
    places: Places, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], refused: bool
) -> None:
    """It says that the settings are in force only when they are, and then leaves word of who asked; else
    every mistake, and what to do."""
    journal = LocalJournal(places.journal)
    journal.recall()
    journal.append([e.KpiPolicyInForce(1, {}, "UTC")])  # of the start

    def told(_: object, word: signal.Signals) -> bool:
        assert word is signal.SIGHUP
        fact = e.FlowsRefused(2, 0, ["a:1: b", "c:2: d"]) if refused else e.KpiPolicyInForce(2, {}, "UTC")
        journal.append([e.CallSettled(2, "c1"), fact])
        return True

    monkeypatch.setattr("callcenter.cli.running.tell_controller", told)
    monkeypatch.setattr("callcenter.cli.running.controller_of", lambda _: "the one that runs")
    try:
        if refused:
            with pytest.raises(Failure, match=r"a:1: b\nc:2: d\n.* goes on as before -> .* reload again"):
                reload_settings(places, "li")
            assert capsys.readouterr().out == ""
            assert left(places.reload_asked) is None
        else:
            reload_settings(places, "li")
            asked = left(places.reload_asked)
            assert asked is not None
            assert asked.author == "li"
            assert "In force now: " in capsys.readouterr().out
    finally:
        journal.close()


def test_the_tail_of_a_journal_goes_on_over_its_segments(places: Places) -> None:
    """Only what is new, only whole lines, only the kinds asked for."""
    journal = LocalJournal(places.journal)
    journal.recall()
    journal.append([e.CallSettled(1, "old")])
    tail = JournalTail(places.journal)
    assert tail.news(("CallSettled",)) == []
    journal.append([e.CallSettled(2, "a"), e.CentreStarted(2, "v")])
    assert tail.news(("CallSettled",)) == [e.CallSettled(2, "a")]
    journal.checkpoint({"kpi": {}})
    journal.append([e.CallSettled(3, "b")])
    (newest,) = sorted(places.journal.glob("journal-*.jsonl"))[-1:]
    with newest.open("ab") as file:
        file.write(b'{"seq":5,"kind":"CallSettled","data":{"at":4,')
    assert tail.news(("CallSettled",)) == [e.CallSettled(3, "b")]
    with newest.open("ab") as file:
        file.write(b'"call_id":"c"}}\n')
    assert tail.news(("CallSettled",)) == [e.CallSettled(4, "c")]
    journal.close()
