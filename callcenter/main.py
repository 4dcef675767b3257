"""The composition root: everything of the controller process, made and joined in one place."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial

import structlog

from callcenter import assembly
from callcenter.adapters.asterisk.telephony import AsteriskTelephony
from callcenter.adapters.local_journal import LocalJournal
from callcenter.adapters.postgres.journal_store import PostgresJournalStore
from callcenter.adapters.postgres.pool import Database
from callcenter.adapters.valkey_bus import KEPT as KEPT_ON_BUS
from callcenter.background import background
from callcenter.clock import SteadyClock
from callcenter.controller import memory
from callcenter.controller.admission import AdmissionGate, AdmissionLimit
from callcenter.controller.floor import CentreConfig
from callcenter.controller.jobs import JobRunner
from callcenter.controller.messages import Job, SpeechJob, Started
from callcenter.controller.shell import Controller
from callcenter.domain.caller_lists import CallerLists
from callcenter.domain.events import FlowStageWithdrawn
from callcenter.domain.kpi import KpiBoard
from callcenter.flow_editing_in_force import flow_editing
from callcenter.flow_versions.store import FlowStore
from callcenter.flows_in_force import PUBLISHED, FlowsInForce
from callcenter.listening.service import LiveSpeech
from callcenter.live_board import LiveBoard
from callcenter.opening_hours.routes import OpeningHoursRoutes
from callcenter.opening_hours.service import OpeningHours
from callcenter.operations_in_force import Works
from callcenter.outside_in_force import OutsideInForce
from callcenter.places import Places
from callcenter.ports import Clock, Recollection, StoreAway
from callcenter.prompt_catalogue.routes import PromptRoutes
from callcenter.prompt_catalogue.said import Said, WrittenFlows, said_by
from callcenter.prompt_catalogue.service import PromptCatalogue
from callcenter.prompts.recordings import RECORDED
from callcenter.prompts.service import PromptService
from callcenter.prompts.studio import Studio
from callcenter.recordings.service import RecordingFinisher
from callcenter.secrets import ADMIN, Secrets
from callcenter.serving import Endpoints, Running, serve
from callcenter.settings import Settings, SettingsSource
from callcenter.settings.routing import version
from callcenter.settings_in_force import settings_of
from callcenter.shipping import BUS, STORE, Cargo, Shipping
from callcenter.tickets.store import PostgresTicketStore
from callcenter.transcripts.service import SpeechWorkers
from callcenter.users.model import Role, User
from callcenter.users.store import PostgresUsers
from callcenter.view import LiveCentre
from callcenter.web.access import Route
from callcenter.web.ports import Component
from ivr_flows.effects import PromptText
from ivr_flows.files import SHIPPED_FLOWS
from ivr_flows.sealing import Seal

log = structlog.get_logger(__name__)
CHECKPOINT_LOOK_S = 10.0
STORE_WAIT_S = 3.0
"""How long a start with an empty local journal waits for PostgreSQL; it goes on without."""


async def run_controller(
    settings: Settings, source: SettingsSource, places: Places, secrets: Secrets, where: Endpoints
) -> None:
    """Run the controller until SIGINT or SIGTERM. Calls go on in the switch when it ends. At SIGHUP the
    settings are read again from ``source``, at SIGUSR1 (and at SIGHUP) it is looked what flows are published;
    what is faulty changes nothing."""
    stopping, published = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(PUBLISHED, published.set)  # before anything is read, so that no word is missed
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    async with controller(settings, source, places, secrets, where) as flows:
        loop.add_signal_handler(PUBLISHED, flows.look)
        loop.add_signal_handler(signal.SIGHUP, flows.reload, source.load)
        if published.is_set():
            flows.look()
        await stopping.wait()


def _config(
    settings: Settings,
    places: Places,
    secrets: Secrets,
    flows: FlowsInForce,
    studio: Studio,
    lists: CallerLists,
) -> CentreConfig:
    seal = Seal(secrets.seal.encode())
    known = flows.taken.flows
    return assembly.centre_config(settings, known, studio.audio, places, seal, studio.beeps, lists)


@asynccontextmanager
async def controller(
    settings: Settings, source: SettingsSource, places: Places, secrets: Secrets, where: Endpoints
) -> AsyncIterator[FlowsInForce]:
    """A controller at work: connected to the switch, shipping its journal, serving its page. What it yields
    puts in force the flows that are published, and other settings."""
    clock = SteadyClock()
    async with AsyncExitStack() as stack:
        database = Database(where.database_url)
        stack.push_async_callback(database.close)
        store = PostgresJournalStore(database)
        prompts = _prompts(stack, settings, places)
        flows = FlowsInForce(FlowStore(places.flow_versions), settings, prompts, clock)
        await prompts.prepare(flows.taken.texts(settings), synthesize=False)

        journal = _journal(stack, places)
        recollection = await _recall(journal, store, clock)
        outside = OutsideInForce(settings, database, places, clock)
        stack.push_async_callback(outside.close)
        recordings = _recordings(stack, places)
        studio = _studio(prompts, recordings, places, lambda: flows.taken.texts(settings))
        config = _config(settings, places, secrets, flows, studio, outside.lists.known())
        centre = flows.remembered(config, recollection)
        figures = LiveBoard(_board(settings, recollection))

        speech = SpeechWorkers(settings, places)
        jobs = _jobs(speech, database, outside, prompts, studio, recordings, clock)
        listening = LiveSpeech(settings, places, clock)
        begin = partial(_begin_job, jobs, listening)
        gate = AdmissionGate(AdmissionLimit(settings.admission.calls_per_sec, settings.admission.burst))
        control = Controller(centre, gate, journal, clock, begin)
        stack.callback(control.close)
        _post_to(control, stack, jobs, listening)
        control.subscribe(figures.take)
        live = LiveCentre(control, journal, figures, settings, clock)

        telephony = await _begin(stack, control, settings, where, listening, clock)
        shipping = _ship(stack, journal, _cargo(settings, places, where), live)
        background(stack, _keep_short(journal, control, figures, shipping), "checkpoint")

        users = await _users(stack, database, secrets, clock)
        background(stack, prompts.prepare(flows.taken.texts(settings)), "prompts")  # changed texts
        _follow(stack, flows, outside, control, partial(_put_in_force, control, live, outside, clock))
        works = Works(telephony, journal, shipping, prompts, speech, listening)
        running = Running(settings, places, where, clock, control, live, database, outside, works)
        await serve(stack, running, users, await _operation_routes(stack, source, running, flows, prompts))
        yield flows


async def _users(stack: AsyncExitStack, database: Database, secrets: Secrets, clock: Clock) -> PostgresUsers:
    """Who may log in: whoever sees the page can."""
    users = PostgresUsers(database)
    first_login = background(stack, _first_login(users, secrets.admin, clock()), "first-login")
    await asyncio.wait({first_login}, timeout=STORE_WAIT_S)
    return users


def _jobs(
    speech: SpeechWorkers,
    database: Database,
    outside: OutsideInForce,
    prompts: PromptService,
    studio: Studio,
    recordings: RecordingFinisher,
    clock: Clock,
) -> JobRunner:
    """Whoever does the slow work."""
    tickets = PostgresTicketStore(database)
    return JobRunner(tickets, recordings, speech, prompts, studio, clock, outside.jobs(tickets))


def _post_to(control: Controller, stack: AsyncExitStack, *beside: JobRunner | LiveSpeech) -> None:
    """What these find out comes to the Centre, until they are closed."""
    for one in beside:
        one.attach(control.post)
        stack.push_async_callback(one.close)


def _begin_job(jobs: JobRunner, listening: LiveSpeech, job: Job | SpeechJob) -> None:
    if isinstance(job, SpeechJob):
        listening.take(job)
    else:
        jobs.begin(job)


async def _begin(
    stack: AsyncExitStack,
    control: Controller,
    settings: Settings,
    where: Endpoints,
    listening: LiveSpeech,
    clock: Clock,
) -> AsteriskTelephony:
    """Go on from what is remembered. What comes of that is measured by these settings already."""
    telephony = AsteriskTelephony(where.switch, deliver=control.post, clock=clock, hear=listening.hear)
    control.attach(telephony)
    control.record(assembly.kpi_policy_in_force(settings, clock()))
    control.post(Started())
    await telephony.start()
    stack.push_async_callback(telephony.close)
    return telephony


def _follow(
    stack: AsyncExitStack,
    flows: FlowsInForce,
    outside: OutsideInForce,
    control: Controller,
    put_in_force: Callable[[Settings], None],
) -> None:
    """Keep the flows in step with what is published, the lists of callers with the store, and the publishing
    log with what guards withdraw: what a predecessor's did may not have come there before it died."""
    background(stack, outside.run(control), "caller-lists")
    control.subscribe(flows.follow, FlowStageWithdrawn)
    if began := control.centre.published.watch.withdrawn:
        flows.note(
            began, control.centre.floor.now, "before a restart; `callcenter flows status` has the reason"
        )
    background(stack, flows.run(control, put_in_force), "flows")
    background(stack, flows.run_notes(), "publishing-log")


