"""Whom a call may get: steps that relax with waiting, groups, reserves, tiers and the preferred agent."""

from __future__ import annotations

from acd_scene import VOICEMAIL, Scene, config, overflow, queue

from acd import events as ev
from acd.agent import Rule
from acd.commands import MakeOffer
from acd.explain import ChosenBy
from acd.model import ANY_GROUP, RelaxStep, SkillRequirement, Terms

EN5, FR2 = SkillRequirement("en", 5), SkillRequirement("fr", 2)


def test_rings_widen_one_after_the_other() -> None:
    """A level is lowered, a skill dropped, a group let in: each at its second, the narrower ring first."""
    steps = (RelaxStep(10, lower={"en": 3}), RelaxStep(20, drop=("fr",)), RelaxStep(30, groups=("night",)))
    for skills, groups, heard_after in (
        ({"en": 5, "fr": 2}, ("day",), 0),
        ({"en": 3, "fr": 2}, ("day",), 10),
        ({"en": 4}, ("day",), 20),
        ({"en": 4}, ("night", "x"), 30),
    ):
        asked = queue(requirements=(EN5, FR2), groups=("day",), steps=steps)
        scene = Scene(config(asked, agents={"a1": (skills, (), {}, groups)}), "a1")
        words = scene.call("c1")
        while not words and scene.now < 60_000:
            words = scene.after(1)
        assert words[0] == "c1.o1 rings a1"
        assert scene.now == heard_after * 1000


def test_the_last_step_may_let_in_everybody() -> None:
    """ANY_GROUP opens the queue to agents of no group as well."""
    asked = queue(groups=("day",), steps=(RelaxStep(5, groups=(ANY_GROUP,)),))
    scene = Scene(config(asked, agents={"a1": {}}), "a1")
    assert scene.call("c1") == []
    assert scene.notes[0].removed[0].rule is Rule.OTHER_GROUPS
    assert "It will ask for less at 1970-01-01T00:00:05.000Z." in scene.notes[0].explain()
    assert scene.after(5)[0] == "c1.o1 rings a1"


def test_a_step_may_raise_the_priority() -> None:
    """Who has waited for the step goes before one who came earlier to another queue."""
    hasty = queue("hasty", steps=(RelaxStep(10, priority=1),), ageing_sec_per_priority=60)
    for waited_sec, first in ((9, "c1"), (10, "c2")):
        scene = Scene(config(hasty, queue("calm"), agents={"a1": {}}))
        scene.call("c1", "calm")
        scene.after(5)
        scene.call("c2", "hasty")
        scene.after(waited_sec)
        scene.tell(ev.AgentLoggedIn("a1"))
        assert f"{first}.o1 rings a1" in scene.tell(ev.AgentReady("a1"))


def test_a_reserve_takes_calls_that_have_waited() -> None:
    """The reserve comes in after its delay only, and is removed by a rule of its own before."""
    agents = {"a1": {}, "r1": ({}, (), {"support": Terms(delay_sec=15)})}
    scene = Scene(config(agents=agents), "r1")
    assert scene.call("c1") == []
    assert [(removal.rule, removal.detail) for removal in scene.notes[0].removed] == [
        (Rule.RESERVE, "15 s"),
        (Rule.NOT_LOGGED_IN, ""),
    ]
    assert scene.after(14.9) == []
    assert scene.after(0.1)[0] == "c1.o1 rings r1"


def test_a_lower_tier_is_chosen_first() -> None:
    """The second tier rings only when the first is at work, however long it has been idle."""
    agents = {"a2": ({}, (), {"support": Terms(tier=2)}), "z1": {}}
    scene = Scene(config(agents=agents), "a2")
    scene.after(100)
    scene.tell(ev.AgentLoggedIn("z1"))
    scene.tell(ev.AgentReady("z1"))
    assert scene.call("c1")[0] == "c1.o1 rings z1"
    assert scene.call("c2")[0] == "c2.o1 rings a2"


def test_an_agent_takes_queues_in_the_agents_own_order() -> None:
    """The queue with the lowest order comes first, whoever has waited longer elsewhere."""
    agents = {"a1": ({}, (), {"first": Terms(order=-1)})}
    scene = Scene(config(queue("first"), queue("second"), agents=agents))
    scene.call("c1", "second")
    scene.after(60)
    scene.call("c2", "first")
    scene.tell(ev.AgentLoggedIn("a1"))
    assert scene.tell(ev.AgentReady("a1"))[-2] == "c2.o1 rings a1"


