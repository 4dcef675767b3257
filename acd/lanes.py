"""IndexedMatching: the answers of ``ScanMatching`` without looking at everything.

A Lane holds the calls of one Demand and the agents who can serve it. Calls stand in it sorted by place,
available agents sorted by score, the others counted by the rule that removes them. Priority with linear
ageing never changes the order of two calls, and a steady score not that of two agents, so nothing is ever
re-sorted. A call looks at one Lane; an agent at the heads of the Lanes the agent serves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from heapq import nsmallest

from acd.agent import AVAILABLE, LOGGED_OUT, AgentState, Availability, Rule
from acd.call_choice import CALL_CHOICES
from acd.explain import NAMED_AGENTS, Candidate, CompetingCall, Removal
from acd.matching import named_rule, occasion, order_of, removal_order, removals, strategies_of, unsuitable
from acd.model import AcdConfig, SkillRequirement
from acd.queued_call import Demand, QueuedCall
from acd.sorted_ends import put_in, take_out
from acd.strategies import ANY_TIME, Score, Strategy

_Removals = dict[tuple[Rule, str], int]
_Placed = tuple[int, int, QueuedCall]
"""A call behind the numbers that give its place, which no two calls share."""

_MAX_LANES = 4096
_FREE, _LOGGED_OUT = 0, 1
"""Where lanes count the agents who are available, and those who are logged out."""
_AWAY = (Rule.NOT_LOGGED_IN, Rule.NOT_READY)


def _placed(call: QueuedCall) -> _Placed:
    return (call.order_at, call.sequence, call)


class Lane:
    """The waiting calls of one Demand, the available agents for them, and why the others are not."""

    __slots__ = ("agents", "calls", "counts", "demand", "idle", "idle_key", "strategy", "unfit")

    def __init__(
        self,
        demand: Demand,
        strategy: Strategy,
        agents: frozenset[str],
        lasting: _Removals,
        counts: list[int],
    ) -> None:
        self.demand = demand
        self.strategy = strategy
        self.agents = agents
        self.unfit = tuple(
            Removal(rule, detail, count)
            for (rule, detail), count in sorted(lasting.items(), key=removal_order)
        )
        self.calls: list[_Placed] = []
        self.idle: list[tuple[Score, str]] = []
        self.idle_key: dict[str, tuple[Score, str]] = {}
        self.counts = counts
        """How many of the agents have each availability, by its number."""

    def make_idle(self, agent: AgentState) -> None:
        """The agent is available: put at the place its score gives."""
        # An unsteady rank is taken anew at each question; here it only has to be the same in and out.
        rank = self.strategy.rank(agent, self.demand, ANY_TIME) if self.strategy.steady else ()
        key = self.idle_key[agent.agent_id] = (rank, agent.agent_id)
        put_in(self.idle, key)

    def end_idle(self, agent_id: str) -> None:
        """The agent is available no more."""
        take_out(self.idle, self.idle_key.pop(agent_id))


class _Lanes(dict[Demand, Lane]):
    """Lanes by Demand; one that is missing is opened."""

    def __init__(self, open_lane: Callable[[Demand], Lane]) -> None:
        super().__init__()
        self._open_lane = open_lane

    def __missing__(self, demand: Demand) -> Lane:
        lane = self[demand] = self._open_lane(demand)
        return lane


class IndexedMatching:
    """Matching by Lanes; guarantees the same answers as ``ScanMatching``."""

    def __init__(self, config: AcdConfig, agents: Mapping[str, AgentState]) -> None:
        self._config = config
        self._choice = CALL_CHOICES[config.call_choice].score
        self._strategies = strategies_of(config)
        self._agents = agents
        self._lanes = _Lanes(self._open_lane)
        self._lane_of: dict[str, Lane] = {}
        """The lane of each call that waits."""
        self._lanes_of: dict[str, list[Lane]] = {agent_id: [] for agent_id in agents}
        self._numbers: dict[Availability, int] = {}
        self._removing: list[tuple[int, Rule, str]] = []
        """The numbers of all availabilities but that of the free, in the order of removals."""
        for availability in (AVAILABLE, LOGGED_OUT):
            self._number(availability)
        self._filed = {agent_id: self._number(agent.availability) for agent_id, agent in agents.items()}
        self._held: str | None = None
        """An agent who is being given a call, and counts nowhere until filed again."""
        self._levels: dict[str, dict[str, int]] = {}
        self._listed: dict[str, set[str]] = {}
        self._unlisted: set[str] = set()
        self._members: dict[str, set[str]] = {}
        self._reserves: dict[str, dict[str, int]] = {}
        for agent_id, agent in agents.items():
            for skill, level in agent.config.skills.items():
                self._levels.setdefault(skill, {})[agent_id] = level
            for queue in agent.config.queues:
                self._listed.setdefault(queue, set()).add(agent_id)
            if not agent.config.queues:
                self._unlisted.add(agent_id)
            for group in agent.config.groups:
                self._members.setdefault(group, set()).add(agent_id)
            for queue, terms in agent.config.terms.items():
                if terms.delay_sec:
                    self._reserves.setdefault(queue, {})[agent_id] = terms.delay_sec

    def add_call(self, call: QueuedCall) -> None:
        lane = self._lane_of[call.call_id] = self._lanes[call.demand]
        put_in(lane.calls, _placed(call))

    def remove_call(self, call: QueuedCall) -> None:
        lane = self._lane_of.pop(call.call_id, None)
        if lane is not None:
            take_out(lane.calls, _placed(call))

    def file_agent(self, agent: AgentState) -> None:
        """File the agent under the present availability in every lane the agent could serve."""
        self._held = None
        agent_id = agent.agent_id
        before, after = self._filed[agent_id], self._number(agent.availability)
        if before == after:
            return
        self._filed[agent_id] = after
        lanes = self._lanes_of[agent_id]
        for lane in lanes:
            counts = lane.counts
            counts[before] -= 1
            counts[after] += 1
        if before == _FREE:
            for lane in lanes:
                lane.end_idle(agent_id)
        elif after == _FREE:
            for lane in lanes:
                lane.make_idle(agent)

    def hold_agent(self, agent: AgentState) -> None:
        self._held = agent.agent_id

    def best_call(self, agent: AgentState, now: int) -> QueuedCall | None:
        lanes = self._lanes_of[agent.agent_id]
        if self._choice is None and not agent.config.terms:
            best = min([lane.calls[0] for lane in lanes if lane.calls], default=None)
            return None if best is None else best[2]
        heads: dict[str, _Placed] = {}
        for lane in lanes:
            if lane.calls:
                queue = lane.demand.queue
                heads[queue] = min(lane.calls[0], heads.get(queue, lane.calls[0]))
        if not heads:
            return None
        return min((self._rank(agent, queue, head, now), head) for queue, head in heads.items())[1][2]

    def _rank(self, agent: AgentState, queue: str, head: _Placed, now: int) -> tuple[int, int]:
        """The queue's place in the agent's order, then the score of its first call by the call choice."""
        score = self._choice(self._config.queues[queue], head[0], now) if self._choice else 0
        return order_of(agent.config, queue), score

    def is_free_for(self, agent: AgentState, demand: Demand) -> bool:
        agent_id = agent.agent_id
        free = self._filed[agent_id] == _FREE and agent_id != self._held
        return free and unsuitable(agent.config, demand) is None

    def best_agent(self, call: QueuedCall, now: int) -> AgentState | None:
        lane = self._lanes[call.demand]
        if not lane.idle:
            return None
        if lane.strategy.steady and self._held is None:
            return self._agents[lane.idle[0][1]]
        best = self._best(lane, call, now, 1)
        return self._agents[best[0][1]] if best else None

    def candidates(self, call: QueuedCall, now: int, limit: int) -> tuple[list[Candidate], int]:
        lane = self._lanes[call.demand]
        if not lane.idle:
            return [], 0
        best = [Candidate(agent_id, rank) for rank, agent_id in self._best(lane, call, now, limit)]
        return best, len(lane.idle) - (self._held in lane.idle_key)

    def _best(self, lane: Lane, call: QueuedCall, now: int, limit: int) -> list[tuple[Score, str]]:
        """The first available agents of the lane, who is held left out."""
        if lane.strategy.steady:
            first = lane.idle[: limit + 1]
        else:
            first = nsmallest(limit + 1, self._ranked(lane, call, now))
        return [one for one in first if one[1] != self._held][:limit]

    def competing(self, agent: AgentState, limit: int) -> tuple[list[CompetingCall], int]:
        heads: list[_Placed] = []
        count = 0
        for lane in self._lanes_of[agent.agent_id]:
            if lane.calls:
                heads.append(lane.calls[0])
                count += len(lane.calls)
        heads.sort()
        shown = [CompetingCall(call.call_id, call.queue, order_at) for order_at, _, call in heads[:limit]]
        return shown, count

    def removed(self, demand: Demand) -> tuple[Removal, ...]:
        if len(self._agents) <= NAMED_AGENTS:
            others = [agent for agent_id, agent in self._agents.items() if agent_id != self._held]
            return removals(others, demand, names=True)
        lane = self._lanes[demand]
        held = self._filed[self._held] if self._held is not None and self._held in lane.agents else None
        rows = list(lane.unfit)
        for number, rule, detail in self._removing:
            count = lane.counts[number] - (number == held)
            if count:
                rows.append(Removal(rule, detail, count))
        return tuple(rows)

    def staffed(self, demand: Demand) -> int:
        lane = self._lanes[demand]
        return len(lane.agents) - lane.counts[_LOGGED_OUT]

    def working(self, demand: Demand) -> int:
        lane = self._lanes[demand]
        away = sum(lane.counts[number] for number, rule, _ in self._removing if rule in _AWAY)
        return len(lane.agents) - away

    def forsaken_calls(self, agent: AgentState) -> list[QueuedCall]:
        placed = [
            one
            for lane in self._lanes_of[agent.agent_id]
            if lane.calls and not self.working(lane.demand)
            for one in lane.calls
        ]
        return [call for _, _, call in sorted(placed)]

    def _number(self, availability: Availability) -> int:
        """Where lanes count the agents with this availability."""
        number = self._numbers.get(availability)
        return self._new_number(availability) if number is None else number

    def _new_number(self, availability: Availability) -> int:
        number = self._numbers[availability] = len(self._numbers)
        for lane in self._lanes.values():
            lane.counts.append(0)
        removing = [
            ((rule, detail), known) for (rule, detail), known in self._numbers.items() if rule is not None
        ]
        removing.sort(key=removal_order)
        self._removing = [(known, rule, detail) for (rule, detail), known in removing]
        return number

    def _ranked(self, lane: Lane, call: QueuedCall, now: int) -> list[tuple[Score, str]]:
        rank, when = lane.strategy.rank, occasion(self._config, call, now)
        return [(rank(self._agents[agent_id], lane.demand, when), agent_id) for agent_id in lane.idle_key]

    def _open_lane(self, demand: Demand) -> Lane:
        if len(self._lanes) >= _MAX_LANES:
            self._close_empty_lanes()
        agents, lasting = self._suitable(demand)
        counts = [0] * len(self._numbers)
        lane = Lane(demand, self._strategies[demand.queue], agents, lasting, counts)
        for agent_id in sorted(agents):
            self._lanes_of[agent_id].append(lane)
            number = self._filed[agent_id]
            counts[number] += 1
            if number == _FREE:
                lane.make_idle(self._agents[agent_id])
        return lane

    def _close_empty_lanes(self) -> None:
        """Demands that only single calls made would otherwise pile up."""
        empty = [demand for demand, lane in self._lanes.items() if not lane.calls]
        for demand in empty:
            lane = self._lanes.pop(demand)
            for agent_id in lane.agents:
                self._lanes_of[agent_id].remove(lane)

    def _suitable(self, demand: Demand) -> tuple[frozenset[str], _Removals]:
        """The agents who can serve the demand, and the others counted by the first rule that forbids it."""
        everyone = len(self._agents)
        if demand.agent_id is not None:
            named = frozenset((demand.agent_id,)) & self._agents.keys()
            others = everyone - len(named)
            return frozenset(named), {(named_rule(demand), ""): others} if others else {}
        agents: frozenset[str] = frozenset(self._unlisted | self._listed.get(demand.queue, set()))
        removed = {(Rule.OTHER_QUEUES, ""): everyone - len(agents)}
        if demand.groups:
            members = agents & set().union(*(self._members.get(group, ()) for group in demand.groups))
            removed[Rule.OTHER_GROUPS, " ".join(demand.groups)] = len(agents) - len(members)
            agents = frozenset(members)
        for requirement in demand.requirements:
            holders, fit = self._fit(agents, requirement)
            removed[Rule.MISSING_SKILL, requirement.skill] = len(agents) - len(holders)
            removed[Rule.LEVEL_TOO_LOW, f"{requirement.skill} {requirement.level}"] = len(holders) - len(fit)
            agents = fit
        away: set[str] = set()
        for agent_id, delay_sec in self._reserves.get(demand.queue, {}).items():
            if delay_sec > demand.waited_sec and agent_id in agents:
                reason = Rule.RESERVE, f"{delay_sec} s"
                removed[reason] = removed.get(reason, 0) + 1
                away.add(agent_id)
        agents -= away
        return agents, {reason: count for reason, count in removed.items() if count}

    def _fit(
        self, agents: frozenset[str], requirement: SkillRequirement
    ) -> tuple[frozenset[str], frozenset[str]]:
        """Those of the agents who hold the skill, and those of them whose level suffices."""
        levels = self._levels.get(requirement.skill, {})
        holders = agents & levels.keys()
        return frozenset(holders), frozenset(agent for agent in holders if levels[agent] >= requirement.level)
