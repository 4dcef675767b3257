"""Routing in whole calls: several phones ring, supervisors step in, callers meet their agent again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from paper_centre import acd_config, centre_config
from people import FIRST, SECOND, THIRD
from script import IGNORES, SLOW
from world import World

from acd.explain import WaitReason
from acd.model import OverflowKind, OverflowReason, OverflowTarget
from callcenter.adapters.memory_switch import Behaviour, Reaction
from callcenter.controller.messages import Reconfigured
from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.call import CallPhase
from callcenter.domain.events import QueueOutcome as Q
from callcenter.domain.queue_policy import QueuePolicy


def ends(world: World, call_id: str = FIRST) -> list[tuple[str, str]]:
    """How each agent's Offer ended, in order."""
    return [(event.agent_id, event.end) for event in world.events(e.OfferEnded, call_id)]


def test_several_phones_ring_and_one_wins() -> None:
    """Ring all: the first answer wins, the other phones stop and are free for the next caller."""
    config = centre_config(acd_config(strategy="ring_all"))
    world = World(config, phones={"2002": Behaviour(after_ms=900), "2003": Behaviour(after_ms=900)})
    world.ready("1001", "1002", "1003")
    world.call(digits="1")
    world.run(5)
    assert ends(world) == [("1001", "accepted"), ("1002", "revoked"), ("1003", "revoked")]
    assert len(world.agent_legs()) == 1
    world.call(digits="1")
    world.run(5)
    assert ends(world, SECOND)[0] == ("1002", "accepted")
    for call_id in (FIRST, SECOND):
        world.hang_up(call_id)
    world.finish()
    assert world.board.total.answered_in_time == 2


def test_a_caller_meets_the_last_agent_again() -> None:
    """The second call goes to the agent of the first, though another was idle longer; across a death, too,
    and shown otherwise. It joins the ticket, too; the journal has the number as it was shown."""
    config = centre_config()
    queues = {name: replace(policy, prefers_last_agent=True) for name, policy in config.queues.items()}
    world = World(replace(config, queues=queues))
    world.ready("1002")
    world.call(digits="1")
    world.run(5)
    world.hang_up(FIRST)
    world.run(12)
    world.ready("1001", "1003")
    world.run(60)
    world.kill()
    world.ready("1002")
    world.call(digits="1", caller="00862112345678")
    world.run(5)
    assert world.one(e.AgentConnected, SECOND).agent_id == "1002"
    assert world.one(e.CallArrived, SECOND).caller == "00862112345678"
    world.hang_up(SECOND)
    world.finish()
    (ticket,) = world.ticket_store.tickets.values()
    assert (ticket.caller, ticket.calls) == ("02112345678", (FIRST, SECOND))


def test_a_changed_call_is_still_kept_for_the_callers_last_agent() -> None:
    """A supervisor lets it go first while it waits for 1002, who talks: it does not go to 1001 for that."""
    config = centre_config()
    queues = {name: replace(policy, prefers_last_agent=True) for name, policy in config.queues.items()}
    patient = {name: replace(one, preferred_patience_sec=60) for name, one in config.acd.queues.items()}
    world = World(replace(config, queues=queues, acd=replace(config.acd, queues=patient)))
    world.ready("1002")
    world.call(digits="1", caller="1380001")
    world.run(5)
    world.hang_up(FIRST)
    world.run(60)
    world.call(digits="1", caller="1380002")
    world.run(5)
    assert world.live(SECOND).agent_in_hand == "1002"
    world.ready("1001")
    world.call(digits="1", caller="1380001")
    world.run(5)
    assert world.ask(c.ChangeWaiting(THIRD, priority=3)) == c.Accepted()
    world.run(5)
    assert world.live(THIRD).phase is CallPhase.QUEUED
    world.hang_up(SECOND)
    world.run(45)
    assert world.one(e.AgentConnected, THIRD).agent_id == "1002"
    world.hang_up(THIRD)
    world.finish()


def test_a_supervisor_moves_a_waiting_call() -> None:
    """It keeps its wait in the other queue, and counts as transferred in the first."""
    world = World()
    world.call(digits="1")
    world.run(20)
    assert world.ask(c.MoveWaiting(FIRST, "nowhere")) == c.Refused(
        "no queue nowhere", "use a queue of config/queues.yaml"
    )
    assert world.ask(c.MoveWaiting(FIRST, "sales")) == c.Accepted()
    first, second = world.events(e.CallQueued, FIRST)
    assert (second.queue, second.queued_at) == ("sales", first.queued_at)
    world.ready("1001")
    world.run(3)
    world.hang_up(FIRST)
    world.finish()
    assert world.outcomes(FIRST) == [Q.TRANSFERRED, Q.ANSWERED]
    assert isinstance(world.ask(c.MoveWaiting(FIRST, "sales")), c.Refused)


