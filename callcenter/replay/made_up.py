"""Values that stand for those of a real call and say nothing of it, yet lead the same way."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ivr_flows.expressions import Expression, Value
from ivr_flows.model import BranchNode, Flow, LookUpNode, ReturnNode, SetNode, SubflowNode


class MadeUp:
    """Texts and numbers that the flow itself names are nobody's and stay; other texts become ``x``, other
    numbers one on the same side of all that the flow compares with."""

    def __init__(self, flow: Flow) -> None:
        parts = (part for one in _expressions(flow) for part in ast.walk(one.tree))
        named = [part.value for part in parts if isinstance(part, ast.Constant)]
        self._texts = {one for one in named if isinstance(one, str)}
        self._numbers = sorted({float(one) for one in named if isinstance(one, int | float)} | {0.0})

    def __call__(self, value: Value) -> Value:
        """What stands for the value."""
        if isinstance(value, bool):
            return value
        if isinstance(value, str):
            return value if value in self._texts else "x"
        if value in self._numbers:
            return value
        below = max((one for one in self._numbers if one < value), default=None)
        above = min((one for one in self._numbers if one > value), default=None)
        if below is None or above is None:
            return self._numbers[-1] + 1 if above is None else self._numbers[0] - 1
        return (below + above) / 2


def _expressions(flow: Flow) -> Iterator[Expression]:
    """All that the flow and its sub-flows work out."""
    for node in flow.nodes.values():
        match node:
            case BranchNode():
                yield from (case.when for case in node.branch)
            case SetNode():
                yield from node.set.values()
            case SubflowNode() | LookUpNode():
                yield from node.with_.values()
            case ReturnNode():
                yield from node.return_.values()
    for inner in flow.subflows.values():
        yield from _expressions(inner)
