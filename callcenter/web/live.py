"""The live view as it goes over the wire: pure functions from what the centre is to what a viewer sees.

A viewer sees an entity open (callers' numbers, the actions that may be asked) or MASKED. Open is OWN for the
agent itself and the calls it has or is being rung for, OPEN for the rest, which only supervisors and
administrators see (they may do a little more for another agent than that agent may), and READ for whoever has
the right to numbers but not to control.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from acd.model import Presence
from callcenter.domain.agent_events import NoteSent
from callcenter.domain.call import Call, CallPhase
from callcenter.domain.consult import Consult
from callcenter.domain.events import DomainEvent, RoutingInput, SwitchStateChanged, TransferKind
from callcenter.domain.softphones import softphone_of
from callcenter.web import wire
from callcenter.web.call_actions import call_actions, supervision_on_wire
from callcenter.web.ports import AgentView, CentreView, Component, ComponentHealth, User
from callcenter.web.rights import ROLES, Access, rights_of
from callcenter.web.wire import AgentAction, instant, instant_or_none


class Sight(StrEnum):
    """How much of an entity a viewer sees."""

    OWN = "own"
    OPEN = "open"
    READ = "read"
    MASKED = "masked"


class Entity(StrEnum):
    """What the live view is made of; the value is that of wire.Change.entity."""

    AGENT = "agent"
    CALL = "call"
    QUEUE = "queue"
    KPI = "kpi"
    FAIRNESS = "fairness"
    HEALTH = "health"


class Key(NamedTuple):
    """Names one entity."""

    entity: Entity
    id: str


def agent_of(event: DomainEvent) -> str | None:
    """The agent whom the event is about, if it names one. What the Router is told of an agent may change what
    can be asked for that agent although the Presence stays (a pause during a call, a phone that is lost)."""
    if isinstance(event, RoutingInput):
        told: str | None = event.event.get("agent_id")
        return told
    named: str | None = getattr(event, "agent_id", None)
    return named


def touched(event: DomainEvent, all_of: Callable[[], Iterable[Key]] = tuple) -> tuple[Key, ...]:
    """The agents and calls that the event may have changed: those that it names, and ``all_of`` them when the
    switch was lost or found, since calls can be controlled with it only. Queues, figures and health are
    derived from everything and are compared instead."""
    if isinstance(event, SwitchStateChanged):
        return tuple(all_of())
    keys = []
    call_id: str | None = getattr(event, "call_id", None)
    if call_id is not None:
        keys.append(Key(Entity.CALL, call_id))
    if (agent_id := agent_of(event)) is not None:
        keys.append(Key(Entity.AGENT, agent_id))
    return tuple(keys)


def all_keys(view: CentreView) -> tuple[Key, ...]:
    """Every agent and every live call."""
    agents = (Key(Entity.AGENT, agent_id) for agent_id in view.agents)
    return (*agents, *(Key(Entity.CALL, call.call_id) for call in view.calls.values() if call.live))


def changes_settings(event: DomainEvent) -> bool:
    """From here on other settings are in force: agents, queues and dispositions may have come, gone or
    changed, more than any list of keys can tell."""
    return isinstance(event, RoutingInput) and event.event.get("kind") == "config_changed"


def live_call(view: CentreView, call_id: str) -> Call | None:
    """The call while its caller is there."""
    call = view.calls.get(call_id)
    return call if call is not None and call.live else None


def parties(call: Call) -> set[str]:
    """The agents who talk in the call, are being rung for it, or wait in it for a caller to answer."""
    return {offer.agent_id for offer in call.offers.values()} | call.agents_at_work.keys()


def sight_of_call(viewer: User, agent_ids: Collection[str]) -> Sight:
    """How the viewer sees a call of these agents."""
    if viewer.agent_id is not None and viewer.agent_id in agent_ids:
        return Sight.OWN
    return sight_of_others(viewer)


def sight_of_others(viewer: User) -> Sight:
    """How the viewer sees whatever is not the viewer's own."""
    if not viewer.sees_numbers:
        return Sight.MASKED
    return Sight.OPEN if viewer.role in ROLES[Access.SUPERVISION] else Sight.READ


