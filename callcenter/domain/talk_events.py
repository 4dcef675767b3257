"""What happens between caller and agent. Part of DomainEvent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class TransferKind(StrEnum):
    """What a call can be transferred to."""

    QUEUE = "queue"
    AGENT = "agent"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class AgentConnected:
    """The agent and the caller hear each other."""

    at: int
    call_id: str
    agent_id: str
    leg_id: str
    queue: str


@dataclass(frozen=True, slots=True)
class CallHeld:
    """The caller hears music; the agent is still in charge."""

    at: int
    call_id: str
    agent_id: str


@dataclass(frozen=True, slots=True)
class CallRetrieved:
    """The agent took the caller back from hold."""

    at: int
    call_id: str
    agent_id: str


@dataclass(frozen=True, slots=True)
class AgentPhoneLost:
    """The agent's phone is gone from the talk without a word. The caller hears music, and the agent is still
    in charge: until ``back_until_at`` the call is kept for them."""

    at: int
    call_id: str
    agent_id: str
    back_until_at: int


@dataclass(frozen=True, slots=True)
class AgentPhoneRung:
    """The lost phone is there again and is rung for the call that is kept for its agent."""

    at: int
    call_id: str
    agent_id: str
    leg_id: str


@dataclass(frozen=True, slots=True)
class AgentPhoneBack:
    """The agent has the caller back."""

    at: int
    call_id: str
    agent_id: str
    leg_id: str


@dataclass(frozen=True, slots=True)
class CallTransferred:
    """The agent sent the caller on and leaves the call. ``target`` is a queue, an agent id or (masked in
    every output) a number."""

    at: int
    call_id: str
    agent_id: str
    kind: TransferKind
    target: str


@dataclass(frozen=True, slots=True)
class AgentReleased:
    """The agent's part in the call is over; spans since AgentConnected. ``queue`` is the one it came from."""

    at: int
    call_id: str
    agent_id: str
    queue: str
    talk_ms: int
    hold_ms: int


@dataclass(frozen=True, slots=True)
class WrapUpEnded:
    """The agent's after-call work for this call is over."""

    at: int
    call_id: str
    agent_id: str
    queue: str
    wrap_up_ms: int


@dataclass(frozen=True, slots=True)
class DispositionGiven:
    """The agent said what came of the call: ``code`` is one of the centre's dispositions."""

    at: int
    call_id: str
    agent_id: str
    code: str
