"""The scenarios: what happens in each, and what must have come of it when nothing was killed meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from paper_centre import CLOSED_NUMBER, acd_config, centre_config, flow_branch
from world import World

from acd.model import OverflowKind, OverflowReason, OverflowTarget
from callcenter.adapters.memory_switch import Behaviour, Reaction
from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.events import EndedBy, TransferKind
from callcenter.domain.events import QueueOutcome as Q

FIRST, SECOND, THIRD = "ccaller-1", "ccaller-2", "ccaller-3"
IGNORES = Behaviour(Reaction.IGNORE)
SLOW = Behaviour(after_ms=60_000)


@dataclass(frozen=True, slots=True)
class Scenario:
    """``happens`` drives the world and never looks at it; ``came_of_it`` looks."""

    happens: Callable[[World], None]
    came_of_it: Callable[[World], None]
    support: Mapping[str, Any] = field(default_factory=dict)
    phones: Mapping[str, Behaviour] = field(default_factory=dict)
    numbers: Mapping[str, Behaviour] = field(default_factory=dict)

    def world(self, **options: Any) -> World:
        """A new world for it."""
        config = centre_config(acd_config(**self.support))
        return World(config, self.phones, self.numbers, **options)


def talk(world: World, digits: str = "1") -> None:
    """A caller and an agent talk."""
    world.ready("1001")
    world.call(digits=digits)
    world.run(15)


# --- a caller and an agent ---------------------------------------------------------------------------------


def caller_hangs_up(world: World) -> None:
    talk(world)
    world.hang_up(FIRST)


def caller_hung_up(world: World) -> None:
    assert world.outcomes(FIRST) == [Q.ANSWERED]
    ended = world.one(e.CallEnded, FIRST)
    assert (ended.by, ended.reason) == (EndedBy.CALLER, "normal")
    assert world.one(e.RecordingStored, FIRST).duration_ms > 10_000
    assert world.board.total.answered_in_time == 1


def agent_hangs_up(world: World) -> None:
    talk(world)
    world.agent_hangs_up(FIRST)
    world.run(20)


def agent_hung_up(world: World) -> None:
    """The flow goes on with the survey and then ends the call itself."""
    path = [event.node for event in world.events(e.NodeEntered, FIRST)]
    assert path[-3:] == ["survey", "farewell", "end"]
    assert world.one(e.CallEnded, FIRST).by is EndedBy.FLOW
    assert world.one(e.AgentReleased, FIRST).talk_ms > 10_000


def agent_hangs_up_without_survey(world: World) -> None:
    talk(world, digits="2")
    world.agent_hangs_up(FIRST)
    world.run(1)


def agent_ended_it(world: World) -> None:
    assert world.one(e.CallEnded, FIRST).by is EndedBy.AGENT
    assert not world.events(e.WrapUpEnded)


def agent_asks_for_hang_up(world: World) -> None:
    """Twice, as people do when nothing seems to happen."""
    talk(world)
    for _ in range(2):
        world.ask(c.HangUp("1001", FIRST))
        world.run(1)


def agent_asked_for_it(world: World) -> None:
    ended = world.one(e.CallEnded, FIRST)
    assert (ended.by, ended.reason) == (EndedBy.AGENT, "agent_hung_up")
    assert world.one(e.WrapUpEnded, FIRST).wrap_up_ms == 10_000


def held_and_retrieved(world: World) -> None:
    talk(world)
    world.ask(c.Hold("1001", FIRST))
    world.run(7)
    world.ask(c.Retrieve("1001", FIRST))
    world.run(3)
    world.ask(c.Hold("1001", FIRST))
    world.run(2)
    world.hang_up(FIRST)


def was_held(world: World) -> None:
    assert world.one(e.AgentReleased, FIRST).hold_ms == 7_000 + 2_000
    assert len(world.events(e.CallHeld, FIRST)) == 2


def phone_holds(world: World) -> None:
    talk(world)
    for leg in world.agent_legs():
        world.switch.hold(leg, held=True)
    world.run(4)
    for leg in world.agent_legs():
        world.switch.hold(leg, held=False)
    world.run(1)
    world.hang_up(FIRST)


def phone_held(world: World) -> None:
    assert world.one(e.AgentReleased, FIRST).hold_ms == 4_000


# --- waiting -----------------------------------------------------------------------------------------------


def abandons(world: World, seconds: float) -> None:
    world.call(digits="1")
    world.run(seconds)
    world.hang_up(FIRST)


def nobody_answers(world: World) -> None:
    world.ready("1001", "1002")
    world.call(digits="1")
    world.run(40)
    world.hang_up(FIRST)


def next_agent_answered(world: World) -> None:
    offers = [(event.agent_id, event.end) for event in world.events(e.OfferEnded, FIRST)]
    assert offers == [("1001", "expired"), ("1002", "accepted")]
    assert world.one(e.AgentConnected, FIRST).agent_id == "1002"


def declined_by_command(world: World) -> None:
    world.ready("1001")
    world.call(digits="1")
    world.run(1)
    world.ask(c.Decline("1001", f"{FIRST}.o1"))
    world.ready("1002")
    world.run(5)
    world.hang_up(FIRST)


def other_agent_answered(world: World) -> None:
    assert [event.end for event in world.events(e.OfferEnded, FIRST)] == ["declined", "accepted"]
    assert world.one(e.AgentConnected, FIRST).agent_id == "1002"


def phone_declines(world: World) -> None:
    world.ready("1001", "1002")
    world.call(digits="1")
    world.run(5)
    world.hang_up(FIRST)


def all_busy(world: World) -> None:
    world.ready("1001")
    for _ in range(3):
        world.call(digits="1")
    for call in (FIRST, SECOND, THIRD):
        world.run(20)
        world.hang_up(call)


def in_order(world: World) -> None:
    answered = [event.call_id for event in world.events(e.AgentConnected)]
    assert answered == [FIRST, SECOND, THIRD]
    waits = [event.wait_ms for event in world.events(e.QueueLeft)]
    assert waits == sorted(waits)


def late_accept(world: World) -> None:
    """The phone is picked up in the very moment in which its time is over, and again after it."""
    world.ready("1001")
    world.call(digits="1")
    world.run(19.9)
    legs = world.agent_legs()
    world.run(0.2)
    for leg in legs:
        world.switch.answer(leg)
        world.deliver_answered(leg)
    world.run(3)
    world.hang_up(FIRST)


def was_too_late(world: World) -> None:
    assert [event.end for event in world.events(e.OfferEnded, FIRST)] == ["expired"]
    assert world.outcomes(FIRST) == [Q.ABANDONED]


# --- elsewhere ---------------------------------------------------------------------------------------------


def overflows(world: World) -> None:
    world.call(digits="1")
    world.run(30)


def back_in_the_flow(world: World) -> None:
    assert world.outcomes(FIRST) == [Q.OVERFLOW_TIMEOUT]
    assert world.events(e.NodeEntered, FIRST)[-1].node == "end"
    assert world.one(e.TicketAsked, FIRST).category == "callback"
    assert world.one(e.CallEnded, FIRST).by is EndedBy.FLOW


def overflows_to_sales(world: World) -> None:
    world.call(digits="1")
    world.run(12)
    world.ready("1001")
    world.run(5)
    world.hang_up(FIRST)


def answered_in_sales(world: World) -> None:
    assert world.outcomes(FIRST) == [Q.OVERFLOW_TIMEOUT, Q.ANSWERED]
    assert [event.queue for event in world.events(e.CallQueued, FIRST)] == ["support", "sales"]
    assert world.events(e.QueueLeft, FIRST)[1].wait_ms > 10_000
    assert world.board.requests.asked == 1


def queue_is_full(world: World) -> None:
    world.call(digits="1")
    world.call(digits="1")
    world.run(20)
    world.hang_up(FIRST)
    world.hang_up(SECOND)


def second_was_sent_back(world: World) -> None:
    assert world.outcomes(SECOND) == [Q.OVERFLOW_FULL]
    assert world.outcomes(FIRST) == [Q.ABANDONED]


def complaint_overflows(world: World) -> None:
    """The complaint's ticket is there already when the flow asks for another at the end."""
    world.call(digits="3")
    world.run(30)


