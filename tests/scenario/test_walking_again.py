"""What a centre journals of its callers is enough to let them walk again: the same keys, the same way."""

from __future__ import annotations

import pytest
from asked import NUMBER, VIPS
from paper_centre import ALWAYS, FLOW
from world import World

from callcenter.domain import events as e
from callcenter.replay.walking import parting, script_of, walk_again
from callcenter.replay.walks import Walk, Walks
from ivr_flows.rehearsal import Rehearsal


def walk_of(world: World, call_id: str) -> Walk:
    """The call's walk, out of the journal."""
    walks = Walks()
    for event in world.events(e.DomainEvent, call_id):  # type: ignore[arg-type]
        walks.apply(event)
    (walk,) = walks.done()
    return walk


def walked_again(world: World, call_id: str) -> tuple[Walk, Rehearsal]:
    """The call's walk, and the same caller in the same flow once more."""
    walk = walk_of(world, call_id)
    return walk, walk_again(walk, FLOW, {"office": ALWAYS}, script_of(walk, FLOW, lambda _: 1500))


@pytest.mark.parametrize("digits", ["1", "2", "3", "4", "77", "7", ""])
def test_the_journal_leads_the_same_way_again(digits: str) -> None:
    """Every key of the menu, wrong keys, and none."""
    world = World()
    call_id = world.call(digits=digits)
    world.run(30)
    world.hang_up(call_id)
    world.run(5)
    walk, again = walked_again(world, call_id)
    assert parting(walk, again) is None
    assert "".join(key.digit for key in walk.keys) == digits[: 2 if digits == "77" else 1]


@pytest.mark.parametrize("level", [3, None, "wrong"])
def test_who_was_looked_up_walks_again_with_the_same_answer(level: float | str | None) -> None:
    """Found, not found, and failed; also by way of a list of callers."""
    world = World()
    world.elsewhere.level = level
    world.list_callers(VIPS)
    call_id = world.call(digits="0")
    world.run(30)
    world.hang_up(call_id)
    world.run(5)
    walk, again = walked_again(world, call_id)
    assert parting(walk, again) is None
    assert [sent.body for sent in again.sent] == ([{"number": NUMBER, "level": 3}] if level == 3 else [])


def test_who_hangs_up_while_talking_walks_no_further_than_that() -> None:
    """Though the flow would have gone on with a survey after the agent."""
    world = World()
    world.ready("1001")
    call_id = world.call(digits="1")
    world.run(15)
    world.hang_up(call_id)
    world.run(5)
    walk, again = walked_again(world, call_id)
    assert (again.path[-1], again.ended) == ("support", "caller")
    assert parting(walk, again) is None


def test_who_goes_on_after_the_agent_does_so_again() -> None:
    """The agent hangs up, the caller hears the survey."""
    world = World()
    world.ready("1001")
    call_id = world.call(digits="1")
    world.run(15)
    world.agent_hangs_up(call_id)
    world.run(20)
    walk, again = walked_again(world, call_id)
    assert again.path[-3:] == ["survey", "farewell", "end"]
    assert parting(walk, again) is None


def test_what_is_keyed_in_a_talk_is_not_journaled() -> None:
    """It may be a number that only caller and agent should know."""
    world = World()
    world.ready("1001")
    call_id = world.call(digits="1")
    world.run(15)
    world.switch.press(call_id.removeprefix("c"), "4711")
    world.run(1)
    assert [event.digit for event in world.events(e.KeyPressed, call_id)] == ["1"]
