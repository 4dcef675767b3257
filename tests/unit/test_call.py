"""A Call is the fold of its events, and its phase moves only along one table."""

from __future__ import annotations

from typing import get_args

import pytest

from callcenter.domain import events as e
from callcenter.domain.call import TRANSITIONS, Call, CallPhase, ImpossibleEvent

ARRIVED = e.CallArrived(0, "c1", "leg", "city", "12345", "02112345678", "", "", True, "zh", "line")


def call_in(phase: CallPhase) -> Call:
    """A call in this phase, by the shortest way."""
    way: dict[CallPhase, list[e.DomainEvent]] = {
        CallPhase.PROMISED: [],
        CallPhase.DIALLING: [QUEUED, LEFT, DIALLED],
        CallPhase.IN_FLOW: [],
        CallPhase.QUEUED: [QUEUED],
        CallPhase.RELEASED: [QUEUED, LEFT],
        CallPhase.TALKING: [QUEUED, LEFT, CONNECTED],
        CallPhase.HELD: [QUEUED, LEFT, CONNECTED, HELD],
        CallPhase.ENDED: [ENDED],
        CallPhase.SETTLED: [ENDED, SETTLED],
    }
    called_back = phase in (CallPhase.PROMISED, CallPhase.DIALLING)
    call = Call.begun(PROMISED if called_back else ARRIVED)
    for event in way[phase]:
        call.apply(event)
    assert call.phase is phase
    return call


PROMISED = e.CallBackPromised(
    900, "c1", "c0", "02112345678", "", "city", "12345", "zh", "line", "general", 100, 2, 9_000
)
QUEUED = e.CallQueued(1000, "c1", "general", 900, 2, {"english": 5})
LEFT = e.QueueLeft(5000, "c1", "general", e.QueueOutcome.ANSWERED, 4100)
DIALLED = e.CallBackDialled(5000, "c1", "k-1", "1001", "a-1", "general")
MISSED = e.CallBackMissed(7000, "c1", "1001", e.MissedCause.BUSY, 37_000)
CONNECTED = e.AgentConnected(5000, "c1", "1001", "a-1", "general")
HELD = e.CallHeld(6000, "c1", "1001")
ENDED = e.CallEnded(9000, "c1", e.EndedBy.CALLER, "normal")
SETTLED = e.CallSettled(9500, "c1")
MOVING: list[e.DomainEvent] = [
    QUEUED,
    LEFT,
    CONNECTED,
    HELD,
    DIALLED,
    MISSED,
    e.CallRetrieved(8000, "c1", "1001"),
    e.AgentReleased(9000, "c1", "1001", "general", 2000, 2000),
    ENDED,
    SETTLED,
    e.NodeEntered(1, "c1", "line", "v1", "menu"),
]


@pytest.mark.parametrize("phase", CallPhase)
@pytest.mark.parametrize("event", MOVING, ids=lambda event: type(event).__name__)
def test_the_table_decides(phase: CallPhase, event: e.DomainEvent) -> None:
    """An event moves the call as its row says; without a row it is refused and nothing has changed."""
    call = call_in(phase)
    before = call_in(phase)
    target = TRANSITIONS.get((phase, type(event)))
    if target is not None:
        call.apply(event)
        assert call.phase is target
    elif isinstance(event, e.NodeEntered) and phase is CallPhase.IN_FLOW:
        call.apply(event)
        assert call.phase is phase
    else:
        with pytest.raises(ImpossibleEvent, match=f"c1: {type(event).__name__} cannot happen while {phase}"):
            call.apply(event)
        assert call == before


def test_every_phase_can_be_left_and_reached() -> None:
    """The table has no dead end but SETTLED and no phase that nothing leads to but the first."""
    assert {source for source, _ in TRANSITIONS} == set(CallPhase) - {CallPhase.SETTLED}
    assert set(TRANSITIONS.values()) == set(CallPhase)
    assert {kind for _, kind in TRANSITIONS} <= set(get_args(e.DomainEvent))


def test_the_whole_life() -> None:
    """Waits, hold spans, agents and after-work are folded in."""
    call = call_in(CallPhase.QUEUED)
    assert (call.queue, call.queued_at, call.priority, call.skills) == ("general", 900, 2, {"english": 5})
    call.apply(e.OfferMade(1000, "c1", "c1.o1", "general", "1001", "a-1", {}))
    assert list(call.offers) == ["c1.o1"]
    call.apply(e.OfferEnded(5000, "c1", "c1.o1", "general", "1001", "accepted"))
    for event in (LEFT, CONNECTED, HELD, e.CallRetrieved(8000, "c1", "1001")):
        call.apply(event)
    assert call.conversation is not None
    assert (call.conversation.hold_ms, call.conversation.held_at) == (2000, None)
    call.apply(e.AgentReleased(9000, "c1", "1001", "general", 2000, 2000))
    assert (call.offers, call.offers_made, call.talk_ms, call.conversation) == ({}, 1, 2000, None)
    call.apply(ENDED)
    assert not call.live
    assert call.ended_at == 9000
    assert len(call.history) == 10


def test_a_call_back() -> None:
    """It keeps its place, has nobody on the line until it is dialled, and counts the tries that failed."""
    call = call_in(CallPhase.PROMISED)
    assert (call.leg_id, call.place, call.priority, call.live) == ("", 100, 2, True)
    assert call.back is not None
    for event in (QUEUED, LEFT, DIALLED):
        call.apply(event)
    assert (call.leg_id, call.agent_in_hand, call.back.dials) == ("k-1", "1001", 1)
    call.apply(MISSED)
    assert (call.leg_id, call.agent_in_hand, call.back.missed, call.back.retry_at) == ("", None, 1, 37_000)
    left = e.CallBackMissed(7000, "c1", "1001", e.MissedCause.AGENT_LEFT, 17_000)
    for event in (QUEUED, LEFT, DIALLED, left):
        call.apply(event)
    assert (call.back.dials, call.back.missed) == (2, 1)


def test_after_work() -> None:
    """A call is done when its ticket is there, and its recording is either failed or heard on both sides."""
    call = call_in(CallPhase.ENDED)
    assert call.after_work_done
    call.apply(e.TicketAsked(1, "c1", "x", "", ""))
    assert not call.after_work_done
    call.apply(e.TicketLinked(1, "c1", "T1", True))
    assert call.after_work_done
    call.apply(e.RecordingBegan(1, "c1", "r1", "stem", True))
    assert not call.after_work_done
    call.apply(e.RecordingStored(1, "c1", "r1", "p", "s", 1, 8000, (-1.0, -1.0)))
    call.apply(e.TranscriptMissing(1, "c1", "r1", "caller", "no model"))
    assert not call.after_work_done
    call.apply(e.TranscriptStored(1, "c1", "r1", "agent", "zh", "vosk", "m", "", []))
    assert call.after_work_done
