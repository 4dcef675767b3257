"""A session's checkpoint: plain JSON, small, with nothing in it that a reader of the journal may not know.

``flow`` and ``version`` are those the call began on, ``node`` is the node it is in, within the sub-flows of
``within`` (each with the node at which the flow around it waits). Variables stand in the clear, except those
that may hold sensitive digits: these are sealed (see ``sealing``), or left out where there is no seal.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from ivr_flows.expressions import Value, bounded, kind_of
from ivr_flows.interpreter.deciding import MAX_NESTING
from ivr_flows.interpreter.state import Frame, SessionState
from ivr_flows.model import Flow, SubflowNode

PATH_IN_CHECKPOINT: Final = 30


def checkpoint_of(state: SessionState) -> dict[str, Any]:
    """What ``restore`` needs."""
    root = state.frames[0].flow if state.frames else state.flow
    written: dict[str, Any] = {
        "flow": root.name,
        "version": root.version,
        "node": state.node,
        "language": state.language,
        "path": state.path[-PATH_IN_CHECKPOINT:],
        **_written(state, state.flow, state.variables, state.secret),
    }
    if state.question:
        written["question"] = state.question
    if state.frames:
        written["within"] = [
            {"node": frame.node, **_written(state, frame.flow, frame.variables, frame.secret)}
            for frame in state.frames
        ]
    return written


def restore(state: SessionState, checkpoint: Mapping[str, Any]) -> None:
    """Put a fresh state where the checkpoint says, as far as this version of the flow still knows it."""
    if checkpoint.get("language") in state.flow.content.languages:
        state.language = checkpoint["language"]
    for outer in _mappings(checkpoint.get("within"))[:MAX_NESTING]:
        node = state.flow.nodes.get(_text(outer.get("node")))
        inner = state.flow.subflows.get(node.flow) if isinstance(node, SubflowNode) else None
        if inner is None:
            _begin_anew(state)
            return
        variables, secret = _read(state, outer)
        state.frames = (*state.frames, Frame(state.flow, outer["node"], variables, secret))
        state.flow = inner
    if _text(checkpoint.get("node")) not in state.flow.nodes:
        _begin_anew(state)
        return
    state.variables, state.secret = _read(state, checkpoint)
    state.node = checkpoint["node"]
    state.question = int(checkpoint.get("question", 0))
    state.path = [str(node) for node in checkpoint.get("path", ())]


def _begin_anew(state: SessionState) -> None:
    if state.frames:
        state.flow = state.frames[0].flow
        state.frames = ()


def _written(
    state: SessionState, flow: Flow, variables: Mapping[str, Value], secret: Iterable[str]
) -> dict[str, Any]:
    """The fields for variables; none when there are none, as before there were variables."""
    seal = state.seal
    hidden = {name: variables[name] for name in sorted(secret)}
    fields: dict[str, Any] = {}
    if clear := {name: value for name, value in variables.items() if name not in hidden}:
        fields["variables"] = clear
    if hidden and seal is not None:
        fields["sealed"] = {
            name: seal.sealed(json.dumps(value), _purpose(state.seed, flow, name))
            for name, value in hidden.items()
        }
    return fields


def _read(state: SessionState, written: Mapping[str, Any]) -> tuple[dict[str, Value], set[str]]:
    flow, seal = state.flow, state.seal
    kinds = flow.content.known.kinds
    found = dict(_mapping(written.get("variables")))
    secret = set()
    for name, sealed in _mapping(written.get("sealed")).items() if seal else ():
        opened = seal.opened(_text(sealed), _purpose(state.seed, flow, name)) if seal else None
        if opened is not None:
            found[name] = json.loads(opened)
            secret.add(name)
    variables: dict[str, Value] = {
        name: bounded(value)
        for name, value in found.items()
        if isinstance(value, str | int | float) and kind_of(value) is kinds.get(name)
    }
    return variables, secret & variables.keys()


def _purpose(seed: str, flow: Flow, name: str) -> str:
    return f"{seed}\0{flow.name}\0{name}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [_mapping(one) for one in value] if isinstance(value, list) else []
