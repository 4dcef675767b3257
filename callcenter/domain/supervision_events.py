"""DomainEvents about supervisors in calls. Part of DomainEvent.

``by`` is the name of the user who asked.
"""

from __future__ import annotations

from dataclasses import dataclass

from callcenter.domain.overhearing import SupervisionMode


@dataclass(frozen=True, slots=True)
class SupervisionBegan:
    """A supervisor's phone is rung, to take part in the call in this mode. ``agent_id``: it is the phone at
    which the supervisor works as this agent."""

    at: int
    call_id: str
    leg_id: str
    by: str
    phone: str
    mode: SupervisionMode
    agent_id: str | None = None


@dataclass(frozen=True, slots=True)
class SupervisionAnswered:
    """The supervisor picked up the phone."""

    at: int
    call_id: str
    leg_id: str


@dataclass(frozen=True, slots=True)
class SupervisionChanged:
    """The supervisor takes part in another mode from now on."""

    at: int
    call_id: str
    mode: SupervisionMode
    by: str


@dataclass(frozen=True, slots=True)
class SupervisionEnded:
    """The supervisor takes part no more, or never did. ``reason``: ``stopped`` (then ``by`` says by whom),
    ``took_over``, ``agent_gone``, ``call_over``, ``logged_out``, ``failed``, or how the phone's leg ended
    (switch.LegEndCause)."""

    at: int
    call_id: str
    leg_id: str
    reason: str
    by: str = ""
    agent_id: str | None = None


@dataclass(frozen=True, slots=True)
class CallTakenOver:
    """The supervisor takes the call from the agent and becomes its agent as ``by_agent_id``."""

    at: int
    call_id: str
    agent_id: str
    by_agent_id: str
    by: str


@dataclass(frozen=True, slots=True)
class CallPicked:
    """A supervisor had the waiting call offered to this agent before anybody else."""

    at: int
    call_id: str
    agent_id: str
    by: str


@dataclass(frozen=True, slots=True)
class HangUpAsked:
    """A supervisor had the caller hung up."""

    at: int
    call_id: str
    by: str
