"""A queue asks for less of a call that has waited: nobody ready is skilled enough until then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from acd.agent import Rule
from callcenter.demo.evidence import Evidence
from callcenter.demo.scenarios.facts import accepted, answered_by, kept_from, seconds, waits
from callcenter.demo.scenarios.scenario import Proof, Scenario
from callcenter.demo.scene import Scene
from callcenter.demo.stories import Moment, Plot, Point, Side, Story, caller_number
from callcenter.domain.call import Call

EXPERT = "1002"
LESS_SKILLED = ("1001", "1003")
"""Who suffices after the first step of the queue, and who after the second."""
STEPS_MS = (3_000, 6_000)
LATER_MS = 1_000


def stories(run: int) -> tuple[Story, ...]:
    """The expert talks while two more callers wait, one after the other."""
    last, expert = Moment(3, Point.TALKS), Moment(1, Point.TALKS)
    later = Moment(1, Point.TALKS, LATER_MS)
    return (
        Story(1, Plot.COMPLAINT, caller_number(1, run), keys="2", hangs_up=Side.AGENT, until=last),
        Story(2, Plot.RELAXED, caller_number(2, run), keys="2", after=expert, until=last),
        Story(3, Plot.RELAXED, caller_number(3, run), keys="2", after=later),
    )


def prove(_scenes: Sequence[Scene], calls: Sequence[Call], _found: Evidence) -> Iterator[Proof]:
    """The first call got the expert at once; each of the others waited for its step and told so."""
    first, *others = calls
    yield Proof(
        f"{EXPERT}, the only expert, got it at once", (*answered_by(first, EXPERT), *_unrelaxed(first))
    )
    for step, (call, agent_id) in enumerate(zip(others, LESS_SKILLED, strict=True), start=1):
        decision = accepted(call)
        why = decision.explain().splitlines()[1] if decision else ""
        claim = f"{agent_id} was ready, and skilled enough after {seconds(STEPS_MS[step - 1])} only. {why}"
        yield Proof(claim, (*answered_by(call, agent_id), *_waited(call, agent_id), *_relaxed(call, step)))


def _unrelaxed(call: Call) -> Iterator[str]:
    decision = accepted(call)
    if decision is None or decision.relaxed:
        yield "it was not offered at the skill that the queue asks for"


def _waited(call: Call, agent_id: str) -> Iterator[str]:
    """The journal must tell why it waited, and that this was to change."""
    told = waits(call)
    removal = kept_from(told[0], agent_id) if told else None
    if not told or removal is None or removal.rule is not Rule.LEVEL_TOO_LOW:
        yield f"the journal does not tell that {agent_id} was not skilled enough"
    elif told[0].relaxes_at is None:
        yield "the journal does not tell when the call asks for less"


def _relaxed(call: Call, step: int) -> Iterator[str]:
    decision, after_ms = accepted(call), STEPS_MS[step - 1]
    if decision is None:
        yield "no Offer was accepted"
        return
    if decision.relaxed != step:
        yield f"it was offered after {decision.relaxed} steps, not {step}"
    if decision.at - decision.queued_at < after_ms:
        yield f"it was offered after {seconds(decision.at - decision.queued_at)}, before its step"


SKILLS = Scenario(
    "skills",
    "a queue asks for less skill of a call that has waited",
    3,
    stories,
    prove,
    Path(__file__).with_suffix(".yaml"),
)
