"""One pool of connections, and one word for all the ways a database can be away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from callcenter.adapters.postgres.migrate import migrate
from callcenter.ports import StoreAway

COMMAND_TIMEOUT_S = 10.0
AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.DiskFullError,
)


class Database:
    """Connects when first needed and again whenever needed, so that a start without the database is fine."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection to a migrated database. Raises StoreAway, also for a failure inside the block."""
        try:
            pool = self._pool or await self._open()
            async with pool.acquire(timeout=COMMAND_TIMEOUT_S) as connection:
                yield connection
        except AWAY as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():  # the connection died while a cancellation unwound it
                raise asyncio.CancelledError from error
            raise StoreAway(f"PostgreSQL does not answer: {error or type(error).__name__}") from error

    async def close(self) -> None:
        """Close every connection, without waiting for a database that is away."""
        if self._pool is not None:
            try:
                async with asyncio.timeout(2.0):
                    await self._pool.close()
            except (TimeoutError, *AWAY):
                self._pool.terminate()
            self._pool = None

    async def _open(self) -> asyncpg.Pool:
        async with self._opening:
            if self._pool is None:
                pool = await asyncpg.create_pool(
                    self._dsn,
                    min_size=0,
                    max_size=6,
                    timeout=5.0,
                    command_timeout=COMMAND_TIMEOUT_S,
                    reset=_leave_as_it_is,
                )
                try:
                    async with pool.acquire() as connection:
                        await migrate(connection)
                except BaseException:
                    pool.terminate()
                    raise
                self._pool = pool
            return self._pool


async def _leave_as_it_is(connection: asyncpg.Connection) -> None:
    """Nobody here changes a session beyond a transaction, so there is nothing to undo between two uses, which
    would cost a request for each. (An open transaction is ended in any case.)"""
