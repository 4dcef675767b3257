"""Changes of a flow that touch it in several places, as edits of its text (`located_yaml.edited`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ivr_flows.model import Flow
from located_yaml import Document, Edit, Mistakes, Path, Put, Remove, Rename, did_you_mean


def node_renamed(flow: Flow, name: str, new: str) -> list[Edit]:
    """The node has another name, and every way to it too. Raises Mistakes when there is no such node."""
    _must_be_there(flow, name)
    return [*(Put(path, new) for path in ways_to(flow, name)), Rename(("nodes", name), new)]


def node_removed(flow: Flow, name: str, instead: str | None = None) -> list[Edit]:
    """The node is gone, and every way to it leads to ``instead``; None: they are left as they are, and the
    flow is only sound when other edits of the same time take them away."""
    _must_be_there(flow, name)
    if instead is not None:
        _must_be_there(flow, instead)
    led_on = [Put(path, instead) for path in ways_to(flow, name)] if instead is not None else []
    return [*led_on, Remove(("nodes", name))]


def tests_renamed(tests: Document, name: str, new: str) -> list[Edit]:
    """The node has another name in the tests of its flow as well; what is no such test is left alone."""
    cases = tests.data.get("cases") if isinstance(tests.data, dict) else None
    found: list[Edit] = []
    for case, told in cases.items() if isinstance(cases, dict) else ():
        found += [Put(("cases", case, *path), new) for path in _named_in_case(told, name)]
    return found


def ways_to(flow: Flow, name: str) -> list[Path]:
    """Where the node's name is written, but for the node itself."""
    content = flow.content
    found: list[Path] = [("start",)] if content.start == name else []
    if content.human is not None and content.human.next == name:
        found.append(("human", "next"))
    for holder, node in flow.nodes.items():
        found += [("nodes", holder, *way.path) for way in node.ways() if way.target == name]
    return list(dict.fromkeys(found))


def _must_be_there(flow: Flow, name: str) -> None:
    if name not in flow.nodes:
        told = f"there is no node '{name}'{did_you_mean(name, flow.nodes)}"
        raise Mistakes([flow.source.mistake(("nodes",), told, key=True)])


def _named_in_case(case: Any, name: str) -> Iterator[Path]:
    if not isinstance(case, Mapping):
        return
    for i, step in enumerate(case.get("steps") or ()):
        if isinstance(step, Mapping) and step.get("at") == name:
            yield ("steps", i, "at")
    wanted = case.get("expect")
    for field in ("path", "not_at"):
        nodes = wanted.get(field) if isinstance(wanted, Mapping) else None
        if nodes == name:
            yield ("expect", field)
        elif isinstance(nodes, list):
            yield from (("expect", field, i) for i, node in enumerate(nodes) if node == name)
