"""What is looked after from day to day, over the centre at work: its trunks, and how every part of it is."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import redis.asyncio as redis

from asr.workers import TranscriptionClient, TranscriptionUnavailable
from callcenter import assembly
from callcenter.adapters.asterisk.config import SwitchConfig
from callcenter.adapters.asterisk.look import AsteriskLook
from callcenter.adapters.asterisk.telephony import AsteriskTelephony
from callcenter.adapters.local_journal import LocalJournal
from callcenter.adapters.postgres.pool import Database
from callcenter.audit.service import AuditLog
from callcenter.background import background
from callcenter.health import probes
from callcenter.health.model import Finding, Part
from callcenter.health.service import HealthService, Probe
from callcenter.health.store import PostgresLook
from callcenter.listening.service import LiveSpeech
from callcenter.places import Places
from callcenter.ports import Clock, StoreAway
from callcenter.prompts.service import PromptService
from callcenter.settings import Settings
from callcenter.shipping import BUS, STORE, Shipping
from callcenter.softphones.proxy import SipProxy
from callcenter.speech import SpeechWorkerPlan, speech_workers
from callcenter.transcripts.service import SpeechWorkers
from callcenter.trunks.model import NumberPlan, Plans, TrunkPlan, calls_up
from callcenter.trunks.service import TrunkService
from callcenter.trunks.store import PostgresTrunkDays
from callcenter.view import LiveCentre
from callcenter.web.access import Route
from callcenter.web.health_routes import HealthRoutes
from callcenter.web.trunk_routes import TrunkRoutes

BREATH_S = 0.02
SPEECH_PLANS_EVERY_MS = 30_000


@dataclass(frozen=True, slots=True)
class Works:
    """What of the controller is looked at."""

    telephony: AsteriskTelephony
    journal: LocalJournal
    shipping: Shipping
    prompts: PromptService
    transcriber: SpeechWorkers
    listening: LiveSpeech


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What else is looked at."""

    places: Places
    live: LiveCentre
    database: Database
    valkey: redis.Redis
    audit: AuditLog
    proxy: SipProxy


async def operations(
    stack: AsyncExitStack,
    settings: Settings,
    switch: SwitchConfig,
    works: Works,
    around: Surroundings,
    clock: Clock,
) -> tuple[Route, ...]:
    """The routes of both; they are kept up to date until the stack is left."""
    look = await stack.enter_async_context(AsteriskLook(switch, works.telephony.manager))
    trunks = TrunkService(
        look,
        PostgresTrunkDays(around.database),
        lambda: plans(around.live.settings),
        lambda trunk: calls_up(around.live.centre.floor.calls.values(), trunk),
        clock,
        assembly.kpi_policy(settings).time_zone,
    )
    health = HealthService(_Looks(works, around, trunks, clock).all(), clock)
    background(stack, health.run(), "health")
    return (*TrunkRoutes(trunks).table(), *HealthRoutes(health).table())


def plans(settings: Settings) -> Plans:
    """What the settings say of trunks and numbers."""
    return Plans(
        tuple(
            TrunkPlan(
                name,
                trunk.channel_limit,
                trunk.codecs,
                trunk.peer or (trunk.registration.server if trunk.registration else ""),
            )
            for name, trunk in settings.trunks.items()
        ),
        tuple(NumberPlan(did, number.flow, number.language) for did, number in settings.numbers.items()),
        NumberPlan("", settings.any_number.flow, settings.any_number.language),
    )


