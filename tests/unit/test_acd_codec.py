"""Events, configurations, commands and snapshots in JSON and back."""

from __future__ import annotations

import json

import pytest
from acd_scene import VOICEMAIL, Scene, config, overflow, queue

from acd import events as ev
from acd.codec import (
    EVENT_KINDS,
    command_to_dict,
    config_from_dict,
    config_to_dict,
    event_from_dict,
    event_to_dict,
)
from acd.commands import MakeOffer
from acd.explain import Decision
from acd.model import ANY_GROUP, PauseReason, RelaxStep, SkillRequirement, Terms
from acd.router import Router

SETTING = config(
    queue(
        "support",
        requirements=(SkillRequirement("en", 3),),
        groups=("day",),
        steps=(RelaxStep(30, lower={"en": 1}, groups=(ANY_GROUP,)), RelaxStep(60, drop=("en",), priority=2)),
        max_wait_sec=9,
        overflow=overflow(timeout=VOICEMAIL),
    ),
    agents={"a1": ({"en": 5, "fr": 1}, ("support",), {"support": Terms(1, 0, 2)}, ("day",), 3), "a2": {}},
    call_choice="service_objective",
    pause_reasons={"lunch": PauseReason("lunch", paid=False, limit_sec=1800)},
    seed=7,
)
EVENTS: list[ev.RouterEvent] = [
    ev.AgentLoggedIn("a1"),
    ev.AgentLoggedOut("a1", "s1"),
    ev.AgentReady("a1", "s1"),
    ev.AgentPaused("a1", "午餐", "s1"),
    ev.PhoneReachable("a1", False),
    ev.CallQueued("c1", "support", 5, -2, (SkillRequirement("en", 3), SkillRequirement("fr")), "a1", "a2"),
    ev.CallLeft("c1"),
    ev.OfferAccepted("c1.o1"),
    ev.OfferFailed("c1.o1", ev.OfferFailure.BUSY),
    ev.AgentReleased("a1", "c1"),
    ev.WrapUpEnded("a1"),
    ev.WrapUpExtended("a1", 30),
    ev.DispositionGiven("a1", "c1"),
    ev.CallTaken("a1", "c1", "support"),
    ev.QueueOpened("support"),
    ev.QueueClosed("support"),
    ev.ConfigChanged(SETTING),
    ev.DeadlineReached(),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_comes_back_equal_and_its_bytes_are_stable(event: ev.RouterEvent) -> None:
    """JSON text read back gives an equal event, which writes the same text again."""
    text = json.dumps(event_to_dict(event))
    back = event_from_dict(json.loads(text))
    assert back == event
    assert json.dumps(event_to_dict(back)) == text


def test_every_kind_of_event_is_in_the_examples() -> None:
    """A new event cannot be forgotten here."""
    assert {type(event) for event in EVENTS} == set(EVENT_KINDS.values())


def test_an_event_written_before_a_field_was_added_is_read() -> None:
    """What was written once stays readable; a field that always was there must be."""
    assert event_from_dict({"kind": "agent_ready", "agent_id": "a1"}) == ev.AgentReady("a1")
    with pytest.raises(KeyError):
        event_from_dict({"kind": "agent_ready"})


def test_an_unknown_kind_is_refused_by_name() -> None:
    """A journal of a newer version does not pass for something else."""
    with pytest.raises(ValueError, match="'agent_cloned' is no Router event; known are agent_logged_in"):
        event_from_dict({"kind": "agent_cloned", "agent_id": "a1"})


def test_a_configuration_comes_back_equal() -> None:
    """Queues, agents and overflow entries survive JSON."""
    assert config_from_dict(json.loads(json.dumps(config_to_dict(SETTING)))) == SETTING


def test_commands_are_written_with_their_decision_which_can_be_read() -> None:
    """The journal's Offer carries the whole explanation, and it reads back equal."""
    router = Router(SETTING)
    for event in (ev.AgentLoggedIn("a1"), ev.AgentReady("a1")):
        router.handle(event, 1000)
    commands = router.handle(ev.CallQueued("c1", "support", 500), 1500)
    written = json.loads(json.dumps([command_to_dict(command) for command in commands]))
    assert [command["kind"] for command in written] == ["make_offer", "change_presence"]
    offer = commands[0]
    assert isinstance(offer, MakeOffer)
    assert Decision.from_dict(written[0]["decision"]) == offer.decision
    assert Decision.from_dict(written[0]["decision"]).explain() == offer.decision.explain()


def test_a_restored_router_goes_on_where_the_old_one_stopped() -> None:
    """In the middle of ringing, talking, wrap-up and waiting, after a trip through JSON."""
    scene = Scene(None, "a1", "a2", "a3")
    scene.call("c1")
    scene.talk("a1", sec=3)
    scene.call("c2")
    scene.tell(ev.OfferAccepted("c2.o1"))
    scene.after(4)
    for call_id in ("c3", "c4", "c5"):
        scene.call(call_id)
    data = json.loads(json.dumps(scene.router.snapshot()))
    other = Scene()
    other.router, other.now = Router.restored(config(), data), scene.now
    assert other.after(120) == scene.after(120)
    assert other.same_as(scene)


def test_only_a_bounded_number_of_past_calls_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory stays flat over any number of calls; the oldest are forgotten first."""
    monkeypatch.setattr("acd.offer.REMEMBERED_CALLS", 5)
    scene = Scene(config(queue(wrap_up_sec=0)), "a1")
    for n in range(50):
        scene.call(f"c{n}")
        scene.tell(ev.CallLeft(f"c{n}"))
    assert scene.router.snapshot()["left_calls"] == ["c45", "c46", "c47", "c48", "c49"]
    assert len(scene.router.snapshot()["offers"]) == 5
