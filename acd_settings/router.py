"""What is written about a queue and an agent, as the Router's configuration."""

from __future__ import annotations

from dataclasses import fields

from acd.model import (
    AgentConfig,
    OverflowKind,
    OverflowReason,
    OverflowTarget,
    QueueConfig,
    RelaxStep,
    SkillRequirement,
    Terms,
)
from acd_settings.sections import AgentRouting, OverflowSection, QueueRouting

_SAME_NAME = tuple(
    {field.name for field in fields(QueueConfig)}
    & set(QueueRouting.model_fields) - {"name", "requirements", "steps", "target_sec", "overflow"}
)
"""What the Router takes as it is written."""


def queue_config(name: str, queue: QueueRouting) -> QueueConfig:
    """The queue of this name; what is wrong in it is told by ``router_problems``."""
    needs = queue.needs()
    return QueueConfig(
        name=name,
        requirements=tuple(
            SkillRequirement(skill, needs[skill].level, needs[skill].weight) for skill in sorted(needs)
        ),
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


def agent_config(agent_id: str, agent: AgentRouting) -> AgentConfig:
    """The agent of this id; what is wrong about it is told by ``router_problems``."""
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
