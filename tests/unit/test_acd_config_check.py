"""Mistakes in a configuration, all at once, each with its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from acd_scene import SKILLED, VOICEMAIL, config, overflow, queue

from acd.config_check import check
from acd.model import (
    AcdConfig,
    AgentConfig,
    OverflowKind,
    OverflowTarget,
    QueueConfig,
    RelaxStep,
    SkillRequirement,
    Terms,
)

EN = SkillRequirement("en", 3)


def to_queue(name: str) -> OverflowTarget:
    """An overflow into another queue."""
    return OverflowTarget(OverflowKind.QUEUE, name)


def test_a_sound_configuration_has_no_mistakes() -> None:
    """The defaults and a queue of every kind of setting."""
    sound = config(
        queue(), queue("sales", requirements=(EN,), max_wait_sec=60, overflow=overflow(timeout=VOICEMAIL))
    )
    assert check(sound) == []


@pytest.mark.parametrize(
    ("settings", "path", "words"),
    [
        (
            {"strategy": "longest_idel"},
            "strategy",
            "'longest_idel' is no strategy; did you mean 'longest_idle'?",
        ),
        ({"strategy": "xyz"}, "strategy", "'xyz' is no strategy; known are: fewest_calls, least_occupied"),
        ({"ring_timeout_sec": 0}, "ring_timeout_sec", "is 0, must be at least 1"),
        ({"wrap_up_sec": -1}, "wrap_up_sec", "is -1, must be at least 0"),
        (
            {"max_wait_sec": 0, "overflow": overflow(timeout=VOICEMAIL)},
            "max_wait_sec",
            "is 0, must be at least 1",
        ),
        ({"max_wait_sec": 60}, "max_wait_sec", "has no effect without an overflow for timeout"),
        ({"max_waiting": -1}, "max_waiting", "is -1, must be at least 0"),
        ({"requirements": (SkillRequirement("en", 11),)}, "requirements.en", "level is 11, must be 1 to 10"),
        ({"requirements": (SkillRequirement("eng", 1),)}, "requirements.eng", "did you mean 'en'?"),
        ({"overflow": overflow(full=to_queue("suport"))}, "overflow.full", "did you mean 'support'?"),
        (
            {"overflow": overflow(full=OverflowTarget(OverflowKind.FLOW))},
            "overflow.full",
            "needs the name of a flow",
        ),
        ({"target_sec": 0}, "target_sec", "is 0, must be at least 1"),
        ({"max_expected_wait_sec": 9}, "max_expected_wait_sec", "without an overflow for expected_wait"),
        ({"steps": (RelaxStep(9), RelaxStep(9))}, "steps[1].after_sec", "is 9, must be more than 9"),
        (
            {"requirements": (EN,), "steps": (RelaxStep(9, drop=("en_",)),)},
            "steps[0]",
            "did you mean 'en'?",
        ),
        ({"steps": (RelaxStep(9, lower={"en": 0}),)}, "steps[0].lower.en", "level is 0, must be 1 to 10"),
        ({"steps": (RelaxStep(9, groups=("x",)),)}, "steps[0].groups", "lets in every group from the start"),
        ({"wrap_up_min_sec": 31}, "wrap_up_min_sec", "is 31, longer than the wrap-up of 30 s"),
        ({"wrap_up_max_sec": 29}, "wrap_up_max_sec", "is 29, shorter than the wrap-up of 30 s"),
        (
            {"requirements": (SkillRequirement("en", 1, 0),)},
            "requirements.en",
            "weight is 0, must be 1 to 10",
        ),
        (
            {"overflow": overflow(full=OverflowTarget(OverflowKind.OUTSIDE))},
            "overflow.full",
            "needs the number",
        ),
        ({"overflow": overflow(full=to_queue("support"))}, "overflow.full", "for ever: support -> support"),
    ],
)
def test_each_mistake_in_a_queue_is_told_with_its_place(
    settings: Mapping[str, Any], path: str, words: str
) -> None:
    """One mistake, one line, at the setting it stands in."""
    (mistake,) = check(config(queue(**settings)))
    assert mistake.path == f"queues.support.{path}"
    assert words in mistake.message


def test_each_mistake_in_an_agent_is_told_with_its_place() -> None:
    """Levels out of range and queues that do not exist."""
    agents = {"a1": AgentConfig("a1", {"en": 0}, ("support", "nights"))}
    told = check(AcdConfig("v1", {"support": QueueConfig("support")}, agents))
    assert [(mistake.path, mistake.message) for mistake in told] == [
        ("agents.a1.skills.en", "level is 0, must be 1 to 10"),
        ("agents.a1.queues[1]", "'nights' is no queue; known are: support"),
    ]


def test_entries_under_the_wrong_name_are_told() -> None:
    """The key and the name inside must agree, or decisions would name the wrong one."""
    told = check(AcdConfig("v1", {"a": QueueConfig("b")}, {"x": AgentConfig("y")}))
    assert [mistake.path for mistake in told] == ["queues.a.name", "agents.x.agent_id"]


def test_all_mistakes_are_told_at_once() -> None:
    """Nobody has to start the centre five times to find five mistakes."""
    broken = config(queue(strategy="x", ring_timeout_sec=0), queue("sales", wrap_up_sec=-1), agents=SKILLED)
    assert [mistake.path for mistake in check(broken)] == [
        "queues.support.strategy",
        "queues.support.ring_timeout_sec",
        "queues.sales.wrap_up_sec",
    ]


def test_queues_that_overflow_into_each_other_on_entry_are_told_once() -> None:
    """a -> b -> c -> b passes a closed call round for ever; waiting in between (time-out) is no such ring."""
    ring = config(
        queue("a", overflow=overflow(closed=to_queue("b"))),
        queue("b", overflow=overflow(closed=to_queue("c"))),
        queue("c", overflow=overflow(closed=to_queue("b"))),
    )
    (mistake,) = check(ring)
    assert (mistake.path, mistake.message) == (
        "queues.b.overflow.closed",
        "passes a call round for ever: b -> c -> b",
    )
    waiting = config(
        queue("a", max_wait_sec=9, overflow=overflow(timeout=to_queue("b"))),
        queue("b", max_wait_sec=9, overflow=overflow(timeout=to_queue("a"))),
    )
    assert check(waiting) == []


@pytest.mark.parametrize(
    ("about", "path", "words"),
    [
        (({}, ("support",), {"sales": Terms(1)}), "terms.sales", "the agent does not serve this queue"),
        (({}, (), {"suport": Terms(1)}), "terms.suport", "did you mean 'support'?"),
        (({}, (), {"sales": Terms(tier=0)}), "terms.sales", "at least 0 and 1"),
        (({}, (), {}, (), 0), "weight", "is 0, must be 1 to 100"),
    ],
)
def test_each_mistake_in_an_agents_terms_is_told(about: Any, path: str, words: str) -> None:
    """Terms for queues that are not served, or that nobody could keep."""
    (mistake,) = check(config(queue(), queue("sales"), agents={"a1": about}))
    assert mistake.path == f"agents.a1.{path}"
    assert words in mistake.message


def test_an_unknown_call_choice_and_a_misspelt_group_are_told() -> None:
    """Both with the nearest right name."""
    agents = {"a1": ({}, (), {}, ("nights",))}
    choice, group = check(config(queue(groups=("night",)), agents=agents, call_choice="priorty"))
    assert (choice.path, group.path) == ("call_choice", "queues.support.groups")
    assert "did you mean 'priority'?" in choice.message
    assert "did you mean 'nights'?" in group.message
