"""Users: only the right password opens, and nobody learns which names exist."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from embedded_stores import EmbeddedStores

from callcenter.adapters.postgres.pool import Database
from callcenter.users.model import Account, Refused, Role, User
from callcenter.users.store import MemoryUsers, PostgresUsers, UserStore

ADMIN = User("admin", Role.ADMIN, None)
AGENT = User("liwei", Role.AGENT, "1001")
RARE = "李㙍安𠮷\ue863"
MADE_AT = 1_700_000_000_000
ENDS_AT = 1_800_000_000_123


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
async def users(request: pytest.FixtureRequest) -> AsyncIterator[UserStore]:
    """Two users."""
    if request.param == "memory":
        memory = MemoryUsers({})
        assert await memory.add(ADMIN, "first secret", MADE_AT)
        assert await memory.add(AGENT, "second secret", MADE_AT)
        yield memory
        return
    running: EmbeddedStores = request.getfixturevalue("stores")
    database = Database(await running.new_database())
    made = PostgresUsers(database)
    assert await made.add(ADMIN, "first secret", MADE_AT)
    assert await made.add(AGENT, "second secret", MADE_AT)
    yield made
    await database.close()


async def test_the_right_password_opens(users: UserStore) -> None:
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
async def test_anything_else_does_not(users: UserStore, name: str, password: str) -> None:
    """A wrong password and an unknown name are answered alike."""
    assert await users.verify(name, password) is None


async def test_a_user_is_made_once(users: UserStore) -> None:
    """The second making changes nothing, not even the password."""
    assert not await users.add(User("admin", Role.OPS, None), "another", MADE_AT + 1)
    assert await users.verify("admin", "another") is None
    assert await users.account("admin") == Account(ADMIN, disabled=False, created_at=MADE_AT)


async def test_all_that_is_kept_of_a_user(users: UserStore) -> None:
    """Rights, their end, when they were last seen; names with rare characters; the list is in order."""
    quality = User(RARE, Role.QUALITY, None, open_numbers=True, expires_at=ENDS_AT)
    assert await users.add(quality, "third secret", MADE_AT)
    assert await users.verify(RARE, "third secret") == quality
    await users.seen(RARE, MADE_AT + 7)
    known = await users.accounts()
    assert [account.user.name for account in known] == ["admin", "liwei", RARE]
    assert known[-1] == Account(quality, disabled=False, created_at=MADE_AT, seen_at=MADE_AT + 7)
    assert await users.account("nobody") is None


async def test_every_change_makes_another_version(users: UserStore) -> None:
    """Of rights as of passwords: by it a session knows that it is out of date."""
    changed = await users.change(User("liwei", Role.SUPERVISOR, None), disabled=True)
    assert changed == Account(
        User("liwei", Role.SUPERVISOR, None, version=1), disabled=True, created_at=MADE_AT
    )
    assert await users.set_password("liwei", "other secret", due=False)
    assert await users.verify("liwei", "second secret") is None
    assert await users.verify("liwei", "other secret") == User("liwei", Role.SUPERVISOR, None, version=2)
    assert await users.account("liwei") == Account(
        User("liwei", Role.SUPERVISOR, None, version=2), disabled=True, created_at=MADE_AT
    )


async def test_a_password_of_others_is_due_until_the_owner_chooses(users: UserStore) -> None:
    """From the making on; another role changes nothing about it."""
    made = User("new", Role.OPS, None, password_due=True)
    assert await users.add(made, "given secret", MADE_AT)
    assert await users.verify("new", "given secret") == made
    changed = await users.change(User("new", Role.QUALITY, None), disabled=False)
    assert changed is not None
    assert changed.user == User("new", Role.QUALITY, None, version=1, password_due=True)
    own = await users.set_password("new", "own secret", due=False)
    assert own is not None
    assert own.user == await users.verify("new", "own secret")
    assert own.user == User("new", Role.QUALITY, None, version=2)
    again = await users.set_password("new", "given again", due=True)
    assert again is not None
    assert again.user.password_due


async def test_nobody_is_changed_who_is_not_there(users: UserStore) -> None:
    """And nobody is made by it."""
    assert await users.change(User("nobody", Role.OPS, None), disabled=False) is None
    assert await users.set_password("nobody", "secret", due=True) is None
    await users.seen("nobody", MADE_AT)
    assert len(await users.accounts()) == 2


@pytest.mark.parametrize(
    ("user", "disabled"),
    [
        (User("admin", Role.SUPERVISOR, None), False),
        (User("admin", Role.ADMIN, None, expires_at=ENDS_AT), False),
        (ADMIN, True),
    ],
)
async def test_the_last_administrator_cannot_be_taken(users: UserStore, user: User, disabled: bool) -> None:
    """Whatever would keep the last one out changes nothing; of two that are taken at once, one stays."""
    with pytest.raises(Refused, match="last administrator"):
        await users.change(user, disabled=disabled)
    assert (await users.account("admin")) == Account(ADMIN, disabled=False, created_at=MADE_AT)
    assert await users.change(User("liwei", Role.ADMIN, None), disabled=False)
    both = await asyncio.gather(
        users.change(user, disabled=disabled),
        users.change(User("liwei", Role.OPS, None), disabled=False),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Refused) for one in both) == 1


@pytest.mark.integration
async def test_no_password_is_stored_readably(stores: EmbeddedStores) -> None:
    """What lies there is an argon2id hash."""
    database = Database(await stores.new_database())
    assert await PostgresUsers(database).add(ADMIN, "first secret", MADE_AT)
    async with database.connection() as connection:
        (row,) = await connection.fetch("SELECT * FROM users")
    assert row["password_hash"].startswith("$argon2id$")
    assert "first secret" not in repr(dict(row))
    await database.close()
