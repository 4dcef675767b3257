"""The Router's everyday work: who gets which call, ringing, wrap-up and pauses."""

from __future__ import annotations

import pytest
from acd_scene import Scene, config, queue

from acd import events as ev
from acd.model import SkillRequirement


def test_a_call_is_offered_answered_wrapped_up_and_the_agent_is_ready_again() -> None:
    """One call from queueing to the agent's next readiness, command by command."""
    scene = Scene(None, "a1")
    assert scene.call("c1") == ["c1.o1 rings a1", "a1 offered"]
    assert scene.tell(ev.OfferAccepted("c1.o1")) == ["c1.o1 accepted", "a1 on_call"]
    assert scene.router.position("c1") is None
    scene.after(60)
    assert scene.tell(ev.AgentReleased("a1", "c1")) == ["a1 wrap_up"]
    assert scene.after(29.999) == []
    assert scene.after(0.001) == ["a1 ready"]
    assert scene.router.next_deadline() is None


@pytest.mark.parametrize("pauses", [False, True])
def test_who_makes_a_call_gets_no_other_meanwhile(pauses: bool) -> None:
    """A ready or paused agent is on a call that no Offer brought, wraps up as the queue has it, and comes to
    rest as before; what waits meanwhile is offered then."""
    scene = Scene(None, "a1")
    if pauses:
        scene.tell(ev.AgentPaused("a1", "coffee"))
    assert scene.tell(ev.CallTaken("a1", "d1", "support")) == ["a1 on_call"]
    assert scene.call("c1") == []
    assert scene.tell(ev.CallTaken("a1", "d2", "support")) == []
    scene.after(60)
    assert scene.tell(ev.AgentReleased("a1", "d1")) == ["a1 wrap_up"]
    rests = ["a1 not_ready:coffee"] if pauses else ["a1 ready", "c1.o1 rings a1", "a1 offered"]
    assert scene.after(30) == rests


def test_a_waiting_call_goes_to_the_agent_who_becomes_ready() -> None:
    """Nobody is ready, the call waits at place 1, and the first ready agent is rung at once."""
    scene = Scene()
    scene.tell(ev.AgentLoggedIn("a2"))
    assert scene.call("c1") == []
    assert scene.router.position("c1") == 1
    assert scene.tell(ev.AgentReady("a2")) == ["a2 ready", "c1.o1 rings a2", "a2 offered"]


def test_the_longest_idle_agent_is_chosen_over_all_queues() -> None:
    """Idle time runs from the end of the last wrap-up in any queue, and ties go by agent id."""
    scene = Scene(config(queue("sales", wrap_up_sec=0), queue("support", wrap_up_sec=0)), "a2", "a1")
    assert scene.call("c1", "sales")[0] == "c1.o1 rings a1"
    scene.talk("a1", sec=10)
    assert scene.call("c2", "support")[0] == "c2.o1 rings a2"
    scene.talk("a2", sec=10)
    assert scene.call("c3", "sales")[0] == "c3.o1 rings a1"


def test_a_pause_ends_the_idle_time() -> None:
    """Idle time begins anew with the readiness after a pause."""
    scene = Scene(None, "a1", "a2")
    scene.after(10)
    scene.tell(ev.AgentPaused("a1", "coffee"))
    scene.tell(ev.AgentReady("a1"))
    assert scene.call("c1")[0] == "c1.o1 rings a2"


@pytest.mark.parametrize(
    ("asked", "agent"),
    [
        ((), "low"),
        ((SkillRequirement("en", 4),), "high"),
        ((SkillRequirement("en", 4), SkillRequirement("en", 2)), "high"),
        ((SkillRequirement("fr", 1),), "french"),
        ((SkillRequirement("en", 1), SkillRequirement("fr", 2)), "french"),
        ((SkillRequirement("de", 1),), None),
        ((SkillRequirement("en", 10),), None),
    ],
)
def test_queue_and_call_requirements_must_both_be_met(
    asked: tuple[SkillRequirement, ...], agent: str | None
) -> None:
    """The queue asks for English at 1, the call adds its own; the higher level of the two holds."""
    agents = {"high": {"en": 8}, "low": {"en": 2}, "french": {"en": 3, "fr": 2}, "other": {"es": 9}}
    scene = Scene(config(queue(requirements=(SkillRequirement("en", 1),)), agents=agents))
    for agent_id in ("low", "french", "high", "other"):
        scene.tell(ev.AgentLoggedIn(agent_id))
        scene.tell(ev.AgentReady(agent_id))
        scene.after(1)
    commands = scene.call("c1", requirements=asked)
    assert commands[:1] == ([f"c1.o1 rings {agent}"] if agent else [])


