"""Supervisors in calls, and calls that they hang up, in the scenarios, and what must have come of it."""

from __future__ import annotations

from collections.abc import Callable

from paper_centre import AGENTS
from people import FIRST, SECOND, holds_and_hands_on, talk
from world import World

from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.events import EndedBy
from callcenter.domain.events import QueueOutcome as Q
from callcenter.domain.overhearing import SupervisionMode as Mode

SUE, DESK = "sue", "2009"
"""A supervisor, and the phone at which no agent works."""


def supervise(mode: Mode, call_id: str = FIRST) -> c.Supervise:
    """Sue at her own phone."""
    return c.Supervise(call_id, mode, SUE, phone=DESK)


def take_over(call_id: str = FIRST) -> c.Supervise:
    """Sue as agent 1003."""
    return c.Supervise(call_id, Mode.TAKE_OVER, SUE, "1003")


def at_work(world: World, agent_id: str = "1003") -> None:
    """The agent is logged in, and takes no calls."""
    while isinstance(world.ask(c.LogIn(agent_id, AGENTS[agent_id])), c.Refused):
        world.run(0.1)
    world.run(0.1)


def ends(world: World, call_id: str = FIRST) -> list[str]:
    """Why each supervision of the call ended."""
    return [event.reason for event in world.events(e.SupervisionEnded, call_id)]


def ended_by(*reasons: str) -> Callable[[World], None]:
    """Every supervision ended so, and nobody else noticed."""

    def came_of_it(world: World) -> None:
        assert ends(world) == list(reasons)
        assert world.outcomes(FIRST) == [Q.ANSWERED]
        assert world.one(e.RecordingStored, FIRST).duration_ms > 10_000

    return came_of_it


def listens(world: World) -> None:
    """The caller hangs up meanwhile."""
    talk(world)
    world.ask(supervise(Mode.LISTEN))
    world.run(5)
    world.hang_up(FIRST)


def speaks_and_stops(world: World) -> None:
    talk(world)
    for mode in (Mode.WHISPER, Mode.BARGE, Mode.LISTEN):
        world.ask(supervise(mode))
        world.run(2)
    world.ask(c.StopSupervising(FIRST, "ann"))
    world.run(2)
    world.hang_up(FIRST)


def supervisor_hangs_up(world: World) -> None:
    talk(world)
    world.ask(supervise(Mode.BARGE))
    world.run(2)
    for leg in world.switch.truth().legs:
        if leg.leg_id.startswith("m-"):
            world.switch.hang_up(leg.leg_id)
    world.run(2)
    world.hang_up(FIRST)


def is_not_answered(world: World) -> None:
    talk(world)
    world.ask(supervise(Mode.LISTEN))
    world.run(40)
    world.hang_up(FIRST)


def caller_leaves_while_it_rings(world: World) -> None:
    talk(world)
    world.ask(supervise(Mode.LISTEN))
    world.run(5)
    world.hang_up(FIRST)


def follows_a_transfer(world: World) -> None:
    """Held, taken back, sent on and answered by another agent, for whom they wait."""
    talk(world)
    world.ask(supervise(Mode.WHISPER))
    world.run(2)
    holds_and_hands_on(world)


def followed_the_transfer(world: World) -> None:
    assert ends(world) == ["call_over"]
    assert [event.agent_id for event in world.events(e.AgentConnected, FIRST)] == ["1001", "1002"]


def agent_leaves(world: World) -> None:
    """The flow goes on with the caller alone."""
    talk(world)
    world.ask(supervise(Mode.LISTEN))
    world.run(2)
    world.agent_hangs_up(FIRST)
    world.run(20)


def takes_over(world: World) -> None:
    talk(world)
    at_work(world)
    world.ask(take_over())
    world.run(15)
    world.hang_up(FIRST)


def takes_over_while_held(world: World) -> None:
    """After having listened."""
    talk(world)
    at_work(world)
    world.ask(c.Supervise(FIRST, Mode.LISTEN, SUE, "1003"))
    world.run(2)
    world.ask(c.Hold("1001", FIRST))
    world.run(2)
    world.ask(take_over())
    world.run(15)
    world.hang_up(FIRST)


def took_over(world: World) -> None:
    """One wait, two talks, one recording, and both agents wrap up."""
    assert ends(world) == ["took_over"]
    assert [event.agent_id for event in world.events(e.AgentConnected, FIRST)] == ["1001", "1003"]
    assert world.outcomes(FIRST) == [Q.ANSWERED]
    assert world.one(e.CallTakenOver, FIRST).by == SUE
    assert [event.agent_id for event in world.events(e.WrapUpEnded, FIRST)] == ["1001", "1003"]
    assert world.board.total.handled == 2
    assert world.board.requests.answered == 1
    assert world.one(e.RecordingStored, FIRST).duration_ms > 25_000
    assert world.presence("1003") == "not_ready"


def logs_out(world: World) -> None:
    """The supervisor leaves work as an agent."""
    talk(world)
    at_work(world)
    world.ask(c.Supervise(FIRST, Mode.LISTEN, SUE, "1003"))
    world.run(2)
    world.ask(c.LogOut("1003"))
    world.run(5)
    world.hang_up(FIRST)


def hangs_up_both(world: World) -> None:
    """One that waits, and one that talks."""
    talk(world)
    world.call(digits="1", caller="02187654321")
    world.run(5)
    world.ask(c.HangUpCall(SECOND, SUE))
    world.ask(c.HangUpCall(FIRST, SUE))
    world.run(5)
    for call_id in (FIRST, SECOND):
        world.hang_up(call_id)


def were_hung_up(world: World) -> None:
    for call_id in (FIRST, SECOND):
        ended = world.one(e.CallEnded, call_id)
        assert (ended.by, ended.reason) == (EndedBy.SUPERVISOR, "supervisor")
        assert world.one(e.HangUpAsked, call_id).by == SUE
    assert world.outcomes(SECOND) == [Q.HUNG_UP]
    assert world.board.total.outcomes["hung_up"] == 1
