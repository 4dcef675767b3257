"""Explanations: what a supervisor reads about an Offer or a wait."""

from __future__ import annotations

from acd_scene import Scene, config, queue

from acd import events as ev
from acd.commands import MakeOffer
from acd.explain import ChosenBy, Decision
from acd.model import SkillRequirement

SETTING = config(
    queue("support", requirements=(SkillRequirement("en", 3),)),
    queue("vip", requirements=(SkillRequirement("en", 3),), priority=1),
    agents={
        "best": {"en": 5},
        "busy": {"en": 5},
        "second": {"en": 4},
        "away": {"en": 9},
        "lunch": {"en": 9},
        "weak": {"en": 2},
        "mute": {},
        "sales": ({"en": 9}, ("vip",)),
    },
    version="cfg-7",
)


def decision_of(scene: Scene, event: ev.RouterEvent) -> Decision:
    """The Decision of the one Offer that the event makes."""
    (offer,) = [one for one in scene.router.handle(event, scene.now) if isinstance(one, MakeOffer)]
    return offer.decision


def scene_with_two_free() -> Scene:
    """Two free agents, everybody else kept away by another rule."""
    scene = Scene(SETTING, "busy")
    scene.call("c0")
    scene.tell(ev.OfferAccepted("c0.o1"))
    for agent_id in ("best", "second", "lunch", "weak", "mute"):
        scene.tell(ev.AgentLoggedIn(agent_id))
        scene.tell(ev.AgentReady(agent_id))
        scene.after(10)
    scene.tell(ev.AgentPaused("lunch", "lunch"))
    return scene


def test_the_decision_names_the_candidates_and_the_rule_that_removed_each_other_agent() -> None:
    """Every agent of the centre is accounted for."""
    scene = scene_with_two_free()
    decision = decision_of(scene, ev.CallQueued("c1", "support", scene.now - 2_500))
    assert decision.chosen_by is ChosenBy.CALL
    assert [candidate.agent_id for candidate in decision.candidates] == ["best", "second"]
    assert [(row.rule.value, row.detail, row.agents) for row in decision.removed] == [
        ("other_queues", "", ("sales",)),
        ("missing_skill", "en", ("mute",)),
        ("level_too_low", "en 3", ("weak",)),
        ("not_logged_in", "", ("away",)),
        ("not_ready", "lunch", ("lunch",)),
        ("busy", "on_call", ("busy",)),
    ]
    assert decision.candidate_count + sum(row.number for row in decision.removed) == len(SETTING.agents)


def test_the_decision_in_words() -> None:
    """The text answers who, why, and why nobody else, in English and in Chinese."""
    scene = scene_with_two_free()
    decision = decision_of(scene, ev.CallQueued("c1", "support", scene.now - 2_500))
    assert decision.explain() == (
        "Call c1 of queue support, waiting for 2.5 s, was offered to agent best at 1970-01-01T00:00:50.000Z "
        "(configuration cfg-7).\n"
        "It needs en >= 3. 2 agent(s) could take it, chosen by longest_idle: best (idle for 50.0 s), "
        "second (idle for 40.0 s).\n"
        "Removed: 1 not serving the queue (sales); 1 without the skill: en (mute); "
        "1 skill level too low: en 3 (weak); 1 not logged in (away); 1 not ready: lunch (lunch); "
        "1 busy: on_call (busy)."
    )
    chinese = decision.explain("zh-CN")
    assert "来电 c1 已等待 2.5 秒" in chinese
    assert "示忙 1 人: lunch (lunch)" in chinese


def test_an_agent_who_comes_free_is_told_which_calls_competed() -> None:
    """The decision shows the first call of each other demand, how many there were, and why this one won."""
    scene = Scene(SETTING)
    scene.call("c1", "support")
    scene.after(30)
    scene.call("c2", "vip")
    scene.call("c3", "support")
    scene.tell(ev.AgentLoggedIn("best"))
    decision = decision_of(scene, ev.AgentReady("best"))
    assert (decision.call_id, decision.chosen_by) == ("c2", ChosenBy.AGENT)
    assert [(call.call_id, call.order_at) for call in decision.competing] == [("c1", 0)]
    assert decision.competing_count == 2
    assert decision.explain().endswith(
        "The agent came free; 2 other call(s) competed: c1 (support, 30.0 s). "
        "This one went first by the rule: longest waiting, priority included "
        "(it counts as waiting for 60.0 s)."
    )


def test_equal_scores_are_said_to_be_decided_by_agent_id() -> None:
    """The tie-break is no secret."""
    scene = Scene(None, "a2", "a1")
    decision = decision_of(scene, ev.CallQueued("c1", "support", 0))
    assert decision.agent_id == "a1"
    assert "Equal scores: the first agent id wins." in decision.explain()


