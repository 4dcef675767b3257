"""Several phones ring for one call; the first answer wins, the others stop and their agents are free again.

Three calls come while the ones before still talk, so that three phones ring, then two (both of which are
picked up at once), then one: that of the agent who was not the first in any call before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from acd.commands import OfferEnd
from acd.model import Presence
from callcenter.demo.evidence import Evidence
from callcenter.demo.scenarios.facts import facts
from callcenter.demo.scenarios.scenario import Proof, Scenario
from callcenter.demo.scene import Scene
from callcenter.demo.stories import Moment, Plot, Point, Story, caller_number
from callcenter.domain import events as e
from callcenter.domain.call import Call

AGENTS = 3
KEYS = "1#"
"""The second key cuts the announcement short."""


def stories(run: int) -> tuple[Story, ...]:
    """Three calls at the same time."""
    last = Moment(3, Point.TALKS)
    first, second = Moment(1, Point.TALKS), Moment(2, Point.TALKS)
    return (
        Story(1, Plot.RINGS_MANY, caller_number(1, run), keys=KEYS, until=last),
        Story(2, Plot.AT_ONCE, caller_number(2, run), keys=KEYS, after=first, until=last),
        Story(3, Plot.RINGS_MANY, caller_number(3, run), keys=KEYS, after=second),
    )


def prove(scenes: Sequence[Scene], calls: Sequence[Call], found: Evidence) -> Iterator[Proof]:
    """Each call rang at everybody who was free, one got it, and the others were left alone at once."""
    for before, (scene, call) in enumerate(zip(scenes, calls, strict=True)):
        phones = AGENTS - before
        others = sorted({offer.agent_id for offer in facts(call, e.OfferMade)} - {call.agent_id})
        stopped = f"; {' and '.join(others)} stopped ringing and could be called again" if others else ""
        rang = "1 phone rang" if phones == 1 else f"{phones} phones rang"
        claim = f"{rang}, {call.agent_id} got the call{stopped}"
        yield Proof(claim, (*_offers(call, phones), *_phones(scene, phones), *_free_again(call, found)))


def _offers(call: Call, phones: int) -> Iterator[str]:
    made, ended = facts(call, e.OfferMade), facts(call, e.OfferEnded)
    rung = sorted(offer.agent_id for offer in made)
    if len(rung) != phones or len(set(rung)) != phones:
        yield f"Offers went to {' '.join(rung) or 'nobody'}, not to {phones} agents"
    if made and ended and max(offer.at for offer in made) > min(end.at for end in ended):
        yield "the phones did not ring at the same time"
    ends = Counter(end.end for end in ended)
    if ends != Counter({OfferEnd.ACCEPTED.value: 1}) + Counter({OfferEnd.REVOKED.value: phones - 1}):
        yield f"the Offers ended as {dict(ends)}, not as one accepted and {phones - 1} revoked"


def _phones(scene: Scene, phones: int) -> Iterator[str]:
    if scene.offers != phones:
        yield f"{scene.offers} phones really rang, not {phones}"
    if scene.silenced != phones - 1:
        yield f"{scene.silenced} phones were made to stop, not {phones - 1}"


def _free_again(call: Call, found: Evidence) -> Iterator[str]:
    for end in facts(call, e.OfferEnded):
        if end.end != OfferEnd.REVOKED:
            continue
        since = (known for known in found.presences if known.agent_id == end.agent_id and known.at >= end.at)
        presence = next((known.presence for known in since), "unknown")
        if presence != Presence.READY:
            yield f"agent {end.agent_id} was {presence} after the revoked Offer, not ready"


RING_ALL = Scenario(
    "ring-all",
    "several phones ring for one call and the first answer wins",
    AGENTS,
    stories,
    prove,
    Path(__file__).with_suffix(".yaml"),
)
