"""Which nodes and ways of a flow the cases go, and which they leave out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ivr_flows.check import ways_of
from ivr_flows.model import Flow, Way
from ivr_flows.rehearsal import Rehearsal


@dataclass(frozen=True, slots=True)
class MissedWay:
    """A way out of a node that no case goes, with its line in the flow's file."""

    node: str
    word: str
    target: str
    line: int


@dataclass(frozen=True, slots=True)
class MissedNode:
    """A node that no case comes to, with its line in the flow's file."""

    node: str
    line: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of one flow is tested. Counts are of all there are; each way of each node is one."""

    flow: Flow
    nodes: int
    ways: int
    missed_nodes: tuple[MissedNode, ...]
    missed_ways: tuple[MissedWay, ...]

    @property
    def node_percent(self) -> float:
        """0 to 100; 100 when there are none."""
        return _percent(self.nodes - len(self.missed_nodes), self.nodes)

    @property
    def way_percent(self) -> float:
        """0 to 100; 100 when there are none."""
        return _percent(self.ways - len(self.missed_ways), self.ways)


def coverage_of(flow: Flow, rehearsals: Iterable[Rehearsal]) -> Coverage:
    """What these calls, taken together, went through."""
    entered: set[str] = set()
    taken: set[tuple[str, str]] = set()
    for done in rehearsals:
        entered.update(done.path)
        taken.update((node, way.word) for node, way in done.ways)
    ways = [(name, way) for name, node in flow.nodes.items() for way in ways_of(flow, node)]
    return Coverage(
        flow,
        nodes=len(flow.nodes),
        ways=len(ways),
        missed_nodes=tuple(
            MissedNode(name, flow.source.position(("nodes", name), key=True)[0])
            for name in flow.nodes
            if name not in entered
        ),
        missed_ways=tuple(
            MissedWay(name, way.word, way.target, _line(flow, name, way))
            for name, way in ways
            if (name, way.word) not in taken
        ),
    )


def _line(flow: Flow, node: str, way: Way) -> int:
    """The human key's way stands nowhere in its node: it is told at the node."""
    return flow.source.position(("nodes", node, *way.path), key=not way.path)[0]


def _percent(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else 100.0
