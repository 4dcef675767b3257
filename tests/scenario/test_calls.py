"""Whole calls in virtual time; the world proves identity and recovery after every single step."""

from __future__ import annotations

import pytest
from people import FIRST, talk
from script import SCENARIOS, SLOW
from world import World

from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.events import EndedBy, TransferKind


@pytest.mark.parametrize("name", SCENARIOS)
def test_it_comes_out_as_told(name: str) -> None:
    """Every scenario ends as it must, and at each step the journal alone would have made the same centre."""
    scenario = SCENARIOS[name]
    world = scenario.world()
    scenario.happens(world)
    world.finish()
    scenario.came_of_it(world)


def test_an_outside_party_who_answers_a_caller_who_has_just_gone() -> None:
    """The answer crosses the hang-up: the outside leg is let go, and the recording is finished."""
    world = World(numbers={"66": SLOW})
    talk(world)
    world.ask(c.Transfer("1001", FIRST, TransferKind.NUMBER, "66"))
    world.run(0.5)
    (outside,) = [leg.leg_id for leg in world.switch.truth().legs if leg.leg_id.startswith("x-")]

    def crosses(_: int, event: e.DomainEvent) -> None:
        if isinstance(event, e.CallEnded):
            world.deliver_answered(outside)

    world.controller.subscribe(crosses)
    world.hang_up(FIRST)
    world.finish()
    assert world.one(e.CallEnded, FIRST).by is EndedBy.CALLER
    assert world.one(e.RecordingStored, FIRST).duration_ms > 10_000
    assert world.switch.truth().legs == ()
