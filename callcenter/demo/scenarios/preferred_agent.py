"""Callers get the agent with whom they talked last, though another was idle for longer, and wait for them.

One number calls three times, the third time while its agent is busy (an office with several people, say).
Then somebody else calls and gets the agent whom the third call did not want.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from acd.agent import Rule
from acd.explain import ChosenBy
from acd.model import Presence
from callcenter.demo.evidence import Evidence
from callcenter.demo.scenarios.facts import (
    accepted,
    answered_by,
    facts,
    kept_from,
    presence_before,
    seconds,
    waits,
)
from callcenter.demo.scenarios.scenario import Proof, Scenario
from callcenter.demo.scene import Scene
from callcenter.demo.stories import Moment, Plot, Point, Story, caller_number
from callcenter.domain import events as e
from callcenter.domain.call import Call

KEYS = "1#"
"""The second key cuts the announcement short."""
AFTER_WRAP_UP_MS = 1_000


def stories(run: int) -> tuple[Story, ...]:
    """A number calls, calls again, and once more while its agent talks; another number calls meanwhile."""
    office, other = caller_number(1, run), caller_number(4, run)
    again = Moment(1, Point.OVER, AFTER_WRAP_UP_MS)
    busy, kept, answered = Moment(2, Point.TALKS), Moment(3, Point.WAITS), Moment(4, Point.TALKS)
    return (
        Story(1, Plot.CONSULTATION, office, keys=KEYS),
        Story(2, Plot.CALLS_AGAIN, office, keys=KEYS, after=again, until=answered, repeat=1),
        Story(3, Plot.KEPT, office, keys=KEYS, after=busy, repeat=2),
        Story(4, Plot.CONSULTATION, other, keys=KEYS, after=kept),
    )


def prove(_scenes: Sequence[Scene], calls: Sequence[Call], found: Evidence) -> Iterator[Proof]:
    """The three calls of one number went to one agent, for whom the third one waited."""
    first, again, kept, other = calls
    own, free = first.agent_id or "nobody", other.agent_id or "nobody"
    yield Proof(f"{own} got it", tuple(answered_by(first, own)))
    yield Proof(
        f"the same caller got {own} again, although {free} was idle for longer",
        (*answered_by(again, own), *_preferred(again, free, found)),
    )
    yield Proof(
        f"it was kept for {own}, who was busy, for {seconds(kept.wait_ms)}, although {free} was free",
        (*answered_by(kept, own), *_kept(kept, free, found)),
    )
    yield Proof(f"meanwhile {free} got another caller at once", tuple(_meanwhile(other, kept, own)))


def _preferred(call: Call, free: str, found: Evidence) -> Iterator[str]:
    decision = accepted(call)
    if decision is None or decision.chosen_by is not ChosenBy.PREFERENCE:
        yield "it was not by preference that it got its agent"
        return
    chosen = presence_before(found, decision.agent_id, decision.at)
    other = presence_before(found, free, decision.at)
    if chosen is None or other is None or other.presence != Presence.READY or other.at >= chosen.at:
        yield f"agent {free} was not idle for longer"


def _kept(call: Call, free: str, found: Evidence) -> Iterator[str]:
    other = presence_before(found, free, facts(call, e.CallQueued)[0].at)
    if other is None or other.presence != Presence.READY:
        yield f"agent {free} was not free when it came"
    reasons = [kept_from(reason, free) for reason in waits(call)]
    if not any(removal is not None and removal.rule is Rule.KEPT_FOR_ANOTHER for removal in reasons):
        yield f"the journal does not tell that it was kept from {free}, who was free"
    if call.offers_made != 1:
        yield f"{call.offers_made} phones rang for it, not 1"


def _meanwhile(call: Call, kept: Call, own: str) -> Iterator[str]:
    here, there = accepted(call), accepted(kept)
    if call.agent_id == own:
        yield f"agent {own} got it, for whom another call was kept"
    if here is None or there is None or not there.queued_at <= here.at < there.at:
        yield "it was not answered while the other call waited"


PREFERRED_AGENT = Scenario(
    "preferred-agent",
    "callers get the agent with whom they talked last",
    2,
    stories,
    prove,
    Path(__file__).with_suffix(".yaml"),
)