def test_an_agent_with_a_queue_list_serves_only_those_queues() -> None:
    """Skills do not open a queue that is not on the agent's list."""
    scene = Scene(config(queue("sales"), queue("support"), agents={"a1": ({}, ("sales",))}), "a1")
    assert scene.call("c1", "support") == []
    assert scene.call("c2", "sales")[0] == "c2.o1 rings a1"


def test_a_call_for_one_agent_waits_for_that_agent() -> None:
    """A call transferred to a person ignores queue lists and skills, and nobody else gets it."""
    setting = config(
        queue("vip", requirements=(SkillRequirement("gold", 9),)), agents={"a1": {"gold": 9}, "a2": {}}
    )
    scene = Scene(setting, "a1")
    assert scene.call("c1", "vip", agent_id="a2") == []
    scene.tell(ev.AgentLoggedIn("a2"))
    assert scene.tell(ev.AgentReady("a2"))[1] == "c1.o1 rings a2"


def test_equal_calls_are_served_first_in_first_out_across_queues() -> None:
    """With equal priority the longest wait wins, whatever the queue; at one instant the order of arrival."""
    scene = Scene(config(queue("sales", wrap_up_sec=0), queue("support", wrap_up_sec=0)))
    for call_id, name in (("c3", "support"), ("c1", "sales"), ("c2", "support")):
        scene.call(call_id, name, queued_at=0)
    scene.tell(ev.AgentLoggedIn("a1"))
    scene.tell(ev.AgentReady("a1"))
    served = []
    for _ in range(3):
        agent = scene.router.agent("a1")
        assert agent is not None
        served.append(agent.call_id)
        scene.talk("a1", sec=1)
    assert served == ["c3", "c1", "c2"]


def test_priority_counts_as_waiting_time_and_ages() -> None:
    """One step of priority is worth 60 s of waiting: it overtakes a wait of 59 s, not one of 61 s."""
    for ahead_sec, first in ((59, "urgent"), (61, "patient")):
        scene = Scene()
        scene.call("patient")
        scene.after(ahead_sec)
        scene.call("urgent", priority=1)
        assert scene.router.position(first) == 1
        scene.tell(ev.AgentLoggedIn("a1"))
        assert scene.tell(ev.AgentReady("a1"))[1] == f"{first}.o1 rings a1"


def test_a_call_that_comes_from_another_queue_keeps_its_wait() -> None:
    """``queued_at`` in the past puts the call before those that came since."""
    scene = Scene()
    scene.after(100)
    scene.call("c1")
    scene.call("c2", queued_at=0)
    assert scene.router.position("c2") == 1
    assert scene.router.position("c1") == 2


def test_an_unanswered_offer_moves_on_to_the_next_agent() -> None:
    """After the ring time-out the call keeps its place and rings the next; the first is left in peace for a
    while."""
    scene = Scene(None, "a1", "a2")
    scene.call("c1")
    assert scene.after(20) == [
        "c1.o1 expired",
        "a1 ready:unanswered",
        "c1.o2 rings a2",
        "a2 offered",
    ]
    assert scene.router.position("c1") == 1
    assert scene.call("c2") == []
    assert scene.after(5) == ["a1 ready", "c2.o1 rings a1", "a1 offered"]


def test_an_agent_who_misses_too_many_is_paused_until_ready_is_said_again() -> None:
    """The third miss in a row makes the agent not ready with the reason ``unanswered``."""
    scene = Scene(config(queue(unanswered_limit=3, retry_delay_sec=0)), "a1")
    scene.call("c1")
    assert scene.after(59).count("a1 offered") == 2
    assert scene.after(1) == ["c1.o3 expired", "a1 not_ready:unanswered"]
    assert scene.after(600) == []
    assert scene.tell(ev.AgentReady("a1"))[1] == "c1.o4 rings a1"


