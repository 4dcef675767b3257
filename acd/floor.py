"""Floor: everything the Router knows, and the questions that can be asked about it.

The Router changes it; nobody else does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from acd import snapshot
from acd.agent import AgentState
from acd.deadlines import DeadlineKind, Deadlines
from acd.events import CallQueued
from acd.explain import SHOWN, Candidate, ChosenBy, Decision, WaitReason, competing_calls
from acd.line import Line
from acd.matching import Matching
from acd.model import AcdConfig, AgentConfig, OverflowReason, QueueConfig
from acd.offer import OfferBook
from acd.queued_call import QueuedCall, demand_of, order_at
from acd.strategies import STRATEGIES

NewMatching = Callable[[AcdConfig, Mapping[str, AgentState]], Matching]


class Floor:
    """Calls, their lines, agents, Offers and deadlines under one configuration.

    A call is entered while it waits, and parked while no phone rings for it: only parked calls are matched
    and run into the queue's time-out.
    """

    def __init__(self, config: AcdConfig, new_matching: NewMatching) -> None:
        self.config = config
        self.deadlines = Deadlines()
        self.offers = OfferBook()
        self.calls: dict[str, QueuedCall] = {}
        self.lines = {name: Line(queue) for name, queue in config.queues.items()}
        self.agents = {agent_id: AgentState(agent) for agent_id, agent in config.agents.items()}
        self.matching = new_matching(config, self.agents)
        self._new_matching = new_matching
        self._arrivals = 0
        self._turns = 0

    def next_turn(self) -> int:
        """Number the Offers of the whole centre."""
        self._turns += 1
        return self._turns

    def new_call(self, event: CallQueued, now: int) -> QueuedCall:
        """The QueuedCall the event asks for; ValueError if its queue is not configured."""
        queue = self.config.queues.get(event.queue)
        if queue is None:
            raise ValueError(
                f"call {event.call_id} was queued to {event.queue!r}, which is no configured queue"
            )
        self._arrivals += 1
        return QueuedCall(
            call_id=event.call_id,
            queue=event.queue,
            queued_at=event.queued_at,
            entered_at=now,
            priority=event.priority,
            requirements=event.requirements,
            agent_id=event.agent_id,
            order_at=order_at(event.queued_at, event.priority, queue),
            sequence=self._arrivals,
            overflow_at=_overflow_at(queue, now),
            demand=demand_of(queue, event.requirements, event.agent_id),
        )

    def enter(self, call: QueuedCall) -> None:
        """The call waits in its queue from now on."""
        self.calls[call.call_id] = call
        self.lines[call.queue].add(call)

    def leave(self, call: QueuedCall) -> None:
        """The call waits no more."""
        self.unpark(call)
        del self.calls[call.call_id]
        line = self.lines[call.queue]
        line.remove(call)
        if call.queue not in self.config.queues and not len(line):
            del self.lines[call.queue]

    def park(self, call: QueuedCall) -> None:
        """No phone rings for the call."""
        self.matching.add_call(call)
        if call.overflow_at is not None:
            self.deadlines.arm(DeadlineKind.CALL, call.call_id, call.overflow_at)

    def unpark(self, call: QueuedCall) -> None:
        """A phone rings for the call, or it leaves."""
        self.matching.remove_call(call)
        self.deadlines.disarm(DeadlineKind.CALL, call.call_id)

    def parked(self) -> list[QueuedCall]:
        """The calls for which no phone rings, by place."""
        calls = [call for call in self.calls.values() if self.offers.open_of(call.call_id) is None]
        return sorted(calls, key=lambda call: call.place)

    def adopt(self, config: AcdConfig) -> None:
        """Put a configuration in force; afterwards every parked call must be placed again.

        Calls keep their places. A queue that is gone closes and stays until its last ringing call has left;
        an agent who is gone stays until the call in hand is over.
        """
        gone = self.agents.keys() - config.agents.keys()
        for agent_id in gone:
            if self.agents[agent_id].call_id is None:
                del self.agents[agent_id]
        self.config = config
        self._renew()

    def decide(self, call: QueuedCall, agent: AgentState, chosen_by: ChosenBy, now: int) -> Decision:
        """Write down why the agent, now held, is offered the call, now unparked."""
        strategy = STRATEGIES[self.lines[call.queue].queue.strategy]
        others, other_count = self.matching.candidates(call, now, SHOWN - 1)
        competing, competing_count = self.matching.competing(agent, SHOWN)
        return Decision(
            call_id=call.call_id,
            agent_id=agent.agent_id,
            queue=call.queue,
            at=now,
            config_version=self.config.version,
            chosen_by=chosen_by,
            strategy=strategy.name,
            queued_at=call.queued_at,
            order_at=call.order_at,
            requirements=call.demand.requirements,
            candidates=(Candidate(agent.agent_id, strategy.score(agent, call.demand, now)), *others),
            candidate_count=1 + other_count,
            removed=self.matching.removed(call.demand),
            competing=competing_calls(competing),
            competing_count=competing_count,
        )

    def estimated_wait_ms(self, call: QueuedCall) -> int | None:
        """0 while a phone rings, else by ``Line.expected_wait_ms``; None with nobody at work for the call."""
        if self.offers.open_of(call.call_id) is not None:
            return 0
        return self.lines[call.queue].expected_wait_ms(call, self.matching.working(call.demand))

    def why_waiting(self, call: QueuedCall, now: int) -> WaitReason:
        """What keeps every agent from the call at this moment."""
        offer = self.offers.open_of(call.call_id)
        return WaitReason(
            call_id=call.call_id,
            queue=call.queue,
            at=now,
            queued_at=call.queued_at,
            ahead=self.lines[call.queue].position(call) - 1,
            offered_to=None if offer is None else offer.agent_id,
            removed=self.matching.removed(call.demand) if call.queue in self.config.queues else (),
        )

    def snapshot(self) -> dict[str, Any]:
        """Everything ``restore`` needs, as JSON-able values in a stable order."""
        offers, left_calls = self.offers.remembered()
        return {
            "arrivals": self._arrivals,
            "turns": self._turns,
            "lines": [snapshot.line_to_dict(line) for line in self.lines.values()],
            "agents": [snapshot.agent_to_dict(agent) for agent in self.agents.values()],
            "calls": [snapshot.call_to_dict(call) for call in self.calls.values()],
            "offers": [snapshot.offer_to_dict(offer) for offer in offers],
            "left_calls": left_calls,
        }

    def restore(self, data: Mapping[str, Any]) -> None:
        """Take over a snapshot made under the same configuration. The timers of agents are not armed."""
        self._arrivals, self._turns = data["arrivals"], data["turns"]
        lines = [snapshot.line_from_dict(line) for line in data["lines"]]
        agents = [snapshot.agent_from_dict(agent) for agent in data["agents"]]
        calls = [snapshot.call_from_dict(call) for call in data["calls"]]
        offers = [snapshot.offer_from_dict(offer) for offer in data["offers"]]
        self.offers.restore(offers, data["left_calls"])
        self.lines = {line.queue.name: line for line in lines}
        self.agents = {agent.agent_id: agent for agent in agents}
        for call in calls:
            self.enter(call)
        self._renew()
        for offer in offers:
            if offer.end is None:
                self.lines[offer.queue].ringing += 1
                self.deadlines.arm(DeadlineKind.OFFER, offer.offer_id, offer.expires_at)
        for call in self.parked():
            self.park(call)

    def _renew(self) -> None:
        """Bring agents, lines and calls under the present configuration; no call is parked afterwards."""
        agents, queues = self.config.agents, self.config.queues
        self.agents = {
            agent_id: self.agents[agent_id] if agent_id in self.agents else AgentState(agent)
            for agent_id, agent in agents.items()
        } | {agent_id: agent for agent_id, agent in sorted(self.agents.items()) if agent_id not in agents}
        for agent_id, agent in self.agents.items():
            agent.config = agents[agent_id] if agent_id in agents else AgentConfig(agent_id)
        self.lines = {
            name: self.lines[name] if name in self.lines else Line(queue) for name, queue in queues.items()
        } | {name: line for name, line in sorted(self.lines.items()) if name not in queues and len(line)}
        for name, line in self.lines.items():
            if name in queues:
                line.queue = queues[name]
            else:
                line.is_open = False
        self.matching = self._new_matching(self.config, self.agents)
        self.calls = {call.call_id: self._renewed(call) for call in self.calls.values()}
        for call in self.calls.values():
            self.deadlines.disarm(DeadlineKind.CALL, call.call_id)

    def _renewed(self, call: QueuedCall) -> QueuedCall:
        queue = self.config.queues.get(call.queue)
        if queue is None:
            return call
        demand = demand_of(queue, call.requirements, call.agent_id)
        return replace(call, demand=demand, overflow_at=_overflow_at(queue, call.entered_at))


def _overflow_at(queue: QueueConfig, entered_at: int) -> int | None:
    """When a call that entered the queue then has waited there long enough."""
    if queue.max_wait_sec is None or OverflowReason.TIMEOUT not in queue.overflow:
        return None
    return entered_at + queue.max_wait_sec * 1000
