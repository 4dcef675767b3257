"""Who hears a supervisor and whom they hear, what is refused, and what supervisors do besides."""

from __future__ import annotations

import pytest
import supervised as sup
from people import FIRST, SECOND, talk
from supervised import DESK, SUE, supervise, take_over
from world import World

from callcenter.adapters.memory_switch import Behaviour, Reaction
from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.events import TransferKind
from callcenter.domain.notes import KEPT
from callcenter.domain.overhearing import SupervisionMode as Mode

CALLER, SUES_LEG = "caller-1", f"m-{FIRST}.0"


def talking(*modes: Mode) -> World:
    """Agent 1001 talks, and Sue takes part in the last of these modes, after the others."""
    world = World(phones={DESK: Behaviour(after_ms=300)}, numbers={"66": Behaviour(after_ms=4000)})
    talk(world)
    for mode in modes:
        assert world.ask(supervise(mode)) == c.Accepted()
        world.run(1)
    return world


def hears(world: World, leg_id: str) -> set[str]:
    """Whom the party hears, by who they are."""
    agent = world.live(FIRST).conversation
    names = {CALLER: "caller", SUES_LEG: "supervisor", agent.leg_id if agent else "": "agent"}
    return {names.get(heard, heard) for heard in world.switch.hears(leg_id)}


@pytest.mark.parametrize(
    ("modes", "caller", "agent"),
    [
        ((Mode.LISTEN,), {"agent"}, {"caller"}),
        ((Mode.WHISPER,), {"agent"}, {"caller", "supervisor"}),
        ((Mode.BARGE,), {"agent", "supervisor"}, {"caller", "supervisor"}),
        ((Mode.BARGE, Mode.WHISPER), {"agent"}, {"caller", "supervisor"}),
        ((Mode.WHISPER, Mode.LISTEN), {"agent"}, {"caller"}),
    ],
)
def test_each_mode_is_heard_by_whom_it_should_be(
    modes: tuple[Mode, ...], caller: set[str], agent: set[str]
) -> None:
    """The supervisor hears both in every mode."""
    world = talking(*modes)
    assert hears(world, CALLER) == caller
    assert hears(world, world.talk(FIRST)) == agent
    assert hears(world, SUES_LEG) == {"caller", "agent"}


@pytest.mark.parametrize("mode", [Mode.WHISPER, Mode.BARGE])
@pytest.mark.parametrize("after", ["nothing", "kill", "link"])
def test_the_agent_hears_the_supervisor_while_the_caller_has_music(mode: Mode, after: str) -> None:
    """The caller does not; when the caller is back, all is as before the hold, whoever was away meanwhile."""
    world = talking(mode)
    before = {leg: hears(world, leg) for leg in (CALLER, world.talk(FIRST), SUES_LEG)}
    world.ask(c.Hold("1001", FIRST))
    if after != "nothing":
        world.loses_control(told=after == "link")
    world.run(3)
    assert hears(world, CALLER) == {"music"}
    assert hears(world, world.talk(FIRST)) == {"supervisor"}
    assert hears(world, SUES_LEG) == {"agent"}
    world.ask(c.Retrieve("1001", FIRST))
    world.run(0.1)
    assert {leg: hears(world, leg) for leg in before} == before
    world.hang_up(FIRST)
    world.finish()


@pytest.mark.parametrize("ends", ["mode", "stop", "hang-up", "consult"])
def test_no_silence_stays_with_the_agent(ends: str) -> None:
    """Whatever ends it while the caller is held, the agent hears whoever comes next, and first that it rings
    there."""
    world = talking(Mode.WHISPER)
    world.ask(c.Hold("1001", FIRST))
    world.run(1)
    assert world.switch.silenced == {world.talk(FIRST)}
    if ends == "mode":
        world.ask(supervise(Mode.LISTEN))
    elif ends == "stop":
        world.ask(c.StopSupervising(FIRST, SUE))
    elif ends == "hang-up":
        world.switch.hang_up(SUES_LEG)
    else:
        world.ask(c.Consult("1001", FIRST, TransferKind.NUMBER, "66"))
        world.run(3)
        assert f"{FIRST}.q1.ringing" in world.switch.hears(world.talk(FIRST))
        world.run(2)
    world.run(1)
    assert not world.switch.silenced
    world.hang_up(FIRST)
    world.run(60)
    world.finish()