def test_an_answer_clears_the_count_of_misses() -> None:
    """Two misses, an answer and two more misses do not pause the agent."""
    scene = Scene(config(queue(unanswered_limit=3, wrap_up_sec=0, ring_timeout_sec=10)), "a1")
    for call_id in ("c1", "c2"):
        scene.call(call_id)
        scene.after(10 + 5 + 10 + 5)
        scene.talk("a1", sec=5)
    assert scene.presence("a1") == "ready"


@pytest.mark.parametrize(
    ("failure", "resting", "delay_sec"),
    [
        (ev.OfferFailure.DECLINED, "ready:declined", 10),
        (ev.OfferFailure.BUSY, "ready:phone_busy", 10),
        (ev.OfferFailure.UNREACHABLE, "not_ready:phone_unreachable", 30),
    ],
)
def test_a_failed_offer_leaves_the_agent_in_peace_for_its_delay(
    failure: ev.OfferFailure, resting: str, delay_sec: int
) -> None:
    """Each failure has its own rest and delay, after which the same call may ring again."""
    scene = Scene(None, "a1")
    scene.call("c1")
    assert scene.tell(ev.OfferFailed("c1.o1", failure)) == [f"c1.o1 {failure}", f"a1 {resting}"]
    assert scene.after(delay_sec - 0.001) == []
    assert scene.after(0.001) == ["a1 ready", "c1.o2 rings a1", "a1 offered"]


def test_a_phone_found_again_ends_the_delay() -> None:
    """Once the phone is reachable the call rings at once."""
    scene = Scene(None, "a1")
    scene.call("c1")
    scene.tell(ev.OfferFailed("c1.o1", ev.OfferFailure.UNREACHABLE))
    assert scene.tell(ev.PhoneReachable("a1", True))[1] == "c1.o2 rings a1"


def test_a_lost_phone_takes_no_calls_until_it_is_found() -> None:
    """A ready agent without a phone is not ready; the wish to take calls survives."""
    scene = Scene(None, "a1")
    assert scene.tell(ev.PhoneReachable("a1", False)) == ["a1 not_ready:phone_unreachable"]
    assert scene.call("c1") == []
    assert scene.tell(ev.PhoneReachable("a1", True)) == ["a1 ready", "c1.o1 rings a1", "a1 offered"]


def test_a_pause_asked_during_a_call_takes_effect_after_the_wrap_up() -> None:
    """The stored intention decides where the agent comes to rest."""
    scene = Scene(None, "a1")
    scene.call("c1")
    scene.tell(ev.OfferAccepted("c1.o1"))
    assert scene.tell(ev.AgentPaused("a1", "lunch")) == []
    assert scene.tell(ev.AgentReleased("a1", "c1")) == ["a1 wrap_up"]
    assert scene.tell(ev.WrapUpEnded("a1")) == ["a1 not_ready:lunch"]


def test_a_pause_taken_back_during_the_call_leaves_the_agent_ready() -> None:
    """The last word counts."""
    scene = Scene(config(queue(wrap_up_sec=0)), "a1")
    scene.call("c1")
    scene.tell(ev.OfferAccepted("c1.o1"))
    scene.tell(ev.AgentPaused("a1", "lunch"))
    scene.tell(ev.AgentReady("a1"))
    assert scene.tell(ev.AgentReleased("a1", "c1")) == ["a1 ready"]


def test_a_queue_without_wrap_up_frees_the_agent_at_once() -> None:
    """The next waiting call rings in the same breath."""
    scene = Scene(config(queue(wrap_up_sec=0)), "a1")
    scene.call("c1")
    scene.call("c2")
    assert scene.talk("a1", sec=30) == ["a1 ready", "c2.o1 rings a1", "a1 offered"]


def test_logging_out_during_a_call_waits_for_its_end_and_skips_the_wrap_up() -> None:
    """The agent is LOGGED_OUT when released, and gets nothing in between."""
    scene = Scene(None, "a1")
    scene.call("c1")
    scene.tell(ev.OfferAccepted("c1.o1"))
    assert scene.tell(ev.AgentLoggedOut("a1")) == []
    assert scene.presence("a1") == "on_call"
    assert scene.tell(ev.AgentReady("a1")) == []
    assert scene.tell(ev.AgentReleased("a1", "c1")) == ["a1 logged_out"]


