"""Who asks to be called back keeps the place: the agent is rung first, then the caller; whoever waits on the
line behind comes next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from acd.commands import OfferEnd
from callcenter.demo.evidence import Evidence
from callcenter.demo.scenarios.facts import accepted, answered_by, facts, seconds
from callcenter.demo.scenarios.scenario import Proof, Scenario
from callcenter.demo.scene import Scene
from callcenter.demo.stories import Moment, Outcome, Plot, Point, Story, caller_number
from callcenter.domain import events as e
from callcenter.domain.call import Call

AGENT = "1001"
KEYS = "1#"
"""The second key cuts the announcement short."""


def stories(run: int) -> tuple[Story, ...]:
    """The only agent talks; one waiting caller asks to be called back, and another comes behind and waits."""
    talks, promised, waits = Moment(1, Point.TALKS), Moment(2, Point.PROMISED), Moment(3, Point.WAITS)
    back = Outcome.CALLED_BACK
    return (
        Story(1, Plot.CONSULTATION, caller_number(1, run), keys=KEYS, until=waits),
        Story(2, Plot.CALL_BACK, caller_number(2, run), keys=KEYS, after=talks, outcome=back),
        Story(3, Plot.BEHIND, caller_number(3, run), keys=KEYS, after=promised),
    )


def prove(scenes: Sequence[Scene], calls: Sequence[Call], found: Evidence) -> Iterator[Proof]:
    """The second caller was called back in the place kept, before the third one was answered on the line."""
    first, asked, behind = calls
    back = found.call_backs.get(asked.call_id)
    yield Proof(f"{AGENT}, the only agent, got it at once", tuple(answered_by(first, AGENT)))
    if back is None:
        yield Proof("", ("nobody was promised to be called back",))
        yield Proof("", ("there was no call-back before it",))
        return
    yield Proof(
        f"the caller asked after {seconds(asked.wait_ms)}, was told so and hung up; {_back(back)}",
        (*_promised(asked, back), *_told(asked, found), *_agent_first(back), *_rang(scenes[1])),
    )
    yield Proof(
        f"it came {seconds(_queued_at(behind) - _queued_at(asked))} behind, waited on the line for "
        f"{seconds(behind.wait_ms)}, and was answered next, after the call-back",
        (*answered_by(behind, AGENT), *_behind(asked, back, behind)),
    )


def _back(back: Call) -> str:
    """How it came about."""
    dialled, connected = facts(back, e.CallBackDialled), facts(back, e.AgentConnected)
    if not dialled or not connected:
        return "nobody was reached"
    rang = seconds(connected[0].at - dialled[0].at)
    return (
        f"{seconds(back.wait_ms)} after the caller had begun to wait {connected[0].agent_id} picked up, the "
        f"caller's phone rang for {rang}, and they talked for {seconds(back.talk_ms)}"
    )


def _queued_at(call: Call) -> int:
    """Since when it waited."""
    return facts(call, e.CallQueued)[0].queued_at


def _promised(asked: Call, back: Call) -> Iterator[str]:
    if facts(asked, e.OfferMade):
        yield "an agent's phone rang for it before the caller asked to be called back"
    if _queued_at(back) != _queued_at(asked):
        yield "the call-back did not keep the place of the caller who asked for it"
    decision = accepted(back)
    if decision is None or decision.order_at != _queued_at(asked):
        yield "the Router did not know of the place that was kept"


def _told(asked: Call, found: Evidence) -> Iterator[str]:
    ended = found.ended.get(asked.call_id)
    if ended is None or ended.by is not e.EndedBy.FLOW:
        yield f"the flow did not say goodbye: {ended.by.value if ended else 'nobody'} ended it"


def _agent_first(back: Call) -> Iterator[str]:
    """Nobody is dialled before an agent has picked up."""
    yield from answered_by(back, AGENT)
    picked_up = [end.at for end in facts(back, e.OfferEnded) if end.end == OfferEnd.ACCEPTED]
    dialled = [dial.at for dial in facts(back, e.CallBackDialled)]
    if len(dialled) != 1:
        yield f"the caller was dialled {len(dialled)} times, not once"
    elif not picked_up or dialled[0] < picked_up[0]:
        yield "the caller was dialled before an agent had picked up"


def _rang(scene: Scene) -> Iterator[str]:
    if scene.called_back is None:
        yield "the caller's phone never rang"
    if scene.offers != 1:
        yield f"{scene.offers} agents' phones really rang, not 1"


def _behind(asked: Call, back: Call, behind: Call) -> Iterator[str]:
    here, there = facts(behind, e.AgentConnected), facts(back, e.AgentConnected)
    if not _queued_at(asked) < _queued_at(behind):
        yield "it did not come behind the caller who asked to be called back"
    if not there or not here or not _queued_at(behind) < there[0].at < here[0].at:
        yield "it was not answered after the call-back, while which it waited"


CALL_BACK = Scenario(
    "call-back",
    "who asks to be called back keeps the place in the queue",
    1,
    stories,
    prove,
    Path(__file__).with_suffix(".yaml"),
)
