"""The DomainEvents of call-backs: a caller was promised to be called back, and what came of it.

A call-back is a Call of its own, which begins with the promise and has no caller's leg until it is dialled.
It waits in its queue as CallQueued with ``virtual``; an agent takes it like any other call, and only then is
the caller dialled. It ends with CallEnded like every call.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class CallBackEnd(StrEnum):
    """Why a promise ended without a talk: the ``reason`` of its CallEnded."""

    CALLED_AGAIN = "called_again"
    """The caller came in again and has taken the place over."""
    UNREACHED = "unreached"
    """The caller did not answer, as often as the queue has it tried."""
    EXPIRED = "expired"
    """No agent came free for it within the time that the queue gives."""
    QUEUE_GONE = "queue_gone"
    """Its queue is no longer in the settings, or no longer calls back."""


class MissedCause(StrEnum):
    """Why the caller was not reached this time."""

    BUSY = "busy"
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    FAILED = "failed"
    """The number or the trunk could not be used."""
    AGENT_LEFT = "agent_left"
    """The agent hung up before the caller answered; it does not count as a try."""


@dataclass(frozen=True, slots=True)
class CallBackPromised:
    """The caller of ``call_back_of`` was promised to be called back. ``queued_at`` and ``priority`` are the
    place that is kept; ``checkpoint`` is where in the flow the caller stood, who comes back there after the
    talk; ``flows_number`` as in CallArrived. At ``give_up_at`` the promise is given up."""

    at: int
    call_id: str
    call_back_of: str
    caller: str
    caller_name: str
    trunk: str
    did: str
    language: str
    flow: str
    queue: str
    queued_at: int
    priority: int
    give_up_at: int
    skills: dict[str, int] = field(default_factory=dict)
    checkpoint: dict[str, Any] = field(default_factory=dict)
    flows_number: int = 0


@dataclass(frozen=True, slots=True)
class CallBackDialled:
    """An agent has taken the call-back and hears it ring: the caller is dialled over ``leg_id``."""

    at: int
    call_id: str
    leg_id: str
    agent_id: str
    agent_leg_id: str
    queue: str


@dataclass(frozen=True, slots=True)
class CallBackMissed:
    """The caller was not reached; tried again at ``retry_at`` (None: never). The agent is let go."""

    at: int
    call_id: str
    agent_id: str
    cause: MissedCause
    retry_at: int | None
