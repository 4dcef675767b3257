"""Whole calls in virtual time; the world proves identity and recovery after every single step."""

from __future__ import annotations

import pytest
from script import SCENARIOS


@pytest.mark.parametrize("name", SCENARIOS)
def test_it_comes_out_as_told(name: str) -> None:
    """Every scenario ends as it must, and at each step the journal alone would have made the same centre."""
    scenario = SCENARIOS[name]
    world = scenario.world()
    scenario.happens(world)
    world.finish()
    scenario.came_of_it(world)
