"""Tests of flows: how cases are written, what they find, and what they cover."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from ruamel.yaml import YAML

from ivr_flows.calendars import Calendar
from ivr_flows.files import CASES_SCHEMA_FILE, SHIPPED_FLOWS, cases_schema, cases_schema_text
from ivr_flows.loader import load_flow
from ivr_flows.rehearsal import Press, Script, rehearse
from ivr_flows.testing.coverage import MissedNode, MissedWay, coverage_of
from ivr_flows.testing.loader import load_casebook, load_casebooks
from ivr_flows.testing.run import Around, CalledNumber, CaseResult, run_casebook
from ivr_flows.testing.words import coverage_lines, failure_lines
from located_yaml import Mistakes

FLOW = load_flow(
    """\
flow: town
languages: [zh, en]
start: hours
human: {key: '0', next: general}
hints: {no_input: {zh: 没有按键。, en: No key.}, no_match: {zh: 错了。, en: Wrong.}}
variables: {vip: false}
nodes:
  hours: {hours: office, open: hello, closed: bye}
  hello: {play: {zh: 您好，欢迎。, en: Hello and welcome.}, next: vips}
  vips: {branch: [{when: vip, next: fast}, {when: hour < 12, next: choice}], otherwise: choice}
  choice:
    menu: {zh: 请按一或二。, en: Press one or two.}
    digits: {1: complaint, 2: complaint, 9: english}
    retries: 1
    no_input: bye
    no_match: bye
  english: {language: en, next: choice}
  complaint: {ticket: complaint, text: 投诉, next: fast, failed: general}
  fast: {queue: complaints, priority: 2, skills: {law: 5}, otherwise: bye}
  general: {queue: general, agent_done: survey, otherwise: bye}
  survey: {play: {zh: 谢谢。, en: Thanks.}, next: bye}
  bye: {hang_up: closed}
