"""How fast a day of 200,000 calls goes by in virtual time."""

from __future__ import annotations

import time

from acd.model import AcdConfig, AgentConfig, QueueConfig, SkillRequirement
from bench.report import Report, within
from simulation.arrivals import DAY_MS, Profile
from simulation.calls import MadeUpCalls
from simulation.durations import Exponential, LogNormal
from simulation.measures import replicate
from simulation.plan import Plan

CALLS = 200_000
TARGET_S = 20.0
SEED = 20261121
SHAPE = (1, 1, 1, 1, 1, 2, 4, 8, 14, 18, 19, 16, 12, 14, 18, 18, 16, 12, 9, 8, 6, 4, 2, 1)
"""Calls by hour of the day, in proportion."""
SKILLS = ("billing", "complaints", "english", "advice")


def run(*, quick: bool) -> list[Report]:
    """One queue for everybody, and four queues by skill with agents of two skills each."""
    report = Report(
        "simulation: one day in virtual time, on one processor",
        ("day", "calls", "agents", "seconds", "calls per second", f"target {TARGET_S:g} s"),
        notes=["Log-normal talk of 180 s, exponential patience of 120 s, the load of a working day."],
    )
    share = 10 if quick else 1
    for title, config in (("one queue", _one_queue(1000)), ("four queues by skill", _by_skill(1040))):
        plan = _plan(config, CALLS / share)
        began = time.perf_counter()
        found = replicate(plan, SEED, 0)
        took_s = time.perf_counter() - began
        per_second = found.calls / took_s
        report.rows.append(
            (
                title,
                f"{found.calls:,}",
                f"{len(config.agents):,}",
                f"{took_s:.1f}",
                f"{per_second:,.0f}",
                within(took_s, TARGET_S / share),
            )
        )
        report.data[title] = {"calls": found.calls, "elapsed_s": took_s, "calls_per_s": per_second}
    return [report]


def _plan(config: AcdConfig, calls: float) -> Plan:
    unit = calls / sum(SHAPE) / len(config.queues)
    sources = tuple(
        MadeUpCalls(
            queue=queue,
            arrivals=Profile(interval_min=60, calls=tuple(hour * unit for hour in SHAPE)),
            talk=LogNormal(mean_sec=180, cv=0.9),
            patience=Exponential(mean_sec=120),
        )
        for queue in config.queues
    )
    return Plan(config, sources, end_ms=DAY_MS)


def _one_queue(agents: int) -> AcdConfig:
    names = [f"a{number}" for number in range(agents)]
    return AcdConfig(
        "bench",
        {"all": QueueConfig("all", wrap_up_sec=15)},
        {name: AgentConfig(name) for name in names},
    )


def _by_skill(agents: int) -> AcdConfig:
    return AcdConfig(
        "bench",
        {
            skill: QueueConfig(skill, requirements=(SkillRequirement(skill, 3),), wrap_up_sec=15)
            for skill in SKILLS
        },
        {
            f"a{number}": AgentConfig(
                f"a{number}",
                {SKILLS[number % 4]: 8, SKILLS[(number + 1 + number // 4 % 3) % 4]: 4},
            )
            for number in range(agents)
        },
    )
