"""Where the commands find what the Router was told: the local journal, or the database that has it all."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from callcenter.adapters.local_journal import events_since
from callcenter.adapters.postgres.journal_store import PostgresJournalStore
from callcenter.adapters.postgres.pool import Database
from callcenter.domain import events as e
from callcenter.places import Places
from callcenter.settings import Settings

PAGE = 5_000
"""Events that are read from PostgreSQL at a time."""
KINDS = (
    *("RoutingInput", "CentreStarted", "OfferMade", "OfferEnded"),
    *("QueueLeft", "PresenceChanged", "CallWaits", "PauseOverdue"),
)
"""What a replay needs of the journal."""
Events = AsyncGenerator[tuple[int, e.DomainEvent], None]


def router_record(
    settings: Settings, places: Places, since: int | None
) -> tuple[Mapping[str, Any] | None, Events] | None:
    """Snapshot and events from before ``since`` on (``int`` milliseconds since the Unix epoch, UTC; None: the
    oldest): of the local segments if they reach so far back, else all of the database that the settings
    name; None when there is neither. Events that are not of KINDS may be missing."""
    local = events_since(places.journal, since)
    if local is None:
        url = settings.services.database_url
        return (None, _stored(url)) if url else None
    snapshot, events = local

    async def all_of_them() -> Events:
        for seq, event in events:
            yield seq, event

    return snapshot, all_of_them()


async def _stored(database_url: str) -> Events:
    database = Database(database_url)
    try:
        store = PostgresJournalStore(database)
        seq = 0
        while page := await store.events_after(seq, PAGE, KINDS):
            for seq, event in page:
                yield seq, event
    finally:
        await database.close()
