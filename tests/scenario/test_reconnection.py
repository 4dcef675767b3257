"""What the controller could not do while it did not see the switch, it does when it sees it again."""

from __future__ import annotations

from world import World

from callcenter.adapters.memory_switch import Behaviour, Reaction
from callcenter.domain import commands as c
from callcenter.domain import events as e

CALL = "ccaller-1"


def ringing() -> World:
    """A phone rings that nobody will pick up."""
    world = World(phones={"2001": Behaviour(Reaction.IGNORE)})
    world.ready("1001")
    world.call(digits="1")
    world.run(1)
    assert len(world.agent_legs()) == 1
    return world


def test_a_phone_that_need_not_ring_any_more_is_hung_up() -> None:
    """The agent pauses out of sight of the switch: the phone is silent as soon as that is back."""
    world = ringing()
    world.link_down()
    world.run(1)
    assert world.ask(c.Pause("1001", "break")) == c.Accepted()
    assert len(world.agent_legs()) == 1
    world.link_up()
    world.run(0.01)
    assert world.agent_legs() == []
    world.hang_up(CALL)
    world.finish()


def test_a_phone_that_rings_for_a_dead_controller_is_taken_over() -> None:
    """Its time runs on; no second phone is rung meanwhile, and no agent blamed."""
    world = ringing()
    world.kill(down_ms=3000)
    world.run(5)
    assert world.agent_legs() == ["a-ccaller-1.o1"]
    assert world.presence("1001") == "offered"
    world.run(16)
    assert [event.end for event in world.events(e.OfferEnded, CALL)] == ["expired"]
    world.hang_up(CALL)
    world.finish()


def test_no_deadline_is_decided_unseen() -> None:
    """The link is down longer than the phone may ring and the caller may wait: both are settled after it."""
    world = ringing()
    world.link_down()
    world.run(600)
    assert not world.events(e.OfferEnded)
    world.link_up()
    world.run(0.01)
    assert [event.end for event in world.events(e.OfferEnded, CALL)] == ["expired"]
    assert world.agent_legs() == []
    world.run(30)
    world.finish()


def test_a_phone_dialled_in_the_last_moment_of_a_dead_controller_is_known_to_the_next() -> None:
    """The switch has carried the dial out before it comes to the successor: the Offer goes on."""
    world = World(phones={"2001": Behaviour(Reaction.IGNORE)})
    world.ready("1001")
    world.call()
    world.switch.press("caller-1", "1")
    world.run(0)
    world.kill(down_ms=0)
    world.run(1)
    assert world.agent_legs() == ["a-ccaller-1.o1"]
    world.hang_up(CALL)
    world.finish()
