"""Remembering: the Centre as a snapshot, and back out of a snapshot and the events after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from acd import codec
from acd.model import Presence
from acd.replay import begun, retold
from callcenter.controller.centre import Centre
from callcenter.controller.floor import CentreConfig
from callcenter.controller.queueing import ABANDONED
from callcenter.controller.recovery import adopt
from callcenter.domain import events as e
from callcenter.domain.abandoned_places import AbandonedPlaces
from callcenter.domain.call import Call, CallPhase
from callcenter.domain.codec import decode_event
from callcenter.domain.flow_stage import StageWatch
from callcenter.domain.last_agents import LastAgents
from callcenter.domain.notes import Notes
from callcenter.ports import Recollection


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
        "last_agents": centre.queueing.last_agents.pairs(),
        "abandoned": centre.queueing.abandoned.rows(),
        "notes": centre.agents.notes.rows(),
        "stage": centre.published.watch.to_dict(),
        "kpi": kpi,
    }


def remembered(config: CentreConfig, memory: Recollection) -> Centre:
    """The Centre that the journal remembers, with its unsettled calls; the switch is yet to be reconciled.

    The Router is the one that died: its snapshot, told again in order all that it was told since.
    """
    past = memory.snapshot or {}
    router = begun(past.get("acd"), past.get("router"))
    calls: dict[str, Call] = {}
    phones: dict[str, str] = dict(past.get("phones", {}))
    wrap_ups: dict[str, tuple[str, str, int]] = {
        agent: (work[0], work[1], work[2]) for agent, work in past.get("wrap_ups", {}).items()
    }
    canonical = config.numbering.plan.canonical  # of a snapshot that was made before numbers were
    last_agents = LastAgents((canonical(caller), agent) for caller, agent in past.get("last_agents", []))
    abandoned = AbandonedPlaces((canonical(caller), *place) for caller, *place in past.get("abandoned", []))
    for history in past.get("calls", []):
        for kind, data in history:
            _fold(calls, decode_event(kind, data))
    notes = Notes(past.get("notes", []))
    watch = StageWatch.from_dict(past["stage"]) if past.get("stage") else StageWatch()
    for _, event in memory.events:
        watch.apply(event)
        match event:
            case e.RoutingInput():
                retold(router, event.event, event.at)
            case e.AgentPhoneChanged(phone=None):
                phones.pop(event.agent_id, None)
            case e.AgentPhoneChanged(phone=str(phone)):
                phones[event.agent_id] = phone
            case e.NoteSent() | e.NoteRead():
                notes.apply(event)
            case e.PresenceChanged():
                _note_wrap_up(wrap_ups, calls, event)
            case _:
                _fold(calls, event)
                call = calls.get(getattr(event, "call_id", None) or "")
                if call is not None:
                    _note_caller(config, call, event, last_agents, abandoned)
    centre = Centre(config, router)
    centre.queueing.phones |= phones
    centre.queueing.wrap_ups |= wrap_ups
    centre.queueing.last_agents = last_agents
    centre.queueing.abandoned = abandoned
    centre.agents.notes = notes
    centre.published.watch = watch
    for call in calls.values():
        if call.phase is not CallPhase.SETTLED:
            adopt(centre, call)
    return centre


def _note_wrap_up(
    wrap_ups: dict[str, tuple[str, str, int]], calls: Mapping[str, Call], event: e.PresenceChanged
) -> None:
    """A wrap-up begins when the agent comes into it, not when its end is moved."""
    if event.presence != Presence.WRAP_UP:
        wrap_ups.pop(event.agent_id, None)
    elif event.call_id is not None and event.call_id in calls and event.agent_id not in wrap_ups:
        wrap_ups[event.agent_id] = (event.call_id, calls[event.call_id].queue or "", event.at)


def _note_caller(
    config: CentreConfig,
    call: Call,
    event: e.DomainEvent,
    last_agents: LastAgents,
    abandoned: AbandonedPlaces,
) -> None:
    """What is kept of a caller beyond the call."""
    match event:
        case e.AgentConnected():
            last_agents.talked(config.canonical_caller(call), event.agent_id)
        case e.CallQueued(place_at=int()):
            abandoned.taken(config.canonical_caller(call), event.queue)
        case e.QueueLeft(outcome=outcome) if outcome in ABANDONED and call.place is not None:
            abandoned.left(config.canonical_caller(call), event.queue, call.place, event.at)
        case _:
            pass


def _fold(calls: dict[str, Call], event: e.DomainEvent) -> None:
    if isinstance(event, e.CallBegan):
        calls[event.call_id] = Call.begun(event)
        return
    call = calls.get(getattr(event, "call_id", None) or "")
    if call is not None and not isinstance(event, e.PresenceChanged):
        call.apply(event)
