"""Agents who ask somebody while their caller hears music, and what must have come of it."""

from __future__ import annotations

from collections.abc import Callable

from people import FIRST, talk
from world import World

from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.events import ConsultEnd, EndedBy, TransferKind
from callcenter.domain.events import QueueOutcome as Q

AGENT = (TransferKind.AGENT, "1003")
QUEUE = (TransferKind.QUEUE, "support")
NUMBER = (TransferKind.NUMBER, "66")


def asks(world: World, kind: TransferKind, target: str) -> None:
    """Agent 1001 talks with a caller and asks somebody else."""
    talk(world)
    world.ready("1003")
    world.ask(c.Consult("1001", FIRST, kind, target))
    world.run(5)


def consulted_leg(world: World) -> str | None:
    """The leg of whoever is consulted, or rung for it."""
    call = world.centre.floor.calls.get(FIRST)
    if call is None or call.consult is None:
        return None
    ringing = next((offer.leg_id for offer in call.offers.values()), None)
    return call.consult.leg_id or ringing


def consulted_hangs_up(world: World) -> None:
    leg_id = consulted_leg(world)
    if leg_id is not None:
        world.switch.hang_up(leg_id)
    world.run(0.05)


def hands_on(*target: str) -> Callable[[World], None]:
    """After a word with each of the two, the agent leaves them to each other."""

    def happens(world: World) -> None:
        asks(world, TransferKind(target[0]), target[1])
        for _ in range(2):
            world.ask(c.Swap("1001", FIRST))
            world.run(3)
        world.ask(c.CompleteTransfer("1001", FIRST))
        world.run(10)
        world.hang_up(FIRST)

    return happens


def agent_has_the_caller(world: World) -> None:
    """One wait of the caller's, one call handled by each agent, one recording and one ticket."""
    assert world.outcomes(FIRST) == [Q.ANSWERED]
    assert [event.agent_id for event in world.events(e.AgentConnected, FIRST)] == ["1001", "1003"]
    first, second = world.events(e.AgentReleased, FIRST)
    assert (first.agent_id, first.hold_ms) == ("1001", 5_000 + 3_000)
    assert (second.agent_id, second.hold_ms) == ("1003", 0)
    assert world.one(e.ConsultEnded, FIRST).end is ConsultEnd.COMPLETED
    assert world.board.total.offered == world.board.requests.asked == world.board.requests.answered == 1
    assert world.board.total.handled == 2
    offered = world.events(e.OfferMade, FIRST)
    assert [made.agent_id for made in offered] == ["1001", "1003"]
    assert offered[1].decision["agent_id"] == "1003"
    recorded_throughout(world)


def number_has_the_caller(world: World) -> None:
    assert world.one(e.OutsideAnswered, FIRST)
    assert world.one(e.ConsultEnded, FIRST).end is ConsultEnd.COMPLETED
    assert world.one(e.CallTransferred, FIRST).target == "66"
    recorded_throughout(world)


def recorded_throughout(world: World) -> None:
    assert len(world.events(e.RecordingBegan, FIRST)) == len(world.events(e.TicketAsked, FIRST)) == 1
    assert world.one(e.RecordingStored, FIRST).duration_ms > 34_000
    assert world.one(e.CallEnded, FIRST).by is EndedBy.CALLER


def confers_and_leaves(world: World) -> None:
    asks(world, *QUEUE)
    world.ask(c.Confer("1001", FIRST))
    world.run(6)
    world.ask(c.CompleteTransfer("1001", FIRST))
    world.run(15)
    world.hang_up(FIRST)


def others_talked_on(world: World) -> None:
    assert world.one(e.ConferenceBegan, FIRST)
    assert [event.agent_id for event in world.events(e.AgentConnected, FIRST)] == ["1001", "1003"]
    assert world.events(e.AgentReleased, FIRST)[0].hold_ms == 5_000
    recorded_throughout(world)


def confers_until_the_other_leaves(world: World) -> None:
    asks(world, *NUMBER)
    world.ask(c.Confer("1001", FIRST))
    world.run(6)
    consulted_hangs_up(world)
    world.run(15)
    world.hang_up(FIRST)


def talked_on_alone(world: World) -> None:
    assert world.one(e.ConsultEnded, FIRST).end is ConsultEnd.LEFT
    assert world.one(e.AgentReleased, FIRST).agent_id == "1001"
    recorded_throughout(world)


def ends_it(world: World) -> None:
    asks(world, *AGENT)
    world.ask(c.EndConsult("1001", FIRST))
    world.run(20)
    world.hang_up(FIRST)


def has_the_caller_back(end: ConsultEnd) -> Callable[[World], None]:
    """The agent talked on with the caller; who was asked has nothing to wrap up."""

    def came_of_it(world: World) -> None:
        assert world.one(e.ConsultEnded, FIRST).end is end
        assert not world.events(e.CallTransferred)
        assert [event.agent_id for event in world.events(e.AgentReleased, FIRST)] == ["1001"]
        assert [event.agent_id for event in world.events(e.WrapUpEnded, FIRST)] == ["1001"]
        recorded_throughout(world)

    return came_of_it


def asks_in_vain(*target: str) -> Callable[[World], None]:
    """Nobody answers; the caller and the agent go on."""

    def happens(world: World) -> None:
        asks(world, TransferKind(target[0]), target[1])
        world.run(70)
        world.hang_up(FIRST)

    return happens


def leaves_while_it_rings(world: World) -> None:
    asks(world, *AGENT)
    world.agent_hangs_up(FIRST)
    world.run(90)
    world.hang_up(FIRST)


def waited_for_the_other(world: World) -> None:
    """As if the caller had been transferred blindly: a second wait, counted as such."""
    assert world.one(e.ConsultEnded, FIRST).end is ConsultEnd.HANDED_ON
    assert world.events(e.CallQueued, FIRST)[-1].agent_id == "1003"
    assert world.board.total.offered == 2


def link_breaks(world: World) -> None:
    asks(world, *AGENT)
    world.link_down()
    world.run(3)
    world.link_up()
    world.run(1)
    world.ask(c.CompleteTransfer("1001", FIRST))
    world.run(20)
    world.hang_up(FIRST)


def went_on_with_the_other(world: World) -> None:
    assert [event.agent_id for event in world.events(e.AgentConnected, FIRST)] == ["1001", "1003"]
    recorded_throughout(world)
