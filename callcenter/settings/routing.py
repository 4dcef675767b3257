"""The Router's part of the settings."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import fields

from acd.config_check import check
from acd.model import (
    AcdConfig,
    AgentConfig,
    OverflowKind,
    OverflowReason,
    OverflowTarget,
    PauseReason,
    QueueConfig,
    RelaxStep,
    SkillRequirement,
    Terms,
)
from callcenter.settings.model import AgentSection, OverflowSection, Problem, QueueSection, Settings


def version(settings: Settings) -> str:
    """The name of this configuration: equal settings have equal names."""
    return hashlib.sha256(settings.model_dump_json().encode()).hexdigest()[:12]


def acd_config(settings: Settings) -> AcdConfig:
    """The Router's part; what is wrong in it is told by ``routing_mistakes``."""
    return AcdConfig(
        version=version(settings),
        queues={
            name: QueueConfig(
                name=name,
                requirements=_requirements(queue),
                steps=tuple(
                    RelaxStep(step.after_sec, step.drop, dict(step.lower), step.groups, step.priority)
                    for step in queue.steps
                ),
                target_sec=queue.answer_within_sec,
                overflow={
                    reason: OverflowTarget(target.to, _overflow_name(target, reason))
                    for reason, target in queue.overflow.items()
                },
                **{setting: getattr(queue, setting) for setting in _SAME_NAME},
            )
            for name, queue in settings.queues.items()
        },
        agents={agent_id: _agent(agent_id, agent) for agent_id, agent in settings.agents.items()},
        call_choice=settings.routing.call_choice,
        pause_reasons={
            name: PauseReason(name, reason.paid, reason.limit_sec)
            for name, reason in settings.pause_reasons.items()
        },
        seed=settings.routing.seed,
    )


def routing_problems(settings: Settings) -> Iterator[Problem]:
    """What only the Router can judge (an unknown strategy, steps out of order): the path of each in the
    settings, and what is wrong. Skills are judged by the settings' own list of them."""
    for mistake in check(acd_config(settings)):
        path = _path_in_settings(mistake.path)
        if path[2:3] != ("skills",):
            yield path, mistake.message


def _path_in_settings(path: str) -> tuple[str | int, ...]:
    """``queues.general.steps[0].after_sec`` as the keys and indices that lead there."""
    steps = [int(index) if index else name for index, name in re.findall(r"\[(\d+)\]|([^.\[\]]+)", path)]
    match steps:
        case ["call_choice"]:
            return ("routing", "call_choice")
        case ["queues" | "agents", name, *rest]:
            renamed = {"requirements": "skills", "target_sec": "answer_within_sec"}
            return (str(steps[0]), str(name), *(renamed.get(str(step), step) for step in rest))
        case _:
            return tuple(steps)


_SAME_NAME = tuple(
    {field.name for field in fields(QueueConfig)}
    & set(QueueSection.model_fields) - {"name", "requirements", "steps", "target_sec", "overflow"}
)
"""The settings of a queue that the Router takes as they are."""


def _requirements(queue: QueueSection) -> tuple[SkillRequirement, ...]:
    needs = queue.needs()
    return tuple(SkillRequirement(skill, needs[skill].level, needs[skill].weight) for skill in sorted(needs))


def _agent(agent_id: str, agent: AgentSection) -> AgentConfig:
    terms = {queue: Terms(terms.order, terms.delay_sec, terms.tier) for queue, terms in agent.terms.items()}
    return AgentConfig(agent_id, dict(agent.skills), agent.queues, terms, agent.groups, agent.weight)


def _overflow_name(target: OverflowSection, reason: OverflowReason) -> str:
    """The target's name; back to the flow, what the journal calls it: the reason. (Which branch of its queue
    node the call takes there, the controller knows.)"""
    match target.to:
        case OverflowKind.QUEUE:
            return target.queue
        case OverflowKind.OUTSIDE:
            return target.number
        case OverflowKind.FLOW:
            return reason.value
        case OverflowKind.CALL_BACK | OverflowKind.HANG_UP:
            return ""
