"""What a flow asked and told other systems, and what became of it. Part of DomainEvent.

Whatever is owed to another system is owed from its ``...Asked`` on, over any restart, until it is done or
given up. Answers are personal and are in no event.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class LookUpEnded:
    """The flow's question to ``look_up`` had this ``outcome`` (ivr_flows.effects.LookUpOutcome) after so
    long; too late for the caller, perhaps."""

    at: int
    call_id: str
    look_up: str
    outcome: str
    took_ms: int


@dataclass(frozen=True, slots=True)
class CallerListed:
    """The caller went the way of those on this ``list``, for the entry with this id."""

    at: int
    call_id: str
    list: str
    entry_id: str


@dataclass(frozen=True, slots=True)
class WebhookAsked:
    """The flow wants this webhook told: from here it must be, once or more often. ``body`` is personal;
    sensitive values stand ``sealed`` (ivr_flows.sealing), or nowhere where there is no seal."""

    at: int
    call_id: str
    send_id: str
    webhook: str
    body: dict[str, Any]
    sealed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WebhookDelivered:
    """The webhook took it, with this status of HTTP; ``attempts`` are those of the controller that did it."""

    at: int
    call_id: str
    send_id: str
    status: int
    attempts: int


@dataclass(frozen=True, slots=True)
class WebhookGivenUp:
    """The webhook was not reached in its time, or exists no more: an alarm. ``reason`` is for people."""

    at: int
    call_id: str
    send_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class TicketUpdateAsked:
    """The flow adds ``text`` to the call's ticket and gives it the ``category`` (None: leaves its own): owed,
    exactly once, as soon as the call has a ticket."""

    at: int
    call_id: str
    update_id: str
    text: str
    category: str | None = None


@dataclass(frozen=True, slots=True)
class TicketUpdated:
    """The ticket has it."""

    at: int
    call_id: str
    update_id: str
