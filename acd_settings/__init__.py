"""The Router's settings as people write them, in the same words in ``config/*.yaml`` and in the scenarios of
simulations: their shape, what is wrong in them, and the Router's configuration made of them.
"""

from acd_settings.problems import Problem, queue_problems, router_problems, told_once, unknown
from acd_settings.router import agent_config, queue_config
from acd_settings.sections import AgentRouting, Level, Name, QueueRouting, RoutingSection

__all__ = [
    "AgentRouting", "Level", "Name", "Problem", "QueueRouting", "RoutingSection",
    "agent_config", "queue_config", "queue_problems", "router_problems", "told_once", "unknown",
]  # fmt: skip
