"""The ways between nodes: all lead somewhere, and somewhere leads to every node."""

from __future__ import annotations

from collections.abc import Iterator

from ivr_flows.model import (
    CollectNode,
    Flow,
    HearNode,
    ListenNode,
    LookUpNode,
    MenuNode,
    Node,
    PlayNode,
    RecordNode,
    SayNode,
    SubflowNode,
    SurveyNode,
    TransferNode,
    VoicemailNode,
    WaitNode,
    Way,
)
from located_yaml import Mistake, Path, did_you_mean

HEARING = (
    PlayNode
    | SayNode
    | MenuNode
    | ListenNode
    | CollectNode
    | WaitNode
    | LookUpNode
    | VoicemailNode
    | SurveyNode
    | RecordNode
    | HearNode
)
"""The nodes where keys are heard, and with them the human key."""


def hears_human_key(node: Node) -> bool:
    """Whether the human key, if the flow has one, works in this node."""
    if isinstance(node, TransferNode):
        return node.human and node.rings_outside
    return isinstance(node, HEARING) and node.human


def ways_of(flow: Flow, node: Node) -> tuple[Way, ...]:
    """All ways out of a node, with the way of the human key where it works."""
    human = flow.content.human
    hears_it = hears_human_key(node)
    # A sub-flow without a human key of its own uses the one of the flow around it.
    if human and (hears_it or isinstance(node, SubflowNode)):
        return (*node.ways(), Way("human", human.next, (), by_a_person=True))
    return node.ways()


def unknown_targets(flow: Flow) -> Iterator[Mistake]:
    """Ways to nodes that are not there."""

    def unknown(where: str, target: str, path: Path) -> Mistake:
        told = f"{where}unknown node '{target}'{did_you_mean(target, flow.nodes)}"
        return flow.source.mistake(path, told)

    if flow.content.start not in flow.nodes:
        yield unknown("start: ", flow.content.start, ("start",))
    if flow.content.human and flow.content.human.next not in flow.nodes:
        yield unknown("human: ", flow.content.human.next, ("human", "next"))
    for name, node in flow.nodes.items():
        for way in node.ways():
            if way.target not in flow.nodes:
                yield unknown(f"node '{name}', {way.word}: ", way.target, ("nodes", name, *way.path))


def unreachable(flow: Flow) -> Iterator[Mistake]:
    """Nodes to which no way leads."""
    reached = {flow.content.start}
    ahead = [flow.content.start]
    while ahead:
        targets = {way.target for way in ways_of(flow, flow.nodes[ahead.pop()])} - reached
        reached |= targets
        ahead += targets
    for name in flow.nodes:
        if name not in reached:
            yield flow.source.mistake(("nodes", name), f"node '{name}': no way leads here", key=True)
