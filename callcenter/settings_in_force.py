"""Changes of the settings, over the centre at work."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from callcenter import assembly
from callcenter.audit.model import AuditDeed, Entry, plain
from callcenter.audit.service import AuditLog
from callcenter.flow_versions.store import FlowStoreError
from callcenter.flows_in_force import FlowsInForce
from callcenter.places import Places
from callcenter.ports import Clock
from callcenter.settings import Settings, SettingsSource
from callcenter.settings.reload_asked import left
from callcenter.settings_editing.history import SettingsHistory
from callcenter.settings_editing.routes import SettingsRoutes
from callcenter.settings_editing.service import SettingsEditing
from callcenter.web.access import Route
from located_yaml import Mistakes


class SettingsInForce:
    """Implements ``callcenter.settings_editing.service.InForce``."""

    def __init__(self, source: SettingsSource, started: Settings, flows: FlowsInForce) -> None:
        self._source = source
        self._started = started
        self._flows = flows

    @property
    def started(self) -> Settings:
        """See the port."""
        return self._started

    def prove(self, settings: Settings) -> None:
        """See the port."""
        unset = assembly.unset_at_start(settings, os.environ)
        try:
            self._flows.fitting(settings)
        except Mistakes as wrong:
            raise Mistakes([*unset, *wrong.found]) from None
        if unset:
            raise Mistakes(unset)

    async def reload(self) -> None:
        """See the port."""
        try:
            await self._flows.reloaded(self._source.load)
        except FlowStoreError as wrong:
            raise OSError(str(wrong)) from wrong


class ReloadsNoted:
    """Sees to it that `callcenter reload` stands in the audit log with the name that it was given: as soon as
    the settings are in force, or at the next start. Noted twice is noted once."""

    def __init__(self, note: Path, audit: AuditLog) -> None:
        self._note = note
        self._audit = audit

    async def look(self) -> None:
        """Note what is not noted yet. Raises OSError."""
        asked = left(self._note)
        if asked is None:
            return
        await self._audit.write_or_owe(
            Entry(
                entry_id=f"reload-{asked.at}",
                at=asked.at,
                user=plain(asked.author),
                role="",
                address="",
                deed=AuditDeed.SETTINGS_CHANGED,
                what="callcenter reload",
            )
        )
        if left(self._note) == asked:
            self._note.unlink(missing_ok=True)


async def settings_of(
    source: SettingsSource, started: Settings, flows: FlowsInForce, places: Places, clock: Clock
) -> tuple[Route, ...]:
    """The routes of the settings. What a dead predecessor was changing is completed first; where that cannot
    be written it counts as made all the same."""
    force = SettingsInForce(source, started, flows)
    editing = SettingsEditing(source, SettingsHistory(places.settings_history), force, clock)
    with suppress(OSError):
        await editing.finish()
    return SettingsRoutes(editing).table()
