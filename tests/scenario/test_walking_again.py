"""What a centre journals of its callers is enough to let them walk again: the same keys, the same way."""

from __future__ import annotations

from dataclasses import replace

import pytest
from asked import NUMBER, VIPS
from paper_centre import ALWAYS, FLOW, centre_config
from world import Kill, World

from callcenter.controller.floor import NumberRoute
from callcenter.domain import events as e
from callcenter.replay.walking import parting, script_of, walk_again
from callcenter.replay.walks import Walk, Walks
from ivr_flows.loader import load_flows
from ivr_flows.model import Flow
from ivr_flows.rehearsal import Rehearsal
from ivr_flows.sealing import Seal

ASKS_WITHIN = """
flow: line_for_the_known
languages: [zh]
start: who
variables: {rank: 0}
nodes:
  who: {flow: level_of, into: {rank: level}, next: greet}
  greet: {play: {zh: 您好}, next: sort}
  sort: {branch: [{when: rank > 2, next: sales}], otherwise: support}
  sales: {queue: sales, otherwise: bye}
  support: {queue: support, otherwise: bye}
  bye: {hang_up: done}
"""
ANSWERS_AT_ONCE = """
flow: level_of
languages: [zh]
start: ask
variables: {level: 0}
nodes:
  ask: {look_up: citizen, into: {level: level}, next: found, not_found: none, failed: none}
  found: {return: {level: level}}
  none: {return: {level: 0}}
"""
CHANGES_IT = ANSWERS_AT_ONCE.replace("next: found", "next: less").replace(
    "  found:", "  less: {set: {level: level - 1}, next: found}\n  found:"
)


def walk_of(world: World, call_id: str) -> Walk:
    """The call's walk, out of the journal."""
    walks = Walks()
    for event in world.events(e.DomainEvent, call_id):  # type: ignore[arg-type]
        walks.apply(event)
    (walk,) = walks.done()
    return walk


def walked_again(world: World, call_id: str, flow: Flow = FLOW) -> tuple[Walk, Rehearsal]:
    """The call's walk, and the same caller in the same flow once more."""
    walk = walk_of(world, call_id)
    return walk, walk_again(walk, flow, {"office": ALWAYS}, script_of(walk, flow, lambda _: 1500))


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
    call_id = world.call(digits="B")
    world.run(30)
    world.hang_up(call_id)
    world.run(5)
    walk, again = walked_again(world, call_id)
    assert parting(walk, again) is None
    assert [sent.body for sent in again.sent] == ([{"number": NUMBER, "level": 3}] if level == 3 else [])


def within(inner: str, kill: Kill | None = None) -> tuple[World, Flow]:
    """A centre whose flow asks in a sub-flow of what level the caller is."""
    flows = load_flows({"outer.yaml": ASKS_WITHIN, "inner.yaml": inner})
    flow = flows["line_for_the_known"]
    number = NumberRoute(flow.name, "zh", {"office": ALWAYS})
    config = replace(
        centre_config(), flows=flows, any_number=number, seal=Seal(b"the key of this installation")
    )
    return World(config, kill=kill), flow


def calls_within(world: World) -> str:
    call_id = world.call()
    world.run(20)
    world.hang_up(call_id)
    world.run(5)
    return call_id


@pytest.mark.parametrize("level", [3, 4, 1, None, "wrong"])
@pytest.mark.parametrize("inner", [ANSWERS_AT_ONCE, CHANGES_IT], ids=["answered at once", "changed first"])
def test_what_was_looked_up_in_a_sub_flow_is_found_again(inner: str, level: float | str | None) -> None:
    """Though the sub-flow returned, or changed it, in the same instant."""
    world, flow = within(inner)
    world.elsewhere.level = level
    walk, again = walked_again(world, calls_within(world), flow)
    assert parting(walk, again) is None


@pytest.mark.parametrize("torn", [0, 1, 2, 3])
def test_what_a_sub_flow_gave_outlives_the_controller(torn: int) -> None:
    """Killed at any step, also in the middle of its facts: the flow around goes by it, and does so again."""
    world, flow = within(CHANGES_IT)
    world.elsewhere.level = 4
    calls_within(world)
    for step in range(1, world.steps + 1):
        killed, _ = within(CHANGES_IT, Kill(step, before_commands=True, torn=torn))
        killed.check_recovery_always = False
        killed.elsewhere.level = 4
        call_id = calls_within(killed)
        killed.bring_home()
        killed.finish()
        if killed.events(e.CallArrived, call_id):
            walk, again = walked_again(killed, call_id, flow)
            assert walk.path[-1] == "sales", f"killed at step {step}"
            assert parting(walk, again) is None, f"killed at step {step}"


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


def test_who_pressed_the_key_of_what_could_be_said_presses_it_again() -> None:
    """A key that stands for words is a choice like that of a menu."""
    world = World()
    call_id = world.call(digits="#")
    world.run(1)
    world.switch.press(call_id.removeprefix("c"), "1")
    world.run(2)
    assert [event.digit for event in world.events(e.KeyPressed, call_id)] == ["#", "1"]
    world.hang_up(call_id)
    walk, again = walked_again(world, call_id)
    assert again.path[:4] == ["hours", "menu", "topic", "sales"]
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
