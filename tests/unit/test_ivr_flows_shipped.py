"""The shipped flows: their own tests (``ivr_flows/flows/tests``) pass and leave no way out, and what those
cannot say."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr_flows.calendars import load_calendars
from ivr_flows.check import prompts_of, surroundings_mistakes
from ivr_flows.files import read_flows, read_tests
from ivr_flows.loader import load_flow
from ivr_flows.model import Flow
from ivr_flows.rehearsal import Press, Script, Step, rehearse
from ivr_flows.testing.coverage import coverage_of
from ivr_flows.testing.loader import load_casebooks
from ivr_flows.testing.run import Around, run_casebook
from ivr_flows.testing.words import coverage_lines, failure_lines

CALENDARS = load_calendars("calendars: {hotline: {weekly: {mon-fri: ['09:00-18:00']}}}", "calendars.yaml")
OPEN = round(datetime(2026, 11, 20, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1000)
FLOWS = read_flows()
LINES = {name: flow for name, flow in FLOWS.items() if flow.content.human}
"""Those that callers call; the others are their sub-flows."""


def test_the_shipped_flows_pass_their_tests_which_go_every_way() -> None:
    """What ``callcenter flows test --min-coverage 100`` asks, of the flows that come with the product."""
    books = load_casebooks(read_tests(), FLOWS)
    results = [result for book in books for result in run_casebook(book, Around(CALENDARS))]
    assert [line for result in results if result.failures for line in failure_lines(result)] == []
    for flow in FLOWS.values():
        found = coverage_of(flow, [r.rehearsal for r in results if r.rehearsal and r.flow is flow])
        assert (found.node_percent, found.way_percent) == (100, 100), "\n".join(coverage_lines(found))


@pytest.mark.parametrize("flow", LINES.values(), ids=LINES)
def test_without_any_audio_every_caller_still_arrives(flow: Flow) -> None:
    """Missing or endless prompts delay a caller at most, they never keep anybody from the queue."""
    texts = frozenset(prompt.text for prompt in prompts_of(flow))
    for script in (Script(failed_texts=texts), Script(endless_texts=texts)):
        done = rehearse(flow, script, calendars=CALENDARS, at=OPEN)
        assert len(done.queued) == 1
        entered_ms = done.effects[-1][0]
        assert entered_ms < 4 * 60_000


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_shipped_flows_ask_only_for_what_ships_with_them(flow: Flow) -> None:
    """Queues and calendars are the ones the centre is set up with, and the file is named like the flow."""
    queues, calendars = {"general", "complaints", "korean"}, {"hotline"}
    assert surroundings_mistakes(flow, queues, calendars) == []
    assert flow.source.file.endswith(f"/{flow.name}.yaml")


def test_the_example_of_the_manual_is_a_sound_flow() -> None:
    """Whoever copies it begins with something that works."""
    manual = (Path(__file__).parents[2] / "docs" / "flows.md").read_text(encoding="utf-8")
    example = manual.split("```yaml\n")[1].split("```")[0]
    flow = load_flow(example, "flows.md")
    done = rehearse(flow, Script([Press("1", "menu"), Press("20261121#1", "ticket")]))
    assert done.ended == "done"
    assert done.path == ["welcome", "menu", "ticket", "tell", "end"]


def test_the_manual_s_example_of_speech_is_sound() -> None:
    """In a flow that has the nodes to which it leads, it hears what the manual says it hears."""
    manual = (Path(__file__).parents[2] / "docs" / "flows.md").read_text(encoding="utf-8")
    example = manual.split("## Speech")[1].split("```yaml\n")[1].split("```")[0]
    around = """\
flow: spoken
languages: [zh, en]
start: menu
hints: {no_input: {zh: 一, en: a}, no_match: {zh: 二, en: b}, confirm: {zh: '{choice}？', en: '{choice}?'}}
nodes:
"""
    others = "  sort: {branch: [{when: \"contains(said, '路灯')\", next: lights}], otherwise: agent}\n"
    for name in ("questions", "noise", "water", "lights", "agent"):
        others += f"  {name}: {{hang_up: {name}}}\n"
    flow = load_flow(around + example + others, "flows.md")
    steps = [Step(says="我要投诉", node="menu"), Step(says="门口路灯坏了", node="topic")]
    assert rehearse(flow, Script(steps=steps)).ended == "lights"
