"""Floor: everything the Router knows, and the questions that can be asked about it.

The Router changes it; nobody else does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from acd import snapshot
from acd.agent import AgentState
from acd.call_choice import CALL_CHOICES
from acd.deadlines import DeadlineKind, Deadlines
from acd.events import CallQueued
from acd.explain import SHOWN, Candidate, ChosenBy, Decision, WaitReason
from acd.line import Line
from acd.matching import Matching, occasion, unsuitable
from acd.model import AcdConfig, AgentConfig, OverflowReason, QueueConfig
from acd.offer import OfferBook
from acd.queued_call import QueuedCall, demand_of, order_at, steps_reached
from acd.strategies import ANY_TIME, STRATEGIES

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
        self._delays_sec = _delays_sec(config)
        self._by_priority = CALL_CHOICES[config.call_choice].by_priority
        self._kept_for: dict[str, dict[str, None]] = {}
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
        entered_at = now if event.entered_at is None else event.entered_at
        call = QueuedCall(
            event.call_id,
            event.queue,
            event.queued_at,
            entered_at,
            event.priority,
            event.requirements,
            event.agent_id,
            order_at(event.queued_at, event.priority, queue) if self._by_priority else event.queued_at,
            self._arrivals,
            None if event.virtual else _overflow_at(queue, entered_at),
            demand_of(queue, event.requirements, event.agent_id),
            event.preferred_id,
            virtual=event.virtual,
        )
        if event.preferred_id is None and not queue.steps and event.queue not in self._delays_sec:
            return call  # its wait changes nothing
        return self._as_of(self._keep(call, queue, now), queue, now)

    def asked_again(self, call: QueuedCall, event: CallQueued, now: int) -> QueuedCall:
        """The waiting call as the event now asks for it: its place, its priority, what it requires and the
        only agent who may have it. All else stays as it is, such as since when it waits in the queue and, as
        long as that agent can serve it, whom it prefers. The same call if its queue is no more."""
        queue = self.config.queues.get(call.queue)
        if queue is None:
            return call
        after = call._replace(
            queued_at=event.queued_at,
            priority=event.priority,
            requirements=event.requirements,
            agent_id=event.agent_id,
        )
        preferred = self.agents.get(call.preferred_id or "")
        asked = demand_of(queue, after.requirements, None)
        if preferred is not None and unsuitable(preferred.config, asked) is not None:
            after = after._replace(preferred_id=None, kept_until=None)
        elif preferred is None or not preferred.at_work:
            after = after._replace(kept_until=None)
        return self._as_of(after, queue, now)

    def _keep(self, call: QueuedCall, queue: QueueConfig, now: int) -> QueuedCall:
        """Keep the call for the agent it prefers, if there is one who can serve it, is at work and busy."""
        agent = self.agents.get(call.preferred_id or "")
        if agent is None or call.agent_id is not None or unsuitable(agent.config, call.demand) is not None:
            return call._replace(preferred_id=None)
        if queue.preferred_patience_sec and agent.at_work and agent.availability.rule is not None:
            return call._replace(kept_until=now + queue.preferred_patience_sec * 1000)
        return call

    def _as_of(self, call: QueuedCall, queue: QueueConfig, now: int) -> QueuedCall:
        """The call with the demand and the order that its wait in the queue has come to."""
        waited_ms = now - call.entered_at
        patient = call.kept_until is not None and now < call.kept_until
        kept = patient and call.agent_id is None
        demand = demand_of(queue, call.requirements, call.preferred_id if kept else call.agent_id, waited_ms)
        if kept:
            demand = demand._replace(kept=True)
        delays_sec = self._delays_sec.get(queue.name, ())
        if delays_sec and demand.agent_id is None:
            passed = [delay_sec for delay_sec in delays_sec if delay_sec * 1000 <= waited_ms]
            demand = demand._replace(waited_sec=max(passed, default=0))
        raised = sum(step.priority for step in steps_reached(queue, waited_ms))
        to_come = [
            call.entered_at + after_sec * 1000
            for after_sec in (*(step.after_sec for step in queue.steps), *delays_sec)
            if after_sec * 1000 > waited_ms
        ]
        if patient and call.kept_until is not None:
            to_come.append(call.kept_until)
        return call._replace(
            demand=demand,
            order_at=order_at(call.queued_at, call.priority + raised, queue)
            if self._by_priority
            else call.queued_at,
            kept_until=call.kept_until if patient else None,
            relaxes_at=min(to_come, default=None),
        )

    def relaxed(self, call: QueuedCall, now: int) -> QueuedCall:
        """The same call unless its wait has come to a step; then what has become of it, which must take its
        place."""
        if call.relaxes_at is None or now < call.relaxes_at or call.queue not in self.config.queues:
            return call
        return self._as_of(call, self.config.queues[call.queue], now)

    def given_up(self, agent_id: str, now: int) -> list[tuple[QueuedCall, QueuedCall]]:
        """The parked calls that are kept for this agent, and what becomes of each when it is kept no more."""
        kept = [self.calls[call_id] for call_id in self._kept_for.get(agent_id, ())]
        return [
            (call, self._as_of(call._replace(kept_until=None), self.config.queues[call.queue], now))
            for call in kept
            if call.queue in self.config.queues
        ]

    def may_wait(self, call: QueuedCall) -> bool:
        """Its queue lets the call wait at this hour. Who was promised to be called back is, if need be by
        those who stay on after closing time."""
        return self.lines[call.queue].is_open or (call.virtual and call.queue in self.config.queues)

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
        if call.relaxes_at is not None:
            self.deadlines.arm(DeadlineKind.RELAX, call.call_id, call.relaxes_at)
        if call.kept_until is not None and call.preferred_id is not None:
            self._kept_for.setdefault(call.preferred_id, {})[call.call_id] = None

    def unpark(self, call: QueuedCall) -> None:
        """A phone rings for the call, or it leaves."""
        self.matching.remove_call(call)
        if call.overflow_at is not None:
            self.deadlines.disarm(DeadlineKind.CALL, call.call_id)
        if call.relaxes_at is not None:
            self.deadlines.disarm(DeadlineKind.RELAX, call.call_id)
        if call.kept_until is not None and call.preferred_id is not None:
            self._kept_for.get(call.preferred_id, {}).pop(call.call_id, None)

    def parked(self) -> list[QueuedCall]:
        """The calls for which no phone rings, by place."""
        calls = [call for call in self.calls.values() if not self.offers.open_of(call.call_id)]
        return sorted(calls, key=lambda call: call.place)

    def first_parked(self, limit: int) -> list[QueuedCall]:
        """The first call that no phone rings for of each queue, by place."""
        first: list[QueuedCall] = []
        for line in self.lines.values():
            if len(line) > line.ringing:
                calls = (self.calls[call_id] for call_id in line)
                first += next(([call] for call in calls if not self.offers.open_of(call.call_id)), [])
        return sorted(first, key=lambda call: call.place)[:limit]

    def adopt(self, config: AcdConfig, now: int) -> None:
        """Put a configuration in force; afterwards every parked call must be placed again.

        Calls keep their places. A queue that is gone closes and stays until its last ringing call has left;
        an agent who is gone stays until the call in hand is over.
        """
        gone = self.agents.keys() - config.agents.keys()
        for agent_id in gone:
            if self.agents[agent_id].call_id is None:
                del self.agents[agent_id]
        self.config = config
        self._delays_sec = _delays_sec(config)
        self._by_priority = CALL_CHOICES[config.call_choice].by_priority
        self._renew(now)

    def decide(self, call: QueuedCall, agent: AgentState, chosen_by: ChosenBy, now: int) -> Decision:
        """Write down why the agent, now held, is offered the call, now unparked."""
        config, queue = self.config, self.lines[call.queue].queue
        strategy = STRATEGIES[queue.strategy]
        when = ANY_TIME if strategy.steady else occasion(config, call, now)
        relaxed = len(steps_reached(queue, now - call.entered_at)) if queue.steps else 0
        chosen = Candidate(agent.agent_id, strategy.rank(agent, call.demand, when))
        others, other_count = self.matching.candidates(call, now, SHOWN - 1)
        removed = self.matching.removed(call.demand)
        competing, competing_count = self.matching.competing(agent, SHOWN)
        return Decision(  # by position, since to make it by name takes more than twice as long
            call.call_id,
            agent.agent_id,
            call.queue,
            now,
            config.version,
            chosen_by,
            strategy.name,
            call.queued_at,
            call.order_at,
            relaxed,
            call.demand.requirements,
            (chosen, *others),
            1 + other_count,
            removed,
            tuple(competing),
            competing_count,
            config.call_choice,
        )

    def estimated_wait_ms(self, call: QueuedCall) -> int | None:
        """0 while a phone rings, else by ``Line.expected_wait_ms``; None with nobody at work for the call."""
        if self.offers.open_of(call.call_id):
            return 0
        return self.lines[call.queue].expected_wait_ms(call, self.matching.working(call.demand))

    def waits_too_long(self, call: QueuedCall) -> bool:
        """The call would wait longer than its queue lets calls wait."""
        queue = self.lines[call.queue].queue
        if queue.max_expected_wait_sec is None or OverflowReason.EXPECTED_WAIT not in queue.overflow:
            return False
        expected_ms = self.estimated_wait_ms(call)
        return expected_ms is not None and expected_ms > queue.max_expected_wait_sec * 1000

    def limit_of(self, pause_reason: str) -> int | None:
        """How many seconds a pause for this reason may last."""
        reason = self.config.pause_reasons.get(pause_reason)
        return None if reason is None else reason.limit_sec

    def why_waiting(self, call: QueuedCall, now: int) -> WaitReason:
        """What keeps every agent from the call at this moment."""
        return WaitReason(
            call_id=call.call_id,
            queue=call.queue,
            at=now,
            queued_at=call.queued_at,
            ahead=self.lines[call.queue].position(call) - 1,
            offered_to=tuple(offer.agent_id for offer in self.offers.open_of(call.call_id)),
            relaxes_at=call.relaxes_at,
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
            "rings": self.deadlines.of(DeadlineKind.RING),
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
        self._renew(None)
        for call_id in {offer.call_id: None for offer in offers if offer.end is None}:
            self.lines[self.calls[call_id].queue].ringing += 1
        for offer in offers:
            if offer.end is None:
                self.deadlines.arm(DeadlineKind.OFFER, offer.offer_id, offer.expires_at)
        for call_id, at in data.get("rings", ()):
            self.deadlines.arm(DeadlineKind.RING, call_id, at)
        for call in self.parked():
            self.park(call)

    def _renew(self, now: int | None) -> None:
        """Bring agents, lines and calls under the present configuration; no call is parked afterwards. With
        ``now`` None the configuration has not changed, and the calls stay as they are."""
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
        for call in self.calls.values():
            self.deadlines.disarm(DeadlineKind.CALL, call.call_id)
            self.deadlines.disarm(DeadlineKind.RELAX, call.call_id)
        self._kept_for.clear()
        if now is not None:
            for call in list(self.calls.values()):
                self._reorder(call, self._renewed(call, now))

    def _reorder(self, before: QueuedCall, after: QueuedCall) -> None:
        """Put the call where it belongs in its line now."""
        self.calls[after.call_id] = after
        if after.place != before.place:
            self.lines[after.queue].remove(before)
            self.lines[after.queue].add(after)

    def _renewed(self, call: QueuedCall, now: int) -> QueuedCall:
        queue = self.config.queues.get(call.queue)
        if queue is None:
            return call
        preferred = self.agents.get(call.preferred_id or "")
        if preferred is None or not preferred.at_work:
            call = call._replace(kept_until=None)
        after = self._as_of(call, queue, now)
        return after if call.virtual else after._replace(overflow_at=_overflow_at(queue, call.entered_at))


def _delays_sec(config: AcdConfig) -> dict[str, tuple[int, ...]]:
    """The different delays on whose terms agents serve each queue, where there are any."""
    delays: dict[str, set[int]] = {}
    for agent in config.agents.values():
        for queue, terms in agent.terms.items():
            if terms.delay_sec:
                delays.setdefault(queue, set()).add(terms.delay_sec)
    return {queue: tuple(sorted(found)) for queue, found in delays.items()}


def _overflow_at(queue: QueueConfig, entered_at: int) -> int | None:
    """When a call that entered the queue then has waited there long enough."""
    if queue.max_wait_sec is None or OverflowReason.TIMEOUT not in queue.overflow:
        return None
    return entered_at + queue.max_wait_sec * 1000