def registered_once(world: World) -> None:
    assert world.one(e.TicketAsked, FIRST).category == "complaint"
    assert "registered" in [event.node for event in world.events(e.NodeEntered, FIRST)]


def closed(world: World) -> None:
    world.call(did=CLOSED_NUMBER)
    world.run(10)


def was_closed(world: World) -> None:
    assert [event.node for event in world.events(e.NodeEntered, FIRST)] == ["hours", "night", "night_end"]
    assert world.one(e.CallEnded, FIRST).reason == "closed"


def missing_prompt(world: World) -> None:
    world.ready("1001")
    world.call(digits="4")
    world.run(5)
    world.hang_up(FIRST)


def went_on(world: World) -> None:
    assert world.outcomes(FIRST) == [Q.ANSWERED]


def no_keys(world: World) -> None:
    world.ready("1001")
    world.call()
    world.run(25)
    world.hang_up(FIRST)


# --- transfers ---------------------------------------------------------------------------------------------


def transferred(world: World, kind: TransferKind, target: str) -> None:
    talk(world)
    world.ready("1002", "1003")
    world.ask(c.Transfer("1001", FIRST, kind, target))
    world.run(15)
    world.hang_up(FIRST)


def same_recording(world: World) -> None:
    assert len(world.events(e.RecordingBegan, FIRST)) == 1
    assert len(world.events(e.TicketAsked, FIRST)) == 1
    assert world.one(e.RecordingStored, FIRST).duration_ms > 25_000


