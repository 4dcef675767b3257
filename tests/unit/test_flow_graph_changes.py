"""What is changed in the graph of a flow is changed in its text, and nothing else of it."""

from __future__ import annotations

import pytest

from callcenter.flow_editing.changing import changed
from callcenter.flow_editing.trying import Texts
from callcenter.web.wire_flow_graph import FlowChange
from ivr_flows.loader import load_flow
from located_yaml import Mistakes

FLOW = """\
# The city's line.
flow: line
languages: [zh]
start: hello
nodes:
  hello: {play: {zh: 您好。}, next: menu}  # everybody hears this
  menu:
    menu: {zh: 请按一。}
    digits: {1: more, 2: bye}   # one to nine
    no_input: bye
    no_match: bye
  more: {play: {zh: 请稍候。}, next: bye}
  bye: {hang_up: done}
"""
TESTS = """\
flow: line
cases:
  one: {steps: [{at: menu, press: '1'}], expect: {path: [hello, menu, more, bye]}}  # the usual one
"""
TEXTS = Texts(
    {"line.yaml": FLOW.encode()}, {"tests/line.yaml": TESTS, "tests/other.yaml": "flow: other\ncases: {}\n"}
)


def after(deed: str, at: str, to: str, flow: str = FLOW) -> dict[str, str]:
    """The texts that are others then."""
    texts = Texts({"line.yaml": flow}, TEXTS.tests)
    return changed(texts, "line.yaml", FlowChange.model_validate({"deed": deed, "at": at, "to": to}))


def test_a_way_leads_elsewhere() -> None:
    """One word is another; comments and layout stay."""
    assert after("lead", "nodes.menu.digits.2", "more") == {"line.yaml": FLOW.replace("2: bye", "2: more")}
    assert after("lead", "start", "menu") == {"line.yaml": FLOW.replace("start: hello", "start: menu")}
    assert after("lead", "start", "hello") == {}


def test_a_node_is_called_otherwise_in_its_tests_too() -> None:
    """Wherever it is named."""
    files = after("rename", "more", "please_wait")
    assert files == {
        "line.yaml": FLOW.replace("more", "please_wait"),
        "tests/line.yaml": TESTS.replace("more", "please_wait"),
    }


def test_a_new_node_stands_in_a_way() -> None:
    """It is sound as it stands, and leads on to where the way led."""
    (text,) = after("add", "nodes.hello.next", "pause").values()
    flow = load_flow(text, "line.yaml")
    assert [way.target for way in flow.nodes["hello"].ways()] == ["pause"]
    assert [way.target for way in flow.nodes["pause"].ways()] == ["menu"]
    assert "# everybody hears this" in text
    assert "# one to nine" in text


@pytest.mark.parametrize(
    ("deed", "at", "to", "told"),
    [
        ("lead", "nodes.menu.digits.3", "bye", "no way nodes.menu.digits.3"),
        ("lead", "languages.0", "bye", "no way languages.0"),
        ("rename", "gone", "new", "no node 'gone'"),
        ("rename", "menu", "bye", "a node 'bye' already"),
        ("add", "nodes.hello.next", "bye", "a node 'bye' already"),
    ],
)
def test_what_cannot_be_done_is_told(deed: str, at: str, to: str, told: str) -> None:
    """Nothing but ways and nodes is changed."""
    with pytest.raises(Mistakes, match=told):
        after(deed, at, to)


def test_a_flow_that_is_not_sound_can_be_mended_in_its_graph() -> None:
    """A way to nowhere is led elsewhere; what has not the shape of a flow has no graph."""
    broken = FLOW.replace("2: bye", "2: gone")
    assert after("lead", "nodes.menu.digits.2", "bye", broken) == {"line.yaml": FLOW}
    with pytest.raises(Mistakes):
        after("lead", "start", "menu", "flow: [")
