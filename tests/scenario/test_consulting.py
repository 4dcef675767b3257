"""Consultations: who hears whom in every state, what it means in each when somebody hangs up, and kills."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from consulted import AGENT, NUMBER, QUEUE, asks, consulted_hangs_up, consulted_leg
from people import FIRST, talk
from world import World

from callcenter.adapters.memory_switch import Behaviour, Reaction
from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.call import CallPhase
from callcenter.domain.events import TransferKind
from callcenter.domain.overhearing import SupervisionMode

IGNORES, ANSWERS = Behaviour(Reaction.IGNORE), Behaviour(after_ms=300)
CALLER = FIRST.removeprefix("c")
Target = tuple[TransferKind, str]


def rings(target: Target) -> World:
    """Nobody has answered yet."""
    world = World(phones={"2003": IGNORES}, numbers={"66": IGNORES})
    asks(world, *target)
    return world


def consults(target: Target) -> World:
    """The agent talks with the consulted party."""
    world = World(numbers={"66": ANSWERS})
    asks(world, *target)
    return world


def swapped(target: Target) -> World:
    """The agent talks with the caller; the consulted party hears music."""
    world = consults(target)
    world.ask(c.Swap("1001", FIRST))
    world.run(1)
    return world


def confers(target: Target) -> World:
    """All three hear each other."""
    world = consults(target)
    world.ask(c.Confer("1001", FIRST))
    world.run(1)
    return world


STATES = {
    "an agent rings": (rings, AGENT),
    "a queue's agent rings": (rings, QUEUE),
    "a number rings": (rings, NUMBER),
    "talks with an agent": (consults, AGENT),
    "talks with a queue's agent": (consults, QUEUE),
    "talks with a number": (consults, NUMBER),
    "agent waits, caller talks": (swapped, AGENT),
    "number waits, caller talks": (swapped, NUMBER),
    "conference with an agent": (confers, AGENT),
    "conference with a number": (confers, NUMBER),
}
IN = pytest.mark.parametrize(("state", "target"), STATES.values(), ids=STATES)


def hear(world: World) -> dict[str, frozenset[str]]:
    """What everybody hears, who has answered."""
    return {leg.leg_id: world.switch.hears(leg.leg_id) for leg in world.switch.truth().legs if leg.answered}


@IN
def test_everybody_hears_what_belongs_there(state: Callable[[Target], World], target: Target) -> None:
    """Music is heard by whom nobody talks with, ringing by the agent as long as nobody has answered."""
    world = state(target)
    agent, other = world.talk(FIRST), consulted_leg(world)
    assert other is not None
    expected = {
        rings: {CALLER: {"music"}, agent: {f"{FIRST}.q1.ringing"}},
        consults: {CALLER: {"music"}, agent: {other}, other: {agent}},
        swapped: {CALLER: {agent}, agent: {CALLER}, other: {"music"}},
        confers: {CALLER: {agent, other}, agent: {CALLER, other}, other: {CALLER, agent}},
    }[state]
    assert hear(world) == expected


@IN
@pytest.mark.parametrize("told", [False, True], ids=["kill", "link"])
def test_a_kill_changes_nothing_for_anybody(
    state: Callable[[Target], World], target: Target, told: bool
) -> None:
    """The new controller finds everybody where they are, and leaves them there."""
    world = state(target)
    before = hear(world)
    world.loses_control(told=told)
    assert hear(world) == before
    world.bring_home()
    world.finish()


@IN
def test_the_caller_hangs_up(state: Callable[[Target], World], target: Target) -> None:
    """Nobody is left in the call, and the consulted agent is free at once."""
    world = state(target)
    world.hang_up(FIRST)
    world.run(0.1)
    assert hear(world) == {}
    assert world.one(e.ConsultEnded, FIRST).end is e.ConsultEnd.CALLER_LEFT
    assert world.presence("1001") == "wrap_up"
    assert world.presence("1003") == "ready"
    world.finish()


@IN
def test_the_consulted_party_hangs_up(state: Callable[[Target], World], target: Target) -> None:
    """Agent and caller talk on; an agent of a queue who declines is followed by the next."""
    world = state(target)
    agent = world.talk(FIRST)
    consulted_hangs_up(world)
    world.run(0.1)
    if (state, target) == (rings, QUEUE):
        assert world.live(FIRST).in_line
        world.run(70)
    assert hear(world) == {CALLER: {agent}, agent: {CALLER}}
    assert world.live(FIRST).phase is CallPhase.TALKING
    assert world.one(e.ConsultEnded, FIRST)
    world.hang_up(FIRST)
    world.finish()


@IN
def test_the_agent_hangs_up(state: Callable[[Target], World], target: Target) -> None:
    """Caller and consulted party are brought together, or the caller waits for who is still rung."""
    world = state(target)
    other = consulted_leg(world)
    world.agent_hangs_up(FIRST)
    world.run(0.1)
    assert world.presence("1001") == "wrap_up"
    assert world.one(e.CallTransferred, FIRST).target == target[1]
    if state is rings:
        assert hear(world) == {CALLER: {"music"}}
        waits = CallPhase.RELEASED if target is NUMBER else CallPhase.QUEUED
        assert world.live(FIRST).phase is waits
    else:
        assert other is not None
        assert hear(world) == {CALLER: {other}, other: {CALLER}}
    world.hang_up(FIRST)
    world.finish()


@IN
def test_the_switch_loses_everybody(state: Callable[[Target], World], target: Target) -> None:
    """All is over, and the figures add up."""
    world = state(target)
    world.restart_switch()
    world.run(3)
    assert world.one(e.CallEnded, FIRST).reason == "switch_lost"
    world.finish()


@IN
def test_keys_reach_whom_the_agent_talks_with(state: Callable[[Target], World], target: Target) -> None:
    """The caller, or the consulted party; of a conference the outside party, for whom there are menus."""
    world = state(target)
    other = consulted_leg(world)
    answer = world.ask(c.PressKeys("1001", FIRST, "12#"))
    world.run(0.1)
    if state is rings:
        assert isinstance(answer, c.Refused)
    else:
        to_other = state is consults or (state, target) == (confers, NUMBER)
        assert world.switch.digits == {other if to_other else CALLER: "12#"}
        assert world.one(e.KeysSent, FIRST).count == 3
    world.hang_up(FIRST)
    world.finish()


def test_what_makes_no_sense_is_refused() -> None:
    """Each with a reason and a cure, and nothing changes."""
    world = World(phones={"2003": IGNORES})
    asks(world, *AGENT)
    for command in (
        c.Swap("1001", FIRST),
        c.Confer("1001", FIRST),
        c.Hold("1001", FIRST),
        c.Retrieve("1001", FIRST),
        c.Transfer("1001", FIRST, *QUEUE),
        c.Consult("1001", FIRST, *QUEUE),
        c.EndConsult("1003", FIRST),
    ):
        before = world.journal.last_seq
        answer = world.ask(command)
        assert isinstance(answer, c.Refused), command
        assert answer.cure
        assert world.journal.last_seq == before
    world.ask(c.EndConsult("1001", FIRST))
    for command in (c.EndConsult("1001", FIRST), c.Consult("1001", FIRST, TransferKind.AGENT, "1001")):
        assert isinstance(world.ask(command), c.Refused)
    world.hang_up(FIRST)
    world.finish()


def test_only_an_agent_who_is_free_is_asked() -> None:
    """Who is paused would be rung in vain."""
    world = World()
    talk(world)
    world.ready("1003")
    world.ask(c.Pause("1003", "break"))
    answer = world.ask(c.Consult("1001", FIRST, *AGENT))
    assert isinstance(answer, c.Refused)
    assert "1003 can take no call now" in answer.reason
    world.hang_up(FIRST)
    world.finish()


def test_the_consulted_agent_only_leaves() -> None:
    """The agent in charge decides about the caller; who is consulted has the hang-up, by phone or desk."""
    world = consults(AGENT)
    for command in (c.Hold("1003", FIRST), c.GiveDisposition("1003", FIRST, "solved")):
        assert isinstance(world.ask(command), c.Refused)
    leg_id = consulted_leg(world)
    assert leg_id is not None
    world.switch.hold(leg_id, held=True)
    world.switch.ask_transfer(leg_id, "support")
    world.run(0.1)
    assert world.live(FIRST).consult is not None
    assert world.ask(c.HangUp("1003", FIRST)) == c.Accepted()
    world.run(0.1)
    assert world.live(FIRST).phase is CallPhase.TALKING
    assert world.presence("1003") == "ready"
    world.hang_up(FIRST)
    world.finish()


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("2002", TransferKind.AGENT),
        ("1002", TransferKind.AGENT),
        ("support", TransferKind.QUEUE),
        ("66", TransferKind.NUMBER),
    ],
)
def test_a_phone_transfers_by_itself(target: str, kind: TransferKind) -> None:
    """To an agent, by phone or name, to a queue, to a number; the phone is told so."""
    world = World(numbers={"66": ANSWERS})
    talk(world)
    world.ready("1002")
    leg_id = world.talk(FIRST)
    world.switch.ask_transfer(leg_id, target)
    world.run(5)
    assert world.switch.transfers == {leg_id: True}
    assert world.one(e.CallTransferred, FIRST).kind is kind
    world.hang_up(FIRST)
    world.finish()


@pytest.mark.parametrize("target", ["2003", "nobody", "", "1 or 2"])
def test_a_phone_that_transfers_to_nobody_keeps_its_caller(target: str) -> None:
    """Such as a phone at which nobody works; the phone is told that nothing came of it."""
    world = World()
    talk(world)
    leg_id = world.talk(FIRST)
    world.switch.ask_transfer(leg_id, target)
    world.run(5)
    assert world.switch.transfers == {leg_id: False}
    assert hear(world) == {CALLER: {leg_id}, leg_id: {CALLER}}
    world.hang_up(FIRST)
    world.finish()


@IN
def test_a_transfer_by_phone_means_the_consulted_party(
    state: Callable[[Target], World], target: Target
) -> None:
    """The phone is told that it is done, and hangs up, as phones do."""
    world = state(target)
    leg_id = world.talk(FIRST)
    world.switch.ask_transfer(leg_id, "66")
    world.run(0.1)
    assert world.switch.transfers == {leg_id: True}
    world.switch.hang_up(leg_id)
    world.run(1)
    assert world.one(e.CallTransferred, FIRST).target == target[1]
    world.hang_up(FIRST)
    world.finish()


def test_a_queue_that_is_removed_meanwhile_gives_the_caller_back() -> None:
    """The Router drops the call from a queue that the settings no longer have."""
    from dataclasses import replace

    from paper_centre import acd_config

    from callcenter.controller.messages import Reconfigured

    world = World()
    talk(world)
    world.ready("1002")
    world.ask(c.Consult("1001", FIRST, TransferKind.QUEUE, "sales"))  # 1002 has not the skill
    world.run(1)
    acd = acd_config()
    acd = replace(acd, version="v2", queues={"support": acd.queues["support"]})
    known = world.config
    world.controller.post(
        Reconfigured("v2", acd, {"support": known.queues["support"]}, known.waiting, known.dispositions)
    )
    world.run(1)
    assert world.live(FIRST).consult is None
    assert world.live(FIRST).phase is CallPhase.TALKING


def test_a_call_is_either_taken_over_or_consulted_about() -> None:
    """Whichever was asked for first."""
    takes = c.Supervise(FIRST, SupervisionMode.TAKE_OVER, "sue", agent_id="1002")
    world = consults(AGENT)
    world.ask(c.LogIn("1002", "2002"))
    assert isinstance(world.ask(takes), c.Refused)
    world.ask(c.EndConsult("1001", FIRST))
    world.switch.phones["2002"] = IGNORES
    assert world.ask(takes) == c.Accepted()
    assert isinstance(world.ask(c.Consult("1001", FIRST, *AGENT)), c.Refused)
    world.hang_up(FIRST)
    world.finish()


def test_a_supervisor_hears_on_when_the_caller_is_handed_over() -> None:
    """First the agent who consults, then the one who has the caller."""
    world = consults(AGENT)
    world.ask(c.Supervise(FIRST, SupervisionMode.LISTEN, "sue", phone="2002"))
    world.run(2)
    world.ask(c.CompleteTransfer("1001", FIRST))
    world.run(1)
    (heard,) = world.switch.overhearings.values()
    assert heard.leg_id == world.talk(FIRST)
    world.hang_up(FIRST)
    world.finish()
