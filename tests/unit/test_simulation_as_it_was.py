"""What was, simulated: a day on which nothing out of the ordinary happens comes out as it was recorded."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from busy_hour import BusyHour
from typer.testing import CliRunner

from callcenter.cli import app
from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.settings import load_settings
from callcenter.settings.routing import acd_config

ROOT = Path(__file__).parents[2]
PERIOD = ("--from", "2025-11-21T12:00", "--to", "2025-11-21T14:00")
"""In the centre's time zone the two hours from the beginning of a BusyHour on."""


class QuietHours(BusyHour):
    """Every phone is answered after two seconds, and nobody pauses, declines or transfers. Agents end most
    wrap-ups long before their time, and need longer for a few."""

    def _arrive(self) -> None:
        leg_id = self.switch.arrive("city", self.dice.choice(("general", "complaints")), "02112345678")
        self._later(self.dice.randrange(8_000, 240_000), partial(self._lose_patience, leg_id))

    def _react(self, event: e.DomainEvent) -> None:
        match event:
            case e.AgentConnected():
                talk_ms = self.dice.randrange(20_000, 200_000)
                self._later(talk_ms, partial(self.switch.hang_up, event.call_id.removeprefix("c")))
            case e.PresenceChanged(presence="wrap_up", until_at=int(until_at)) if event.reason == "":
                wanted_ms = Random(event.call_id).choice((2_000, 5_000, 9_000, 45_000))
                if event.at + wanted_ms > until_at:
                    self._later(1, partial(self.ask, c.ExtendWrapUp(event.agent_id, 60)))
                self._later(wanted_ms, partial(self.ask, c.EndWrapUp(event.agent_id)))
            case _:
                pass


@pytest.fixture
def quiet_hours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hours with 110 callers and the four agents of the shipped settings, in the centre's journal."""
    monkeypatch.setenv("CALLCENTER__CENTRE__DATA_DIR", str(tmp_path))
    monkeypatch.chdir(ROOT)
    hours = QuietHours(tmp_path / "journal", acd_config(load_settings(ROOT / "config")))
    hours.staff()
    hours.callers(110, 7000)
    hours.run(8000)
    hours.end()


def _whatif(*arguments: str) -> Any:
    result = CliRunner().invoke(app, ("whatif", *PERIOD, *arguments, "--json"), catch_exceptions=False)
    assert result.exit_code == 0
    return json.loads(result.stdout)


def test_an_undisturbed_day_is_simulated_as_it_was(quiet_hours: None) -> None:
    """Every figure that the journal tells, whatever the dice: nothing of such a day is left to them."""
    found = _whatif("--agents", "5", "--replications", "2")
    recorded, simulated = found["recorded"], found["before"]["total"]
    assert recorded["answered"] > 50
    assert recorded["abandoned"] > 5
    for measure, was in recorded.items():
        assert simulated[measure]["mean"] == pytest.approx(was, rel=1e-9), measure
        assert simulated[measure]["ci95"] == pytest.approx([was, was], rel=1e-9), measure