class _Looks:
    """Asks every part how it is."""

    def __init__(self, works: Works, around: Surroundings, trunks: TrunkService, clock: Clock) -> None:
        self._works, self._around, self._trunks, self._clock = works, around, trunks, clock
        self._store = PostgresLook(around.database)
        self._started_at = clock()
        self._plans: tuple[SpeechWorkerPlan, ...] = ()
        self._planned_at: int | None = None

    def all(self) -> list[Probe]:
        """All of them, in the order in which a person looks."""
        return [
            Probe(Part.CONTROLLER, self._controller),
            Probe(Part.SWITCH, self._switch),
            Probe(Part.TRUNK, self._trunk),
            Probe(Part.SOFTPHONES, self._softphones),
            Probe(Part.STORE, self._stored),
            Probe(Part.BUS, self._bus),
            Probe(Part.SPEECH, self._speech),
            Probe(Part.PROMPTS, self._prompts),
            Probe(Part.DISK, self._disk),
            Probe(Part.AUDIT, self._audit),
        ]

    async def _controller(self) -> Sequence[Finding]:
        began = time.perf_counter()
        await asyncio.sleep(BREATH_S)
        late_ms = max(0.0, (time.perf_counter() - began - BREATH_S) * 1000)
        calls = sum(call.live for call in self._around.live.centre.floor.calls.values())
        seq = self._works.journal.last_seq
        seen = probes.Workings(self._started_at, calls, late_ms, _memory_bytes(), seq)
        return [probes.controller(seen)]

    async def _switch(self) -> Sequence[Finding]:
        await self._trunks.look()
        ari = self._works.telephony.connected
        return [probes.switch(self._trunks.seen, ari=ari, why=self._trunks.trouble)]

    async def _trunk(self) -> Sequence[Finding]:
        return [probes.trunk(one) for one in (await self._trunks.told()).trunks]

    async def _softphones(self) -> Sequence[Finding]:
        await self._trunks.look()
        return [probes.softphones(self._around.proxy.sockets, switch_up=self._trunks.seen is not None)]

    async def _stored(self) -> Sequence[Finding]:
        unshipped = self._works.shipping.behind(STORE)
        try:
            return [probes.store(await self._store.look(), unshipped)]
        except StoreAway as away:
            return [probes.store(None, unshipped, str(away))]

    async def _bus(self) -> Sequence[Finding]:
        unshipped = self._works.shipping.behind(BUS)
        began = time.perf_counter()
        try:
            about = await self._around.valkey.info("server")
        except (redis.RedisError, OSError) as error:
            return [probes.bus(None, "", unshipped, f"Valkey does not answer: {type(error).__name__}")]
        answer_ms = (time.perf_counter() - began) * 1000
        version = str(about.get("valkey_version") or about.get("redis_version", ""))
        return [probes.bus(answer_ms, version, unshipped)]

    async def _speech(self) -> Sequence[Finding]:
        settings, places = self._around.live.settings, self._around.places
        if self._planned_at is None or self._clock() - self._planned_at >= SPEECH_PLANS_EVERY_MS:
            self._planned_at = self._clock()
            self._plans = await asyncio.to_thread(speech_workers, settings, places)
        workers = await asyncio.gather(*map(self._worker, self._plans))
        listening = self._works.listening
        streams = probes.StreamsSeen(**listening.streams, most=listening.most)
        return [
            *probes.speech(settings.speech.enabled, workers),
            probes.listening(wanted=bool(workers), seen=streams),
        ]

    async def _worker(self, plan: SpeechWorkerPlan) -> probes.WorkerSeen:
        waiting = self._works.transcriber.waiting(plan.model_id)
        try:
            ready = await TranscriptionClient(self._around.places.speech_socket(plan.model_id)).greet()
        except TranscriptionUnavailable:
            return probes.WorkerSeen(plan.model_id, "", "", answers=False, waiting=waiting)
        return probes.WorkerSeen(plan.model_id, ready.engine, ready.languages, answers=True, waiting=waiting)

    async def _prompts(self) -> Sequence[Finding]:
        return [probes.prompts(self._works.prompts.pace_ms)]

    async def _disk(self) -> Sequence[Finding]:
        places = self._around.places
        kept = {"recordings": places.recordings, "journal": places.journal}
        return [probes.disk(name, *await asyncio.to_thread(_space, path)) for name, path in kept.items()]

    async def _audit(self) -> Sequence[Finding]:
        return [probes.audit(self._around.audit.owed)]


def _space(path: Path) -> tuple[int, int]:
    """Free and all bytes where this lies, or will."""
    there = next(one for one in (path.absolute(), *path.absolute().parents) if one.exists())
    usage = shutil.disk_usage(there)
    return usage.free, usage.total


def _memory_bytes() -> int:
    """What this process holds of the machine's memory."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0
