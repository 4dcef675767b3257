"""The screen pop: what is known of a call and of its caller, put together. Pure.

Instants are ``int`` milliseconds since the Unix epoch, UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from callcenter.domain import events as e
from callcenter.domain.call import Call
from callcenter.look_ups.model import UnfitValue, address
from callcenter.settings.desk import LinkSection
from callcenter.tickets.model import Demand, TicketState


@dataclass(frozen=True, slots=True)
class EarlierCall:
    """A call of the same caller before this one."""

    call_id: str
    arrived_at: int
    queue: str | None
    outcome: str | None
    agent_id: str | None
    talk_ms: int
    ticket_id: str | None


@dataclass(frozen=True, slots=True)
class EarlierTicket:
    """A demand of the same caller; ``text`` is how it begins."""

    ticket_id: str
    state: TicketState
    category: str
    demand: Demand | None
    opened_at: int
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is known of a caller besides this call, the newest first; ``repeats`` are the calls of the last
    days. ``ticket_id`` is the ticket of this call."""

    calls: Sequence[EarlierCall] = ()
    tickets: Sequence[EarlierTicket] = ()
    repeats: int = 0
    ticket_id: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A page of another system about the call."""

    title: str
    url: str = field(repr=False)
    automatic: bool


def links_of(sections: Iterable[LinkSection], values: Mapping[str, str | None]) -> list[Link]:
    """The links with their values; one that lacks a value is left out."""
    given = {name: value for name, value in values.items() if value}
    links = []
    for section in sections:
        try:
            url = address(section.url, given)
        except UnfitValue:
            continue
        links.append(Link(section.title, url, section.open == "automatic"))
    return links


def shown_number_of(call: Call) -> str:
    """What the trunk showed, where that is not the caller's own number: of a forwarded call."""
    began = call.history[0]
    shown = began.shown_number if isinstance(began, e.CallArrived) else ""
    return shown if shown != call.caller else ""