""",
    "town.yaml",
)
USUALLY = "flow: town\nusually: {at: 2026-03-02 10:00, calendars: {office: open}}\ncases:\n"


def run(cases: str, around: Around = Around(), head: str = USUALLY) -> list[CaseResult]:  # noqa: B008 - frozen
    """The results of these cases."""
    return list(run_casebook(load_casebook(head + cases, "town.yaml", {"town": FLOW}), around))


def told(cases: str) -> list[str]:
    """What one case is told to have done otherwise, from its column on."""
    (result,) = run(cases)
    return [str(failure) for failure in result.failures]


def mistakes(cases: str, head: str = USUALLY) -> list[str]:
    """What is said to be wrong in the file."""
    with pytest.raises(Mistakes) as raised:
        load_casebook(head + cases, "t.yaml", {"town": FLOW})
    return str(raised.value).splitlines()


PASSING = [
    "{steps: [{press: 1, at: choice}], expect: {path: [hours, choice, complaint, fast], ticket: complaint}}",
    "{steps: [{press: 1, heard: 您好}], expect: {not_heard: 请按, queue: {name: complaints, priority: 2}}}",
    "{steps: [{press: 1, at_sec: 4}], expect: {heard: [您好, {exactly: 请按一或二。}], within_sec: 4.5}}",
    "{steps: [{silent_sec: 2}, {press: 9}, {press: 1, at: choice}], expect: {language: en}}",
    "{steps: [{press: 95, at: choice}], expect: {heard: [请按一, Wrong., Press one]}}",
    "{steps: [{press: 5, at: choice}, {press: 6, at: choice}], expect: {heard: 错了。, ends: closed}}",
    "{steps: [{press: '0', at: hello}], queues: agent_done, expect: {heard: 谢谢。, queue: general}}",
    "{steps: [{press: '0', at: choice}], queues: [timeout], expect: {path: [general, bye], not_at: survey}}",
    "{steps: [{press: 2, at: choice}], tickets: refused, expect: {queue: [general], ends: waiting}}",
    "{steps: [{press: 2, at: choice}], tickets: silent, expect: {queue: general, within_sec: 14}}",
    "{steps: [{hang_up: true, heard: 请按, after_sec: 1}], expect: {ends: caller, queue: [], ticket: []}}",
    "{variables: {vip: true}, expect: {not_at: [choice], queue: {name: complaints, skills: {law: 5}}}}",
    "{calendars: {office: closed}, expect: {path: [hours, bye], ends: closed}}",
    "{at: 2026-03-02 20:00, calendars: {office: {weekly: {mon: ['19:00-21:00']}}}, expect: {path: hello}}",
    "{language: en, expect: {heard: Hello, language: en}}",
]


@pytest.mark.parametrize("case", PASSING)
def test_what_callers_do_and_what_is_expected(case: str) -> None:
    """Each way to write a step, an answer and an expectation, in a case that passes."""
    (result,) = run(f"  one: {case}\n")
    assert list(failure_lines(result))[1:-1] == [
        *map(str, result.failures),
        *list(failure_lines(result))[1:-1],
    ]
    assert result.failures == ()


WRONG = [
    ("expect: {heard: [请按, 您好]}", "it is heard only before what stands above it here"),
    ("expect: {heard: [您好欢迎。]}", "'您好欢迎。'; it was not; did you mean '您好，欢迎。'?"),
    ("expect: {heard: [{exactly: 您好}]}", "expected to be heard: exactly '您好'"),
    ("expect: {not_heard: [没有]}", "expected not to be heard: '没有'; but heard was '没有按键。'"),
    ("expect: {path: [hello, survey]}", "expected node 'survey' after 'hello': never entered; the way was"),
    ("expect: {path: [vips, hello]}", "expected node 'hello' after 'vips': only before"),
    ("expect: {not_at: choice}", "expected not to come to node 'choice', but the call did"),
    ("expect: {queue: general}", "expected the queues general, but the call entered (none)"),
    ("expect: {ticket: complaint}", "expected the tickets complaint, but asked for were (none)"),
    ("expect: {ends: caller}", "expected the call to end 'caller', but it ended 'closed'"),
    ("expect: {language: en}", "spoken to in 'en' at the end, not 'zh'"),
    ("expect: {within_sec: 5}", "expected it to be over within 5 s, but it took "),
    (
        "steps: [{press: 1, at: survey}], expect: {}",
        "the caller never came to do this: the call was not at 'survey'",
    ),
    ("steps: [{press: 1, heard: 您们}], expect: {}", "nothing with '您们' in it was heard"),
    (
        "steps: [{press: 1, at: choice}], expect: {queue: {name: complaints, priority: 3}}",
        "expected priority 3 in queue complaints, but it was 2",
    ),
    (
        "steps: [{press: 1, at: choice}], expect: {queue: {name: complaints, skills: {}}}",
        "expected skills {} in complaints, but asked was",
    ),
]


@pytest.mark.parametrize(("case", "words"), WRONG)
def test_what_came_otherwise_is_told(case: str, words: str) -> None:
    """Each expectation that can fail does, says why, and stands at its line."""
    (failure,) = told(f"  one: {{{case}}}\n")
    assert failure.startswith("town.yaml:4:")
    assert words in failure


def test_a_failure_tells_the_whole_call_with_its_times() -> None:
    """Case, line, what was expected, and everything that happened."""
    (result,) = run("  a key:\n    steps:\n      - {press: 9, at: choice}\n    expect: {queue: general}\n")
    lines = list(failure_lines(result))
    assert lines[0] == "FAILED town: a key (town.yaml:4)"
    assert lines[1].startswith("  town.yaml:7:21: expected the queues general")
    assert "        3.0 s  at choice" in lines
    assert "        3.2 s      presses 9" in lines
    assert "        3.2 s      hears: Press one or two." in lines
    assert lines[-1].endswith("ends: closed")


def test_every_mistake_of_the_shape_is_told_at_its_place() -> None:
    """All at once, with the nearest right name."""
    text = """\
  a:
    at: 2026-3-2
    steps:
      - {pres: 1}
      - {press: 1x}
      - {press: 1, confidence: 0.5}
      - {press: 1, at: hello, heard: x}
      - {press: 1, hang_up: true}
    queues: timout
    tickets: {is: lost}
    look_ups: {citizen: {}}
    expect: {queue: {name: general, prio: 1}}
