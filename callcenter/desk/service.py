"""What the desk asks of the centre, and how its answers are put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from callcenter.desk.model import Earlier, Link, links_of, shown_number_of
from callcenter.domain.call import Call
from callcenter.domain.caller_way import WayStep, way_of
from callcenter.ports import Clock, StoreAway
from callcenter.settings.desk import DeskSection
from ivr_flows.model import Flow

_log = structlog.get_logger(__name__)
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """What people call a queue, and the level of each skill that it asks for."""

    title: str
    skills: Mapping[str, int]


class LiveCalls(Protocol):
    """The calls of the centre as it is now, with the settings in force."""

    def call(self, call_id: str) -> Call | None:
        """The call, as long as it is not settled."""
        ...

    def lists_of(self, call: Call) -> Mapping[str, str]:
        """The lists on which the caller is, with what people call them."""
        ...

    def spellings(self, call: Call) -> Sequence[str]:
        """How the caller's number may be stored, the canonical one first; empty without a number."""
        ...

    def flow_of(self, call: Call) -> Flow:
        """The flow that the call runs."""
        ...

    def queue(self, name: str) -> QueueFacts:
        """Also of one that the settings no longer know."""
        ...

    def skill(self, name: str) -> str:
        """What people call this skill."""
        ...

    @property
    def desk(self) -> DeskSection:
        """What is shown beside a call."""
        ...


class Callers(Protocol):
    """What is stored of callers. Both raise StoreAway."""

    async def earlier(self, spellings: Sequence[str], call_id: str, repeats_since: int) -> Earlier:
        """What is known of the number with these spellings besides this call."""
        ...

    async def past_call(self, call_id: str) -> Call | None:
        """A call as its facts have it; None for one that nobody knows."""
        ...


class PlacesOfNumbers(Protocol):
    """Where numbers belong."""

    def of(self, canonical: str, language: str) -> str:
        """The region in words of this language; empty when it is not known."""
        ...


@dataclass(frozen=True, slots=True)
class ScreenPop:
    """All that an agent should know at the first ring. ``earlier`` is None while the store is away. Levels of
    ``skills`` are by what people call them; ``lists`` by name."""

    call: Call
    shown_number: str
    region: str
    lists: Mapping[str, str]
    way: Sequence[WayStep]
    queue_title: str | None
    skills: Mapping[str, int]
    repeat_days: int
    earlier: Earlier | None
    links: Sequence[Link]


class DeskService:
    """Screen pops."""

    def __init__(self, live: LiveCalls, callers: Callers, regions: PlacesOfNumbers, clock: Clock) -> None:
        self._live = live
        self._callers = callers
        self._regions = regions
        self._clock = clock

    async def call(self, call_id: str) -> Call | None:
        """The call: as it is now, or out of the record when it is settled. Raises StoreAway then."""
        return self._live.call(call_id) or await self._callers.past_call(call_id)

    async def pop(self, call: Call, language: str, agent_id: str | None) -> ScreenPop:
        """What is known of the call, in words of this language, for this agent."""
        live = self._live
        spellings = live.spellings(call)
        earlier = await self._earlier(call, spellings)
        queue = live.queue(call.queue) if call.queue else None
        asked = {**(queue.skills if queue and call.out is None else {}), **call.skills}
        return ScreenPop(
            call=call,
            shown_number=shown_number_of(call),
            region=self._regions.of(spellings[0], language) if spellings else "",
            lists=live.lists_of(call),
            way=way_of(call, live.flow_of(call)),
            queue_title=queue.title if queue else None,
            skills={live.skill(name): level for name, level in asked.items()},
            repeat_days=live.desk.repeat_days,
            earlier=earlier,
            links=links_of(live.desk.links, _values(call, earlier, agent_id)),
        )

    async def _earlier(self, call: Call, spellings: Sequence[str]) -> Earlier | None:
        since = self._clock() - self._live.desk.repeat_days * DAY_MS
        try:
            return await self._callers.earlier(spellings, call.call_id, since)
        except StoreAway as error:
            _log.warning("pop_without_record", call_id=call.call_id, reason=str(error))
            return None


def _values(call: Call, earlier: Earlier | None, agent_id: str | None) -> dict[str, str | None]:
    """What links can say of the call (settings.desk.LINK_VALUES)."""
    return {
        "caller": call.caller,
        "caller_name": call.caller_name,
        "call_id": call.call_id,
        "did": call.did,
        "queue": call.queue,
        "language": call.language,
        "agent_id": agent_id,
        "ticket_id": call.ticket_id or (earlier.ticket_id if earlier else None),
    }
