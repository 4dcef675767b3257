"""The Router's part of the settings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from acd.model import AcdConfig, PauseReason
from acd_settings import Problem, agent_config, queue_config, router_problems
from callcenter.settings.model import Settings


def version(settings: Settings) -> str:
    """The name of this configuration: equal settings have equal names."""
    return hashlib.sha256(settings.model_dump_json().encode()).hexdigest()[:12]


def acd_config(settings: Settings) -> AcdConfig:
    """The Router's part; what is wrong in it is told by ``routing_problems``."""
    return AcdConfig(
        version=version(settings),
        queues={name: queue_config(name, queue) for name, queue in settings.queues.items()},
        agents={agent_id: agent_config(agent_id, agent) for agent_id, agent in settings.agents.items()},
        call_choice=settings.routing.call_choice,
        pause_reasons={
            name: PauseReason(name, reason.paid, reason.limit_sec)
            for name, reason in settings.pause_reasons.items()
        },
        seed=settings.routing.seed,
    )


def routing_problems(settings: Settings) -> Iterator[Problem]:
    """What only the Router can judge. Skills are judged by the settings' own list of them."""
    for path, message in router_problems(acd_config(settings)):
        if path[2:3] != ("skills",):
            yield path, message
