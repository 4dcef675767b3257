"""Restart with live calls is an everyday event: the journal says what was, the switch says what is.

``adopt`` gives a new Centre the calls that the journal knows as unsettled; ``resume`` stands every part of it
where the journal says it was, so that what the switch kept for us can come in; ``reconcile`` makes the Centre
agree with the switch: legs that are gone have ended, calls of which only their legs tell are recovered,
callers nobody knew have arrived, legs and bridges that nobody needs are removed, and every caller hears again
what belongs to the place where the call stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from acd import events as r
from acd.model import Presence
from callcenter.controller.floor import LegRef
from callcenter.controller.recovered_calls import recover
from callcenter.controller.supervision import ENDED_BY_SUPERVISOR
from callcenter.domain import events as e
from callcenter.domain.call import Call, CallPhase
from callcenter.domain.switch import (
    Connect,
    DestroyBridge,
    HangUp,
    LegEndCause,
    LegEnded,
    LegFact,
    LegRole,
    Separate,
    StartMusic,
    SwitchConnected,
)

if TYPE_CHECKING:
    from callcenter.controller.centre import Centre


def adopt(centre: Centre, call: Call) -> None:
    """Take in an unsettled call of the journal. Nothing is asked of anybody before ``resume``."""
    floor = centre.floor
    floor.calls[call.call_id] = call
    if not call.live:
        return
    centre.adopted.add(call.call_id)
    if call.leg_id:
        floor.legs[call.leg_id] = LegRef(call.call_id, LegRole.CALLER)
    for offer in call.offers.values():
        floor.legs[offer.leg_id] = LegRef(call.call_id, LegRole.AGENT, offer.offer_id)
    for leg_id in call.agents_at_work.values():
        floor.legs[leg_id] = LegRef(call.call_id, LegRole.AGENT)
    if call.consult is not None and call.consult.kind is e.TransferKind.NUMBER:
        floor.legs[call.consult.leg_id] = LegRef(call.call_id, LegRole.CONSULTED)
    if call.outside_leg_id is not None:
        floor.legs[call.outside_leg_id] = LegRef(call.call_id, LegRole.CONSULTED)
    if call.supervision is not None:
        floor.legs[call.supervision.leg_id] = LegRef(call.call_id, LegRole.MONITOR)
    if any(isinstance(event, e.SupervisionBegan) for event in call.history):
        floor.supervised.add(call.call_id)  # also one whose end the switch may not have been told of
    if any(isinstance(event, e.HangUpAsked) for event in call.history):
        floor.ending[call.call_id] = ENDED_BY_SUPERVISOR


def resume(centre: Centre) -> None:
    """Take up flows, recordings, transcripts and tickets where a controller that died left them."""
    for call in list(centre.floor.calls.values()):
        if call.live and call.out is None:
            centre.flows.resume(call)
        if call.phase is CallPhase.QUEUED and call.leg_id:
            centre.queueing.remember(call)
        if call.live and call.back is not None:
            centre.call_backs.resume(call)
        centre.consults.resume(call)
        centre.outside.resume(call)
        centre.after_work.resume(call)
    _mend(centre)


def reconcile(centre: Centre, switch: SwitchConnected) -> None:
    """Make the Centre agree with what exists in the switch. Safe to repeat at every reconnection."""
    floor = centre.floor
    floor.switch_up = True
    floor.record(e.SwitchStateChanged(floor.now, up=True, restarted=switch.restarted))
    present = {leg.leg_id: leg for leg in switch.legs}
    adopted = [floor.calls[call_id] for call_id in sorted(centre.adopted)]
    stranded = [call for call in adopted if call.phase is CallPhase.RELEASED and call.outside is None]
    leaving = set(floor.ending)
    centre.adopted.clear()
    centre.supervision.live.seen_anew()
    _end_missing(centre, present, switch)
    adopted += recover(centre, switch, adopted)
    for leg in switch.legs:
        _meet(centre, leg, leaving)
    joined = {bridge.bridge_id: set(bridge.leg_ids) for bridge in switch.bridges}
    for call in adopted:
        if call.live and call.leg_id in present:  # nobody is on the line, or is being dialled just now
            _take_up(centre, call, present[call.leg_id], joined.get(call.bridge_id, set()))
    for call in stranded:
        if call.live and not call.leg_id:
            centre.call_backs.queue(call)
        elif call.live:
            floor.hang_up(call, e.EndedBy.SYSTEM, "interrupted")
    _sweep_bridges(centre, switch)
    centre.agents.phones_are(switch.reachable_phones)


def _mend(centre: Centre) -> None:
    """A power cut may have taken the last events of one message. What the Router then knows and the calls do
    not (or the other way round) is told to the Router anew."""
    floor, queueing = centre.floor, centre.queueing
    for agent in queueing.router.agents():
        call = floor.calls.get(agent.call_id or "")
        if agent.presence is Presence.ON_CALL and (call is None or agent.agent_id not in call.agents_at_work):
            queueing.tell(r.AgentReleased(agent.agent_id, agent.call_id or ""))
    for queue in queueing.router.config.queues:
        for waiting in list(queueing.router.waiting(queue)):
            call = floor.calls.get(waiting.call_id)
            if call is None or not call.in_line:
                queueing.tell(r.CallLeft(waiting.call_id))
    for call in floor.calls.values():
        if call.in_line and call.consult is not None and queueing.router.position(call.call_id) is None:
            centre.consults.mend(call)
        elif call.phase is CallPhase.QUEUED and queueing.router.position(call.call_id) is None:
            queueing.line_up(call)


def _end_missing(centre: Centre, present: dict[str, LegFact], switch: SwitchConnected) -> None:
    """Legs that we knew and that are not there any more have ended, unheard; of those dialled just now we
    are going to hear. Callers first: with the caller
    gone the agent is let go, while an agent gone first would send the caller back to the flow."""
    cause = LegEndCause.FAILED if switch.restarted else LegEndCause.NORMAL
    seen = present.keys() | centre.floor.dialled_unseen
    missing = [(ref, leg_id) for leg_id, ref in centre.floor.legs.items() if leg_id not in seen]
    centre.floor.dialled_unseen.clear()
    missing.sort(key=lambda pair: pair[0].role is not LegRole.CALLER)
    for ref, leg_id in missing:
        if leg_id not in centre.floor.legs:
            continue  # its call ended with another leg
        call = centre.floor.calls.get(ref.call_id)
        if call is None:
            del centre.floor.legs[leg_id]
        else:
            centre.leg_ended(call, ref, LegEnded(switch.at, leg_id, cause))


def _meet(centre: Centre, leg: LegFact, leaving: set[str]) -> None:
    """A leg that exists: known and perhaps answered meanwhile, or a caller nobody heard of, or one that
    nobody needs (any more). ``leaving``: calls whose caller was to be hung up already."""
    floor = centre.floor
    ref = floor.legs.get(leg.leg_id)
    call = floor.calls.get(ref.call_id) if ref else None
    if ref is None or call is None:
        if leg.arrival is not None:
            floor.outcome.newcomers.append(leg.arrival)
        else:
            floor.order(HangUp(leg.leg_id))
        return
    consulted = call.consult.leg_id if call.consult else None
    in_hand = leg.leg_id in call.agents_at_work.values()
    match ref.role:
        case LegRole.CALLER if call.call_id in leaving:
            floor.order(HangUp(leg.leg_id))
        case LegRole.AGENT if not in_hand and ref.offer_id not in call.offers:
            floor.order(HangUp(leg.leg_id))
        case LegRole.CONSULTED if not call.live or leg.leg_id not in (call.outside_leg_id, consulted):
            floor.order(HangUp(leg.leg_id))
        case LegRole.MONITOR if call.supervision is None or call.supervision.leg_id != leg.leg_id:
            floor.order(HangUp(leg.leg_id))
        case LegRole.CALLER if call.phase is CallPhase.DIALLING and leg.answered:
            centre.leg_answered(call, ref, leg.leg_id)
        case LegRole.AGENT | LegRole.CONSULTED | LegRole.MONITOR if leg.answered:
            centre.leg_answered(call, ref, leg.leg_id)
        case _:
            pass


def _take_up(centre: Centre, call: Call, caller: LegFact, joined: set[str]) -> None:
    """A live call found after a restart goes on where it stands; the caller hears what belongs there. Legs
    that are ``joined`` as they should be are left alone."""
    floor = centre.floor
    agent = call.conversation.leg_id if call.conversation else ""
    centre.queueing.told_places.found(call, caller.variables)
    centre.after_work.ensure_recording(call, caller.variables)
    centre.conversation.owe(call)
    match call.phase:
        case CallPhase.QUEUED:
            floor.order(StartMusic(call.leg_id))
            centre.queueing.wait(call)
            centre.flows.take_up(call)
        case CallPhase.IN_FLOW:
            centre.flows.take_up(call)
        case CallPhase.DIALLING if not caller.answered and call.out is not None:
            centre.dial_outs.let_hear_ringing(call)
        case CallPhase.DIALLING if not caller.answered:  # else they are brought together
            centre.call_backs.let_hear_ringing(call)
        case CallPhase.TALKING | CallPhase.HELD if call.consult is not None:
            centre.consults.take_up(call, joined)
        case CallPhase.TALKING if joined != {call.leg_id, agent}:
            floor.order(Connect(call.bridge_id, (call.leg_id, agent)))
        case CallPhase.HELD if centre.agents.lost_phones.take_up(call):
            pass
        case CallPhase.HELD if joined != {agent}:
            floor.order(Separate(call.bridge_id, call.leg_id), StartMusic(call.leg_id))
            floor.order(Connect(call.bridge_id, (agent,)))
        case CallPhase.RELEASED:
            centre.transfers.take_up(call)  # without an outside party: decided by the caller of this function
        case _:
            pass


def _sweep_bridges(centre: Centre, switch: SwitchConnected) -> None:
    """Bridges of calls that are over, or between two places, are removed."""
    calls = {call.bridge_id: call for call in centre.floor.calls.values() if call.live}
    for bridge in switch.bridges:
        call = calls.get(bridge.bridge_id)
        if call is None or (call.conversation is None and call.outside is None):
            centre.floor.order(DestroyBridge(bridge.bridge_id))
