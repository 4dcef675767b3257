"""Made-up trunks, parts and lists of callers, for looking at the pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from callcenter.caller_lists.model import CountedEntry
from callcenter.caller_lists.store import MemoryCallerListStore
from callcenter.domain.caller_lists import ListEntry
from callcenter.domain.events import DomainEvent
from callcenter.health import probes
from callcenter.health.model import Finding, Part
from callcenter.health.service import HealthService, Probe
from callcenter.health.store import StoreSeen
from callcenter.switch_look import LineState, SwitchSeen
from callcenter.trunks.memory import MemorySwitchLook
from callcenter.trunks.model import NumberPlan, Plans, TrunkPlan, calls_up
from callcenter.trunks.service import TrunkService
from callcenter.trunks.store import MemoryTrunkDays
from callcenter.web.access import Route
from callcenter.web.health_routes import HealthRoutes
from callcenter.web.ports import Centre
from callcenter.web.trunk_routes import TrunkRoutes

_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 24 * _HOUR_MS
PLANS: Final = Plans(
    (
        TrunkPlan("trunk-a", 10, ("ulaw", "alaw"), "192.0.2.10:5060"),
        TrunkPlan("trunk-b", 60, ("g722", "ulaw", "alaw"), ""),
        TrunkPlan("province", 12, ("alaw",), "198.51.100.7:5060"),
        TrunkPlan("provider", 30, ("g722", "alaw"), "sip.example.org"),
    ),
    (NumberPlan("12345", "citizen_hotline", "zh"), NumberPlan("96181", "korean_line", "ko")),
    NumberPlan("", "citizen_hotline", "zh"),
)
_LINES: Final = {
    "trunk-a": LineState(peer_answers=True, legs=11, refused=4),
    "trunk-b": LineState(legs=7),
    "province": LineState(peer_answers=False),
    "provider": LineState(peer_answers=True, registration="Rejected"),
}


_LISTED: Final = (
    ("black", "+8613800001111", "反复辱骂坐席，已劝告三次", "孙丽萍", 40, 5, 17),
    ("black", "+862155*", "自动外呼骚扰", "admin", 200, None, 243),
    ("black", "+8617712345678", "深夜骚扰", "孙丽萍", 12, -2, 3),
    ("vip", "+8613912345678", "人大代表", "admin", 310, None, 8),
    ("vip", "+85221234567", "", "𠮷田健", 3, 90, 0),
    ("key", "+861065432100", "独居老人，优先接听；家属 Emma Lindqvist", "周雨桐", 66, 21, 29),
)
"""Each with its reason, who added it, how many days ago, in how many days it ends, and how often it hit."""


def made_up_lists(now: int) -> MemoryCallerListStore:
    """Some entries of every kind."""
    store = MemoryCallerListStore()
    for number, (name, caller, reason, author, ago, left, hits) in enumerate(_LISTED, start=1):
        ends = None if left is None else now + left * _DAY_MS
        entry = ListEntry(f"made-up-{number}", name, caller, reason, author, now - ago * _DAY_MS, ends)
        store.keep(CountedEntry(entry, hits, now - hits * _HOUR_MS if hits else None))
    return store


class MadeUpOperations:
    """Trunks over the centre's made-up calls, and parts of which some are not well."""

    def __init__(self, centre: Centre, clock: Callable[[], int], past: Sequence[DomainEvent]) -> None:
        self._centre, self._clock = centre, clock
        self._began_at = clock() - 30 * _HOUR_MS
        self._switch = MemorySwitchLook({plan.name: plan.channel_limit for plan in PLANS.trunks}, clock)
        self._switch.lines = _LINES | {
            "trunk-a": LineState(peer_answers=True, legs=11, refused=4, refused_at=clock() - _HOUR_MS)
        }
        days = MemoryTrunkDays(past)
        centre.subscribe(lambda _, event: days.apply(event))
        self._trunks = TrunkService(self._switch, days, lambda: PLANS, self._up, clock, "Asia/Shanghai")

    def table(self) -> tuple[Route, ...]:
        """Every route with its access."""
        probe = Probe(Part.CONTROLLER, self._findings)
        return (
            *TrunkRoutes(self._trunks).table(),
            *HealthRoutes(HealthService([probe], self._clock)).table(),
        )

    def _up(self, trunk: str) -> int:
        return calls_up(self._centre.view().calls.values(), trunk)

    async def _findings(self) -> list[Finding]:
        view = self._centre.view()
        live = sum(call.live for call in view.calls.values())
        seen = probes.Workings(self._began_at, live, 1.4, 143 << 20, view.seq)
        return [
            probes.controller(seen),
            probes.switch(SwitchSeen("22.10.1", self._began_at, 2 * live, manager=True), ari=True),
            *(probes.trunk(one) for one in (await self._trunks.told()).trunks),
            probes.softphones(9, switch_up=True),
            probes.store(StoreSeen("16.9", 2.1, 1_834_000_000, 12), 3),
            probes.bus(0.4, "8.1.3", 3),
            *probes.speech(True, [probes.WorkerSeen("vosk-model-small-cn-0.22", "vosk", "zh", True, 2)]),
            *probes.speech(True, [probes.WorkerSeen("whisper-small", "", "", False, 5)]),
            probes.listening(wanted=True, seen=probes.StreamsSeen(flow=3, talk=4, most=16)),
            probes.prompts({("espeak", "zh"): 48, ("kokoro", "zh"): 1730, ("kokoro", "en"): 1910}),
            probes.disk("recordings", 61 << 30, 900 << 30),
            probes.disk("journal", 212 << 30, 240 << 30),
            probes.audit(0),
        ]
