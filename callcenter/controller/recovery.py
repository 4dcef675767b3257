"""Restart with live calls is an everyday event: the journal says what was, the switch says what is.

``adopt`` gives a new Centre the calls that the journal knows as unsettled; ``reconcile`` makes the Centre
agree with the switch: legs that are gone have ended, callers nobody knew have arrived, legs nobody needs are
hung up, and every caller hears again what belongs to the place where the call stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from callcenter.controller.floor import LegRef
from callcenter.domain import events as e
from callcenter.domain.call import Call, CallPhase
from callcenter.domain.switch import (
    Connect,
    HangUp,
    LegEndCause,
    LegEnded,
    LegFact,
    LegRole,
    StartMusic,
    SwitchConnected,
)

if TYPE_CHECKING:
    from callcenter.controller.centre import Centre


def adopt(centre: Centre, call: Call) -> None:
    """Take in an unsettled call of the journal. Nothing is asked of anybody before ``reconcile``."""
    floor = centre.floor
    floor.calls[call.call_id] = call
    if not call.live:
        return
    floor.legs[call.leg_id] = LegRef(call.call_id, LegRole.CALLER)
    for offer in call.offers.values():
        floor.legs[offer.leg_id] = LegRef(call.call_id, LegRole.AGENT, offer.offer_id)
    if call.conversation is not None:
        floor.legs[call.conversation.leg_id] = LegRef(call.call_id, LegRole.AGENT)
    if call.outside_leg_id is not None:
        floor.legs[call.outside_leg_id] = LegRef(call.call_id, LegRole.CONSULTED)


def resume_after_work(centre: Centre) -> None:
    """Take up the recordings, transcripts and tickets that a controller that died left undone."""
    for call in list(centre.floor.calls.values()):
        if call.phase is CallPhase.ENDED:
            centre.after_work.resume(call)


def reconcile(centre: Centre, switch: SwitchConnected) -> None:
    """Make the Centre agree with what exists in the switch. Safe to repeat at every reconnection."""
    floor = centre.floor
    floor.record(e.SwitchStateChanged(switch.at, up=True, restarted=switch.restarted))
    present = {leg.leg_id: leg for leg in switch.legs}
    centre.agents.phones_are(switch.reachable_phones)
    resumed = [call for call in floor.calls.values() if call.live and not centre.flows.knows(call.call_id)]
    stranded = [call for call in resumed if call.phase is CallPhase.RELEASED]
    for call in resumed:
        centre.flows.resume(call)
    _end_missing(centre, present, switch)
    for leg in switch.legs:
        _meet(centre, leg)
    for call in resumed:
        if call.live:
            _take_up(centre, call)
    for call in stranded:
        if call.live and call.outside_leg_id not in present:
            floor.hang_up(call, e.EndedBy.SYSTEM, "interrupted")


def _end_missing(centre: Centre, present: dict[str, LegFact], switch: SwitchConnected) -> None:
    """Legs that we knew and that are not there any more have ended, unheard. Callers first: with the caller
    gone the agent is let go, while an agent gone first would send the caller back to the flow."""
    cause = LegEndCause.FAILED if switch.restarted else LegEndCause.NORMAL
    missing = [(ref, leg_id) for leg_id, ref in centre.floor.legs.items() if leg_id not in present]
    missing.sort(key=lambda pair: pair[0].role is not LegRole.CALLER)
    for ref, leg_id in missing:
        if leg_id in centre.floor.legs:
            call = centre.floor.calls[ref.call_id]
            centre.leg_ended(call, ref, LegEnded(switch.at, leg_id, cause))


def _meet(centre: Centre, leg: LegFact) -> None:
    """A leg that exists: known and answered, or a caller nobody heard of, or one that nobody needs."""
    ref = centre.floor.legs.get(leg.leg_id)
    if ref is None:
        if leg.arrival is not None:
            centre.floor.outcome.newcomers.append(leg.arrival)
        else:
            centre.floor.order(HangUp(leg.leg_id))
        return
    call = centre.floor.calls[ref.call_id]
    if leg.answered and ref.role is LegRole.AGENT and ref.offer_id in call.offers:
        centre.leg_answered(call, ref, leg.leg_id)


def _take_up(centre: Centre, call: Call) -> None:
    """A live call found after a restart goes on where it stands; the caller hears what belongs there."""
    floor = centre.floor
    if call.recording is not None:
        centre.after_work.resume(call)
    match call.phase:
        case CallPhase.QUEUED:
            floor.order(StartMusic(call.leg_id))
            centre.queueing.wait(call)
        case CallPhase.IN_FLOW:
            centre.flows.take_up(call)
        case CallPhase.TALKING if call.conversation is not None:
            floor.order(Connect(call.bridge_id, (call.leg_id, call.conversation.leg_id)))
        case _:
            pass  # held: the music went on; released: decided by the caller of this function