"""
    found = "\n".join(mistakes(text))
    for words in (
        "t.yaml:5:9: cases.a.at: a time is written as 2026-03-02 10:00",
        "t.yaml:7:10: cases.a.steps.0.pres: unknown field 'pres'; did you mean 'press'?",
        "t.yaml:8:17: cases.a.steps.1.press: keys are written as",
        "t.yaml:9:9: cases.a.steps.2: 'confidence' says how surely words are recognised: it belongs to 'say'",
        "t.yaml:10:9: cases.a.steps.3: a step waits for one thing",
        "t.yaml:11:9: cases.a.steps.4: a step does one thing",
        "t.yaml:12:13: cases.a.queues: 'timout' is none of timeout, full",
        "t.yaml:13:19: cases.a.tickets.is: Input should be 'opened', 'refused' or 'silent'",
        "cases.a.look_ups.citizen: give what was found, as {found: {name: ...}}",
        "t.yaml:15:37: cases.a.expect.queue.prio: unknown field 'prio'; did you mean 'priority'?",
    ):
        assert words in found


def test_every_unknown_name_is_told_with_the_nearest() -> None:
    """Nodes, queues, tickets, endings, languages, calendars and variables are those of the flow."""
    text = """\
  a:
    calendars: {offce: open}
    variables: {vipp: true}
    steps:
      - {press: 1, at: chioce}
    expect: {ticket: complant, queue: genral, path: helo, not_at: by, ends: closd, language: ko}
"""
    found = mistakes(text, "flow: town\ncases:\n")
    assert [line.partition(": ")[2] for line in found] == [
        "case 'a' has no clock: give it 'at: 2026-03-02 10:00', or give that under 'usually'",
        "the flow has no calendar 'offce'; did you mean 'office'?",
        "the flow has no variable 'vipp'; did you mean 'vip'?",
        "the flow has no node 'chioce'; did you mean 'choice'?",
        "the flow has no ticket category 'complant'; did you mean 'complaint'?",
        "the flow has no queue 'genral'; did you mean 'general'?",
        "the flow has no node 'helo'; did you mean 'hello'?",
        "the flow has no node 'by'; did you mean 'bye'?",
        "the flow has no ending 'closd'; did you mean 'closed'?",
        "the flow has no language 'ko'",
    ]
    assert mistakes("  a: {expect: {}}\n", "flow: twon\ncases:\n") == [
        "t.yaml:1:7: unknown flow 'twon'; did you mean 'town'?"
    ]


def test_mistakes_of_all_files_are_told_together() -> None:
    """One broken file hides no other."""
    with pytest.raises(Mistakes) as raised:
        load_casebooks(
            {"a.yaml": "flow: twon\ncases: {a: {expect: {}}}", "b.yaml": "flow: 1"}, {"town": FLOW}
        )
    assert {mistake.file for mistake in raised.value.found} == {"a.yaml", "b.yaml"}


@pytest.mark.parametrize(
    ("case", "path"),
    [
        ("{at: 2026-03-02 10:00, expect: {path: hello}}", "open"),
        ("{at: 2026-03-02 20:00, expect: {path: [hours, bye], not_at: hello}}", "closed"),
        ("{at: 2026-03-02 10:00, calendars: {office: holiday}, expect: {not_at: hello}}", "holiday"),
        ("{at: 2026-03-02 20:00, called: 54321, expect: {path: hello, language: en}}", "another number's"),
    ],
)  # fmt: skip
def test_the_clock_and_the_calendars(case: str, path: str) -> None:
    """Without words of the case the centre's calendars hold, and what a number makes of them."""
    office = Calendar.model_validate({"weekly": {"mon-fri": ["09:00-18:00"]}})
    night = Calendar.model_validate({"weekly": {"mon-fri": ["18:00-24:00"]}})
    around = Around({"office": office}, {"54321": CalledNumber("en", {"office": night})})
    (result,) = run(f"  one: {case}\n", around, "flow: town\ncases:\n")
    assert [str(failure) for failure in result.failures] == []


