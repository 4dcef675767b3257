"""What can be wrong with an AcdConfig, all of it at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from acd.call_choice import CALL_CHOICES
from acd.model import (
    ANY_GROUP,
    AcdConfig,
    AgentConfig,
    OverflowKind,
    OverflowReason,
    QueueConfig,
    SkillRequirement,
)
from acd.strategies import STRATEGIES

_LEVELS = range(1, 11)
_WEIGHTS = range(1, 101)
_AT_LEAST_ONE = (
    "target_sec",
    "ring_timeout_sec",
    "ring_at_most",
    "ring_step_sec",
    "max_wait_sec",
    "max_expected_wait_sec",
)
_AT_LEAST_NOUGHT = (
    "ageing_sec_per_priority",
    "preferred_patience_sec",
    "wrap_up_sec",
    "wrap_up_min_sec",
    "wrap_up_max_sec",
    "retry_delay_sec",
    "declined_delay_sec",
    "busy_delay_sec",
    "unreachable_delay_sec",
    "max_waiting",
    "unanswered_limit",
)
# These overflows happen on entry, so a ring of them would pass a call round for ever without time going by.
_ON_ENTRY = tuple(reason for reason in OverflowReason if reason is not OverflowReason.TIMEOUT)
_NEEDED_BY = {
    "max_wait_sec": OverflowReason.TIMEOUT,
    "max_expected_wait_sec": OverflowReason.EXPECTED_WAIT,
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """Where in the configuration (``queues.support.strategy``), and what is wrong there."""

    path: str
    message: str


def check(config: AcdConfig) -> list[Mistake]:
    """Every mistake in the configuration, in its order; an empty list means the Router can run with it."""
    mistakes: list[Mistake] = []
    if config.call_choice not in CALL_CHOICES:
        mistakes.append(Mistake("call_choice", _unknown("call choice", config.call_choice, CALL_CHOICES)))
    groups = {group for agent in config.agents.values() for group in agent.groups}
    skills = {skill for agent in config.agents.values() for skill in agent.skills}
    for name, queue in config.queues.items():
        mistakes += _queue_mistakes(f"queues.{name}", name, queue, config)
        mistakes += _requirement_mistakes(f"queues.{name}", queue.requirements, skills)
        mistakes += _step_mistakes(f"queues.{name}", queue, groups)
        mistakes += _wrap_up_mistakes(f"queues.{name}", queue)
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
        if target.kind in (OverflowKind.FLOW, OverflowKind.OUTSIDE) and not target.name:
            yield Mistake(
                where, f"needs the {'name of a flow' if target.kind is OverflowKind.FLOW else 'number'}"
            )
    for setting, reason in _NEEDED_BY.items():
        if getattr(queue, setting) is not None and reason not in queue.overflow:
            told = f"has no effect without an overflow for {reason}; add one or remove it"
            yield Mistake(f"{path}.{setting}", told)


def _step_mistakes(path: str, queue: QueueConfig, held: Collection[str]) -> Iterator[Mistake]:
    """Steps come in their order and change something. A group that nobody is in may yet be filled; one that
    is nearly another is a slip of the pen."""
    skills = {requirement.skill for requirement in queue.requirements}
    before_sec = 0
    for index, step in enumerate(queue.steps):
        where = f"{path}.steps[{index}]"
        if step.after_sec <= before_sec:
            yield Mistake(f"{where}.after_sec", f"is {step.after_sec}, must be more than {before_sec}")
        before_sec = max(before_sec, step.after_sec)
        for skill in (*step.drop, *step.lower):
            if get_close_matches(skill, skills) and skill not in skills:
                yield Mistake(where, _unknown("skill that the queue asks for", skill, skills))
        for skill, level in step.lower.items():
            if level not in _LEVELS:
                yield Mistake(f"{where}.lower.{skill}", f"level is {level}, must be 1 to 10")
        if step.groups and not queue.groups:
            yield Mistake(f"{where}.groups", "has no effect: the queue lets in every group from the start")
    named = [group for step in queue.steps for group in step.groups if group != ANY_GROUP]
    for group in (*queue.groups, *named):
        if group not in held and get_close_matches(group, held):
            yield Mistake(f"{path}.groups", _unknown("group of any agent", group, held))


def _wrap_up_mistakes(path: str, queue: QueueConfig) -> Iterator[Mistake]:
    if 0 <= queue.wrap_up_sec < queue.wrap_up_min_sec:
        told = f"is {queue.wrap_up_min_sec}, longer than the wrap-up of {queue.wrap_up_sec} s"
        yield Mistake(f"{path}.wrap_up_min_sec", told)
    if queue.wrap_up_max_sec is not None and queue.wrap_up_max_sec < queue.wrap_up_sec:
        told = f"is {queue.wrap_up_max_sec}, shorter than the wrap-up of {queue.wrap_up_sec} s"
        yield Mistake(f"{path}.wrap_up_max_sec", told)


def _requirement_mistakes(
    path: str, requirements: Iterable[SkillRequirement], held: Collection[str]
) -> Iterator[Mistake]:
    """A skill that nobody holds may be hired for yet; one that is nearly a held one is a slip of the pen."""
    for requirement in requirements:
        where = f"{path}.requirements.{requirement.skill}"
        if requirement.level not in _LEVELS:
            yield Mistake(where, f"level is {requirement.level}, must be 1 to 10")
        if requirement.weight not in _LEVELS:
            yield Mistake(where, f"weight is {requirement.weight}, must be 1 to 10")
        if requirement.skill not in held and get_close_matches(requirement.skill, held):
            yield Mistake(where, _unknown("skill of any agent", requirement.skill, held))


def _agent_mistakes(path: str, agent_id: str, agent: AgentConfig, config: AcdConfig) -> Iterator[Mistake]:
    if agent.agent_id != agent_id:
        yield Mistake(f"{path}.agent_id", f"is {agent.agent_id!r} but stands under {agent_id!r}")
    for skill, level in agent.skills.items():
        if level not in _LEVELS:
            yield Mistake(f"{path}.skills.{skill}", f"level is {level}, must be 1 to 10")
    if agent.weight not in _WEIGHTS:
        yield Mistake(f"{path}.weight", f"is {agent.weight}, must be 1 to 100")
    for index, queue in enumerate(agent.queues):
        if queue not in config.queues:
            yield Mistake(f"{path}.queues[{index}]", _unknown("queue", queue, config.queues))
    for queue, terms in agent.terms.items():
        where = f"{path}.terms.{queue}"
        if queue not in config.queues:
            yield Mistake(where, _unknown("queue", queue, config.queues))
        elif agent.queues and queue not in agent.queues:
            yield Mistake(where, "has no effect: the agent does not serve this queue")
        if terms.delay_sec < 0 or terms.tier < 1:
            yield Mistake(where, f"delay_sec is {terms.delay_sec}, tier {terms.tier}; at least 0 and 1")


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