def kept(**more: object) -> Scene:
    """Two agents at a queue with patience for the preferred one; a2 talks."""
    scene = Scene(
        config(queue(preferred_patience_sec=20, wrap_up_sec=0, **more), agents={"a1": {}, "a2": {}})
    )
    for agent_id in ("a2", "a1"):
        scene.tell(ev.AgentLoggedIn(agent_id))
        scene.tell(ev.AgentReady(agent_id))
        scene.after(1)
    scene.call("c0")
    scene.tell(ev.OfferAccepted("c0.o1"))
    assert scene.presence("a2") == "on_call"
    return scene


def test_the_preferred_agent_goes_before_all_others() -> None:
    """Free, the preferred agent gets the call though another was idle longer, and the reason says so."""
    scene = Scene(None, "a1", "a2", "a3")
    (command,) = [
        command
        for command in scene.router.handle(ev.CallQueued("c1", "support", 0, preferred_id="a3"), 0)
        if isinstance(command, MakeOffer)
    ]
    assert (command.agent_id, command.decision.chosen_by) == ("a3", ChosenBy.PREFERENCE)
    assert "prefers this agent" in command.decision.explain()
    assert command.decision.candidate_count == 3


def test_with_patience_the_others_are_candidates_too() -> None:
    """A preferred agent who is free is no reason to keep the call; declined, it goes to the next at once."""
    scene = kept()
    scene.tell(ev.AgentReleased("a2", "c0"))
    scene.after(20)
    assert scene.call("c1", preferred_id="a2")[0] == "c1.o1 rings a2"
    assert "c1.o2 rings a1" in scene.tell(ev.OfferFailed("c1.o1", ev.OfferFailure.DECLINED))


def test_a_call_is_kept_for_the_preferred_agent_who_is_busy() -> None:
    """The call waits though another is free, and rings the preferred agent who comes free in time."""
    scene = kept()
    assert scene.call("c1", preferred_id="a2") == []
    assert scene.notes[-1].removed[0].rule is Rule.KEPT_FOR_ANOTHER
    assert "not the one the call is kept for (a1)" in scene.notes[-1].explain()
    scene.after(10)
    assert "c1.o1 rings a2" in scene.tell(ev.AgentReleased("a2", "c0"))


def test_patience_ends() -> None:
    """After the queue's patience anybody may have the call."""
    scene = kept()
    scene.call("c1", preferred_id="a2")
    assert scene.after(19.9) == []
    assert scene.after(0.1)[0] == "c1.o1 rings a1"


def test_no_call_is_kept_for_somebody_who_goes_away_or_is_not_there() -> None:
    """Pausing gives the call free at the end of the talk; somebody logged out is not waited for at all."""
    scene = kept()
    scene.call("c1", preferred_id="a2")
    assert scene.tell(ev.AgentPaused("a2", "lunch")) == []
    assert scene.tell(ev.AgentReleased("a2", "c0")) == [
        "a2 not_ready:lunch",
        "c1.o1 rings a1",
        "a1 offered",
    ]
    scene = Scene(config(queue(preferred_patience_sec=20), agents={"a1": {}, "a2": {}}), "a1")
    assert scene.call("c1", preferred_id="a2")[0] == "c1.o1 rings a1"


def test_what_is_changed_of_a_call_leaves_what_it_has_waited_out() -> None:
    """A skill that was dropped by waiting stays dropped, and the next step comes at its second, when the
    call's priority is raised in between."""
    steps = (RelaxStep(10, drop=("fr",)), RelaxStep(30, drop=("en",)))
    for told_at, skills, heard_at in ((5, {"en": 5}, 10), (20, {"en": 5}, 20), (5, {}, 30), (20, {}, 30)):
        scene = Scene(config(queue(requirements=(EN5, FR2), steps=steps), agents={"a1": skills}))
        scene.call("c1")
        scene.after(told_at)
        assert scene.call("c1", queued_at=0, priority=1) == []
        scene.tell(ev.AgentLoggedIn("a1"))
        words = scene.tell(ev.AgentReady("a1"))
        while scene.now < 60_000 and "c1.o1 rings a1" not in words:
            words = scene.after(1)
        assert scene.now == heard_at * 1000


