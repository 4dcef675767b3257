"""What ``check`` proves of loops, values, digits and sub-flows; and how far it is to a human."""

import pytest

from ivr_flows.check.reach import human_reach
from ivr_flows.effects import QueueOutcome
from ivr_flows.files import read_flows
from ivr_flows.interpreter import CallFacts
from ivr_flows.loader import load_flow, load_flows
from ivr_flows.rehearsal import QueueStay, Script, rehearse
from located_yaml import Mistakes

HEAD = """\
flow: f
languages: [zh]
start: a
human: {key: '0', next: desk}
hints: {no_input: {zh: 无。}, no_match: {zh: 错。}}
variables: {n: 0, place: ''}
nodes:
  desk: {queue: q, otherwise: bye}
  bye: {hang_up: done}
"""
ASK = "collect: {zh: 请输入。}, no_input: bye, no_match: bye, next: bye, into: x"


def told(nodes: str) -> list[str]:
    """The mistakes of a flow with these nodes; none when it is sound."""
    try:
        load_flow(HEAD + nodes, "f.yaml")
    except Mistakes as wrong:
        return [str(mistake) for mistake in wrong.found]
    return []


COUNT = "  a: {set: {n: n + 1}, next: b}\n"


@pytest.mark.parametrize(
    "nodes",
    [
        COUNT + "  b: {branch: [{when: n < 3, next: a}], otherwise: desk}",
        COUNT + "  b: {branch: [{when: n >= 3, next: desk}], otherwise: a}",
        COUNT + "  b: {branch: [{when: not n > 3 and place == '', next: a}], otherwise: desk}",
        COUNT + "  b: {branch: [{when: 0 <= n < 3, next: again}], otherwise: desk}\n"
        "  again: {queue: q, timeout: a, otherwise: bye}",
        "  a: {set: {n: 0}, next: b}\n  b: {set: {n: 1 + n}, next: c}\n"
        "  c: {branch: [{when: 3 > n, next: b}], otherwise: desk}",
    ],
)
def test_a_counter_may_end_a_loop(nodes: str) -> None:
    """Counted up in it, bounded in it, and set to nothing else in it."""
    assert told(nodes) == []
    flow = load_flow(HEAD + nodes, "f.yaml")
    done = rehearse(flow, Script(queue=[QueueStay(QueueOutcome.TIMEOUT)]), CallFacts("1", "2"))
    assert done.ended == "done"


@pytest.mark.parametrize(
    "nodes",
    [
        COUNT + "  b: {branch: [{when: n != 3, next: a}], otherwise: desk}",
        COUNT + "  b: {branch: [{when: n < 300, next: a}], otherwise: desk}",
        COUNT + "  b: {branch: [{when: n > 3, next: a}], otherwise: desk}",
        COUNT + "  b: {branch: [{when: n < 3 or place == '', next: a}], otherwise: desk}",
        COUNT.replace("n + 1", "n - 1") + "  b: {branch: [{when: n < 3, next: a}], otherwise: desk}",
        COUNT.replace("n + 1", "n + 0.1") + "  b: {branch: [{when: n < 3, next: a}], otherwise: desk}",
        COUNT + "  b: {branch: [{when: n < 3, next: c}], otherwise: desk}\n  c: {set: {n: 0}, next: a}",
        COUNT + "  b: {branch: [{when: n < 3, next: desk}], otherwise: a}",
        COUNT + "  b: {branch: [{when: n < 3, next: a}, {when: place == '', next: a}], otherwise: desk}",
        COUNT + "  b: {branch: [{when: n < 3, next: c}], otherwise: c}\n"
        "  c: {branch: [{when: place == '', next: a}], otherwise: desk}",
        COUNT + "  b: {branch: [{when: n < 3, next: b}], otherwise: desk}",
    ],
)
def test_what_does_not_surely_end_is_refused(nodes: str) -> None:
    """No bound, too high a bound, a bound on the wrong side, or a way round it."""
    assert any("no counter ends it soon" in line for line in told(nodes)), told(nodes)


def test_counters_may_be_within_one_another_but_not_go_round_too_often() -> None:
    """Their rounds multiply."""
    nested = (
        "  a: {set: {n: n + 1, m: 0}, next: b}\n  b: {set: {m: m + 1}, next: c}\n"
        "  c: {branch: [{when: m < 3, next: b}, {when: n < 3, next: a}], otherwise: desk}"
    )
    assert told(nested) == []
    assert any("circle" in line for line in told(nested.replace("< 3", "< 18")))


