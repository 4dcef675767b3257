"""QueuedCall: a call that waits for a human, what it asks for and its place in the order."""

from __future__ import annotations

from dataclasses import dataclass

from acd.model import QueueConfig, SkillRequirement


@dataclass(frozen=True, slots=True)
class Demand:
    """What a call asks for. Calls with equal demands can be served by exactly the same agents.

    ``requirements`` is sorted by skill and names each skill once. ``agent_id`` names the only agent who may
    serve it; queue membership and skills then do not matter.
    """

    queue: str
    requirements: tuple[SkillRequirement, ...] = ()
    agent_id: str | None = None


@dataclass(frozen=True, slots=True)
class QueuedCall:
    """One waiting call.

    Order in a queue and over all queues is ``(order_at, sequence)``, smallest first: ``order_at`` is the
    instant since which the call counts as waiting, its wait moved back by its priority, and ``sequence``
    numbers arrivals. ``entered_at`` is when it entered this queue; ``overflow_at`` when it has waited there
    long enough, if ever.
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

    @property
    def place(self) -> tuple[int, int, str]:
        """The sort key of the call; no two waiting calls share one."""
        return (self.order_at, self.sequence, self.call_id)


def order_at(queued_at: int, priority: int, queue: QueueConfig) -> int:
    """The instant since which the call counts as waiting.

    Linear ageing: each step of priority is worth ``ageing_sec_per_priority`` of waiting. Every call gains one
    second per second, so the order of two calls never changes and needs no re-sorting.
    """
    return queued_at - (queue.priority + priority) * queue.ageing_sec_per_priority * 1000


def demand_of(queue: QueueConfig, requirements: tuple[SkillRequirement, ...], agent_id: str | None) -> Demand:
    """Join what the queue and the call require; the higher level of a skill asked for twice holds."""
    if agent_id is not None:
        return Demand(queue.name, (), agent_id)
    if not requirements and len(queue.requirements) < 2:
        return Demand(queue.name, queue.requirements)
    levels: dict[str, int] = {}
    for requirement in (*queue.requirements, *requirements):
        levels[requirement.skill] = max(requirement.level, levels.get(requirement.skill, 0))
    return Demand(queue.name, tuple(SkillRequirement(skill, levels[skill]) for skill in sorted(levels)))
