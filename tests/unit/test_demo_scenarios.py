"""The routing scenarios of the demo: their settings and stories fit, and their proofs see what is not so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from acd.agent import Rule
from acd.explain import Candidate, ChosenBy, Decision, Removal, WaitReason
from acd.model import SkillRequirement
from acd.strategies import STRATEGIES, Rings
from callcenter.cli.demonstrating import OVERLAY, Order
from callcenter.cli.failure import Failure
from callcenter.demo.evidence import Evidence, fold
from callcenter.demo.scenarios import SCENARIOS, USUAL, Scenario, overflow, skills
from callcenter.demo.scene import Scene
from callcenter.demo.stories import Plot, Story
from callcenter.domain import events as e
from callcenter.domain.kpi import KpiPolicy
from callcenter.settings import Settings, load_settings
from callcenter.settings.routing import acd_config

CONFIG = Path(__file__).parents[2] / "config"
NAMES = sorted(SCENARIOS)
FIRST_AGENT, FIRST_PHONE = 1001, 2001


def _settings(name: str) -> Settings:
    overlay = SCENARIOS[name].overlay
    assert overlay is not None
    return load_settings(CONFIG, (OVERLAY, overlay), {})


# --- what is asked for -------------------------------------------------------------------------------------


def test_the_usual_demo_is_the_default() -> None:
    """Without a word about it the demo is as it always was; its numbers can be chosen."""
    assert (Order().chosen().name, len(Order().chosen().stories(1)), Order().chosen().agents) == (
        USUAL,
        12,
        4,
    )
    order = Order(calls=3, agents=2, kill_controller=True)
    assert (len(order.chosen().stories(1)), order.chosen().agents) == (3, 2)


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_is_had_by_its_name(name: str) -> None:
    """It brings its own callers and agents, and says so to whoever asks for others."""
    assert Order(name).chosen() is SCENARIOS[name]
    for order in (Order(name, calls=3), Order(name, agents=2), Order(name, kill_controller=True)):
        with pytest.raises(Failure, match="leave out"):
            order.chosen()


def test_a_misspelt_scenario_is_told() -> None:
    """With the name that was probably meant, and all there are."""
    with pytest.raises(Failure, match=r"did you mean 'ring-all'\?.*usual, skills"):
        Order("ring-al").chosen()


# --- settings and stories ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_its_settings_fit(name: str) -> None:
    """Agents, phones, lines and queues of the scenario exist, and its own ports are the demo's."""
    settings, scenario = _settings(name), SCENARIOS[name]
    for index in range(scenario.agents):
        assert str(FIRST_AGENT + index) in settings.agents
        assert str(FIRST_PHONE + index) in settings.phones
    assert {story.line.did for story in scenario.stories(1)} <= set(settings.numbers)


@pytest.mark.parametrize("name", NAMES)
def test_its_stories_can_be_played(name: str) -> None:
    """Each begins after stories before it; repeats are counted; the same run tells the same stories."""
    told = SCENARIOS[name].stories(7)
    assert told == SCENARIOS[name].stories(7)
    assert 3 <= len(told) <= 6
    assert [story.number for story in told] == list(range(1, len(told) + 1))
    callers = [story.caller for story in told]
    for index, story in enumerate(told):
        assert story.after is None or story.after.number < story.number
        assert story.until is None or story.until.number > story.number
        assert story.repeat == callers[:index].count(story.caller)
    assert not set(callers) & {story.caller for story in SCENARIOS[name].stories(8)}


def test_every_plot_is_told_somewhere() -> None:
    """Nothing is written that is never played."""
    scenarios: Iterable[Scenario] = (Order().chosen(), *SCENARIOS.values())
    assert {story.plot for scenario in scenarios for story in scenario.stories(1)} == set(Plot)