WRONG = [
    ("a: {set: {x: y}, next: desk}", "10:16: node 'a': unknown name 'y'"),
    ("a: {set: {x: x + 1}, next: desk}", "10:16: node 'a': 'x' may have no value here"),
    ("a: {set: {n: \"'3'\"}, next: desk}", "10:16: node 'a': ''3'' must be a number, but is a text"),
    ("a: {set: {hour: 3}, next: desk}", "10:13: 'hour' is a fact of every call"),
    ("a: {set: {x: north}, next: desk}", "10:16: node 'a': unknown name 'north'"),
    (
        "a: {branch: [{when: n == 1, next: b}], otherwise: c}\n  b: {set: {x: 1}, next: c}\n"
        "  c: {say: {zh: '{x}'}, next: desk}",
        "12:17: node 'c': 'x' may have no value here",
    ),
    ("a: {say: {zh: '{m}'}, next: desk}", "10:17: node 'a': unknown name 'm'"),
    ("a: {say: {zh: '{n:date}'}, next: desk}", "10:17: node 'a': {n:date}: a number cannot be said as date"),
    ("a: {say: {zh: '{n:numbr}'}, next: desk}", "10:17: nodes.a.say.zh: 'numbr' is no way to say a value"),
    ("a: {say: {zh: '{n.x}'}, next: desk}", "10:17: nodes.a.say.zh: a variable is written"),
    (f"a: {{{ASK[:-1]}n, digits: 3}}", "node 'a': digits are a text, but 'n' is a number"),
    (f"a: {{{ASK}, digits: 3, check: id_card_cn}}", "node 'a': no entry can pass 'id_card_cn'"),
    (f"a: {{{ASK}, digits: 3, check: luhm}}", "nodes.a.check: 'luhm' is no check of digits"),
    (f"a: {{{ASK}, digits: {{min: 1, max: 3}}}}", "node 'a': key 0 leads to a human ('desk') when"),
    (f"a: {{{ASK}, digits: 3, echo: true}}", "node 'a': there are no words to read digits back"),
    (f"a: {{{ASK}, digits: 3, terminator: '5'}}", "cannot be a digit itself"),
    (f"a: {{{ASK}, digits: {{min: 5, max: 3}}}}", "'min' is greater than 'max'"),
    ("a: {split: [{weight: 0, next: desk}, {weight: 0, next: bye}]}", "node 'a': all weights are 0"),
    ("a: {wait: 0, next: desk}", "nodes.a.wait: Input should be greater than or equal to 1"),
    ("a: {hang_up: x, cause: bussy}", "should be 'normal', 'busy' or 'rejected'; did you mean 'busy'?"),
    (
        f"a: {{{ASK.replace('next: bye', 'next: b')}, digits: 3, sensitive: true}}\n"
        "  b: {set: {copy: upper(x)}, next: c}\n  c: {say: {zh: '{copy}'}, next: desk}",
        "node 'c': 'copy' is sensitive and may not be said",
    ),
]


@pytest.mark.parametrize(("nodes", "line"), WRONG)
def test_mistakes_are_told_at_their_place(nodes: str, line: str) -> None:
    """Values, kinds, digits, checks and secrets."""
    assert any(line in found for found in told("  " + nodes)), told("  " + nodes)


def test_more_variables_than_allowed_are_refused() -> None:
    """A flow is not a database."""
    many = ", ".join(f"v{number}: 1" for number in range(63))
    assert told(f"  a: {{set: {{{many}}}, next: desk}}") == [
        "f.yaml:7:1: the flow has 65 variables, at most 64 are allowed"
    ]


# --- sub-flows ---------------------------------------------------------------------------------------------

OUTER = HEAD + "  a: {flow: g, with: {asked: n}, into: {place: where}, next: desk}\n"
INNER = """\
flow: g
languages: [zh]
start: a
variables: {asked: 0, tries: 0}
nodes:
  a: {branch: [{when: asked > 3, next: back}], otherwise: c}
  c: {set: {tries: tries + 1}, next: back}
  back: {return: {where: "'there'", many: asked}}
"""


