"""Flows and the world around them: look-ups, webhooks, lists of callers, additions to tickets."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from ivr_flows.check import LookUpShape, Outside, surroundings_mistakes
from ivr_flows.check.reach import human_reach
from ivr_flows.effects import (
    AskLookUp,
    DeadlineReached,
    DigitReceived,
    EnterQueue,
    FlowEffect,
    FlowEvent,
    LookUpDone,
    LookUpOutcome,
    NodeEntered,
    PlayEnded,
    PlayMusic,
    PlayPrompts,
    Send,
    StopMusic,
    StopPrompts,
    UpdateTicket,
)
from ivr_flows.expressions import Value
from ivr_flows.interpreter import CallFacts, FlowSession, Phase
from ivr_flows.loader import load_flow, load_flows
from ivr_flows.sealing import Seal
from ivr_flows.testing.loader import load_casebook
from ivr_flows.testing.run import CaseResult, run_casebook
from ivr_flows.testing.words import failure_lines, trace_lines
from located_yaml import Mistakes

HEAD = """\
flow: f
languages: [zh]
start: lists
human: {key: '0', next: desk}
hints: {no_input: {zh: 无。}, no_match: {zh: 错。}}
variables: {name: '', level: 0, vip: false}
nodes:
  desk: {queue: q, otherwise: bye}
  bye: {hang_up: done}
"""
NODES = """\
  lists: {caller_list: {black: bye, vip: desk}, otherwise: who}
  who:
    look_up: citizen
    with: {number: caller, again: level + 1}
    into: {name: full_name, level: level, vip: vip}
    prompt: {zh: 请稍候。}
    music: true
    timeout_sec: 6
    next: tell
    not_found: bye
    failed: note
  tell: {send: crm, body: {who: name, level: level, vip: vip}, next: note}
  note: {update_ticket: '{name}的等级是{level}（{vip}）', category: known, next: pause}
  pause: {wait: 5, next: desk}
