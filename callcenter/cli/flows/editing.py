"""`callcenter flows set|rename|remove`: a flow changed by program; all else stays as it was written."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from callcenter import assembly
from callcenter.cli.failure import Failure
from callcenter.cli.flows.known import file_of_flow, read
from callcenter.flow_editing.working_set import replace_file
from callcenter.settings import Settings
from ivr_flows.editing import node_removed, node_renamed, tests_renamed
from ivr_flows.loader import load_flow, load_flows
from located_yaml import Document, Edit, Put, Remove, edited, load
from located_yaml import Path as YamlPath


def set_fields(settings: Settings, flow: str, words: Sequence[str]) -> None:
    """Give fields new values, all of them or none: ``words`` are paths, each with its value after it. Raises
    Mistakes with all that would be wrong then, and Failure."""
    if not words or len(words) % 2:
        raise Failure("what is set to what? -> give pairs: nodes.menu.timeout_sec 8 human.key 9")
    file = file_of_flow(settings, flow)
    doc = _document(file)
    edits: list[Edit] = []
    for dotted, written in zip(words[::2], words[1::2], strict=True):
        path = _path(doc, dotted)
        edits.append(Put(path, _value(written, dotted, doc.value(path))))
    _write(settings, file, {file: edits})


def rename_node(settings: Settings, flow: str, node: str, new: str) -> None:
    """Call a node otherwise, in all ways to it and in the flow's tests too. Raises as ``set_fields``."""
    file = file_of_flow(settings, flow)
    loaded = load_flow(read(file), str(file))
    edits = {file: node_renamed(loaded, node, new)}
    for tests in sorted((file.parent / "tests").glob("*.yaml")):
        doc = _document(tests)
        if isinstance(doc.data, dict) and doc.data.get("flow") == loaded.name:
            edits[tests] = tests_renamed(doc, node, new)
    _write(settings, file, edits)


def remove_parts(settings: Settings, flow: str, parts: Sequence[str], instead: str | None) -> None:
    """Take nodes (by name) and fields (by path) away; ways to the nodes lead to ``instead``. Raises as
    ``set_fields``."""
    file = file_of_flow(settings, flow)
    doc = _document(file)
    edits: list[Edit] = []
    for part in parts:
        path = _path(doc, part)
        if len(path) == 1 and doc.value(path) is None:
            edits += node_removed(load_flow(read(file), str(file)), part, instead)
        else:
            edits.append(Remove(path))
    _write(settings, file, {file: edits})


def _write(settings: Settings, flow: Path, edits: Mapping[Path, Sequence[Edit]]) -> None:
    """Make all edits, if every flow is sound then, and show them."""
    before = {file: read(file).decode() for file in edits}
    after = {file: edited(before[file], str(file), edits[file]) for file in edits}
    files = sorted(flow.parent.glob("*.yaml"))
    flows = load_flows({str(file): after.get(file) or read(file) for file in files})
    assembly.fitting(settings, flows)
    for file, text in after.items():
        if text == before[file]:
            continue
        replace_file(file, text)
        old, new = before[file].splitlines(keepends=True), text.splitlines(keepends=True)
        print("".join(difflib.unified_diff(old, new, str(file), str(file), n=1)), end="")
    if after == before:
        print("It is so already.")


def _document(file: Path) -> Document:
    return load(read(file), str(file))


def _path(doc: Document, dotted: str) -> YamlPath:
    """The path that is written with dots; a number counts the entries of a list, from 0."""
    path: YamlPath = ()
    for word in dotted.split("."):
        in_list = isinstance(doc.value(path), list) and word.isdecimal()
        path = (*path, int(word) if in_list else word)
    return path


def _value(written: str, dotted: str, old: Any) -> Any:
    """What is written, read as YAML; a text stays a text, also when the new one looks like a number."""
    value = load(written, dotted).data
    return written if isinstance(old, str) and not isinstance(value, str | dict | list) else value
