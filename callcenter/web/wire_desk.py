"""The JSON shapes of the desk beside a call: requests and answers. See ``wire``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from callcenter.domain.caller_way import WayKind
from callcenter.tickets.model import Demand, TicketState
from callcenter.web.wire import Instant, Wire
from callcenter.web.wire_api import Name, SpanMs

Short = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]

# --- requests ----------------------------------------------------------------------------------------------


class PopRequest(Wire):
    """The language of the region's name."""

    lang: Literal["en", "zh"] = "zh"


class TicketWriteRequest(Wire):
    """What is written down of a demand, as it shall be, by somebody who has seen ``version``. ``demand`` is
    one of the five kinds, null until somebody says which; ``unit`` is who is to see to it; ``state``: where
    the ticket goes with it (null: it stays)."""

    version: Annotated[int, Field(strict=True, ge=1)]
    demand: Demand | None
    category: Name
    text: Annotated[str, Field(max_length=2000, pattern=r"^[^\x00]*$")]
    address: Short = ""
    requester: Short = ""
    unit: Short = ""
    state: TicketState | None = None


# --- answers -----------------------------------------------------------------------------------------------


class CallTicket(Wire):
    """The ticket of a call; the fields of the form are those of TicketWriteRequest. It can go to each of
    ``next_states``, and be changed while it is ``open``. The last change was made by ``changed_by`` (empty:
    by a flow, or nobody yet)."""

    ticket_id: str
    version: int
    state: TicketState
    next_states: list[TicketState]
    open: bool
    changed_by: str
    changed_at: Instant
    demand: Demand | None
    category: str
    text: str
    address: str
    requester: str
    unit: str


class CallTicketAnswer(Wire):
    """The ticket of the call; null before there is one. ``categories`` are those that the centre has."""

    ticket: CallTicket | None
    categories: list[str]


class WayStep(Wire):
    """One place on the caller's way through the flow: what was ``asked`` there in the caller's language, the
    ``key`` that was pressed or said (empty: none) and ``choice``, what the flow means by it in its own words;
    of a queue its name."""

    node: str
    kind: WayKind
    at: Instant
    asked: str
    key: str
    choice: str


class EarlierCall(Wire):
    """A call of the same caller."""

    call_id: str
    arrived_at: Instant
    queue: str | None
    outcome: str | None
    agent_id: str | None
    talk_ms: SpanMs
    ticket_id: str | None


class EarlierTicket(Wire):
    """A demand of the same caller; ``text`` is how it begins."""

    ticket_id: str
    state: TicketState
    category: str
    demand: Demand | None
    opened_at: Instant
    text: str


class PopLink(Wire):
    """A page of another system; one that is ``automatic`` is to be opened with the Offer."""

    title: str
    url: str
    automatic: bool


class ScreenPop(Wire):
    """What is known of a call at its first ring. ``shown_number`` is what the trunk showed, where that is not
    the caller's own number (a forwarded call); ``lists`` are those on which the caller stands, with their
    titles; ``skills`` the levels asked for, by their titles. ``dialled_out``: the agent calls them, and sees
    in ``did`` the number that they are shown. ``repeats`` counts the calls of the last ``repeat_days``; it is
    null, and nothing earlier is told, while the record cannot be read."""

    call_id: str
    caller: str
    caller_name: str
    shown_number: str
    region: str
    did: str
    dialled_out: bool
    trunk: str
    language: str
    lists: dict[str, str]
    way: list[WayStep]
    queue: str | None
    queue_title: str | None
    skills: dict[str, int]
    arrived_at: Instant
    queued_at: Instant | None
    waited_ms: SpanMs | None
    repeats: int | None
    repeat_days: int
    earlier_calls: list[EarlierCall]
    earlier_tickets: list[EarlierTicket]
    ticket_id: str | None
    links: list[PopLink]
