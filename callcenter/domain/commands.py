"""AgentCommands: what an agent (or a supervisor for one) asks of the centre, and what the centre answers.

Every command names its agent. The union is closed; whoever carries commands out matches all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from callcenter.domain.events import TransferKind


@dataclass(frozen=True, slots=True)
class LogIn:
    """Begin to work at ``phone`` (its name in the settings), not ready yet."""

    agent_id: str
    phone: str


@dataclass(frozen=True, slots=True)
class LogOut:
    """Leave work."""

    agent_id: str


@dataclass(frozen=True, slots=True)
class Ready:
    """Take calls from now on."""

    agent_id: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Take no calls for ``reason`` (one of the centre's pause reasons)."""

    agent_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class EndWrapUp:
    """The after-call work is done before its time is over."""

    agent_id: str


@dataclass(frozen=True, slots=True)
class Hold:
    """The caller shall hear music; the agent stays in charge."""

    agent_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class Retrieve:
    """Take the caller back from hold."""

    agent_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """Send the caller on and leave the call. ``target`` is the name of a queue, an agent id or a number, as
    ``kind`` says."""

    agent_id: str
    call_id: str
    kind: TransferKind
    target: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call."""

    agent_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class Decline:
    """Do not take the offered call; it goes to the next agent."""

    agent_id: str
    offer_id: str


AgentCommand = LogIn | LogOut | Ready | Pause | EndWrapUp | Hold | Retrieve | Transfer | HangUp | Decline


@dataclass(frozen=True, slots=True)
class Accepted:
    """The command is being carried out; what comes of it follows as DomainEvents."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was done. ``reason`` says why, ``cure`` what the asker can do; both are for people."""

    reason: str
    cure: str


CommandResult = Accepted | Refused
