"""Callers whom the flow hands on, to outside and to an agent, and what must have come of it."""

from __future__ import annotations

from collections.abc import Callable

from people import FIRST, talk
from world import World

from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.events import EndedBy
from callcenter.domain.events import QueueOutcome as Q


def outside_legs(world: World) -> list[str]:
    """The legs of outside parties in the switch."""
    return [leg.leg_id for leg in world.switch.truth().legs if leg.leg_id.startswith("x-")]


def outside_hangs_up(world: World) -> None:
    for leg_id in outside_legs(world):
        world.switch.hang_up(leg_id)
    world.run(0.05)


def talks_outside(world: World) -> None:
    """The outside party picks up, talks and hangs up; the flow says thank you."""
    world.call(digits="8")
    world.run(15)
    outside_hangs_up(world)
    world.run(10)


def went_on_after_the_talk(world: World) -> None:
    path = [event.node for event in world.events(e.NodeEntered, FIRST)]
    assert path[-4:] == ["lawyer", "survey", "farewell", "end"]
    assert len(world.events(e.OutsideDialled)) == len(world.events(e.OutsideAnswered)) == 1
    assert world.one(e.CallEnded, FIRST).by is EndedBy.FLOW
    assert not world.events(e.RecordingBegan)


def dials_outside(world: World) -> None:
    world.call(digits="8")
    world.run(50)


def went(node: str) -> Callable[[World], None]:
    """The flow went on to this node after nobody came."""

    def came_of_it(world: World) -> None:
        path = [event.node for event in world.events(e.NodeEntered, FIRST)]
        assert path[path.index("lawyer") + 1] == node
        assert len(world.events(e.OutsideDialled)) == len(world.events(e.OutsideEnded)) == 1
        assert not world.events(e.OutsideAnswered)

    return came_of_it


def hangs_up_while_it_rings(world: World) -> None:
    world.call(digits="8")
    world.run(5)
    world.hang_up(FIRST)


def caller_ended_it(world: World) -> None:
    assert world.one(e.CallEnded, FIRST).by is EndedBy.CALLER


def hangs_up_outside(world: World) -> None:
    world.call(digits="8")
    world.run(15)
    world.hang_up(FIRST)


def link_breaks_while_they_talk(world: World) -> None:
    """The outside party hangs up unseen."""
    world.call(digits="8")
    world.run(10)
    world.link_down()
    outside_hangs_up(world)
    world.run(5)
    world.link_up()
    world.run(15)


def goes_to_the_province(world: World) -> None:
    world.call(digits="9")
    world.run(20)
    outside_hangs_up(world)
    world.run(5)


def province_knew_the_ticket(world: World) -> None:
    (told,) = world.switch.headers.values()
    assert told == {"X-Ticket-Id": world.one(e.TicketLinked, FIRST).ticket_id}
    assert world.one(e.CallEnded, FIRST).reason == "transfer_ended"
    assert 14_000 < world.one(e.RecordingStored, FIRST).duration_ms < 21_000


def goes_without_a_ticket(world: World) -> None:
    world.tickets.away_until = world.now + 60_000
    world.call(digits="9")
    world.run(30)
    world.hang_up(FIRST)


def province_was_rung_without_it(world: World) -> None:
    assert [*world.switch.headers.values()] == [{}]
    assert world.one(e.OutsideAnswered, FIRST)


def asks_for_a_colleague(world: World) -> None:
    world.ready("1003")
    world.call(digits="0")
    world.run(15)
    world.agent_hangs_up(FIRST)
    world.run(10)


def colleague_answered(world: World) -> None:
    assert world.one(e.AgentConnected, FIRST).agent_id == "1003"
    path = [event.node for event in world.events(e.NodeEntered, FIRST)]
    assert path[-4:] == ["colleague", "survey", "farewell", "end"]


def colleague_is_rung_in_vain(world: World) -> None:
    world.ready("1003")
    world.call(digits="0")
    world.run(30)


def waited_in_vain(world: World) -> None:
    assert world.outcomes(FIRST) == [Q.OVERFLOW_TIMEOUT]
    assert world.one(e.QueueLeft, FIRST).wait_ms == 10_000
    assert "call_later" in [event.node for event in world.events(e.NodeEntered, FIRST)]


def colleague_pauses(world: World) -> None:
    world.ready("1003")
    world.ask(c.Pause("1003", "break"))
    world.call(digits="0")
    world.run(20)


def colleague_was_not_rung(world: World) -> None:
    assert not world.events(e.CallQueued)
    assert "busy" in [event.node for event in world.events(e.NodeEntered, FIRST)]


def agent_sends_outside_and_caller_leaves(world: World) -> None:
    """Transferred by the agent; the caller does not wait for the answer."""
    talk(world)
    world.ask(c.Transfer("1001", FIRST, e.TransferKind.NUMBER, "66"))
    world.run(3)
    world.hang_up(FIRST)


def overflows_outside_and_leaves(world: World) -> None:
    """No agent ever had the call; the caller leaves while the outside number rings."""
    world.call(digits="1")
    world.run(15)
    world.hang_up(FIRST)


def nobody_is_rung_any_more(world: World) -> None:
    assert world.one(e.OutsideDialled, FIRST)
    assert world.one(e.CallEnded, FIRST).by is EndedBy.CALLER
