"""Text to Flow, whole and sound or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from pydantic import ValidationError

from ivr_flows.check import structure_mistakes
from ivr_flows.check.subflows import inner_first, subflow_mistakes
from ivr_flows.model import NODE_KINDS, Flow, FlowFile, SubflowNode, kinds_in
from located_yaml import Document, Mistake, Mistakes, did_you_mean, from_pydantic, load

IN_ORDER: Final = ("set", "caller_list")
"""The mappings of nodes whose entries are taken in their order."""


def load_flow(source: str | bytes, file: str) -> Flow:
    """The flow written in ``source``, proved sound in itself; ``file`` is only the name told in mistakes.

    Raises Mistakes with everything that is wrong. What depends on the rest of the centre (queues, calendars,
    audio) is asked by ``check.surroundings_mistakes``. Its sub-flows are not looked for: see ``load_flows``.
    """
    flow, found = draft(source, file)
    if flow is None or found:
        raise Mistakes(found)
    return flow


def draft(source: str | bytes, file: str) -> tuple[Flow | None, list[Mistake]]:
    """For whoever shows a flow while it is being written: the flow, sound or not, unless what is written has
    not even the shape of one, and everything wrong with it."""
    found: list[Mistake] = []
    try:
        doc = load(source, file, repeated=found)
    except Mistakes as wrong:
        return None, [*found, *wrong.found]
    found += _kind_mistakes(doc)
    try:
        content = FlowFile.model_validate(doc.data)
    except ValidationError as wrong:
        shape = from_pydantic(doc, wrong, FlowFile)
        return None, [*found, *(m for m in shape if "Unable to extract tag" not in m.message)]
    flow = Flow(content.flow, version_of(_with_order(doc.data)), content, doc)
    return flow, [*found, *structure_mistakes(flow)]


def load_each(sources: Mapping[str, str | bytes]) -> tuple[list[Flow], list[Mistake]]:
    """The flows of the sources by file name that are sound in themselves, and the mistakes of all the files;
    a name that stands twice is one."""
    flows: list[Flow] = []
    found: list[Mistake] = []
    for file, source in sources.items():
        try:
            flow = load_flow(source, file)
        except Mistakes as wrong:
            found += wrong.found
            continue
        if others := [other.source.file for other in flows if other.name == flow.name]:
            found.append(flow.source.mistake(("flow",), f"the flow '{flow.name}' is already in {others[-1]}"))
        flows.append(flow)
    return flows, found


def load_flows(sources: Mapping[str, str | bytes]) -> dict[str, Flow]:
    """Flows by name from the sources by file name, each with its sub-flows: all of them, or Mistakes of all
    the files together."""
    read_well, found = load_each(sources)
    flows = {flow.name: flow for flow in read_well}
    if found := found or subflow_mistakes(flows):
        raise Mistakes(found)
    return linked(flows)


def linked(flows: Mapping[str, Flow]) -> dict[str, Flow]:
    """The flows with their sub-flows, whose content is then a part of their version."""
    whole: dict[str, Flow] = {}
    for name in inner_first(flows):
        flow = flows[name]
        inner = {node.flow: whole[node.flow] for node in flow.nodes.values() if isinstance(node, SubflowNode)}
        versions = {inner_name: inner[inner_name].version for inner_name in inner}
        version = version_of([flow.version, versions]) if inner else flow.version
        whole[name] = replace(flow, version=version, subflows=inner)
    return {name: whole[name] for name in flows}


def version_of(content: object) -> str:
    """A short hash of what a flow says; comments, layout and the order of keys do not count."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def _with_order(written: Any) -> Any:
    """What is written, and where the order of keys counts, that order too."""
    order = {
        name: [list(node[kind]) for kind in IN_ORDER if len(node.get(kind, ())) > 1]
        for name, node in written["nodes"].items()
    }
    counts = {name: keys for name, keys in order.items() if keys}
    return [written, counts] if counts else written


def _kind_mistakes(doc: Document) -> list[Mistake]:
    """Nodes that are of no kind, or of two."""
    nodes = doc.data.get("nodes") if isinstance(doc.data, dict) else None
    found = []
    for name, node in nodes.items() if isinstance(nodes, dict) else ():
        path = ("nodes", name)
        kinds = kinds_in(node)
        if not isinstance(node, dict):
            found.append(doc.mistake(path, f"node '{name}': a node is written as {{play: ..., next: ...}}"))
        elif not kinds:
            near = next(filter(None, (did_you_mean(key, NODE_KINDS) for key in node)), "")
            told = f"node '{name}' is of no kind: it needs one of {', '.join(NODE_KINDS)}{near}"
            found.append(doc.mistake(path, told, key=True))
        elif len(kinds) > 1:
            told = f"node '{name}' is of two kinds, {kinds[0]} and {kinds[1]}: make two nodes of it"
            found.append(doc.mistake((*path, kinds[1]), told, key=True))
    return found
