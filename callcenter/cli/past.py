"""What the journal knows of past calls, for the commands that plan with them."""

from __future__ import annotations

from callcenter.cli.failure import Failure
from callcenter.cli.journal import reading
from callcenter.places import Places
from callcenter.planning.past import folded, stored_span
from callcenter.recorded_calls import RecordedCalls
from callcenter.settings import Settings


async def read_past(settings: Settings, places: Places, since: int, until: int) -> RecordedCalls:
    """The calls queued from ``since`` up to before ``until`` and who was there. Raises Failure when no call
    was queued then."""
    async with reading(settings, places, since, RecordedCalls.KINDS, stored_span(since, until)) as told:
        past = await folded(told, since, until)
    if not past.calls:
        raise Failure(
            "no call was queued in that time -> choose another --from and --to, or set centre.data_dir or "
            "services.database_url to those of the centre that had the calls"
        )
    return past
