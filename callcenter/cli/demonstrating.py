"""`callcenter demo`: the whole centre, simulated callers and agents, and a check of every call."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from rich.console import Console

from callcenter import assembly
from callcenter.adapters.postgres.journal_store import PostgresJournalStore
from callcenter.adapters.postgres.pool import Database
from callcenter.cli.failure import Failure
from callcenter.cli.running import prepare, teller
from callcenter.demo import checks, evidence
from callcenter.demo.agents import Workplace
from callcenter.demo.centre_api import CentreApi
from callcenter.demo.performance import Venue, perform
from callcenter.demo.report import Interruption, Report
from callcenter.demo.scene import Scene
from callcenter.demo.show import Show
from callcenter.demo.staff import staff_overlay, workplaces
from callcenter.demo.stories import stories
from callcenter.embedded.asterisk import EmbeddedAsterisk
from callcenter.embedded.postgres import EmbeddedPostgres
from callcenter.embedded.supervisor import Service, Supervisor
from callcenter.main import ADMIN
from callcenter.phones.protocol import now_ms
from callcenter.places import Places
from callcenter.secrets import Secrets
from callcenter.settings import Settings, load_settings

OVERLAY = Path(__file__).parents[1] / "demo" / "demo.yaml"
MARKER = "demo-only"
AFTER_WORK_S = 90.0
LAST_CHANNELS_S = 5.0


async def run_demo(
    config_dir: Path,
    overlays: Sequence[Path],
    calls: int,
    agents: int,
    report_path: Path | None,
    kill_controller: bool,
) -> int:
    """Play the demo; 0 when every check holds, else 1. Raises Failure and what a start of the centre raises."""
    console = Console(highlight=False)
    show = Show(console)
    first = load_settings(config_dir, (OVERLAY, *overlays), os.environ)
    with _own_directory(first.centre.data_dir) as data_dir:
        chosen = (OVERLAY, _staff(data_dir, first, agents), *overlays)
        settings = load_settings(config_dir, chosen, os.environ)
        places = Places(settings.centre.data_dir, settings.centre.installed_dir)
        told = ("--config", str(config_dir.resolve()), *_options(chosen))
        began_at = now_ms()
        async with _centre(settings, places, told, console) as (centre, secrets):
            console.print(f"Live page: http://{settings.web.host}:{settings.web.port}/  (log in as {ADMIN}, ")
            console.print(f"password {secrets.admin})\n")
            report, scenes = await _play(
                settings, places, centre, secrets, show, began_at, calls, agents, kill_controller
            )
        path = report_path or places.data_dir / "report.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(report.model_dump_json(indent=2) + "\n", encoding="utf-8")
        show.result(report, scenes)
        console.print(f"Report: {path}   Recordings: {places.recordings}")
    return 1 if report.problems else 0