def _put_in_force(
    control: Controller, live: LiveCentre, outside: OutsideInForce, clock: Clock, settings: Settings
) -> None:
    """Put in force what of these settings, which were proved, can be changed at work."""
    outside.reconfigure(settings)
    _reconfigure(control, live, clock, settings)


def _reconfigure(control: Controller, live: LiveCentre, clock: Clock, settings: Settings) -> None:
    """Put the routing part of these settings in force."""
    control.record(assembly.kpi_policy_in_force(settings, clock()))
    live.reconfigure(settings)
    control.post(assembly.reconfigured(settings))
    log.info("settings_in_force", version=version(settings))


async def _recall(journal: LocalJournal, store: PostgresJournalStore, clock: SteadyClock) -> Recollection:
    """What is remembered here. An empty local journal goes on numbering where the store's copy ends; with the
    store away it begins at the milliseconds since the epoch, above every number that can lie there."""
    if journal.is_empty:
        first = clock()
        with suppress(StoreAway, TimeoutError):
            async with asyncio.timeout(STORE_WAIT_S):
                first = 1 + await store.last_seq()
        return journal.recall(first)
    return journal.recall()


def _board(settings: Settings, recollection: Recollection) -> KpiBoard:
    """The figures so far, each measured by what was in force then; by these settings where the journal does
    not say."""
    policy = assembly.kpi_policy(settings)
    kept = (recollection.snapshot or {}).get("kpi")
    board = KpiBoard.from_dict(policy, kept) if kept else KpiBoard(policy)
    for _, event in recollection.events:
        board.apply(event)
    return board


