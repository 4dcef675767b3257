"""The index chooses what the plain scan chooses, also in centres too large to name every agent."""

from __future__ import annotations

import random

import pytest
from acd_scene import config, dicts, queue

from acd import events as ev
from acd.deadlines import DeadlineKind, Deadlines
from acd.lanes import IndexedMatching
from acd.matching import ScanMatching
from acd.model import AcdConfig, SkillRequirement
from acd.router import Router
from acd.strategies import STRATEGIES

SKILLS = [f"skill{n}" for n in range(6)]


def big_centre(dice: random.Random, strategy: str) -> AcdConfig:
    """Forty agents with a few skills each, and a queue for every skill."""
    queues = [
        queue(
            skill,
            requirements=(SkillRequirement(skill, dice.randint(1, 6)),),
            strategy=strategy,
            wrap_up_sec=1,
        )
        for skill in SKILLS
    ]
    agents = {
        f"a{n:02}": (
            {skill: dice.randint(1, 10) for skill in dice.sample(SKILLS, 3)},
            tuple(dice.sample(SKILLS, 4)) if dice.random() < 0.5 else (),
        )
        for n in range(40)
    }
    return config(*queues, agents=agents)


def random_fact(
    dice: random.Random, number: int, offers: list[str], talking: dict[str, str]
) -> ev.RouterEvent:
    """Something that happens in a busy centre."""
    agent_id = f"a{dice.randrange(40):02}"
    happening = dice.random()
    if happening < 0.35:
        needs = (SkillRequirement(dice.choice(SKILLS), 3),) if dice.random() < 0.3 else ()
        return ev.CallQueued(f"c{number}", dice.choice(SKILLS), number * 100, dice.randrange(3), needs)
    if happening < 0.6 and offers:
        return ev.OfferAccepted(dice.choice(offers))
    if happening < 0.8 and talking:
        talker = dice.choice(sorted(talking))
        return ev.AgentReleased(talker, talking.pop(talker))
    if happening < 0.82:
        return ev.AgentLoggedOut(agent_id)
    if happening < 0.88:
        return ev.AgentLoggedIn(agent_id)
    return ev.AgentReady(agent_id) if happening < 0.97 else ev.AgentPaused(agent_id, "lunch")


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_index_and_scan_command_the_same(strategy: str) -> None:
    """The same facts give the same commands and the same explanations, with every strategy."""
    dice = random.Random(strategy)
    setting = big_centre(dice, strategy)
    indexed, scanning = Router(setting, IndexedMatching), Router(setting, ScanMatching)
    offers: list[str] = []
    talking: dict[str, str] = {}
    offered = 0
    first = [fact(agent_id) for fact in (ev.AgentReady, ev.AgentLoggedIn) for agent_id in setting.agents]
    for number in range(600):
        fact = first.pop() if first else random_fact(dice, number, offers, talking)
        now = number * 100
        for event in (fact, ev.DeadlineReached()):
            commands = indexed.handle(event, now)
            said = dicts(commands)
            assert said == dicts(scanning.handle(event, now))
            for command in said:
                if command["kind"] == "make_offer":
                    offers.append(command["offer_id"])
                    offered += 1
                elif command["kind"] == "end_offer" and command["offer_id"] in offers:
                    offers.remove(command["offer_id"])
                    if command["end"] == "accepted":
                        talking[command["agent_id"]] = command["call_id"]
    assert offered > 100


def test_lanes_that_only_single_calls_made_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the limit the empty ones are closed, and matching goes on as before."""
    monkeypatch.setattr("acd.lanes._MAX_LANES", 10)
    router = Router(config(agents={"a1": {f"skill{n}": 9 for n in range(100)}}))
    for event in (ev.AgentLoggedIn("a1"), ev.AgentReady("a1")):
        router.handle(event, 0)
    for n in range(100):
        needs = (SkillRequirement(f"skill{n}", 1),)
        commands = router.handle(ev.CallQueued(f"c{n}", "support", n, 0, needs), n)
        assert dicts(commands)[0]["agent_id"] == "a1"
        router.handle(ev.CallLeft(f"c{n}"), n)


def test_deadlines_come_out_in_order_and_agents_first() -> None:
    """By instant, then agents before Offers before calls, then by name; moved and disarmed ones are gone."""
    deadlines = Deadlines()
    deadlines.arm(DeadlineKind.CALL, "c1", 10)
    deadlines.arm(DeadlineKind.OFFER, "c2.o1", 10)
    deadlines.arm(DeadlineKind.AGENT, "a2", 10)
    deadlines.arm(DeadlineKind.AGENT, "a1", 10)
    deadlines.arm(DeadlineKind.CALL, "moved", 5)
    deadlines.arm(DeadlineKind.CALL, "moved", 11)
    deadlines.arm(DeadlineKind.CALL, "gone", 1)
    deadlines.disarm(DeadlineKind.CALL, "gone")
    assert deadlines.next_at() == 10
    due = []
    while (item := deadlines.pop_due(10)) is not None:
        due.append(item[1])
    assert due == ["a1", "a2", "c2.o1", "c1"]
    assert deadlines.next_at() == 11


def test_deadlines_that_are_moved_for_ever_take_no_more_room() -> None:
    """A timer armed a thousand times is still one timer."""
    deadlines = Deadlines()
    for at in range(1000):
        deadlines.arm(DeadlineKind.CALL, "c1", at)
    assert len(deadlines._heap) < 100
    assert deadlines.pop_due(998) is None
    assert deadlines.pop_due(999) == (DeadlineKind.CALL, "c1")
