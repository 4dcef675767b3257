"""Decisions of the Router per second: the indexed matching against the plain scan of everything."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from acd import events as ev
from acd.commands import MakeOffer
from acd.floor import NewMatching
from acd.lanes import IndexedMatching
from acd.matching import ScanMatching
from acd.model import AcdConfig, AgentConfig, QueueConfig, SkillRequirement
from acd.router import Router
from bench.figures import ratio
from bench.report import Report, as_ratio
from bench.rounds import per_cpu_second

SEED = 20261121
SKILLS, SKILLS_HELD, QUEUES = 40, 8, 80


def run(*, quick: bool) -> list[Report]:
    """All agents talk and many callers wait: each step an agent comes free and a new caller comes."""
    report = Report(
        "acd: decisions of the Router",
        ("agents / waiting", "", "decisions per CPU second", "ratio to scan"),
        notes=[
            "A decision: an agent is released, the best waiting call offered and accepted, a new call queued."
        ],
    )
    for agents, waiting in ((1000, 2000),) if quick else ((1000, 2000), (5000, 10_000)):
        works = {
            "indexed": _work(IndexedMatching, agents, waiting, 2000),
            "scan": _work(ScanMatching, agents, waiting, 40 if agents <= 1000 else 8),
        }
        speeds = per_cpu_second(works, rounds=3)
        for name, speed in speeds.items():
            size = f"{agents:,} / {waiting:,}"
            report.rows.append((size, name, str(speed), as_ratio(ratio(speed, speeds["scan"]))))
            report.data[f"{name}, {size}"] = speed.to_dict()
    return [report]


def _config(agents: int, dice: Random) -> AcdConfig:
    skills = [f"s{number}" for number in range(SKILLS)]
    queues = {
        f"q{number}": QueueConfig(
            f"q{number}",
            requirements=tuple(
                SkillRequirement(skill, dice.randint(1, 4)) for skill in dice.sample(skills, 2)
            ),
            wrap_up_sec=0,
            priority=dice.randint(0, 2),
        )
        for number in range(QUEUES)
    }
    people = {
        f"a{number}": AgentConfig(
            f"a{number}", {skill: dice.randint(4, 10) for skill in dice.sample(skills, SKILLS_HELD)}
        )
        for number in range(agents)
    }
    return AcdConfig("bench", queues, people)


def _work(matching: NewMatching, agents: int, waiting: int, steps: int) -> Callable[[], int]:
    """A Router with every agent on a call and so many calls waiting, and the steps that are timed."""
    dice = Random(SEED)
    config = _config(agents, dice)
    router = Router(config, matching)
    queues = list(config.queues)
    now, calls = 1_000_000, 0
    talking: list[tuple[str, str]] = []

    def tell(event: ev.RouterEvent) -> None:
        for command in router.handle(event, now):
            if isinstance(command, MakeOffer):
                router.handle(ev.OfferAccepted(command.offer_id), now)
                talking.append((command.agent_id, command.call_id))

    def queue_one() -> None:
        nonlocal calls
        calls += 1
        tell(ev.CallQueued(f"c{calls}", dice.choice(queues), now))

    for agent in config.agents:
        for event in (ev.PhoneReachable(agent, True), ev.AgentLoggedIn(agent), ev.AgentReady(agent)):
            router.handle(event, now)
    while calls < waiting + len(talking) or not talking:
        queue_one()

    def work() -> int:
        nonlocal now
        before = len(talking)
        for _ in range(steps):
            now += 10
            agent, call = talking.pop(0)
            before -= 1
            tell(ev.AgentReleased(agent, call))
            queue_one()
        return len(talking) - before

    return work
