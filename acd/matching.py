"""Matching: which agent for a call, which call for an agent.

``Matching`` is what the Router needs. ``ScanMatching`` says plainly what is meant, by looking at
everything; it is the reference. ``acd.lanes.IndexedMatching`` gives the same answers fast; a property test
compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from acd.agent import AgentState, Rule
from acd.call_choice import CALL_CHOICES
from acd.explain import NAMED_AGENTS, Candidate, CompetingCall, Removal
from acd.model import USUAL_TERMS, AcdConfig, AgentConfig
from acd.queued_call import Demand, QueuedCall
from acd.strategies import STRATEGIES, Occasion, Strategy


class Matching(Protocol):
    """Knows the calls that wait unoffered and how available each agent is; decides nothing by itself."""

    def add_call(self, call: QueuedCall) -> None:
        """The call waits for an agent."""

    def remove_call(self, call: QueuedCall) -> None:
        """The call waits no more, or is being offered."""

    def file_agent(self, agent: AgentState) -> None:
        """Take note of the agent's availability; to be called after each change of it."""

    def hold_agent(self, agent: AgentState) -> None:
        """Leave the agent, who is being given a call, out of all answers until filed again."""

    def best_call(self, agent: AgentState, now: int) -> QueuedCall | None:
        """The waiting call this agent should get among those the agent can serve: of the queues that are
        first in the agent's order, the first by the call choice in force, then by place."""

    def best_agent(self, call: QueuedCall, now: int) -> AgentState | None:
        """The available agent who should get the call: by tier, its queue's strategy, then by agent id."""

    def is_free_for(self, agent: AgentState, demand: Demand) -> bool:
        """The agent could be offered such a call now."""

    def candidates(self, call: QueuedCall, now: int, limit: int) -> tuple[list[Candidate], int]:
        """The first available agents for the call, best first, and how many there are in all."""

    def competing(self, agent: AgentState, limit: int) -> tuple[list[CompetingCall], int]:
        """The first call of each demand that the agent can serve, best first, and how many calls in all."""

    def removed(self, demand: Demand) -> tuple[Removal, ...]:
        """The agents who cannot take such a call now, counted by the first rule that forbids it."""

    def staffed(self, demand: Demand) -> int:
        """How many agents who could serve the demand are logged in."""

    def working(self, demand: Demand) -> int:
        """How many agents who could serve the demand are logged in and want calls: free, delayed or busy."""

    def forsaken_calls(self, agent: AgentState) -> list[QueuedCall]:
        """The waiting calls that this agent could serve and for which nobody at all is at work, by place."""


def unsuitable(agent: AgentConfig, demand: Demand) -> tuple[Rule, str] | None:
    """The first rule of the configuration that keeps such calls from the agent for good, or None."""
    if demand.agent_id is not None:
        return None if demand.agent_id == agent.agent_id else (named_rule(demand), "")
    if agent.queues and demand.queue not in agent.queues:
        return Rule.OTHER_QUEUES, ""
    if demand.groups and not any(group in demand.groups for group in agent.groups):
        return Rule.OTHER_GROUPS, " ".join(demand.groups)
    for requirement in demand.requirements:
        level = agent.skills.get(requirement.skill)
        if level is None:
            return Rule.MISSING_SKILL, requirement.skill
        if level < requirement.level:
            return Rule.LEVEL_TOO_LOW, f"{requirement.skill} {requirement.level}"
    if agent.terms and (terms := agent.terms.get(demand.queue)) and terms.delay_sec > demand.waited_sec:
        return Rule.RESERVE, f"{terms.delay_sec} s"
    return None


def named_rule(demand: Demand) -> Rule:
    """Why others than the one whom the demand names are not suitable."""
    return Rule.KEPT_FOR_ANOTHER if demand.kept else Rule.NOT_THE_NAMED_AGENT


def order_of(agent: AgentConfig, queue: str) -> int:
    """Where the queue stands in the agent's order of queues."""
    return agent.terms.get(queue, USUAL_TERMS).order if agent.terms else 0


def occasion(config: AcdConfig, call: QueuedCall, now: int) -> Occasion:
    """The occasion of choosing an agent for the call."""
    return Occasion(now, f"{config.seed}:{call.call_id}:{now}")


def removals(agents: Iterable[AgentState], demand: Demand, names: bool) -> tuple[Removal, ...]:
    """Count the agents who cannot take such a call now by the first rule that forbids it."""
    by_reason: dict[tuple[Rule, str], list[AgentState]] = {}
    for agent in agents:
        reason = unsuitable(agent.config, demand)
        if reason is None and (passing := agent.availability).rule is not None:
            reason = passing.rule, passing.detail
        if reason is not None:
            by_reason.setdefault(reason, []).append(agent)
    rows = sorted(by_reason.items(), key=removal_order)
    if not names:
        return tuple(Removal(rule, detail, len(removed)) for (rule, detail), removed in rows)
    return tuple(
        Removal(
            rule,
            detail,
            len(removed),
            tuple(sorted(agent.agent_id for agent in removed)),
            _until(rule, removed),
        )
        for (rule, detail), removed in rows
    )


