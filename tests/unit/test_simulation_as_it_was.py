"""What was, simulated: a day on which nothing out of the ordinary happens comes out as it was recorded."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from busy_hour import BusyHour
from embedded_stores import EmbeddedStores
from typer.testing import CliRunner

from callcenter.adapters.journal_segments import events_since
from callcenter.adapters.postgres.journal_store import PostgresJournalStore
from callcenter.adapters.postgres.pool import Database
from callcenter.cli import Failure, app
from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.codec import journal_entries
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
def quiet_hours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two hours with 110 callers and the four agents of the shipped settings, in the centre's journal."""
    monkeypatch.setenv("CALLCENTER__CENTRE__DATA_DIR", str(tmp_path))
    monkeypatch.chdir(ROOT)
    hours = QuietHours(tmp_path / "journal", acd_config(load_settings(ROOT / "config")))
    hours.staff()
    hours.callers(110, 7000)
    hours.run(8000)
    hours.end()
    return tmp_path


def _told(*arguments: str) -> Any:
    result = CliRunner().invoke(app, (*arguments, "--json"), catch_exceptions=False)
    assert result.exit_code == 0
    return json.loads(result.stdout)


def _whatif() -> Any:
    return _told("whatif", *PERIOD, "--agents", "5", "--replications", "2")


def _agree(found: Any) -> None:
    """What was is told to the last figure by what is simulated as it was, whatever the dice."""
    recorded, simulated = found["recorded"], found["before"]["total"]
    assert recorded["answered"] > 50
    assert recorded["abandoned"] > 5
    for measure, was in recorded.items():
        assert simulated[measure]["mean"] == pytest.approx(was, rel=1e-9), measure
        assert simulated[measure]["ci95"] == pytest.approx([was, was], rel=1e-9), measure


def test_an_undisturbed_day_is_simulated_as_it_was(quiet_hours: Path) -> None:
    """Every figure that the journal tells: nothing of such a day is left to the dice."""
    _agree(_whatif())


# --- out of the database --------------------------------------------------------------------------------


async def _shipped(url: str, journal: Path) -> None:
    """The journal, in the database, as the centre ships it."""
    found = events_since(journal, None)
    assert found is not None
    events = [event for _, event in found[1]]
    database = Database(url)
    try:
        await PostgresJournalStore(database).ship(journal_entries(1, events))
    finally:
        await database.close()


@pytest.fixture
def in_postgres(
    quiet_hours: Path, tmp_path: Path, stores: EmbeddedStores, monkeypatch: pytest.MonkeyPatch
) -> str:
    """The database that holds the journal; the centre named in the settings has none on this disk. Pages are
    short, so that there are many."""
    url = asyncio.run(stores.new_database())
    asyncio.run(_shipped(url, quiet_hours / "journal"))
    monkeypatch.setenv("CALLCENTER__CENTRE__DATA_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("CALLCENTER__SERVICES__DATABASE_URL", url)
    monkeypatch.setattr("callcenter.adapters.postgres.journal_store.PAGE", 150)
    return url


@pytest.mark.integration
def test_what_was_comes_out_of_the_database_as_from_the_disk(
    in_postgres: str, quiet_hours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that plans with past calls tells the same to the last digit; so do replay and explain."""
    path = tmp_path / "past.yaml"
    path.write_text(
        "{hours: 24, calls: {general: {arrivals: {kind: recorded, since: 2025-11-21, until: 2025-11-22}, "
        "talk: {kind: constant, sec: 60}}}}",
        encoding="utf-8",
    )
    commands = (
        ("whatif", *PERIOD, "--agents", "5", "--replications", "2"),
        ("whatif", "--from", "2025-11-21T12:20", "--to", "2025-11-21T13:10", "--agents", "3"),
        ("staffing", *PERIOD, "--interval", "60", "--queue", "general"),
        ("simulate", str(path), "--replications", "1"),
        ("explain", "ccaller-7"),
    )
    stored = [_told(*command) for command in commands]
    replayed = CliRunner().invoke(app, ["replay"], catch_exceptions=False).stdout
    _agree(stored[0])
    monkeypatch.delenv("CALLCENTER__SERVICES__DATABASE_URL")
    monkeypatch.setenv("CALLCENTER__CENTRE__DATA_DIR", str(quiet_hours))
    assert [_told(*command) for command in commands] == stored
    assert CliRunner().invoke(app, ["replay"], catch_exceptions=False).stdout == replayed
    assert "identical" in replayed


@pytest.mark.integration
def test_a_database_that_cannot_be_read_is_told_with_its_cure(
    in_postgres: str, stores: EmbeddedStores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty one, one that does not exist, a stranger's name, and nobody at the address; no password is
    shown."""
    nobody = "postgresql://someone:secret@127.0.0.1:1/calls"
    for url, told in (
        (asyncio.run(stores.new_database()), "no call was queued in that time -> "),
        (in_postgres.replace("/test_", "/missing_"), "does not exist -> .* services.database_url"),
        (in_postgres.replace("user=callcenter", "user=nobody"), "nobody.* -> .* services.database_url"),
        (nobody, "PostgreSQL does not answer: .* -> .* services.database_url"),
    ):
        monkeypatch.setenv("CALLCENTER__SERVICES__DATABASE_URL", url)
        with pytest.raises(Failure, match=told) as refused:
            CliRunner().invoke(app, ("staffing", *PERIOD), catch_exceptions=False)
        assert "secret" not in str(refused.value)