def sight_of_agent(viewer: User, agent_id: str) -> Sight:
    """How the viewer sees this agent."""
    return sight_of_call(viewer, (agent_id,))


def mask_number(number: str) -> str:
    """The number with its middle hidden (138****5678); of a short one hardly anything is left."""
    if len(number) >= 11:
        return f"{number[:3]}****{number[-4:]}"
    return f"****{number[-2:]}" if len(number) >= 5 else "****"


def mask_name(name: str) -> str:
    """The first letter or character (张*); empty stays empty."""
    return f"{name[0]}*" if name else ""


# --- what may be asked for an agent ------------------------------------------------------------------------

_A = AgentAction
_WITHOUT_CALL: Mapping[Presence, tuple[AgentAction, ...]] = {
    Presence.LOGGED_OUT: (_A.LOGIN,),
    Presence.NOT_READY: (_A.READY, _A.DIAL_OUT, _A.PAUSE, _A.CHANGE_PHONE, _A.LOGOUT),
    Presence.READY: (_A.DIAL_OUT, _A.PAUSE, _A.CHANGE_PHONE, _A.LOGOUT),
    Presence.OFFERED: (_A.DECLINE, _A.PAUSE, _A.LOGOUT),
    Presence.ON_CALL: (_A.READY, _A.PAUSE, _A.LOGOUT),
    Presence.WRAP_UP: (
        _A.END_WRAP_UP,
        _A.EXTEND_WRAP_UP,
        _A.DISPOSITION,
        _A.READY,
        _A.PAUSE,
        _A.CHANGE_PHONE,
        _A.LOGOUT,
    ),
}
_WITH_CALL: Mapping[CallPhase, tuple[AgentAction, ...]] = {
    CallPhase.TALKING: (_A.HOLD, _A.KEYS, _A.CONSULT, _A.TRANSFER, _A.DISPOSITION, _A.HANG_UP),
    CallPhase.HELD: (_A.RETRIEVE, _A.CONSULT, _A.TRANSFER, _A.DISPOSITION, _A.HANG_UP),
    CallPhase.DIALLING: (_A.HANG_UP,),
}


_KEPT = (_A.TRANSFER, _A.DISPOSITION, _A.HANG_UP)
"""Of a call that is kept for an agent whose phone is lost."""


def is_kept(call: Call) -> bool:
    """Whether the agent's phone is lost, and the caller held for the agent."""
    return call.conversation is not None and call.conversation.kept_until_at is not None


_CONSULTING = (_A.COMPLETE_TRANSFER, _A.END_CONSULT, _A.DISPOSITION)
_CONSULT_ANSWERED = (_A.SWAP, _A.CONFERENCE)
_IN_CALL = frozenset(
    {_A.HOLD, _A.RETRIEVE, _A.CONSULT, _A.TRANSFER, _A.HANG_UP, _A.DECLINE, *_CONSULT_ANSWERED}
    | {_A.COMPLETE_TRANSFER, _A.END_CONSULT, _A.KEYS, _A.DIAL_OUT}
)
"""What needs the switch."""
_FOR_LATER = frozenset({_A.READY, _A.PAUSE, _A.LOGOUT})
"""What says how the agent goes on after the work in hand."""


def allowed_actions(
    agent: AgentView, call: Call | None, *, own: bool = True, switch_up: bool = True
) -> list[AgentAction]:
    """What may be asked for the agent in this Presence with this call: by the agent (``own``) or by a
    supervisor in the agent's place. READY, PAUSE and LOGOUT during a call say what follows it.

    Every one of them would be accepted now, if what is asked beside it (a phone, a queue) exists.
    """
    with_call: tuple[AgentAction, ...] = ()
    if agent.presence is Presence.ON_CALL and call is not None:
        with_call = _KEPT if is_kept(call) else _with_call(agent.agent_id, call)
    refused = _refused(agent, own=own, switch_up=switch_up)
    return [action for action in (*with_call, *_WITHOUT_CALL[agent.presence]) if action not in refused]


