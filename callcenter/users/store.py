"""Users in PostgreSQL, with argon2id hashes. Implements the web's Users."""

from __future__ import annotations

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from callcenter.adapters.postgres.pool import Database
from callcenter.web.ports import Role, User


class PostgresUsers:
    """Verifies and keeps users. Hashing runs in a thread, one at a time: it is meant to be dear."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._hasher = PasswordHasher()
        self._one_at_a_time = asyncio.Lock()
        self._nobody = ""

    async def verify(self, name: str, password: str) -> User | None:
        """See the port. Raises StoreAway."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(
                "SELECT role, agent_id, password_hash FROM users WHERE name = $1", name
            )
        async with self._one_at_a_time:
            if not self._nobody:
                self._nobody = await asyncio.to_thread(self._hasher.hash, secrets.token_hex())
            known = row["password_hash"] if row else self._nobody
            good = await asyncio.to_thread(self._matches, known, password)
        return User(name, Role(row["role"]), row["agent_id"]) if row and good else None

    async def ensure(self, user: User, password: str) -> bool:
        """Make the user unless one of that name exists; true when it was made. Raises StoreAway."""
        async with self._database.connection() as connection:
            if await connection.fetchval("SELECT 1 FROM users WHERE name = $1", user.name):
                return False
            hashed = await asyncio.to_thread(self._hasher.hash, password)
            tag = await connection.execute(
                "INSERT INTO users (name, role, agent_id, password_hash) VALUES ($1, $2, $3, $4)"
                " ON CONFLICT (name) DO NOTHING",
                user.name,
                user.role.value,
                user.agent_id,
                hashed,
            )
            return bool(tag.endswith("1"))

    def _matches(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False
