"""Tickets: their states in one table, when a call joins one instead of opening another, and how they are
changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
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


class Demand(StrEnum):
    """What kind of demand it is: 咨询, 求助, 意见, 投诉, 举报."""

    CONSULTATION = "consultation"
    HELP = "help"
    OPINION = "opinion"
    COMPLAINT = "complaint"
    REPORT = "report"


class ImpossibleStep(Exception):
    """The ticket cannot go there from where it is; the text names both and what is possible."""


def step(state: TicketState, to: TicketState) -> TicketState:
    """The ticket's next state. Raises ImpossibleStep."""
    if to not in TRANSITIONS[state]:
        possible = ", ".join(sorted(TRANSITIONS[state])) or "nowhere"
        raise ImpossibleStep(f"a ticket that is {state} cannot become {to}; it can go to: {possible}")
    return to


class UnitMissing(ImpossibleStep):
    """A ticket is dispatched to somebody."""


class TicketClosed(ImpossibleStep):
    """A closed ticket is changed no more."""


class TicketChanged(Exception):
    """Somebody has changed the ticket since it was read; the text is for people."""


@dataclass(frozen=True, slots=True)
class TicketForm:
    """What people write down of a demand. ``requester`` is who asks (the caller may ask for another),
    ``unit`` who is to see to it (承办单位)."""

    demand: Demand | None
    category: str
    text: str = field(repr=False)
    address: str = field(default="", repr=False)
    requester: str = field(default="", repr=False)
    unit: str = ""


@dataclass(frozen=True, slots=True)
class TicketWrite:
    """The ``form`` as ``by`` wants it, who has seen the ticket's ``version``; ``to``: and where the ticket
    goes with it (None: it stays)."""

    version: int
    form: TicketForm
    by: str
    at: datetime
    to: TicketState | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """One demand. ``calls`` are the ids of the calls about it, oldest first. ``version`` counts its changes;
    the last was made by ``changed_by`` (empty: by a flow, or nobody yet)."""

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
    demand: Demand | None = None
    address: str = field(default="", repr=False)
    requester: str = field(default="", repr=False)
    unit: str = ""
    version: int = 1
    changed_by: str = ""


def written(ticket: Ticket, write: TicketWrite) -> Ticket:
    """The ticket as it is after this. Raises TicketChanged for what was not written upon its present version,
    ImpossibleStep for a closed one, or one that is to go where it cannot."""
    if write.version != ticket.version:
        who = ticket.changed_by or "a flow"
        raise TicketChanged(f"{who} has changed the ticket: it is at version {ticket.version}")
    if ticket.state is TicketState.CLOSED:
        raise TicketClosed("a closed ticket is changed no more")
    if write.to is TicketState.DISPATCHED and not write.form.unit:
        raise UnitMissing("a ticket is dispatched to somebody: name the unit")
    state = ticket.state if write.to is None else step(ticket.state, write.to)
    made = asdict(write.form) | {"state": state, "changed_at": max(ticket.changed_at, write.at)}
    return replace(ticket, **made, version=ticket.version + 1, changed_by=write.by)


def ticket_id(number: int, opened_at: datetime) -> str:
    """The id that people read to each other: the day, then the number of the ticket."""
    return f"T{opened_at:%Y%m%d}-{number:06d}"
