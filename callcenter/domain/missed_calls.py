"""Callers who hung up while they waited, and with whom nobody has talked since.

Instants are ``int`` milliseconds since the Unix epoch, UTC.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from callcenter.domain.call import Call
from callcenter.domain.events import CallBackPromised, CallBegan, CallDialledOut, QueueOutcome

ABANDONED = (QueueOutcome.ABANDONED, QueueOutcome.SHORT_ABANDONED)


@dataclass(frozen=True, slots=True)
class MissedCall:
    """A call that is over, whose caller had hung up while waiting in ``queue``; ``trunk``, ``did`` and
    ``caller`` are what calling back needs, as they were shown."""

    call_id: str
    trunk: str
    did: str
    caller: str = field(repr=False)
    queue: str | None
    arrived_at: int
    ended_at: int


@dataclass(frozen=True, slots=True)
class Contact:
    """A call as far as it tells whether its caller is missed: the number by which the caller is known again,
    when it came, and how it was missed (None: somebody talks, or is about to)."""

    number: str = field(repr=False)
    at: int
    missed: MissedCall | None = None


def missed_in(call: Call) -> MissedCall | None:
    """The call as one to be called back; None, if it is none."""
    if call.live or not call.leg_id or call.back is not None or call.outcome not in ABANDONED:
        return None
    ended_at = call.arrived_at if call.ended_at is None else call.ended_at
    return MissedCall(call.call_id, call.trunk, call.did, call.caller, call.queue, call.arrived_at, ended_at)


def contact_of(call: Call, number: str) -> Contact | None:
    """What the call tells of the caller known by this number; None: nothing."""
    missed = missed_in(call)
    if missed is None and not call.live and call.agent_id is None:
        return None
    return Contact(number, call.arrived_at, missed)


def missed_calls(contacts: Iterable[Contact]) -> list[MissedCall]:
    """The newest first, one of each caller. Who came again and talked with an agent, was called back, or is
    on the line now is missed no more."""
    missed: dict[str, MissedCall] = {}
    for contact in sorted(contacts, key=lambda contact: contact.at):
        missed.pop(contact.number, None)
        if contact.missed is not None:
            missed[contact.number] = contact.missed
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