"""
FLOW = load_flow(HEAD + NODES, "f.yaml")
FACTS = CallFacts("13800000000", "12345")
FOUND = {"full_name": "王芳", "level": 2.5, "vip": True}


class Caller:
    """A session, its clock, and all it asked for."""

    def __init__(self, flow: str = HEAD + NODES, facts: CallFacts = FACTS, seal: Seal | None = None) -> None:
        self.session = FlowSession(load_flow(flow, "f.yaml"), facts, {}, "call", seal)
        self.now = 1_000
        self.all: list[FlowEffect] = []
        self.last = self.session.start(self.now)
        self.all += self.last

    def told(self, event: FlowEvent) -> list[FlowEffect]:
        if isinstance(event, DeadlineReached):
            self.now = self.session.next_deadline() or self.now
        self.last = self.session.handle(event, self.now)
        self.all += self.last
        return self.last

    @property
    def asked(self) -> AskLookUp:
        return [effect for effect in self.all if isinstance(effect, AskLookUp)][-1]

    def answered(self, outcome: LookUpOutcome, results: Mapping[str, Value] = {}) -> list[FlowEffect]:
        return self.told(LookUpDone(self.asked.token, outcome, results))

    def words_end(self) -> list[FlowEffect]:
        play = [effect for effect in self.all if isinstance(effect, PlayPrompts)][-1]
        return self.told(PlayEnded(play.token))

    @property
    def path(self) -> list[str]:
        return [effect.node for effect in self.all if isinstance(effect, NodeEntered)]


def test_it_is_asked_at_once_and_words_are_heard_to_their_end() -> None:
    """The question has its values and its time; an answer during the words waits for their end."""
    caller = Caller()
    assert caller.asked == AskLookUp(
        caller.asked.token, "citizen", {"number": "13800000000", "again": 1}, 6000
    )
    assert caller.session.next_deadline() == caller.now + 6000
    assert caller.answered(LookUpOutcome.FOUND, FOUND) == []
    after = caller.words_end()
    assert [effect for effect in after if isinstance(effect, Send)] == [
        Send("crm", {"who": "王芳", "level": 2.5, "vip": True})
    ]
    assert UpdateTicket("王芳的等级是2.5（true）", "known") in after
    assert caller.path == ["lists", "who", "tell", "note", "pause"]


def test_after_the_words_there_is_music_until_the_answer() -> None:
    """Which ends it."""
    caller = Caller()
    assert caller.words_end() == [PlayMusic()]
    assert caller.answered(LookUpOutcome.NOT_FOUND)[0] == StopMusic()
    assert caller.path[-1] == "bye"


def test_nobody_waits_longer_than_the_node_says() -> None:
    """Without an answer it has failed; an answer that waits for words that do not end is taken then."""
    silent = Caller()
    silent.words_end()
    silent.told(DeadlineReached())
    assert silent.path[2] == "note"
    endless = Caller()
    endless.answered(LookUpOutcome.FOUND, FOUND)
    assert isinstance(endless.told(DeadlineReached())[0], StopPrompts)
    assert endless.path[2] == "tell"


@pytest.mark.parametrize(
    "results",
    [
        {"full_name": "王芳", "level": 2},
        {"full_name": "王芳", "level": "2", "vip": True},
        {"full_name": "王芳", "level": True, "vip": True},
        {"full_name": None, "level": 2, "vip": True},
        {"full_name": ["王芳"], "level": 2, "vip": True},
    ],
)
def test_an_answer_that_does_not_fit_is_none(results: dict[str, Value]) -> None:
    """A result that is missing or of another kind: nothing of it is taken."""
    caller = Caller()
    caller.words_end()
    caller.answered(LookUpOutcome.FOUND, results)
    assert caller.path[2] == "note"
    assert "variables" not in caller.session.checkpoint()


def test_what_is_taken_is_bounded() -> None:
    """As every value is."""
    caller = Caller()
    caller.words_end()
    caller.answered(LookUpOutcome.FOUND, {"full_name": "王" * 999, "level": 1e300, "vip": False})
    assert caller.session.checkpoint()["variables"] == {"name": "王" * 200, "level": 10**12, "vip": False}


def test_the_human_key_works_meanwhile_and_a_late_answer_is_nobodys() -> None:
    """Other keys are kept."""
    caller = Caller()
    caller.told(DigitReceived("5"))
    left = caller.told(DigitReceived("0"))
    assert isinstance(left[0], StopPrompts)
    assert isinstance(left[-1], EnterQueue)
    assert caller.answered(LookUpOutcome.FOUND, FOUND) == []
    assert caller.session.phase is Phase.QUEUED


def test_after_a_restart_it_is_asked_again() -> None:
    """And the answer to the first question is not taken for one to the second."""
    first = Caller()
    second = FlowSession.resumed(FLOW, FACTS, {}, first.session.checkpoint(), seed="call")
    effects = second.start(2_000)
    (asked,) = [effect for effect in effects if isinstance(effect, AskLookUp)]
    assert replace(asked, token="") == replace(first.asked, token="")
    assert second.handle(LookUpDone(first.asked.token, LookUpOutcome.NOT_FOUND), 2_100) == []
    assert second.phase is Phase.LOOKING_UP


@pytest.mark.parametrize(
    ("lists", "then"), [({"vip"}, "desk"), ({"vip", "black"}, "bye"), ({"other"}, "who"), (set(), "who")]
)
def test_the_first_list_that_has_the_caller_wins(lists: set[str], then: str) -> None:
    """In the order of the node; on none of them it is ``otherwise``."""
    caller = Caller(facts=replace(FACTS, lists=frozenset(lists)))
    assert caller.path[1] == then


def test_sensitive_answers_are_secret_like_sensitive_digits() -> None:
    """Sealed in checkpoints, named in what a webhook is told, and left out of tickets."""
    sensitive = HEAD + NODES.replace("music: true", "sensitive: true").replace(
        "note: {update_ticket: '{name}的等级是{level}（{vip}）'", "note: {update_ticket: 等级"
    )
    caller = Caller(sensitive, seal=Seal(b"0123456789abcdef"))
    caller.words_end()
    caller.answered(LookUpOutcome.FOUND, FOUND)
    (send,) = [effect for effect in caller.last if isinstance(effect, Send)]
    assert send.secret == {"who", "level"}
    assert "王芳" not in repr(caller.last)
    kept = caller.session.checkpoint()
    assert kept["sealed"].keys() == {"name", "level", "vip"}
    assert "王芳" not in str(kept)


WRONG = [
    ("into: {name:", "into: {nam:", "declare 'nam' in 'variables'"),
    ("number: caller,", "number: callr,", "unknown name 'callr'; did you mean 'caller'?"),
    ("{level}（", "{levl}（", "unknown name 'levl'; did you mean 'level'?"),
    ("{level}（", "{level:number}（", "kinds are for what is said"),
    ("{level}（", "{level}（}", "other braces are not allowed"),
    ("body: {who: name", "body: {who: nam", "unknown name 'nam'"),
    ("music: true", "sensitive: true", "'name' is sensitive and may not be written into a ticket"),
    ("not_found: bye", "not_foud: bye", "did you mean 'not_found'?"),
    ("timeout_sec: 6", "timeout_sec: 600", "less than or equal to 60"),
    ("prompt: {zh: 请稍候。}", "prompt: {en: Wait.}", "no text in the language 'zh'"),
    ("failed: note", "failed: who", "the call can go in a circle"),
    ("vip: desk}", "vip: dsk}", "node 'lists', vip: unknown node 'dsk'; did you mean 'desk'?"),
]


@pytest.mark.parametrize(("before", "after", "words"), WRONG)
def test_what_is_wrong_is_told_at_its_place(before: str, after: str, words: str) -> None:
    """Names, kinds, secrets, texts, circles: as everywhere in a flow."""
    assert before in NODES
    with pytest.raises(Mistakes) as refused:
        load_flow(HEAD + NODES.replace(before, after), "f.yaml")
    assert any(
        words in str(mistake) and str(mistake).startswith("f.yaml:") for mistake in refused.value.found
    )


def test_a_result_may_end_no_loop() -> None:
    """A variable that a look-up fills is no counter."""
    nodes = """\
  lists: {set: {level: level + 1}, next: who}
  who: {look_up: x, into: {level: n}, next: round, not_found: round, failed: round}
  round: {branch: [{when: level < 3, next: lists}], otherwise: desk}
