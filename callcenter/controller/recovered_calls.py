"""Calls of which nothing but their legs tells any more (domain.leg_variables) are made calls again.

That is so when the journal is lost, or is behind: what a store that was away has not heard of is gone with
the machine of the controller. Who waited then keeps the place in line, who talked goes on talking. A caller
of whom no leg tells anything is met as a new one, and a leg that belongs to nobody is let go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from acd import events as r
from acd.model import Presence
from callcenter.controller.arrival import arrive
from callcenter.controller.dialling_out import FREE
from callcenter.controller.floor import LegRef
from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.call import Call, CallPhase
from callcenter.domain.leg_variables import ToldByLeg, told_by
from callcenter.domain.switch import LegFact, LegRole, SwitchConnected

if TYPE_CHECKING:
    from callcenter.controller.centre import Centre


def recover(centre: Centre, switch: SwitchConnected, adopted: list[Call]) -> list[Call]:
    """Answers with the calls that were unknown, each where its legs say that it stands; an adopted one that
    waits, for all that the journal knows, while an agent talks with its caller, is talking from here on. The
    switch is asked nothing: what everybody hears is looked after as for every call found after a restart."""
    legs = _UnknownLegs(centre, switch)
    for call in adopted:
        if call.phase is CallPhase.QUEUED and call.leg_id:
            legs.answer(call)
    found = [legs.caller(leg) if leg.arrival else legs.party(leg) for leg in legs.callers]
    return [call for call in found if call is not None]


class _UnknownLegs:
    """The legs that no call knows, and what they tell."""

    def __init__(self, centre: Centre, switch: SwitchConnected) -> None:
        self._centre, self._floor = centre, centre.floor
        self._bridges = {bridge.bridge_id: bridge.leg_ids for bridge in switch.bridges}
        self._bridge_of = {leg_id: bridge for bridge, legs_in in self._bridges.items() for leg_id in legs_in}
        self._told: dict[str, ToldByLeg] = {}
        self._of_call: dict[str, list[LegFact]] = {}
        self.callers: list[LegFact] = []
        """Those that may be the callers' of calls to be recovered."""
        for leg in switch.legs:
            if leg.leg_id in self._floor.legs:
                continue
            told = self._told[leg.leg_id] = told_by(leg.variables)
            if leg.arrival is not None or (told.number and leg.answered):
                self.callers.append(leg)
            elif told.call_id:
                self._of_call.setdefault(told.call_id, []).append(leg)

    def answer(self, call: Call) -> None:
        """Let the agent have the call who is in one bridge with its caller."""
        bridge = self._bridge_of.get(call.leg_id)
        together = [
            leg for leg in self._of_call.get(call.call_id, ()) if bridge == self._bridge_of.get(leg.leg_id)
        ]
        agent = self._agent(together, call.leg_id) if bridge is not None else None
        if agent is not None:
            self._note(call, agent)
            self._talk(call, agent)

    def caller(self, leg: LegFact) -> Call | None:
        """The call of a caller who came in; None when no leg tells of it."""
        assert leg.arrival is not None
        call_id = f"c{leg.leg_id}"
        others = self._of_call.get(call_id, [])
        tales = [self._told[one.leg_id] for one in (leg, *others)]
        told = next((tale for tale in tales if self._is_queue(tale.queue)), None)
        agent = self._agent(others, leg.leg_id) if told is not None else None
        if agent is not None:
            told = self._told[agent.leg_id]
        outside = next((one for one in others if self._told[one.leg_id].outside), None)
        if told is None and outside is None:
            return None
        call = arrive(self._floor, leg.arrival, self._centre.published)
        if told is not None:
            self._queue(call, told)
        self._note(call, agent or outside)
        if told is None and outside is not None:
            self._leave_outside(call, outside)
        elif agent is not None:
            self._talk(call, agent)
        self._centre.flows.resume(call)
        if call.phase is CallPhase.QUEUED:
            self._centre.queueing.line_up(call)
        self._centre.after_work.recover(call, leg.variables)
        return call

    def party(self, leg: LegFact) -> Call | None:
        """The call that an agent made to this party, or by which a promise was kept; None when nobody is
        there to talk with."""
        told = self._told[leg.leg_id]
        others = self._of_call.get(told.call_id, [])
        agent = self._agent(others, leg.leg_id) if self._is_queue(told.queue) else None
        if agent is None:
            return None
        floor, at = self._floor, told.rung_at
        dialled = e.CallDialledOut(
            at=at,
            call_id=told.call_id,
            agent_id=self._told[agent.leg_id].agent_id,
            agent_leg_id=agent.leg_id,
            caller=told.number,
            did=told.shown,
            trunk=told.trunk,
            queue=told.queue,
            language=floor.config.route(told.shown).language,
        )
        call = floor.calls[told.call_id] = Call.begun(dialled)
        floor.legs[leg.leg_id] = LegRef(call.call_id, LegRole.CALLER)
        floor.record(dialled)
        self._note(call, agent)
        floor.record(e.PartyDialled(at, call.call_id, leg.leg_id))
        self._talk(call, agent)
        self._centre.after_work.recover(call, leg.variables)
        return call

    # --- whom the legs tell of -----------------------------------------------------------------------------

    def _is_queue(self, name: str) -> bool:
        return name in self._centre.queueing.router.config.queues

    def _agent(self, legs: list[LegFact], caller_leg_id: str) -> LegFact | None:
        """The leg of the agent who is in charge: one who hears the caller rather than another, and who was
        rung for the caller rather than to be consulted."""
        bridge = self._bridge_of.get(caller_leg_id)

        def in_charge(leg: LegFact) -> tuple[bool, bool]:
            return self._bridge_of.get(leg.leg_id) != bridge, self._told[leg.leg_id].for_consult

        picked_up = [leg for leg in legs if leg.answered and self._is_queue(self._told[leg.leg_id].queue)]
        return next((leg for leg in sorted(picked_up, key=in_charge) if self._at_work(leg)), None)

    def _at_work(self, leg: LegFact) -> bool:
        """Whether the leg's agent is there for the call; one whom the journal does not know is logged in."""
        told, router = self._told[leg.leg_id], self._centre.queueing.router
        agent = router.agent(told.agent_id)
        if (agent is None or agent.presence is Presence.LOGGED_OUT) and told.phone:
            self._centre.agents.ask(c.LogIn(told.agent_id, told.phone))
            agent = router.agent(told.agent_id)
        return agent is not None and agent.presence in FREE

    # --- what came of it -----------------------------------------------------------------------------------

    def _note(self, call: Call, partner: LegFact | None) -> None:
        """The call is recovered. The name of the bridge in which the partner is is that of the next meeting,
        so that the two are left together."""
        prefix = call.bridge_id.removesuffix(str(call.meetings))
        numbers = [bridge.removeprefix(prefix) for bridge in self._bridges if bridge.startswith(prefix)]
        meetings = max((int(number) for number in numbers if number.isdecimal()), default=0)
        if partner is not None and self._bridge_of.get(partner.leg_id) == f"{prefix}{meetings}":
            meetings -= 1  # the one that goes on is counted when it is recorded
        agent_id = self._told[partner.leg_id].agent_id if partner else ""
        self._floor.record(e.CallRecovered(self._floor.now, call.call_id, meetings, agent_id))

    def _stand_in_flow(self, call: Call, checkpoint: Mapping[str, object], at: int) -> None:
        flow, version, node = (str(checkpoint.get(name, "")) for name in ("flow", "version", "node"))
        if node:
            self._floor.record(e.NodeEntered(at, call.call_id, flow, version, node, dict(checkpoint)))
        language = checkpoint.get("language")
        if isinstance(language, str) and language != call.language:
            self._floor.record(e.LanguageChosen(at, call.call_id, language))

    def _queue(self, call: Call, told: ToldByLeg) -> None:
        queued_at = told.queued_at or call.arrived_at
        entered_at = told.entered_at or queued_at
        self._stand_in_flow(call, told.checkpoint, entered_at)
        self._floor.record(
            e.CallQueued(
                entered_at,
                call.call_id,
                told.queue,
                queued_at,
                told.priority,
                dict(told.skills),
                told.only_agent_id,
                told.place_at,
            )
        )
        if told.place_at is not None:
            self._centre.queueing.abandoned.taken(self._floor.config.canonical_caller(call), told.queue)

    def _talk(self, call: Call, agent: LegFact) -> None:
        """When the agent picked up is not known, only since when the phone rang."""
        floor, told = self._floor, self._told[agent.leg_id]
        queueing, call_id, at = self._centre.queueing, call.call_id, told.rung_at or floor.now
        if call.phase is CallPhase.QUEUED:
            queueing.caller_left(call, e.QueueOutcome.ANSWERED, at)
        queueing.last_agents.talked(floor.config.canonical_caller(call), told.agent_id)
        queueing.tell(r.CallTaken(told.agent_id, call_id, told.queue))
        floor.legs[agent.leg_id] = LegRef(call_id, LegRole.AGENT)
        floor.record(e.AgentConnected(at, call_id, told.agent_id, agent.leg_id, told.queue))
        bridge = self._bridge_of.get(agent.leg_id)
        if bridge is not None and bridge != self._bridge_of.get(call.leg_id):
            floor.record(e.CallHeld(floor.now, call_id, told.agent_id))

    def _leave_outside(self, call: Call, party: LegFact) -> None:
        """The caller is with that party, or hears it ring."""
        floor, told = self._floor, self._told[party.leg_id]
        self._stand_in_flow(call, told.checkpoint, floor.now)
        floor.legs[party.leg_id] = LegRef(call.call_id, LegRole.CONSULTED)
        floor.record(e.OutsideDialled(floor.now, call.call_id, party.leg_id, told.by_flow, told.record))
        if party.answered:
            floor.record(e.OutsideAnswered(floor.now, call.call_id, party.leg_id))
