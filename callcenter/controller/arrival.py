"""Callers become calls."""

from __future__ import annotations

from callcenter.controller.floor import Floor, LegRef
from callcenter.controller.published_flows import PublishedFlows
from callcenter.domain import events as e
from callcenter.domain.call import Call
from callcenter.domain.switch import CallerArrived, LegRole


def arrive(floor: Floor, event: CallerArrived, published: PublishedFlows) -> Call:
    """A new call begins, for the flow of its number. The leg must not be known yet."""
    route = floor.config.route(event.did)
    call_id = f"c{event.leg_id}"
    arrived = e.CallArrived(
        at=event.at,
        call_id=call_id,
        leg_id=event.leg_id,
        trunk=event.trunk,
        did=event.did,
        caller=event.original_caller or event.caller,
        shown_number=event.caller,
        caller_name=event.caller_name,
        wideband=event.wideband,
        language=route.language,
        flow=route.flow,
        flows_number=published.number_for(call_id),
    )
    call = floor.calls[call_id] = Call.begun(arrived)
    floor.legs[event.leg_id] = LegRef(call_id, LegRole.CALLER)
    floor.record(arrived)
    return call