"""
    with pytest.raises(Mistakes, match="no counter ends it soon"):
        load_flow(HEAD + nodes, "f.yaml")


OUTSIDE = Outside(
    {"citizen": LookUpShape(("number", "again"), {"full_name": str, "level": None, "vip": bool})},
    ("crm",),
    ("black", "vip"),
)


def around(**changed: object) -> list[str]:
    return [str(one) for one in surroundings_mistakes(FLOW, outside=replace(OUTSIDE, **changed))]  # type: ignore[arg-type]


def test_what_is_asked_and_told_must_be_there() -> None:
    """Sources with what they need and give, webhooks and lists, each with the nearest name and its line."""
    assert around() == []
    told = around(
        look_ups={"citizens": OUTSIDE.look_ups["citizen"]}, webhooks=("crn",), caller_lists=("vips",)
    )
    assert "f.yaml:12:14: node 'who': unknown look-up 'citizen'; did you mean 'citizens'?" in told
    assert "f.yaml:21:16: node 'tell': unknown webhook 'crm'; did you mean 'crn'?" in told
    assert "f.yaml:10:37: node 'lists': unknown list of callers 'vip'; did you mean 'vips'?" in told
    shape = LookUpShape(("number", "lang"), {"fullname": str, "level": str, "vip": bool})
    words = "\n".join(around(look_ups={"citizen": shape}))
    assert "asks for no 'again'" in words
    assert "needs 'lang': give it by 'with: {lang: ...}'" in words
    assert "gives no 'full_name'; did you mean 'fullname'?" in words
    assert "'level' is a number, but 'level' is a text" in words


def test_how_far_it_is_to_a_human_counts_the_look_up() -> None:
    """Its words usually, its whole time at worst."""
    reach = human_reach(FLOW)
    assert reach.usual is not None
    assert reach.worst is not None
    assert (reach.usual.nodes, reach.usual.seconds) == (("lists", "desk"), 0)
    assert (reach.worst.nodes[1], reach.worst.seconds) == ("who", 11)


def test_no_sub_flow_writes_a_secret_of_another_into_a_ticket() -> None:
    """Given by the flow around it."""
    inner = """\
flow: inner
languages: [zh]
start: note
variables: {card: ''}
nodes:
  note: {update_ticket: '证件{card}', next: back}
  back: {return: {n: 1}}
"""
    nodes = """\
  lists: {look_up: x, into: {name: n}, sensitive: true, next: in, not_found: in, failed: in}
  in: {flow: inner, with: {card: name}, next: desk}