def _with_call(agent_id: str, call: Call) -> tuple[AgentAction, ...]:
    consult = call.consult
    if consult is None:
        actions = _WITH_CALL.get(call.phase, ())
        return tuple(one for one in actions if not (one is _A.CONSULT and call.is_being_taken_over))
    if consult.agent_id == agent_id:
        return (_A.HANG_UP,)
    between = _CONSULT_ANSWERED if consult.answered and not consult.joined else ()
    return (*between, *((_A.KEYS,) if call.talks_with_agent else ()), *_CONSULTING)


def _refused(agent: AgentView, *, own: bool, switch_up: bool) -> set[AgentAction]:
    """What the centre would refuse, or what would change nothing, for more than the Presence."""
    refused: set[AgentAction] = set()
    if agent.paused_by and own:
        refused |= {_A.READY, _A.PAUSE}
    if not agent.reachable or agent.supervises:
        refused |= {_A.READY, _A.DIAL_OUT}
    if not agent.dials_out:
        refused.add(_A.DIAL_OUT)
    if agent.leaving:
        refused |= _FOR_LATER
    if agent.disposition_due:
        refused.add(_A.END_WRAP_UP)
    if agent.until_at is None or agent.until_at == agent.wrap_up_max_at:
        refused.add(_A.EXTEND_WRAP_UP)
    if not switch_up:
        refused |= _IN_CALL
    return refused


# --- entities ----------------------------------------------------------------------------------------------


def agent_on_wire(view: CentreView, agent_id: str, sight: Sight) -> wire.Agent:
    """The agent as a viewer sees it; raises KeyError for an unknown one."""
    agent = view.agents[agent_id]
    call = live_call(view, agent.call_id) if agent.call_id else None
    return wire.Agent(
        agent_id=agent.agent_id,
        name=agent.name,
        phone=agent.phone,
        presence=agent.presence,
        reason=agent.reason,
        since_at=instant(agent.since_at),
        until_at=instant_or_none(agent.until_at),
        call_id=agent.call_id,
        skills=dict(agent.skills),
        queues=list(agent.queues),
        allowed_actions=_allowed(view, agent, call, sight),
        calls=None if sight is Sight.MASKED else agent.calls,
        notes=[] if sight is Sight.MASKED else [note_on_wire(note) for note in agent.notes],
        at_softphone=agent.phone == softphone_of(agent.agent_id),
    )


def note_on_wire(note: NoteSent) -> wire.Note:
    """What a supervisor wrote."""
    return wire.Note(note_id=note.note_id, by=note.by, text=note.text, sent_at=instant(note.at))


def _allowed(view: CentreView, agent: AgentView, call: Call | None, sight: Sight) -> list[AgentAction]:
    if sight in (Sight.MASKED, Sight.READ):
        return []
    return allowed_actions(agent, call, own=sight is Sight.OWN, switch_up=_switch_up(view))


def _switch_up(view: CentreView) -> bool:
    return all(part.up for part in view.health if part.component is Component.SWITCH)


def call_on_wire(view: CentreView, call: Call, sight: Sight) -> wire.Call:
    """The live call as a viewer sees it. Agents are not told who listens to them."""
    masked, supervised = sight is Sight.MASKED, sight is Sight.OPEN
    return wire.Call(
        call_id=call.call_id,
        phase=call.phase,
        trunk=call.trunk,
        did=call.did,
        language=call.language,
        caller=mask_number(call.caller) if masked else call.caller,
        caller_name=mask_name(call.caller_name) if masked else call.caller_name,
        flow=call.flow,
        node=call.path[-1] if call.path else None,
        arrived_at=instant(call.arrived_at),
        since_at=instant_or_none(_phase_began_at(call)),
        queue=call.queue,
        queued_at=instant_or_none(call.queued_at),
        priority=call.priority,
        skills=dict(call.skills),
        offers=[
            wire.Offer(offer_id=offer.offer_id, agent_id=offer.agent_id, made_at=instant(offer.made_at))
            for offer in call.offers.values()
        ],
        agent_id=call.agent_in_hand,
        call_back_of=call.call_back_of,
        kept_until_at=instant_or_none(call.conversation.kept_until_at if call.conversation else None),
        consult=_consult_on_wire(call.consult, masked=masked) if call.consult else None,
        supervision=supervision_on_wire(call) if supervised else None,
        allowed_actions=call_actions(call, switch_up=_switch_up(view)) if supervised else [],
    )


