"""The bus on Valkey (or Redis): one capped stream whose entry ids are the journal's numbers.

The server refuses an id that is not above the last one: that makes publishing idempotent and ordered.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
import redis.asyncio as redis
from redis.exceptions import RedisError, ResponseError

from callcenter.domain.codec import decode_event
from callcenter.domain.events import DomainEvent
from callcenter.ports import StoreAway

STREAM = "callcenter:events"
KEPT = 100_000


class ValkeyBus:
    """Implements ``callcenter.ports.Bus``."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    async def last_seq(self) -> int:
        """See the port."""
        try:
            newest: Any = await self._client.xrevrange(STREAM, count=1)
        except (RedisError, OSError) as error:
            raise StoreAway(f"Valkey does not answer: {error}") from error
        return int(newest[0][0].split(b"-")[0]) if newest else 0

    async def publish(self, events: Sequence[tuple[int, DomainEvent]]) -> None:
        """See the port."""
        pipe = self._client.pipeline(transaction=False)
        for seq, event in events:
            fields = {"kind": type(event).__name__, "data": orjson.dumps(event)}
            pipe.xadd(STREAM, fields, id=f"{seq}-0", maxlen=KEPT, approximate=True)  # type: ignore[arg-type]
        try:
            answers = await pipe.execute(raise_on_error=False)
        except (RedisError, OSError) as error:
            raise StoreAway(f"Valkey does not answer: {error}") from error
        for answer in answers:
            if isinstance(answer, ResponseError) and "equal or smaller" in str(answer):
                continue  # published before
            if isinstance(answer, Exception):
                raise StoreAway(f"Valkey refused an event: {answer}") from answer

    async def read(self, after_seq: int, limit: int) -> list[tuple[int, DomainEvent]]:
        """Up to ``limit`` events numbered above ``after_seq``. Raises StoreAway."""
        try:
            entries: Any = await self._client.xrange(STREAM, min=f"({after_seq}-0", count=limit)
        except (RedisError, OSError) as error:
            raise StoreAway(f"Valkey does not answer: {error}") from error
        return [
            (
                int(entry_id.split(b"-")[0]),
                decode_event(fields[b"kind"].decode(), orjson.loads(fields[b"data"])),
            )
            for entry_id, fields in entries
        ]

    async def close(self) -> None:
        """End the connections."""
        await self._client.aclose()
