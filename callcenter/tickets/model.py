"""Tickets: their states in one table, and when a call joins one instead of opening another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TicketState(StrEnum):
    """The five steps of a hotline's demand: 受理, 交办, 办结, 回访, 归档."""

    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    RESOLVED = "resolved"
    FOLLOWED_UP = "followed_up"
    CLOSED = "closed"


TRANSITIONS: Mapping[TicketState, frozenset[TicketState]] = {
    TicketState.ACCEPTED: frozenset({TicketState.DISPATCHED, TicketState.RESOLVED, TicketState.CLOSED}),
    TicketState.DISPATCHED: frozenset({TicketState.RESOLVED, TicketState.ACCEPTED}),
    TicketState.RESOLVED: frozenset({TicketState.FOLLOWED_UP, TicketState.DISPATCHED}),
    TicketState.FOLLOWED_UP: frozenset({TicketState.CLOSED, TicketState.DISPATCHED}),
    TicketState.CLOSED: frozenset(),
}
"""From each state, where a ticket may go. Sent back (退回) means back to DISPATCHED or ACCEPTED."""

JOINABLE = frozenset({TicketState.ACCEPTED, TicketState.DISPATCHED})
"""A caller's new call about the same category joins a ticket that is still being worked on."""


class ImpossibleStep(Exception):
    """The ticket cannot go there from where it is; the text names both and what is possible."""


def step(state: TicketState, to: TicketState) -> TicketState:
    """The ticket's next state. Raises ImpossibleStep."""
    if to not in TRANSITIONS[state]:
        possible = ", ".join(sorted(TRANSITIONS[state])) or "nowhere"
        raise ImpossibleStep(f"a ticket that is {state} cannot become {to}; it can go to: {possible}")
    return to


@dataclass(frozen=True, slots=True)
class Ticket:
    """One demand. ``calls`` are the ids of the calls about it, oldest first."""

    ticket_id: str
    state: TicketState
    category: str
    caller: str
    queue: str
    language: str
    text: str
    opened_at: datetime
    changed_at: datetime
    calls: tuple[str, ...]


def ticket_id(number: int, opened_at: datetime) -> str:
    """The id that people read to each other: the day, then the number of the ticket."""
    return f"T{opened_at:%Y%m%d}-{number:06d}"