"""
    with pytest.raises(Mistakes, match="'card' is sensitive in another flow"):
        load_flows({"f.yaml": HEAD + nodes, "inner.yaml": inner})


# --- tests in YAML ----------------------------------------------------------------------------------------

USUALLY = "flow: f\nusually: {at: 2026-03-02 10:00, caller: 13800000000}\ncases:\n"


def results(cases: str) -> list[CaseResult]:
    return list(run_casebook(load_casebook(USUALLY + cases, "t.yaml", {"f": FLOW})))


@pytest.mark.parametrize(
    "case",
    [
        "{look_ups: {citizen: {found: {full_name: 王芳, level: 2, vip: true}}},"
        " expect: {path: [who, tell, note], sent: crm, added: 王芳的等级是2, queue: q}}",
        "{look_ups: {citizen: {found: {full_name: 王, level: 2, vip: true}, after_sec: 5}},"
        " expect: {sent: {to: crm, body: {level: 2}}, within_sec: 10}}",
        "{look_ups: {citizen: not_found}, expect: {path: [who, bye], sent: [], added: []}}",
        "{look_ups: {citizen: {is: failed, after_sec: 1}}, expect: {path: [who, note]}}",
        "{look_ups: {citizen: silent}, expect: {heard: 请稍候, path: [who, note], within_sec: 11}}",
        "{expect: {path: [who, note], not_at: tell}}",
        "{lists: vip, expect: {path: [lists, desk]}}",
        "{lists: [vip, black], expect: {path: [lists, bye], queue: []}}",
    ],
)
def test_tests_script_what_is_looked_up_and_on_which_lists_the_caller_is(case: str) -> None:
    """And expect what webhooks are told and what is added to tickets."""
    (result,) = results(f"  one: {case}\n")
    assert [str(failure) for failure in result.failures] == []


@pytest.mark.parametrize(
    ("expect", "words"),
    [
        ("sent: []", "expected to be told: (none), but told were crm"),
        ("sent: {to: crm, body: {level: 3}}", "expected level to be 3, but it was 2"),
        ("added: []", "expected 0 additions to the ticket, but there were 1"),
        (
            "added: {exactly: 王芳}",
            "expected to be added: exactly '王芳'; but added was '王芳的等级是2（true）'",
        ),
    ],
)
def test_what_was_told_otherwise_fails(expect: str, words: str) -> None:
    """At the line of what was expected, with all that happened."""
    found = "look_ups: {citizen: {found: {full_name: 王芳, level: 2, vip: true}}}"
    (result,) = results(f"  one: {{{found}, expect: {{{expect}}}}}\n")
    (failure,) = map(str, result.failures)
    assert words in failure
    shown = "\n".join(failure_lines(result))
    for line in ("is looked up: citizen", "the look-up is answered: found", "is told to: crm", "is added to"):
        assert line in shown


def test_a_list_is_told_in_the_trace() -> None:
    """With its name."""
    (result,) = results("  one: {lists: vip, expect: {}}\n")
    assert result.rehearsal is not None
    assert any("is on the list vip" in line for line in trace_lines(result.rehearsal))


def test_unknown_names_in_tests_are_told_with_the_nearest() -> None:
    """Look-ups, their results, lists and webhooks are those of the flow."""
    with pytest.raises(Mistakes) as refused:
        results(
            "  one:\n    look_ups: {citzen: failed, citizen: {found: {name: x}}}\n"
            "    lists: [vp]\n    expect: {sent: cm}\n"
        )
    told = "\n".join(map(str, refused.value.found))
    for words in (
        "t.yaml:5:16: the flow has no look-up 'citzen'; did you mean 'citizen'?",
        "the flow has no look-up of 'citizen' that gives 'name'",
        "the flow has no list of callers 'vp'; did you mean 'vip'?",
        "the flow has no webhook 'cm'; did you mean 'crm'?",
    ):
        assert words in told


def test_the_order_of_lists_is_a_part_of_the_flows_version() -> None:
    """As is that of what is set; the order of other keys is not."""
    swapped = NODES.replace("{black: bye, vip: desk}", "{vip: desk, black: bye}")
    other = NODES.replace("{who: name, level: level, vip: vip}", "{level: level, who: name, vip: vip}")
    assert swapped != NODES != other
    assert load_flow(HEAD + swapped, "f.yaml").version != FLOW.version
    assert load_flow(HEAD + other, "f.yaml").version == FLOW.version
