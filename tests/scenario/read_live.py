"""Talks that are read while they go on, and what must have come of it."""

from __future__ import annotations

from people import FIRST, holds_and_hands_on, talk
from world import World

from callcenter.domain import events as e
from callcenter.domain.events import QueueOutcome as Q


def held_and_handed_on(world: World) -> None:
    """Held, taken back, and sent on to another agent."""
    talk(world)
    world.run(2)
    holds_and_hands_on(world)


def was_handed_on(world: World) -> None:
    """Nobody noticed; nothing of it is in the journal."""
    assert world.outcomes(FIRST) == [Q.ANSWERED, Q.ANSWERED]
    assert [event.agent_id for event in world.events(e.AgentConnected, FIRST)] == ["1001", "1002"]


def loses_the_recogniser(world: World) -> None:
    """Its worker dies in the talk and comes back."""
    talk(world)
    world.run(2)
    world.lose_recogniser()
    world.run(3)
    world.find_recogniser()
    world.run(5)
    world.hang_up(FIRST)


def went_on(world: World) -> None:
    assert world.outcomes(FIRST) == [Q.ANSWERED]
