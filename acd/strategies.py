"""Agent choice: each strategy is a small function that scores an agent; the lowest score is offered the call.

An agent's tier in the queue (``acd.model.Terms``) goes before the score of any strategy. Equal scores are
decided by agent id, so that the choice never depends on chance or on the order of a dictionary. To add one:
write its function, and give it a line in ``STRATEGIES``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from types import MappingProxyType

from acd.agent import AgentState
from acd.model import USUAL_TERMS
from acd.queued_call import Demand

Score = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Occasion:
    """When a choice is made, and the text that the dice are made of."""

    now: int = 0
    dice: str = ""


ANY_TIME = Occasion()
"""The occasion for scores that do not depend on it."""


class Rings(StrEnum):
    """How many agents ring for one call."""

    ONE = "one"
    ALL = "all"
    """All who are available, up to the queue's ``ring_at_most``; at each ``ring_step_sec`` those who have
    come free join."""
    MORE = "more"
    """One, and another one at each of the queue's ``ring_step_sec``."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """One way to choose among the available agents.

    ``score(agent, demand, occasion)``: lower is better. ``steady`` promises that the score of an agent does
    not depend on the occasion nor change while the agent stays available, so that agents may be kept sorted
    by it. ``words(score, at)`` says it in English and Chinese.
    """

    name: str
    score: Callable[[AgentState, Demand, Occasion], Score]
    words: Callable[[Score, int], tuple[str, str]]
    steady: bool = True
    rings: Rings = Rings.ONE

    def rank(self, agent: AgentState, demand: Demand, occasion: Occasion) -> Score:
        """The agent's tier in the queue, then the score."""
        terms = agent.config.terms
        tier = terms.get(demand.queue, USUAL_TERMS).tier if terms else 1
        return (tier, *self.score(agent, demand, occasion))

    def rank_words(self, rank: Score, at: int) -> tuple[str, str]:
        """What ``rank`` gave, in words; the tier is told where it is not the first."""
        tier, *score = rank
        english, chinese = self.words(tuple(score), at)
        return (english, chinese) if tier == 1 else (f"tier {tier}, {english}", f"第 {tier} 梯队，{chinese}")


def _longest_idle(agent: AgentState, _demand: Demand, _occasion: Occasion) -> Score:
    return (agent.idle_since,)


def _least_occupied(agent: AgentState, _demand: Demand, occasion: Occasion) -> Score:
    staffed_ms = max(1, occasion.now - agent.logged_in_at)
    return (agent.busy_ms * 1000 // staffed_ms, agent.idle_since)


def _fewest_calls(agent: AgentState, _demand: Demand, _occasion: Occasion) -> Score:
    return (agent.calls, agent.idle_since)


def _least_talk_time(agent: AgentState, _demand: Demand, _occasion: Occasion) -> Score:
    return (agent.talk_ms, agent.idle_since)


def _round_robin(agent: AgentState, _demand: Demand, _occasion: Occasion) -> Score:
    return (agent.turn,)


def _ordered(_agent: AgentState, _demand: Demand, _occasion: Occasion) -> Score:
    return ()


def _weighted_levels(agent: AgentState, demand: Demand) -> int:
    skills = agent.config.skills
    return sum(need.weight * skills.get(need.skill, 0) for need in demand.requirements)


def _most_skilled(agent: AgentState, demand: Demand, _occasion: Occasion) -> Score:
    return (-_weighted_levels(agent, demand), agent.idle_since)


def _least_skilled(agent: AgentState, demand: Demand, _occasion: Occasion) -> Score:
    return (_weighted_levels(agent, demand), len(agent.config.skills), agent.idle_since)


_DICE_SIDES = 1 << 53


def _weighted_random(agent: AgentState, _demand: Demand, occasion: Occasion) -> Score:
    """An exponential variate with the agent's weight as its rate; the smallest of them is that of an agent
    with the probability weight / sum of weights (Efraimidis and Spirakis, Weighted Random Sampling with a
    Reservoir, Information Processing Letters 97, 2006)."""
    thrown = blake2b(f"{occasion.dice}:{agent.agent_id}".encode(), digest_size=8).digest()
    share = (int.from_bytes(thrown, "big") % _DICE_SIDES + 1) / _DICE_SIDES
    return (round(-math.log(share) / agent.config.weight * 1_000_000),)


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
            Strategy(
                "weighted_random",
                _weighted_random,
                lambda score, _at: (
                    f"threw {score[0] / 1_000_000:.3f}",
                    f"随机数 {score[0] / 1_000_000:.3f}",
                ),
                steady=False,
            ),
            Strategy("ring_all", _longest_idle, _idle_words, rings=Rings.ALL),
            Strategy("ring_progressively", _longest_idle, _idle_words, rings=Rings.MORE),
        )
    }
)
