"""Agent choice: each strategy is a small function that scores an agent; the lowest score is offered the call.

Equal scores are decided by agent id, so that the choice never depends on chance or on the order of a
dictionary. To add one: write its function, and give it a line in ``STRATEGIES``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from acd.agent import AgentState
from acd.queued_call import Demand

Score = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Strategy:
    """One way to choose among the available agents.

    ``score(agent, demand, now)``: lower is better. ``steady`` promises that the score of an agent does not
    change while the agent stays available, so that agents may be kept sorted by it. ``words(score, at)``
    says it in English and Chinese.
    """

    name: str
    score: Callable[[AgentState, Demand, int], Score]
    words: Callable[[Score, int], tuple[str, str]]
    steady: bool = True


def _longest_idle(agent: AgentState, _demand: Demand, _now: int) -> Score:
    return (agent.idle_since,)


def _least_occupied(agent: AgentState, _demand: Demand, now: int) -> Score:
    staffed_ms = max(1, now - agent.logged_in_at)
    return (agent.busy_ms * 1000 // staffed_ms, agent.idle_since)


def _fewest_calls(agent: AgentState, _demand: Demand, _now: int) -> Score:
    return (agent.calls, agent.idle_since)


def _least_talk_time(agent: AgentState, _demand: Demand, _now: int) -> Score:
    return (agent.talk_ms, agent.idle_since)


def _round_robin(agent: AgentState, _demand: Demand, _now: int) -> Score:
    return (agent.turn,)


def _ordered(_agent: AgentState, _demand: Demand, _now: int) -> Score:
    return ()


def _required_levels(agent: AgentState, demand: Demand) -> int:
    skills = agent.config.skills
    return sum(skills.get(requirement.skill, 0) for requirement in demand.requirements)


def _most_skilled(agent: AgentState, demand: Demand, _now: int) -> Score:
    return (-_required_levels(agent, demand), agent.idle_since)


def _least_skilled(agent: AgentState, demand: Demand, _now: int) -> Score:
    return (_required_levels(agent, demand), len(agent.config.skills), agent.idle_since)


def _idle_words(score: Score, at: int) -> tuple[str, str]:
    idle_sec = (at - score[-1]) / 1000
    return f"idle for {idle_sec:.1f} s", f"空闲 {idle_sec:.1f} 秒"


STRATEGIES: Mapping[str, Strategy] = MappingProxyType(
    {
        strategy.name: strategy
        for strategy in (
            Strategy("longest_idle", _longest_idle, _idle_words),
            Strategy(
                "least_occupied",
                _least_occupied,
                lambda score, _at: (
                    f"busy {score[0] / 10:.1f} % of the shift",
                    f"占用率 {score[0] / 10:.1f}%",
                ),
                steady=False,
            ),
            Strategy(
                "fewest_calls",
                _fewest_calls,
                lambda score, _at: (f"{score[0]} calls since log-in", f"签入后 {score[0]} 通"),
            ),
            Strategy(
                "least_talk_time",
                _least_talk_time,
                lambda score, _at: (f"{score[0] / 1000:.0f} s of talk", f"通话 {score[0] / 1000:.0f} 秒"),
            ),
            Strategy(
                "round_robin",
                _round_robin,
                lambda score, _at: (f"last Offer was number {score[0]}", f"上次轮到为第 {score[0]} 次"),
            ),
            Strategy("ordered", _ordered, lambda _score, _at: ("in fixed order", "固定顺序")),
            Strategy(
                "most_skilled",
                _most_skilled,
                lambda score, _at: (f"skill levels sum to {-score[0]}", f"技能等级合计 {-score[0]}"),
            ),
            Strategy(
                "least_skilled",
                _least_skilled,
                lambda score, _at: (f"skill levels sum to {score[0]}", f"技能等级合计 {score[0]}"),
            ),
        )
    }
)
