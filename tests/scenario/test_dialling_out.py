"""Calls that agents make: what is refused, who hears what through a kill, and what the figures carry over."""

from __future__ import annotations

from dataclasses import replace

import pytest
from dialled_out import made
from paper_centre import NOON, POLICY, centre_config
from people import FIRST, talk
from world import World

from callcenter.adapters.memory_switch import Behaviour, Reaction
from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.kpi import KpiBoard
from callcenter.domain.missed_calls import MissedCall, contact_of, missed_calls
from callcenter.domain.overhearing import SupervisionMode

IGNORES, ANSWERS = Behaviour(Reaction.IGNORE), Behaviour(after_ms=300)


def test_who_may_not_or_cannot_dial_out_is_told_why() -> None:
    """No right, no settings, no phone, no number, no time."""
    world = World()
    world.ready("1001", "1002")
    assert world.refused(c.DialOut("1002", "66")) == "agent 1002 may not dial out"
    assert world.refused(c.DialOut("1003", "66")) == "agent 1003 is not free"
    assert world.refused(c.DialOut("1001", "6 6")) == "that number cannot be dialled"
    assert world.refused(c.DialOut("1001", "2002")) == "that is a colleague's phone"
    assert world.refused(c.DialOut("1001", missed_call_id="c9")) == "c9 is no call missed lately"
    world.switch.set_reachable("2001", False)
    world.run(0.1)
    assert world.refused(c.DialOut("1001", "66")) == "the phone cannot be rung"
    nowhere = World(replace(centre_config(), dial_out=None))
    nowhere.ready("1001")
    assert nowhere.refused(c.DialOut("1001", "66")) == "agent 1001 may not dial out"


def test_who_has_work_does_not_dial_out() -> None:
    """A call, a call of their own, or a supervision."""
    world = World(phones={"2003": IGNORES}, numbers={"66": IGNORES})
    talk(world)
    assert world.refused(c.DialOut("1001", "66")) == "agent 1001 is not free"
    world.ask(c.LogIn("1003", "2003"))
    world.ask(c.Supervise(FIRST, SupervisionMode.LISTEN, "sue", agent_id="1003"))
    assert world.refused(c.DialOut("1003", "66")) == "agent 1003 supervises a call"
    world.hang_up(FIRST)
    world.run(60)
    world.ask(c.DialOut("1001", "66"))
    assert world.refused(c.DialOut("1001", "66")) == "agent 1001 is not free"
    world.run(90)
    world.finish()


def test_a_missed_caller_is_called_back_once_at_a_time() -> None:
    """Who talked was not missed; who is being called back is left to that agent, until that is over."""
    world = World(numbers={"02112345678": IGNORES})
    talk(world)
    world.hang_up(FIRST)
    world.ask(c.Pause("1001", "break"))
    world.run(30)
    assert world.refused(c.DialOut("1001", missed_call_id=FIRST)) == f"{FIRST} is no call missed lately"
    missed = world.call(digits="1")
    world.run(30)
    world.hang_up(missed)
    world.ready("1003")
    world.ask(c.Pause("1003", "break"))
    world.ask(c.DialOut("1001", missed_call_id=missed))
    assert world.refused(c.DialOut("1003", missed_call_id=missed)) == "agent 1001 calls them back"
    world.run(90)
    assert world.ask(c.DialOut("1003", missed_call_id=missed)) == c.Accepted()
    world.run(90)
    world.finish()


def test_whom_the_centre_has_forgotten_is_called_back_as_the_record_says() -> None:
    """The number that they had called is shown; what the centre knows itself counts before the record."""
    world = World(numbers={"13900000001": IGNORES})
    yesterday = MissedCall("c9", "trunk-a", "12345", "13900000001", "support", NOON - 1, NOON)
    talk(world)
    world.hang_up(FIRST)
    world.ready("1003")
    answered = c.DialOut("1003", missed_call_id=FIRST, missed=yesterday)
    assert world.refused(answered) == f"{FIRST} is no call missed lately"
    world.ask(c.DialOut("1003", missed_call_id="c9", missed=yesterday))
    dialled = world.one(e.CallDialledOut, made(world))
    assert (dialled.caller, dialled.did, dialled.missed_call_id) == ("13900000001", "12345", "c9")
    world.run(90)
    world.finish()


