"""What can be wrong with an AcdConfig, all of it at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from acd.model import AcdConfig, AgentConfig, OverflowKind, OverflowReason, QueueConfig, SkillRequirement
from acd.strategies import STRATEGIES

_LEVELS = range(1, 11)
_AT_LEAST_ONE = ("ring_timeout_sec", "max_wait_sec")
_AT_LEAST_NOUGHT = (
    "ageing_sec_per_priority",
    "wrap_up_sec",
    "retry_delay_sec",
    "declined_delay_sec",
    "busy_delay_sec",
    "unreachable_delay_sec",
    "max_waiting",
    "unanswered_limit",
)
# These overflows happen on entry, so a ring of them would pass a call round for ever without time going by.
_ON_ENTRY = (OverflowReason.FULL, OverflowReason.NO_AGENT, OverflowReason.CLOSED)


@dataclass(frozen=True, slots=True)
class Mistake:
    """Where in the configuration (``queues.support.strategy``), and what is wrong there."""

    path: str
    message: str


def check(config: AcdConfig) -> list[Mistake]:
    """Every mistake in the configuration, in its order; an empty list means the Router can run with it."""
    mistakes: list[Mistake] = []
    skills = {skill for agent in config.agents.values() for skill in agent.skills}
    for name, queue in config.queues.items():
        mistakes += _queue_mistakes(f"queues.{name}", name, queue, config)
        mistakes += _requirement_mistakes(f"queues.{name}", queue.requirements, skills)
    for agent_id, agent in config.agents.items():
        mistakes += _agent_mistakes(f"agents.{agent_id}", agent_id, agent, config)
    mistakes += _rings(config)
    return mistakes


def checked(config: AcdConfig) -> AcdConfig:
    """The configuration itself; ValueError naming every mistake if it has any."""
    if mistakes := check(config):
        raise ValueError("; ".join(f"{mistake.path}: {mistake.message}" for mistake in mistakes))
    return config


def _queue_mistakes(path: str, name: str, queue: QueueConfig, config: AcdConfig) -> Iterator[Mistake]:
    if queue.name != name:
        yield Mistake(f"{path}.name", f"is {queue.name!r} but stands under {name!r}")
    if queue.strategy not in STRATEGIES:
        yield Mistake(f"{path}.strategy", _unknown("strategy", queue.strategy, STRATEGIES))
    for bound, settings in ((1, _AT_LEAST_ONE), (0, _AT_LEAST_NOUGHT)):
        for setting in settings:
            value = getattr(queue, setting)
            if value is not None and value < bound:
                yield Mistake(f"{path}.{setting}", f"is {value}, must be at least {bound}")
    for reason, target in queue.overflow.items():
        where = f"{path}.overflow.{reason}"
        if target.kind is OverflowKind.QUEUE and target.name not in config.queues:
            yield Mistake(where, _unknown("queue", target.name, config.queues))
        if target.kind is OverflowKind.FLOW and not target.name:
            yield Mistake(where, "needs the name of a flow")
    if queue.max_wait_sec is not None and OverflowReason.TIMEOUT not in queue.overflow:
        yield Mistake(
            f"{path}.max_wait_sec", "has no effect without an overflow for timeout; add one or remove it"
        )


def _requirement_mistakes(
    path: str, requirements: Iterable[SkillRequirement], held: Collection[str]
) -> Iterator[Mistake]:
    """A skill that nobody holds may be hired for yet; one that is nearly a held one is a slip of the pen."""
    for requirement in requirements:
        where = f"{path}.requirements.{requirement.skill}"
        if requirement.level not in _LEVELS:
            yield Mistake(where, f"level is {requirement.level}, must be 1 to 10")
        if requirement.skill not in held and get_close_matches(requirement.skill, held):
            yield Mistake(where, _unknown("skill of any agent", requirement.skill, held))


def _agent_mistakes(path: str, agent_id: str, agent: AgentConfig, config: AcdConfig) -> Iterator[Mistake]:
    if agent.agent_id != agent_id:
        yield Mistake(f"{path}.agent_id", f"is {agent.agent_id!r} but stands under {agent_id!r}")
    for skill, level in agent.skills.items():
        if level not in _LEVELS:
            yield Mistake(f"{path}.skills.{skill}", f"level is {level}, must be 1 to 10")
    for index, queue in enumerate(agent.queues):
        if queue not in config.queues:
            yield Mistake(f"{path}.queues[{index}]", _unknown("queue", queue, config.queues))


def _rings(config: AcdConfig) -> Iterator[Mistake]:
    """Each ring of queues that overflow into each other on entry, for one reason, told at its first queue."""
    for reason in _ON_ENTRY:
        known: set[str] = set()
        for start in config.queues:
            trail: list[str] = []
            name = start
            while name in config.queues and name not in known and name not in trail:
                trail.append(name)
                target = config.queues[name].overflow.get(reason)
                name = target.name if target is not None and target.kind is OverflowKind.QUEUE else ""
            if name in trail:
                ring = " -> ".join([*trail[trail.index(name) :], name])
                yield Mistake(f"queues.{name}.overflow.{reason}", f"passes a call round for ever: {ring}")
            known.update(trail)


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(sorted(known)) or 'none'}"
    return f"{name!r} is no {what}; {hint}"
