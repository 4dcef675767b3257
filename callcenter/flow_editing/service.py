"""Flows as they are changed in the console: the written files, what is published of them, and how to get from
the one to the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from callcenter.domain.flow_stage import StageWatch
from callcenter.flow_editing import trying
from callcenter.flow_editing.beginning import begun, file_of_new
from callcenter.flow_editing.bench import Bench
from callcenter.flow_editing.changing import changed
from callcenter.flow_editing.publishing import Done, Prepare, Publishing, TakesUp
from callcenter.flow_editing.trying import Texts
from callcenter.flow_editing.working_set import WorkingSet
from callcenter.flow_versions import model, service
from callcenter.flow_versions.model import Action, Doing, Files, NotNow, State, content_of, difference
from callcenter.flow_versions.store import FlowStore
from callcenter.places import Places
from callcenter.ports import Clock
from callcenter.settings import Settings, copied_flows, with_copied_flows
from callcenter.web.wire_flow_graph import FlowChange
from callcenter.web.wire_flows import FlowCheckAnswer, FlowTestAnswer

WRITTEN = "written"


class AtWork(TakesUp, Protocol):
    """The controller at work."""

    @property
    def settings(self) -> Settings:
        """Those in force."""
        ...

    @property
    def watch(self) -> StageWatch:
        """How the callers of a staged version fare; ``number`` is the version that runs."""
        ...


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything at one moment. ``flow_of`` names the flow of each written file, tests too; ``actions`` is
    the publishing log that ``state`` comes of."""

    flows: Files
    tests: Files
    flow_of: Mapping[str, str]
    actions: list[Action]
    state: State
    in_force: Files
    staged: Files


class FlowEditing:
    """Raises NotNow, Mistakes, FlowStoreError, NoAnswer, BeyondBounds and OSError; what is raised has changed
    nothing, but for NoAnswer."""

    def __init__(
        self, at_work: AtWork, bench: Bench, places: Places, clock: Clock, prepare: Prepare | None = None
    ) -> None:
        self.at_work = at_work
        self._bench = bench
        self._places = places
        self._store = FlowStore(places.flow_versions)
        self._clock = clock
        self._prepare = prepare
        self._publishing = asyncio.Lock()

    @property
    def _written(self) -> WorkingSet:
        return WorkingSet(self._settings.centre.flows_dir, copied_flows(self._settings))

    @property
    def _settings(self) -> Settings:
        """Those in force; the flows may have been copied since."""
        return with_copied_flows(self.at_work.settings)

    async def overview(self) -> Overview:
        """What is written, and what is published."""
        written = self._written
        flows, tests = await asyncio.to_thread(lambda: (written.flows(), written.tests()))
        flow_of = await self._bench.run(trying.names, {**flows, **tests})
        actions = await asyncio.to_thread(self._store.actions)
        state = model.state_of(actions)
        in_force = await self._files(state.number)
        staged = await self._files(state.staged.number) if state.staged else {}
        return Overview(flows, tests, flow_of, actions, state, in_force, staged)

    async def check(self, files: Mapping[str, str], shown: str | None) -> FlowCheckAnswer:
        """All mistakes of the written files with these texts instead, and the graph of one."""
        return await self._bench.run(trying.check, self._settings, await self._texts(files), shown)

    async def changed(self, files: Mapping[str, str], name: str, change: FlowChange) -> dict[str, str]:
        """The texts that a change made in the graph gives. Writes nothing. Raises NotNow when there is no
        such file."""
        texts = await self._texts(files)
        if name not in texts.flows:
            raise NotNow(f"there is no flow file {name} -> load the page anew")
        return await self._bench.run(changed, texts, name, change)

    async def test(self, files: Mapping[str, str]) -> FlowTestAnswer:
        """Run all tests with these texts instead of those written. Writes nothing."""
        return await self._bench.run(trying.run_tests, self._settings, await self._texts(files))

    async def save(self, name: str, text: str, seen: str | None) -> str:
        """Write this file, sound or not; the answer is its hash. Raises Conflict when it is not what was seen
        any more, NotNow as long as nothing was published: a start would run what is written."""
        if not (await asyncio.to_thread(self._store.state)).number:
            raise NotNow(
                "nothing was published yet, so the next start would run what is written, sound or not "
                "-> publish once, as it is"
            )
        await asyncio.to_thread(self._written.write, name, text, seen)
        return model.hash_of(text.encode())

    async def begin(self, name: str) -> tuple[str, str]:
        """Write a new flow of this name, small and sound; the answer is its file and the hash of that. Raises
        UnfitName, and what ``save`` raises."""
        files = await asyncio.to_thread(self._written.flows)
        flows = await self._bench.run(trying.names, files)
        file = file_of_new(name, files, flows.values())
        text = begun(name, self._settings.centre.default_language)
        return file, await self.save(file, text, None)

    async def versions(self) -> list[service.Entry]:
        """The publishing log, the oldest entry first."""
        return await asyncio.to_thread(service.history, self._store)

    async def diff(self, old: int | None, new: int | None) -> list[str]:
        """What differs from a version (None: the one in force) to another (None: what is written)."""
        state = await asyncio.to_thread(self._store.state)
        for number in (old, new):
            if number is not None and number > state.highest:
                raise NotNow(f"there is no version {number} -> see the list of versions")
        before = old or state.number
        after = WRITTEN if new is None else f"version-{new}"
        files = await asyncio.to_thread(self._written.flows) if new is None else await self._files(new)
        return list(difference(await self._files(before), files, (f"version-{before}", after)))

    async def publish(self, author: str, note: str, content: str, percent: int | None) -> Done | None:
        """Put what is written in force, or on trial for ``percent`` of new callers; None when it is already.
        ``content`` is the hash of what the author has looked at."""
        async with self._publishing:
            return await self._publish().publish(self._doing(author, note), percent, content)

    async def change(self, author: str, note: str, decide: Callable[[State, Doing], Action]) -> Done:
        """Let a version that was published once come in force, or a stage change."""
        doing = self._doing(author, note)
        async with self._publishing:
            return await self._publish().change(lambda state: decide(state, doing))

    def close(self) -> None:
        """End the process that tries texts."""
        self._bench.close()

    def _publish(self) -> Publishing:
        work, run = self.at_work, self._bench.run
        return Publishing(self._settings, self._places, work, run, self._prepare)

    def _doing(self, author: str, note: str) -> Doing:
        return Doing(self._clock(), author, note)

    async def _texts(self, files: Mapping[str, str]) -> Texts:
        written = self._written
        flows, tests = await asyncio.to_thread(lambda: (written.flows(), written.tests()))
        return Texts(flows, tests).with_typed(files)

    async def _files(self, number: int) -> dict[str, bytes]:
        return await asyncio.to_thread(self._store.files, number) if number else {}


def content_shown(overview: Overview) -> str:
    """The hash of all written flows, as ``publish`` asks for it."""
    return content_of(overview.flows)
