"""Phones that are gone from a talk in the scenarios, and what must have come of it."""

from __future__ import annotations

from people import FIRST, talk
from world import World

from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.events import QueueOutcome as Q
from callcenter.domain.events import TransferKind
from callcenter.domain.switch import LegEndCause


def _loses(world: World) -> None:
    """The phone 2001 vanishes from the talk without a word, and the switch notices by its silence."""
    world.switch.set_reachable("2001", False)
    for leg_id in world.agent_legs():
        world.switch.hang_up(leg_id, LegEndCause.MEDIA_LOST)
    world.run(2)


def page_is_reloaded(world: World) -> None:
    talk(world)
    world.switch.set_reachable("2001", False)
    world.run(0.5)
    world.ask(c.PhoneRestarted("1001", "2001"))
    world.run(1)
    world.switch.set_reachable("2001", True)
    world.run(5)
    world.hang_up(FIRST)


def phone_comes_back(world: World) -> None:
    talk(world)
    _loses(world)
    world.switch.set_reachable("2001", True)
    world.run(5)
    world.hang_up(FIRST)


def had_the_call_back(world: World) -> None:
    assert world.outcomes(FIRST) == [Q.ANSWERED]
    lost, back = world.one(e.AgentPhoneLost, FIRST), world.one(e.AgentPhoneBack, FIRST)
    released = world.one(e.AgentReleased, FIRST)
    assert released.hold_ms == back.at - lost.at > 1_000
    assert world.one(e.RecordingStored, FIRST).duration_ms > 10_000
    assert world.one(e.WrapUpEnded, FIRST).agent_id == "1001"


def phone_never_comes_back(world: World) -> None:
    talk(world)
    _loses(world)
    world.run(25)
    world.ready("1002")
    world.run(5)
    world.hang_up(FIRST)


def went_to_another(world: World) -> None:
    assert world.outcomes(FIRST) == [Q.ANSWERED, Q.ANSWERED]
    talks = [event.agent_id for event in world.events(e.AgentConnected, FIRST)]
    assert talks == ["1001", "1002"]
    (_, again) = world.events(e.CallQueued, FIRST)
    assert again.place_at is not None
    assert again.place_at < again.queued_at


def nobody_takes_the_phone_back(world: World) -> None:
    """It is there again, and its agent does not take the call."""
    talk(world)
    _loses(world)
    world.switch.set_reachable("2001", True)
    world.run(0.1)
    for leg_id in world.agent_legs():
        world.switch.hang_up(leg_id, LegEndCause.DECLINED)
    world.run(1)
    world.hang_up(FIRST)


def waited_again(world: World) -> None:
    assert world.outcomes(FIRST)[0] is Q.ANSWERED
    assert len(world.outcomes(FIRST)) == 2
    assert world.events(e.AgentPhoneBack, FIRST) == []


def caller_leaves_meanwhile(world: World) -> None:
    talk(world)
    _loses(world)
    world.hang_up(FIRST)
    world.switch.set_reachable("2001", True)
    world.run(5)


def was_let_go(world: World) -> None:
    assert world.outcomes(FIRST) == [Q.ANSWERED]
    assert world.events(e.AgentPhoneRung, FIRST) == []
    assert world.agent_legs() == []


def agent_lets_go_without_phone(world: World) -> None:
    talk(world)
    _loses(world)
    world.ask(c.HangUp("1001", FIRST))
    world.run(20)


def _consults(world: World) -> None:
    talk(world)
    world.ready("1002")
    world.ask(c.Consult("1001", FIRST, TransferKind.AGENT, "1002"))
    world.run(3)


def lost_in_a_consultation(world: World) -> None:
    _consults(world)
    for leg_id in world.agent_legs()[:1]:
        world.switch.hang_up(leg_id, LegEndCause.MEDIA_LOST)
    world.run(3)
    world.hang_up(FIRST)


def reloaded_in_a_consultation(world: World) -> None:
    _consults(world)
    world.ask(c.PhoneRestarted("1001", "2001"))
    world.run(3)
    world.hang_up(FIRST)


def had_the_other_party(world: World) -> None:
    """Nobody is kept waiting for whoever asked: the consulted agent has the caller."""
    assert world.events(e.AgentPhoneLost, FIRST) == []
    assert [event.agent_id for event in world.events(e.AgentConnected, FIRST)] == ["1001", "1002"]
    assert world.agent_legs() == []
