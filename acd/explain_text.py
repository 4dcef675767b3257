"""The words of explanations, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from acd.agent import Rule
from acd.strategies import STRATEGIES

if TYPE_CHECKING:
    from acd.explain import Decision, Removal, WaitReason

_RULES: Mapping[Rule, tuple[str, str]] = MappingProxyType(
    {
        Rule.NOT_THE_NAMED_AGENT: ("not the agent asked for", "非指定坐席"),
        Rule.OTHER_QUEUES: ("not serving the queue", "不服务该队列"),
        Rule.MISSING_SKILL: ("without the skill", "缺少技能"),
        Rule.LEVEL_TOO_LOW: ("skill level too low", "技能等级不足"),
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
        part = _AGENTS_REMOVED[index].format(count=removal.count, rule=_RULES[removal.rule][index])
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
        f"{candidate.agent_id} ({strategy.words(candidate.score, decision.at)[index]})"
        for candidate in decision.candidates
    )


def _tie_break_text(decision: Decision, index: int) -> str:
    scores = [candidate.score for candidate in decision.candidates]
    if len(scores) < 2 or scores[0] != scores[1]:
        return ""
    return (" Equal scores: the first agent id wins.", "得分相同时按坐席编号。")[index]


def _counts_as_waiting(order_at: int, at: int) -> str:
    return _seconds(at - order_at)


def decision_text(decision: Decision, language: str) -> str:
    """Why the agent was offered the call, in a few sentences."""
    index = _index(language)
    waited, counted = (
        _seconds(decision.at - decision.queued_at),
        _counts_as_waiting(decision.order_at, decision.at),
    )
    needs = ", ".join(f"{need.skill} >= {need.level}" for need in decision.requirements)
    lines = [
        (
            f"Call {decision.call_id} of queue {decision.queue}, waiting for {waited} s, was offered "
            f"to agent {decision.agent_id} at {_instant(decision.at)} "
            f"(configuration {decision.config_version}).",
            f"{_instant(decision.at)}，队列 {decision.queue} 的来电 {decision.call_id} 已等待 {waited} 秒，"
            f"分配给坐席 {decision.agent_id}（配置 {decision.config_version}）。",
        )[index],
        (
            (f"It needs {needs}. " if needs else "")
            + f"{decision.candidate_count} agent(s) could take it, chosen by {decision.strategy}: "
            + f"{_candidates_text(decision, index)}.{_tie_break_text(decision, index)}",
            (f"要求技能 {needs}。" if needs else "")
            + f"可接坐席 {decision.candidate_count} 人，按 {decision.strategy} 选择："
            + f"{_candidates_text(decision, index)}。{_tie_break_text(decision, index)}",
        )[index],
    ]
    if decision.removed:
        removed = _removed_text(decision.removed, index)
        lines.append((f"Removed: {removed}.", f"排除：{removed}。")[index])
    if decision.chosen_by.value == "agent":
        others = ", ".join(
            f"{call.call_id} ({call.queue}, {_counts_as_waiting(call.order_at, decision.at)} s)"
            for call in decision.competing
        )
        lines.append(
            (
                f"The agent came free; {decision.competing_count} other call(s) competed"
                + (f": {others}" if others else "")
                + f". This one counts as waiting longest ({counted} s, priority included).",
                f"坐席空闲时另有 {decision.competing_count} 通来电可接"
                + (f"：{others}" if others else "")
                + f"。本通计等待最长（{counted} 秒，含优先级）。",
            )[index]
        )
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
    if reason.offered_to is not None:
        lines.append(
            (f"The phone of agent {reason.offered_to} is ringing.", f"坐席 {reason.offered_to} 正在振铃。")[
                index
            ]
        )
    removed = _removed_text(reason.removed, index) or ("no agents are configured", "没有配置坐席")[index]
    lines.append((f"No other agent can take it: {removed}.", f"其他坐席不可接：{removed}。")[index])
    return "\n".join(lines)
