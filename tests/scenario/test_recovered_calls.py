"""All that was stored is lost with the controller: calls go on by what their legs tell."""

from __future__ import annotations

from dataclasses import replace

import pytest
from dialled_out import dials, made
from paper_centre import POLICY, acd_config, centre_config
from people import FIRST, SECOND, talk
from world import World

from callcenter.adapters.memory_switch import Behaviour
from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.call import CallPhase
from callcenter.domain.events import QueueOutcome as Q
from callcenter.domain.events import TransferKind
from callcenter.domain.kpi_ledger import Grain, KpiLedger, Scope
from callcenter.domain.leg_variables import FLOW, told_by

OUTSIDE = {"66": Behaviour(after_ms=500), "77": Behaviour(after_ms=500)}


def forget(world: World) -> None:
    """The controller dies, and a new one knows nothing."""
    world.kill()
    world.forget()
    world.run(2)


def legs(world: World) -> set[str]:
    """All that are up."""
    return {leg.leg_id for leg in world.switch.truth().legs}


def test_who_waits_keeps_the_place() -> None:
    """Before who came later, with the wait so far; the rest of the flow is where it was."""
    world = World()
    world.call(digits="1", caller="021111")
    world.run(20)
    world.call(digits="1", caller="021222")
    world.run(20)
    queued_at = world.one(e.CallQueued, FIRST).queued_at
    forget(world)
    assert world.one(e.CallRecovered, FIRST).agent_id == ""
    assert world.one(e.CallQueued, FIRST).queued_at == queued_at
    assert world.centre.queueing.router.position(FIRST) == 1
    assert world.centre.queueing.router.position(SECOND) == 2
    world.ready("1001")
    world.run(3)
    assert world.one(e.QueueLeft, FIRST).wait_ms > 42_000
    assert world.outcomes(SECOND) == []
    world.agent_hangs_up(FIRST)
    world.run(1)
    assert world.live(FIRST).path[-1] == "survey"
    for call_id in (FIRST, SECOND):
        world.hang_up(call_id)
    world.finish()


def test_who_waits_overflows_from_there() -> None:
    """The queue's longest wait counts from its begin, and the flow takes its branch for it."""
    world = World()
    world.call(digits="1")
    world.run(100)
    forget(world)
    world.run(20)
    assert world.outcomes(FIRST) == [Q.OVERFLOW_TIMEOUT]
    assert "busy" in world.live(FIRST).path
    world.finish()


def test_what_was_asked_for_is_not_forgotten() -> None:
    """Priority and skills, as a supervisor changed them last."""
    world = World()
    world.call(digits="1")
    world.run(5)
    world.ask(c.ChangeWaiting(FIRST, 7, {"sales": 3}))
    world.run(1)
    forget(world)
    call = world.live(FIRST)
    assert (call.priority, call.skills) == (7, {"sales": 3})
    world.ready("1002")  # who cannot sell
    world.run(3)
    assert world.outcomes(FIRST) == []
    world.ready("1001")
    world.run(3)
    assert world.outcomes(FIRST) == [Q.ANSWERED]
    world.hang_up(FIRST)
    world.finish()


def test_a_ringing_phone_is_let_go_and_the_place_is_kept() -> None:
    """Nobody knows the Offer any more; what its leg told of the place goes back to the caller's."""
    world = World(phones={"2001": Behaviour(after_ms=60_000)})
    world.ready("1001")
    world.call(digits="1")
    world.run(2)
    (ringing,) = world.agent_legs()
    forget(world)
    assert ringing not in legs(world)
    (caller,) = world.switch.truth().legs
    assert told_by(caller.variables).queue == "support"
    assert world.live(FIRST).phase is CallPhase.QUEUED
    world.ready("1002")
    world.run(2)
    assert world.one(e.AgentConnected, FIRST).leg_id != ringing
    world.hang_up(FIRST)
    world.finish()


def test_an_agent_who_picked_up_unheard_has_the_caller() -> None:
    """Nobody was there to bring them together; whoever comes knows from the leg whom it was rung for."""
    world = World(phones={"2001": Behaviour(after_ms=3000)})
    world.ready("1001")
    world.call(digits="1")
    world.run(2.7)
    (ringing,) = world.agent_legs()
    forget(world)
    assert world.talk(FIRST) == ringing
    assert world.switch.hears(ringing) == {FIRST.removeprefix("c")}
    world.hang_up(FIRST)
    world.finish()


def test_who_talks_goes_on_talking() -> None:
    """No leg moves, the agent is logged in and busy, the recording goes on, and the call has its ticket."""
    world = World()
    talk(world)
    before, bridges = legs(world), world.switch.truth().bridges
    forget(world)
    assert legs(world) == before
    assert world.switch.truth().bridges == bridges
    assert world.presence("1001") == "on_call"
    assert world.one(e.CallRecovered, FIRST).agent_id == "1001"
    assert world.one(e.QueueLeft, FIRST).wait_ms < 1000  # the talk so far is no wait
    world.run(10)
    world.agent_hangs_up(FIRST)
    world.run(1)
    assert world.live(FIRST).path[-1] == "survey"
    world.hang_up(FIRST)
    world.run(1)
    assert world.one(e.RecordingStored, FIRST).duration_ms > 25_000
    assert world.presence("1001") == "wrap_up"
    world.finish()


def test_who_is_held_stays_so_until_the_agent_takes_them_back() -> None:
    """Music goes on; the agent, logged in again, retrieves the caller."""
    world = World()
    talk(world)
    world.ask(c.Hold("1001", FIRST))
    world.run(2)
    forget(world)
    assert world.live(FIRST).phase is CallPhase.HELD
    assert world.switch.hears(FIRST.removeprefix("c")) == {"music"}
    assert world.ask(c.Retrieve("1001", FIRST)) == c.Accepted()
    world.run(1)
    assert world.switch.hears(FIRST.removeprefix("c")) == {world.talk(FIRST)}
    world.hang_up(FIRST)
    world.finish()


