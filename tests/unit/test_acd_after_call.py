"""After the call, and pauses: wrap-up with its limits and its disposition, pause limits, forced pauses."""

from __future__ import annotations

from acd_scene import Scene, config, queue

from acd import events as ev
from acd.model import PauseReason


def talked(**settings: object) -> Scene:
    """An agent who has just hung up."""
    scene = Scene(config(queue(**settings), agents={"a1": {}}), "a1")
    scene.call("c1")
    scene.talk("a1", 10)
    return scene


def test_a_wrap_up_has_a_shortest_time() -> None:
    """Done at once, the agent is ready at the shortest time and not before; the new end is told."""
    scene = talked(wrap_up_sec=30, wrap_up_min_sec=5)
    assert scene.tell(ev.WrapUpEnded("a1")) == ["a1 wrap_up"]
    assert scene.router.agent("a1").until_at == 15_000  # type: ignore[union-attr]
    assert scene.after(5) == ["a1 ready"]


def test_a_wrap_up_can_be_extended_up_to_its_longest_time() -> None:
    """Each extension moves the end, the last one only as far as the limit."""
    scene = talked(wrap_up_sec=30, wrap_up_max_sec=50)
    for extra_sec, until_sec in ((15, 55), (15, 60)):
        assert scene.tell(ev.WrapUpExtended("a1", extra_sec)) == ["a1 wrap_up"]
        assert scene.router.agent("a1").until_at == until_sec * 1000  # type: ignore[union-attr]
    assert scene.tell(ev.WrapUpExtended("a1", 15)) == []
    assert scene.after(50) == ["a1 ready"]


def test_an_extension_outside_a_wrap_up_is_nothing() -> None:
    """Nor one of no time."""
    scene = talked(wrap_up_sec=30)
    assert scene.tell(ev.WrapUpExtended("a1", 0)) == []
    scene.after(30)
    assert scene.tell(ev.WrapUpExtended("a1", 15)) == []


def test_a_wrap_up_waits_for_the_disposition_that_is_required() -> None:
    """Neither time nor the agent ends it; the disposition, coming late, does at once."""
    scene = talked(wrap_up_sec=30, disposition_required=True)
    assert scene.tell(ev.WrapUpEnded("a1")) == []
    assert scene.after(60) == ["a1 wrap_up:disposition_missing"]
    assert scene.tell(ev.DispositionGiven("a1", "c9")) == []
    assert scene.tell(ev.DispositionGiven("a1", "c1")) == ["a1 ready"]


def test_a_disposition_in_time_leaves_the_rest_of_the_wrap_up() -> None:
    """Given during the wrap-up or the talk already, the time runs as usual."""
    scene = talked(wrap_up_sec=30, disposition_required=True)
    assert scene.tell(ev.DispositionGiven("a1", "c1")) == []
    assert scene.after(30) == ["a1 ready"]
    scene.call("c2")
    agent = scene.router.agent("a1")
    assert agent is not None
    scene.tell(ev.OfferAccepted(agent.offer_id or ""))
    scene.tell(ev.DispositionGiven("a1", "c2"))
    scene.tell(ev.AgentReleased("a1", "c2"))
    assert scene.tell(ev.WrapUpEnded("a1")) == ["a1 ready"]


def test_a_disposition_that_never_comes_pauses_the_agent() -> None:
    """At the longest time, so that the agent is not taken for busy for ever."""
    scene = talked(wrap_up_sec=30, wrap_up_max_sec=60, disposition_required=True)
    assert scene.after(60) == ["a1 wrap_up:disposition_missing", "a1 not_ready:disposition_missing"]


def test_a_pause_that_lasts_too_long_is_told_once() -> None:
    """The agent stays paused; a pause begun during a call counts from the end of the work."""
    reasons = {"lunch": PauseReason("lunch", paid=False, limit_sec=600)}
    scene = Scene(config(queue(wrap_up_sec=0), agents={"a1": {}}, pause_reasons=reasons), "a1")
    scene.tell(ev.AgentPaused("a1", "lunch"))
    assert scene.after(3_600) == ["a1 overdue:lunch"]
    scene.tell(ev.AgentReady("a1"))
    scene.call("c1")
    scene.tell(ev.OfferAccepted("c1.o1"))
    scene.tell(ev.AgentPaused("a1", "lunch"))
    assert scene.after(3_600) == []
    scene.tell(ev.AgentReleased("a1", "c1"))
    assert scene.after(599.9) == []
    assert scene.after(0.1) == ["a1 overdue:lunch"]
    assert scene.router.next_deadline() is None


def test_a_pause_that_ends_in_time_is_not_overdue() -> None:
    """Ready, or paused for another reason: the clock of the first pause stops."""
    reasons = {"lunch": PauseReason("lunch", limit_sec=600)}
    scene = Scene(config(queue(), agents={"a1": {}}, pause_reasons=reasons), "a1")
    scene.tell(ev.AgentPaused("a1", "lunch"))
    scene.tell(ev.AgentPaused("a1", "training"))
    assert scene.after(3_600) == []


def test_a_supervisors_pause_is_ended_by_a_supervisor() -> None:
    """The agent's own word neither ends it nor gives it another reason."""
    scene = Scene(None, "a1")
    assert scene.tell(ev.AgentPaused("a1", "forced", "s1")) == ["a1 not_ready:forced"]
    assert scene.tell(ev.AgentReady("a1")) == []
    assert scene.tell(ev.AgentPaused("a1", "lunch")) == []
    assert scene.tell(ev.AgentReady("a1", "s2")) == ["a1 ready"]
    assert scene.tell(ev.AgentPaused("a1", "lunch")) == ["a1 not_ready:lunch"]


def test_wrap_up_cut_short_by_a_second_queue() -> None:
    """The field's story: a call of another queue rang into the wrap-up of the first. Nothing rings in it."""
    scene = Scene(config(queue(wrap_up_sec=30), queue("other", wrap_up_sec=0), agents={"a1": {}}), "a1")
    scene.call("c1")
    scene.talk("a1", 10)
    assert scene.call("c2", "other") == []
    assert scene.after(29.9) == []
    assert scene.after(0.1)[-2:] == ["c2.o1 rings a1", "a1 offered"]
