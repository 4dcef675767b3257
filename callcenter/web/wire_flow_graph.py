"""The JSON shapes of a flow as a graph. See ``wire``."""

from __future__ import annotations

from typing import Literal

from callcenter.web.wire import Wire


class FlowGraphNode(Wire):
    """A node as a card, in pixels from the graph's upper left corner. ``says`` is what callers hear there, or
    its queue, calendar ...; ``line`` is that of its name in the file. ``human_key``: the key to a human works
    there. ``flow`` is the sub-flow that it goes through. The card of kind ``human`` is no node, but the key
    to a human, which works wherever ``human_key`` says so."""

    name: str
    kind: str
    says: str
    line: int
    x: float
    y: float
    width: float
    height: float
    human_key: bool = False
    flow: str | None = None


class FlowGraphWay(Wire):
    """One way out of a node: the flow's word for it (a key, ``next``, ``no_input`` ...), and where its target
    is written, as `callcenter flows set` takes it and as a line of the file."""

    word: str
    at: str
    line: int


class FlowGraphEdge(Wire):
    """All ways from one node to another; ``keys`` and ``words`` are its label, whose middle is at
    ``label_x``, ``label_y``. ``path`` is drawn from the upper card to the lower one; ``upward``: the head is
    at the upper one. A way back to the same node has no path."""

    source: str
    target: str
    kind: Literal["key", "word", "next", "human"]
    keys: list[str]
    words: list[str]
    ways: list[FlowGraphWay]
    path: str
    upward: bool
    label_x: float
    label_y: float


class FlowGraph(Wire):
    """A flow, laid out. ``human_key`` is the key to a human, empty without one; ``language`` that of the
    texts."""

    flow: str
    version: str
    language: str
    entry: str
    human_key: str
    width: float
    height: float
    nodes: list[FlowGraphNode]
    edges: list[FlowGraphEdge]
