"""The demo's report and what is printed of it."""

import io
import json

import jsonschema
from rich.console import Console

from callcenter.demo.report import (
    SCHEMA,
    CallReport,
    Interruption,
    Problem,
    RecordingReport,
    Report,
    TranscriptReport,
    schema,
)
from callcenter.demo.scenarios import SCENARIOS
from callcenter.demo.scene import Scene
from callcenter.demo.show import Show
from callcenter.demo.stories import Outcome, Plot, stories

REPORT = Report(
    scenario="overflow",
    shown=["call 2: after 4.0 s in complaints it went on in general"],
    calls=[
        CallReport(
            call_id="c1",
            story="complains, key 2",
            trunk="city",
            did="12345",
            language="zh",
            flow_path=["menu"],
            queue="complaints",
            outcome="answered",
            wait_ms=500,
            talk_ms=6_500,
            agent_id="1001",
            recording=RecordingReport(
                path="/r.wav", sha256="abc", duration_ms=6_500, channel_rms_dbfs=(-23.0, -24.0)
            ),
            transcripts=[
                TranscriptReport(
                    leg="caller", engine="vosk", model="vosk-zh", text="好", reference="好", cer=0.0
                )
            ],
            scores={},
            ticket_id="T1",
            decisions=[{"agent_id": "1001"}],
        )
    ],
    kpi={"total": {"calls_in": 1.0, "asa_ms": None}},
    identity_ok=True,
    lost_calls=0,
    orphan_legs=0,
    elapsed_ms=60_000,
    interrupted=[
        Interruption(
            what="controller", how="SIGKILL", pid=1, killed_at=1, answered_again_at=2, calls_by_phase={}
        )
    ],
    problems=[],
)


def _printed(report: Report) -> str:
    unknown, known = (Scene(story) for story in stories(2, 0))
    console = Console(file=io.StringIO(), width=80, highlight=False)
    Show(console).result(report, [(unknown, None), (known, report.calls[0])])
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_published_schema_is_that_of_the_models() -> None:
    """`python -m callcenter.demo.report` was run after the last change."""
    assert SCHEMA.read_text(encoding="utf-8") == schema()


def test_a_report_keeps_to_the_schema() -> None:
    """What is written can be read by whoever has the schema only."""
    jsonschema.validate(json.loads(REPORT.model_dump_json()), json.loads(schema()))


def test_the_table_fits_into_a_terminal() -> None:
    """80 characters are enough for every column; a call that the centre does not know is shown as that."""
    printed = _printed(REPORT)
    assert max(map(len, printed.splitlines()[:5])) <= 80
    assert "…" not in printed
    assert "complaints" in printed
    assert "unknown" in printed
    assert "All 1 calls" in printed
    assert "overflow  call 2: after 4.0 s in complaints it went on in general" in printed


def test_a_call_back_has_a_line_of_its_own() -> None:
    """Behind the call in which it was promised; the words of both fit beside each other."""
    story = next(story for story in SCENARIOS["call-back"].stories(1) if story.plot is Plot.CALL_BACK)
    answered = REPORT.calls[0]
    asked = answered.model_copy(update={"outcome": Outcome.CALLED_BACK.value, "agent_id": None})
    back = answered.model_copy(update={"call_back_of": asked.call_id})
    console = Console(file=io.StringIO(), width=80, highlight=False)
    Show(console).result(REPORT, [(Scene(story), asked), (Scene(story), back)])
    assert isinstance(console.file, io.StringIO)
    printed = console.file.getvalue()
    assert "…" not in printed
    lines = [line for line in printed.splitlines() if "complaints" in line]
    assert story.plot.value in lines[0]
    assert "is called back" in lines[1]


def test_a_problem_is_told_with_its_call() -> None:
    """What does not hold is said in words, and the call is marked."""
    problem = Problem(check="recording", call=2, call_id="c1", told="the agent cannot be heard (-120 dBFS)")
    printed = _printed(REPORT.model_copy(update={"problems": [problem]}))
    assert "call 2 (c1): recording: the agent cannot be heard (-120 dBFS)" in printed
    assert "1 checks do not hold" in printed
