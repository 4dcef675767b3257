"""`callcenter demo`: the whole centre, simulated callers and agents, and a check of every call."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from callcenter import assembly
from callcenter.adapters.postgres.journal_store import PostgresJournalStore
from callcenter.adapters.postgres.pool import Database
from callcenter.cli.failure import Failure
from callcenter.cli.running import prepare, teller
from callcenter.demo import checks
from callcenter.demo.centre_api import ApiRefused, CentreApi
from callcenter.demo.evidence import Evidence, gather
from callcenter.demo.performance import Venue, perform
from callcenter.demo.report import CallReport, Interruption, Report
from callcenter.demo.scenarios import SCENARIOS, USUAL, Scenario, usual
from callcenter.demo.scene import Scene
from callcenter.demo.show import Show
from callcenter.demo.staff import staff_overlay, workplaces
from callcenter.embedded.asterisk import EmbeddedAsterisk
from callcenter.embedded.postgres import EmbeddedPostgres
from callcenter.embedded.supervisor import Service, Supervisor
from callcenter.phones import PhoneError
from callcenter.phones.protocol import now_ms
from callcenter.places import Places
from callcenter.secrets import ADMIN, Secrets
from callcenter.settings import Settings, load_settings
from located_yaml import did_you_mean

OVERLAY = Path(__file__).parents[1] / "demo" / "demo.yaml"
MARKER = ".demo"
AFTER_WORK_S = 60.0
AFTER_WORK_S_PER_CALL = 6.0
"""Two sides to be heard, on a machine that does nothing else any more."""
LAST_CHANNELS_S = 5.0
USUAL_CALLS, USUAL_AGENTS = 12, 4
SIP_PORT = 5060
"""Where a peer is rung whose port is not told."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of the demo. Only the usual scenario leaves callers and agents open (None: as many as
    usual) and can have its plug pulled."""

    scenario: str = USUAL
    calls: int | None = None
    agents: int | None = None
    kill_controller: bool = False

    def chosen(self) -> Scenario:
        """The scenario; raises Failure when there is none of that name, or it has no such choice."""
        if self.scenario == USUAL:
            return usual(self.calls or USUAL_CALLS, self.agents or USUAL_AGENTS)
        scenario = SCENARIOS.get(self.scenario)
        if scenario is None:
            names = (USUAL, *SCENARIOS)
            told = f"no scenario '{self.scenario}'{did_you_mean(self.scenario, names)}"
            raise Failure(f"{told} -> choose one of: {', '.join(names)}")
        if self.calls is not None or self.agents is not None or self.kill_controller:
            told = f"the scenario '{self.scenario}' has its own callers and agents"
            raise Failure(f"{told} -> leave out --calls, --agents and --kill-controller")
        return scenario


@dataclass(frozen=True, slots=True)
class RunningCentre:
    """A centre under our supervision."""

    settings: Settings
    places: Places
    secrets: Secrets
    supervisor: Supervisor
    services: tuple[Service, ...]

    @property
    def api_base(self) -> str:
        """Where its API is."""
        return f"http://{self.settings.web.host}:{self.settings.web.port}"

    @property
    def database_url(self) -> str:
        """Where its journal ends up."""
        own = next((found.dsn for found in self.services if isinstance(found, EmbeddedPostgres)), None)
        url = self.settings.services.database_url or own
        assert url is not None, "the centre has no database"
        return url

    def controller_pid(self) -> int | None:
        """The controller's process, while there is one."""
        return next((now.pid for now in self.supervisor.status() if now.name == "controller"), None)

    async def channels(self) -> int:
        """How many channels the switch has."""
        asterisk = next(found for found in self.services if isinstance(found, EmbeddedAsterisk))
        answer = await asterisk.ask("core show channels concise")
        return len((answer or "").split())


async def run_demo(
    config_dir: Path,
    overlays: Sequence[Path],
    order: Order,
    report_path: Path | None,
) -> int:
    """Play the demo; 0 when every check holds, else 1.

    Raises Failure, and what a start of the centre raises.
    """
    console = Console(highlight=False)
    show = Show(console)
    scenario = order.chosen()
    first = load_settings(config_dir, (OVERLAY, *overlays), os.environ)
    with _own_directory(first.centre.data_dir) as data_dir, _ended_by_signal():
        path = report_path or data_dir / "report.json"
        _require_writable(path)
        laid_over = scenario.overlay or _staff_file(data_dir, first, scenario.agents)
        async with _centre(config_dir, (OVERLAY, laid_over, *overlays), console, show) as centre:
            report, shown = await _play(centre, scenario, order.kill_controller, show)
    path.write_text(report.model_dump_json(indent=2) + "\n", encoding="utf-8")
    show.result(report, shown)
    console.print(f"Report: {path}  Recordings and logs: {data_dir}", soft_wrap=True)
    return 1 if report.problems else 0


