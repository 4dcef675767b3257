"""The routing scenarios of the demo: their settings and stories fit, and their proofs see what is not so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from demo_tales import GOOD, Tale

from acd.strategies import STRATEGIES, Rings
from callcenter.cli.demonstrating import OVERLAY, Order
from callcenter.cli.failure import Failure
from callcenter.demo.callers import CALL_BACK_KEY
from callcenter.demo.scenarios import SCENARIOS, USUAL, Scenario, overflow, skills
from callcenter.demo.stories import Plot
from callcenter.domain import events as e
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
    back = _settings("call-back")
    promised = back.queues["general"].call_back
    assert promised is not None
    assert (promised.key, set(back.waiting.call_back) >= {"zh"}) == (CALL_BACK_KEY, True)


# --- proofs ------------------------------------------------------------------------------------------------


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
    ("call-back", _without(e.CallBackPromised, "c2.b1"), "nobody was promised to be called back"),
    ("call-back", _bent(e.CallQueued, "c2.b1", queued_at=14_000), "did not keep the place"),
    ("call-back", _decided("c2.b1", order_at=14_000), "did not know of the place that was kept"),
    ("call-back", _bent(e.CallEnded, "c2", by=e.EndedBy.CALLER), "caller ended it"),
    ("call-back", _bent(e.OfferEnded, "c2.b1", at=25_000), "dialled before an agent had picked up"),
    ("call-back", _without(e.CallBackDialled, "c2.b1"), "the caller was dialled 0 times, not once"),
    ("call-back", _bent(e.AgentConnected, "c2.b1", agent_id="1002"), "agent 1002 got the call, not 1001"),
    ("call-back", lambda tale: setattr(tale.scenes[1], "called_back", None), "phone never rang"),
    ("call-back", lambda tale: setattr(tale.scenes[1], "offers", 2), "2 agents' phones really rang, not 1"),
    ("call-back", _bent(e.AgentConnected, "c3", at=20_700), "not answered after the call-back"),
    ("call-back", _bent(e.CallQueued, "c3", queued_at=9_000), "did not come behind"),
]


@pytest.mark.parametrize(("name", "bend", "told"), WRONG, ids=[f"{name}: {told}" for name, _, told in WRONG])
def test_what_is_not_so_is_told(name: str, bend: Callable[[Tale], object], told: str) -> None:
    """Each thing on which a claim rests is looked at."""
    tale = GOOD[name]()
    bend(tale)
    assert any(told in found for found in tale.wrong()), tale.wrong()


def test_nothing_is_claimed_of_calls_that_the_centre_does_not_know() -> None:
    """The checks of each call tell that; a scenario adds no riddle."""
    tale = GOOD["skills"]()
    tale.events = [event for event in tale.events if getattr(event, "call_id", None) != "c2"]
    assert (tale.wrong(), tale.scenario.shown(tale.scenes, tale.found())) == ([], [])
