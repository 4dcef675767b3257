"""The journal, for commands that read it: the local segments, else the database that the settings name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

import asyncpg

from callcenter.adapters.local_journal import events_of_call, events_since
from callcenter.adapters.postgres.journal_store import PostgresJournalStore
from callcenter.adapters.postgres.pool import Database
from callcenter.cli.failure import Failure
from callcenter.domain import events as e
from callcenter.places import Places
from callcenter.ports import StoreAway
from callcenter.settings import Settings

ROUTING = (
    *("RoutingInput", "CentreStarted", "OfferMade", "OfferEnded"),
    *("QueueLeft", "PresenceChanged", "CallWaits", "PauseOverdue"),
)
"""What a replay of the Router needs of the journal."""
Events = AsyncIterator[tuple[int, e.DomainEvent]]
Reading = tuple[Mapping[str, Any] | None, Events]
"""A snapshot of what was before, if there is one, and numbered events from then on, in order."""


async def life_of_call(settings: Settings, places: Places, call_id: str) -> list[e.DomainEvent]:
    """The life of one call, in order; empty when nobody knows it."""
    life = events_of_call(places.journal, call_id)
    if life or not settings.services.database_url:
        return life
    async with _store(settings.services.database_url) as store:
        return [event for _, event in await store.events_of_call(call_id)]


@asynccontextmanager
async def reading(
    settings: Settings,
    places: Places,
    since: int | None,
    kinds: Sequence[str],
    stored: tuple[int, int] | None = None,
) -> AsyncIterator[Reading]:
    """Events of (at least) these kinds from before ``since`` on (None: from the first there is).

    They are those of the local segments if these reach so far back, else of the database, which has no
    snapshots and is asked for the span ``stored`` (first ms, ms after the last; None: all of it), else of the
    oldest segment there is. Raises Failure when there is no journal at all.
    """
    local = events_since(places.journal, since)
    if local is None and settings.services.database_url:
        async with (
            _store(settings.services.database_url) as store,
            aclosing(store.read(kinds, stored)) as events,
        ):
            yield None, events
        return
    local = local or events_since(places.journal, None)
    if local is None:
        raise Failure(
            f"no journal in {places.journal} -> set centre.data_dir to the centre's, "
            "or services.database_url to its database"
        )
    snapshot, told = local
    yield snapshot, _one_by_one(told)


@asynccontextmanager
async def _store(database_url: str) -> AsyncIterator[PostgresJournalStore]:
    """Raises Failure where the database is away or refuses us; its address, which may hold a password, is
    not told."""
    database = Database(database_url)
    try:
        yield PostgresJournalStore(database)
    except StoreAway as error:
        raise Failure(f"{error} -> start it, or set services.database_url to another") from error
    except asyncpg.PostgresError as error:
        raise Failure(f"PostgreSQL refuses: {error} -> correct services.database_url") from error
    finally:
        await database.close()


async def _one_by_one(events: Iterable[tuple[int, e.DomainEvent]]) -> Events:
    for numbered in events:
        yield numbered
