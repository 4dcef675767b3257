"""Real calls as tests, and past callers in a changed flow: `callcenter flows capture` and `replay`."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from test_flows_cli import SHIPPED, flows

from callcenter.adapters.local_journal import LocalJournal
from callcenter.cli.flows.capturing import captured
from callcenter.domain import events as e
from callcenter.replay.walking import script_of
from callcenter.replay.walks import Walk, Walks
from ivr_flows.effects import ChoiceSpoken, EnterQueue, NodeEntered, SurveyAnswered
from ivr_flows.files import read_flows, read_tests
from ivr_flows.model import ListenNode, MenuNode, PlayNode, QueueNode
from ivr_flows.rehearsal import Happening, Rehearsal
from ivr_flows.testing.loader import load_casebook, load_casebooks
from ivr_flows.testing.run import Around, CaseResult, run_casebook
from ivr_flows.testing.words import failure_lines

FLOWS = read_flows()
NOON = 1_772_424_000_000
CALLER, NAME = "13812345678", "王小明"
CASES = [
    result
    for book in load_casebooks(read_tests(), FLOWS)
    for result in run_casebook(book, Around())
    if result.rehearsal
    and result.rehearsal.trace
    and result.flow.name != "prompt_studio"  # of numbers the journal does not tell the keys
]
WITH_KEYS = [True, False]
CHOICES = MenuNode | ListenNode | PlayNode | QueueNode
"""Where the journal tells the keys."""
OVERFLOWED = {outcome.value.removeprefix("overflow_"): outcome for outcome in e.QueueOutcome}


def life(case: CaseResult, call_id: str, *, keys: bool, at: int = NOON) -> Iterator[e.DomainEvent]:
    """The journal of the call that the case tells of, with or without the keys."""
    done = case.rehearsal
    assert done is not None
    flow, language = case.flow, case.flow.content.languages[0]
    entered = [effect for _, effect in done.effects if isinstance(effect, NodeEntered)]
    nodes = iter(entered)
    node = None
    did = "12345" if flow.name == "citizen_hotline" else "12345082"
    yield e.CallArrived(
        at, call_id, "l1", "city", did, CALLER, CALLER, NAME, False, language, flow.name
    )  # fmt: skip
    spoken = {ms: effect for ms, effect in done.effects if isinstance(effect, ChoiceSpoken)}
    rated = {ms: effect for ms, effect in done.effects if isinstance(effect, SurveyAnswered)}
    for ms, kind, word in done.trace:
        if answer := rated.pop(ms, None):
            yield e.SurveyAnswered(at + ms, call_id, answer.question, answer.score, True, True)
        if keys and (said := spoken.pop(ms, None)):
            yield e.ChoiceSpoken(at + ms, call_id, said.choice, said.confidence)
        match kind:
            case Happening.NODE:
                here = next(nodes)
                node = FLOWS[here.flow].nodes[word]
                checkpoint = dict(here.checkpoint)
                yield e.NodeEntered(at + ms, call_id, here.flow, here.version, word, checkpoint)
            case Happening.LISTED:
                yield e.CallerListed(at + ms, call_id, word, "e1")
            case Happening.PRESSES if keys:
                yield e.KeyPressed(at + ms, call_id, word if isinstance(node, CHOICES) else "?")
            case Happening.BACK if word == "agent_done":
                yield e.AgentConnected(at + ms - 9, call_id, "1001", "l2", "general")
                yield e.AgentReleased(at + ms, call_id, "1001", "general", 9, 0)
            case Happening.BACK:
                outcome = OVERFLOWED.get(word, e.QueueOutcome.CALLBACK_REQUESTED)
                yield e.QueueLeft(at + ms, call_id, "general", outcome, 1)
    last_ms = max(
        ms for ms, kind, _ in done.trace if kind is not Happening.FINDS
    )  # an answer may come too late
    ended_ms = done.ended_ms if done.ended else last_ms + 60_000
    by = e.EndedBy.CALLER if done.ended in (None, "caller") else e.EndedBy.FLOW
    yield e.CallEnded(at + ended_ms, call_id, by, "normal")


def walk_of(case: CaseResult, *, keys: bool) -> Walk:
    walks = Walks()
    for event in life(case, "c1", keys=keys):
        walks.apply(event)
    (walk,) = walks.done()
    return walk


TOLD = [
    pytest.param(case, keys, id=f"{case.name}, {'keys journaled' if keys else 'keys found by the ways'}")
    for case in CASES
    for keys in WITH_KEYS
    # Without them, wrong keys and no keys are one way of the flow.
    if keys or not (case.name.startswith("Whoever presses") and "wrong" in case.name)
]


@pytest.mark.parametrize(("case", "keys"), TOLD)
def test_a_captured_call_is_a_test_that_passes(case: CaseResult, keys: bool) -> None:
    """Whatever way a caller of the shipped tests took, the journal of that call becomes a test of it, which
    holds neither number nor name."""
    text = "\n".join(captured(walk_of(case, keys=keys), case.flow, {}))
    assert CALLER not in text
    assert NAME not in text
    assert "leads elsewhere" not in text
    (result,) = run_casebook(load_casebook(text, "captured.yaml", FLOWS), Around())
    assert result.failures == (), "\n".join([*failure_lines(result), text])
    assert path(result.rehearsal) == path(case.rehearsal)


def path(done: Rehearsal | None) -> list[str]:
    """Nodes, and queues between them."""
    assert done is not None
    return [f"{effect}" for _, effect in done.effects if isinstance(effect, NodeEntered | EnterQueue)]


def named(part: str) -> CaseResult:
    """The case with this in its name."""
    return next(case for case in CASES if part in case.name)


def test_a_choice_that_is_gone_is_a_key_nevertheless() -> None:
    """What was said is no choice of the present version: something is pressed in its place."""
    walk = walk_of(named("Who says what it is about"), keys=True)
    walk.keys[:] = [replace(key, digit="gone") if key.spoken else key for key in walk.keys]
    steps = script_of(walk, FLOWS["korean_line"], lambda _: 1000).steps
    assert [(step.keys, step.says) for step in steps if not step.hangs_up] == [("2", ""), ("1", "")]


def test_wrong_keys_are_made_up() -> None:
    """What a caller keys that no menu offers may be part of a number: another wrong key stands for it."""
    text = "\n".join(captured(walk_of(named("three wrong keys"), keys=True), FLOWS["citizen_hotline"], {}))
    assert text.count("press: '#'") == 3
    assert "press: '5'" not in text


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A centre's journal with four callers of the hotline."""
    journal = LocalJournal(tmp_path / "journal")
    journal.recall()
    for i, name in enumerate(("按一", "按二", "按三", "按零")):
        journal.append(list(life(named(name), f"c{i}", keys=True, at=NOON + i * 60_000)))
    journal.close()
    return tmp_path