def _consult_on_wire(consult: Consult, *, masked: bool) -> wire.Consult:
    is_number = consult.kind is TransferKind.NUMBER
    return wire.Consult(
        kind=consult.kind,
        target=mask_number(consult.target) if masked and is_number else consult.target,
        agent_id=consult.agent_id or None,
        answered=consult.answered,
        joined=consult.joined,
    )


def _phase_began_at(call: Call) -> int | None:
    match call.phase:
        case CallPhase.IN_FLOW | CallPhase.PROMISED:
            return call.arrived_at
        case CallPhase.DIALLING:
            return call.back.dialled.at if call.back and call.back.dialled else call.arrived_at
        case CallPhase.QUEUED:
            return call.queued_at
        case CallPhase.TALKING:
            return call.conversation.connected_at if call.conversation else None
        case CallPhase.HELD:
            return call.conversation.held_at if call.conversation else None
        case _:
            return None


def queues_on_wire(view: CentreView) -> list[wire.Queue]:
    """All queues with who waits, talks and could answer, counted in one pass."""
    waiting: dict[str, list[int]] = {name: [] for name in view.queues}
    call_backs = dict.fromkeys(view.queues, 0)
    talking = dict.fromkeys(view.queues, 0)
    ready = dict.fromkeys(view.queues, 0)
    logged_in = dict.fromkeys(view.queues, 0)
    for call in view.calls.values():
        if call.queue is None or call.queue not in view.queues:
            continue
        if call.phase in (CallPhase.QUEUED, CallPhase.PROMISED) and not call.leg_id:
            call_backs[call.queue] += 1
        elif call.phase is CallPhase.QUEUED and call.queued_at is not None:
            waiting[call.queue].append(call.queued_at)
        elif call.conversation is not None:
            talking[call.queue] += 1
    for agent in view.agents.values():
        for queue in agent.queues:
            if queue in view.queues and agent.presence is not Presence.LOGGED_OUT:
                logged_in[queue] += 1
                ready[queue] += agent.presence is Presence.READY
    return [
        wire.Queue(
            name=queue.name,
            title=queue.title,
            waiting=len(waiting[queue.name]),
            call_backs=call_backs[queue.name],
            oldest_queued_at=instant_or_none(min(waiting[queue.name], default=None)),
            talking=talking[queue.name],
            agents_ready=ready[queue.name],
            agents_logged_in=logged_in[queue.name],
            is_open=queue.is_open,
            line=[
                wire.InLine(call_id=call_id, expected_wait_ms=_to_seconds(wait_ms))
                for call_id, wait_ms in view.line_of(queue.name)
            ],
            live_transcript=queue.live_transcript,
        )
        for queue in view.queues.values()
    ]


def _to_seconds(wait_ms: int | None) -> int | None:
    """An estimate is no better than its seconds, and what does not look different is not told."""
    return None if wait_ms is None else wait_ms - wait_ms % 1000


def health_on_wire(health: ComponentHealth) -> wire.Health:
    """One component's health."""
    return wire.Health(
        component=health.component, up=health.up, since_at=instant(health.since_at), detail=health.detail
    )


def viewer_on_wire(user: User) -> wire.Viewer:
    """Who looks."""
    return wire.Viewer(
        name=user.name,
        role=user.role,
        agent_id=user.agent_id,
        may=rights_of(user.role),
        password_due=user.password_due,
    )
