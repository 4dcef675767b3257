"""The words of routing: skills, queues, agents and what they are set to.

Instants are ``int`` milliseconds since the Unix epoch, UTC; spans carry their unit in the name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


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
    """Nobody who could serve the call is logged in."""
    NOT_READY = "not_ready"
    """Nobody who could serve the call is at work: all of them are logged out or paused."""
    EXPECTED_WAIT = "expected_wait"
    """The call would probably wait for longer than the queue allows."""
    CLOSED = "closed"


class OverflowKind(StrEnum):
    """Where an overflowing call may go."""

    QUEUE = "queue"
    FLOW = "flow"
    OUTSIDE = "outside"
    CALL_BACK = "call_back"
    HANG_UP = "hang_up"


@dataclass(frozen=True, slots=True)
class OverflowTarget:
    """A queue's name, a flow branch's or an outside number; empty for CALL_BACK and HANG_UP."""

    kind: OverflowKind
    name: str = ""


class SkillRequirement(NamedTuple):
    """The agent must hold ``skill`` at ``level`` (1-10) or above; ``weight`` (1-10) tells how much its level
    counts when agents are compared by skill."""

    skill: str
    level: int = 1
    weight: int = 1


ANY_GROUP = "*"
"""In ``RelaxStep.groups``: agents of every group, and of none."""


@dataclass(frozen=True, slots=True)
class RelaxStep:
    """What a queue gives up for calls that have waited in it for ``after_sec``.

    ``drop``: skills asked for no more. ``lower``: skills that suffice at a lower level from now on.
    ``groups``: agents of these groups may serve the call, too (ANY_GROUP: everybody). ``priority``: added to
    the call's priority. Steps add up.
    """

    after_sec: int
    drop: tuple[str, ...] = ()
    lower: Mapping[str, int] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    priority: int = 0


@dataclass(frozen=True, slots=True)
class QueueConfig:
    """One queue. ``overflow`` lacks a reason: the call then waits on (TIMEOUT, NO_AGENT, NOT_READY,
    EXPECTED_WAIT) or hangs up politely (FULL, CLOSED).

    ``groups``: only agents of one of these groups, until a step widens it (empty: agents of any group).
    ``target_sec`` is the wait that the queue promises, which the call choice ``service_objective`` goes by.
    ``preferred_patience_sec`` keeps a call for the agent it prefers, as long as that agent is at work.

    A queue that rings several agents rings ``ring_at_most`` of them; every ``ring_step_sec`` it looks again
    whether there are more to ring.

    ``wrap_up_sec`` ends a wrap-up by itself, unless a disposition is required and not given: then it goes on
    up to ``wrap_up_max_sec``, and the agent is paused. An agent may end it from ``wrap_up_min_sec`` on and
    extend it up to ``wrap_up_max_sec`` (None: neither end nor limit).

    ``retry_delay_sec`` rests an agent who let an Offer ring out, the other delays one whose phone declined,
    was busy or could not be reached. ``unanswered_limit`` missed in a row pause the agent (0: never).
    """

    name: str
    requirements: tuple[SkillRequirement, ...] = ()
    groups: tuple[str, ...] = ()
    steps: tuple[RelaxStep, ...] = ()
    strategy: str = "longest_idle"
    priority: int = 0
    ageing_sec_per_priority: int = 60
    target_sec: int = 20
    preferred_patience_sec: int = 0
    ring_timeout_sec: int = 20
    ring_at_most: int = 20
    ring_step_sec: int = 5
    wrap_up_sec: int = 30
    wrap_up_min_sec: int = 0
    wrap_up_max_sec: int | None = None
    disposition_required: bool = False
    retry_delay_sec: int = 5
    declined_delay_sec: int = 10
    busy_delay_sec: int = 10
    unreachable_delay_sec: int = 30
    max_wait_sec: int | None = None
    max_waiting: int | None = None
    max_expected_wait_sec: int | None = None
    unanswered_limit: int = 3
    overflow: Mapping[OverflowReason, OverflowTarget] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms on which an agent serves a queue.

    ``order``: of the agent's queues with waiting calls the one with the lowest order comes first.
    ``delay_sec``: only calls that have waited in the queue for so long (a reserve). ``tier``: agents of a
    lower tier are chosen first.
    """

    order: int = 0
    delay_sec: int = 0
    tier: int = 1


USUAL_TERMS = Terms()


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """One agent: the skills held with their levels 1-10, the queues served (empty: every queue whose
    requirements the skills meet), the terms on which a queue is served where they are not the usual ones,
    the groups belonged to, and the share of calls that ``weighted_random`` gives (1-100)."""

    agent_id: str
    skills: Mapping[str, int] = field(default_factory=dict)
    queues: tuple[str, ...] = ()
    terms: Mapping[str, Terms] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    weight: int = 1


@dataclass(frozen=True, slots=True)
class PauseReason:
    """A reason for which an agent may pause. After ``limit_sec`` the pause is overdue (None: never)."""

    name: str
    paid: bool = True
    limit_sec: int | None = None


@dataclass(frozen=True, slots=True)
class AcdConfig:
    """Everything the Router is set to; ``version`` names it in every decision.

    ``call_choice`` (``acd.call_choice``) tells which call an agent gets who could take several. ``seed``
    makes the dice of ``weighted_random``. An agent may pause for a reason that ``pause_reasons`` lacks; it
    has no limit.
    """

    version: str
    queues: Mapping[str, QueueConfig]
    agents: Mapping[str, AgentConfig]
    call_choice: str = "priority"
    pause_reasons: Mapping[str, PauseReason] = field(default_factory=dict)
    seed: int = 0
