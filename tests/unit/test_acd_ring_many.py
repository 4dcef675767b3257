"""Ring all and ring progressively: several Offers for one call, of which one wins."""

from __future__ import annotations

from acd_scene import Scene, config, queue

from acd import events as ev


def ringing(**settings: object) -> Scene:
    """Three agents at a queue that rings many."""
    settings = {"strategy": "ring_all", "wrap_up_sec": 0, **settings}
    return Scene(config(queue(**settings)), "a1", "a2", "a3")


def rung(words: list[str]) -> list[str]:
    return [word for word in words if " rings " in word]


def test_all_ring_and_the_first_answer_wins() -> None:
    """The others are revoked in the same breath and are ready again, with their idle time."""
    scene = ringing()
    assert rung(scene.call("c1")) == ["c1.o1 rings a1", "c1.o2 rings a2", "c1.o3 rings a3"]
    idle = scene.router.agent("a1")
    scene.after(2)
    assert scene.tell(ev.OfferAccepted("c1.o2")) == [
        "c1.o2 accepted",
        "c1.o1 revoked",
        "c1.o3 revoked",
        "a1 ready",
        "a3 ready",
        "a2 on_call",
    ]
    after = scene.router.agent("a1")
    assert idle is not None
    assert after is not None
    assert (after.idle_since, after.missed, after.delay) == (idle.idle_since, 0, "")


def test_two_agents_answering_one_ring_all_call() -> None:
    """The field's story: both phones are picked up at once. The later one is told to hang up and stays
    free."""
    scene = ringing()
    scene.call("c1")
    scene.tell(ev.OfferAccepted("c1.o1"))
    assert scene.tell(ev.OfferAccepted("c1.o2")) == ["c1.o2 revoked"]
    assert (scene.presence("a1"), scene.presence("a2")) == ("on_call", "ready")


def test_the_winners_early_hang_up_does_not_punish_the_rest() -> None:
    """The caller is gone a moment after the answer: the others lose neither turn nor peace."""
    scene = ringing()
    scene.call("c1")
    scene.tell(ev.OfferAccepted("c1.o1"))
    scene.tell(ev.AgentReleased("a1", "c1"))
    assert rung(scene.call("c2")) == ["c2.o1 rings a1", "c2.o2 rings a2", "c2.o3 rings a3"]
    assert [scene.presence(agent) for agent in ("a1", "a2", "a3")] == ["offered"] * 3


def test_one_declines_and_the_others_ring_on() -> None:
    """The call goes on ringing; when the last has failed it waits again and rings who is past the delay."""
    scene = ringing(declined_delay_sec=3, ring_step_sec=1)
    scene.call("c1")
    for number in (1, 2):
        words = scene.tell(ev.OfferFailed(f"c1.o{number}", ev.OfferFailure.DECLINED))
        assert rung(words) == []
    scene.tell(ev.OfferFailed("c1.o3", ev.OfferFailure.DECLINED))
    assert rung(scene.after(4)) == ["c1.o4 rings a1", "c1.o5 rings a2", "c1.o6 rings a3"]


def test_who_comes_free_joins_the_ringing() -> None:
    """At the next step, up to as many as may ring."""
    scene = ringing(ring_step_sec=5, ring_at_most=2)
    scene.tell(ev.AgentPaused("a2", "x"))
    scene.tell(ev.AgentPaused("a3", "x"))
    assert rung(scene.call("c1")) == ["c1.o1 rings a1"]
    scene.tell(ev.AgentReady("a2"))
    scene.tell(ev.AgentReady("a3"))
    assert rung(scene.after(4.9)) == []
    assert rung(scene.after(0.1)) == ["c1.o2 rings a2"]
    assert rung(scene.after(10)) == []


def test_ringing_progressively_adds_one_at_each_step() -> None:
    """One, then another, while the first still rings."""
    scene = ringing(strategy="ring_progressively", ring_step_sec=5)
    assert rung(scene.call("c1")) == ["c1.o1 rings a1"]
    assert rung(scene.after(5)) == ["c1.o2 rings a2"]
    assert rung(scene.after(5)) == ["c1.o3 rings a3"]
    assert scene.tell(ev.OfferAccepted("c1.o1"))[:3] == ["c1.o1 accepted", "c1.o2 revoked", "c1.o3 revoked"]


def test_a_caller_who_leaves_stops_every_phone() -> None:
    """No zombie Offer: all end with the call, and no step comes afterwards."""
    scene = ringing(ring_at_most=2)
    scene.call("c1")
    assert scene.tell(ev.CallLeft("c1"))[:2] == ["c1.o1 revoked", "c1.o2 revoked"]
    assert scene.after(60) == []
    assert scene.router.next_deadline() is None


def test_an_agent_who_logs_out_leaves_the_others_ringing() -> None:
    """Only the leaver's phone stops."""
    scene = ringing()
    scene.call("c1")
    assert scene.tell(ev.AgentLoggedOut("a2")) == ["c1.o2 revoked", "a2 logged_out"]
    assert [scene.presence(agent) for agent in ("a1", "a3")] == ["offered"] * 2


def test_the_queue_counts_a_ringing_call_once() -> None:
    """Three phones ring for one call: one call rings."""
    scene = ringing(max_waiting=0)
    scene.call("c1")
    assert scene.call("c2") == ["c2 full -> hang_up"]
