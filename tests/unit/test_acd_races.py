"""Facts that come late, twice, in the wrong order or for nobody; and the bugs this field is known for."""

from __future__ import annotations

import itertools

import pytest
from acd_scene import VOICEMAIL, Scene, config, overflow, queue

from acd import events as ev
from acd.router import Router

ANSWERED_TOO_LATE = ["c1.o1 revoked"]


def test_an_answer_after_the_ring_time_out_is_hung_up() -> None:
    """The Offer has moved on; the late phone is told again to stop, and the second agent keeps the call."""
    scene = Scene(None, "a1", "a2")
    scene.call("c1")
    scene.after(20)
    assert scene.tell(ev.OfferAccepted("c1.o1")) == ANSWERED_TOO_LATE
    assert scene.tell(ev.OfferAccepted("c1.o2")) == ["c1.o2 accepted", "a2 on_call"]


def test_an_answer_at_the_very_instant_of_the_time_out_counts_if_it_comes_first() -> None:
    """Only ``DeadlineReached`` ends a ring, so the order of the two facts decides, and both orders are
    defined."""
    answered_first, expired_first = Scene(None, "a1"), Scene(None, "a1")
    for scene in (answered_first, expired_first):
        scene.call("c1")
        scene.now = 20_000
    assert answered_first.tell(ev.OfferAccepted("c1.o1")) == ["c1.o1 accepted", "a1 on_call"]
    assert answered_first.tell(ev.DeadlineReached()) == []
    assert expired_first.tell(ev.DeadlineReached()) == ["c1.o1 expired", "a1 ready:unanswered"]
    assert expired_first.tell(ev.OfferAccepted("c1.o1")) == ANSWERED_TOO_LATE


def test_a_late_answer_does_not_disturb_the_next_ring_on_the_same_phone() -> None:
    """The agent was set free and rings for another call; only the old leg is told to stop."""
    scene = Scene(None, "a1")
    scene.call("c1")
    scene.tell(ev.CallLeft("c1"))
    scene.call("c2")
    assert scene.tell(ev.OfferAccepted("c1.o1")) == ANSWERED_TOO_LATE
    assert scene.presence("a1") == "offered"
    assert scene.tell(ev.OfferAccepted("c2.o1")) == ["c2.o1 accepted", "a1 on_call"]


def test_an_answer_to_an_unknown_offer_is_hung_up() -> None:
    """Nothing is known but the id, which is enough to hang up the leg."""
    assert Scene().tell(ev.OfferAccepted("c9.o4")) == ["c9.o4 revoked"]
    assert Scene().tell(ev.OfferAccepted("nonsense")) == ["nonsense revoked"]


def test_a_second_answer_changes_nothing() -> None:
    """During the call, in wrap-up and after it."""
    scene = Scene(None, "a1")
    scene.call("c1")
    scene.tell(ev.OfferAccepted("c1.o1"))
    assert scene.tell(ev.OfferAccepted("c1.o1")) == []
    scene.tell(ev.AgentReleased("a1", "c1"))
    assert scene.tell(ev.OfferAccepted("c1.o1")) == []
    scene.after(30)
    assert scene.tell(ev.OfferAccepted("c1.o1")) == []


def test_a_failure_after_the_end_of_the_offer_changes_nothing() -> None:
    """The phone's own report of the hang-up we asked for must not punish the agent."""
    scene = Scene(None, "a1", "a2")
    scene.call("c1")
    scene.tell(ev.CallLeft("c1"))
    for failure in ev.OfferFailure:
        assert scene.tell(ev.OfferFailed("c1.o1", failure)) == []
    assert scene.presence("a1") == "ready"


def test_a_caller_who_leaves_twice_leaves_once() -> None:
    """The second report, and one after the answer, are nothing new."""
    scene = Scene(None, "a1")
    scene.call("c1")
    assert scene.tell(ev.CallLeft("c1")) == ["c1.o1 revoked", "a1 ready"]
    assert scene.tell(ev.CallLeft("c1")) == []
    scene.call("c2")
    scene.tell(ev.OfferAccepted("c2.o1"))
    assert scene.tell(ev.CallLeft("c2")) == []
    assert scene.presence("a1") == "on_call"


