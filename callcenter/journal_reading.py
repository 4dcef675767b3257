"""The journal, for whoever looks back: the local segments, else the database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

from callcenter.adapters.journal_segments import events_since
from callcenter.adapters.postgres.journal_store import PostgresJournalStore
from callcenter.adapters.postgres.pool import Database
from callcenter.domain import events as e
from callcenter.ports import StoreAway

Events = AsyncIterator[tuple[int, e.DomainEvent]]
Reading = tuple[Mapping[str, Any] | None, Events]
"""A snapshot of what was before, if there is one, and numbered events from then on, in order."""


class JournalUnread(Exception):
    """There is no journal, or it cannot be read now; the text is a whole message with its cure."""


@asynccontextmanager
async def reading(
    journal: Path,
    database_url: str | None,
    since: int | None,
    kinds: Sequence[str],
    stored: tuple[int, int] | None = None,
) -> AsyncIterator[Reading]:
    """Events of (at least) these kinds from before ``since`` on (None: from the first there is).

    They are those of the local segments if these reach so far back, else of the database, which has no
    snapshots and is asked for the span ``stored`` (first ms, ms after the last; None: all of it), else of the
    oldest segment there is. Raises JournalUnread when there is no journal at all, or the database fails.
    """
    local = events_since(journal, since)
    if local is None and database_url:
        async with (
            journal_store(database_url) as store,
            aclosing(store.read(kinds, stored)) as events,
        ):
            yield None, events
        return
    local = local or events_since(journal, None)
    if local is None:
        raise JournalUnread(
            f"no journal in {journal} -> set centre.data_dir to the centre's, "
            "or services.database_url to its database"
        )
    snapshot, told = local
    yield snapshot, _one_by_one(told)


@asynccontextmanager
async def journal_store(database_url: str) -> AsyncIterator[PostgresJournalStore]:
    """Raises JournalUnread where the database is away or refuses us; its address, which may hold a password,
    is not told."""
    database = Database(database_url)
    try:
        yield PostgresJournalStore(database)
    except StoreAway as error:
        raise JournalUnread(f"{error} -> start it, or set services.database_url to another") from error
    except asyncpg.PostgresError as error:
        raise JournalUnread(f"PostgreSQL refuses: {error} -> correct services.database_url") from error
    finally:
        await database.close()


async def _one_by_one(events: Iterable[tuple[int, e.DomainEvent]]) -> Events:
    for numbered in events:
        yield numbered
