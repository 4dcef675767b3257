"""Missed callers of today and yesterday, out of the record and of the centre as it is now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from callcenter.domain.call import Call
from callcenter.domain.kpi_ledger import day_of
from callcenter.domain.missed_calls import Contact, MissedCall, contact_of, missed_calls
from callcenter.domain.numbering import Numbering
from callcenter.ports import Clock, StoreAway

_log = structlog.get_logger(__name__)
MOST = 200
"""So many of the newest are told."""


class CallsOfNow(Protocol):
    """The calls that the centre has in mind."""

    def calls(self) -> Iterable[Call]:
        """Those that go on, and the last of those that are over."""
        ...

    def numbering(self) -> Numbering:
        """How numbers are written."""
        ...


class MissedCallStore(Protocol):
    """Missed callers in the record. Both raise StoreAway."""

    async def missed(self, since: int, queues: Collection[str] | None, limit: int) -> Sequence[MissedCall]:
        """The last missed call of each shown number since then, if it was missed in one of these ``queues``
        (None: in any) and nobody has talked with the number since: the newest ``limit``."""
        ...

    async def talked(self, numbers: Collection[str], since: int) -> Mapping[str, int]:
        """Those of the ``numbers`` with whom somebody talked in a call since then: when the last one came."""
        ...


@dataclass(frozen=True, slots=True)
class Missed:
    """The newest first; those that ended since ``midnight`` are today's. Not ``whole`` while the record
    cannot be read: then it is only what the centre has in mind."""

    calls: Sequence[MissedCall]
    midnight: int
    whole: bool


class MissedCalls:
    """Days begin at midnight in ``time_zone``."""

    def __init__(self, now: CallsOfNow, store: MissedCallStore, clock: Clock, time_zone: str) -> None:
        self._now = now
        self._store = store
        self._clock = clock
        self._time_zone = time_zone

    async def of(self, queues: Collection[str] | None) -> Missed:
        """Those who gave up in one of these queues (None: in any) today or yesterday."""
        midnight = day_of(self._clock(), self._time_zone)
        since = day_of(midnight - 1, self._time_zone)
        try:
            stored, whole = await self._stored(since, queues), True
        except StoreAway as error:
            _log.warning("missed_calls_without_record", reason=str(error))
            stored, whole = [], False
        numbering = self._now.numbering()
        calls = {call.call_id: call for call in self._now.calls()}
        contacts = [contact_of(call, _number(numbering, call)) for call in calls.values()]
        contacts += [one for one in stored if one.missed is None or one.missed.call_id not in calls]
        missed = missed_calls(contact for contact in contacts if contact is not None)
        wanted = [
            call
            for call in missed
            if call.caller and call.arrived_at >= since and (queues is None or call.queue in queues)
        ]
        return Missed(wanted[:MOST], midnight, whole)

    async def _stored(self, since: int, queues: Collection[str] | None) -> list[Contact]:
        """What the record tells of missed callers, whichever way trunks showed their numbers."""
        numbering = self._now.numbering()
        missed = await self._store.missed(since, queues, MOST)
        contacts = [Contact(_number(numbering, call), call.arrived_at, call) for call in missed]
        known_as = {
            spelling: contact.number
            for contact, call in zip(contacts, missed, strict=True)
            for spelling in (call.caller, *numbering.known_as(call.caller, call.trunk))
        }
        talked = await self._store.talked(known_as.keys(), since)
        return contacts + [Contact(known_as[shown], at) for shown, at in talked.items()]


def _number(numbering: Numbering, call: Call | MissedCall) -> str:
    return numbering.of(call.trunk).canonical(call.caller)
