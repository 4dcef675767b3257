"""Publishing in steps: prove, speak, keep, tell the controller, and hear that it is in force."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from callcenter import assembly
from callcenter.domain.events import FlowsPublished, FlowsRefused
from callcenter.domain.flow_stage import Guards
from callcenter.flow_versions import service
from callcenter.flow_versions.model import Action, Deed, Doing, NotNow, State, content_of
from callcenter.flow_versions.service import Draft
from callcenter.flow_versions.store import FlowStore
from callcenter.places import Places
from callcenter.prompts.model import PromptReport
from callcenter.prompts.service import PromptService
from callcenter.settings import Settings
from ivr_flows.effects import PromptText
from ivr_flows.model import Flow

Answer = FlowsPublished | FlowsRefused
Prepare = Callable[[Iterable[PromptText]], Awaitable[PromptReport]]
"""Has texts spoken, as ``PromptService.prepare`` does."""
Elsewhere = Callable[..., Awaitable[Any]]
"""Runs a function with its arguments where it holds nobody up, as ``asyncio.to_thread`` does."""


class NoAnswer(Exception):
    """The controller has not said in time what it made of an entry; the text has the cure."""


class TakesUp(Protocol):
    """The controller, as publishing knows it: made before anything is written, it hears from then on."""

    async def take_up(self, action: int) -> Answer | None:
        """Tell it of this entry of the publishing log, and hear what it made of it; None: no centre runs
        here, and the entry is in force from its next start. Raises NoAnswer."""
        ...


@dataclass(frozen=True, slots=True)
class Done:
    """An entry of the publishing log, with the controller's answer. ``told_at``: when it was told, ms since
    the Unix epoch, UTC. ``unspoken``: texts that could not be spoken; callers hear a tone there."""

    action: Action
    told_at: int
    answer: Answer | None
    unspoken: tuple[str, ...]


class Publishing:
    """Raises Mistakes, NotNow, FlowStoreError, NoAnswer and OSError; what is raised before the entry stands
    in the log has changed nothing."""

    def __init__(
        self,
        settings: Settings,
        places: Places,
        controller: TakesUp,
        elsewhere: Elsewhere = asyncio.to_thread,
        prepare: Prepare | None = None,
    ) -> None:
        self._settings = settings
        self._places = places
        self._store = FlowStore(places.flow_versions)
        self._controller = controller
        self._elsewhere = elsewhere
        self._prepare = prepare or PromptService(places.prompts).prepare

    async def publish(
        self, doing: Doing, percent: int | None = None, content: str | None = None
    ) -> Done | None:
        """Publish what is written in flows_dir; None when the version in force has the very same files.
        ``content`` is the hash of the files that the publisher has seen: others are refused (NotNow)."""
        new, texts = await self._elsewhere(_written, self._settings)
        if content is not None and content_of(new.files) != content:
            raise NotNow("the flows were changed by somebody else meanwhile -> look at them, then publish")
        unspoken = await self._speak(texts)
        action = await asyncio.to_thread(
            service.publish, self._store, new, doing, percent, guards_of(self._settings)
        )
        return None if action is None else await self._put_in_force(action, unspoken)

    async def change(self, decide: Callable[[State], Action]) -> Done:
        """Let a version that was published once come in force, or a stage change: also an older version must
        fit the settings of today."""
        wanted = decide(await asyncio.to_thread(self._store.state))
        unspoken: tuple[str, ...] = ()
        if wanted.deed is not Deed.WITHDRAWN:
            texts = await self._elsewhere(_texts_of_version, self._settings, self._places, wanted.number)
            unspoken = await self._speak(texts)
        action = await asyncio.to_thread(service.act, self._store, decide)
        return await self._put_in_force(action, unspoken)

    async def _speak(self, texts: Iterable[PromptText]) -> tuple[str, ...]:
        report = await self._prepare(texts)
        return tuple(map(str, report.problems))

    async def _put_in_force(self, action: Action, unspoken: tuple[str, ...]) -> Done:
        told_at = time.time_ns() // 1_000_000
        return Done(action, told_at, await self._controller.take_up(action.action), unspoken)


def guards_of(settings: Settings) -> Guards:
    """What a staged version is held to."""
    allowed = settings.publishing
    return Guards(allowed.min_calls, allowed.containment_drop, allowed.abandonment_rise, allowed.error_rise)


def _written(settings: Settings) -> tuple[Draft, tuple[PromptText, ...]]:
    """What is written, and every text that a caller can hear then. Raises Mistakes and NotNow."""
    fits: dict[str, Flow] = {}

    def fitting(known: dict[str, Flow]) -> dict[str, Flow]:
        fits.update(assembly.fitting(settings, known))
        return known

    new = service.draft(settings.centre.flows_dir, fitting)
    return new, assembly.all_prompts(settings, fits)


def _texts_of_version(settings: Settings, places: Places, number: int) -> tuple[PromptText, ...]:
    """Every text that a caller of this version can hear. Raises Mistakes and FlowStoreError."""
    flows = service.flows_of_version(FlowStore(places.flow_versions), number)
    return assembly.all_prompts(settings, assembly.fitting(settings, flows))
