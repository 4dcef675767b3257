"""The words of explanations, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from acd.agent import Rule
from acd.call_choice import CALL_CHOICES
from acd.strategies import STRATEGIES

if TYPE_CHECKING:
    from acd.explain import Decision, Removal, WaitReason

_RULES: Mapping[Rule, tuple[str, str]] = MappingProxyType(
    {
        Rule.NOT_THE_NAMED_AGENT: ("not the agent asked for", "非指定坐席"),
        Rule.KEPT_FOR_ANOTHER: ("not the one the call is kept for", "来电保留给首选坐席"),
        Rule.OTHER_QUEUES: ("not serving the queue", "不服务该队列"),
        Rule.OTHER_GROUPS: ("not of the groups asked for", "非指定班组"),
        Rule.MISSING_SKILL: ("without the skill", "缺少技能"),
        Rule.LEVEL_TOO_LOW: ("skill level too low", "技能等级不足"),
        Rule.RESERVE: ("in reserve until the call has waited", "后备，等待满时限后可接"),
        Rule.NOT_LOGGED_IN: ("not logged in", "未签入"),
        Rule.NOT_READY: ("not ready", "示忙"),
        Rule.BUSY: ("busy", "工作中"),
        Rule.DELAYED: ("left in peace after an Offer", "振铃后间隔中"),
    }
)
_AGENTS_REMOVED = ("{count} {rule}", "{rule} {count} 人")


def _index(language: str) -> int:
    return 1 if language.lower().startswith("zh") else 0


def _instant(at: int) -> str:
    seconds, ms = divmod(at, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{ms:03d}Z"


def _seconds(span_ms: int) -> str:
    return f"{span_ms / 1000:.1f}"


def _removed_text(removed: tuple[Removal, ...], index: int) -> str:
    parts = []
    for removal in removed:
        part = _AGENTS_REMOVED[index].format(count=removal.number, rule=_RULES[removal.rule][index])
        if removal.detail:
            part += f": {removal.detail}"
        if removal.agents:
            part += f" ({', '.join(removal.agents)})"
        if removal.until_at is not None:
            part += (f" until {_instant(removal.until_at)}", f" 至 {_instant(removal.until_at)}")[index]
        parts.append(part)
    return "; ".join(parts)


def _candidates_text(decision: Decision, index: int) -> str:
    strategy = STRATEGIES[decision.strategy]
    return ", ".join(
        f"{candidate.agent_id} ({strategy.rank_words(candidate.score, decision.at)[index]})"
        for candidate in decision.candidates
    )


def _tie_break_text(decision: Decision, index: int) -> str:
    scores = [candidate.score for candidate in decision.candidates]
    if len(scores) < 2 or scores[0] != scores[1]:
        return ""
    return (" Equal scores: the first agent id wins.", "得分相同时按坐席编号。")[index]


def _counts_as_waiting(order_at: int, at: int) -> str:
    return _seconds(at - order_at)


def _competition_text(decision: Decision, counted: str, index: int) -> str:
    """Which other calls the agent who came free could have taken, and why this one went first."""
    choice = CALL_CHOICES[decision.call_choice].words[index]
    others = ", ".join(
        f"{call.call_id} ({call.queue}, {_counts_as_waiting(call.order_at, decision.at)} s)"
        for call in decision.competing
    )
    return (
        f"The agent came free; {decision.competing_count} other call(s) competed"
        + (f": {others}" if others else "")
        + f". This one went first by the rule: {choice} (it counts as waiting for {counted} s).",
        f"坐席空闲时另有 {decision.competing_count} 通来电可接"
        + (f"：{others}" if others else "")
        + f"。按规则“{choice}”本通优先（计等待 {counted} 秒）。",
    )[index]


def decision_text(decision: Decision, language: str) -> str:
    """Why the agent was offered the call, in a few sentences."""
    index = _index(language)
    waited, counted = (
        _seconds(decision.at - decision.queued_at),
        _counts_as_waiting(decision.order_at, decision.at),
    )
    needs = ", ".join(f"{need.skill} >= {need.level}" for need in decision.requirements)
    if decision.relaxed and not needs:
        needs = ("no skill", "无")[index]
    lines = [
        (
            f"Call {decision.call_id} of queue {decision.queue}, waiting for {waited} s, was offered "
            f"to agent {decision.agent_id} at {_instant(decision.at)} "
            f"(configuration {decision.config_version}).",
            f"{_instant(decision.at)}，队列 {decision.queue} 的来电 {decision.call_id} 已等待 {waited} 秒，"
            f"分配给坐席 {decision.agent_id}（配置 {decision.config_version}）。",
        )[index],
        (
            (f"It needs {needs}{_relaxed_text(decision.relaxed, 0)}. " if needs else "")
            + f"{decision.candidate_count} agent(s) could take it, chosen by {decision.strategy}: "
            + f"{_candidates_text(decision, index)}.{_tie_break_text(decision, index)}",
            (f"要求技能 {needs}{_relaxed_text(decision.relaxed, 1)}。" if needs else "")
            + f"可接坐席 {decision.candidate_count} 人，按 {decision.strategy} 选择："
            + f"{_candidates_text(decision, index)}。{_tie_break_text(decision, index)}",
        )[index],
    ]
    if decision.removed:
        removed = _removed_text(decision.removed, index)
        lines.append((f"Removed: {removed}.", f"排除：{removed}。")[index])
    if decision.chosen_by.value == "preference":
        lines.append(
            ("The call prefers this agent, who goes before the others.", "来电首选该坐席，优先分配。")[index]
        )
    if decision.chosen_by.value == "agent":
        lines.append(_competition_text(decision, counted, index))
    return "\n".join(lines)


def wait_text(reason: WaitReason, language: str) -> str:
    """Why the call still waits, in a few sentences."""
    index = _index(language)
    waited = _seconds(reason.at - reason.queued_at)
    lines = [
        (
            f"Call {reason.call_id} has waited for {waited} s in queue {reason.queue}, "
            f"{reason.ahead} call(s) ahead.",
            f"来电 {reason.call_id} 在队列 {reason.queue} 已等待 {waited} 秒，前面还有 {reason.ahead} 通。",
        )[index]
    ]
    if reason.offered_to:
        ringing = ", ".join(reason.offered_to)
        lines.append((f"Ringing: agent {ringing}.", f"正在振铃：坐席 {ringing}。")[index])
    removed = _removed_text(reason.removed, index) or ("no agents are configured", "没有配置坐席")[index]
    lines.append((f"No other agent can take it: {removed}.", f"其他坐席不可接：{removed}。")[index])
    if reason.relaxes_at is not None:
        at = _instant(reason.relaxes_at)
        lines.append((f"It will ask for less at {at}.", f"{at} 起放宽要求。")[index])
    return "\n".join(lines)


def _relaxed_text(steps: int, index: int) -> str:
    return (f" after {steps} step(s) of relaxing", f"（已放宽 {steps} 级）")[index] if steps else ""


_CURES: Mapping[Rule, tuple[str, str]] = MappingProxyType(
    {
        Rule.NOT_THE_NAMED_AGENT: ("the call would have had to ask for nobody else", "来电未指定其他坐席"),
        Rule.KEPT_FOR_ANOTHER: ("the call would have had to wait out its patience", "来电等满保留时限"),
        Rule.OTHER_QUEUES: ("the agent would have had to serve the queue", "坐席服务该队列"),
        Rule.OTHER_GROUPS: (
            "the agent would have had to belong to one of the groups",
            "坐席属于这些班组之一",
        ),
        Rule.MISSING_SKILL: ("the agent would have had to hold the skill", "坐席具备该技能"),
        Rule.LEVEL_TOO_LOW: (
            "the agent would have had to hold the skill at that level",
            "坐席技能达到该等级",
        ),
        Rule.RESERVE: ("the call would have had to wait that long first", "来电先等待满该时限"),
        Rule.NOT_LOGGED_IN: ("the agent would have had to be logged in", "坐席已签入"),
        Rule.NOT_READY: ("the agent would have had to be ready", "坐席示闲"),
        Rule.BUSY: ("the agent would have had to be free", "坐席空闲"),
        Rule.DELAYED: ("the rest after the last Offer would have had to be over", "上次振铃后的间隔已过"),
    }
)


def wait_agent_text(reason: WaitReason, agent_id: str, language: str) -> str:
    """What kept this agent from the waiting call, and what would have lifted it, in a sentence."""
    index = _index(language)
    if agent_id in reason.offered_to:
        return (f"Agent {agent_id} was being rung.", f"坐席 {agent_id} 正在振铃。")[index]
    kept = _kept_text(reason.removed, agent_id, index)
    end = (".", "。")[index]
    return (
        kept + end
        if kept
        else (f"This reason does not name agent {agent_id}.", f"该说明未列出坐席 {agent_id}。")[index]
    )


def _kept_text(removed: tuple[Removal, ...], agent_id: str, index: int) -> str:
    """The rule that removed the agent and what would have lifted it; empty when none is known."""
    for removal in removed:
        if agent_id in removal.agents:
            rule, cure = _RULES[removal.rule][index], _CURES[removal.rule][index]
            detail = f" ({removal.detail})" if removal.detail else ""
            return (
                f"Agent {agent_id} was {rule}{detail}: {cure}",
                f"坐席 {agent_id} {rule}{detail}；前提：{cure}",
            )[index]
    return ""


def agent_text(decision: Decision, agent_id: str, language: str) -> str:
    """What would have made this agent get the call, in a sentence."""
    index = _index(language)
    if agent_id == decision.agent_id:
        return (f"Agent {agent_id} was offered the call.", f"该来电已分配给坐席 {agent_id}。")[index]
    if kept := _kept_text(decision.removed, agent_id, index):
        before = (f", and then to come before {decision.agent_id}.", f"，并且排序先于 {decision.agent_id}。")
        return kept + before[index]
    strategy, first = STRATEGIES[decision.strategy], decision.candidates[0]
    winner = strategy.rank_words(first.score, decision.at)[index]
    for candidate in decision.candidates:
        if candidate.agent_id == agent_id:
            own = strategy.rank_words(candidate.score, decision.at)[index]
            return (
                f"Agent {agent_id} could have taken it ({own}) but came after {first.agent_id} ({winner}) "
                f"by {decision.strategy}.",
                f"坐席 {agent_id} 可接（{own}），"
                f"但按 {decision.strategy} 排在 {first.agent_id}（{winner}）之后。",
            )[index]
    return (
        f"Agent {agent_id} was not among the first {len(decision.candidates)} of "
        f"{decision.candidate_count} candidates, or was removed: this Decision names no more of them.",
        f"坐席 {agent_id} 不在 {decision.candidate_count} 名候选人的前 {len(decision.candidates)} 名，"
        "或已被排除。",
    )[index]
