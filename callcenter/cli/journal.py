"""The journal, for commands that read it: the local segments, else the database that the settings name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from callcenter import journal_reading
from callcenter.adapters.journal_segments import events_of_call
from callcenter.cli.failure import Failure
from callcenter.domain import events as e
from callcenter.journal_reading import Events as Events  # noqa: PLC0414 - of whoever reads by a command
from callcenter.journal_reading import JournalUnread, Reading, journal_store
from callcenter.places import Places
from callcenter.settings import Settings

ROUTING = (
    *("RoutingInput", "CentreStarted", "OfferMade", "OfferEnded"),
    *("QueueLeft", "PresenceChanged", "CallWaits", "PauseOverdue"),
)
"""What a replay of the Router needs of the journal."""


async def life_of_call(settings: Settings, places: Places, call_id: str) -> list[e.DomainEvent]:
    """The life of one call, in order; empty when nobody knows it."""
    life = events_of_call(places.journal, call_id)
    if life or not settings.services.database_url:
        return life
    try:
        async with journal_store(settings.services.database_url) as store:
            return [event for _, event in await store.events_of_call(call_id)]
    except JournalUnread as unread:
        raise Failure(str(unread)) from unread


@asynccontextmanager
async def reading(
    settings: Settings,
    places: Places,
    since: int | None,
    kinds: Sequence[str],
    stored: tuple[int, int] | None = None,
) -> AsyncIterator[Reading]:
    """See ``callcenter.journal_reading``, of the places that the settings name. Raises Failure."""
    try:
        async with journal_reading.reading(
            places.journal, settings.services.database_url, since, kinds, stored
        ) as told:
            yield told
    except JournalUnread as unread:
        raise Failure(str(unread)) from unread
