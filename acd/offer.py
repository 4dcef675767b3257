"""Offers: the reservation of one call and one agent for each other, and what follows from each end.

An Offer is MADE and ends exactly once. It is remembered for a while after its end, so that an answer that
comes too late can still be put right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from acd.commands import OfferEnd
from acd.model import QueueConfig

REMEMBERED_CALLS = 2_000
"""Calls that have left whose Offers are still known, for facts that come late: 20 s of 100 calls/s."""


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What an Offer that was not answered does to the agent.

    ``delay_sec`` reads from the queue how long the agent is left in peace, ``delay`` names the cause,
    ``ready`` tells whether the agent stays READY meanwhile, ``missed`` whether it counts towards the bench.
    """

    story: str
    delay: str
    delay_sec: Callable[[QueueConfig], int]
    ready: bool = True
    missed: bool = False


AFTERMATHS: Mapping[OfferEnd, Aftermath] = MappingProxyType(
    {
        OfferEnd.EXPIRED: Aftermath(
            "The phone rang out: perhaps the agent has left the desk. The call goes on at once; "
            "after several in a row the agent is paused, until ready is said again.",
            "unanswered",
            lambda queue: queue.retry_delay_sec,
            missed=True,
        ),
        OfferEnd.DECLINED: Aftermath(
            "The agent is there and said no: not absent, but not to be rung again at once.",
            "declined",
            lambda queue: queue.declined_delay_sec,
        ),
        OfferEnd.BUSY: Aftermath(
            "The phone is in use for something the Router does not know, such as a private call.",
            "phone_busy",
            lambda queue: queue.busy_delay_sec,
        ),
        OfferEnd.UNREACHABLE: Aftermath(
            "The phone is off the network, and ringing it again wastes the caller's time. Tried again after "
            "the delay, or once the phone is reported reachable or the agent says ready.",
            "phone_unreachable",
            lambda queue: queue.unreachable_delay_sec,
            ready=False,
        ),
    }
)


@dataclass(slots=True)
class Offer:
    """One Offer; ``end`` is None while it is open."""

    offer_id: str
    call_id: str
    agent_id: str
    queue: str
    made_at: int
    expires_at: int
    end: OfferEnd | None = None


class OfferBook:
    """All Offers of the calls at hand and of the last calls that have left, found by call or by id."""

    def __init__(self) -> None:
        self._by_call: dict[str, list[Offer]] = {}
        self._left: dict[str, None] = {}

    def make(self, call_id: str, agent_id: str, queue: str, now: int, expires_at: int) -> Offer:
        """Open the call's next Offer; its id counts the Offers of the call."""
        offers = self._by_call.setdefault(call_id, [])
        offer = Offer(f"{call_id}.o{len(offers) + 1}", call_id, agent_id, queue, now, expires_at)
        offers.append(offer)
        return offer

    def find(self, offer_id: str) -> Offer | None:
        """The Offer, open or ended, unless it is long forgotten or never was."""
        call_id, _, number = offer_id.rpartition(".o")
        offers = self._by_call.get(call_id, ())
        index = int(number) - 1 if number.isdecimal() else -1
        found = 0 <= index < len(offers) and offers[index].offer_id == offer_id
        return offers[index] if found else None

    def open_of(self, call_id: str) -> list[Offer]:
        """The call's open Offers, in the order in which they were made."""
        offers = self._by_call.get(call_id)
        return [offer for offer in offers if offer.end is None] if offers else []

    def call_returned(self, call_id: str) -> None:
        """The call waits (again): keep counting its Offers."""
        self._left.pop(call_id, None)

    def call_left(self, call_id: str) -> None:
        """The call waits no more; forget its Offers once many calls have left after it."""
        if call_id not in self._by_call:
            return
        self._left.pop(call_id, None)
        self._left[call_id] = None
        if len(self._left) > REMEMBERED_CALLS:
            oldest = next(iter(self._left))
            del self._left[oldest], self._by_call[oldest]

    def remembered(self) -> tuple[list[Offer], list[str]]:
        """Every known Offer by call and number, and the calls that have left, the first to be forgotten
        first."""
        return [offer for call_id in sorted(self._by_call) for offer in self._by_call[call_id]], list(
            self._left
        )

    def restore(self, offers: list[Offer], left: list[str]) -> None:
        """Take over what ``remembered`` gave."""
        for offer in offers:
            self._by_call.setdefault(offer.call_id, []).append(offer)
        self._left = dict.fromkeys(left)