def test_a_changed_call_is_still_kept_for_whom_it_prefers() -> None:
    """For as long as it was, unless it now needs what that agent cannot do; then anybody who can has it."""
    scene = kept()
    scene.call("c1", preferred_id="a2")
    scene.after(15)
    asked_at = scene.now - 15_000
    assert scene.call("c1", queued_at=asked_at, priority=2) == []
    assert scene.after(4.9) == []
    assert scene.after(0.1)[0] == "c1.o1 rings a1"
    scene = kept()
    scene.call("c1", preferred_id="a2")
    scene.call("c1", priority=2)
    assert "c1.o1 rings a2" in scene.tell(ev.AgentReleased("a2", "c0"))


def test_a_changed_call_that_the_preferred_agent_cannot_take_goes_to_others() -> None:
    """The preference is no reason to wait for somebody who lacks a skill that is asked for now."""
    scene = Scene(config(queue(preferred_patience_sec=20), agents={"a1": {"en": 5}, "a2": {}}), "a2")
    scene.call("c0")
    scene.tell(ev.OfferAccepted("c0.o1"))
    scene.tell(ev.AgentLoggedIn("a1"))
    scene.tell(ev.AgentReady("a1"))
    assert scene.call("c1", preferred_id="a2") == []
    assert scene.call("c1", requirements=(EN5,))[0] == "c1.o1 rings a1"


def test_a_call_picked_for_another_agent_in_vain_is_kept_again() -> None:
    """Only the picked agent may have it; given back, it is kept for the preferred one, for what is left of
    the patience: the picked one is free again before."""
    scene = kept(declined_delay_sec=1)
    scene.call("c1", preferred_id="a2")
    scene.after(5)
    assert scene.call("c1", queued_at=scene.now - 5_000, agent_id="a1")[0] == "c1.o1 rings a1"
    scene.tell(ev.OfferFailed("c1.o1", ev.OfferFailure.DECLINED))
    assert scene.call("c1", queued_at=scene.now - 5_000) == []
    assert scene.after(14.9) == ["a1 ready"]
    assert scene.after(0.1)[0] == "c1.o2 rings a1"


def test_a_call_picked_in_vain_is_not_kept_for_who_has_gone_meanwhile() -> None:
    """The preferred agent logs out while the picked one's phone rings."""
    scene = kept(declined_delay_sec=1)
    scene.call("c1", preferred_id="a2")
    scene.call("c1", agent_id="a1")
    scene.tell(ev.AgentReleased("a2", "c0"))
    scene.tell(ev.AgentLoggedOut("a2"))
    scene.tell(ev.OfferFailed("c1.o1", ev.OfferFailure.DECLINED))
    assert scene.call("c1") == []
    assert scene.after(1) == ["a1 ready", "c1.o2 rings a1", "a1 offered"]


def test_a_call_told_again_whose_queue_is_no_more_rings_on() -> None:
    """Its queue is gone from the configuration while a phone rings for it: nothing is changed of it."""
    scene = Scene(config(queue("old"), queue("new"), agents={"a1": {}}), "a1")
    assert scene.call("c1", "old")[0] == "c1.o1 rings a1"
    scene.tell(ev.ConfigChanged(config(queue("new"), agents={"a1": {}}, version="v2")))
    assert scene.call("c1", "old", priority=1) == []
    assert scene.tell(ev.OfferAccepted("c1.o1")) == ["c1.o1 accepted", "a1 on_call"]


def test_nobody_ready_sends_the_call_away() -> None:
    """All are paused: at arrival, and when the last one pauses; an agent on a call counts as ready."""
    asked = queue(overflow=overflow(not_ready=VOICEMAIL), wrap_up_sec=9)
    scene = Scene(config(asked, agents={"a1": {}, "a2": {}}), "a1")
    scene.call("c0")
    scene.tell(ev.OfferAccepted("c0.o1"))
    assert scene.call("c1") == []
    scene.tell(ev.AgentReleased("a1", "c0"))
    assert scene.tell(ev.AgentPaused("a1", "lunch")) == []  # wrap-up: perhaps the agent comes back
    assert scene.after(9) == ["a1 not_ready:lunch", "c1 not_ready -> flow voicemail"]
    assert scene.call("c2") == ["c2 not_ready -> flow voicemail"]


def test_too_long_an_expected_wait_sends_the_call_away() -> None:
    """The estimate at arrival decides; calls that wait already stay."""
    asked = queue(max_expected_wait_sec=400, overflow=overflow(expected_wait=VOICEMAIL))
    scene = Scene(config(asked, agents={"a1": {}}), "a1")
    scene.call("c0")
    scene.tell(ev.OfferAccepted("c0.o1"))
    assert [scene.call(f"c{n}") for n in (1, 2, 3)] == [[], [], ["c3 expected_wait -> flow voicemail"]]
