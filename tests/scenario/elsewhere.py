"""Overflow, transfers and trouble in the scenarios, and what must have come of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from paper_centre import CLOSED_NUMBER
from people import FIRST, SECOND, THIRD, talk
from world import World

from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.events import EndedBy, TransferKind
from callcenter.domain.events import QueueOutcome as Q

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


def leaves_a_message(world: World) -> None:
    """Words and beep take 3 s in this world; then the caller speaks for 17 s and ends it with a key."""
    world.call(digits="5")
    world.run(20)
    for leg_id in world.caller_legs():
        world.switch.press(leg_id, "#")
    world.run(10)


def message_was_taken(world: World) -> None:
    assert world.one(e.TicketAsked, FIRST).category == "voicemail"
    assert 14_000 < world.one(e.RecordingStored, FIRST).duration_ms < 19_000
    assert len(world.events(e.TranscriptStored, FIRST)) == 2
    assert [event.node for event in world.events(e.NodeEntered, FIRST)][-1] == "end"
    assert not world.events(e.CallQueued)


def leaves_by_a_key(world: World) -> None:
    """Waits, then prefers the voicemail, at a moment when an agent's phone rings; other keys mean nothing."""
    world.call(digits="1")
    world.run(3)
    world.ready("1001")
    world.run(0.5)
    for key in "47":
        for leg_id in world.caller_legs():
            world.switch.press(leg_id, key)
    world.run(20)
    world.hang_up(FIRST)


def left_by_a_key(world: World) -> None:
    assert world.outcomes(FIRST) == [Q.KEY_EXIT]
    assert world.one(e.OfferEnded, FIRST).end == "revoked"
    assert [event.node for event in world.events(e.NodeEntered, FIRST)][-1] == "message"
    assert world.one(e.RecordingStored, FIRST).duration_ms > 10_000
    assert not world.events(e.AgentConnected)


def hangs_up_after_a_message(world: World) -> None:
    world.call(digits="5")
    world.run(20)
    world.hang_up(FIRST)


def hung_up_message_was_taken(world: World) -> None:
    assert world.one(e.TicketAsked, FIRST).category == "voicemail"
    assert world.one(e.RecordingStored, FIRST).duration_ms > 14_000


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
    world.fail_recording_starts(9)
    talk(world)
    world.run(15)
    world.hang_up(FIRST)


def no_recording(world: World) -> None:
    assert "could not be started" in world.one(e.RecordingFailed, FIRST).reason


def recording_starts_late(world: World) -> None:
    world.fail_recording_starts(1)
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
