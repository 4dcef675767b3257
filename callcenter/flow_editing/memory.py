"""Stand-ins for previews and tests: a controller that takes up whatever is sound, and a bench without a
process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar

from callcenter.domain.events import FlowsPublished
from callcenter.domain.flow_stage import Stage, StageWatch
from callcenter.flow_editing.bench import Bench
from callcenter.flow_editing.publishing import Answer
from callcenter.flow_versions.store import FlowStore
from callcenter.places import Places
from callcenter.ports import Clock
from callcenter.prompts.model import PromptReport
from callcenter.settings import Settings
from ivr_flows.effects import PromptText

P = ParamSpec("P")
T = TypeVar("T")


class MemoryAtWork:
    """Implements ``callcenter.flow_editing.service.AtWork``. ``answers`` is what comes of the next entry
    instead of its being in force."""

    def __init__(self, settings: Settings, places: Places, clock: Clock) -> None:
        self.settings = settings
        self.watch = StageWatch()
        self.answers: Answer | None = None
        self._store = FlowStore(places.flow_versions)
        self._clock = clock

    async def take_up(self, action: int) -> Answer | None:
        """See the port."""
        if self.answers is not None:
            return self.answers
        state = self._store.state()
        staged = state.staged and Stage(
            state.staged.number,
            state.staged.percent,
            state.staged.began,
            state.staged.guards,
            self._store.version(state.staged.number).flows,
        )
        flows = self._store.version(state.number).flows
        event = FlowsPublished(
            self._clock(), state.number, dict(flows), action, staged.to_dict() if staged else None
        )
        self.watch.apply(event)
        return event


class ThreadBench(Bench):
    """A bench whose work is bounded by nothing but its size."""

    async def run(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """See ``Bench``."""
        return await asyncio.to_thread(work, *args, **named)


async def unspoken(texts: Iterable[PromptText]) -> PromptReport:
    """No text is spoken, and nothing is told of it."""
    return PromptReport()
