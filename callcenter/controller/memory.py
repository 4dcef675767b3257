"""Remembering: the Centre as a snapshot, and back out of a snapshot and the events after it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import orjson

from acd import codec
from acd.model import AcdConfig, Presence
from acd.router import Router
from callcenter.controller.centre import Centre
from callcenter.controller.floor import CentreConfig
from callcenter.controller.recovery import adopt
from callcenter.domain import events as e
from callcenter.domain.call import Call, CallPhase
from callcenter.domain.codec import decode_event
from callcenter.ports import Recollection

NOTHING_CONFIGURED = AcdConfig("", {}, {})
"""What the Router of a new journal begins with; the configuration is the first thing it is told, so that the
journal alone can replay it."""


def snapshot(centre: Centre, kpi: dict[str, Any]) -> dict[str, Any]:
    """All that a later start needs besides the events to come: JSON-able."""
    calls = [
        [[type(event).__name__, orjson.loads(orjson.dumps(event))] for event in call.history]
        for call in centre.floor.calls.values()
        if call.phase is not CallPhase.SETTLED
    ]
    return {
        "acd": codec.config_to_dict(centre.queueing.router.config),
        "router": centre.queueing.router.snapshot(),
        "phones": dict(centre.queueing.phones),
        "wrap_ups": {agent: list(work) for agent, work in centre.queueing.wrap_ups.items()},
        "calls": calls,
        "kpi": kpi,
    }


def remembered(config: CentreConfig, memory: Recollection) -> Centre:
    """The Centre that the journal remembers, with its unsettled calls; the switch is yet to be reconciled.

    The Router is the one that died: its snapshot, told again in order all that it was told since.
    """
    past = memory.snapshot or {}
    router = (
        Router.restored(codec.config_from_dict(past["acd"]), past["router"])
        if "router" in past
        else Router(NOTHING_CONFIGURED)
    )
    calls: dict[str, Call] = {}
    phones: dict[str, str] = dict(past.get("phones", {}))
    wrap_ups: dict[str, tuple[str, str, int]] = {
        agent: (work[0], work[1], work[2]) for agent, work in past.get("wrap_ups", {}).items()
    }
    for history in past.get("calls", []):
        for kind, data in history:
            _fold(calls, decode_event(kind, data))
    for _, event in memory.events:
        match event:
            case e.RoutingInput():
                with suppress(ValueError):  # what the Router refused then, it refuses again
                    router.handle(codec.event_from_dict(event.event), event.at)
            case e.AgentPhoneChanged(phone=None):
                phones.pop(event.agent_id, None)
            case e.AgentPhoneChanged(phone=str(phone)):
                phones[event.agent_id] = phone
            case e.PresenceChanged():
                wrap_ups.pop(event.agent_id, None)
                if event.presence == Presence.WRAP_UP and event.call_id in calls:
                    queue = calls[event.call_id].queue or ""
                    wrap_ups[event.agent_id] = (event.call_id, queue, event.at)
            case _:
                _fold(calls, event)
    centre = Centre(config, router)
    centre.queueing.phones |= phones
    centre.queueing.wrap_ups |= wrap_ups
    for call in calls.values():
        if call.phase is not CallPhase.SETTLED:
            adopt(centre, call)
    return centre


def _fold(calls: dict[str, Call], event: e.DomainEvent) -> None:
    if isinstance(event, e.CallArrived):
        calls[event.call_id] = Call.arrived(event)
        return
    call = calls.get(getattr(event, "call_id", None) or "")
    if call is not None and not isinstance(event, e.PresenceChanged):
        call.apply(event)
