"""Calls that leave a queue unanswered: time-out, full, nobody logged in, closed."""

from __future__ import annotations

from acd_scene import VOICEMAIL, Scene, config, overflow, queue

from acd import events as ev
from acd.model import OverflowKind, OverflowTarget
from acd.router import Router


def test_overflow_on_time_out_counts_from_entering_the_queue() -> None:
    """A call that has waited elsewhere still gets this queue's full time."""
    setting = config(queue(max_wait_sec=60, overflow=overflow(timeout=VOICEMAIL)))
    scene = Scene(setting)
    scene.after(100)
    scene.call("c1", queued_at=0)
    assert scene.after(59.999) == []
    assert scene.after(0.001) == ["c1 timeout -> flow voicemail"]
    assert scene.router.position("c1") is None


def test_a_ringing_call_is_not_taken_away_by_its_time_out() -> None:
    """The phone may still be answered; only when the Offer ends does the call overflow."""
    setting = config(queue(max_wait_sec=10, overflow=overflow(timeout=VOICEMAIL)))
    scene = Scene(setting)
    scene.call("c1")
    scene.after(5)
    for agent_id in ("a1", "a2"):
        scene.tell(ev.AgentLoggedIn(agent_id))
        scene.tell(ev.AgentReady(agent_id))
    assert scene.after(19.999) == []
    assert scene.after(0.001) == ["c1.o1 expired", "a1 ready:unanswered", "c1 timeout -> flow voicemail"]


def test_a_new_configuration_counts_the_time_out_from_entering_the_queue() -> None:
    """A call that has waited 50 s has 10 s left when the queue is given 60, wherever it waited before."""
    scene = Scene()
    scene.after(100)
    scene.call("c1", queued_at=0)
    scene.after(50)
    changed = config(queue(max_wait_sec=60, overflow=overflow(timeout=VOICEMAIL)), version="v2")
    assert scene.tell(ev.ConfigChanged(changed)) == []
    assert scene.after(9.999) == []
    assert scene.after(0.001) == ["c1 timeout -> flow voicemail"]


def test_a_full_queue_refuses_the_call_nobody_can_take_at_once() -> None:
    """Calls that ring have found an agent and do not fill the queue; without an entry the call hangs up."""
    scene = Scene(config(queue(max_waiting=1)), "a1", "a2")
    assert scene.call("c1")[0] == "c1.o1 rings a1"
    assert scene.call("c2")[0] == "c2.o1 rings a2"
    assert scene.call("c3") == []
    assert scene.call("c4") == ["c4 full -> hang_up"]
    restored = Router.restored(config(queue(max_waiting=1)), scene.router.snapshot())
    scene.tell(ev.CallLeft("c3"))
    restored.handle(ev.CallLeft("c3"), scene.now)
    assert restored.handle(ev.CallQueued("c5", "support", 0), scene.now) == []
    assert scene.call("c5") == []
    for offer_id in ("c1.o1", "c2.o1"):
        scene.tell(ev.OfferAccepted(offer_id))
    assert scene.call("c6") == ["c6 full -> hang_up"]


def test_nobody_logged_in_overflows_only_where_the_queue_says_so() -> None:
    """With an entry the call leaves at once, without one it waits."""
    scene = Scene(config(queue("sales", overflow=overflow(no_agent=VOICEMAIL)), queue("support")))
    assert scene.call("c1", "sales") == ["c1 no_agent -> flow voicemail"]
    assert scene.call("c2", "support") == []


def test_the_last_log_out_sends_the_waiting_calls_away() -> None:
    """An agent on pause is still there; only the last log-out overflows, in the order of waiting."""
    setting = config(queue(overflow=overflow(no_agent=VOICEMAIL)), agents={"a1": {}, "a2": {}})
    scene = Scene(setting)
    for agent_id in ("a1", "a2"):
        scene.tell(ev.AgentLoggedIn(agent_id))
    scene.call("c1")
    scene.call("c2", priority=5)
    assert scene.tell(ev.AgentLoggedOut("a1")) == ["a1 logged_out"]
    assert scene.tell(ev.AgentLoggedOut("a2")) == [
        "a2 logged_out",
        "c2 no_agent -> flow voicemail",
        "c1 no_agent -> flow voicemail",
    ]


