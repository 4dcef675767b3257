"""Call-backs in the scenarios, and what must have come of them."""

from __future__ import annotations

from people import FIRST, SECOND, THIRD
from world import World

from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.events import CallBackEnd, EndedBy, MissedCause
from callcenter.domain.events import QueueOutcome as Q

BACK = f"{FIRST}.b1"
OTHER_CALLER = "02187654321"
FROM_ABROAD = "+862112345678"
"""The usual caller (World.call) as a trunk may show the number, too."""


def asks(world: World) -> None:
    """A caller waits for a while, asks to be called back and is told so."""
    world.call(digits="1")
    world.run(5)
    for leg_id in world.caller_legs():
        world.switch.press(leg_id, "9")
    world.run(5)


def presses_too_soon(world: World) -> None:
    """The key counts only once it has been offered: not when it is pressed once too often in the menu."""
    world.call(digits="1")
    for leg_id in world.caller_legs():
        world.switch.press(leg_id, "9")
    world.ready("1001")
    world.run(5)
    world.hang_up(FIRST)


def was_answered(world: World) -> None:
    assert world.outcomes(FIRST) == [Q.ANSWERED]


def hangs_up_called(world: World) -> None:
    """Whoever was called back hangs up."""
    for leg_id in world.caller_legs():
        if leg_id.startswith("k-"):
            world.switch.hang_up(leg_id)
    world.run(1)


def is_reached(world: World) -> None:
    asks(world)
    world.ready("1001")
    world.run(20)
    hangs_up_called(world)
    world.run(15)


def was_reached(world: World) -> None:
    """The caller's own call ends in the flow; the call-back is answered, recorded and wrapped up."""
    assert world.outcomes(FIRST) == [Q.CALLBACK_REQUESTED]
    assert world.one(e.CallEnded, FIRST).by is EndedBy.FLOW
    promised = world.one(e.CallBackPromised, BACK)
    assert promised.queued_at == world.one(e.CallQueued, FIRST).queued_at
    assert world.outcomes(BACK) == [Q.ANSWERED]
    assert world.one(e.AgentConnected, BACK).agent_id == "1001"
    assert world.one(e.AgentReleased, BACK).talk_ms > 10_000
    assert world.one(e.RecordingStored, BACK).duration_ms > 10_000
    assert world.one(e.CallEnded, BACK).by is EndedBy.CALLER
    assert len(world.events(e.WrapUpEnded, BACK)) == 1
    assert (world.board.total.call_backs.promised, world.board.total.call_backs.reached) == (1, 1)
    assert (world.board.requests.asked, world.board.requests.lost, world.board.total.offered) == (1, 0, 1)


def is_never_reached(world: World) -> None:
    asks(world)
    world.ready("1001")
    world.run(120)


def was_never_reached(world: World) -> None:
    """Tried twice, half a minute apart; then a ticket tells of it. The agent wraps nothing up."""
    missed = world.events(e.CallBackMissed, BACK)
    assert [event.cause for event in missed] == [MissedCause.NO_ANSWER] * 2
    assert (missed[0].retry_at, missed[1].retry_at) == (missed[0].at + 30_000, None)
    dials = world.events(e.CallBackDialled, BACK)
    assert dials[1].at >= missed[0].at + 30_000
    assert world.one(e.CallEnded, BACK).reason == CallBackEnd.UNREACHED
    assert "回电" in world.one(e.TicketAsked, BACK).text
    assert not world.events(e.WrapUpEnded)
    assert world.board.total.call_backs.ended == {"unreached": 1}


def agent_leaves(world: World) -> None:
    """The first agent hangs up while the caller's phone rings; the next one waits for the answer."""
    asks(world)
    world.ready("1001")
    world.run(2)
    for leg_id in world.agent_legs():
        world.switch.hang_up(leg_id)
    world.ask(c.Pause("1001", "break"))
    world.ready("1002")
    world.run(25)
    hangs_up_called(world)


def other_agent_reached(world: World) -> None:
    assert world.one(e.CallBackMissed, BACK).cause is MissedCause.AGENT_LEFT
    assert world.one(e.AgentConnected, BACK).agent_id == "1002"


def agent_calls_off(world: World) -> None:
    asks(world)
    world.ready("1001")
    world.run(2)
    world.ask(c.HangUp("1001", BACK))
    world.run(25)
    hangs_up_called(world)


def reached_at_the_second_try(world: World) -> None:
    assert world.one(e.CallBackMissed, BACK).cause is MissedCause.AGENT_LEFT
    assert len(world.events(e.CallBackDialled, BACK)) == 2
    assert world.one(e.AgentConnected, BACK).agent_id == "1001"


def calls_again(world: World) -> None:
    """Another caller waits meanwhile; the one who calls again, over a trunk that shows numbers otherwise,
    stands before them."""
    asks(world)
    world.call(digits="1", caller=OTHER_CALLER)
    world.run(10)
    world.call(digits="1", caller=FROM_ABROAD)
    world.run(1)
    world.ready("1001")
    world.run(5)
    world.hang_up(SECOND)
    world.hang_up(THIRD)


def place_was_found(world: World) -> None:
    assert world.one(e.CallEnded, BACK).reason == CallBackEnd.CALLED_AGAIN
    assert world.one(e.CallQueued, THIRD).place_at == world.one(e.CallQueued, FIRST).queued_at
    assert world.one(e.AgentConnected, THIRD).agent_id == "1001"
    assert not world.events(e.AgentConnected, SECOND)
    assert world.one(e.QueueLeft, THIRD).wait_ms < 3_000
    assert not world.events(e.TicketAsked, BACK)


def overflows_to_call_back(world: World) -> None:
    world.call(digits="1")
    world.run(15)
    world.ready("1001")
    world.run(20)
    hangs_up_called(world)


def shows_no_number(world: World) -> None:
    """Nobody can be called back who shows no number: the call goes back to its flow."""
    world.call(digits="1", caller="")
    world.run(20)


def went_back_to_the_flow(world: World) -> None:
    assert world.outcomes(FIRST) == [Q.OVERFLOW_TIMEOUT]
    assert not world.events(e.CallBackPromised)


def nobody_comes(world: World) -> None:
    asks(world)
    world.run(310)


def was_given_up(world: World) -> None:
    assert world.one(e.CallEnded, BACK).reason == CallBackEnd.EXPIRED
    assert world.outcomes(BACK) == [Q.GIVEN_UP]
    assert len(world.events(e.TicketAsked, BACK)) == 1


def comes_back_in_time(world: World) -> None:
    """Hangs up while waiting, calls again, shown otherwise: stands before the one who came in between."""
    world.call(digits="1")
    world.run(20)
    world.hang_up(FIRST)
    world.call(digits="1", caller=OTHER_CALLER)
    world.run(10)
    world.call(digits="1", caller=FROM_ABROAD)
    world.ready("1001")
    world.run(5)
    world.hang_up(SECOND)
    world.hang_up(THIRD)


def stood_where_they_stood(world: World) -> None:
    assert world.outcomes(FIRST) == [Q.ABANDONED]
    assert world.one(e.CallQueued, THIRD).place_at == world.one(e.CallQueued, FIRST).queued_at
    assert world.one(e.AgentConnected, THIRD).agent_id == "1001"
    assert not world.events(e.AgentConnected, SECOND)
