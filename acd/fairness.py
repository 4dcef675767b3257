"""Fairness: how evenly the agents of a shift are given work, in a few figures."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from acd.agent import AgentState
from acd.model import Presence


@dataclass(frozen=True, slots=True)
class Fairness:
    """Of the agents who are logged in.

    ``idle_spread_ms``: of those who are ready, the longest idle time less the shortest (None: fewer than
    two). ``calls_share``: each agent's calls since log-in as a share of everybody's, by agent id.
    ``calls_gini`` and ``busy_gini``: the Gini coefficient of the calls and of the busy share of the time
    logged in, 0 when all have the same and nearly 1 when one has everything (None: nobody has any).
    """

    agents: int
    idle_spread_ms: int | None
    calls_share: dict[str, float]
    calls_gini: float | None
    busy_gini: float | None


def fairness_of(agents: Iterable[AgentState], now: int) -> Fairness:
    """The figures at ``now``."""
    staffed = sorted((agent for agent in agents if agent.logged_in), key=lambda agent: agent.agent_id)
    idle = [now - agent.idle_since for agent in staffed if agent.presence is Presence.READY]
    calls = sum(agent.calls for agent in staffed)
    busy = [agent.busy_ms / max(1, now - agent.logged_in_at) for agent in staffed]
    return Fairness(
        agents=len(staffed),
        idle_spread_ms=max(idle) - min(idle) if len(idle) > 1 else None,
        calls_share={agent.agent_id: agent.calls / calls for agent in staffed} if calls else {},
        calls_gini=gini([agent.calls for agent in staffed]),
        busy_gini=gini(busy),
    )


def gini(values: Collection[float]) -> float | None:
    """The Gini coefficient of values that are not negative: the mean absolute difference of all pairs, as a
    share of twice the mean (Gini, Variabilita e mutabilita, 1912). None when all are 0 or there are none."""
    total = sum(values)
    if not total:
        return None
    ranked = enumerate(sorted(values), start=1)
    return sum((2 * rank - len(values) - 1) * value for rank, value in ranked) / (len(values) * total)
