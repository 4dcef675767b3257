"""Arrangement: who serves which calls and by which rules, as far as a simulation of the centre needs it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from acd.model import AcdConfig
from acd_settings import (
    AgentRouting,
    QueueRouting,
    RoutingSection,
    agent_config,
    queue_config,
    queue_problems,
    router_problems,
    told_once,
)
from located_yaml import Section
from simulation.plan import Thresholds
from simulation.scenario import thresholds_of


class Arrangement(Section):
    """Queues, agents and what holds for all of them; it goes as JSON to the process that simulates."""

    queues: Mapping[str, QueueRouting]
    agents: Mapping[str, AgentRouting]
    routing: RoutingSection = RoutingSection()

    @property
    def thresholds(self) -> dict[str, Thresholds]:
        """What each queue is measured by."""
        return thresholds_of(self.queues)

    def config(self) -> AcdConfig:
        """What the Router is set to."""
        return AcdConfig(
            version="planning",
            queues={name: queue_config(name, queue) for name, queue in self.queues.items()},
            agents={agent_id: agent_config(agent_id, agent) for agent_id, agent in self.agents.items()},
            call_choice=self.routing.call_choice,
            seed=self.routing.seed,
        )

    def problems(self) -> list[str]:
        """What is well-formed but wrong, each with where it is."""
        found = told_once(
            queue_problems(self.queues, self.agents, self.queues), router_problems(self.config())
        )
        return [f"{'.'.join(map(str, path))}: {told}" for path, told in found]


def arranged(
    queues: Mapping[str, QueueRouting], agents: Mapping[str, AgentRouting], routing: RoutingSection
) -> Arrangement:
    """The Arrangement of these sections, whatever else is written in them."""
    return Arrangement(
        queues={
            name: QueueRouting.model_validate(_own(queue, QueueRouting)) for name, queue in queues.items()
        },
        agents={
            agent_id: AgentRouting.model_validate(_own(agent, AgentRouting))
            for agent_id, agent in agents.items()
        },
        routing=routing,
    )


def _own(section: Section, kind: type[Section]) -> dict[str, object]:
    fields: Iterable[str] = kind.model_fields
    return {name: getattr(section, name) for name in fields}
