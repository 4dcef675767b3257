"""Flows as graphs for the console: every node and way is there once, and nothing lies over anything else."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest

from callcenter.flow_editing.graph import graph_of, mistakes_by_node
from callcenter.web.wire_flow_graph import FlowGraphNode
from ivr_flows.drawing.plan import HUMAN
from ivr_flows.files import SHIPPED_FLOWS, read_flows
from ivr_flows.loader import draft
from ivr_flows.model import Flow

FLOWS = read_flows()
HOTLINE = FLOWS["citizen_hotline"]
BROKEN = """\
flow: broken
languages: [zh]
start: menu
human: {next: nobody}
nodes:
  menu: {menu: {zh: 请按键。}, digits: {1: end, 2: gone}, no_input: menu, no_match: end}
  alone: {play: {zh: 没有人听到。}, next: end}
  end: {hang_up: done}
"""


@pytest.mark.parametrize("flow", FLOWS.values(), ids=lambda flow: flow.name)
def test_every_node_and_every_way_is_there_once(flow: Flow) -> None:
    """A card a node, an edge for all ways between two, each way with the line where it is written."""
    graph = graph_of(flow)
    assert graph == graph_of(flow)
    assert [node.name for node in graph.nodes if node.name != HUMAN] == list(flow.nodes)
    told = Counter((e.source, w.word, e.target) for e in graph.edges for w in e.ways if e.source != HUMAN)
    assert told == Counter(
        (name, way.word, way.target) for name, node in flow.nodes.items() for way in node.ways()
    )
    assert len({(edge.source, edge.target) for edge in graph.edges}) == len(graph.edges)
    lines = (SHIPPED_FLOWS / f"{flow.name}.yaml").read_text(encoding="utf-8").splitlines()
    for node in graph.nodes:
        assert (node.name if node.name != HUMAN else "human") + ":" in lines[node.line - 1]
    for edge in graph.edges:
        assert all(edge.target in lines[way.line - 1] for way in edge.ways)


@pytest.mark.parametrize("flow", FLOWS.values(), ids=lambda flow: flow.name)
def test_no_card_lies_over_another(flow: Flow) -> None:
    """Cards are apart and within the graph; labels lie beside the cards, never on one."""
    graph = graph_of(flow)
    for one, other in combinations(graph.nodes, 2):
        beside = one.x + one.width <= other.x + 0.1 or other.x + other.width <= one.x + 0.1
        assert beside or one.y + one.height < other.y or other.y + other.height < one.y, (
            one.name,
            other.name,
        )
    for node in graph.nodes:
        assert node.x >= 0 <= node.y
        assert node.x + node.width <= graph.width + 0.1
        assert node.y + node.height <= graph.height + 0.1
    for edge in graph.edges:
        if edge.path:
            spot = (edge.label_x, edge.label_y)
            assert not [node.name for node in graph.nodes if _holds(node, *spot)], edge.label_x


def test_the_human_key_is_told_once() -> None:
    """Nodes where it works are marked; one card leads to the human."""
    graph = graph_of(HOTLINE, "en")
    assert (graph.human_key, graph.language, graph.entry) == ("0", "en", HOTLINE.content.start)
    [edge] = [edge for edge in graph.edges if edge.kind == "human"]
    assert (edge.source, edge.target, edge.ways[0].at) == (HUMAN, "to_agent", "human.next")
    by_name = {node.name: node for node in graph.nodes}
    assert (by_name["welcome"].human_key, by_name["business_hours"].human_key) == (True, False)
    assert by_name["welcome"].says.startswith("Welcome")


def test_a_flow_that_is_not_sound_is_drawn_as_far_as_it_goes() -> None:
    """Ways to nowhere are left out; what is wrong is told of the node that it is in."""
    flow, found = draft(BROKEN, "broken.yaml")
    assert flow is not None
    graph = graph_of(flow)
    assert {node.name for node in graph.nodes} == {"menu", "alone", "end"}
    assert {(edge.source, edge.target) for edge in graph.edges} == {
        ("menu", "end"),
        ("menu", "menu"),
        ("alone", "end"),
    }
    assert graph.human_key == ""
    told = mistakes_by_node(flow, found)
    assert list(told) == ["menu"]
    assert "unknown node 'gone'" in told["menu"][0].message
    assert draft("flow: [", "broken.yaml")[0] is None
    assert draft("flow: x\nlanguages: [zh]\nstart: a\nnodes: {a: {jump: 1}}", "broken.yaml")[0] is None


def _holds(node: FlowGraphNode, x: float, y: float) -> bool:
    return node.x <= x <= node.x + node.width and node.y <= y <= node.y + node.height
