"""The life of a call over time, and where its recording lies in it."""

from __future__ import annotations

from callcenter.domain import events as e
from callcenter.domain.call_life import Lane, MarkKind, Span, life_of

T = 1_700_000_000_000
C = "c1"


def at(ms: int) -> int:
    return T + ms


LIFE: list[e.DomainEvent] = [
    e.CallArrived(at(0), C, "l", "city", "12345", "138", "138", "", False, "zh", "hotline"),
    e.NodeEntered(at(100), C, "hotline", "1", "menu"),
    e.KeyPressed(at(900), C, "3"),
    e.NodeEntered(at(1_000), C, "hotline", "1", "wait"),
    e.CallQueued(at(1_010), C, "general", at(1_010), 0),
    e.OfferMade(at(2_000), C, "o1", "general", "1001", "x", {}),
    e.OfferMade(at(2_000), C, "o2", "general", "1002", "y", {}),
    e.OfferEnded(at(4_000), C, "o1", "general", "1001", "revoked"),
    e.OfferEnded(at(4_000), C, "o2", "general", "1002", "accepted"),
    e.QueueLeft(at(4_000), C, "general", e.QueueOutcome.ANSWERED, 2_990),
    e.AgentConnected(at(4_100), C, "1002", "y", "general"),
    e.RecordingBegan(at(4_100), C, "r", "r", False),
    e.CallHeld(at(6_000), C, "1002"),
    e.CallTransferred(at(8_000), C, "1002", e.TransferKind.QUEUE, "vip"),
    e.AgentReleased(at(8_000), C, "1002", "general", 1_900, 2_000),
    e.CallQueued(at(8_000), C, "vip", at(8_000), 0),
    e.QueueLeft(at(9_000), C, "vip", e.QueueOutcome.ANSWERED, 1_000),
    e.AgentConnected(at(9_000), C, "1003", "z", "vip"),
    e.WrapUpEnded(at(9_500), C, "1002", "general", 1_500),
]
END = e.CallEnded(at(20_000), C, e.EndedBy.CALLER, "normal")


def of(lane: Lane, events: list[e.DomainEvent]) -> list[Span]:
    return [span for span in life_of(events).spans if span.lane is lane]


def test_every_lane_has_its_spans() -> None:
    """Nodes until the queue, Offers side by side, talks with their holds, and the work after them."""
    events = [*LIFE, END]
    assert of(Lane.FLOW, events) == [
        Span(Lane.FLOW, "menu", at(100), at(1_000)),
        Span(Lane.FLOW, "wait", at(1_000), at(1_010)),
    ]
    assert of(Lane.QUEUE, events) == [
        Span(Lane.QUEUE, "general", at(1_010), at(4_000), "answered"),
        Span(Lane.QUEUE, "vip", at(8_000), at(9_000), "answered"),
    ]
    assert [(span.name, span.end) for span in of(Lane.OFFER, events)] == [
        ("1001", "revoked"),
        ("1002", "accepted"),
    ]
    assert of(Lane.HOLD, events) == [Span(Lane.HOLD, "1002", at(6_000), at(8_000))]
    assert of(Lane.WRAP_UP, events) == [Span(Lane.WRAP_UP, "1002", at(8_000), at(9_500))]
    began = [span.began_at for span in life_of(events).spans]
    assert began == sorted(began)


def test_the_recording_is_the_talks_one_behind_the_other() -> None:
    """The waiting between them is not in its sound."""
    assert of(Lane.RECORDING, [*LIFE, END]) == [
        Span(Lane.RECORDING, "", at(4_100), at(8_000), offset_ms=0),
        Span(Lane.RECORDING, "", at(9_000), at(20_000), offset_ms=3_900),
    ]


def test_a_recording_that_began_late_lacks_what_was_before() -> None:
    """The first queue's calls were not recorded, those of the second are."""
    events = [event for event in LIFE if not isinstance(event, e.RecordingBegan)]
    assert of(Lane.RECORDING, [*events, END]) == []
    events.append(e.RecordingBegan(at(9_000), C, "r", "r", False))
    assert of(Lane.RECORDING, [*events, END]) == [
        Span(Lane.RECORDING, "", at(9_000), at(20_000), offset_ms=0)
    ]


def test_an_outside_party_is_rung_then_heard() -> None:
    """Only what is spoken with it is in the recording."""
    events: list[e.DomainEvent] = [
        e.OutsideDialled(at(0), C, "x", by_flow=True, record=True),
        e.OutsideAnswered(at(3_000), C, "x"),
        e.RecordingBegan(at(3_000), C, "r", "r", False),
        e.OutsideEnded(at(9_000), C, "x"),
    ]
    assert [(span.name, span.ended_at) for span in of(Lane.OUTSIDE, events)] == [
        ("dialled", at(3_000)),
        ("answered", at(9_000)),
    ]
    (heard,) = of(Lane.RECORDING, events)
    assert (heard.began_at, heard.ended_at) == (at(3_000), at(9_000))


def test_a_live_call_has_open_spans() -> None:
    """Until it ends, which closes all of them."""
    assert [span.lane for span in life_of(LIFE).spans if span.ended_at is None] == [Lane.TALK, Lane.RECORDING]
    over = life_of([*LIFE, END])
    assert all(span.ended_at is not None for span in over.spans)
    assert over.ended_at == at(20_000)


def test_marks_tell_nothing_personal() -> None:
    """That a key was pressed, not which; that a call went to a number, not to which."""
    outside = e.CallTransferred(at(10), C, "1001", e.TransferKind.NUMBER, "02187654321")
    marks = life_of([*LIFE, outside, END]).marks
    assert [mark.kind for mark in marks] == [
        MarkKind.ARRIVED,
        MarkKind.KEY,
        MarkKind.TRANSFERRED,
        MarkKind.TRANSFERRED,
        MarkKind.ENDED,
    ]
    assert [mark.name for mark in marks] == ["12345", "", "vip", "", "caller"]