def test_a_delay_is_told_with_its_end() -> None:
    """Who missed the last Offer is removed until a named instant."""
    scene = Scene(None, "a1")
    scene.call("c1")
    scene.after(20)
    why = scene.router.why_waiting("c1", scene.now)
    assert why is not None
    assert why.explain() == (
        "Call c1 has waited for 20.0 s in queue support, 0 call(s) ahead.\n"
        "No other agent can take it: 2 not logged in (a2, a3); "
        "1 left in peace after an Offer: unanswered (a1) until 1970-01-01T00:00:25.000Z."
    )


def test_the_next_offer_says_why_the_first_agent_was_passed_over() -> None:
    """Who has just let it ring is removed for the delay, not as busy."""
    scene = Scene(None, "a1", "a2")
    scene.call("c1")
    scene.now = 20_000
    decision = decision_of(scene, ev.DeadlineReached())
    assert decision.agent_id == "a2"
    assert [(row.rule.value, row.detail, row.agents, row.until_at) for row in decision.removed] == [
        ("not_logged_in", "", ("a3",), None),
        ("delayed", "unanswered", ("a1",), 25_000),
    ]


def test_a_ringing_call_says_whose_phone_rings() -> None:
    """The wait is explained by the phone that rings for it."""
    scene = Scene(None, "a1")
    scene.call("c1")
    why = scene.router.why_waiting("c1", 2_000)
    assert why is not None
    assert why.offered_to == ("a1",)
    assert "Ringing: agent a1." in why.explain()
    assert why.to_dict()["removed"] == [
        ["not_logged_in", "", 2, ["a2", "a3"], None],
        ["busy", "offered", 1, ["a1"], None],
    ]


def test_a_large_centre_is_counted_not_listed() -> None:
    """With a thousand agents a Decision stays small."""
    agents = {f"a{n:04}": {"en": 1 + n % 10} for n in range(1000)}
    scene = Scene(config(queue(requirements=(SkillRequirement("en", 6),)), agents=agents), "a0005", "a0006")
    decision = decision_of(scene, ev.CallQueued("c1", "support", 0))
    assert [(row.rule.value, row.number, row.agents) for row in decision.removed] == [
        ("level_too_low", 500, ()),
        ("not_logged_in", 498, ()),
    ]
    assert decision.candidate_count == 2
    assert len(str(decision.to_dict())) < 700


def test_every_moment_of_a_ready_agent_and_a_waiting_call_is_noted() -> None:
    """At the call's arrival and when an agent gets ready who cannot take it; not while nobody is ready."""
    agents = {"a1": {"en": 5}, "a2": {}, "a3": {}}
    scene = Scene(config(queue(requirements=(SkillRequirement("en", 3),)), agents=agents))
    scene.call("c1")
    assert scene.notes == []
    scene.tell(ev.AgentLoggedIn("a2"))
    scene.tell(ev.AgentReady("a2"))
    assert [(note.call_id, note.at) for note in scene.notes] == [("c1", 0)]
    scene.after(5)
    scene.call("c2")
    assert [(note.call_id, note.at) for note in scene.notes[1:]] == [("c2", 5_000)]
    assert "2 without the skill: en (a2, a3); 1 not logged in (a1)" in scene.notes[-1].explain()
    assert scene.notes[-1].explain_agent("a2") == (
        "Agent a2 was without the skill (en): the agent would have had to hold the skill."
    )
    assert scene.notes[-1].explain_agent("a1", "zh") == "坐席 a1 未签入；前提：坐席已签入。"
    assert scene.notes[-1].explain_agent("ghost") == "This reason does not name agent ghost."


def test_what_would_have_made_another_agent_get_the_call() -> None:
    """The rule that stood in the way and what would lift it; or who came first, and by how much."""
    agents = {"a1": {"en": 5}, "a2": {"en": 2}, "a3": {"en": 5}, "a4": {"en": 5}}
    scene = Scene(config(queue(requirements=(SkillRequirement("en", 3),)), agents=agents), "a2", "a3")
    scene.after(10)
    scene.tell(ev.AgentLoggedIn("a1"))
    scene.tell(ev.AgentReady("a1"))
    decision = decision_of(scene, ev.CallQueued("c1", "support", scene.now))
    assert decision.agent_id == "a3"
    assert decision.explain_agent("a3") == "Agent a3 was offered the call."
    assert decision.explain_agent("a2") == (
        "Agent a2 was skill level too low (en 3): the agent would have had to hold the skill at that level, "
        "and then to come before a3."
    )
    assert "but came after a3 (idle for 10.0 s) by longest_idle" in decision.explain_agent("a1")
    assert "the agent would have had to be logged in" in decision.explain_agent("a4")
    assert "不在" in decision.explain_agent("ghost", "zh")
