"""What a flow asks and tells of the world around the centre, and what there is of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ivr_flows.expressions import KIND_WORDS
from ivr_flows.model import CallerListNode, Flow, LookUpNode, SendNode
from located_yaml import Mistake, did_you_mean


@dataclass(frozen=True, slots=True)
class LookUpShape:
    """What a source must be given, and the results that it gives, each with its kind (None: it is seen only
    in the call)."""

    needs: Collection[str]
    gives: Mapping[str, type | None]


@dataclass(frozen=True, slots=True)
class Outside:
    """The sources that can be asked, the webhooks that can be told, the lists of callers that there are."""

    look_ups: Mapping[str, LookUpShape] = field(default_factory=dict)
    webhooks: Collection[str] = ()
    caller_lists: Collection[str] = ()


def outside_mistakes(flow: Flow, outside: Outside) -> Iterator[Mistake]:
    """Names that are not there, and what does not fit between a node and what it asks."""
    for name, node in flow.nodes.items():
        match node:
            case LookUpNode():
                found = _look_up(flow, node, outside)
            case SendNode():
                found = _unknown(("send",), "webhook", [node.send], outside.webhooks)
            case CallerListNode():
                found = _unknown(("caller_list",), "list of callers", node.caller_list, outside.caller_lists)
            case _:
                continue
        for path, told in found:
            key = path[0] == "caller_list" or len(path) > 1
            yield flow.source.mistake(("nodes", name, *path), f"node '{name}': {told}", key=key)


def _look_up(flow: Flow, node: LookUpNode, outside: Outside) -> Iterator[tuple[tuple[str, ...], str]]:
    shape = outside.look_ups.get(node.look_up)
    if shape is None:
        yield from _unknown(("look_up",), "look-up", [node.look_up], outside.look_ups)
        return
    for given in node.with_:
        if given not in shape.needs:
            near = did_you_mean(given, shape.needs)
            yield ("with", given), f"the look-up '{node.look_up}' asks for no '{given}'{near}"
    for needed in shape.needs:
        if needed not in node.with_:
            told = f"the look-up '{node.look_up}' needs '{needed}': give it by 'with: {{{needed}: ...}}'"
            yield ("look_up",), told
    for variable, result in node.into.items():
        if result not in shape.gives:
            near = did_you_mean(result, shape.gives)
            yield ("into", variable), f"the look-up '{node.look_up}' gives no '{result}'{near}"
            continue
        kind, wanted = shape.gives[result], flow.content.known.kinds.get(variable)
        if kind is not None and wanted is not None and kind is not wanted:
            told = f"'{variable}' is {KIND_WORDS[wanted]}, but '{result}' is {KIND_WORDS[kind]}"
            yield ("into", variable), told


def _unknown(
    path: tuple[str, ...], what: str, names: Iterable[str], known: Collection[str]
) -> Iterator[tuple[tuple[str, ...], str]]:
    for name in names:
        if name not in known:
            there = (*path, name) if path == ("caller_list",) else path
            yield there, f"unknown {what} '{name}'{did_you_mean(name, known)}"
