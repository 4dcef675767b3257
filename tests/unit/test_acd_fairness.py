"""Fairness figures: what is the same for all is 0, what one has alone is nearly 1."""

from __future__ import annotations

import pytest
from acd_scene import Scene, config, queue

from acd import events as ev
from acd.fairness import gini


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], None),
        ([0, 0], None),
        ([3, 3, 3], 0.0),
        ([0, 0, 0, 8], 0.75),
        ([1, 3], 0.25),
        ([1, 2, 3, 4], 0.25),
    ],
)
def test_gini(values: list[float], expected: float | None) -> None:
    """Known values, and nothing where there is nothing to spread."""
    assert gini(values) == (None if expected is None else pytest.approx(expected))


def test_a_shift_in_figures() -> None:
    """Two calls for one agent, one for the other, none for the third, who has rested since the beginning."""
    scene = Scene(config(queue(strategy="ordered", wrap_up_sec=0)), "a1", "a2", "a3")
    for agents in (("a1",), ("a1", "a2")):
        for number, _ in enumerate(agents):
            call_id = f"{len(agents)}-{number}"
            scene.call(call_id)
            scene.tell(ev.OfferAccepted(f"{call_id}.o1"))
        scene.after(30)
        for number, agent_id in enumerate(agents):
            scene.tell(ev.AgentReleased(agent_id, f"{len(agents)}-{number}"))
    fairness = scene.router.fairness(scene.now)
    assert fairness.agents == 3
    assert fairness.calls_share == {"a1": 2 / 3, "a2": 1 / 3, "a3": 0.0}
    assert fairness.idle_spread_ms == 60_000
    assert fairness.calls_gini == pytest.approx(4 / 9)
    assert fairness.busy_gini is not None
    scene.tell(ev.AgentLoggedOut("a3"))
    assert scene.router.fairness(scene.now).agents == 2
