"""A flow as the graph that the console shows. Pure; where things lie is decided by ``ivr_flows.drawing``."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Literal

from callcenter.web.wire_flow_graph import FlowGraph, FlowGraphEdge, FlowGraphNode, FlowGraphWay
from ivr_flows.drawing.layout import Spot
from ivr_flows.drawing.picture import Arrow, Box, picture_of
from ivr_flows.drawing.plan import HUMAN, Wire, plan_of
from ivr_flows.model import Flow, SubflowNode
from located_yaml import Mistake, Path
from located_yaml.editing import dotted


def graph_of(flow: Flow, language: str | None = None) -> FlowGraph:
    """The flow, sound or not, with its texts in ``language`` (its first, when it has no such): each node is
    one card, each way is in one edge. Ways to nodes that are not there are left out."""
    spoken = language if language in flow.content.languages else flow.content.languages[0]
    picture = picture_of(flow, spoken)
    plan = plan_of(picture)
    own = [
        Wire(arrow, "", goes_up=False, x=0, y=0) for arrow in picture.arrows if arrow.source == arrow.target
    ]
    return FlowGraph(
        flow=flow.name,
        version=flow.version,
        language=spoken,
        entry=picture.start,
        human_key=picture.human_key,
        width=plan.width,
        height=plan.height,
        nodes=[_node(flow, box, plan.spots[name]) for name, box in plan.boxes.items()],
        edges=[_edge(flow, wire) for wire in (*plan.wires, *own)],
    )


def mistakes_by_node(flow: Flow, found: Iterable[Mistake]) -> dict[str, list[Mistake]]:
    """The mistakes in each node of the flow that has any; the others are in none."""
    inside = sorted(
        (m for m in found if m.file == flow.source.file and m.path[:1] == ("nodes",) and m.path[1:2]),
        key=lambda mistake: str(mistake.path[1]),
    )
    return {name: list(own) for name, own in groupby(inside, key=lambda mistake: str(mistake.path[1]))}


def _node(flow: Flow, box: Box, spot: Spot) -> FlowGraphNode:
    node = flow.nodes.get(box.name)
    path = ("nodes", box.name) if node is not None else ("human",)
    return FlowGraphNode(
        name=box.name,
        kind=box.kind,
        says=box.says,
        line=flow.source.position(path, key=True)[0],
        x=round(spot.x - spot.size.width / 2, 1),
        y=spot.y,
        width=spot.size.width,
        height=spot.size.height,
        human_key=box.has_human_key,
        flow=node.flow if isinstance(node, SubflowNode) else None,
    )


def _edge(flow: Flow, wire: Wire) -> FlowGraphEdge:
    arrow = wire.arrow
    return FlowGraphEdge(
        source=arrow.source,
        target=arrow.target,
        kind=_kind(arrow),
        keys=list(arrow.keys),
        words=list(arrow.words),
        ways=_ways(flow, arrow),
        path=wire.steps,
        upward=wire.goes_up,
        label_x=round(wire.x, 1),
        label_y=round(wire.y, 1),
    )


def _kind(arrow: Arrow) -> Literal["key", "word", "next", "human"]:
    if arrow.source == HUMAN:
        return "human"
    return "key" if arrow.keys else "word" if arrow.words else "next"


def _ways(flow: Flow, arrow: Arrow) -> list[FlowGraphWay]:
    written: list[tuple[str, Path]]
    if arrow.source == HUMAN:
        written = [("human", ("human", "next"))]
    else:
        ways = flow.nodes[arrow.source].ways()
        written = [
            (way.word, ("nodes", arrow.source, *way.path)) for way in ways if way.target == arrow.target
        ]
    return [
        FlowGraphWay(word=word, at=dotted(path), line=flow.source.position(path)[0]) for word, path in written
    ]