def told_of_both(*changes: tuple[str, str]) -> list[str]:
    """The mistakes of the two flows after these replacements."""
    outer, inner = OUTER, INNER
    for old, new in changes:
        assert old in outer + inner
        outer, inner = outer.replace(old, new), inner.replace(old, new)
    try:
        load_flows({"f.yaml": outer, "g.yaml": inner})
    except Mistakes as wrong:
        return [str(mistake) for mistake in wrong.found]
    return []


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("{flow: g,", "{flow: gg,", "f.yaml:10:13: node 'a': unknown flow 'gg'"),
        ("{asked: n}", "{askd: n}", "the flow 'g' declares no variable 'askd'; did you mean 'asked'?"),
        ("{asked: n}", "{asked: place}", "'asked' of the flow 'g' is a number, but this is a text"),
        ("{asked: n}", "{tries: n}", "the flow 'g' counts 'tries' itself: it cannot be given"),
        ("where}, next", "wher}, next", "of the flow 'g' returns no 'wher'; did you mean 'where'?"),
        ("where}, next", "many}, next", "'place' is a text, but 'many' of the flow 'g' is a number"),
        ("{place: where}", "{new: where}", "node 'a': declare 'new' in 'variables'"),
        ("flow: g\nlanguages: [zh]", "flow: g\nlanguages: [en]", "the flow 'g' does not speak 'zh'"),
        ("{return: {where: \"'there'\", many: asked}}", "{hang_up: done}", "never comes back"),
        ("{set: {tries: tries + 1}, next: back}", "{flow: f, next: back}", "the flow goes through itself: "),
        (
            "c: {set: {tries: tries + 1}, next: back}",
            "c: {menu: {zh: 请按。}, digits: {0: back}, no_input: back, no_match: back}",
            "g.yaml:7:33: node 'c': key 0 leads to a human in the flow around everywhere",
        ),
    ],
)
def test_sub_flows_fit_those_around_them(old: str, new: str, line: str) -> None:
    """All there, no recursion, and what is given and taken is of the right name and kind."""
    assert told_of_both() == []
    assert any(line in found for found in told_of_both((old, new))), told_of_both((old, new))


def test_sub_flows_are_nested_eight_deep_and_no_deeper() -> None:
    """Each is within the one before."""
    head = "flow: f{n}\nlanguages: [zh]\nstart: a\nnodes:\n"
    more = head + "  a: {{flow: f{next}, next: b}}\n  b: {{return: {{}}}}\n"
    last = head + "  a: {{return: {{}}}}\n"
    flows = {f"{n}": more.format(n=n, next=n + 1) for n in range(8)}
    assert rehearse(load_flows({**flows, "8": last.format(n=8)})["f0"]).path == ["a"] * 9 + ["b"] * 8
    with pytest.raises(Mistakes, match="nested 9 deep here, at most 8"):
        load_flows({**flows, "8": more.format(n=8, next=9), "9": last.format(n=9)})


def test_a_secret_of_another_flow_is_not_said() -> None:
    """What comes out of a sub-flow is as sensitive as it was in it."""
    secret = "  a: {collect: {zh: 请输入。}, digits: 3, into: pin, sensitive: true,"
    secret += " next: b, no_input: b, no_match: b}\n"
    inner = INNER.replace("  a: {branch", secret + "  b: {branch").replace("\"'there'\"", "pin")
    inner = inner.replace("variables: {", "variables: {pin: '', ")
    said = OUTER.replace("next: desk}\n", "next: tell}\n") + "  tell: {say: {zh: '{place}'}, next: desk}\n"
    with pytest.raises(Mistakes, match="'place' is sensitive in another flow and may not be said"):
        load_flows({"f.yaml": said, "g.yaml": inner})


# --- how far it is to a human ------------------------------------------------------------------------------


def test_the_way_to_a_human_is_measured() -> None:
    """Usual: the quickest, without hesitation; worst: the slowest, with every silence, and no way back."""
    words = "十" * 9  # two seconds
    flow = load_flow(
        HEAD + f"  a: {{play: {{zh: {words}}}, human: false, next: m}}\n"
        f"  m: {{menu: {{zh: {words}}}, digits: {{1: w, 2: a}}, no_input: bye, no_match: bye, retries: 1,"
        " timeout_sec: 4}\n  w: {wait: 30, next: desk}\n",
        "f.yaml",
    )
    reach = human_reach(flow)
    assert reach.usual is not None
    assert reach.worst is not None
    assert (reach.usual.seconds, reach.usual.keys, reach.usual.nodes) == (4, 1, ("a", "m", "desk"))
    assert (reach.worst.keys, reach.worst.nodes) == (2, ("a", "m", "w", "desk"))
    assert reach.worst.seconds == pytest.approx(2 + (2 + 2) + 2 / 4.5 + 2 * 4 + 30)
    measured = human_reach(flow, lambda prompt: 10.0).usual
    assert measured is not None
    assert measured.seconds == 20


def test_shipped_flows_are_near_a_human() -> None:
    """One key, and less than half a minute of words in the usual case."""
    for flow in read_flows().values():
        if not flow.content.human:
            continue  # a sub-flow: the way to a human is that of the flow around
        reach = human_reach(flow)
        assert reach.usual is not None
        assert reach.worst is not None
        assert reach.usual.keys <= 1
        assert reach.usual.seconds < 30
        assert reach.usual.seconds < reach.worst.seconds < 300


def test_no_way_to_a_human_is_told() -> None:
    """As for a flow that only tells something."""
    flow = load_flow("flow: x\nlanguages: [zh]\nstart: a\nnodes:\n  a: {hang_up: done}\n", "x.yaml")
    assert human_reach(flow).usual is human_reach(flow).worst is None