def to_an_agent(world: World) -> None:
    assert [event.agent_id for event in world.events(e.AgentConnected, FIRST)] == ["1001", "1003"]
    assert world.board.requests.asked == world.board.requests.answered == 1
    same_recording(world)


def to_a_queue(world: World) -> None:
    assert world.outcomes(FIRST) == [Q.ANSWERED, Q.ANSWERED]
    assert [event.agent_id for event in world.events(e.AgentConnected, FIRST)] == ["1001", "1002"]
    same_recording(world)


def to_a_number(world: World) -> None:
    assert len(world.events(e.AgentConnected, FIRST)) == 1
    assert world.one(e.CallEnded, FIRST).by is EndedBy.CALLER
    same_recording(world)


def phone_transfers(world: World) -> None:
    talk(world)
    world.ready("1002")
    for leg in world.agent_legs():
        world.switch.ask_transfer(leg, "2002")
    world.run(5)
    world.hang_up(FIRST)


def phone_transferred(world: World) -> None:
    assert world.one(e.CallTransferred, FIRST).kind is TransferKind.AGENT
    assert [event.agent_id for event in world.events(e.AgentConnected, FIRST)] == ["1001", "1002"]


def number_does_not_answer(world: World) -> None:
    talk(world)
    world.ask(c.Transfer("1001", FIRST, TransferKind.NUMBER, "66"))
    world.run(5)


def transfer_ended(world: World) -> None:
    ended = world.one(e.CallEnded, FIRST)
    assert (ended.by, ended.reason) == (EndedBy.SYSTEM, "transfer_ended")


# --- trouble -----------------------------------------------------------------------------------------------


def switch_restarts(world: World) -> None:
    """One talks, one waits, one listens to the menu; a new caller comes afterwards."""
    talk(world)
    world.call(digits="1")
    world.call()
    world.restart_switch(down_ms=3000)
    world.run(5)
    world.call(digits="1")
    world.run(20)
    world.hang_up("ccaller-4")


def all_calls_were_marked(world: World) -> None:
    assert [event.by for event in world.events(e.CallEnded)][:3] == [EndedBy.SYSTEM] * 3
    assert world.outcomes(SECOND) == [Q.SYSTEM_ERROR]
    assert world.outcomes("ccaller-4") == [Q.ANSWERED]


