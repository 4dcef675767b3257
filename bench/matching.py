"""Decisions of the Router per second: the indexed matching against the plain scan of everything."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from random import Random
from typing import Any

import orjson

from acd import events as ev
from acd.commands import MakeOffer
from acd.matching import ScanMatching
from acd.model import AcdConfig, AgentConfig, QueueConfig, SkillRequirement
from acd.router import Router
from bench.figures import percentile
from bench.report import Report, within
from callcenter import collector
from simulation.unexplained import UnexplainedMatching

SEED = 20261121
SKILLS, SKILLS_HELD = 200, 10
CASES = ((1_000, 2_000), (10_000, 20_000), (10_000, 100_000))
DECISIONS_PER_S, P99_US, LOG_IN_MS = 50_000, 250, 50
SCAN_RATIO = 400


@dataclass(frozen=True, slots=True)
class Case:
    """One size of centre. Microseconds are of one decision: an agent is released and offered the best of the
    waiting calls, with the explanation stored."""

    agents: int
    waiting: int
    skills: int
    decisions_per_s: float
    p50_us: float
    p99_us: float
    p999_us: float
    unexplained_per_s: float
    scan_decisions_per_s: float
    ratio_to_scan: float
    bytes_per_agent: int
    bytes_per_waiting_call: int
    bytes_per_decision: int


def run(*, quick: bool) -> list[Report]:
    """All sizes, and a shift that begins."""
    report = Report(
        "acd: decisions of the Router",
        ("agents / waiting", "per s", "p50 us", "p99 us", "p99.9 us", "not explained", "scan", "ratio"),
        notes=[
            f"{SKILLS} skills, {SKILLS_HELD} per agent. A decision: an agent is released and offered the "
            "best waiting call, its explanation stored. Scan: the plain reference, in the same run.",
            f"Targets: {DECISIONS_PER_S:,}/s and p99 {P99_US} us at the largest, {SCAN_RATIO} times the scan "
            "at the second.",
        ],
    )
    found = cases(quick=quick)
    for case in found:
        largest, second = case.waiting == CASES[-1][1], (case.agents, case.waiting) == CASES[1]
        speed = within(case.decisions_per_s, DECISIONS_PER_S, at_least=True) if largest else ""
        ratio = within(case.ratio_to_scan, SCAN_RATIO, at_least=True) if second else ""
        report.rows.append(
            (
                f"{case.agents:,} / {case.waiting:,}",
                f"{case.decisions_per_s:,.0f} {speed}".rstrip(),
                f"{case.p50_us:.0f}",
                f"{case.p99_us:.0f} {within(case.p99_us, P99_US) if largest else ''}".rstrip(),
                f"{case.p999_us:.0f}",
                f"{case.unexplained_per_s:,.0f}",
                f"{case.scan_decisions_per_s:,.1f}",
                f"{case.ratio_to_scan:,.0f}x {ratio}".rstrip(),
            )
        )
    last = found[-1]
    shift_ms = shift_begins_ms(1_000, 2_000)
    report.notes += [
        f"1,000 agents log in at once with 2,000 calls waiting: all matched in {shift_ms:.0f} ms "
        f"({within(shift_ms, LOG_IN_MS)}, target {LOG_IN_MS}).",
        f"Memory: {last.bytes_per_agent:,} B per agent, {last.bytes_per_waiting_call:,} B per waiting call; "
        f"a stored decision has {last.bytes_per_decision:,} B as JSON.",
    ]
    report.data = {"cases": [asdict(case) for case in found], "shift_begins_ms": shift_ms}
    return [report]


def cases(*, quick: bool) -> list[Case]:
    """The figures of each size."""
    sizes, decisions = (CASES[:1], 2_000) if quick else (CASES, 20_000)
    return [_case(agents, waiting, decisions) for agents, waiting in sizes]


def shift_begins_ms(agents: int, waiting: int) -> float:
    """How long until all agents who log in at one moment have been offered a call."""
    config = _config(agents)
    router, queues = Router(config), list(config.queues)
    for number in range(waiting):
        router.handle(ev.CallQueued(f"c{number}", queues[number % len(queues)], number), number)
    for agent_id in config.agents:
        router.handle(ev.AgentLoggedIn(agent_id), waiting)
    began = time.perf_counter()
    for agent_id in config.agents:
        router.handle(ev.AgentReady(agent_id), waiting)
    return (time.perf_counter() - began) * 1000


def _case(agents: int, waiting: int, decisions: int) -> Case:
    config = _config(agents)
    floor = _Floor(Router(config))
    floor.log_in()
    floor.fill(waiting)
    snapshot = floor.router.snapshot()
    unexplained, scanning = (
        _Floor(Router.restored(config, snapshot, matching), floor.talking, floor.now, floor.calls)
        for matching in (UnexplainedMatching, ScanMatching)
    )
    collector.settle()  # as the controller does
    spans = floor.decide(decisions)
    plain = unexplained.decide(decisions)
    scan = scanning.decide(max(3, 400_000 // (agents + waiting)))
    gc.unfreeze()
    per_agent, per_call = _memory()
    per_s = len(spans) / sum(spans)
    scan_per_s = len(scan) / sum(scan)
    return Case(
        agents=agents,
        waiting=waiting,
        skills=SKILLS,
        decisions_per_s=per_s,
        p50_us=percentile(spans, 50) * 1e6,
        p99_us=percentile(spans, 99) * 1e6,
        p999_us=percentile(spans, 99.9) * 1e6,
        unexplained_per_s=len(plain) / sum(plain),
        scan_decisions_per_s=scan_per_s,
        ratio_to_scan=per_s / scan_per_s,
        bytes_per_agent=per_agent,
        bytes_per_waiting_call=per_call,
        bytes_per_decision=floor.decision_bytes,
    )


class _Floor:
    """A busy Router: every agent talks, and calls wait."""

    def __init__(
        self,
        router: Router,
        talking: Sequence[tuple[str, str]] = (),
        now: int = 1_000_000,
        calls: int = 0,
    ) -> None:
        self.router = router
        self.talking = deque(talking)
        self.now = now
        self.calls = calls
        self.decision_bytes = 0
        self._dice = Random(SEED)
        self._queues = list(router.config.queues)

    def log_in(self) -> None:
        """Every agent is ready."""
        for agent_id in self.router.config.agents:
            self.router.handle(ev.AgentLoggedIn(agent_id), self.now)
            self.router.handle(ev.AgentReady(agent_id), self.now)

    def fill(self, waiting: int) -> None:
        """Let calls come until so many wait."""
        while self.calls - len(self.talking) < waiting:
            for command in self.router.handle(self._next_call(), self.now):
                self._answer(command)

    def decide(self, decisions: int) -> list[float]:
        """The seconds that each decision took; after each, the agent answers and another call comes."""
        spans: list[float] = []
        clock = time.perf_counter
        for _ in range(decisions):
            self.now += 10
            released = ev.AgentReleased(*self.talking.popleft())
            began = clock()
            commands = self.router.handle(released, self.now)
            spans.append(clock() - began)
            for command in commands:
                self._answer(command)
            self.router.handle(self._next_call(), self.now)
        return spans

    def _next_call(self) -> ev.CallQueued:
        self.calls += 1
        return ev.CallQueued(f"c{self.calls}", self._dice.choice(self._queues), self.now)

    def _answer(self, command: object) -> None:
        if isinstance(command, MakeOffer):
            self.router.handle(ev.OfferAccepted(command.offer_id), self.now)
            self.talking.append((command.agent_id, command.call_id))
            if not self.decision_bytes:
                self.decision_bytes = len(orjson.dumps(command.decision.to_dict()))


def _config(agents: int) -> AcdConfig:
    dice = Random(SEED)
    skills = [f"s{number}" for number in range(SKILLS)]
    queues = {
        f"q{number}": QueueConfig(
            f"q{number}",
            requirements=(SkillRequirement(skill, dice.randint(1, 4)),),
            wrap_up_sec=0,
            priority=dice.randint(0, 2),
        )
        for number, skill in enumerate(skills)
    }
    people = {
        f"a{number}": AgentConfig(
            f"a{number}", {skill: dice.randint(4, 10) for skill in dice.sample(skills, SKILLS_HELD)}
        )
        for number in range(agents)
    }
    return AcdConfig("bench", queues, people)


@cache
def _memory(agents: int = 1_000, waiting: int = 5_000) -> tuple[int, int]:
    """The bytes that Python holds for each agent logged in and for each call that waits."""
    config = _config(agents)
    tracemalloc.start()
    floor = _Floor(Router(config))
    floor.log_in()
    floor.fill(0)
    manned, _ = tracemalloc.get_traced_memory()
    floor.fill(waiting)
    filled, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return manned // agents, (filled - manned) // waiting


def as_json(found: Sequence[Case]) -> dict[str, Any]:
    """What ``callcenter bench acd --json`` prints."""
    return {"cases": [asdict(case) for case in found]}
