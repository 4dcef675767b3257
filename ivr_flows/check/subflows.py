"""Flows that go through one another: all are there, none goes through itself, what is given fits what is
taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from ivr_flows.check.nodes import key_conflicts
from ivr_flows.check.texts import all_texts
from ivr_flows.expressions import KIND_WORDS
from ivr_flows.interpreter.deciding import MAX_NESTING
from ivr_flows.model import Flow, ReturnNode, SubflowNode, UpdateTicketNode
from ivr_flows.variables import leaks, secret_names
from located_yaml import Mistake, did_you_mean


def inner_first(flows: Mapping[str, Flow]) -> list[str]:
    """The names of the flows, each after those that it goes through; needs flows without
    ``subflow_mistakes``."""
    return [*TopologicalSorter(_inner_flows(flows)).static_order()]


def subflow_mistakes(flows: Mapping[str, Flow]) -> list[Mistake]:
    """Everything wrong between the flows."""
    found = [mistake for flow in flows.values() for mistake in _calls(flow, flows)]
    found += _recursion(flows)
    return found or [*_nesting(flows), *_human_keys(flows), *_said_secrets(flows)]


def _calls(flow: Flow, flows: Mapping[str, Flow]) -> Iterator[Mistake]:
    for name, node in flow.nodes.items():
        if not isinstance(node, SubflowNode):
            continue
        inner = flows.get(node.flow)
        if inner is None:
            told = f"unknown flow '{node.flow}'{did_you_mean(node.flow, flows)}"
            yield flow.source.mistake(("nodes", name, "flow"), f"node '{name}': {told}")
            continue
        for field, told in (*_frame(flow, inner), *_given(flow, node, inner), *_results(flow, node, inner)):
            path = ("nodes", name, *field)
            yield flow.source.mistake(path, f"node '{name}': {told}", key=True)


def _frame(flow: Flow, inner: Flow) -> Iterator[tuple[tuple[str, ...], str]]:
    for language in flow.content.languages:
        if language not in inner.content.languages:
            yield (
                ("flow",),
                f"the flow '{inner.name}' does not speak '{language}', as callers of this one may",
            )
    if not any(isinstance(node, ReturnNode) for node in inner.nodes.values()):
        yield ("flow",), f"the flow '{inner.name}' never comes back: it has no 'return'"


def _given(flow: Flow, node: SubflowNode, inner: Flow) -> Iterator[tuple[tuple[str, ...], str]]:
    declared, counters = inner.content.variables, inner.content.known.counters
    for name, expression in node.with_.items():
        kind, wanted = expression.kind(flow.content.known.all_kinds), inner.content.known.kinds.get(name)
        if name not in declared:
            told = f"the flow '{inner.name}' declares no variable '{name}'{did_you_mean(name, declared)}"
            yield ("with", name), told
        elif name in counters:
            yield ("with", name), f"the flow '{inner.name}' counts '{name}' itself: it cannot be given"
        elif kind is not None and wanted is not None and kind is not wanted:
            told = (
                f"'{name}' of the flow '{inner.name}' is {KIND_WORDS[wanted]}, but this is {KIND_WORDS[kind]}"
            )
            yield ("with", name), told


def _results(flow: Flow, node: SubflowNode, inner: Flow) -> Iterator[tuple[tuple[str, ...], str]]:
    returns = {name: node for name, node in inner.nodes.items() if isinstance(node, ReturnNode)}
    for variable, result in node.into.items():
        wanted = flow.content.known.kinds.get(variable)
        for name, back in returns.items():
            if result not in back.return_:
                near = did_you_mean(result, back.return_)
                told = f"node '{name}' of the flow '{inner.name}' returns no '{result}'{near}"
                yield ("into", variable), told
                continue
            kind = back.return_[result].kind(inner.content.known.all_kinds)
            if kind is not None and wanted is not None and kind is not wanted:
                told = f"'{variable}' is {KIND_WORDS[wanted]}, but '{result}' of the flow '{inner.name}'"
                yield ("into", variable), f"{told} is {KIND_WORDS[kind]}"


def _recursion(flows: Mapping[str, Flow]) -> Iterator[Mistake]:
    try:
        TopologicalSorter(_inner_flows(flows)).prepare()
    except CycleError as found:
        circle: list[str] = found.args[1][::-1]
        flow, inner = flows[circle[0]], circle[1]
        told = f"the flow goes through itself: {' -> '.join(circle)}"
        for name, node in flow.nodes.items():
            if isinstance(node, SubflowNode) and node.flow == inner:
                yield flow.source.mistake(("nodes", name, "flow"), f"node '{name}': {told}")


def _nesting(flows: Mapping[str, Flow]) -> Iterator[Mistake]:
    inner = _inner_flows(flows)
    depth: dict[str, int] = {}
    for name in inner_first(flows):
        depth[name] = max((depth[one] + 1 for one in inner[name]), default=0)
        if depth[name] > MAX_NESTING:
            told = f"sub-flows are nested {depth[name]} deep here, at most {MAX_NESTING} are allowed"
            yield flows[name].source.mistake(("flow",), told)


def _human_keys(flows: Mapping[str, Flow]) -> Iterator[Mistake]:
    """Keys that a sub-flow uses otherwise than the flows around it, whose human key works in it."""
    around: dict[str, set[str]] = defaultdict(set)
    for name in reversed(inner_first(flows)):
        flow = flows[name]
        own = flow.content.human
        for key in () if own else sorted(around[name]):
            yield from key_conflicts(flow, key, "a human in the flow around")
        for inner in _inner_flows(flows)[name]:
            around[inner] |= {own.key} if own else around[name]


def _inner_flows(flows: Mapping[str, Flow]) -> dict[str, set[str]]:
    return {
        name: {node.flow for node in flow.nodes.values() if isinstance(node, SubflowNode)} & flows.keys()
        for name, flow in flows.items()
    }


def _said_secrets(flows: Mapping[str, Flow]) -> Iterator[Mistake]:
    """Variables that are sensitive because of another flow, and are said."""
    given = _secrets_between(flows)
    for name, flow in flows.items():
        known = flow.content.known
        secret = secret_names(flow.nodes, known.kinds, given[name]) - known.secret
        for words in all_texts(flow):
            for language, template in words.templates():
                for slot in template.slots:
                    if slot.name in secret:
                        told = (
                            f"{words.where}: '{slot.name}' is sensitive in another flow and may not be said"
                        )
                        yield flow.source.mistake((*words.path, language), told)
        for node_name, node in flow.nodes.items():
            for slot in node.update_ticket.slots if isinstance(node, UpdateTicketNode) else ():
                if slot.name in secret:
                    told = f"node '{node_name}': '{slot.name}' is sensitive in another flow"
                    path = ("nodes", node_name, "update_ticket")
                    yield flow.source.mistake(path, f"{told} and may not be written into a ticket")


def _secrets_between(flows: Mapping[str, Flow]) -> Mapping[str, set[str]]:
    """By flow: the variables that get sensitive values from a flow around it or within it."""
    given: dict[str, set[str]] = defaultdict(set)
    changed = True
    while changed:
        before = {name: len(names) for name, names in given.items()}
        for name, flow in flows.items():
            secret = secret_names(flow.nodes, flow.content.known.kinds, given[name])
            for node in flow.nodes.values():
                if isinstance(node, SubflowNode):
                    inner = flows[node.flow]
                    given[node.flow] |= {
                        one for one, e in node.with_.items() if leaks(e, secret, flow.content.known.all_kinds)
                    }
                    told = _secret_results(inner, given[node.flow])
                    given[name] |= {variable for variable, result in node.into.items() if result in told}
        changed = before != {name: len(names) for name, names in given.items()}
    return given


def _secret_results(flow: Flow, given: set[str]) -> set[str]:
    known = flow.content.known
    secret = secret_names(flow.nodes, known.kinds, given)
    return {
        result
        for node in flow.nodes.values()
        if isinstance(node, ReturnNode)
        for result, expression in node.return_.items()
        if leaks(expression, secret, known.all_kinds)
    }
