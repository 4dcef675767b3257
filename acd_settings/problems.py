"""What is well-formed but wrong in what is written about queues and agents: each at its path, all at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from acd.config_check import check
from acd.model import AcdConfig, OverflowKind
from acd_settings.sections import AgentRouting, QueueRouting
from located_yaml import did_you_mean

Problem = tuple[tuple[str | int, ...], str]
"""The path of a value in what is written, and what is wrong with it."""


def queue_problems(
    queues: Mapping[str, QueueRouting], agents: Mapping[str, AgentRouting], known: Iterable[str]
) -> Iterator[Problem]:
    """Queues that are named but not among the ``known``, and those that overflow into themselves."""
    known = list(known)
    for agent_id, agent in agents.items():
        for index, queue in enumerate(agent.queues):
            if queue not in known:
                yield ("agents", agent_id, "queues", index), unknown("queue", queue, known)
    for name, section in queues.items():
        for reason, target in section.overflow.items():
            path = ("queues", name, "overflow", reason.value)
            if target.to is OverflowKind.QUEUE and target.queue not in known:
                yield path, unknown("queue", target.queue, known)
            if target.to is OverflowKind.QUEUE and target.queue == name:
                yield path, "a queue cannot overflow into itself"


def router_problems(config: AcdConfig) -> Iterator[Problem]:
    """What only the Router can judge (an unknown strategy, steps out of order), with the paths under which it
    is written."""
    for mistake in check(config):
        yield _path_as_written(mistake.path), mistake.message


def told_once(disagreements: Iterable[Problem], judged: Iterable[Problem]) -> list[Problem]:
    """Both together; what disagrees already is not told a second time in the Router's words."""
    found = list(disagreements)
    paths = {path for path, _ in found}
    return [*found, *(problem for problem in judged if problem[0] not in paths)]


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """No such thing; the nearest that there is, or all of them."""
    known = list(known)
    near = did_you_mean(name, known) or f"; there are: {', '.join(known) or 'none'}"
    return f"no {kind} '{name}'{near}"


def _path_as_written(path: str) -> tuple[str | int, ...]:
    """``queues.general.steps[0].after_sec`` as the keys and indices that lead there."""
    steps = [int(index) if index else name for index, name in re.findall(r"\[(\d+)\]|([^.\[\]]+)", path)]
    match steps:
        case ["call_choice"]:
            return ("routing", "call_choice")
        case ["queues" | "agents", name, *rest]:
            renamed = {"requirements": "skills", "target_sec": "answer_within_sec"}
            return (str(steps[0]), str(name), *(renamed.get(str(step), step) for step in rest))
        case _:
            return tuple(steps)