def switch_link_breaks(world: World) -> None:
    """The link is down while one who waits, one who talks and an agent's phone go."""
    world.ready("1001", "1002")
    for _ in range(3):
        world.call(digits="1")
    world.run(5)
    world.link_down()
    world.hang_up(THIRD)
    for leg in world.agent_legs()[:1]:
        world.switch.hang_up(leg)
    world.run(40)
    world.link_up()
    world.run(30)
    for call in (FIRST, SECOND):
        world.hang_up(call)


def link_was_restored(world: World) -> None:
    assert world.outcomes(THIRD) in ([Q.ABANDONED], [Q.SHORT_ABANDONED])
    assert not [event for event in world.events(e.OfferEnded) if event.end == "unreachable"]


def tickets_are_away(world: World) -> None:
    """Two calls of one caller about the same: one in the flow, one with an agent."""
    world.ready("1001")
    world.tickets.away_until = world.now + 60_000
    world.call(digits="3")
    world.call(digits="3")
    world.run(30)
    world.hang_up(FIRST)
    world.run(10)
    world.hang_up(SECOND)


def one_ticket_joined(world: World) -> None:
    (ticket,) = world.tickets.store.tickets.values()
    assert set(ticket.calls) == {FIRST, SECOND}


def recording_cannot_start(world: World) -> None:
    world.fail_recording_starts(3)
    talk(world)
    world.hang_up(FIRST)


def no_recording(world: World) -> None:
    assert "could not be started" in world.one(e.RecordingFailed, FIRST).reason


def recording_starts_late(world: World) -> None:
    world.fail_recording_starts(2)
    talk(world)
    world.run(30)
    world.hang_up(FIRST)


def has_a_recording(world: World) -> None:
    assert world.one(e.RecordingStored, FIRST).duration_ms > 5_000


def finishing_fails_twice(world: World) -> None:
    world.fail_finishing(2)
    talk(world)
    world.hang_up(FIRST)


def finishing_always_fails(world: World) -> None:
    world.fail_finishing(100)
    talk(world)
    world.hang_up(FIRST)


def never_finished(world: World) -> None:
    assert "could not be finished: disk full" in world.one(e.RecordingFailed, FIRST).reason


def gone_before_the_dial_is_answered(world: World) -> None:
    world.ready("1001")
    world.call(digits="1")
    world.run(0.15)
    world.hang_up(FIRST)


def everybody_at_once(world: World) -> None:
    """The agent picks up and the caller hangs up in the same millisecond, in both orders."""
    world.ready("1001", "1002")
    for agent_first in (True, False):
        call_id = world.call(digits="1")
        world.run(2)
        (leg,) = world.agent_legs() or [""]
        acts: list[Callable[[], None]] = [
            partial(world.switch.answer, leg),
            partial(world.switch.hang_up, call_id.removeprefix("c")),
        ]
        for act in acts if agent_first else reversed(acts):
            act()
        world.run(3)


def phone_is_lost_and_found(world: World) -> None:
    world.ready("1001")
    world.switch.set_reachable("2001", False)
    world.run(1)
    world.call(digits="1")
    world.run(10)
    world.switch.set_reachable("2001", True)
    world.run(10)
    world.hang_up(FIRST)


def pause_and_log_out(world: World) -> None:
    """Presence changes in the middle of calls: they take effect after them."""
    world.ready("1001", "1002")
    world.call(digits="1")
    world.call(digits="1")
    world.run(5)
    world.ask(c.Pause("1001", "break"))
    world.ask(c.LogOut("1002"))
    world.hang_up(FIRST)
    world.hang_up(SECOND)
    world.run(2)
    world.ask(c.EndWrapUp("1001"))
    world.run(30)


def both_left(world: World) -> None:
    assert world.presence("1001") == "not_ready"
    assert world.presence("1002") == "logged_out"
    assert world.centre.queueing.phones == {"1001": "2001"}


def nothing(world: World) -> None:
    """Only the common proofs."""


