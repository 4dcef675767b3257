"""What the journal knows of past calls, for the commands that plan with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from acd.model import SkillRequirement
from callcenter import assembly
from callcenter.adapters.local_journal import events_since
from callcenter.adapters.postgres.journal_store import PostgresJournalStore
from callcenter.adapters.postgres.pool import Database
from callcenter.cli.failure import Failure
from callcenter.domain import events as e
from callcenter.places import Places
from callcenter.recorded_calls import RecordedCall, RecordedCalls
from callcenter.settings import Settings
from simulation.whatif import PastCall

DAY_MS = 24 * 3600 * 1000
_ABANDONED = frozenset({e.QueueOutcome.ABANDONED, e.QueueOutcome.SHORT_ABANDONED})


def instant(text: str, option: str, settings: Settings) -> int:
    """``2026-11-02`` or ``2026-11-02T08:00`` on the centre's wall clock (or with its own offset) as
    milliseconds since the epoch. Raises Failure for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Failure(
            f"{option} {text}: no date or time -> write it as 2026-11-02 or 2026-11-02T08:00"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(time_zone(settings)))
    return round(moment.timestamp() * 1000)


def midnight_before(at: int, settings: Settings) -> int:
    """The midnight of the centre's wall clock at or before an instant."""
    local = datetime.fromtimestamp(at / 1000, ZoneInfo(time_zone(settings)))
    return round(local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)


def time_zone(settings: Settings) -> str:
    """The centre's time zone."""
    return assembly.kpi_policy(settings).time_zone


async def read_past(settings: Settings, places: Places, since: int, until: int) -> RecordedCalls:
    """The calls queued from ``since`` up to before ``until`` and who was there. The local journal is read if
    it reaches so far back, else the database that the settings name, else what there is of the journal.

    The events of the day before are read too, for the agents who were there already. Raises Failure when no
    call was queued then.
    """
    past = RecordedCalls()
    local = events_since(places.journal, since)
    if local is None and settings.services.database_url:
        _fold(past, await _stored(settings.services.database_url, since, until), until)
    else:
        snapshot, events = local or events_since(places.journal, None) or (None, iter(()))
        agents = (snapshot or {}).get("kpi", {}).get("agents", {})
        past.begin({agent_id: time["presence"] for agent_id, time in agents.items()}, since)
        _fold(past, events, until)
    past.calls = [call for call in past.calls if since <= call.queued_at < until]
    if not past.calls:
        raise Failure(
            "no call was queued in that time -> choose another --from and --to, or set centre.data_dir or "
            "services.database_url to those of the centre that had the calls"
        )
    return past


def past_calls(calls: Iterable[RecordedCall]) -> Iterator[PastCall]:
    """The calls as the simulation wants them; those that still waited had no outcome to learn from."""
    for call in calls:
        if call.outcome is not None:
            yield PastCall(
                queued_at=call.queued_at,
                queue=call.queue,
                wait_ms=call.wait_ms,
                has_abandoned=call.outcome in _ABANDONED,
                talk_ms=call.talk_ms,
                wrap_up_ms=call.wrap_up_ms,
                priority=call.priority,
                requirements=tuple(
                    SkillRequirement(skill, level) for skill, level in sorted(call.skills.items())
                ),
            )


def _fold(past: RecordedCalls, events: Iterable[tuple[int, e.DomainEvent]], until: int) -> None:
    """What comes after the end tells how the calls went on that came before it: a day of it is enough."""
    for _, event in events:
        if event.at >= until + DAY_MS:
            break
        past.apply(event)


async def _stored(database_url: str, since: int, until: int) -> list[tuple[int, e.DomainEvent]]:
    database = Database(database_url)
    try:
        store = PostgresJournalStore(database)
        return await store.events(since_at=since - DAY_MS, until_at=until + DAY_MS)
    finally:
        await database.close()
