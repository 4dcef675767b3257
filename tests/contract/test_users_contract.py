"""Users: only the right password opens, and nobody learns which names exist."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from embedded_stores import EmbeddedStores

from callcenter.adapters.postgres.pool import Database
from callcenter.users.store import PostgresUsers
from callcenter.web.memory import MemoryUsers
from callcenter.web.ports import Role, User, Users

ADMIN = User("admin", Role.ADMIN, None)
AGENT = User("liwei", Role.AGENT, "1001")


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
async def users(request: pytest.FixtureRequest) -> AsyncIterator[Users]:
    """Two users."""
    if request.param == "memory":
        yield MemoryUsers({"admin": ("first secret", ADMIN), "liwei": ("second secret", AGENT)})
        return
    running: EmbeddedStores = request.getfixturevalue("stores")
    database = Database(await running.new_database())
    made = PostgresUsers(database)
    assert await made.ensure(ADMIN, "first secret")
    assert await made.ensure(AGENT, "second secret")
    yield made
    await database.close()


async def test_the_right_password_opens(users: Users) -> None:
    """To the user as it was made."""
    assert await users.verify("admin", "first secret") == ADMIN
    assert await users.verify("liwei", "second secret") == AGENT


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("admin", "second secret"),
        ("admin", ""),
        ("nobody", "first secret"),
        ("", ""),
        ("Admin", "first secret"),
    ],
)
async def test_anything_else_does_not(users: Users, name: str, password: str) -> None:
    """A wrong password and an unknown name are answered alike."""
    assert await users.verify(name, password) is None


@pytest.mark.integration
async def test_a_user_is_made_once(stores: EmbeddedStores) -> None:
    """The second making changes nothing, not even the password; no password is stored readably."""
    database = Database(await stores.new_database())
    made = PostgresUsers(database)
    assert await made.ensure(ADMIN, "first secret")
    assert not await made.ensure(ADMIN, "another")
    assert await made.verify("admin", "another") is None
    async with database.connection() as connection:
        (row,) = await connection.fetch("SELECT * FROM users")
    assert row["password_hash"].startswith("$argon2id$")
    assert "first secret" not in repr(dict(row))
    await database.close()
