"""Publishing: what is written in flows_dir becomes a version, and a version comes in force."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from callcenter.domain.flow_stage import Guards
from callcenter.flow_versions import model
from callcenter.flow_versions.model import Action, Doing, Files, NotNow, State, Version, content_of
from callcenter.flow_versions.store import FlowStore
from ivr_flows.check import structure_mistakes
from ivr_flows.check.subflows import subflow_mistakes
from ivr_flows.files import SHIPPED_FLOWS, read_flows
from ivr_flows.loader import linked, load_flows, version_of
from ivr_flows.model import Flow, FlowFile
from located_yaml import Document

GUARD_AUTHOR = "guard"


@dataclass(frozen=True, slots=True)
class Draft:
    """The flow files as they are written now, proved sound: ready to be published. ``hashes`` are those of
    the flows by name, ``parsed`` the contents of the files. Plain data, as another process can send it."""

    files: Files
    hashes: Mapping[str, str]
    parsed: Mapping[str, Any]

    @staticmethod
    def of(files: Files, flows: Mapping[str, Flow]) -> Draft:
        """The draft of these files, out of which the flows were read."""
        hashes = {name: flow.version for name, flow in flows.items()}
        parsed = {Path(flow.source.file).name: flow.source.data for flow in flows.values()}
        return Draft(files, hashes, parsed)


def written_files(flows_dir: Path | None) -> dict[str, bytes]:
    """The flow files of a directory by name; None: those that come with the product. Raises OSError."""
    directory = flows_dir or SHIPPED_FLOWS
    return {path.name: path.read_bytes() for path in sorted(directory.glob("*.yaml"))}


def draft(flows_dir: Path | None, fitting: Callable[[dict[str, Flow]], dict[str, Flow]]) -> Draft:
    """Read the flow files once: what is proved is what is published. ``fitting`` proves that they fit the
    settings. Raises Mistakes with all that is wrong in them, NotNow when there are none."""
    directory = flows_dir or SHIPPED_FLOWS
    files = written_files(flows_dir)
    if not files:
        raise NotNow(f"{directory}: no *.yaml here -> set centre.flows_dir to the directory of the flows")
    flows = load_flows({str(directory / name): source for name, source in files.items()})
    return Draft.of(files, fitting(flows))


def flows_of_version(store: FlowStore, number: int) -> dict[str, Flow]:
    """The flows of a version. Raises FlowStoreError; Mistakes when this release cannot read them."""
    directory = store.path(number)
    return load_flows({str(directory / name): source for name, source in store.files(number).items()})


def flows_at_once(store: FlowStore, number: int) -> dict[str, Flow]:
    """As ``flows_of_version``, but for a centre at work: proved as well, without parsing YAML, which is nine
    tenths of the time. The flows do not know their lines: whoever finds a mistake reads them the long way."""
    kept = store.version(number)
    files = store.files(number)
    flows: dict[str, Flow] = {}
    for name, data in store.parsed(number).items():
        try:
            content = FlowFile.model_validate(data)
        except ValidationError:
            return flows_of_version(store, number)
        source = Document(str(store.path(number) / name), data, {}, {})
        flow = flows[content.flow] = Flow(content.flow, version_of(data), content, source)
        if structure_mistakes(flow):
            return flows_of_version(store, number)
    if subflow_mistakes(flows):
        return flows_of_version(store, number)
    flows = linked(flows)
    as_published = {name: flow.version for name, flow in flows.items()} == kept.flows
    return flows if as_published and files else flows_of_version(store, number)


def flows_in_force(store: FlowStore, flows_dir: Path | None) -> dict[str, Flow]:
    """The flows of the version in force; of the directory as long as nothing was published. Raises Mistakes,
    FlowStoreError, and OSError for a directory that cannot be read."""
    number = store.state().number
    return flows_of_version(store, number) if number else read_flows(flows_dir)


def publish(
    store: FlowStore, new: Draft, doing: Doing, percent: int | None = None, guards: Guards | None = None
) -> Action | None:
    """Keep the draft as the next version and put it in force, or stage it for ``percent`` of new callers.
    None when the version in force has the very same files. Raises NotNow and FlowStoreError."""
    with store.locked():
        state = store.state()
        number = state.highest + 1
        action = model.published(state, number, doing, percent, guards or Guards())
        if state.number and store.version(state.number).content == content_of(new.files):
            return None
        store.add(number, new.files, new.parsed, new.hashes, doing)
        store.append(action)
        return action


def act(store: FlowStore, decide: Callable[[State], Action]) -> Action:
    """Decide by the state that nobody else changes meanwhile, and note it. Raises NotNow, FlowStoreError."""
    with store.locked():
        action = decide(store.state())
        store.append(action)
        return action


def withdraw_by_guard(store: FlowStore, began: int, at: int, why: str) -> Action | None:
    """Note that a guard ended the stage ``began``; None when it is over already. Raises FlowStoreError."""
    with store.locked():
        state = store.state()
        if state.staged is None or state.staged.began != began:
            return None
        action = model.withdrawn(state, Doing(at, GUARD_AUTHOR, why), by_guard=True)
        store.append(action)
        return action


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log as people read it: the action, its version, and what it changed for callers."""

    action: Action
    version: Version
    changes: str


def history(store: FlowStore) -> list[Entry]:
    """The log, the oldest first; each change is told against the version that was in force before. Raises
    FlowStoreError."""
    kept: dict[int, Files] = {0: {}}
    entries = []
    state = State()
    actions = store.actions()
    for count, action in enumerate(actions, start=1):
        for number in (state.number, action.number):
            if number not in kept:
                kept[number] = store.files(number)
        moves = action.deed not in (model.Deed.WITHDRAWN, model.Deed.GUARD, model.Deed.SHARE_SET)
        changes = model.summary(kept[state.number], kept[action.number]) if moves else ""
        entries.append(Entry(action, store.version(action.number), changes))
        state = model.state_of(actions[:count])
    return entries