def test_who_is_missed_until_somebody_talks_with_them() -> None:
    """One entry a caller, the newest; gone once they are called back, or come again and are answered."""
    world = World(numbers={"02112345678": ANSWERS})

    def missed() -> list[str]:
        contacts = [contact_of(call, call.caller) for call in world.centre.floor.calls.values()]
        return [call.call_id for call in missed_calls(contact for contact in contacts if contact)]

    ids = [world.call(digits="1", caller=caller) for caller in ("02112345678", "13800000000")]
    world.run(30)
    for call_id in ids:
        world.hang_up(call_id)
    again = world.call(digits="1")
    assert missed() == [ids[1]]
    world.run(10)
    world.hang_up(again)
    assert missed() == [again, ids[1]]
    world.ready("1001")
    world.ask(c.DialOut("1001", missed_call_id=again))
    world.run(10)
    for leg_id in world.caller_legs():
        world.switch.hang_up(leg_id)
    world.run(5)
    assert missed() == [ids[1]]
    world.finish()


@pytest.mark.parametrize("lost", ["nothing", "kill", "link"])
@pytest.mark.parametrize("rings", [True, False], ids=["ringing", "talking"])
def test_a_number_dialled_at_the_phone_is_a_call_of_its_agent(lost: str, *, rings: bool) -> None:
    """The phone is not rung: the agent hears it ring at the other end, then who answers; whoever was away."""
    world = World(numbers={"66": IGNORES if rings else ANSWERS})
    world.ready("1001")
    own = world.switch.dial_from("2001", "66")
    world.run(1)
    if lost != "nothing":
        world.loses_control(told=lost == "link")
    call_id = made(world)
    party = f"k-{call_id}"
    assert world.switch.hears(own) == {f"{party}.ringing" if rings else party}
    assert world.refused(c.DialOut("1001", "66")) == "agent 1001 is not free"
    dialled = world.one(e.CallDialledOut, call_id)
    assert (dialled.agent_id, dialled.agent_leg_id, dialled.caller) == ("1001", own, "66")
    world.switch.hang_up(own)
    world.run(30)
    assert (world.one(e.CallEnded, call_id).by, world.presence("1001")) == (e.EndedBy.AGENT, "ready")
    world.finish()


def test_a_phone_that_dialled_while_nobody_controlled_is_served_once() -> None:
    """What the switch kept, and the facts that it tells, are about the same leg."""
    world = World(numbers={"66": ANSWERS})
    world.ready("1001")
    world.link_down()
    own = world.switch.dial_from("2001", "66")
    world.run(1)
    world.link_up()
    world.run(1)
    assert len(world.events(e.CallDialledOut)) == 1
    assert world.switch.hears(own) == {f"k-{made(world)}"}
    world.switch.hang_up(own)
    world.run(30)
    world.finish()


@pytest.mark.parametrize("rings", ["own phone", "number", "nobody"])
@pytest.mark.parametrize("told", [False, True], ids=["kill", "link"])
def test_a_kill_changes_nothing_for_anybody(rings: str, told: bool) -> None:
    """The agent hears it ring, then the other party, whoever was away meanwhile."""
    phones = {"2001": IGNORES} if rings == "own phone" else {}
    world = World(phones=phones, numbers={"66": IGNORES if rings == "number" else ANSWERS})
    world.ready("1001")
    world.ask(c.DialOut("1001", "66"))
    world.run(3)

    def hear() -> dict[str, frozenset[str]]:
        legs = world.switch.truth().legs
        return {leg.leg_id: world.switch.hears(leg.leg_id) for leg in legs if leg.answered}

    before, call_id = hear(), made(world)
    own, party = f"a-{call_id}", f"k-{call_id}"
    assert (
        before
        == {
            "own phone": {},
            "number": {own: {f"{party}.ringing"}},
            "nobody": {own: {party}, party: {own}},
        }[rings]
    )
    world.loses_control(told=told)
    assert hear() == before
    world.restart_switch()
    world.run(5)
    assert world.one(e.CallEnded, call_id)
    world.finish()


def test_the_new_day_begins_with_what_rings() -> None:
    """A call made before midnight and answered after it counts to the new day, and the identity holds."""
    board, night = KpiBoard(POLICY), NOON + 11 * 3_600_000 + 59 * 60_000
    board.apply(e.CallDialledOut(night, "d-1", "1001", "a", "66", "12345", "city", "support", "zh"))
    board.apply(e.AgentConnected(night + 120_000, "d-1", "1001", "a", "support"))
    assert (board.dial_outs.made, board.dial_outs.reached) == (1, 1)
    assert board.identity_ok
    board.apply(e.AgentReleased(night + 180_000, "d-1", "1001", "support", 60_000, 0))
    board.apply(e.CallEnded(night + 180_000, "d-1", e.EndedBy.AGENT, "agent_hung_up"))
    board.apply(e.WrapUpEnded(night + 190_000, "d-1", "1001", "support", 10_000))
    assert (board.dial_outs.talk_ms, board.dial_outs.wrap_up_ms) == (60_000, 10_000)
    assert (board.total.handled, board.total.talk_ms, board.total.wrap_up_ms) == (0, 0, 0)
    assert KpiBoard.from_dict(POLICY, board.to_dict()) == board