def test_the_overlays_switch_on_what_is_shown() -> None:
    """What the proofs count on stands in the settings."""
    rings = acd_config(_settings("ring-all")).queues["general"]
    assert STRATEGIES[rings.strategy].rings is Rings.ALL
    steps = acd_config(_settings("skills")).queues["complaints"].steps
    assert tuple(step.after_sec * 1000 for step in steps) == skills.STEPS_MS
    full = acd_config(_settings("overflow")).queues[overflow.QUEUE]
    assert ((full.max_wait_sec or 0) * 1000, full.max_waiting) == (overflow.MAX_WAIT_MS, 1)
    kept = _settings("preferred-agent").queues["general"]
    assert (kept.prefer, kept.preferred_patience_sec > 0) == ("last_agent", True)


# --- proofs ------------------------------------------------------------------------------------------------


class Tale:
    """A journal in the making, and the scenes that go with it; every method adds what it names."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.events: list[e.DomainEvent] = []
        self.scenes = [Scene(story) for story in scenario.stories(1)]

    def call(self, number: int, at: int, queue: str = "general") -> str:
        """A call arrives and is queued."""
        story, call_id = self.scenes[number - 1].story, f"c{number}"
        self.events += [_arrival(story, call_id, at), e.CallQueued(at, call_id, queue, at, 0)]
        return call_id

    def wait(self, call_id: str, at: int, queue: str, rule: Rule, agent_id: str) -> None:
        """The journal tells why it waits."""
        removed = (Removal(rule, "", 1, (agent_id,)),)
        reason = WaitReason(call_id, queue, at, at, 0, (), removed, at + 3_000)
        self.events.append(e.CallWaits(at, call_id, queue, reason.to_dict()))

    def presence(self, agent_id: str, at: int, presence: str) -> None:
        """An agent does something else."""
        self.events.append(e.PresenceChanged(at, agent_id, presence, ""))

    def offer(self, decision: Decision, end: str, end_at: int) -> None:
        """A phone rings from the decision to the end; whoever is left alone is ready at once."""
        call_id, agent_id, queue = decision.call_id, decision.agent_id, decision.queue
        offer_id, leg = f"{call_id}.{agent_id}", f"a-{call_id}.{agent_id}"
        made = e.OfferMade(decision.at, call_id, offer_id, queue, agent_id, leg, decision.to_dict())
        self.events += [made, e.OfferEnded(end_at, call_id, offer_id, queue, agent_id, end)]
        self.presence(agent_id, end_at, "on_call" if end == "accepted" else "ready")

    def talk(self, decision: Decision, wait_ms: int) -> None:
        """The agent of the decision answers."""
        call_id, agent_id, queue, at = decision.call_id, decision.agent_id, decision.queue, decision.at
        self.offer(decision, "accepted", at + 500)
        answered = e.QueueOutcome.ANSWERED
        self.events += [
            e.QueueLeft(at + 500, call_id, queue, answered, wait_ms),
            e.AgentConnected(at + 500, call_id, agent_id, f"a-{call_id}.{agent_id}", queue),
        ]

    def found(self) -> Evidence:
        """What is read out of it: the journal is in the order of time."""
        return fold(sorted(self.events, key=lambda event: event.at), KpiPolicy({}))

    def wrong(self) -> list[str]:
        """What the proofs find."""
        return [problem.told for problem in self.scenario.problems(self.scenes, self.found())]


def _arrival(story: Story, call_id: str, at: int) -> e.CallArrived:
    line, number = story.line, story.caller
    return e.CallArrived(at, call_id, "leg", line.trunk, line.did, number, number, "", False, "zh", "hotline")


def _decision(call_id: str, agent_id: str, at: int, **changes: Any) -> Decision:
    usual: dict[str, Any] = {
        "call_id": call_id,
        "agent_id": agent_id,
        "queue": "general",
        "at": at,
        "config_version": "v",
        "chosen_by": ChosenBy.CALL,
        "strategy": "longest_idle",
        "queued_at": at,
        "order_at": at,
        "relaxed": 0,
        "requirements": (SkillRequirement("mandarin", 5),),
        "candidates": (Candidate(agent_id, (1, 0)),),
        "candidate_count": 1,
        "removed": (),
        "competing": (),
        "competing_count": 0,
        "call_choice": "priority",
    }
    return Decision(**(usual | changes))


def _ring_all() -> Tale:
    tale = Tale(SCENARIOS["ring-all"])
    for number, winner, losers in ((1, "1001", ("1002", "1003")), (2, "1002", ("1003",)), (3, "1003", ())):
        at = number * 10_000
        call_id = tale.call(number, at)
        for loser in losers:
            tale.offer(_decision(call_id, loser, at), "revoked", at + 500)
        tale.talk(_decision(call_id, winner, at), 500)
        tale.scenes[number - 1].offers, tale.scenes[number - 1].silenced = 1 + len(losers), len(losers)
    return tale


def _skills() -> Tale:
    tale = Tale(SCENARIOS["skills"])
    first = tale.call(1, 1_000, "complaints")
    tale.talk(_decision(first, "1002", 1_000, queue="complaints"), 500)
    for number, agent_id, step in ((2, "1001", 1), (3, "1003", 2)):
        at = number * 10_000
        call_id = tale.call(number, at, "complaints")
        tale.wait(call_id, at, "complaints", Rule.LEVEL_TOO_LOW, agent_id)
        after = {"queue": "complaints", "queued_at": at, "relaxed": step}
        tale.talk(_decision(call_id, agent_id, at + skills.STEPS_MS[step - 1], **after), 3_500)
    return tale


def _overflow() -> Tale:
    tale = Tale(SCENARIOS["overflow"])
    first = tale.call(1, 1_000, "complaints")
    tale.talk(_decision(first, "1002", 1_000, queue="complaints"), 500)
    moved, timeout = tale.call(2, 10_000, "complaints"), e.QueueOutcome.OVERFLOW_TIMEOUT
    to_queue = {"reason": "timeout", "kind": "queue", "name": "general"}
    tale.events += [
        e.QueueLeft(14_000, moved, "complaints", timeout, 4_000, to_queue),
        e.CallQueued(14_000, moved, "general", 10_000, 0),
    ]
    tale.talk(_decision(moved, "1001", 14_000, queued_at=10_000), 4_500)
    away, full = tale.call(3, 11_000, "complaints"), e.QueueOutcome.OVERFLOW_FULL
    tale.events += [
        e.QueueLeft(11_000, away, "complaints", full, 0, {"reason": "full", "kind": "flow", "name": "full"}),
        e.NodeEntered(11_000, away, "hotline", "v", "busy"),
        e.CallEnded(20_000, away, e.EndedBy.FLOW, "not_served"),
    ]
    return tale


def _preferred_agent() -> Tale:
    tale = Tale(SCENARIOS["preferred-agent"])
    tale.presence("1001", 100, "ready")
    tale.presence("1002", 200, "ready")
    tale.talk(_decision(tale.call(1, 1_000), "1001", 1_000), 500)
    tale.presence("1001", 9_000, "ready")
    again = tale.call(2, 10_000)
    tale.talk(_decision(again, "1001", 10_000, chosen_by=ChosenBy.PREFERENCE), 500)
    kept = tale.call(3, 15_000)
    tale.wait(kept, 15_000, "general", Rule.KEPT_FOR_ANOTHER, "1002")
    tale.talk(_decision(tale.call(4, 16_000), "1002", 16_000), 500)
    tale.talk(_decision(kept, "1001", 25_000, queued_at=15_000), 10_500)
    return tale


GOOD: dict[str, Callable[[], Tale]] = {
    "ring-all": _ring_all,
    "skills": _skills,
    "overflow": _overflow,
    "preferred-agent": _preferred_agent,
}


@pytest.mark.parametrize("name", NAMES)
def test_what_went_as_meant_is_shown(name: str) -> None:
    """Every call of a run that went well has its claim, and none has a problem."""
    tale = GOOD[name]()
    assert tale.wrong() == []
    shown = tale.scenario.shown(tale.scenes, tale.found())
    assert [told.partition(":")[0] for told in shown] == [
        f"call {scene.story.number}" for scene in tale.scenes
    ]


def _bent(kind: type, call_id: str, **changes: Any) -> Callable[[Tale], None]:
    """All facts of this kind about this call are otherwise."""

    def bend(tale: Tale) -> None:
        tale.events = [
            replace(event, **changes)  # type: ignore[type-var]
            if isinstance(event, kind) and getattr(event, "call_id", None) == call_id
            else event
            for event in tale.events
        ]

    return bend


def _decided(call_id: str, **changes: Any) -> Callable[[Tale], None]:
    """The reasons of this call's Offers are otherwise."""

    def bend(tale: Tale) -> None:
        tale.events = [
            replace(event, decision=event.decision | changes)
            if isinstance(event, e.OfferMade) and event.call_id == call_id
            else event
            for event in tale.events
        ]

    return bend


