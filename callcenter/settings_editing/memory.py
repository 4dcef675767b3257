"""Settings that can be changed without a centre: for tests and previews."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from callcenter.ports import Clock
from callcenter.settings import Settings, SettingsSource
from callcenter.settings_editing.history import SettingsHistory
from callcenter.settings_editing.service import SettingsEditing
from located_yaml import Mistakes

SHIPPED = Path(__file__).resolve().parents[2] / "config"


@dataclass(slots=True)
class MemoryInForce:
    """Implements ``InForce``: ``in_force`` is what was put there. It refuses what ``refusal`` says."""

    source: SettingsSource
    started: Settings
    in_force: list[Settings] = field(default_factory=list)
    refusal: Mistakes | None = None

    def prove(self, settings: Settings) -> None:
        """See the port."""

    async def reload(self) -> None:
        """See the port."""
        if self.refusal is not None:
            raise self.refusal
        self.in_force.append(self.source.load())


def settings_twin(directory: Path, clock: Clock) -> SettingsEditing:
    """Over a copy of the shipped settings below this directory, made anew."""
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(SHIPPED, directory / "config")
    source = SettingsSource(directory / "config", environment={})
    force = MemoryInForce(source, source.load())
    return SettingsEditing(source, SettingsHistory(directory / "history"), force, clock)
