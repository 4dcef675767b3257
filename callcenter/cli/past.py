"""What the journal knows of past calls, for the commands that plan with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from acd.model import SkillRequirement
from callcenter.cli.failure import Failure
from callcenter.cli.journal import reading
from callcenter.domain import events as e
from callcenter.places import Places
from callcenter.recorded_calls import RecordedCall, RecordedCalls
from callcenter.settings import Settings
from simulation.whatif import PastCall

DAY_MS = 24 * 3600 * 1000
_ABANDONED = frozenset({e.QueueOutcome.ABANDONED, e.QueueOutcome.SHORT_ABANDONED})


async def read_past(settings: Settings, places: Places, since: int, until: int) -> RecordedCalls:
    """The calls queued from ``since`` up to before ``until`` and who was there.

    Of a database the events of the day before are read too, for the agents who were there already; one who
    had nothing to do for a whole day is not known to have been. What comes after the end tells how the calls
    went on that came before it: a day of it is enough. Raises Failure when no call was queued then.
    """
    past = RecordedCalls()
    stored = since - DAY_MS, until + DAY_MS
    async with reading(settings, places, since, RecordedCalls.KINDS, stored) as (snapshot, events):
        agents = (snapshot or {}).get("kpi", {}).get("agents", {})
        past.begin({agent_id: time["presence"] for agent_id, time in agents.items()}, since - DAY_MS)
        async for _, event in events:
            if event.at >= until + DAY_MS:
                break
            past.apply(event)
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