def outcome(*expected: Q) -> Callable[[World], None]:
    """The first call left its queues so."""

    def came_of_it(world: World) -> None:
        assert world.outcomes(FIRST) == [*expected]

    return came_of_it


SCENARIOS: Mapping[str, Scenario] = {
    "caller hangs up": Scenario(caller_hangs_up, caller_hung_up),
    "agent hangs up, survey follows": Scenario(agent_hangs_up, agent_hung_up),
    "agent hangs up, nothing follows": Scenario(agent_hangs_up_without_survey, agent_ended_it),
    "agent asks for the end": Scenario(agent_asks_for_hang_up, agent_asked_for_it),
    "held and retrieved": Scenario(held_and_retrieved, was_held),
    "the phone holds": Scenario(phone_holds, phone_held),
    "short abandon": Scenario(lambda w: abandons(w, 4), outcome(Q.SHORT_ABANDONED)),
    "abandon": Scenario(lambda w: abandons(w, 40), outcome(Q.ABANDONED)),
    "no answer, next agent": Scenario(nobody_answers, next_agent_answered, phones={"2001": IGNORES}),
    "declined by command": Scenario(declined_by_command, other_agent_answered, phones={"2001": IGNORES}),
    "declined by phone": Scenario(
        phone_declines, other_agent_answered, phones={"2001": Behaviour(Reaction.DECLINE, 500)}
    ),
    "all busy, in order": Scenario(all_busy, in_order),
    "late accept": Scenario(late_accept, was_too_late, phones={"2001": IGNORES}),
    "overflow to the flow": Scenario(overflows, back_in_the_flow, {"max_wait_sec": 10}),
    "overflow to a queue": Scenario(
        overflows_to_sales,
        answered_in_sales,
        {
            "max_wait_sec": 10,
            "overflow": {OverflowReason.TIMEOUT: OverflowTarget(OverflowKind.QUEUE, "sales")},
        },
    ),
    "the queue is full": Scenario(
        queue_is_full,
        second_was_sent_back,
        {"max_waiting": 1, "max_wait_sec": None, "overflow": {OverflowReason.FULL: flow_branch("full")}},
    ),
    "a complaint overflows": Scenario(complaint_overflows, registered_once, {"max_wait_sec": 10}),
    "closed": Scenario(closed, was_closed),
    "missing prompt": Scenario(missing_prompt, went_on),
    "a caller without keys": Scenario(no_keys, went_on),
    "transfer to an agent": Scenario(lambda w: transferred(w, TransferKind.AGENT, "1003"), to_an_agent),
    "transfer to a queue": Scenario(lambda w: transferred(w, TransferKind.QUEUE, "support"), to_a_queue),
    "transfer to a number": Scenario(
        lambda w: transferred(w, TransferKind.NUMBER, "66"), to_a_number, numbers={"66": Behaviour()}
    ),
    "the phone transfers": Scenario(phone_transfers, phone_transferred),
    "the number is busy": Scenario(
        number_does_not_answer, transfer_ended, numbers={"66": Behaviour(Reaction.BUSY)}
    ),
    "the switch restarts": Scenario(switch_restarts, all_calls_were_marked),
    "the link to the switch breaks": Scenario(switch_link_breaks, link_was_restored),
    "the ticket store is away": Scenario(tickets_are_away, one_ticket_joined),
    "recording cannot start": Scenario(recording_cannot_start, no_recording),
    "recording starts at the third try": Scenario(recording_starts_late, has_a_recording),
    "finishing fails twice": Scenario(finishing_fails_twice, has_a_recording),
    "finishing always fails": Scenario(finishing_always_fails, never_finished),
    "gone before the dial is answered": Scenario(
        gone_before_the_dial_is_answered, outcome(Q.SHORT_ABANDONED)
    ),
    "everybody at once": Scenario(everybody_at_once, nothing, phones={"2001": SLOW, "2002": SLOW}),
    "the phone is lost and found": Scenario(phone_is_lost_and_found, outcome(Q.ANSWERED)),
    "pause and log-out": Scenario(pause_and_log_out, both_left),
}
