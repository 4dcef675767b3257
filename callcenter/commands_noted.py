"""What commands did stands in the audit log."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import structlog

from callcenter.audit.service import AuditLog
from callcenter.background import background
from callcenter.controller.shell import Controller
from callcenter.domain.events import DomainEvent, FlowsPublished, FlowsRefused, KpiPolicyInForce
from callcenter.flow_editing_in_force import CommandsNoted
from callcenter.flow_versions.store import FlowStore, FlowStoreError
from callcenter.places import Places
from callcenter.settings_in_force import ReloadsNoted

log = structlog.get_logger(__name__)


def note_commands(stack: AsyncExitStack, audit: AuditLog, control: Controller, places: Places) -> None:
    """Note what was published and reloaded by command, at the start and as the controller takes it up, until
    the stack is left."""
    published = CommandsNoted(FlowStore(places.flow_versions), audit)
    reloaded = ReloadsNoted(places.reload_asked, audit)
    news = asyncio.Event()
    news.set()

    def follow(_: int, __: DomainEvent) -> None:
        news.set()

    async def run() -> None:
        while True:
            await news.wait()
            news.clear()
            for noted in (published, reloaded):
                try:
                    await noted.look()
                except (FlowStoreError, OSError) as error:
                    log.error("command_not_noted", reason=str(error))

    control.subscribe(follow, FlowsPublished, FlowsRefused, KpiPolicyInForce)
    background(stack, run(), "commands-noted")
