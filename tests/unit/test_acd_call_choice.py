"""Call choice: which queue's call an agent gets, and the weighted dice among agents."""

from __future__ import annotations

from collections import Counter

import pytest
from acd_scene import Scene, config, queue

from acd import events as ev


@pytest.mark.parametrize(
    ("call_choice", "first"),
    [("longest_waiting", "c1"), ("priority", "c2"), ("service_objective", "c3")],
)
def test_the_call_choice_decides_between_queues(call_choice: str, first: str) -> None:
    """The longest wait; the wait with priority; the wait as a share of what the queue promises."""
    queues = (
        queue("slow", target_sec=300),
        queue("vip", target_sec=300, priority=1, ageing_sec_per_priority=30),
        queue("quick", target_sec=10),
    )
    scene = Scene(config(*queues, agents={"a1": {}}, call_choice=call_choice))
    for call_id, name in (("c1", "slow"), ("c2", "vip"), ("c3", "quick")):
        scene.call(call_id, name)
        scene.after(10)
    scene.tell(ev.AgentLoggedIn("a1"))
    assert f"{first}.o1 rings a1" in scene.tell(ev.AgentReady("a1"))


def test_longest_waiting_does_not_look_at_priority_within_a_queue() -> None:
    """The field's story of the longest-waiting rule, both ways round: `priority` never skips it."""
    for call_choice, first in (("longest_waiting", "c1"), ("priority", "c2")):
        scene = Scene(config(agents={"a1": {}}, call_choice=call_choice))
        scene.call("c1")
        scene.after(5)
        scene.call("c2", priority=1)
        scene.tell(ev.AgentLoggedIn("a1"))
        assert f"{first}.o1 rings a1" in scene.tell(ev.AgentReady("a1"))


def test_the_dice_follow_the_weights_and_the_seed() -> None:
    """Three parts to one, within what chance allows (3,000 throws, 5 standard deviations); the same seed
    throws the same."""
    agents = {"a1": ({}, (), {}, (), 3), "a2": ({}, (), {}, (), 1)}

    def thrown(seed: int) -> list[str]:
        asked = queue(strategy="weighted_random", wrap_up_sec=0)
        scene = Scene(config(asked, agents=agents, seed=seed), "a1", "a2")
        chosen = []
        for number in range(3_000):
            chosen.append(scene.call(f"c{number}")[0].split()[-1])
            scene.tell(ev.CallLeft(f"c{number}"))
        return chosen

    shares = Counter(thrown(1))
    assert abs(shares["a1"] - 2250) < 5 * (3000 * 0.75 * 0.25) ** 0.5
    assert thrown(1) == thrown(1)
    assert thrown(1) != thrown(2)
