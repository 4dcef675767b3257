"""Calls that leave a queue unanswered: after too long a wait into another queue, and from a full one to the
flow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from acd.model import OverflowKind
from callcenter.demo.evidence import Evidence
from callcenter.demo.scenarios.facts import accepted, answered_by, facts, seconds
from callcenter.demo.scenarios.scenario import Proof, Scenario
from callcenter.demo.scene import Scene
from callcenter.demo.stories import Moment, Outcome, Plot, Point, Side, Story, caller_number
from callcenter.domain import events as e
from callcenter.domain.call import Call

OTHER, EXPERT = "1001", "1002"
QUEUE, OTHER_QUEUE = "complaints", "general"
MAX_WAIT_MS = 4_000
LATER_MS = 1_500
"""By so much the second waiting caller comes behind the first, who still waits."""


def stories(run: int) -> tuple[Story, ...]:
    """The expert talks; one caller waits, and one comes who finds that too many wait."""
    first, moved = Moment(1, Point.TALKS), Moment(2, Point.TALKS)
    later = Moment(1, Point.TALKS, LATER_MS)
    away = Outcome.TURNED_AWAY
    return (
        Story(1, Plot.COMPLAINT, caller_number(1, run), keys="2", hangs_up=Side.AGENT, until=moved),
        Story(2, Plot.OVERFLOWS, caller_number(2, run), keys="2", after=first),
        Story(3, Plot.TURNED_AWAY, caller_number(3, run), keys="2", after=later, outcome=away),
    )


def prove(_scenes: Sequence[Scene], calls: Sequence[Call], found: Evidence) -> Iterator[Proof]:
    """One call was answered at once, one in the other queue with its whole wait, one by the flow."""
    answered, moved, away = calls
    yield Proof(f"{EXPERT}, the only one for {QUEUE}, got it at once", tuple(answered_by(answered, EXPERT)))
    yield Proof(
        f"after {seconds(MAX_WAIT_MS)} in {QUEUE} it went on in {OTHER_QUEUE}, where {moved.agent_id} "
        f"got it; its wait of {seconds(moved.wait_ms)} counts from the first queue on",
        (*answered_by(moved, OTHER), *_moved(moved)),
    )
    yield Proof(
        f"{QUEUE} was full; its flow registered it as ticket {away.ticket_id} and said goodbye",
        tuple(_turned_away(away, found)),
    )


def _moved(call: Call) -> Iterator[str]:
    left, queued, decision = facts(call, e.QueueLeft), facts(call, e.CallQueued), accepted(call)
    went = [(fact.queue, fact.outcome) for fact in left]
    if went != [
        (QUEUE, e.QueueOutcome.OVERFLOW_TIMEOUT),
        (OTHER_QUEUE, e.QueueOutcome.ANSWERED),
    ]:
        yield f"it left its queues as {', '.join(f'{queue} {outcome.value}' for queue, outcome in went)}"
        return
    if left[0].wait_ms < MAX_WAIT_MS:
        yield f"it left after {seconds(left[0].wait_ms)}, before its time"
    if len({fact.queued_at for fact in queued}) != 1 or left[1].wait_ms < left[0].wait_ms:
        yield "its wait began anew in the second queue"
    if decision is None or decision.queued_at != queued[0].queued_at:
        yield "the Router did not know of its wait in the first queue"


def _turned_away(call: Call, found: Evidence) -> Iterator[str]:
    left, ended = facts(call, e.QueueLeft), found.ended.get(call.call_id)
    to = (left[0].overflow or {}).get("kind") if left else None
    if to != OverflowKind.FLOW.value:
        yield f"it overflowed to {to or 'nothing'}, not to its flow"
    if left and left[0].wait_ms > 0:
        yield f"it waited for {seconds(left[0].wait_ms)} in a full queue"
    if facts(call, e.OfferMade):
        yield "an agent's phone rang for it"
    if ended is None or ended.by is not e.EndedBy.FLOW:
        yield f"its flow did not say goodbye: {ended.by.value if ended else 'nobody'} ended it"


OVERFLOW = Scenario(
    "overflow",
    "calls leave a queue in time, or when it is full",
    2,
    stories,
    prove,
    Path(__file__).with_suffix(".yaml"),
)