def test_an_end_of_which_the_switch_was_not_told_leaves_no_silence() -> None:
    """A controller that dies between writing it down and asking for it is made up for by the next."""
    world = talking(Mode.WHISPER)
    world.ask(c.Hold("1001", FIRST))
    world.run(1)
    agent = world.talk(FIRST)
    world.ask(c.StopSupervising(FIRST, SUE))
    world.switch.silenced.add(agent)
    world.kill()
    world.run(2)
    assert not world.switch.silenced
    world.hang_up(FIRST)
    world.finish()


def test_the_next_agent_is_listened_to_only() -> None:
    """Meanwhile the supervisor hears music, like the caller; the flow's part is not overheard."""
    world = talking(Mode.BARGE)
    world.ask(c.Transfer("1001", FIRST, TransferKind.QUEUE, "support"))
    world.ask(c.Pause("1001", "break"))
    world.run(1)
    assert hears(world, SUES_LEG) == {"music"}
    assert "supervisor" not in hears(world, CALLER)
    world.ready("1002")
    world.run(5)
    assert hears(world, SUES_LEG) == {"caller", "agent"}
    assert hears(world, world.talk(FIRST)) == {"caller"}
    world.agent_hangs_up(FIRST)
    assert not world.switch.exists(SUES_LEG)


def test_a_new_controller_lets_the_supervisor_hear_again() -> None:
    """In the mode that was; nobody else notices."""
    world = talking(Mode.WHISPER)
    world.kill()
    world.run(2)
    assert hears(world, world.talk(FIRST)) == {"caller", "supervisor"}
    assert hears(world, SUES_LEG) == {"caller", "agent"}
    assert len(world.events(e.SupervisionBegan)) == 1
    world.hang_up(FIRST)
    world.finish()


def test_a_taken_over_caller_hears_the_supervisor_and_nobody_else() -> None:
    """At once, on the phone with which they listened; the agent's phone is free."""
    world = World()
    talk(world)
    sup.at_work(world)
    world.ask(c.Supervise(FIRST, Mode.LISTEN, SUE, "1003"))
    world.run(1)
    before = world.now
    world.ask(take_over())
    assert world.one(e.CallTakenOver, FIRST).at == before
    world.run(0.1)
    assert world.switch.hears(CALLER) == {SUES_LEG}
    assert world.switch.hears(SUES_LEG) == {CALLER}
    assert world.agent_legs() == []
    assert world.presence("1003") == "on_call"
    assert world.ask(c.Hold("1003", FIRST)) == c.Accepted()


def test_the_taken_over_call_goes_on_after_a_kill() -> None:
    """The supervisor is its agent, whom nobody supervises."""
    world = World()
    talk(world)
    sup.at_work(world)
    world.ask(take_over())
    world.run(2)
    world.kill()
    world.run(2)
    assert world.switch.hears(CALLER) == {SUES_LEG}
    world.hang_up(FIRST)
    world.finish()


def test_what_cannot_be_is_refused() -> None:
    """Calls without an agent, phones of others, those who take calls, other people's supervision."""
    world = talking()
    world.ready("1002")
    sup.at_work(world)
    world.call(digits="9", caller="02187654321")
    waiting = c.Supervise(SECOND, Mode.LISTEN, SUE, phone=DESK)
    assert world.refused(waiting) == f"call {SECOND} has no agent"
    alone = c.Supervise(FIRST, Mode.LISTEN, SUE)
    assert world.refused(alone) == "no phone to ring you at"
    others = c.Supervise(FIRST, Mode.LISTEN, SUE, phone="2002")
    assert world.refused(others) == "phone 2002 is taken by agent 1002"
    busy = c.Supervise(FIRST, Mode.LISTEN, SUE, "1002")
    assert world.refused(busy) == "agent 1002 takes calls at phone 2002"
    unknown = c.Supervise(FIRST, Mode.LISTEN, SUE, phone="nowhere")
    assert world.refused(unknown) == "the phone cannot be rung"
    nobody = c.Supervise(FIRST, Mode.TAKE_OVER, SUE, phone=DESK)
    assert world.refused(nobody) == "only an agent at work can take a call over"
    assert world.refused(c.StopSupervising(FIRST, SUE)) == f"nobody supervises call {FIRST}"
    world.link_down()
    world.run(0.1)
    assert world.refused(supervise(Mode.LISTEN)) == "the telephone switch cannot be reached"
    assert world.refused(c.HangUpCall(FIRST, SUE)) == "the telephone switch cannot be reached"


