"""Nodes that the caller hears nothing of: they decide, reckon, or change the flow."""

from __future__ import annotations

import hashlib
from typing import Final

from ivr_flows.effects import LanguageChosen
from ivr_flows.interpreter.state import Frame, SessionState
from ivr_flows.model import (
    BranchNode,
    HoursNode,
    LanguageNode,
    ReturnNode,
    SetNode,
    SplitNode,
    SubflowNode,
)

MAX_NESTING: Final = 8
"""Sub-flows within one another."""


def enter_hours(state: SessionState, node: HoursNode, now: int) -> str:
    """Open or closed."""
    calendar = state.calendars.get(node.hours)
    # A calendar that was taken away must not lock callers out: the queue knows who is there.
    return node.open if calendar is None or calendar.is_open(now) else node.closed


def enter_branch(state: SessionState, node: BranchNode, now: int) -> str:
    """The way of the first case that holds."""
    for case in node.branch:
        if case.when.holds(state.values(case.when.names, now)):
            return case.next
    return node.otherwise


def enter_language(state: SessionState, node: LanguageNode, now: int) -> str:
    """From here in this language."""
    state.language = node.language
    state.effects.append(LanguageChosen(node.language))
    return node.next


def enter_set(state: SessionState, node: SetNode, now: int) -> str:
    """The variables, one after the other."""
    for name, expression in node.set.items():
        state.assign(name, state.value(expression, now), secret=state.is_secret(expression))
    return node.next


def enter_split(state: SessionState, node: SplitNode, now: int) -> str:
    """A hash of the call and the node decides, so that a replay goes the same way."""
    drawn = hashlib.sha256(
        f"{state.seed}\0{state.flow.name}\0{state.node}".encode("utf-8", "replace")
    ).digest()
    total = sum(share.weight for share in node.split)
    place = int.from_bytes(drawn[:8], "big") % max(1, total)
    for share in node.split:
        place -= share.weight
        if place < 0:
            return share.next
    return node.split[-1].next


def enter_subflow(state: SessionState, node: SubflowNode, now: int) -> str:
    """Into the other flow; one that is not there, which loading refuses, is passed over."""
    inner = state.flow.subflows.get(node.flow)
    if inner is None or len(state.frames) >= MAX_NESTING:
        return node.next
    given = {name: state.value(expression, now) for name, expression in node.with_.items()}
    secret = {name for name, expression in node.with_.items() if state.is_secret(expression)}
    state.frames = (*state.frames, Frame(state.flow, state.node, state.variables, state.secret))
    state.flow, state.variables, state.secret = inner, given, secret
    return inner.content.start


def enter_return(state: SessionState, node: ReturnNode, now: int) -> str | None:
    """Back to the flow around, with the results; the end, where there is none around."""
    if not state.frames:
        state.end("done")
        return None
    results = {name: state.value(expression, now) for name, expression in node.return_.items()}
    secret = {name for name, expression in node.return_.items() if state.is_secret(expression)}
    state.node = state.leave(len(state.frames) - 1)
    outer = state.node_of(SubflowNode)
    for name, result in outer.into.items():
        if result in results:
            state.assign(name, results[result], secret=result in secret)
    return outer.next
