"""Counters: variables of which it can be proved how far they count.

A variable is a counter when nodes count it up by 1 or more (``set: {tries: tries + 1}``), everything else
that sets it sets a plain number of 0 or more, and it begins there too.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ivr_flows.model import BranchNode, CollectNode, Flow, ListenNode, LookUpNode, SetNode, SubflowNode
from ivr_flows.variables import is_step, literal

MAX_COUNT: Final = 20
"""How far a counter may count."""

Edge = tuple[str, str]
Bounds = dict[str, float]
"""Variables, each with a number that it is below."""


@dataclass(frozen=True, slots=True)
class Counter:
    """``steps`` are the nodes that count up, ``resets`` those that set it otherwise, ``bounded`` the ways
    gone only while it is below ``bound``."""

    steps: frozenset[str]
    resets: frozenset[str]
    bounded: frozenset[Edge]
    bound: float


def counters_of(flow: Flow) -> list[Counter]:
    """All counters of the flow, in the order of the file."""
    steps: dict[str, set[str]] = defaultdict(set)
    resets: dict[str, set[str]] = defaultdict(set)
    unfit = {name for name, value in flow.content.variables.items() if not _is_start(value)}
    for name, node in flow.nodes.items():
        if isinstance(node, SetNode):
            for variable, expression in node.set.items():
                counts = is_step(variable, expression)
                (steps if counts else resets)[variable].add(name)
                if not counts and not _is_start(literal(expression.tree)):
                    unfit.add(variable)
        elif isinstance(node, CollectNode | ListenNode) and node.into:
            unfit.add(node.into)
        elif isinstance(node, SubflowNode | LookUpNode):
            unfit |= node.into.keys()
    bounded = _bounded_edges(flow)
    return [
        Counter(
            frozenset(steps[variable]),
            frozenset(resets[variable]),
            frozenset(bounded[variable]),
            max(bounded[variable].values()),
        )
        for variable in steps
        if variable not in unfit and bounded.get(variable)
    ]


def _bounded_edges(flow: Flow) -> dict[str, dict[Edge, float]]:
    """By variable: the ways gone only while it is below a number of at most ``MAX_COUNT``."""
    found: dict[str, dict[Edge, float]] = defaultdict(dict)
    for name, node in flow.nodes.items():
        if not isinstance(node, BranchNode):
            continue
        by_target: dict[str, list[Bounds]] = defaultdict(list)
        passed: Bounds = {}
        for case in node.branch:
            by_target[case.next].append({**passed, **dict(_below(case.when.tree, true=True))})
            passed.update(_below(case.when.tree, true=False))
        by_target[node.otherwise].append(passed)
        for target, ways in by_target.items():
            for variable in set.intersection(*(set(bounds) for bounds in ways)):
                found[variable][name, target] = max(bounds[variable] for bounds in ways)
    return found


def _below(tree: ast.expr, *, true: bool) -> Iterator[tuple[str, float]]:
    """Variables that are below a number when the condition is true (or false)."""
    match tree:
        case ast.BoolOp(op=op, values=parts) if isinstance(op, ast.And) is true:
            for part in parts:
                yield from _below(part, true=true)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield from _below(operand, true=not true)
        case ast.Compare(left=left, ops=ops, comparators=others) if true or len(ops) == 1:
            sides = [left, *others]
            for compared, one, other in zip(ops, sides, sides[1:], strict=False):
                yield from _pair(one, compared, other, true=true)


def _pair(one: ast.expr, op: ast.cmpop, other: ast.expr, *, true: bool) -> Iterator[tuple[str, float]]:
    less, greater = ((ast.Lt, ast.LtE), (ast.Gt, ast.GtE)) if true else ((ast.GtE, ast.Gt), (ast.LtE, ast.Lt))
    for side, number, ops in ((one, other, less), (other, one, greater)):
        bound = literal(number)
        if isinstance(side, ast.Name) and bound is not None and isinstance(op, ops) and bound <= MAX_COUNT:
            yield side.id, bound + isinstance(op, ops[1])


def _is_start(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