def _without(kind: type, call_id: str) -> Callable[[Tale], None]:
    def bend(tale: Tale) -> None:
        tale.events = [
            event
            for event in tale.events
            if not (isinstance(event, kind) and getattr(event, "call_id", None) == call_id)
        ]

    return bend


def _stays(agent_id: str, presence: str) -> Callable[[Tale], None]:
    """The agent is never anything else."""

    def bend(tale: Tale) -> None:
        tale.events = [
            replace(event, presence=presence)
            if isinstance(event, e.PresenceChanged) and event.agent_id == agent_id
            else event
            for event in tale.events
        ]

    return bend


WRONG: Sequence[tuple[str, Callable[[Tale], object], str]] = [
    ("ring-all", _bent(e.OfferEnded, "c1", end="accepted"), "not as one accepted and 2 revoked"),
    ("ring-all", _without(e.OfferMade, "c2"), "Offers went to nobody, not to 2 agents"),
    ("ring-all", _stays("1003", "offered"), "agent 1003 was offered after the revoked Offer"),
    ("ring-all", lambda tale: setattr(tale.scenes[0], "offers", 2), "2 phones really rang, not 3"),
    ("ring-all", lambda tale: setattr(tale.scenes[1], "silenced", 0), "0 phones were made to stop, not 1"),
    ("skills", _bent(e.AgentConnected, "c2", agent_id="1003"), "agent 1003 got the call, not 1001"),
    ("skills", _decided("c1", relaxed=1), "not offered at the skill that the queue asks for"),
    ("skills", _decided("c3", relaxed=1), "after 1 steps, not 2"),
    ("skills", _decided("c2", queued_at=21_000), "before its step"),
    ("skills", _without(e.CallWaits, "c2"), "does not tell that 1001 was not skilled enough"),
    ("overflow", _bent(e.AgentConnected, "c1", agent_id="1001"), "agent 1001 got the call, not 1002"),
    ("overflow", _decided("c2", queued_at=14_000), "did not know of its wait"),
    ("overflow", _bent(e.QueueLeft, "c2", outcome=e.QueueOutcome.ANSWERED), "left its queues as"),
    ("overflow", _bent(e.QueueLeft, "c3", overflow=None), "overflowed to nothing"),
    ("overflow", _bent(e.CallEnded, "c3", by=e.EndedBy.SYSTEM), "system ended it"),
    ("preferred-agent", _bent(e.AgentConnected, "c2", agent_id="1002"), "agent 1002 got the call, not 1001"),
    ("preferred-agent", _decided("c2", chosen_by="call"), "not by preference"),
    ("preferred-agent", _stays("1002", "wrap_up"), "agent 1002 was not idle for longer"),
    ("preferred-agent", _stays("1002", "wrap_up"), "agent 1002 was not free when it came"),
    ("preferred-agent", _without(e.CallWaits, "c3"), "does not tell that it was kept"),
    ("preferred-agent", _decided("c4", at=26_000), "while the other call waited"),
]


@pytest.mark.parametrize(("name", "bend", "told"), WRONG, ids=[f"{name}: {told}" for name, _, told in WRONG])
def test_what_is_not_so_is_told(name: str, bend: Callable[[Tale], object], told: str) -> None:
    """Each thing on which a claim rests is looked at."""
    tale = GOOD[name]()
    bend(tale)
    assert any(told in found for found in tale.wrong()), tale.wrong()


def test_nothing_is_claimed_of_calls_that_the_centre_does_not_know() -> None:
    """The checks of each call tell that; a scenario adds no riddle."""
    tale = _skills()
    tale.events = [event for event in tale.events if getattr(event, "call_id", None) != "c2"]
    assert (tale.wrong(), tale.scenario.shown(tale.scenes, tale.found())) == ([], [])
