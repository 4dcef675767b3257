"""Users in PostgreSQL, with argon2id hashes, and their in-memory twin."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

import asyncpg
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from callcenter.adapters.postgres.pool import Database
from callcenter.users.model import Account, Role, User, last_admin

MS = "(extract(epoch FROM {}) * 1000)::bigint"
COLUMNS = f"""
name, role, agent_id, open_numbers, version, password_due, {MS.format("expires_at")} AS expires_at, disabled,
{MS.format("created_at")} AS created_at, {MS.format("seen_at")} AS seen_at
"""
ADMIN_LEFT = """
SELECT EXISTS (SELECT FROM users WHERE role = 'admin' AND NOT disabled AND expires_at IS NULL AND name <> $1)
"""
ADD = """
INSERT INTO users (name, role, agent_id, open_numbers, expires_at, password_hash, created_at, password_due)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name) DO NOTHING
"""
CHANGE = f"""
UPDATE users SET role = $2, agent_id = $3, open_numbers = $4, expires_at = $5, disabled = $6,
    version = version + 1
WHERE name = $1 RETURNING {COLUMNS}
"""  # noqa: S608 - only constants are put in
SET_PASSWORD = f"""
UPDATE users SET password_hash = $2, password_due = $3, version = version + 1
WHERE name = $1 RETURNING {COLUMNS}
"""  # noqa: S608


class UserStore(Protocol):
    """Who may log in. Every method raises StoreAway. Names are told apart as they are written."""

    async def verify(self, name: str, password: str) -> User | None:
        """The user with this password, also one whose account is closed. An unknown name must cost as much
        time as a wrong password."""
        ...

    async def accounts(self) -> list[Account]:
        """All of them, by name."""
        ...

    async def account(self, name: str) -> Account | None:
        """One of them."""
        ...

    async def add(self, user: User, password: str, now: int) -> bool:
        """Make the user unless one of that name exists; true when it was made."""
        ...

    async def change(self, user: User, *, disabled: bool) -> Account | None:
        """Let the user of this name be so (the version grows by itself, ``password_due`` stays as it is);
        None when there is none. Raises Refused when no administrator would be left whom nothing keeps out."""
        ...

    async def set_password(self, name: str, password: str, *, due: bool) -> Account | None:
        """From now on this password opens; ``due``: and must be changed by its owner. None when there is no
        such user."""
        ...

    async def seen(self, name: str, now: int) -> None:
        """The user has logged in."""
        ...


class PostgresUsers:
    """Implements UserStore. Hashing runs in a thread, one at a time: it is meant to be dear."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._hasher = PasswordHasher()
        self._one_at_a_time = asyncio.Lock()
        self._nobody = ""

    async def verify(self, name: str, password: str) -> User | None:
        """See the protocol."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(
                f"SELECT password_hash, {COLUMNS} FROM users WHERE name = $1",  # noqa: S608
                name,
            )
        async with self._one_at_a_time:
            if not self._nobody:
                self._nobody = await asyncio.to_thread(self._hasher.hash, secrets.token_hex())
            known = row["password_hash"] if row else self._nobody
            good = await asyncio.to_thread(self._matches, known, password)
        return _account(row).user if row and good else None

    async def accounts(self) -> list[Account]:
        """See the protocol."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(f'SELECT {COLUMNS} FROM users ORDER BY name COLLATE "C"')  # noqa: S608
        return [_account(row) for row in rows]

    async def account(self, name: str) -> Account | None:
        """See the protocol."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(f"SELECT {COLUMNS} FROM users WHERE name = $1", name)  # noqa: S608
        return None if row is None else _account(row)

    async def add(self, user: User, password: str, now: int) -> bool:
        """See the protocol."""
        if await self.account(user.name) is not None:
            return False
        hashed = await self._hashed(password)
        async with self._database.connection() as connection:
            tag = await connection.execute(
                ADD,
                *_columns(user),
                hashed,
                _instant(now),
                user.password_due,
            )
        return bool(tag.endswith("1"))

    async def change(self, user: User, *, disabled: bool) -> Account | None:
        """See the protocol."""
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE")  # of two, one is left
            row = await connection.fetchrow(CHANGE, *_columns(user), disabled)
            if row is None:
                return None
            account = _account(row)
            others = await connection.fetchval(ADMIN_LEFT, user.name)
            if not others and not account.administers_for_good:
                raise last_admin()
            return account

    async def set_password(self, name: str, password: str, *, due: bool) -> Account | None:
        """See the protocol."""
        hashed = await self._hashed(password)
        async with self._database.connection() as connection:
            row = await connection.fetchrow(SET_PASSWORD, name, hashed, due)
        return None if row is None else _account(row)

    async def seen(self, name: str, now: int) -> None:
        """See the protocol."""
        async with self._database.connection() as connection:
            await connection.execute("UPDATE users SET seen_at = $2 WHERE name = $1", name, _instant(now))

    async def _hashed(self, password: str) -> str:
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._hasher.hash, password)

    def _matches(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False


class MemoryUsers:
    """The twin, with plain passwords: for previews and tests only. ``users`` are there from the beginning,
    each by its name with its password."""

    def __init__(self, users: Mapping[str, tuple[str, User]]) -> None:
        self._accounts = {
            name: Account(user, disabled=False, created_at=0) for name, (_, user) in users.items()
        }
        self._passwords = {name: password for name, (password, _) in users.items()}

    def keep(self, account: Account) -> None:
        """This one is there too; no password opens it until one is set."""
        self._accounts[account.user.name] = account

    async def verify(self, name: str, password: str) -> User | None:
        """See the protocol."""
        return self._accounts[name].user if self._passwords.get(name) == password else None

    async def accounts(self) -> list[Account]:
        """See the protocol."""
        return [self._accounts[name] for name in sorted(self._accounts)]

    async def account(self, name: str) -> Account | None:
        """See the protocol."""
        return self._accounts.get(name)

    async def add(self, user: User, password: str, now: int) -> bool:
        """See the protocol."""
        if user.name in self._accounts:
            return False
        self._accounts[user.name] = Account(user, disabled=False, created_at=now)
        self._passwords[user.name] = password
        return True

    async def change(self, user: User, *, disabled: bool) -> Account | None:
        """See the protocol."""
        if (before := self._accounts.get(user.name)) is None:
            return None
        after = replace(before, user=_next(user, before), disabled=disabled)
        others = [one for name, one in self._accounts.items() if name != user.name]
        if not any(one.administers_for_good for one in (after, *others)):
            raise last_admin()
        self._accounts[user.name] = after
        return after

    async def set_password(self, name: str, password: str, *, due: bool) -> Account | None:
        """See the protocol."""
        if before := self._accounts.get(name):
            self._passwords[name] = password
            user = replace(_next(before.user, before), password_due=due)
            self._accounts[name] = replace(before, user=user)
        return self._accounts.get(name)

    async def seen(self, name: str, now: int) -> None:
        """See the protocol."""
        if before := self._accounts.get(name):
            self._accounts[name] = replace(before, seen_at=now)


def _next(user: User, before: Account) -> User:
    return replace(user, version=before.user.version + 1, password_due=before.user.password_due)


def _columns(user: User) -> tuple[str, str, str | None, bool, datetime | None]:
    ends = None if user.expires_at is None else _instant(user.expires_at)
    return user.name, user.role.value, user.agent_id, user.open_numbers, ends


def _instant(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC)


def _account(row: asyncpg.Record) -> Account:
    user = User(
        row["name"],
        Role(row["role"]),
        row["agent_id"],
        row["open_numbers"],
        row["expires_at"],
        row["version"],
        row["password_due"],
    )
    return Account(user, row["disabled"], row["created_at"], row["seen_at"])
