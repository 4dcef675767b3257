"""Callers: every call of one replication, those that come by themselves and those that follow from them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from simulation.calls import DrawnCalls, NextCall, Purpose, Request, Throws
from simulation.durations import Dice
from simulation.plan import Plan

FIRST, AGAIN, SENT_ON = range(3)
"""How a call came about: by itself; of a caller who had called before; by an agent who sent the caller on."""


class Callers:
    """A call is a number, an index into the lists. The first ``count`` come by themselves, in the order of
    their arrival; all random numbers of theirs are drawn beforehand, in batches.

    What a caller does next is thrown with dice of the caller's own, so that it is the same whatever happens
    to the others.
    """

    def __init__(self, plan: Plan, seed: int, replication: int) -> None:
        self._plan = plan
        self._throws = [Throws(seed, replication, number) for number in range(len(plan.sources))]
        drawn = [
            source.draw(throws, plan.begin_ms, plan.end_ms)
            for source, throws in zip(plan.sources, self._throws, strict=True)
        ]
        origin = np.repeat(np.arange(len(drawn)), [len(calls.at_ms) for calls in drawn])
        at = _joined([calls.at_ms for calls in drawn])
        order = np.argsort(at, kind="stable")
        self.count = len(at)
        self.at: list[int] = at[order].tolist()
        self.talk: list[int] = _joined([calls.talk_ms for calls in drawn])[order].tolist()
        self.patience: list[int] = _joined([calls.patience_ms for calls in drawn])[order].tolist()
        self.wrap_up: list[int] = _joined([_wrap_ups(calls) for calls in drawn])[order].tolist()
        """-1: the queue's own time."""
        self.came: list[int] = [FIRST] * self.count
        """FIRST, AGAIN or SENT_ON."""
        requests = [Request(source.queue, source.priority, source.requirements) for source in plan.sources]
        self._source: list[int] = origin[order].tolist()
        self.request: list[Request] = [requests[source] for source in self._source]
        self._caller: list[int] = _joined([np.arange(len(calls.at_ms)) for calls in drawn])[order].tolist()
        self._turn: list[int] = [0] * self.count
        self._extends = [calls.extends for calls in drawn]
        self._last_agents: dict[tuple[int, int], str] = {}

    def extends(self, call: int) -> bool:
        """Whether the agent asks for more time when the wrap-up needs it."""
        return self._extends[self._source[call]]

    def calls_again(self, call: int, *, has_abandoned: bool, now: int) -> int | None:
        """The caller is gone: the call that comes of it, if one does before the end."""
        source = self._plan.sources[self._source[call]]
        following = source.calls_again(has_abandoned, self._dice(call, Purpose.AGAIN))
        if following is None or now + following.after_ms >= self._plan.end_ms:
            return None
        return self._append(call, following, now, AGAIN)

    def is_sent_on(self, call: int, now: int) -> int | None:
        """The talk is over: the call in another queue that comes of it now, if one does."""
        if self.came[call] == SENT_ON:
            return None
        source = self._plan.sources[self._source[call]]
        following = source.is_sent_on(self._dice(call, Purpose.TRANSFER))
        return None if following is None else self._append(call, following, now, SENT_ON)

    def talked(self, call: int, agent_id: str) -> None:
        """The caller has this agent."""
        if self._plan.last_agent_queues:
            self._last_agents[self._source[call], self._caller[call]] = agent_id

    def preferred(self, call: int, queue: str) -> str | None:
        """The agent with whom the caller talked last, in a queue that prefers that one."""
        if queue not in self._plan.last_agent_queues:
            return None
        return self._last_agents.get((self._source[call], self._caller[call]))

    def _dice(self, call: int, purpose: Purpose) -> Callable[[], Dice]:
        throws = self._throws[self._source[call]]
        return partial(throws.dice, purpose, self._caller[call], self._turn[call])

    def _append(self, call: int, following: NextCall, now: int, came: int) -> int:
        self.at.append(now + following.after_ms)
        self.talk.append(following.talk_ms)
        self.patience.append(following.patience_ms)
        self.wrap_up.append(following.wrap_up_ms)
        self.came.append(came)
        self.request.append(following.request)
        self._source.append(self._source[call])
        self._caller.append(self._caller[call])
        self._turn.append(self._turn[call] + 1)
        return len(self.at) - 1


def _joined(arrays: list[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    return np.concatenate(arrays) if arrays else np.empty(0, dtype=np.int64)


def _wrap_ups(calls: DrawnCalls) -> npt.NDArray[np.int64]:
    if calls.wrap_up_ms is not None:
        return calls.wrap_up_ms
    return np.full(len(calls.at_ms), -1, dtype=np.int64)
