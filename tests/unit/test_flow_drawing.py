"""Flows as pictures: everything of the flow is there once, and nothing lies over anything else."""

from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest

from ivr_flows.drawing.layout import Size, lay_out
from ivr_flows.drawing.picture import Arrow, Box, picture_of
from ivr_flows.drawing.svg import svg
from ivr_flows.drawing.texts import dot, mermaid
from ivr_flows.files import read_flows
from ivr_flows.loader import load_flow
from ivr_flows.model import Flow

FLOWS = read_flows()
HOTLINE = FLOWS["citizen_hotline"]
SVG = "{http://www.w3.org/2000/svg}"
AWKWARD = load_flow(
    """\
flow: awkward
languages: [zh]
start: again
variables: {name: ''}
nodes:
  again:
    menu: {zh: 请按一 & "二" <三>。}
    digits: {1: again, 2: deep, '*': again, 3: end}
    no_input: end
    no_match: end
  deep: {branch: [{when: "name == 'a\\"b' and length(name) > 3", next: again}], otherwise: end}
  end: {hang_up: done}
""".replace("next: again}], otherwise", "next: menu2}], otherwise").replace(
        "  end:",
        "  menu2: {menu: {zh: 再来。}, digits: {1: again, 2: deep}, no_input: end, no_match: end}\n  end:",
    ),
    "awkward.yaml",
)
ALL = [*FLOWS.values(), AWKWARD]


def test_what_is_seen_of_a_flow() -> None:
    """Boxes by kind with their words, ways with one target in one arrow, the human key told once."""
    picture = picture_of(HOTLINE)
    boxes = {box.name: box for box in picture.boxes}
    assert boxes["business_hours"] == Box("business_hours", "hours", "hotline")
    assert boxes["welcome"].says.startswith("您好")
    assert (boxes["welcome"].has_human_key, boxes["night"].has_human_key) == (True, False)
    assert Arrow("main_menu", "to_agent", (), ("no_input", "no_match")) in picture.arrows
    assert Arrow("main_menu", "consultation", ("1",)) in picture.arrows
    assert Arrow("general", "busy", (), ("otherwise",)) in picture.arrows
    assert Arrow("welcome", "english_offer") in picture.arrows
    assert (picture.human_key, picture.human_target) == ("0", "to_agent")
    in_english = {box.name: box for box in picture_of(HOTLINE, "en").boxes}
    assert in_english["welcome"].says.startswith("Welcome")


@pytest.mark.parametrize("flow", ALL, ids=lambda flow: flow.name)
def test_the_svg_shows_every_node_once(flow: Flow) -> None:
    """It is XML, needs nothing from elsewhere, and names every node and every key."""
    drawn = svg(picture_of(flow))
    texts = [element.text for element in ElementTree.fromstring(drawn).iter(f"{SVG}text")]
    for name in flow.nodes:
        assert texts.count(name) >= 1
    assert drawn.count("<g><title>") == len(flow.nodes)
    assert texts.count("at any time") == (flow.content.human is not None)
    assert "href=" not in drawn
    assert "<script" not in drawn


@pytest.mark.parametrize("flow", ALL, ids=lambda flow: flow.name)
def test_no_box_lies_over_another(flow: Flow) -> None:
    """Boxes and bends of a layer stand beside each other, and arrows lead down but for ways back."""
    picture = picture_of(flow)
    sizes = {box.name: Size(200, 60) for box in picture.boxes}
    arrows = [(arrow.source, arrow.target) for arrow in picture.arrows]
    layout = lay_out(sizes, arrows, picture.start, gap=50)
    spots = [*layout.boxes.values(), *(s for route in layout.routes for s in route.spots[1:-1])]
    for one, other in combinations(spots, 2):
        if one.layer == other.layer:
            assert abs(one.x - other.x) >= (one.size.width + other.size.width) / 2
    assert all(s.x - s.size.width / 2 >= 0 and s.x + s.size.width / 2 <= layout.width + 1e-6 for s in spots)
    for route in layout.routes:
        assert [s.layer for s in route.spots] == sorted(s.layer for s in route.spots)
    assert len(layout.routes) == sum(source != target for source, target in arrows)


def test_a_pair_that_has_only_each_other_stands_in_a_line() -> None:
    """A chain is drawn straight down."""
    names = list("abcde")
    layout = lay_out({name: Size(100, 40) for name in names}, [*pairwise(names), ("a", "e")], "a", 50)
    assert len({round(layout.boxes[name].x) for name in "bcd"}) == 1


def test_mermaid_and_dot_quote_what_they_must() -> None:
    """Signs with a meaning of their own, and names that are words there (end), do no harm."""
    picture = picture_of(AWKWARD)
    chart = mermaid(picture)
    assert "请按一 &amp; &quot;二&quot; &lt;三&gt;。" in chart
    assert not [line for line in chart.splitlines() if line.strip().startswith("end")]
    assert '|"1, *"| n0' in chart
    graph = dot(picture)
    assert '\\"二\\"' in graph
    assert '"again" -> "again" [label="1, *"];' in graph
    assert graph.count("{") == graph.count("}") == 1
    assert 'human_key(["key 0, at any time"])' in mermaid(picture_of(HOTLINE))


def test_a_large_flow_is_drawn_in_time() -> None:
    """Three hundred menus in a tree, every one of which gives up at the same end."""
    nodes = [
        f"  m{i}: {{menu: {{zh: 选。}}, digits: {{1: {_child(2 * i + 1)}, 2: {_child(2 * i + 2)}, 9: m0}}, "
        "no_input: bye, no_match: bye}"
        for i in range(300)
    ]
    head = "flow: large\nlanguages: [zh]\nstart: m0\nnodes:\n"
    text = head + "\n".join(nodes) + "\n  bye: {hang_up: done}\n"
    assert svg(picture_of(load_flow(text, "large.yaml"))).endswith("</svg>\n")


def _child(i: int) -> str:
    return f"m{i}" if i < 300 else "bye"