def test_a_supervisor_changes_what_a_call_asks_for() -> None:
    """A higher priority goes first at once; a skill keeps it from those without; nonsense is refused."""
    world = World()
    world.call(digits="1")
    world.run(5)
    world.call(digits="1")
    world.run(5)
    assert isinstance(world.ask(c.ChangeWaiting(SECOND, skills={"singing": 3})), c.Refused)
    assert world.ask(c.ChangeWaiting(SECOND, priority=3)) == c.Accepted()
    assert world.ask(c.ChangeWaiting(FIRST, skills={"sales": 5})) == c.Accepted()
    world.ready("1002", "1003")
    world.run(5)
    assert world.one(e.AgentConnected, SECOND).agent_id == "1002"
    assert world.outcomes(FIRST) == []
    reasons = [WaitReason.from_dict(event.reason) for event in world.events(e.CallWaits, FIRST)]
    assert "without the skill: sales" in reasons[-1].explain()
    world.ready("1001")
    world.run(5)
    assert world.one(e.AgentConnected, FIRST).agent_id == "1001"
    for call_id in (FIRST, SECOND):
        world.hang_up(call_id)
    world.finish()


def waiting_for_1002(phones: dict[str, Behaviour] | None = None) -> World:
    """FIRST was sent on to agent 1002, who talks with SECOND; 1003 is free."""
    world = World(phones=phones)
    world.ready("1001", "1002")
    for _ in (FIRST, SECOND):
        world.call(digits="1")
        world.run(5)
    assert world.ask(c.Transfer("1001", FIRST, e.TransferKind.AGENT, "1002")) == c.Accepted()
    world.run(2)
    assert world.live(FIRST).phase is CallPhase.QUEUED
    world.ready("1003")
    return world


def goes_to_1002(world: World) -> None:
    """FIRST waits for nobody else, and is 1002's when SECOND is over."""
    assert world.live(FIRST).phase is CallPhase.QUEUED
    world.hang_up(SECOND)
    world.run(30)
    assert [event.agent_id for event in world.events(e.AgentConnected, FIRST)] == ["1001", "1002"]
    world.hang_up(FIRST)
    world.finish()


def test_a_call_for_one_agent_stays_that_agents_whatever_its_priority() -> None:
    """A supervisor lets it go first; nobody else gets it for that."""
    world = waiting_for_1002()
    assert world.ask(c.ChangeWaiting(FIRST, priority=3)) == c.Accepted()
    world.run(5)
    goes_to_1002(world)


def test_a_call_for_one_agent_is_that_agents_again_when_another_who_was_to_have_it_does_not_answer() -> None:
    """Picked for 1003, whose phone rings in vain."""
    world = waiting_for_1002({"2003": Behaviour(Reaction.IGNORE)})
    assert world.ask(c.PickWaiting(FIRST, "1003", "sue")) == c.Accepted()
    world.run(40)
    assert [event.agent_id for event in world.events(e.OfferEnded, FIRST)] == ["1001", "1003"]
    world.ready("1001")
    world.run(5)
    goes_to_1002(world)


def test_a_supervisor_closes_a_queue_and_opens_it_again() -> None:
    """Who waits is let go as closed, and so is who comes; closing twice is no news."""
    world = World()
    world.call(digits="1")
    world.run(5)
    for _ in range(2):
        assert world.ask(c.CloseQueue("support")) == c.Accepted()
    world.run(5)
    assert world.outcomes(FIRST) == [Q.OVERFLOW_CLOSED]
    assert len(world.events(e.QueueStateChanged)) == 1
    world.kill()
    world.call(digits="1")
    world.run(5)
    assert world.outcomes(SECOND) == [Q.OVERFLOW_CLOSED]
    assert world.ask(c.OpenQueue("support")) == c.Accepted()
    world.finish()


def test_a_supervisors_pause_is_not_the_agents_to_end() -> None:
    """The refusal names who paused; a supervisor ends it."""
    world = World()
    world.ready("1001")
    assert world.ask(c.Pause("1001", "break", by="lin")) == c.Accepted()
    assert world.ask(c.Ready("1001")) == c.Refused(
        "paused by lin (break)", "ask a supervisor to end the pause"
    )
    assert world.ask(c.Ready("1001", by="lin")) == c.Accepted()
    world.finish()


