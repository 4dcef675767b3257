"""Call choice: which of the waiting calls an agent gets who could take several. The lowest score goes first.

Within a queue calls always go in their order. The choice is among the first calls of the queues that the
agent serves; equal scores are decided by the calls' places. To add a choice: write its function, and give it
a line in ``CALL_CHOICES``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from acd.model import QueueConfig

_PER_MILLE = 1000


@dataclass(frozen=True, slots=True)
class CallChoice:
    """One way to choose among the first calls of several queues.

    ``score(queue, order_at, now)``: lower is better. ``by_priority`` tells whether a call's priority counts
    as waiting (``order_at``), in its queue and among queues. ``words`` say it in English and Chinese. A
    choice without a score goes by place alone.
    """

    name: str
    score: Callable[[QueueConfig, int, int], int] | None
    by_priority: bool
    words: tuple[str, str]


def _service_objective(queue: QueueConfig, order_at: int, now: int) -> int:
    """The first call's wait as a share of what its queue promises, the largest first.

    The delay form of the queue-ratio rule (Gurvich and Whitt, Queue-and-Idleness-Ratio Controls in
    Many-Server Service Systems, Mathematics of Operations Research 34, 2009): waits of the queues are kept
    in the ratio of their targets, so that all of them meet theirs, or miss them by the same factor.
    """
    return -(now - order_at) * _PER_MILLE // (queue.target_sec * 1000)


CALL_CHOICES: Mapping[str, CallChoice] = MappingProxyType(
    {
        choice.name: choice
        for choice in (
            CallChoice("longest_waiting", None, False, ("longest waiting", "等待最长优先")),
            CallChoice(
                "priority", None, True, ("longest waiting, priority included", "等待最长优先，含优先级")
            ),
            CallChoice(
                "service_objective",
                _service_objective,
                True,
                ("queue most behind its target", "距服务目标差距最大的队列优先"),
            ),
        )
    }
)
