"""QueuedCall: a call that waits for a human, what it asks for and its place in the order."""

from __future__ import annotations

from typing import NamedTuple

from acd.model import ANY_GROUP, QueueConfig, RelaxStep, SkillRequirement

Place = tuple[int, int, str]
"""The sort key of a waiting call: ``order_at``, ``sequence``, ``call_id``."""


class Demand(NamedTuple):
    """What a call asks for. Calls with equal demands can be served by exactly the same agents.

    ``requirements`` is sorted by skill and names each skill once. ``agent_id`` names the only agent who may
    serve it; queue membership and skills then do not matter. ``groups`` is sorted and names those to whom
    the agent must belong to one (empty: any). ``waited_sec`` is the longest delay on whose terms agents
    serve the queue that the calls have waited out. ``kept``: the agent is not asked for but preferred.
    """

    queue: str
    requirements: tuple[SkillRequirement, ...] = ()
    agent_id: str | None = None
    groups: tuple[str, ...] = ()
    waited_sec: int = 0
    kept: bool = False


class QueuedCall(NamedTuple):
    """One waiting call.

    Order in a queue and over all queues is ``(order_at, sequence)``, smallest first: ``order_at`` is the
    instant since which the call counts as waiting, its wait moved back by its priority, and ``sequence``
    numbers arrivals. ``entered_at`` is when it entered this queue; ``overflow_at`` when it has waited there
    long enough, if ever; ``relaxes_at`` when its demand or its order changes next by waiting, if ever.

    ``agent_id`` is the only agent who may get it, ``preferred_id`` the one who gets it when free; until
    ``kept_until`` it is kept for the latter, and its demand names that agent. ``virtual``: the caller waits
    to be called back.
    """

    call_id: str
    queue: str
    queued_at: int
    entered_at: int
    priority: int
    requirements: tuple[SkillRequirement, ...]
    agent_id: str | None
    order_at: int
    sequence: int
    overflow_at: int | None
    demand: Demand
    preferred_id: str | None = None
    kept_until: int | None = None
    relaxes_at: int | None = None
    virtual: bool = False

    @property
    def place(self) -> Place:
        """The sort key of the call; no two waiting calls share one."""
        return (self.order_at, self.sequence, self.call_id)


def order_at(queued_at: int, priority: int, queue: QueueConfig) -> int:
    """The instant since which the call counts as waiting.

    Linear ageing: each step of priority is worth ``ageing_sec_per_priority`` of waiting. Every call gains one
    second per second, so the order of two calls never changes and needs no re-sorting.
    """
    return queued_at - (queue.priority + priority) * queue.ageing_sec_per_priority * 1000


def demand_of(
    queue: QueueConfig, requirements: tuple[SkillRequirement, ...], agent_id: str | None, waited_ms: int = 0
) -> Demand:
    """Join what the queue and the call require; the higher level of a skill asked for twice holds. Then
    relax it by the queue's steps that ``waited_ms`` in the queue have reached."""
    if agent_id is not None:
        return Demand(queue.name, (), agent_id)
    steps = steps_reached(queue, waited_ms)
    if not requirements and not steps and len(queue.requirements) < 2:
        return Demand(queue.name, queue.requirements, groups=queue.groups)
    asked: dict[str, SkillRequirement] = {}
    for requirement in (*queue.requirements, *requirements):
        before = asked.get(requirement.skill)
        if before is None or before.level < requirement.level:
            asked[requirement.skill] = requirement
    for step in steps:
        for skill in step.drop:
            asked.pop(skill, None)
        for skill, level in step.lower.items():
            if skill in asked and level < asked[skill].level:
                asked[skill] = asked[skill]._replace(level=level)
    return Demand(
        queue.name, tuple(asked[skill] for skill in sorted(asked)), groups=_widened(queue.groups, steps)
    )


def steps_reached(queue: QueueConfig, waited_ms: int) -> tuple[RelaxStep, ...]:
    """The steps that a call has reached which waited so long in the queue."""
    if not queue.steps:
        return ()
    return tuple(step for step in queue.steps if step.after_sec * 1000 <= waited_ms)


def _widened(groups: tuple[str, ...], steps: tuple[RelaxStep, ...]) -> tuple[str, ...]:
    more = [group for step in steps for group in step.groups]
    if not groups or ANY_GROUP in more:
        return ()
    return tuple(sorted({*groups, *more}))
