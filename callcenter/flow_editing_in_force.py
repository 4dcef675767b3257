"""The flows as they are changed in the console, over the centre at work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Final

import structlog

from callcenter.audit.model import AuditDeed, Entry, plain
from callcenter.audit.service import AuditLog
from callcenter.controller.shell import Controller
from callcenter.domain.events import DomainEvent, FlowsPublished, FlowsRefused
from callcenter.domain.flow_stage import StageWatch
from callcenter.flow_editing.bench import Bench
from callcenter.flow_editing.publishing import Answer, NoAnswer
from callcenter.flow_editing.routes import FlowRoutes
from callcenter.flow_editing.service import FlowEditing
from callcenter.flow_versions.model import Action, Deed
from callcenter.flow_versions.store import FlowStore
from callcenter.places import Places
from callcenter.ports import Clock
from callcenter.settings import Settings
from callcenter.view import LiveCentre

log = structlog.get_logger(__name__)
ANSWERS_WITHIN_S: Final = 15.0
LOOKED_BACK: Final = 200
"""Entries of the publishing log that a start looks through: more than are made while no centre runs."""


class ControllerAtHand:
    """Implements ``callcenter.flow_editing.service.AtWork`` in the controller's own process."""

    def __init__(self, live: LiveCentre, control: Controller, look: Callable[[], None]) -> None:
        self._live = live
        self._look = look
        self._newest: Answer | None = None
        self._waiting: list[tuple[int, asyncio.Future[Answer]]] = []
        control.subscribe(self._follow, FlowsPublished, FlowsRefused)

    @property
    def settings(self) -> Settings:
        """See the port."""
        return self._live.settings

    @property
    def watch(self) -> StageWatch:
        """See the port."""
        return self._live.centre.published.watch

    async def take_up(self, action: int) -> Answer | None:
        """See the port."""
        if self._newest is not None and self._newest.action >= action:
            return self._newest
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        waits = action, answer
        self._waiting.append(waits)
        self._look()
        try:
            async with asyncio.timeout(ANSWERS_WITHIN_S):
                return await answer
        except TimeoutError:
            raise NoAnswer(
                f"entry {action} of the publishing log is written, but the controller has not said within "
                f"{ANSWERS_WITHIN_S:.0f} s that it is in force -> see log/controller.log; it is taken up at "
                "the next start at the latest"
            ) from None
        finally:
            self._waiting.remove(waits)

    def _follow(self, _: int, event: DomainEvent) -> None:
        if isinstance(event, FlowsPublished | FlowsRefused):
            self._newest = event
            for entry, waiting in self._waiting:
                if event.action >= entry and not waiting.done():
                    waiting.set_result(event)


DEEDS: Final = {
    Deed.PUBLISHED: AuditDeed.FLOWS_PUBLISHED,
    Deed.STAGED: AuditDeed.FLOWS_PUBLISHED,
    Deed.SHARE_SET: AuditDeed.FLOWS_STAGED,
    Deed.FINISHED: AuditDeed.FLOWS_FINISHED,
    Deed.WITHDRAWN: AuditDeed.FLOWS_WITHDRAWN,
    Deed.ROLLED_BACK: AuditDeed.FLOWS_ROLLED_BACK,
}


class CommandsNoted:
    """Sees to it that what commands published stands in the audit log, too, with the name that they gave: as
    soon as the controller takes it up, or at its next start. Noted twice is noted once."""

    def __init__(self, store: FlowStore, audit: AuditLog) -> None:
        self._store = store
        self._audit = audit
        self._noted = 0

    async def look(self) -> None:
        """Note what is not noted yet. Raises FlowStoreError and OSError."""
        for action in (await asyncio.to_thread(self._store.actions))[-LOOKED_BACK:]:
            if action.command and action.action > self._noted and action.deed in DEEDS:
                await self._audit.write_or_owe(_entry(action))
                self._noted = action.action


def _entry(action: Action) -> Entry:
    detail = {"note": action.note, "percent": str(action.percent or "")}
    return Entry(
        entry_id=f"publishing-{action.at}-{action.action}",
        at=action.at,
        user=plain(action.author),
        role="",
        address="",
        deed=DEEDS[action.deed],
        what=f"version {action.number}",
        detail={name: plain(value) for name, value in detail.items() if value},
    )


def flow_editing(
    stack: AsyncExitStack,
    live: LiveCentre,
    control: Controller,
    look: Callable[[], None],
    places: Places,
    clock: Clock,
) -> FlowRoutes:
    """The routes; ``look`` has the controller see what is published."""
    editing = FlowEditing(ControllerAtHand(live, control, look), Bench(), places, clock)
    stack.callback(editing.close)
    return FlowRoutes(editing)
