"""Ringing: Offers are made and ended here, one at a time or several for a call whose queue rings many."""

from __future__ import annotations

from collections.abc import Callable

from acd.agent import AgentState
from acd.commands import EndOffer, MakeOffer, OfferEnd
from acd.deadlines import DeadlineKind
from acd.desk import Desk
from acd.explain import ChosenBy
from acd.floor import Floor
from acd.offer import Offer
from acd.queued_call import QueuedCall
from acd.strategies import STRATEGIES, Rings


class Ringing:
    """Keeps Offers, their timers and the Presence of the agents who ring in step."""

    def __init__(self, floor: Floor, desk: Desk, emit: Callable[[MakeOffer | EndOffer], None]) -> None:
        self._floor = floor
        self._desk = desk
        self._emit = emit

    def begin(self, call: QueuedCall, agent: AgentState, chosen_by: ChosenBy, now: int) -> None:
        """Offer a call that no phone rings for to the agent, who is available, and to others if its queue
        rings many."""
        line = self._floor.lines[call.queue]
        self._floor.unpark(call)
        line.ringing += 1
        self._offer(call, agent, chosen_by, now)
        rings = STRATEGIES[line.queue.strategy].rings
        if rings is not Rings.ONE and call.agent_id is None:
            self._add(call, rings is Rings.ALL, now)

    def add(self, call: QueuedCall, now: int) -> None:
        """Ring more agents for a call that rings already: all who are available now, or one."""
        rings = STRATEGIES[self._floor.lines[call.queue].queue.strategy].rings
        if rings is not Rings.ONE:
            if rings is Rings.MORE:
                self._add_one(call, now)
            self._add(call, rings is Rings.ALL, now)

    def end(self, offer: Offer, end: OfferEnd) -> AgentState:
        """End an open Offer. The agent must then be told and brought to rest; when it was the call's last,
        so must the call."""
        floor = self._floor
        offer.end = end
        floor.deadlines.disarm(DeadlineKind.OFFER, offer.offer_id)
        if not floor.offers.open_of(offer.call_id):
            floor.lines[offer.queue].ringing -= 1
            floor.deadlines.disarm(DeadlineKind.RING, offer.call_id)
        self._emit(EndOffer(offer.offer_id, offer.call_id, offer.agent_id, offer.queue, end))
        return floor.agents[offer.agent_id]

    def revoke(self, offer: Offer) -> AgentState:
        """End an open Offer through no fault of the agent, who keeps the idle time and must be brought to
        rest."""
        agent = self.end(offer, OfferEnd.REVOKED)
        self._desk.withdrawn(agent)
        return agent

    def revoke_all(self, call_id: str) -> list[AgentState]:
        """Revoke the open Offers of the call; its agents, who are at rest, must be placed."""
        agents = [self.revoke(offer) for offer in self._floor.offers.open_of(call_id)]
        for agent in agents:
            self._desk.rest(agent)
            self._floor.matching.file_agent(agent)
        return agents

    def _add(self, call: QueuedCall, everybody: bool, now: int) -> None:
        while everybody and self._has_room(call) and self._add_one(call, now):
            pass
        step_ms = self._floor.lines[call.queue].queue.ring_step_sec * 1000
        if self._has_room(call):
            self._floor.deadlines.arm(DeadlineKind.RING, call.call_id, now + step_ms)

    def _has_room(self, call: QueuedCall) -> bool:
        ringing = len(self._floor.offers.open_of(call.call_id))
        return ringing < self._floor.lines[call.queue].queue.ring_at_most

    def _add_one(self, call: QueuedCall, now: int) -> bool:
        agent = self._floor.matching.best_agent(call, now)
        if agent is not None:
            self._offer(call, agent, ChosenBy.CALL, now)
        return agent is not None

    def _offer(self, call: QueuedCall, agent: AgentState, chosen_by: ChosenBy, now: int) -> None:
        floor = self._floor
        floor.matching.hold_agent(agent)
        decision = floor.decide(call, agent, chosen_by, now)
        expires_at = now + floor.lines[call.queue].queue.ring_timeout_sec * 1000
        offer = floor.offers.make(call.call_id, agent.agent_id, call.queue, now, expires_at)
        floor.deadlines.arm(DeadlineKind.OFFER, offer.offer_id, expires_at)
        self._emit(MakeOffer(offer.offer_id, call.call_id, agent.agent_id, call.queue, expires_at, decision))
        self._desk.offered(agent, offer, floor.next_turn())
        floor.matching.file_agent(agent)
