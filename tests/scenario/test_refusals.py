"""What agents ask for at the wrong moment is refused with a reason and a cure, and changes nothing."""

from __future__ import annotations

import pytest
from world import World

from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.events import TransferKind
from callcenter.domain.switch import PlaybackEnded

CALL = "ccaller-1"


def talking() -> World:
    """Agent 1001 talks, 1002 is ready."""
    world = World()
    world.ready("1001", "1002")
    world.call(digits="1")
    world.run(5)
    return world


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (c.Ready("nobody"), "no agent nobody"),
        (c.Ready("1003"), "agent 1003 is not logged in"),
        (c.LogIn("1003", "2001"), "phone 2001 is taken by agent 1001"),
        (c.LogIn("1001", "2003"), "already logged in at another phone"),
        (c.ChangePhone("1001", "2003"), "the phone in use has a call"),
        (c.ChangePhone("1002", "2001"), "phone 2001 is taken by agent 1001"),
        (c.ChangePhone("1003", "2003"), "agent 1003 is not logged in"),
        (c.EndWrapUp("1001"), "no wrap-up to end"),
        (c.Decline("1002", f"{CALL}.o1"), "that offer is over"),
        (c.Hold("1002", CALL), f"agent 1002 is not on call {CALL}"),
        (c.HangUp("1001", "another"), "agent 1001 is not on call another"),
        (c.Transfer("1001", CALL, TransferKind.QUEUE, "nowhere"), "no such queue to transfer to: nowhere"),
        (c.Transfer("1001", CALL, TransferKind.AGENT, "1003"), "no such agent to transfer to: 1003"),
        (c.PressKeys("1001", CALL, "1x"), "there are no such keys"),
        (c.PressKeys("1002", CALL, "1"), f"agent 1002 is not on call {CALL}"),
        (c.Transfer("1001", CALL, TransferKind.NUMBER, ""), "that number cannot be dialled"),
        (c.Transfer("1001", CALL, TransferKind.NUMBER, "1\r\nAction: x"), "that number cannot be dialled"),
    ],
)
def test_it_is_refused(command: c.AgentCommand, reason: str) -> None:
    """Unknown people, other people's calls, places that do not exist, numbers that cannot be dialled."""
    assert talking().refused(command) == reason


def test_asked_twice_is_no_mistake() -> None:
    """What already is so is accepted and changes nothing."""
    world = talking()
    for command in (c.LogIn("1001", "2001"), c.Retrieve("1001", CALL)):
        before = world.journal.last_seq
        assert world.ask(command) == c.Accepted()
        assert world.journal.last_seq == before
    world.ask(c.Hold("1001", CALL))
    before = world.journal.last_seq
    assert world.ask(c.Hold("1001", CALL)) == c.Accepted()
    assert world.journal.last_seq == before


def test_nobody_is_ready_at_a_phone_that_is_gone() -> None:
    """The agent is told to look after the phone."""
    world = World()
    world.switch.set_reachable("2001", False)
    world.run(0.1)
    world.ask(c.LogIn("1001", "2001"))
    assert world.refused(c.Ready("1001")) == "the phone cannot be rung"


def test_calls_cannot_be_controlled_out_of_sight_of_the_switch() -> None:
    """Presence can be changed meanwhile, and the call goes on."""
    world = talking()
    world.link_down()
    world.run(0.1)
    for command in (c.Hold("1001", CALL), c.HangUp("1001", CALL), c.Decline("1001", f"{CALL}.o1")):
        assert world.refused(command) == "the telephone switch cannot be reached"
    assert world.ask(c.Pause("1002", "break")) == c.Accepted()
    world.link_up()
    world.run(0.1)
    assert world.ask(c.Hold("1001", CALL)) == c.Accepted()
    world.hang_up(CALL)
    world.finish()


def test_only_the_tone_of_a_refusal_ends_in_a_hang_up() -> None:
    """What else ended on a leg that nobody knows may be a prompt of a caller who is met again in a moment."""
    world = World()
    leg_id = world.switch.dial_from("2001", "66")
    world.run(0.1)
    world._post(PlaybackEnded(world.now, leg_id, "earlier", failed=False))
    world.run(1)
    assert world.switch.exists(leg_id)
    world.run(3)
    world.finish()


@pytest.mark.parametrize(("agent_id", "phone"), [("", "2001"), ("1002", "2002")], ids=["nobody", "no right"])
def test_a_phone_makes_no_call_that_its_agent_may_not_make(agent_id: str, phone: str) -> None:
    """Whoever dials hears that it is refused, and is hung up."""
    world = World()
    if agent_id:
        world.ready(agent_id)
    leg_id = world.switch.dial_from(phone, "66")
    world.run(1)
    assert world.switch.hears(leg_id) == {f"{leg_id}.refused"}
    world.run(3)
    assert not world.switch.exists(leg_id)
    assert not world.events(e.CallBegan)
    world.finish()