def required(**support: Any) -> World:
    """A queue whose wrap-up needs a disposition, one of two."""
    config = centre_config(acd_config(disposition_required=True, wrap_up_max_sec=25, **support))
    return World(replace(config, dispositions=frozenset({"solved", "open"})))


def test_a_wrap_up_needs_its_disposition() -> None:
    """It does not end until the agent says what came of the call, and is one wrap-up all the time."""
    world = required()
    world.ready("1001")
    world.call(digits="1")
    world.run(5)
    assert isinstance(world.ask(c.GiveDisposition("1001", "ccaller-9", "solved")), c.Refused)
    world.hang_up(FIRST)
    world.run(2)
    assert world.ask(c.EndWrapUp("1001")) == c.Refused(
        "the disposition of the call is missing", "choose one first"
    )
    assert world.ask(c.GiveDisposition("1001", FIRST, "great")) == c.Refused(
        "no disposition great", "one of: open, solved"
    )
    assert world.ask(c.ExtendWrapUp("1001", 60)) == c.Accepted()
    assert isinstance(world.ask(c.ExtendWrapUp("1001", 60)), c.Refused)
    world.run(12)
    assert world.ask(c.GiveDisposition("1001", FIRST, "solved")) == c.Accepted()
    assert world.ask(c.EndWrapUp("1001")) == c.Accepted()
    assert world.one(e.WrapUpEnded, FIRST).wrap_up_ms > 13_000
    assert world.one(e.DispositionGiven, FIRST).code == "solved"
    world.finish()


def test_overflow_to_an_outside_number() -> None:
    """Nobody takes the call in time: the caller is put through to the number, and the talk ends with it."""
    outside = {OverflowReason.TIMEOUT: OverflowTarget(OverflowKind.OUTSIDE, "66")}
    world = World(centre_config(acd_config(max_wait_sec=10, overflow=outside)), numbers={"66": SLOW})
    world.call(digits="1")
    world.run(30)
    assert world.outcomes(FIRST) == [Q.OVERFLOW_TIMEOUT]
    assert world.one(e.OutsideDialled, FIRST)
    assert len(world.caller_legs()) == 1
    world.hang_up(FIRST)
    world.finish()
    assert world.switch.truth().legs == ()


def test_an_outside_number_that_does_not_answer_ends_the_call() -> None:
    """The caller is not left with music for ever."""
    outside = {OverflowReason.TIMEOUT: OverflowTarget(OverflowKind.OUTSIDE, "66")}
    config = centre_config(acd_config(max_wait_sec=10, overflow=outside))
    world = World(config, numbers={"66": IGNORES})
    world.call(digits="1")
    world.finish()
    assert world.one(e.CallEnded, FIRST).reason == "transfer_ended"


def test_other_settings_come_into_force_while_calls_wait() -> None:
    """A caller who waits keeps the place and gets the agent whom the new settings let in."""
    world = World(centre_config(acd_config(groups=("night",))))
    world.ready("1002")
    world.call(digits="1")
    world.run(5)
    assert world.outcomes(FIRST) == []
    new = replace(acd_config(), version="v2")
    world.config = replace(world.config, acd=new, version="v2")
    queues = {name: QueuePolicy(f"about_{name}") for name in new.queues}
    world.controller.post(Reconfigured("v2", new, queues, world.config.waiting, frozenset()))
    world.run(2)
    assert world.one(e.AgentConnected, FIRST).agent_id == "1002"
    world.hang_up(FIRST)
    world.finish()


def test_a_place_in_line_stands_on_a_leg_of_the_call() -> None:
    """On that of the phone that rings for it; while none does, on the caller's own."""
    world = World(phones={"2001": Behaviour(Reaction.DECLINE, 2000)})

    def told() -> dict[str, str]:
        """By whom the place is told."""
        legs = world.switch.truth().legs
        return {leg.leg_id: leg.variables["CC_QUEUED_AT"] for leg in legs if "CC_QUEUE" in leg.variables}

    world.ready("1001")
    world.call(digits="1")
    world.run(1)
    place = str(world.one(e.CallQueued, FIRST).queued_at)
    (offer,) = world.events(e.OfferMade, FIRST)
    assert told() == {offer.leg_id: place}
    world.run(3)  # declined, and nobody else is there
    assert told() == {world.caller_legs()[0]: place}
    world.hang_up(FIRST)
    world.finish()
