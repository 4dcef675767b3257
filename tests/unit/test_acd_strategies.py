"""Each strategy's choice in one picture."""

from __future__ import annotations

import pytest
from acd_scene import Scene, config, queue

from acd.agent import AgentState
from acd.model import AgentConfig, SkillRequirement
from acd.queued_call import Demand
from acd.strategies import STRATEGIES, Occasion

DEMAND = Demand("support", (SkillRequirement("en", 2),))
NOW = 1_000_000


def agent(agent_id: str, en: int = 5, others: int = 0, **facts: int) -> AgentState:
    """An available agent with these figures."""
    skills = {"en": en, **{f"other{n}": 1 for n in range(others)}}
    return AgentState(AgentConfig(agent_id, skills), **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("strategy", "chosen", "other"),
    [
        ("longest_idle", agent("z", idle_since=1), agent("a", idle_since=2)),
        ("least_occupied", agent("z", busy_ms=10_000), agent("a", busy_ms=20_000)),
        ("least_occupied", agent("z", busy_ms=10_000), agent("a", busy_ms=9_000, logged_in_at=NOW - 10_000)),
        ("fewest_calls", agent("z", calls=3), agent("a", calls=4)),
        ("fewest_calls", agent("z", calls=3, idle_since=1), agent("a", calls=3, idle_since=2)),
        ("least_talk_time", agent("z", talk_ms=1_000), agent("a", talk_ms=2_000)),
        ("round_robin", agent("z", turn=7), agent("a", turn=8)),
        ("ordered", agent("a", idle_since=9), agent("z", idle_since=1)),
        ("most_skilled", agent("z", en=9), agent("a", en=8)),
        ("least_skilled", agent("z", en=2), agent("a", en=3)),
        ("least_skilled", agent("z", others=1), agent("a", others=2)),
    ],
)
def test_the_lower_score_is_chosen(strategy: str, chosen: AgentState, other: AgentState) -> None:
    """The figure the strategy is named after decides; the agent id only between equals."""
    score = STRATEGIES[strategy].score
    ranks = {(score(one, DEMAND, Occasion(NOW)), one.agent_id): one for one in (chosen, other)}
    assert ranks[min(ranks)] is chosen


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_can_say_its_score_in_words(strategy: str) -> None:
    """Offer explanations never fail for want of words, in either language."""
    scene = Scene(config(queue(strategy=strategy)), "a1")
    for call_id in ("c1", "c2"):
        scene.call(call_id)
    one = agent("a1", idle_since=4)
    rank = STRATEGIES[strategy].rank(one, DEMAND, Occasion(NOW, "c1"))
    english, chinese = STRATEGIES[strategy].rank_words(rank, NOW)
    assert english.isascii()
    assert not chinese.isascii()


@pytest.mark.parametrize("name", [name for name, strategy in STRATEGIES.items() if strategy.steady])
def test_steady_scores_do_not_depend_on_the_time(name: str) -> None:
    """Agents are kept sorted by a steady score, so it must not move while they wait."""
    one = agent("a1", busy_ms=10, calls=2, talk_ms=5, turn=3)
    score = STRATEGIES[name].score
    assert score(one, DEMAND, Occasion(NOW)) == score(one, DEMAND, Occasion(NOW + 86_400_000, "c1"))