def test_a_case_can_be_skipped() -> None:
    """It is told, and not run."""
    (result,) = run("  one: {skip: true, expect: {ends: caller}}\n")
    assert (result.rehearsal, result.failures) == (None, ())


def test_coverage_names_every_node_and_way_left_out_by_its_line() -> None:
    """Two keys that lead to one node are two ways; so are two cases of a branch."""
    results = run("  a: {steps: [{press: 2, at: choice}], expect: {}}\n  b: {expect: {}}\n")
    found = coverage_of(FLOW, [result.rehearsal for result in results if result.rehearsal])
    assert [node.node for node in found.missed_nodes] == ["english", "general", "survey"]
    assert MissedNode("english", 17) in found.missed_nodes
    missed = {(way.node, way.word) for way in found.missed_ways}
    assert {("choice", "1"), ("choice", "no_match"), ("choice", "human"), ("vips", "otherwise")} <= missed
    assert not {("choice", "2"), ("choice", "no_input"), ("vips", "hour < 12")} & missed
    assert MissedWay("choice", "1", "complaint", 13) in found.missed_ways
    lines = list(coverage_lines(found))
    assert lines[0].startswith("town: 7 of 10 nodes (70 %), 6 of 27 ways")
    assert "  town.yaml:17: no test comes to node 'english'" in lines
    assert "  town.yaml:13: no test goes from 'choice' by '1' to 'complaint'" in lines


def test_the_case_that_held_is_told_though_its_values_change_at_once() -> None:
    """In the same instant, and also when they are sensitive."""
    flow = load_flow(
        """
flow: sorts
languages: [zh]
start: ask
variables: {pin: ''}
nodes:
  ask:
    collect: {zh: 请输入}
    digits: 2
    into: pin
    sensitive: true
    next: sort
    no_input: end
    no_match: end
  sort:
    branch: [{when: "starts_with(pin, '1')", next: forget}, {when: "starts_with(pin, '2')", next: forget}]
    otherwise: forget
  forget: {set: {pin: "'10'"}, next: end}
  end: {hang_up: done}
""",
        "sorts.yaml",
    )
    done = rehearse(flow, Script([Press("27", "ask")]))
    assert [way.word for node, way in done.ways if node == "sort"] == ["starts_with(pin, '2')"]


def test_hundreds_of_cases_take_a_second() -> None:
    """A thousand calls, each through menu, ticket and queue (loading is not counted)."""
    book = load_casebook(USUALLY + f"  one: {PASSING[0]}\n", "town.yaml", {"town": FLOW})
    assert sum(len(result.failures) for _ in range(1000) for result in run_casebook(book, Around())) == 0


def test_the_published_schema_is_in_step() -> None:
    """``python -m ivr_flows.files`` has been run since the shape last changed."""
    assert CASES_SCHEMA_FILE.read_text(encoding="utf-8") == cases_schema_text()


@pytest.mark.parametrize("file", sorted((SHIPPED_FLOWS / "tests").glob("*.yaml")), ids=lambda file: file.stem)
def test_the_schema_fits_the_shipped_tests(file: Path) -> None:
    """An editor with the schema finds nothing wrong with them, but does with a misspelt field."""
    Draft202012Validator.check_schema(cases_schema())
    written: Any = json.loads(
        json.dumps(YAML(typ="safe").load(file.read_text(encoding="utf-8")), default=str)
    )
    assert list(Draft202012Validator(cases_schema()).iter_errors(written)) == []
    written["cases"]["x"] = {"expect": {"herd": "something"}}
    assert list(Draft202012Validator(cases_schema()).iter_errors(written))