def test_one_supervisor_at_a_time() -> None:
    """Who would speak must ask who does; the phone in use is nobody else's."""
    world = talking(Mode.LISTEN)
    ann = c.Supervise(FIRST, Mode.BARGE, "ann", phone="2003")
    assert world.refused(ann) == f"{SUE} supervises this call"
    moved = c.Supervise(FIRST, Mode.BARGE, SUE, phone="2003")
    assert world.refused(moved) == f"you take part from phone {DESK}"
    taking = c.Supervise(FIRST, Mode.TAKE_OVER, SUE, "1003", DESK)
    assert world.refused(taking) == f"no agent works at phone {DESK}"
    assert world.refused(c.LogIn("1003", DESK)) == f"phone {DESK} supervises a call"
    world.ready("1002")
    world.call(digits="1", caller="02187654321")
    world.run(10)
    assert world.refused(supervise(Mode.LISTEN, SECOND)) == f"phone {DESK} supervises another call"


def test_who_supervises_takes_no_calls() -> None:
    """Until it is over."""
    world = World()
    talk(world)
    sup.at_work(world)
    world.ask(c.Supervise(FIRST, Mode.LISTEN, SUE, "1003"))
    world.run(1)
    assert world.refused(c.Ready("1003")) == "agent 1003 supervises a call"
    world.ask(c.StopSupervising(FIRST, SUE))
    assert world.ask(c.Ready("1003")) == c.Accepted()


def test_a_waiting_call_is_given_to_an_agent() -> None:
    """Also to one who lacks the skill for it; the others go on waiting."""
    world = World()
    world.call(digits="2")
    second = world.call(digits="2", caller="02187654321")
    world.run(3)
    picked = c.PickWaiting(second, "1002", SUE)
    assert world.refused(picked) == "agent 1002 takes no call now"
    assert world.refused(c.PickWaiting(second, "nobody", SUE)) == "no agent nobody"
    world.ready("1002")
    world.run(1)
    assert world.ask(picked) == c.Accepted()
    world.run(1)
    assert world.one(e.AgentConnected, second).agent_id == "1002"
    assert world.one(e.CallPicked, second).by == SUE
    assert world.refused(picked) == f"call {second} does not wait"
    for call_id in (FIRST, second):
        world.hang_up(call_id)
    world.finish()


def test_a_call_that_was_picked_in_vain_is_everybodys_again() -> None:
    """It rings no longer with whom it rang, and with the next after the one who did not answer."""
    world = World(phones={"2001": Behaviour(Reaction.IGNORE), "2002": Behaviour(Reaction.IGNORE)})
    world.ready("1001")
    call = world.call(digits="2")
    world.run(3)
    world.ready("1002")
    world.ask(c.PickWaiting(call, "1002", SUE))
    world.run(40)
    offered = [event.agent_id for event in world.events(e.OfferMade, call)]
    assert offered[:3] == ["1001", "1002", "1001"]
    assert [event.end for event in world.events(e.OfferEnded, call)][:2] == ["revoked", "expired"]
    world.hang_up(call)
    world.finish()


def test_notes_wait_until_they_are_read() -> None:
    """In their order, also over a restart; only the newest are kept."""
    world = World()
    assert world.refused(c.SendNote("1001", SUE, "see me")) == "agent 1001 is not at work"
    world.ready("1001")
    for text in ("see me", "well done"):
        assert world.ask(c.SendNote("1001", SUE, text)) == c.Accepted()
    first, second = world.centre.agents.notes.unread("1001")
    assert (first.text, first.by, second.text) == ("see me", SUE, "well done")
    assert world.ask(c.ReadNote("1001", first.note_id)) == c.Accepted()
    assert world.refused(c.ReadNote("1001", first.note_id)) == "no such unread note"
    world.kill()
    world.run(2)
    assert world.centre.agents.notes.unread("1001") == (second,)
    for number in range(KEPT + 1):
        world.ask(c.SendNote("1001", SUE, str(number)))
    assert [note.text for note in world.centre.agents.notes.unread("1001")][:2] == ["1", "2"]


def test_no_log_has_what_was_written() -> None:
    """Neither the command nor the fact shows the text when it is told."""
    sent = e.NoteSent(0, "1001", "n1", SUE, "张三的电话")
    assert "张三" not in repr(c.SendNote("1001", SUE, "张三的电话")) + repr(sent)