def test_closing_a_queue_sends_waiting_calls_away_but_lets_the_phone_ring() -> None:
    """The waiting call overflows, the ringing one may be answered, a new one is refused until it opens."""
    night = OverflowTarget(OverflowKind.QUEUE, "night")
    scene = Scene(config(queue(overflow=overflow(closed=night)), queue("night")), "a1")
    scene.call("c1")
    scene.call("c2")
    assert scene.tell(ev.QueueClosed("support")) == ["c2 closed -> queue night"]
    assert scene.call("c3") == ["c3 closed -> queue night"]
    assert scene.tell(ev.OfferAccepted("c1.o1")) == ["c1.o1 accepted", "a1 on_call"]
    scene.tell(ev.QueueOpened("support"))
    assert scene.call("c4") == []


def test_a_ringing_call_of_a_closed_queue_overflows_when_the_offer_ends() -> None:
    """It does not ring the next agent."""
    scene = Scene(None, "a1", "a2")
    scene.call("c1")
    scene.tell(ev.QueueClosed("support"))
    assert scene.after(20) == ["c1.o1 expired", "a1 ready:unanswered", "c1 closed -> hang_up"]


def test_a_promised_call_back_is_never_sent_away_but_with_its_queue() -> None:
    """No time-out, no full or closed queue, nobody logged in: the promise holds, and fills no place on the
    line. Only a queue that is no more cannot keep it."""
    everything = overflow(timeout=VOICEMAIL, full=VOICEMAIL, no_agent=VOICEMAIL, expected_wait=VOICEMAIL)
    setting = config(queue(max_wait_sec=10, max_waiting=1, max_expected_wait_sec=1, overflow=everything))
    scene = Scene(setting)
    assert scene.call("b1", virtual=True) == []
    assert scene.call("b2", virtual=True) == []
    assert scene.after(60) == []
    assert scene.tell(ev.QueueClosed("support")) == []
    assert scene.tell(ev.AgentLoggedIn("a1")) == ["a1 not_ready:logged_in"]
    assert scene.tell(ev.AgentReady("a1")) == ["a1 ready", "b1.o1 rings a1", "a1 offered"]
    gone = config(queue("other"), version="v2")
    assert "b2 closed -> hang_up" in scene.tell(ev.ConfigChanged(gone))


def test_a_promised_call_back_keeps_its_place_among_the_callers() -> None:
    """Who waits on the line and who waits at home are served in the order of their asking."""
    scene = Scene(config(queue(wrap_up_sec=0)))
    scene.call("c1")
    scene.after(1)
    scene.call("b2", virtual=True)
    scene.after(1)
    scene.call("c3")
    assert [scene.router.position(call_id) for call_id in ("c1", "b2", "c3")] == [1, 2, 3]
    scene.tell(ev.AgentLoggedIn("a1"))
    scene.tell(ev.AgentReady("a1"))
    assert "b2.o1 rings a1" in scene.talk("a1", 60)
    assert "c3.o1 rings a1" in scene.talk("a1", 60)


def test_an_agent_who_reached_nobody_has_nothing_to_wrap_up() -> None:
    """The agent is free at once, and the queue learns no handling time from it; the call may come again."""
    scene = Scene(config(queue(disposition_required=True, wrap_up_sec=30)), "a1")
    scene.call("b1", virtual=True)
    scene.tell(ev.OfferAccepted("b1.o1"))
    scene.after(30)
    before = scene.router.snapshot()["lines"]
    assert scene.tell(ev.AgentReleased("a1", "b1", talked=False)) == ["a1 ready"]
    assert scene.router.snapshot()["lines"] == before
    assert scene.call("b1", virtual=True, queued_at=0)[0] == "b1.o2 rings a1"