async def _play(
    centre: RunningCentre, scenario: Scenario, kill: bool, show: Show
) -> tuple[Report, list[tuple[Scene, CallReport | None]]]:
    began_at = now_ms()
    told = scenario.stories(began_at // 1000)
    sip = centre.settings.sip
    async with CentreApi(centre.api_base) as api:
        try:
            await api.log_in(ADMIN, centre.secrets.admin)
            scenes, interruptions = await perform(
                told,
                workplaces(scenario.agents, centre.secrets.phones),
                Venue(f"{sip.address}:{sip.port}", api, centre.controller_pid, _callers_at(centre.settings)),
                centre.places.data_dir / "speech",
                kill=kill,
                tell=show.tell,
            )
            show.tell(None, "all callers have hung up; waiting for recordings, transcripts and tickets")
            found = await _evidence(centre, api, began_at, scenes)
        except (ApiRefused, PhoneError, TimeoutError) as error:
            log = centre.places.log / "controller.log"
            raise Failure(
                f"the demo cannot go on: {str(error) or 'no answer in time'} -> see {log}"
            ) from error
    report = _report(scenario, scenes, found, await _orphans(centre), interruptions, show)
    rows: list[tuple[Scene, CallReport | None]] = []
    for scene in scenes:
        reports = checks.call_reports(scene, found)
        rows += [(scene, call) for call in reports] if reports else [(scene, None)]
    return report, rows


def _callers_at(settings: Settings) -> dict[str, int]:
    """The port at which the centre rings callers, by trunk."""
    peers = {name: trunk.peer for name, trunk in settings.trunks.items() if trunk.peer}
    return {name: int(peer.partition(":")[2] or SIP_PORT) for name, peer in peers.items()}


async def _evidence(centre: RunningCentre, api: CentreApi, since_at: int, scenes: list[Scene]) -> Evidence:
    database = Database(centre.database_url)
    try:
        return await gather(
            PostgresJournalStore(database),
            api,
            assembly.kpi_policy(centre.settings),
            centre.places.recordings,
            since_at=since_at,
            told=[scene.story for scene in scenes],
            within_s=AFTER_WORK_S + AFTER_WORK_S_PER_CALL * len(scenes),
        )
    finally:
        await database.close()


async def _orphans(centre: RunningCentre) -> int:
    """The channels that are still there a while after everybody hung up."""
    deadline = asyncio.get_running_loop().time() + LAST_CHANNELS_S
    while (left := await centre.channels()) and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.25)
    return left


def _report(
    scenario: Scenario,
    scenes: list[Scene],
    found: Evidence,
    orphans: int,
    interruptions: list[Interruption],
    show: Show,
) -> Report:
    kpi: dict[str, dict[str, float | None]] = {}
    for figure in found.kpi:
        kpi.setdefault(figure["scope"], {})[figure["key"]] = figure["value"]
    return Report(
        scenario=scenario.name,
        shown=scenario.shown(scenes, found),
        calls=[call for scene in scenes for call in checks.call_reports(scene, found)],
        kpi=kpi,
        identity_ok=checks.identity_ok(found),
        lost_calls=sum(checks.lost(scene, found) is not None for scene in scenes),
        orphan_legs=orphans,
        elapsed_ms=show.elapsed_ms,
        interrupted=interruptions,
        problems=[*checks.problems(scenes, found, orphans), *scenario.problems(scenes, found)],
    )


@asynccontextmanager
async def _centre(
    config_dir: Path, overlays: Sequence[Path], console: Console, show: Show
) -> AsyncIterator[RunningCentre]:
    """The whole centre, as `callcenter run` starts it, for the length of the block."""
    settings = load_settings(config_dir, overlays, os.environ)
    places = Places.of(settings.centre)
    options = [part for path in overlays for part in ("--overlay", str(path.resolve()))]
    argv = ("--config", str(config_dir.resolve()), *options)
    stages, secrets = await prepare(settings, places, argv, console)
    supervisor = Supervisor(stages, on_progress=teller(console))
    await supervisor.start()
    try:
        page = f"http://{settings.web.host}:{settings.web.port}/"
        login = f"name [bold]{ADMIN}[/], password [bold]{secrets.admin}[/]"
        up = f"The centre is up after {show.elapsed_ms / 1000:.1f} s."
        console.print(f"\n{up}  Live page: [bold]{page}[/]  {login}\n", soft_wrap=True)
        services = tuple(service for stage in stages for service in stage)
        yield RunningCentre(settings, places, secrets, supervisor, services)
    finally:
        await supervisor.stop()


def _require_writable(report: Path) -> None:
    """Fail now rather than after the demo."""
    try:
        report.parent.mkdir(parents=True, exist_ok=True)
        report.touch()
    except OSError as error:
        told = f"the report cannot be written to {report}: {error.strerror}"
        raise Failure(f"{told} -> choose another place with --report") from error


@contextmanager
def _ended_by_signal() -> Iterator[None]:
    """A SIGTERM ends the demo as cleanly as Ctrl-C does."""
    playing, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert playing is not None
    loop.add_signal_handler(signal.SIGTERM, playing.cancel)
    try:
        yield
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


@contextmanager
def _own_directory(data_dir: Path) -> Iterator[Path]:
    """The demo's data directory, ours alone for the length of the block, with an empty local journal, so that
    live figures are of this demo only. What earlier demos recorded stays in the database."""
    marker = data_dir / MARKER
    if data_dir.exists() and any(data_dir.iterdir()) and not marker.exists():
        raise Failure(
            f"{data_dir} holds something else than a demo -> set centre.data_dir to a new directory"
        )
    data_dir.mkdir(parents=True, exist_ok=True)
    with marker.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failure(f"another demo runs in {data_dir} -> wait until it is over") from None
        shutil.rmtree(data_dir / "journal", ignore_errors=True)
        yield data_dir


def _staff_file(data_dir: Path, settings: Settings, agents: int) -> Path:
    """The overlay that gives the demo its agents. (JSON is YAML.)"""
    path = data_dir / "staff.yaml"
    path.write_text(json.dumps(staff_overlay(settings, agents), ensure_ascii=False) + "\n", encoding="utf-8")
    return path
