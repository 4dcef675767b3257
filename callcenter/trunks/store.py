"""What came in over the trunks today, from the calls in PostgreSQL; and its in-memory twin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import accumulate
from typing import Final, Protocol

from callcenter.adapters.postgres.pool import Database
from callcenter.domain import events as e
from callcenter.trunks.model import TrunkDay

LONGEST_CALL_MS: Final = 12 * 3_600_000
"""A call that began longer before midnight than this is not looked for."""
_CAME_IN: Final = "flow <> '' AND call_back_of IS NULL"
"""Calls that agents make have no flow; one that calls back is on no trunk while it waits."""
HIGHEST = f"""
WITH steps AS (
    SELECT trunk, arrived_at AS at, 1 AS step FROM calls
    WHERE {_CAME_IN} AND arrived_at >= $2 AND coalesce(ended_at, $1) >= $1
    UNION ALL
    SELECT trunk, ended_at, -1 FROM calls WHERE {_CAME_IN} AND arrived_at >= $2 AND ended_at >= $1
), levels AS (
    SELECT trunk, at, sum(step) OVER (PARTITION BY trunk ORDER BY at, step ROWS UNBOUNDED PRECEDING) AS level
    FROM steps
)
SELECT DISTINCT ON (trunk) trunk, level, (extract(epoch FROM at) * 1000)::bigint AS at
FROM levels WHERE at >= $1 ORDER BY trunk, level DESC, at
"""  # noqa: S608 - only constants above are put in
NUMBERS = f"""
SELECT trunk, did, count(*) AS calls FROM calls WHERE {_CAME_IN} AND arrived_at >= $1
GROUP BY trunk, did ORDER BY trunk, calls DESC, did
"""  # noqa: S608


class TrunkDays(Protocol):
    """What came in over each trunk."""

    async def since(self, from_at: int) -> Mapping[str, TrunkDay]:
        """From this instant (a midnight) on, by trunk; one without calls is left out. Raises StoreAway."""
        ...


class PostgresTrunkDays:
    """Implements TrunkDays."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def since(self, from_at: int) -> Mapping[str, TrunkDay]:
        """See the port."""
        begin = datetime.fromtimestamp(from_at / 1000, UTC)
        before = datetime.fromtimestamp((from_at - LONGEST_CALL_MS) / 1000, UTC)
        async with self._database.connection() as connection:
            highest = await connection.fetch(HIGHEST, begin, before)
            called = await connection.fetch(NUMBERS, begin)
        days = {row["trunk"]: TrunkDay(0, int(row["level"]), row["at"]) for row in highest}
        numbers: dict[str, dict[str, int]] = {}
        for row in called:
            numbers.setdefault(row["trunk"], {})[row["did"]] = row["calls"]
        return {name: _with_numbers(day, numbers.get(name, {})) for name, day in days.items()}


class MemoryTrunkDays:
    """The twin: a fold over the events."""

    def __init__(self, events: Iterable[e.DomainEvent] = ()) -> None:
        self._calls: dict[str, e.CallArrived] = {}
        self._ended: dict[str, int] = {}
        for event in events:
            self.apply(event)

    def apply(self, event: e.DomainEvent) -> None:
        """Take in the next event."""
        if isinstance(event, e.CallArrived):
            self._calls[event.call_id] = event
        elif isinstance(event, e.CallEnded):
            self._ended[event.call_id] = event.at

    async def since(self, from_at: int) -> Mapping[str, TrunkDay]:
        """See the port."""
        days = {}
        for trunk in {call.trunk for call in self._calls.values()}:
            calls = [call for call in self._calls.values() if call.trunk == trunk]
            days[trunk] = self._day(calls, from_at)
        return {trunk: day for trunk, day in days.items() if day.highest_at is not None}

    def _day(self, calls: list[e.CallArrived], from_at: int) -> TrunkDay:
        up = [call for call in calls if call.at >= from_at - LONGEST_CALL_MS]
        up = [call for call in up if self._ended.get(call.call_id, from_at) >= from_at]
        steps = [(call.at, 1) for call in up]
        steps = sorted(steps + [(end, -1) for call in up if (end := self._ended.get(call.call_id))])
        levels = zip(accumulate(step for _, step in steps), (at for at, _ in steps), strict=True)
        today = [(level, -at) for level, at in levels if at >= from_at]
        if not today:
            return TrunkDay()
        highest, at = max(today)
        numbers: dict[str, int] = {}
        for call in calls:
            if call.at >= from_at:
                numbers[call.did] = numbers.get(call.did, 0) + 1
        by_calls = dict(sorted(numbers.items(), key=lambda one: (-one[1], one[0])))
        return _with_numbers(TrunkDay(0, highest, -at), by_calls)


def _with_numbers(day: TrunkDay, numbers: Mapping[str, int]) -> TrunkDay:
    return replace(day, calls=sum(numbers.values()), numbers=numbers)