def test_the_same_call_queued_twice_is_one_call() -> None:
    """A repeated report changes nothing, waiting or ringing."""
    scene = Scene()
    scene.call("c1")
    scene.after(5)
    assert scene.call("c1", queued_at=0) == []
    assert [call.entered_at for call in scene.router.waiting("support")] == [0]
    scene.tell(ev.AgentLoggedIn("a1"))
    scene.tell(ev.AgentReady("a1"))
    assert scene.call("c1", queued_at=0) == []


def test_an_early_deadline_does_nothing() -> None:
    """A timer that fires before its time is told to wait."""
    scene = Scene(None, "a1")
    scene.call("c1")
    scene.now = 19_999
    assert scene.tell(ev.DeadlineReached()) == []
    assert scene.router.next_deadline() == 20_000


def test_a_late_deadline_does_everything_that_fell_due_in_its_order() -> None:
    """A controller that slept catches up in one go: expiry, delay, second ring."""
    scene = Scene(None, "a1")
    scene.call("c1")
    scene.now = 3_600_000
    assert scene.tell(ev.DeadlineReached()) == ["c1.o1 expired", "a1 ready:unanswered"]
    assert scene.router.next_deadline() == 3_605_000


@pytest.mark.parametrize(
    "event",
    [
        ev.AgentLoggedIn("ghost"),
        ev.AgentLoggedOut("ghost"),
        ev.AgentReady("ghost"),
        ev.AgentPaused("ghost", "lunch"),
        ev.PhoneReachable("ghost", False),
        ev.WrapUpEnded("ghost"),
        ev.AgentReleased("ghost", "c1"),
        ev.CallLeft("ghost"),
        ev.OfferFailed("ghost.o1", ev.OfferFailure.BUSY),
        ev.QueueOpened("ghost"),
        ev.QueueClosed("ghost"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_facts_about_somebody_unknown_change_nothing(event: ev.RouterEvent) -> None:
    """They are races with a changed configuration, not errors."""
    scene, untouched = Scene(None, "a1"), Scene(None, "a1")
    assert scene.tell(event) == []
    assert scene.same_as(untouched)


# The Presence to be in, and how agent a1 gets there.
IN_PRESENCE: dict[str, list[ev.RouterEvent]] = {
    "logged_out": [],
    "not_ready:logged_in": [ev.AgentLoggedIn("a1")],
    "ready": [ev.AgentLoggedIn("a1"), ev.AgentReady("a1")],
    "offered": [ev.AgentLoggedIn("a1"), ev.AgentReady("a1"), ev.CallQueued("c1", "support", 0)],
}
IN_PRESENCE["on_call"] = [*IN_PRESENCE["offered"], ev.OfferAccepted("c1.o1")]
IN_PRESENCE["wrap_up"] = [*IN_PRESENCE["on_call"], ev.AgentReleased("a1", "c1")]
FACTS: dict[str, ev.RouterEvent] = {
    "log in": ev.AgentLoggedIn("a1"),
    "ready": ev.AgentReady("a1"),
    "pause": ev.AgentPaused("a1", "lunch"),
    "phone lost": ev.PhoneReachable("a1", False),
    "phone found": ev.PhoneReachable("a1", True),
    "log out": ev.AgentLoggedOut("a1"),
    "wrap-up ended": ev.WrapUpEnded("a1"),
    "released": ev.AgentReleased("a1", "c1"),
    "answered": ev.OfferAccepted("c1.o1"),
    "declined": ev.OfferFailed("c1.o1", ev.OfferFailure.DECLINED),
    "caller left": ev.CallLeft("c1"),
}
ANSWERS: dict[tuple[str, str], list[str]] = {
    ("logged_out", "log in"): ["a1 not_ready:logged_in"],
    ("logged_out", "answered"): ["c1.o1 revoked"],
    ("not_ready:logged_in", "ready"): ["a1 ready"],
    ("not_ready:logged_in", "pause"): ["a1 not_ready:lunch"],
    ("not_ready:logged_in", "log out"): ["a1 logged_out"],
    ("not_ready:logged_in", "answered"): ["c1.o1 revoked"],
    ("ready", "pause"): ["a1 not_ready:lunch"],
    ("ready", "phone lost"): ["a1 not_ready:phone_unreachable"],
    ("ready", "log out"): ["a1 logged_out"],
    ("ready", "answered"): ["c1.o1 revoked"],
    ("offered", "pause"): ["c1.o1 revoked", "a1 not_ready:lunch"],
    ("offered", "phone lost"): ["c1.o1 revoked", "a1 not_ready:phone_unreachable"],
    ("offered", "log out"): ["c1.o1 revoked", "a1 logged_out"],
    ("offered", "answered"): ["c1.o1 accepted", "a1 on_call"],
    ("offered", "declined"): ["c1.o1 declined", "a1 ready:declined"],
    ("offered", "caller left"): ["c1.o1 revoked", "a1 ready"],
    ("on_call", "released"): ["a1 wrap_up"],
    ("wrap_up", "log out"): ["a1 logged_out"],
    ("wrap_up", "wrap-up ended"): ["a1 ready"],
}


@pytest.mark.parametrize(("presence", "fact"), list(itertools.product(IN_PRESENCE, FACTS)))
def test_every_fact_in_every_presence(presence: str, fact: str) -> None:
    """Each fact has a defined answer in each Presence; those not listed command nothing."""
    scene = Scene()
    for event in IN_PRESENCE[presence]:
        scene.tell(event)
    assert scene.presence("a1") == presence
    assert scene.tell(FACTS[fact]) == ANSWERS.get((presence, fact), [])


# --- the bugs this field is known for -------------------------------------------------------------


def test_field_bug_agent_stuck_reserved() -> None:
    """Whichever way the switch forgets an Offer, the ring time-out sets the agent and the call free."""
    scene = Scene(config(queue(retry_delay_sec=0)), "a1")
    scene.call("c1")
    scene.after(20)
    scene.tell(ev.CallLeft("c1"))
    assert scene.presence("a1") == "ready"
    assert scene.call("c2")[0] == "c2.o1 rings a1"


def test_field_bug_zombie_offer_after_the_caller_left() -> None:
    """A caller who hangs up stops the phone at once and leaves no timer, no penalty and no lost idle time."""
    scene = Scene(None, "a1", "a2")
    scene.after(1)
    scene.call("c1")
    scene.after(3)
    assert scene.tell(ev.CallLeft("c1")) == ["c1.o1 revoked", "a1 ready"]
    assert scene.router.next_deadline() is None
    assert scene.call("c2")[0] == "c2.o1 rings a1"


def test_field_bug_wrap_up_cut_short_by_a_second_queue() -> None:
    """An agent in wrap-up for one queue is left alone by all."""
    scene = Scene(config(queue("sales"), queue("support", wrap_up_sec=0)), "a1")
    scene.call("c1", "sales")
    scene.talk("a1", sec=60)
    assert scene.call("c2", "support", priority=50) == []
    assert scene.after(29.999) == []
    assert scene.after(0.001)[1] == "c2.o1 rings a1"


def test_field_bug_longest_waiting_rule_that_skipped_priority() -> None:
    """An urgent call that came later is served before an ordinary one of another queue."""
    scene = Scene(config(queue("sales"), queue("vip", priority=5)))
    scene.call("ordinary", "sales")
    scene.after(10)
    scene.call("urgent", "vip")
    scene.tell(ev.AgentLoggedIn("a1"))
    assert scene.tell(ev.AgentReady("a1"))[1] == "urgent.o1 rings a1"


def test_field_bug_agent_offered_while_talking() -> None:
    """Neither a ready button, a found phone, a queue that opens nor a new call reaches an agent in
    conversation."""
    scene = Scene(None, "a1")
    scene.call("c1")
    scene.tell(ev.OfferAccepted("c1.o1"))
    scene.call("c2")
    for event in (
        ev.AgentReady("a1"),
        ev.AgentLoggedIn("a1"),
        ev.PhoneReachable("a1", True),
        ev.QueueOpened("support"),
        ev.WrapUpEnded("a1"),
        ev.DeadlineReached(),
        ev.AgentReleased("a1", "c2"),
    ):
        assert scene.tell(event) == []


def test_field_bug_last_call_time_lost_by_a_transfer() -> None:
    """After a blind transfer the first agent's idle time begins when that agent was released."""
    scene = Scene(config(queue("sales", wrap_up_sec=0), queue("support", wrap_up_sec=0)), "a1")
    scene.call("c1", "sales")
    scene.talk("a1", sec=100)
    scene.call("c1", "support", queued_at=0)
    assert scene.presence("a1") == "offered"
    scene.tell(ev.OfferFailed("c1.o2", ev.OfferFailure.DECLINED))
    agent = scene.router.agent("a1")
    assert agent is not None
    assert agent.idle_since == 100_000


def test_field_bug_two_calls_for_one_agent_after_a_double_ready() -> None:
    """Saying ready twice is saying it once."""
    scene = Scene()
    scene.call("c1")
    scene.call("c2")
    scene.tell(ev.AgentLoggedIn("a1"))
    assert scene.tell(ev.AgentReady("a1")) == ["a1 ready", "c1.o1 rings a1", "a1 offered"]
    assert scene.tell(ev.AgentReady("a1")) == []


def test_field_bug_waiting_calls_lost_by_a_reload() -> None:
    """A new configuration keeps places and wraps nobody up; a removed queue overflows by its own last
    rule."""
    scene = Scene(config(queue("support"), queue("old", overflow=overflow(closed=VOICEMAIL))), "a1")
    scene.call("c1")
    scene.tell(ev.OfferAccepted("c1.o1"))
    for call_id, name in (("c2", "support"), ("c3", "old"), ("c4", "support")):
        scene.call(call_id, name)
    changed = config(queue("support", wrap_up_sec=3), agents={"a1": {}, "a9": {}}, version="v2")
    assert scene.tell(ev.ConfigChanged(changed)) == ["c3 closed -> flow voicemail"]
    assert [call.call_id for call in scene.router.waiting("support")] == ["c2", "c4"]
    assert scene.presence("a1") == "on_call"
    scene.tell(ev.AgentLoggedIn("a9"))
    assert scene.tell(ev.AgentReady("a9"))[1] == "c2.o1 rings a9"


def test_an_agent_removed_from_the_configuration_finishes_the_call() -> None:
    """Ringing is revoked, talking goes on to its end; nothing more comes."""
    scene = Scene(None, "a1", "a2")
    scene.call("c1")
    scene.tell(ev.OfferAccepted("c1.o1"))
    scene.call("c2")
    changed = config(agents={"a3": {}}, version="v2")
    assert scene.tell(ev.ConfigChanged(changed)) == ["c2.o1 revoked", "a2 logged_out"]
    assert scene.tell(ev.AgentLoggedIn("a1")) == []
    assert scene.tell(ev.AgentReleased("a1", "c1")) == ["a1 logged_out"]
    assert scene.router.position("c2") == 1
    restored = Router.restored(changed, scene.router.snapshot())
    assert restored.snapshot() == scene.router.snapshot()
    scene.tell(ev.ConfigChanged(changed))
    assert [agent.agent_id for agent in scene.router.agents()] == ["a3"]


def test_agents_who_are_removed_together_log_out_in_a_fixed_order() -> None:
    """The same reload gives the same commands in every process, whatever its hash seed."""
    names = [f"a{n}" for n in range(9)]
    scene = Scene(config(agents={name: {} for name in names}), *names)
    commands = scene.tell(ev.ConfigChanged(config(agents={}, version="v2")))
    assert commands == [f"{name} logged_out" for name in names]


def test_a_faulty_new_configuration_leaves_the_old_one_in_force() -> None:
    """The error names the mistakes; calls and agents are as before."""
    scene, untouched = Scene(None, "a1"), Scene(None, "a1")
    with pytest.raises(ValueError, match=r"queues\.support\.ring_timeout_sec: is 0"):
        scene.tell(ev.ConfigChanged(config(queue(ring_timeout_sec=0))))
    assert scene.same_as(untouched)
