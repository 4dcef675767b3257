"""What supervisors may ask for a live call, and who supervises it: pure functions, as in ``live``."""

from __future__ import annotations

from collections.abc import Mapping

from callcenter.domain.call import Call, CallPhase
from callcenter.domain.overhearing import SupervisionMode
from callcenter.web import wire
from callcenter.web.wire import CallAction, instant

_TALKING = (CallPhase.TALKING, CallPhase.HELD)
_WAITING = (CallAction.PICK, CallAction.PRIORITY, CallAction.SKILLS, CallAction.MOVE)
MODES: Mapping[CallAction, SupervisionMode] = {
    CallAction.LISTEN: SupervisionMode.LISTEN,
    CallAction.WHISPER: SupervisionMode.WHISPER,
    CallAction.BARGE: SupervisionMode.BARGE,
    CallAction.TAKE_OVER: SupervisionMode.TAKE_OVER,
}
"""The actions that take part in a call."""


def call_actions(call: Call, *, switch_up: bool) -> list[CallAction]:
    """What a supervisor may ask for the call now. Every one of them would be accepted, if what is asked
    beside it (a phone, an agent, a queue) will do; what goes on in a call is changed by who began it."""
    actions = list(_WAITING) if call.phase is CallPhase.QUEUED else []
    known = call.supervision
    if switch_up and call.phase in _TALKING:
        actions += [action for action, mode in MODES.items() if known is None or mode is not known.mode]
        cannot_have_it = known is not None and known.agent_id is None
        if CallAction.TAKE_OVER in actions and (cannot_have_it or call.consult is not None):
            actions.remove(CallAction.TAKE_OVER)
    if known is not None:
        actions.append(CallAction.STOP)
    if switch_up and call.leg_id and call.phase is not CallPhase.DIALLING:
        actions.append(CallAction.HANG_UP)
    return actions


def supervision_on_wire(call: Call) -> wire.Supervision | None:
    """Who takes part in the call, if somebody does."""
    known = call.supervision
    if known is None:
        return None
    return wire.Supervision(
        by=known.by,
        phone=known.phone,
        mode=known.mode,
        answered=known.answered,
        began_at=instant(known.began_at),
    )
