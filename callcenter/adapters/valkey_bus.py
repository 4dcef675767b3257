"""The bus on Valkey (or Redis): one capped stream whose entry ids are the journal's numbers.

The server refuses an id that is not above the last one: that makes publishing idempotent and ordered.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import redis.asyncio as redis
from redis.exceptions import RedisError, ResponseError

from callcenter.domain.codec import JournalEntry, decode_line
from callcenter.domain.events import DomainEvent
from callcenter.ports import StoreAway

STREAM = "callcenter:events"
KEPT = 100_000
FIELD = b"line"
PUBLISH = """
for line in ARGV[2]:gmatch('[^\\n]+') do
    local answer = redis.pcall(
        'XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], line:match('^{"seq":(%d+)') .. '-0', 'line', line)
    if type(answer) == 'table' and answer.err and not answer.err:find('equal or smaller', 1, true) then
        return answer
    end
end
return redis.status_reply('OK')
"""
"""One request for a whole batch (how many are kept, and the lines of the journal as they are): a request, or
only an argument, for each event costs the controller more than all its routing. What was published before is
skipped."""


class ValkeyBus:
    """Implements ``callcenter.ports.Bus``."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._publish = client.register_script(PUBLISH)

    async def last_seq(self) -> int:
        """See the port."""
        try:
            newest: Any = await self._client.xrevrange(STREAM, count=1)
        except (RedisError, OSError) as error:
            raise StoreAway(f"Valkey does not answer: {error}") from error
        return int(newest[0][0].split(b"-")[0]) if newest else 0

    async def publish(self, entries: Sequence[JournalEntry]) -> None:
        """See the port."""
        lines = b"".join(entry.line for entry in entries)
        try:
            await self._publish(keys=[STREAM], args=[KEPT, lines])
        except ResponseError as error:
            raise StoreAway(f"Valkey refused an event: {error}") from error
        except (RedisError, OSError) as error:
            raise StoreAway(f"Valkey does not answer: {error}") from error

    async def read(self, after_seq: int, limit: int) -> list[tuple[int, DomainEvent]]:
        """Up to ``limit`` events numbered above ``after_seq``. Raises StoreAway."""
        try:
            entries: Any = await self._client.xrange(STREAM, min=f"({after_seq}-0", count=limit)
        except (RedisError, OSError) as error:
            raise StoreAway(f"Valkey does not answer: {error}") from error
        return [decode_line(fields[FIELD]) for _, fields in entries]

    async def close(self) -> None:
        """End the connections."""
        await self._client.aclose()
