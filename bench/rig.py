"""Callers, phones, the centre and the reference, joined for one round of calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.bare_ari import RunningBareAri, running_bare_ari
from bench.centre import AGENTS, NUMBER, CentreOptions, RunningCentre, running_centre
from bench.figures import percentile
from bench.ports import Ports
from bench.process_cost import busy_share, cpu_ms, machine_ticks, tree_cpu_ms
from bench.reference import RunningReference, running_reference
from bench.sipp import Moment, Sipp, moments, of_callers, provisioned_sipp
from callcenter.embedded.asterisk_packages import find_asterisk, provision_asterisk
from callcenter.prompts.model import PromptText
from callcenter.prompts.store import PromptStore

INSTALLED = Path(__file__).parents[1] / "var"
AFTERMATH_S = 0.7
"""Waited after the last call of a round, so that what it leaves behind is counted with it."""


@dataclass(frozen=True, slots=True)
class Round:
    """One run of callers against one side. Spans in ms; ``waits_ms`` of every caller whom an agent answered:
    from just before the caller's INVITE to just before the agent's 200. ``beside_ms`` is spent by what works
    for the controller: the stores, and the processes that it has started."""

    rate: float
    offered: int
    failed: int
    retransmissions: int
    waits_ms: tuple[float, ...]
    asterisk_ms: float
    controller_ms: float
    beside_ms: float
    machine_busy: float
    called: dict[str, Moment]
    phones: tuple[Moment, ...]

    @property
    def p50(self) -> float:
        """Half of the callers were answered within."""
        return percentile(self.waits_ms, 50)

    @property
    def p95(self) -> float:
        """So were 95 of 100."""
        return percentile(self.waits_ms, 95)

    @property
    def clean(self) -> bool:
        """No call failed, and nobody waited long though agents were free."""
        return self.failed == 0 and len(self.waits_ms) == self.offered and self.p95 <= CLEAN_P95_MS


CLEAN_P95_MS = 200.0


@dataclass(slots=True)
class Rig:
    """Everything that a round needs."""

    directory: Path
    ports: Ports
    sipp: Sipp
    phones_log: Path
    rounds: int = 0

    @asynccontextmanager
    async def centre(self, options: CentreOptions | None = None) -> AsyncIterator[RunningCentre]:
        """A fresh centre."""
        async with running_centre(
            self.directory / "centre", self.ports, self.sipp, options or CentreOptions()
        ) as centre:
            yield centre

    @asynccontextmanager
    async def bare_ari(self, centre: RunningCentre) -> AsyncIterator[RunningBareAri]:
        """The centre's switch, controlled by the least that can; the centre's controller is gone."""
        async with running_bare_ari(centre, self.ports.ari) as bare:
            yield bare

    @asynccontextmanager
    async def reference(self, agents: int = AGENTS) -> AsyncIterator[RunningReference]:
        """A fresh reference."""
        installation = find_asterisk(None, provisioned=INSTALLED / "asterisk") or await provision_asterisk(
            INSTALLED / "asterisk", mirror=None, progress=lambda stage, fraction: None
        )
        music = (INSTALLED / "prompts" / "music").resolve()
        async with running_reference(
            self.directory / "reference", installation, music, _menu_sounds(), self.ports, self.sipp, agents
        ) as reference:
            yield reference

    async def round(
        self,
        side: RunningCentre | RunningReference | RunningBareAri,
        *,
        rate: float,
        seconds: float,
        number: str = NUMBER,
    ) -> Round:
        """Offer calls at this rate for so long, and wait for the last one's end."""
        self.rounds += 1
        seen = len(moments(self.phones_log))
        controlled = None if isinstance(side, RunningReference) else side
        machine, spent = machine_ticks(), _spent(side.asterisk_pid, controlled)
        result, called = await self.sipp.call(
            side.sip_port, rate=rate, calls=round(rate * seconds), round_id=self.rounds, number=number
        )
        await asyncio.sleep(AFTERMATH_S)
        cost = [
            (after - before) / result.offered
            for before, after in zip(spent, _spent(side.asterisk_pid, controlled), strict=True)
        ]
        phones = tuple(moments(self.phones_log)[seen:])
        callers, answered = of_callers(called, "called"), of_callers(phones, "answered")
        return Round(
            rate=rate,
            offered=result.offered,
            failed=result.failed,
            retransmissions=result.retransmissions,
            waits_ms=tuple(
                (answered[caller].at_us - moment.at_us) / 1000
                for caller, moment in callers.items()
                if caller in answered
            ),
            asterisk_ms=cost[0],
            controller_ms=cost[1],
            beside_ms=cost[2],
            machine_busy=busy_share(machine, machine_ticks()),
            called=callers,
            phones=phones,
        )


def _menu_sounds() -> dict[str, Path]:
    """The two prompts of the flow `menu`, as the centre plays them."""
    store = PromptStore(INSTALLED / "prompts" / "speech")
    said = {"MENU": PromptText("one", "en"), "SAID": PromptText("two", "en")}
    store.ensure(said.values(), synthesize=False)
    return {name: Path(str(store.media_uri(text)).removeprefix("sound:")) for name, text in said.items()}


def _spent(asterisk: int, controlled: RunningCentre | RunningBareAri | None) -> tuple[float, float, float]:
    """CPU time so far, in ms: Asterisk, its controller, and what works for that."""
    if controlled is None:
        return cpu_ms(asterisk), 0.0, 0.0
    stores = sum(tree_cpu_ms(pid) for pid in controlled.store_pids)
    controller = cpu_ms(controlled.controller_pid)
    return cpu_ms(asterisk), controller, stores + tree_cpu_ms(controlled.controller_pid) - controller


@asynccontextmanager
async def rig(directory: Path, ports: Ports) -> AsyncIterator[Rig]:
    """The callers and the phones, with nothing to call yet."""
    async with AsyncExitStack() as stack:
        sipp = await provisioned_sipp(INSTALLED / "tools", directory / "sipp", ports)
        log = await stack.enter_async_context(sipp.phones())
        yield Rig(directory, ports, sipp, log)
