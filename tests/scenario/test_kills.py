"""The controller is killed after every step of every scenario, and nothing is lost or left over."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from asked import CALLER
from script import SCENARIOS, Scenario
from world import Kill

from callcenter.domain import events as e


def steps_of(scenario: Scenario) -> int:
    world = scenario.world(check_recovery=False)
    scenario.happens(world)
    return world.steps


def comes_home(scenario: Scenario, kill_at: Callable[[int], Kill]) -> None:
    """Killed so at each of its steps, it comes to rest with nothing left over."""
    for step in range(1, steps_of(scenario) + 1):
        world = scenario.world(kill=kill_at(step), check_recovery=False)
        try:
            scenario.happens(world)
            world.bring_home()
            world.finish()
        except AssertionError as error:
            raise AssertionError(f"killed at step {step}: {error}") from error


@pytest.mark.parametrize("torn", [1, 2, 3])
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_power_cut_in_the_middle_of_a_step_loses_no_call(name: str, torn: int) -> None:
    """The last facts of one step are lost with the power: calls and Router are made to agree again, and
    every call comes to its end."""
    comes_home(SCENARIOS[name], lambda step: Kill(step, before_commands=True, torn=torn))


@pytest.mark.parametrize("before_commands", [False, True], ids=["after", "before"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_kill_at_any_step_loses_nothing(name: str, before_commands: bool) -> None:
    """Killed with its facts journaled, with or without its commands sent, a new controller brings every call
    to its end: no leg or bridge is left, every call is settled, each ticket exists once."""
    scenario = SCENARIOS[name]
    for step in range(1, steps_of(scenario) + 1):
        world = scenario.world(kill=Kill(step, before_commands), check_recovery=False)
        try:
            scenario.happens(world)
            world.finish()
        except AssertionError as error:
            raise AssertionError(f"killed at step {step}: {error}") from error


@pytest.mark.parametrize("torn", [1, 2, 3, 4])
def test_what_a_flow_tells_is_told_though_its_step_was_torn(torn: int) -> None:
    """The node that tells a webhook is passed in one step with its neighbours: whatever of that step is kept,
    the flow goes on from there, and nothing is passed over."""
    scenario = SCENARIOS["asks and tells"]
    for step in range(1, steps_of(scenario) + 1):
        world = scenario.world(kill=Kill(step, before_commands=True, torn=torn), check_recovery=False)
        scenario.happens(world)
        world.bring_home()
        world.finish()
        if "tell" in [event.node for event in world.events(e.NodeEntered, CALLER)]:
            assert len(world.elsewhere.told) == 1, f"cut at step {step}"


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_kill_with_which_all_is_forgotten_leaves_nothing_behind(name: str) -> None:
    """Journal and tickets are lost with the controller: what the legs tell makes calls that come to their
    end, are counted once and have one ticket, and no leg or bridge is left over."""
    comes_home(SCENARIOS[name], lambda step: Kill(step, forgotten=True))
