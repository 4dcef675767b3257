"""Plan: everything one simulation needs, ready to be drawn and run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from acd import events as ev
from acd.model import AcdConfig
from simulation.calls import CallSource, Purpose, Throws
from simulation.durations import Constant, Dice, Duration

Span = tuple[int, int | None]
"""First ms, and ms after the last; None: until the end of the simulation and as long after as calls wait."""

_AT_ONCE = Constant(sec=0)


@dataclass(frozen=True, slots=True)
class Roster:
    """When agents work. ``shifts`` by agent id; an agent without an entry works all the time.

    ``shrinkage`` is the share of a shift that goes to pauses, of ``pause_ms`` each; pauses begin at random,
    after the work in hand.
    """

    shifts: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    shrinkage: Mapping[str, float] = field(default_factory=dict)
    pause_ms: int = 15 * 60_000


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a queue is measured by: the service-level threshold, and up to which wait an abandon is short
    (left out of abandonment; 0: none is)."""

    answer_ms: int = 20_000
    short_abandon_ms: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """One simulation from ``begin_ms`` to ``end_ms``, milliseconds since the first midnight.

    Calls that arrive from ``measured_from_ms`` on, and agents' time from then to ``end_ms``, are measured;
    what goes before fills the centre (warm-up). ``ring`` is how long an agent takes to answer the phone.
    """

    config: AcdConfig
    sources: tuple[CallSource, ...]
    end_ms: int
    begin_ms: int = 0
    measured_from_ms: int = 0
    roster: Roster = Roster()
    ring: Duration = _AT_ONCE
    opening: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    """When queues are open; one without an entry always is."""
    last_agent_queues: frozenset[str] = frozenset()
    """The queues in which a caller should get the agent of the last talk."""
    thresholds: Mapping[str, Thresholds] = field(default_factory=dict)
    usual_threshold: Thresholds = Thresholds()

    def threshold(self, queue: str) -> Thresholds:
        """Those of the queue; without any of its own, the usual ones."""
        return self.thresholds.get(queue, self.usual_threshold)


def agent_facts(plan: Plan, throws: Throws) -> list[tuple[int, ev.RouterEvent]]:
    """What the Router is told of every agent by themselves, in order: shifts and pauses."""
    facts: list[tuple[int, ev.RouterEvent]] = []
    for number, agent_id in enumerate(plan.config.agents):
        facts.append((plan.begin_ms, ev.PhoneReachable(agent_id, True)))
        dice = Throws(throws.seed, throws.replication, number).dice(Purpose.PAUSES)
        share = plan.roster.shrinkage.get(agent_id, 0.0)
        for first, last in plan.roster.shifts.get(agent_id, ((plan.begin_ms, None),)):
            begin, end = max(first, plan.begin_ms), plan.end_ms if last is None else last
            if begin >= end:
                continue
            facts += ((begin, ev.AgentLoggedIn(agent_id)), (begin, ev.AgentReady(agent_id)))
            if share:
                facts += _pauses(agent_id, begin, end, share, plan.roster.pause_ms, dice)
            if last is not None:
                facts.append((end, ev.AgentLoggedOut(agent_id)))
    return sorted(facts, key=lambda fact: fact[0])


def queue_facts(plan: Plan) -> list[tuple[int, ev.RouterEvent]]:
    """What the Router is told of every queue, in order: when it opens and closes. Who still waits then
    overflows, by the queue's rule for it."""
    facts: list[tuple[int, ev.RouterEvent]] = []
    for queue, spans in plan.opening.items():
        facts.append((plan.begin_ms, ev.QueueClosed(queue)))
        for first, last in _joined(spans):
            if last is None or last > plan.begin_ms:
                facts.append((max(first, plan.begin_ms), ev.QueueOpened(queue)))
            if last is not None and last > plan.begin_ms:
                facts.append((last, ev.QueueClosed(queue)))
    return sorted(facts, key=lambda fact: fact[0])


def _joined(spans: Iterable[Span]) -> list[Span]:
    """The spans in their order, those that touch as one: in between, nothing closes."""
    joined: list[Span] = []
    for first, last in sorted(spans, key=lambda span: span[0]):
        before = joined[-1] if joined else None
        if before is None or (before[1] is not None and before[1] < first):
            joined.append((first, last))
        elif before[1] is not None:
            joined[-1] = before[0], None if last is None else max(before[1], last)
    return joined


def _pauses(
    agent_id: str, begin: int, end: int, share: float, pause_ms: int, dice: Dice
) -> Iterator[tuple[int, ev.RouterEvent]]:
    """Pauses of equal length after exponential spans of work; at the beginning the agent is in the middle of
    one with the chance ``share``, so that the share holds from the first moment on."""
    work_ms = pause_ms * (1 - share) / share
    if dice.random() < share:
        pause = begin, begin + round(dice.random() * pause_ms)
    else:
        start = begin + round(dice.exponential(work_ms))
        pause = start, start + pause_ms
    while pause[0] < end:
        yield pause[0], ev.AgentPaused(agent_id, "shrinkage")
        if pause[1] < end:
            yield pause[1], ev.AgentReady(agent_id)
        start = pause[1] + round(dice.exponential(work_ms))
        pause = start, start + pause_ms