def test_offers_are_counted_per_call_across_queues() -> None:
    """A call that was answered and queued again does not reuse an Offer's id."""
    scene = Scene(config(queue(wrap_up_sec=0), queue("sales")), "a1")
    scene.call("c1")
    scene.talk("a1", sec=10)
    assert scene.call("c1", "sales")[0] == "c1.o2 rings a1"
    scene.tell(ev.CallLeft("c1"))


def test_a_call_that_comes_back_is_remembered_while_it_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other calls that leave meanwhile do not make it start counting its Offers anew."""
    monkeypatch.setattr("acd.offer.REMEMBERED_CALLS", 1)
    scene = Scene(config(queue(wrap_up_sec=0, declined_delay_sec=1)), "a1")
    scene.call("c1")
    scene.talk("a1", sec=10)
    scene.call("c1", agent_id="a1")
    scene.tell(ev.OfferFailed("c1.o2", ev.OfferFailure.DECLINED))
    for call_id in ("c2", "c3"):
        scene.call(call_id, agent_id="a2")
        scene.tell(ev.AgentLoggedIn("a2"))
        scene.tell(ev.AgentReady("a2"))
        scene.tell(ev.AgentLoggedOut("a2"))
        scene.tell(ev.CallLeft(call_id))
    assert scene.after(1)[1] == "c1.o3 rings a1"


def test_a_call_queued_again_in_another_queue_moves_there() -> None:
    """It leaves the first queue, and a phone that rang for it stops."""
    scene = Scene(config(queue("sales"), queue("support"), agents={"a1": ({}, ("sales",))}), "a1")
    scene.call("c1", "sales")
    assert scene.call("c1", "support") == ["c1.o1 revoked", "a1 ready"]
    assert scene.router.waiting("sales") == []
    assert [call.call_id for call in scene.router.waiting("support")] == ["c1"]


def test_raising_the_priority_of_a_waiting_call_takes_effect_at_once() -> None:
    """Queueing it again in its queue with another priority moves it, without losing its arrival."""
    scene = Scene()
    scene.call("c1", queued_at=0)
    scene.call("c2", queued_at=0)
    scene.call("c2", queued_at=0, priority=1)
    assert scene.router.position("c2") == 1
    scene.call("c2", queued_at=0)
    assert scene.router.position("c2") == 2


def test_changing_what_a_ringing_call_needs_revokes_an_unsuitable_offer_only() -> None:
    """More priority lets the phone ring on; a skill the agent lacks stops it."""
    scene = Scene(None, "a1")
    scene.call("c1")
    assert scene.call("c1", priority=3) == []
    assert scene.call("c1", priority=3, requirements=(SkillRequirement("fr"),)) == [
        "c1.o1 revoked",
        "a1 ready",
    ]
    assert scene.router.position("c1") == 1


def test_the_expected_wait_follows_position_and_agents_at_work() -> None:
    """Position x mean handling time / agents at work; unknown with nobody there, nought while it rings."""
    scene = Scene(None, "a1", "a2")
    scene.call("c1")
    scene.call("c2")
    scene.call("c3")
    assert scene.router.estimated_wait_ms("c1") == 0
    assert scene.router.estimated_wait_ms("c3") == 3 * 180_000 // 2
    for agent_id in ("a1", "a2"):
        scene.tell(ev.AgentLoggedOut(agent_id))
    assert scene.router.estimated_wait_ms("c3") is None
    assert scene.router.estimated_wait_ms("unknown") is None


def test_a_call_for_an_unknown_queue_is_a_programming_error() -> None:
    """It is refused by name, and nothing has changed."""
    scene = Scene()
    before = scene.router.snapshot()
    with pytest.raises(ValueError, match="c1 was queued to 'suport'"):
        scene.call("c1", "suport")
    assert scene.router.snapshot() == before


def test_a_faulty_configuration_is_refused_whole() -> None:
    """An unknown strategy never silently becomes another one."""
    with pytest.raises(ValueError, match="did you mean 'longest_idle'"):
        Scene(config(queue(strategy="longest_idel")))
