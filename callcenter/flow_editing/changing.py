"""A flow changed in its graph, as a change of its text: comments and layout of all else stay as they are
written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from callcenter.flow_editing.trying import Texts
from callcenter.web.wire_flow_graph import FlowChange
from ivr_flows.editing import node_renamed, tests_renamed
from ivr_flows.loader import draft
from ivr_flows.model import Flow
from located_yaml import Edit, Mistakes, Path, Put, edited, load
from located_yaml.editing import dotted

NEW_NODE: Final = {"wait": 1}
"""What is put into a way: nobody hears anything of it, and it is sound as it stands."""


def changed(texts: Texts, file: str, change: FlowChange) -> dict[str, str]:
    """The texts that are others then, by file name. The flow need not be sound, before or after. Raises
    Mistakes when it has not the shape of a flow, or there is nothing that is so called."""
    source = texts.flows[file]
    flow, found = draft(source, file)
    if flow is None:
        raise Mistakes(found)
    files = {file: edited(_text(source), file, _edits(flow, change))}
    if change.deed == "rename":
        for name, tests in texts.tests.items():
            doc = load(tests, name)
            if isinstance(doc.data, dict) and doc.data.get("flow") == flow.name:
                files[name] = edited(_text(tests), name, tests_renamed(doc, change.at, change.to))
    before = {**texts.flows, **texts.tests}
    return {name: text for name, text in files.items() if text != _text(before[name])}


def _edits(flow: Flow, change: FlowChange) -> list[Edit]:
    if change.deed == "rename":
        _free(flow, change.to)
        return node_renamed(flow, change.at, change.to)
    path, target = _way(flow, change.at)
    if change.deed == "lead":
        return [Put(path, change.to)]
    _free(flow, change.to)
    return [Put(path, change.to), Put(("nodes", change.to), {**NEW_NODE, "next": target})]


def _free(flow: Flow, name: str) -> None:
    if name in flow.nodes:
        raise Mistakes([flow.source.mistake(("nodes", name), f"there is a node '{name}' already", key=True)])


def _way(flow: Flow, at: str) -> tuple[Path, str]:
    """Where the way is written, and where it leads."""
    for path, target in _ways(flow):
        if dotted(path) == at:
            return path, target
    raise Mistakes([flow.source.mistake((), f"there is no way {at} any more")])


def _ways(flow: Flow) -> Iterator[tuple[Path, str]]:
    yield ("start",), flow.content.start
    if flow.content.human is not None:
        yield ("human", "next"), flow.content.human.next
    for name, node in flow.nodes.items():
        for way in node.ways():
            yield ("nodes", name, *way.path), way.target


def _text(source: str | bytes) -> str:
    return source if isinstance(source, str) else source.decode()