def nowhere_missed(stored_seq: int, published_seq: int, last_seq: int) -> int:
    """The highest number up to which events may go from the local journal: stored, and published too, unless
    they are so old that the bus itself would hold them no more."""
    return min(stored_seq, max(published_seq, last_seq - KEPT_ON_BUS))


async def _keep_short(
    journal: LocalJournal, control: Controller, figures: LiveBoard, shipping: Shipping
) -> None:
    """See to it that a start never has to read much, and that segments go that nobody misses."""
    while True:
        await asyncio.sleep(CHECKPOINT_LOOK_S)
        if journal.wants_checkpoint:
            journal.checkpoint(memory.snapshot(control.centre, figures.board.to_dict()))
        journal.prune(
            nowhere_missed(shipping.shipped_seq(STORE), shipping.shipped_seq(BUS), journal.last_seq)
        )


def _cargo(settings: Settings, places: Places, where: Endpoints) -> Cargo:
    policy = assembly.kpi_policy(settings)
    return Cargo(
        str(places.journal.absolute()),
        where.database_url,
        where.valkey_url,
        dict(policy.threshold_ms),
        policy.time_zone,
    )


def _ship(stack: AsyncExitStack, journal: LocalJournal, cargo: Cargo, live: LiveCentre) -> Shipping:
    """Whoever brings the journal to the stores, and so knows first how they are."""

    def told(to: str, up: bool, detail: str) -> None:
        live.component(Component(to), up=up, detail=detail)

    shipping = Shipping(journal, cargo, told)
    background(stack, shipping.run(), "shipping")
    return shipping


def _prompts(stack: AsyncExitStack, settings: Settings, places: Places) -> PromptService:
    """The prompts, with the worker that makes more during calls."""
    kept = assembly.kept_prompts(settings)
    prompts = PromptService(places.prompts, impromptu=kept, own=places.own_prompts)
    stack.push_async_callback(prompts.close)
    return prompts


def _journal(stack: AsyncExitStack, places: Places) -> LocalJournal:
    """The record of all that happens."""
    journal = LocalJournal(places.journal)
    stack.callback(journal.close)
    return journal


def _recordings(stack: AsyncExitStack, places: Places) -> RecordingFinisher:
    """What finishes recordings."""
    recordings = RecordingFinisher(places.recordings)
    stack.callback(recordings.close)
    return recordings


def _studio(
    prompts: PromptService,
    files: RecordingFinisher,
    places: Places,
    texts: Callable[[], Iterable[PromptText]],
) -> Studio:
    """Where prompts are recorded by telephone."""
    own = places.own_prompts
    return Studio(prompts, files, places.recordings, own / "takes", own / RECORDED, texts)


async def _operation_routes(
    stack: AsyncExitStack,
    source: SettingsSource,
    running: Running,
    flows: FlowsInForce,
    prompts: PromptService,
) -> tuple[Route, ...]:
    """What operators do with settings, flows and prompts."""
    settings, places, live, clock = running.settings, running.places, running.live, running.clock
    editing = flow_editing(stack, live, running.control, flows.look, places, clock)
    changing = await settings_of(source, settings, flows, places, clock)
    hours = OpeningHoursRoutes(
        OpeningHours(lambda: live.settings, lambda: flows.taken.running, clock)
    ).table()
    return (*changing, *hours, *editing.table(), *_prompt_routes(settings, places, flows, prompts).table())


def _prompt_routes(
    settings: Settings, places: Places, flows: FlowsInForce, prompts: PromptService
) -> PromptRoutes:
    """What callers hear by the flows that run, and by those that are being written."""
    written = WrittenFlows(settings.centre.flows_dir or SHIPPED_FLOWS)

    def said() -> Said:
        staged = flows.taken.staged
        running = [*flows.taken.flows.items(), *(staged.flows.items() if staged else ())]
        return said_by([*running, *written.flows().items()], assembly.waiting_policy(settings).prompts())

    return PromptRoutes(PromptCatalogue(said, places.prompts, places.own_prompts, prompts.look_again))


async def _first_login(users: PostgresUsers, password: str, now: int) -> None:
    """Make the first user once the database is there."""
    while True:
        try:
            await users.add(User(ADMIN, Role.ADMIN, None), password, now)
        except StoreAway:
            await asyncio.sleep(1.0)
        else:
            return