@pytest.fixture(autouse=True)
def centre(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands read this journal."""
    if "data_dir" in request.fixturenames:
        monkeypatch.setenv("CALLCENTER__CENTRE__DATA_DIR", str(request.getfixturevalue("data_dir")))


def test_capture_writes_a_file_that_the_test_command_runs(data_dir: Path) -> None:
    """And never over another."""
    out = data_dir / "captured.yaml"
    told = flows("capture", "c1", "--out", str(out))
    assert told.output == f"{out}: a test of citizen_hotline; run it with: callcenter flows test {out}\n"
    assert flows("test", str(out)).output.startswith("1 passed in ")
    assert "is there already -> choose another name" in str(
        flows("capture", "c1", "--out", str(out)).exception
    )
    assert "no call nobody that went through" in str(flows("capture", "nobody").exception)
    assert flows("capture", "c1").output == out.read_text(encoding="utf-8")


def test_replay_tells_who_would_go_another_way(data_dir: Path) -> None:
    """With the flows as they are nobody; with key 2 gone the one who complained."""
    same = flows("replay", "--from", "2026-03-02")
    assert "  4 would go the same way, 0 another, 0 of them to another end\n" in same.output
    changed = data_dir / "changed.yaml"
    text = (SHIPPED / "citizen_hotline.yaml").read_text(encoding="utf-8")
    shorter = text.replace("1: consultation, 2: complaint, 3:", "1: consultation, 2: consultation, 3:")
    shorter = shorter[: shorter.index("  complaint:\n")] + shorter[shorter.index("  # Waiting for a human") :]
    start, end = shorter.index("  complaints:\n"), shorter.index("  # After the talk, when")
    changed.write_text(shorter[:start] + shorter[end:], encoding="utf-8")
    other = flows("replay", "--from", "2026-03-02", "--to", "2026-03-03", "--flow", str(changed))
    assert other.exit_code == 0, other.exception
    assert "  3 would go the same way, 1 another, 1 of them to another end\n" in other.output
    assert "  1 after 'main_menu': went to 'complaint', would go to 'consultation'\n" in other.output
    assert "    c1: ended at complaints -> would end at general\n" in other.output
    assert CALLER not in other.output


def test_replay_of_a_time_without_callers(data_dir: Path) -> None:
    """Nothing to compare is not the same as nothing changed."""
    assert "no caller went through" in str(flows("replay", "--from", "2026-03-04").exception)
