"""Calls that agents make, and what must have come of them."""

from __future__ import annotations

from collections.abc import Callable

from people import FIRST
from world import World

from callcenter.domain import commands as c
from callcenter.domain import events as e


def made(world: World) -> str:
    """The id of the call that an agent made last."""
    return world.events(e.CallDialledOut)[-1].call_id


def dials(world: World, agent_id: str = "1001") -> None:
    """An agent who is ready calls a number."""
    world.ready(agent_id)
    world.ask(c.DialOut(agent_id, "66"))
    world.run(15)


def talks_and_hangs_up(world: World) -> None:
    dials(world)
    for leg_id in world.agent_legs():
        world.switch.hang_up(leg_id)
    world.run(30)


def talked(by: e.EndedBy) -> Callable[[World], None]:
    """They talked; recorded, with a ticket and a wrap-up, and in no figure of the calls that came in."""

    def came_of_it(world: World) -> None:
        call_id = made(world)
        assert world.one(e.AgentConnected, call_id).queue == "support"
        assert world.one(e.AgentReleased, call_id).talk_ms > 10_000
        assert world.one(e.CallEnded, call_id).by is by
        assert world.one(e.RecordingStored, call_id).duration_ms > 10_000
        assert world.one(e.TicketLinked, call_id)
        assert world.one(e.WrapUpEnded, call_id).wrap_up_ms == 10_000
        dial_outs = world.board.dial_outs
        assert (dial_outs.made, dial_outs.reached, dial_outs.unreached) == (1, 1, {})
        assert dial_outs.talk_ms > 10_000
        assert dial_outs.wrap_up_ms == 10_000
        assert world.board.requests.calls_in == world.board.total.offered == 0
        assert (world.board.total.handled, world.board.total.wrap_up_ms) == (0, 0)

    return came_of_it


def party_hangs_up(world: World) -> None:
    dials(world)
    for leg_id in world.caller_legs():
        world.switch.hang_up(leg_id)
    world.run(30)


def not_reached(reason: str, by: e.EndedBy = e.EndedBy.SYSTEM) -> Callable[[World], None]:
    """Nobody talked, nothing is recorded or wrapped up, and the agent is ready again."""

    def came_of_it(world: World) -> None:
        ended = world.one(e.CallEnded, made(world))
        assert (ended.by, ended.reason) == (by, reason)
        assert not world.events(e.AgentConnected)
        assert not world.events(e.RecordingBegan)
        assert not world.events(e.WrapUpEnded)
        assert world.board.dial_outs.unreached == {reason: 1}
        assert world.presence("1001") in ("ready", "not_ready")

    return came_of_it


def dials_in_vain(world: World) -> None:
    dials(world)
    world.run(90)


def calls_it_off(world: World) -> None:
    world.ready("1001")
    world.ask(c.DialOut("1001", "66"))
    world.run(3)
    for dialled in world.events(e.CallDialledOut):
        world.ask(c.HangUp("1001", dialled.call_id))
    world.run(3)


def calls_back_who_was_missed(world: World) -> None:
    """While paused, as agents who call back are."""
    world.call(digits="1")
    world.run(30)
    world.hang_up(FIRST)
    world.ready("1001")
    world.ask(c.Pause("1001", "break"))
    world.ask(c.DialOut("1001", missed_call_id=FIRST))
    world.run(15)
    for leg_id in world.caller_legs():
        world.switch.hang_up(leg_id)
    world.run(30)


def missed_caller_was_reached(world: World) -> None:
    dialled = world.one(e.CallDialledOut, made(world))
    assert (dialled.missed_call_id, dialled.caller, dialled.did) == (FIRST, "02112345678", "12345")
    assert world.one(e.AgentConnected, dialled.call_id)
    assert world.board.requests.calls_in == world.board.total.offered == 1
    assert world.board.total.outcome(e.QueueOutcome.ABANDONED) == 1
    assert world.board.requests.lost == 1
    assert world.presence("1001") == "not_ready"


def hands_the_party_on(world: World) -> None:
    """To a queue, where an agent takes the call, and has no flow to send it back to."""
    dials(world)
    world.ready("1003")
    for dialled in world.events(e.CallDialledOut):
        world.ask(c.Transfer("1001", dialled.call_id, e.TransferKind.QUEUE, "support"))
    world.run(15)
    for leg_id in world.agent_legs():
        world.switch.hang_up(leg_id)
    world.run(30)


def was_handed_on(world: World) -> None:
    agents = [event.agent_id for event in world.events(e.AgentConnected, made(world))]
    assert agents == ["1001", "1003"]
    assert world.one(e.CallEnded, made(world)).by is e.EndedBy.AGENT
