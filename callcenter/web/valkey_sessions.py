"""Sessions kept in Valkey, so that a restarted controller still knows who is logged in."""

from __future__ import annotations

import redis.asyncio as redis
from redis.exceptions import RedisError

PREFIX = "callcenter:session:"


class ValkeySessionStore:
    """Implements ``callcenter.web.auth.SessionStore``; raises OSError while the server is away."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    async def put(self, key: str, value: bytes, ttl_ms: int) -> None:
        """See the Protocol."""
        try:
            await self._client.set(PREFIX + key, value, px=ttl_ms)
        except RedisError as error:
            raise OSError(f"sessions cannot be kept: {error}") from error

    async def get(self, key: str) -> bytes | None:
        """See the Protocol."""
        try:
            kept = await self._client.get(PREFIX + key)
        except RedisError as error:
            raise OSError(f"sessions cannot be read: {error}") from error
        return kept if isinstance(kept, bytes) else None

    async def delete(self, key: str) -> None:
        """See the Protocol."""
        try:
            await self._client.delete(PREFIX + key)
        except RedisError as error:
            raise OSError(f"a session cannot be ended: {error}") from error
