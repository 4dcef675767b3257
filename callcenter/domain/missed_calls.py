"""Callers who hung up while they waited, and with whom nobody has talked since."""

from __future__ import annotations

from collections.abc import Iterable

from callcenter.domain.call import Call
from callcenter.domain.events import CallBackPromised, CallBegan, CallDialledOut, QueueOutcome

ABANDONED = (QueueOutcome.ABANDONED, QueueOutcome.SHORT_ABANDONED)


def is_missed(call: Call) -> bool:
    """It is over, and its caller had hung up while waiting."""
    return not call.live and bool(call.leg_id) and call.back is None and call.outcome in ABANDONED


def missed_calls(calls: Iterable[Call]) -> list[Call]:
    """The newest first, one of each caller. Who came again and talked with an agent, was called back, or is
    on the line now is missed no more."""
    missed: dict[str, Call] = {}
    for call in sorted(calls, key=lambda call: call.arrived_at):
        if is_missed(call) or call.live or call.agent_id is not None:
            missed.pop(call.caller, None)
        if is_missed(call):
            missed[call.caller] = call
    return list(reversed(missed.values()))


def call_back_of(event: CallBegan) -> str | None:
    """The call whose caller is called back by this one."""
    match event:
        case CallBackPromised():
            return event.call_back_of
        case CallDialledOut():
            return event.missed_call_id or None
        case _:
            return None
