"""What agents do beside their calls. Part of DomainEvent."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PauseOverdue:
    """The agent's pause has lasted as long as its reason allows."""

    at: int
    agent_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """The agent's Presence (acd.model.Presence) is from now on ``presence`` for ``reason``."""

    at: int
    agent_id: str
    presence: str
    reason: str
    call_id: str | None = None
    until_at: int | None = None


@dataclass(frozen=True, slots=True)
class NoteSent:
    """The supervisor ``by`` wrote to the agent. The text may be personal."""

    at: int
    agent_id: str
    note_id: str
    by: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NoteRead:
    """The agent has read what was written."""

    at: int
    agent_id: str
    note_id: str


@dataclass(frozen=True, slots=True)
class AgentPhoneChanged:
    """From now on the agent works at ``phone`` (its name in the settings); None: at none, logged out."""

    at: int
    agent_id: str
    phone: str | None