def _until(rule: Rule, agents: Iterable[AgentState]) -> int | None:
    """When the first of the agents will be past a delay or wrap-up."""
    if rule not in (Rule.BUSY, Rule.DELAYED, Rule.NOT_READY):
        return None
    return min((agent.until_at for agent in agents if agent.until_at is not None), default=None)


_RULE_ORDER = {rule: order for order, rule in enumerate(Rule)}


def removal_order(item: tuple[tuple[Rule, str], object]) -> tuple[int, str]:
    """Sort key of ((rule, detail), anything) items."""
    (rule, detail), _ = item
    return _RULE_ORDER[rule], detail


def strategies_of(config: AcdConfig) -> Mapping[str, Strategy]:
    """The strategy of each queue by the queue's name."""
    return {name: STRATEGIES[queue.strategy] for name, queue in config.queues.items()}


class ScanMatching:
    """The reference: answers every question by looking at every agent and every call."""

    def __init__(self, config: AcdConfig, agents: Mapping[str, AgentState]) -> None:
        self._config = config
        self._choice = CALL_CHOICES[config.call_choice]
        self._strategies = strategies_of(config)
        self._agents = agents
        self._calls: dict[str, QueuedCall] = {}
        self._held: str | None = None

    def add_call(self, call: QueuedCall) -> None:
        self._calls[call.call_id] = call

    def remove_call(self, call: QueuedCall) -> None:
        self._calls.pop(call.call_id, None)

    def file_agent(self, agent: AgentState) -> None:
        self._held = None

    def hold_agent(self, agent: AgentState) -> None:
        self._held = agent.agent_id

    def best_call(self, agent: AgentState, now: int) -> QueuedCall | None:
        heads: dict[str, QueuedCall] = {}
        for call in sorted(self._calls_for(agent), key=lambda call: call.place):
            heads.setdefault(call.queue, call)

        def rank(call: QueuedCall) -> tuple[int, int, tuple[int, int, str]]:
            score = self._choice.score
            chosen = score(self._config.queues[call.queue], call.order_at, now) if score else 0
            return order_of(agent.config, call.queue), chosen, call.place

        return min(heads.values(), key=rank, default=None)

    def best_agent(self, call: QueuedCall, now: int) -> AgentState | None:
        best, _ = self.candidates(call, now, limit=1)
        return self._agents[best[0].agent_id] if best else None

    def is_free_for(self, agent: AgentState, demand: Demand) -> bool:
        free = agent.availability.rule is None and agent.agent_id != self._held
        return free and unsuitable(agent.config, demand) is None

    def candidates(self, call: QueuedCall, now: int, limit: int) -> tuple[list[Candidate], int]:
        rank, when = self._strategies[call.queue].rank, occasion(self._config, call, now)
        ranked = sorted(
            (rank(agent, call.demand, when), agent.agent_id)
            for agent in self._suitable(call.demand)
            if agent.availability.rule is None and agent.agent_id != self._held
        )
        return [Candidate(agent_id, points) for points, agent_id in ranked[:limit]], len(ranked)

    def competing(self, agent: AgentState, limit: int) -> tuple[list[CompetingCall], int]:
        first: dict[Demand, QueuedCall] = {}
        calls = sorted(self._calls_for(agent), key=lambda call: call.place)
        for call in calls:
            first.setdefault(call.demand, call)
        shown = list(first.values())[:limit]
        return [CompetingCall(call.call_id, call.queue, call.order_at) for call in shown], len(calls)

    def removed(self, demand: Demand) -> tuple[Removal, ...]:
        others = [agent for agent in self._agents.values() if agent.agent_id != self._held]
        return removals(others, demand, names=len(self._agents) <= NAMED_AGENTS)

    def staffed(self, demand: Demand) -> int:
        return sum(agent.logged_in for agent in self._suitable(demand))

    def working(self, demand: Demand) -> int:
        return sum(agent.at_work for agent in self._suitable(demand))

    def forsaken_calls(self, agent: AgentState) -> list[QueuedCall]:
        calls = [call for call in self._calls_for(agent) if not self.working(call.demand)]
        return sorted(calls, key=lambda call: call.place)

    def _suitable(self, demand: Demand) -> list[AgentState]:
        return [agent for agent in self._agents.values() if unsuitable(agent.config, demand) is None]

    def _calls_for(self, agent: AgentState) -> Sequence[QueuedCall]:
        return [call for call in self._calls.values() if unsuitable(agent.config, call.demand) is None]