def test_who_was_transferred_waits_for_that_queue() -> None:
    """The second wait's place, not the first's; and what was recorded before is behind in the same files."""
    world = World()
    talk(world)
    world.ask(c.Transfer("1001", FIRST, TransferKind.QUEUE, "sales"))
    world.ask(c.Pause("1001", "break"))
    world.run(5)
    forget(world)
    assert world.live(FIRST).queue == "sales"
    world.ready("1001")
    world.run(5)
    world.hang_up(FIRST)
    world.run(1)
    assert world.one(e.RecordingStored, FIRST).duration_ms > 14_000 + 4_000
    world.finish()


def test_after_the_wait_the_leg_tells_of_no_place() -> None:
    """Who went on in the flow is met as a new caller, not put into a queue of old."""
    world = World(centre_config(acd_config(max_wait_sec=10)))
    world.call(digits="1")
    world.run(3)
    (caller,) = world.switch.truth().legs
    assert told_by(caller.variables).queue == "support"
    world.run(8)
    assert world.outcomes(FIRST) == [Q.OVERFLOW_TIMEOUT]
    (caller,) = world.switch.truth().legs
    assert told_by(caller.variables).queue == ""
    assert not caller.variables[FLOW]
    forget(world)
    assert world.events(e.CallRecovered, FIRST) == []
    assert world.live(FIRST).path[:2] == ["hours", "menu"]
    world.hang_up(FIRST)
    world.finish()


def test_a_call_that_an_agent_made_goes_on() -> None:
    """It is known whom the agent called, from which number, for which queue."""
    world = World(numbers=OUTSIDE)
    dials(world)
    world.run(10)
    call_id, before = made(world), legs(world)
    forget(world)
    assert legs(world) == before
    again = world.one(e.CallDialledOut, call_id)
    assert (again.caller, again.did, again.trunk, again.queue) == ("66", "12345", "city", "support")
    assert world.presence("1001") == "on_call"
    world.agent_hangs_up(call_id)
    world.run(1)
    assert legs(world) == set()
    world.finish()


@pytest.mark.parametrize(("digit", "recorded_ms"), [("8", 0), ("9", 9_000)])
def test_who_talks_with_an_outside_party_goes_on(digit: str, recorded_ms: int) -> None:
    """And when that party has gone, so does the flow from there; what was recorded goes on being so."""
    world = World(numbers=OUTSIDE)
    world.call(digits=digit)
    world.run(10)
    before = legs(world)
    assert len(before) == 2
    forget(world)
    assert legs(world) == before
    assert world.one(e.OutsideAnswered, FIRST)
    (outside,) = before - {FIRST.removeprefix("c")}
    world.switch.hang_up(outside)
    world.run(1)
    if digit == "8":
        assert world.live(FIRST).path[-1] == "survey"
        world.hang_up(FIRST)
    else:
        assert world.one(e.CallEnded, FIRST).reason == "transfer_ended"
    world.run(1)
    stored = world.events(e.RecordingStored, FIRST)
    assert [one.duration_ms > recorded_ms for one in stored] == [True] * (recorded_ms > 0)
    world.finish()


def test_what_the_stores_had_not_heard_of_is_told_by_the_legs() -> None:
    """The journal is behind: it knows the caller as waiting, while an agent talks with them."""
    world = World()
    world.call(digits="1")
    world.run(5)
    behind = len(world.journal.lines)
    world.ready("1001")
    world.run(15)
    assert world.live(FIRST).phase is CallPhase.TALKING
    before = legs(world)
    world.kill()
    del world.journal.lines[behind:]
    world.power_cut = True
    world.board = type(world.board)(world.board.policy)
    for _, event in world.journal.recall().events:
        world.board.apply(event)
    world.run(2)
    assert legs(world) == before
    assert world.live(FIRST).phase is CallPhase.TALKING
    assert world.presence("1001") == "on_call"
    assert 4_900 < world.one(e.QueueLeft, FIRST).wait_ms < 6_000
    world.hang_up(FIRST)
    world.finish()


def test_a_queue_that_is_no_more_is_no_place() -> None:
    """The settings were changed meanwhile: the caller begins anew, and nobody is left alone."""
    world = World()
    talk(world)
    world.kill()
    world.forget()
    acd = acd_config()
    queues = {name: queue for name, queue in acd.queues.items() if name != "support"}
    world.config = replace(world.config, acd=replace(acd, queues=queues, version="v2"), version="v2")
    world.run(2)
    assert world.agent_legs() == []
    assert world.live(FIRST).path[:2] == ["hours", "menu"]
    world.hang_up(FIRST)
    world.finish()


def test_a_store_that_was_ahead_counts_every_call_once() -> None:
    """Only the journal at hand is lost, and the store's copy goes on with what is told once more."""
    world = World()
    talk(world)
    world.call(digits="1")
    world.run(5)
    stored = world.events(object)  # type: ignore[type-var]
    forget(world)
    for call_id in (FIRST, SECOND):
        world.hang_up(call_id)
    world.finish()
    ledger = KpiLedger(POLICY)
    for event in (*stored, *world.events(object)):  # type: ignore[type-var]
        ledger.apply(event)
    cells = {cell: counts for cell, counts in ledger.take().items() if cell.scope is Scope.CENTRE}
    day = next(counts for cell, counts in cells.items() if cell.grain is Grain.DAY)
    assert ledger.open == {}
    assert day.requests.calls_in == 2
    assert day.tally.offered == 2
    assert day.tally.outcomes == {Q.ANSWERED: 1, Q.ABANDONED: 1}
