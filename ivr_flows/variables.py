"""What is known of a flow's variables before any call: their kinds, their first values, which are secret."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ivr_flows.expressions import Expression, Value, kind_of
from ivr_flows.facts import FACT_KINDS
from ivr_flows.model.deciding import SetNode
from ivr_flows.model.listening import ListenNode
from ivr_flows.model.outside import LookUpNode
from ivr_flows.model.parts import Part
from ivr_flows.model.recording import RecordNode
from ivr_flows.model.speaking import CollectNode

MAX_VARIABLES: Final = 64
_NEUTRAL: Final[Mapping[type, Value]] = {str: "", float: 0, bool: False}


@dataclass(frozen=True, slots=True)
class Variables:
    """``initial`` holds every variable: its declared value, or (for one that a ``set`` introduces) the
    neutral value of its kind. ``secret`` are those that may hold sensitive digits or what was made of them.
    ``counters`` are counted up (see ``is_step``): nothing from outside the flow fills them, or no loop could
    be proved to end.
    """

    kinds: Mapping[str, type]
    initial: Mapping[str, Value]
    secret: frozenset[str]
    counters: frozenset[str]

    @staticmethod
    def of(declared: Mapping[str, Value], nodes: Mapping[str, Part]) -> Variables:
        """What the declarations and the nodes say; it makes no complaint (see ``check``)."""
        settings = list(_settings(nodes.values()))
        kinds = _kinds(declared, nodes.values(), settings)
        initial = {name: declared.get(name, _NEUTRAL[kind]) for name, kind in kinds.items()}
        counters = frozenset(name for name, expression in settings if is_step(name, expression))
        return Variables(kinds, initial, secret_names(nodes, kinds), counters)

    @property
    def all_kinds(self) -> dict[str, type]:
        """The kind of every name that an expression of the flow may use: variables, and facts of the call."""
        return {**self.kinds, **FACT_KINDS}


def secret_names(
    nodes: Mapping[str, Part], kinds: Mapping[str, type], given: Iterable[str] = ()
) -> frozenset[str]:
    """The names that may hold sensitive digits when those of ``given`` do from the start."""
    secret = {*given}
    secret |= {node.into for node in nodes.values() if isinstance(node, CollectNode) and node.sensitive}
    secret |= {node.into for node in nodes.values() if isinstance(node, ListenNode) and node.into}
    looked_up = (node for node in nodes.values() if isinstance(node, LookUpNode) and node.sensitive)
    secret |= {variable for node in looked_up for variable in node.into}
    settings = list(_settings(nodes.values()))
    all_kinds = {**kinds, **FACT_KINDS}
    while more := {
        name for name, expression in settings if name not in secret and leaks(expression, secret, all_kinds)
    }:
        secret |= more
    return frozenset(secret)


def leaks(expression: Expression, secret: Iterable[str], kinds: Mapping[str, type]) -> bool:
    """Whether a secret may be read from what the expression gives: an answer of true or false tells too
    little."""
    return not expression.names.isdisjoint(secret) and expression.kind(kinds) is not bool


def is_step(variable: str, expression: Expression) -> bool:
    """Whether the expression counts the variable up, by a plain number of 1 or more."""
    match expression.tree:
        case (
            ast.BinOp(left=ast.Name(id=name), op=ast.Add(), right=number)
            | ast.BinOp(left=number, op=ast.Add(), right=ast.Name(id=name))
        ) if name == variable:
            step = literal(number)
            return step is not None and step >= 1
    return False


def literal(tree: ast.expr) -> float | None:
    """The plain number that stands here, if it is one."""
    match tree:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return number
    return None


def _settings(nodes: Iterable[Part]) -> Iterator[tuple[str, Expression]]:
    for node in nodes:
        if isinstance(node, SetNode):
            yield from node.set.items()


def _kinds(
    declared: Mapping[str, Value], nodes: Iterable[Part], settings: Iterable[tuple[str, Expression]]
) -> dict[str, type]:
    """Declared values first; then digits, takes and sayings are texts; then each ``set`` whose kind can be
    told."""
    kinds = {name: kind_of(value) for name, value in declared.items()}
    for node in nodes:
        if isinstance(node, CollectNode | RecordNode):
            kinds.setdefault(node.into, str)
        if isinstance(node, ListenNode) and node.into:
            kinds.setdefault(node.into, str)
    open_settings = list(settings)
    progress = True
    while progress:
        progress = False
        for name, expression in open_settings:
            if name not in kinds and (kind := expression.kind({**kinds, **FACT_KINDS})) is not None:
                kinds[name] = kind
                progress = True
    return kinds
