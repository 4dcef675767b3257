"""The words of routing: skills, queues, agents and what they are set to.

Instants are ``int`` milliseconds since the Unix epoch, UTC; spans carry their unit in the name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Presence(StrEnum):
    """What an agent is doing; the transition table is in ``acd.presence``."""

    LOGGED_OUT = "logged_out"
    NOT_READY = "not_ready"
    READY = "ready"
    OFFERED = "offered"
    ON_CALL = "on_call"
    WRAP_UP = "wrap_up"


class OverflowReason(StrEnum):
    """The rule by which a call left a queue unanswered."""

    TIMEOUT = "timeout"
    FULL = "full"
    NO_AGENT = "no_agent"
    CLOSED = "closed"


class OverflowKind(StrEnum):
    """Where an overflowing call may go."""

    QUEUE = "queue"
    FLOW = "flow"
    HANG_UP = "hang_up"


@dataclass(frozen=True, slots=True)
class OverflowTarget:
    """A queue's or a flow branch's name; empty for HANG_UP."""

    kind: OverflowKind
    name: str = ""


@dataclass(frozen=True, slots=True)
class SkillRequirement:
    """The agent must hold ``skill`` at ``level`` (1-10) or above."""

    skill: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class QueueConfig:
    """One queue. ``overflow`` lacks a reason: the call then waits on (TIMEOUT, NO_AGENT) or hangs up
    politely (FULL, CLOSED).

    ``retry_delay_sec`` rests an agent who let an Offer ring out, the other delays one whose phone declined,
    was busy or could not be reached. ``unanswered_limit`` missed in a row pause the agent (0: never).
    """

    name: str
    requirements: tuple[SkillRequirement, ...] = ()
    strategy: str = "longest_idle"
    priority: int = 0
    ageing_sec_per_priority: int = 60
    ring_timeout_sec: int = 20
    wrap_up_sec: int = 30
    retry_delay_sec: int = 5
    declined_delay_sec: int = 10
    busy_delay_sec: int = 10
    unreachable_delay_sec: int = 30
    max_wait_sec: int | None = None
    max_waiting: int | None = None
    unanswered_limit: int = 3
    overflow: Mapping[OverflowReason, OverflowTarget] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """One agent: the skills held with their levels 1-10, and the queues served (empty: every queue whose
    requirements the skills meet)."""

    agent_id: str
    skills: Mapping[str, int] = field(default_factory=dict)
    queues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AcdConfig:
    """Everything the Router is set to; ``version`` names it in every decision."""

    version: str
    queues: Mapping[str, QueueConfig]
    agents: Mapping[str, AgentConfig]
