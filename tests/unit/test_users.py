"""Users: names, passwords, rights that end, imports; and how they are kept over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import WSServerHandshakeError
from web_twin import T0, USERS, Clock, Twin, greet

from callcenter.ports import StoreAway
from callcenter.users.model import Account, Refused, Role, User, plain_name, proper, proper_password
from callcenter.users.service import UserService
from callcenter.users.store import MemoryUsers
from callcenter.web.auth import MemorySessionStore, Sessions

DAY_MS = 86_400_000
GOOD = "correct horse"
RARE = "李㙍安𠮷\ue863"
"""With characters beyond the first plane, and of those that only fonts know."""


@pytest.fixture
async def twin(tmp_path: Path) -> AsyncIterator[Twin]:
    async with Twin(tmp_path).serving() as twin:
        yield twin


async def ask(twin: Twin, who: str, path: str, body: object = None, status: int = 200) -> Any:
    """What this person is answered; a GET without a body."""
    async with (
        twin.caller(who) as client,
        client.request("GET" if body is None else "POST", path, json=body) as response,
    ):
        assert response.status == status, await response.text()
        return await response.json() if response.status != 204 else None


@pytest.mark.parametrize("name", ["amy", "Amy Chen", "陈晓雯", RARE, "a.b@c", "O'Neill", "x" * 64])
def test_names_that_people_have(name: str) -> None:
    """They are kept as they are written, spaces around them aside."""
    assert plain_name(f" {name} ") == name


def test_a_name_is_one_however_its_marks_are_written() -> None:
    """é is the same letter, composed or not."""
    assert plain_name("Rene\u0301") == plain_name("Ren\u00e9")


@pytest.mark.parametrize(
    "name", ["", " ", "x" * 65, "a/b", "a\\b", "a\nb", "a\0b", "a\u200bb", "a\u202eb", "..", "import", "a%b"]
)
def test_names_that_cannot_be(name: str) -> None:
    """Nothing invisible, and nothing that means something in an address."""
    with pytest.raises(Refused):
        plain_name(name)


@pytest.mark.parametrize("password", ["short", "chenxiaowen", "aaaaaaaaaaaa", "x" * 1025])
def test_poor_passwords(password: str) -> None:
    """Too short, too long, the name, or one letter over and over."""
    with pytest.raises(Refused):
        proper_password(password, "chenxiaowen")


@pytest.mark.parametrize(
    "user",
    [
        User("q", Role.QUALITY, "1001"),
        User("o", Role.OPS, "1001"),
        User("a", Role.AGENT, None),
        User("a", Role.AGENT, "9999"),
        User("s", Role.SUPERVISOR, None, open_numbers=True),
        User("o", Role.OPS, None, open_numbers=True),
    ],
)
def test_rights_that_do_not_go_together(user: User) -> None:
    """A desk is for who takes calls, and exists; open numbers are granted to quality alone."""
    with pytest.raises(Refused):
        proper(user, {"1001"})


def test_who_sees_numbers() -> None:
    """Supervisors and administrators do, quality with the right, nobody else."""
    seen = {role for role in Role if User("x", role, None).sees_numbers}
    granted = {role for role in Role if User("x", role, None, open_numbers=True).sees_numbers}
    assert seen == {Role.SUPERVISOR, Role.ADMIN}
    assert granted == {Role.SUPERVISOR, Role.ADMIN, Role.QUALITY}


def test_dormant_accounts() -> None:
    """Those that are open and unused; a closed one is no danger."""
    user = USERS["amy"]
    assert Account(user, disabled=False, created_at=0).dormant(2, 1)
    assert not Account(user, disabled=False, created_at=0, seen_at=1).dormant(2, 1)
    assert not Account(user, disabled=False, created_at=1).dormant(2, 1)
    assert not Account(user, disabled=True, created_at=0).dormant(2, 1)
    assert not Account(replace(user, expires_at=2), disabled=False, created_at=0).dormant(2, 1)


async def test_a_made_password_opens_and_is_told_once(twin: Twin) -> None:
    """A user with rare characters, added without a password, logs in with the one that was made."""
    body = {"name": RARE, "role": "quality", "open_numbers": True, "expires_on": "2030-12-31"}
    told = await ask(twin, "ada", "/api/users", body)
    assert told["user"]["name"] == RARE
    assert told["user"]["expires_on"] == "2030-12-31"
    login = {"name": RARE, "password": told["password"], "client": "api"}
    async with twin.caller() as client, client.post("/api/login", json=login) as response:
        assert (await response.json())["viewer"]["role"] == "quality"
    users = {user["name"]: user for user in (await ask(twin, "ada", "/api/users"))["users"]}
    assert users[RARE]["seen_at"]
    assert told["password"] not in str(users)
    await ask(twin, "ada", "/api/users", body, 409)


async def test_a_password_of_others_opens_nothing_but_the_choice_of_another(twin: Twin) -> None:
    """Of who is made, whose password is set, and who is imported with one; the session goes on afterwards,
    also over a restart."""
    body = {"name": "nina", "role": "ops", "password": GOOD}
    assert (await ask(twin, "ada", "/api/users", body))["user"]["password_due"]
    for given in (GOOD, "set anew for her", "imported with it"):
        if given == "set anew for her":
            await ask(twin, "ada", "/api/users/nina/password", {"password": given})
        elif given == "imported with it":
            await ask(twin, "ada", "/api/users/import", {"csv": f"name,role,password\nnina,ops,{given}"})
        async with twin.caller() as client:
            login = {"name": "nina", "password": given, "client": "api"}
            async with client.post("/api/login", json=login) as response:
                told = await response.json()
            assert told["viewer"]["password_due"]
            client.headers["Authorization"] = f"Bearer {told['token']}"
            async with client.get("/api/trunks") as response:
                assert (response.status, (await response.json())["code"]) == (403, "password_due")
            own = {"old": given, "new": f"{given}, her own"}
            async with client.post("/api/me/password", json=own) as response:
                assert response.status == 204
            async with client.get("/api/trunks") as response:
                assert response.status == 200
            assert twin.store is not None
            restarted = Sessions(twin.store, twin.clock)
            restarted.current = UserService(twin.users, twin.clock).current
            session = await restarted.find(told["token"])
            assert session is not None
            assert not session.user.password_due


async def test_a_changed_user_is_out_at_once(twin: Twin) -> None:
    """Another role, a disabled account, another password: the session and its socket end there and then."""
    changes = (
        ("/api/users/bob", {"role": "supervisor", "agent_id": "1002"}),
        ("/api/users/bob", {"role": "agent", "agent_id": "1002", "disabled": True}),
        ("/api/users/bob/password", {"password": GOOD}),
        ("/api/users/import", {"csv": "name,role,agent_id\nbob,agent,1002"}),
    )
    for path, body in changes:
        async with twin.caller("bob") as client, twin.caller("amy") as other:
            async with client.ws_connect("/api/socket") as socket, other.ws_connect("/api/socket") as kept:
                await greet(socket)
                await greet(kept)
                await ask(twin, "ada", path, body)
                assert (await socket.receive(timeout=5)).data == 4401
                assert not kept.closed
            async with client.get("/api/me") as response:
                assert response.status == 401
            with pytest.raises(WSServerHandshakeError):
                await client.ws_connect("/api/socket")
            async with other.get("/api/me") as response:
                assert response.status == 200


async def test_disabled_and_ended_accounts_are_told_apart_from_wrong_passwords(twin: Twin) -> None:
    """Whoever has the password learns why it does not open; whoever has not learns nothing."""
    await ask(twin, "ada", "/api/users/olga", {"role": "ops", "disabled": True})
    day = {"role": "quality", "expires_on": "2023-11-14"}  # the day of T0
    await ask(twin, "ada", "/api/users/quinn", day)
    logins = (("olga", "olga-secret", 403), ("olga", "guess", 401), ("quinn", "quinn-secret", 200))
    async with twin.caller() as client:
        for name, password, status in logins:
            async with client.post("/api/login", json={"name": name, "password": password}) as response:
                assert response.status == status
    async with twin.caller("quinn") as client, client.get("/api/calls?words=x") as response:
        assert response.status == 200
    twin.clock.now += DAY_MS
    login = {"name": "quinn", "password": "quinn-secret"}
    async with twin.caller() as client, client.post("/api/login", json=login) as response:
        assert (response.status, (await response.json())["code"]) == (403, "account_closed")


async def test_a_session_ends_with_the_rights() -> None:
    """To the millisecond, without anybody doing anything."""
    clock = Clock()
    sessions = Sessions(MemorySessionStore(clock), clock)
    token, session = await sessions.begin(User("amy", Role.AGENT, "1001", expires_at=clock.now + 1000))
    clock.now += 999
    assert sessions.alive(session)
    assert await sessions.find(token)
    clock.now += 1
    assert not sessions.alive(session)
    assert await sessions.find(token) is None


async def test_the_last_administrator_stays(twin: Twin) -> None:
    """Neither another role, nor disabling, nor an end is possible, until another one is there."""
    ways_out = (
        {"role": "ops"},
        {"role": "admin", "disabled": True},
        {"role": "admin", "expires_on": "2030-01-01"},
    )
    for body in ways_out:
        told = await ask(twin, "ada", "/api/users/ada", body, 409)
        assert "last administrator" in told["what"]
        assert told["cure"]
    await ask(twin, "ada", "/api/users", {"name": "ann", "role": "admin", "password": GOOD})
    await ask(twin, "ada", "/api/users/ada", {"role": "ops"})


async def test_who_changes_a_user_who_is_not_there(twin: Twin) -> None:
    """Is told so."""
    await ask(twin, "ada", "/api/users/nobody", {"role": "ops"}, 404)
    await ask(twin, "ada", "/api/users/nobody/password", {}, 404)
    await ask(twin, "ada", "/api/users/nobody/unlock", {}, 404)


async def test_unlock(twin: Twin) -> None:
    """After five wrong passwords the list tells it, and an administrator lets the name try again."""
    async with twin.caller() as client:
        for _ in range(5):
            async with client.post("/api/login", json={"name": "amy", "password": "wrong"}) as response:
                assert response.status == 401
        right = {"name": "amy", "password": "amy-secret"}
        async with client.post("/api/login", json=right) as response:
            assert response.status == 429
        users = {user["name"]: user for user in (await ask(twin, "ada", "/api/users"))["users"]}
        assert users["amy"]["locked_for_ms"] > 0
        assert users["bob"]["locked_for_ms"] == 0
        told = await ask(twin, "ada", "/api/users/amy/unlock", {})
        assert told["user"]["locked_for_ms"] == 0
        async with client.post("/api/login", json=right) as response:
            assert response.status == 200


async def test_ones_own_password(twin: Twin) -> None:
    """It takes the old one; all other sessions end, this one goes on; guesses are counted."""
    async with twin.caller("amy") as here, twin.caller("amy") as elsewhere:
        wrong = {"old": "guess", "new": GOOD}
        for expected in (409, 409, 409, 409, 409, 429):
            async with here.post("/api/me/password", json=wrong) as response:
                assert response.status == expected
        await ask(twin, "ada", "/api/users/amy/unlock", {})
        for poor in ("short", "amy-secret"):
            async with here.post("/api/me/password", json={"old": "amy-secret", "new": poor}) as response:
                assert response.status == 409
        async with here.post("/api/me/password", json={"old": "amy-secret", "new": GOOD}) as response:
            assert response.status == 204
        async with elsewhere.get("/api/me") as response:
            assert response.status == 401
        async with here.get("/api/me") as response:
            assert response.status == 200
    assert await twin.users.verify("amy", GOOD)


async def test_import_goes_row_by_row(twin: Twin) -> None:
    """What is wrong in one row keeps no other back; each is told with the line where it ends."""
    file = (
        "\ufeffname,role,agent_id,password,expires_on,open_numbers\n"
        f"{RARE},agent,1001,{GOOD},,\n"
        "wu,king,,,,\n"
        "lin,quality,,,2030-12-31,yes\n"
        "bob,supervisor,1002,,,\n"
        "ada,ops,,,,\n"
        'zhao,ops,,short,,\n"two\nlines",ops,,,,\n'
    )
    results = (await ask(twin, "ada", "/api/users/import", {"csv": file}))["results"]
    assert [(one["line"], one["deed"]) for one in results] == [
        (2, "added"),
        (3, "refused"),
        (4, "added"),
        (5, "changed"),
        (6, "refused"),
        (7, "refused"),
        (9, "refused"),
    ]
    assert [bool(one["password"]) for one in results] == [False, False, True, False, False, False, False]
    assert "there is no role 'king'" in results[1]["told"]
    assert "last administrator" in results[4]["told"]
    assert await twin.users.verify(RARE, GOOD)
    assert await twin.users.verify("bob", "bob-secret") == User("bob", Role.SUPERVISOR, "1002", version=1)


@pytest.mark.parametrize(
    "file", ["name\nx", "name,role,colour\nx,ops,red", "name,role\n", "name,role\n" + "x,ops\n" * 51]
)
async def test_files_that_are_refused_whole(twin: Twin, file: str) -> None:
    """Unknown or missing columns, nothing in it, too much in it."""
    told = await ask(twin, "ada", "/api/users/import", {"csv": file}, 409)
    assert told["cure"]


async def test_dormant_report(twin: Twin) -> None:
    """Whom nobody has logged in as for so many days, though they could."""
    twin.clock.now = T0
    login = {"name": "amy", "password": "amy-secret"}
    async with twin.caller() as client, client.post("/api/login", json=login) as response:
        assert response.status == 200
    await ask(twin, "ada", "/api/users/olga", {"role": "ops", "disabled": True})
    users = (await ask(twin, "ada", "/api/users?dormant_days=90"))["users"]
    assert [user["name"] for user in users] == ["ada", "bob", "quinn", "sue"]


async def test_a_session_from_before_a_restart_is_measured_anew() -> None:
    """Who was changed meanwhile is out; while the store is away it counts, and is asked about again."""
    clock, store = Clock(), MemorySessionStore(Clock())
    users = MemoryUsers({name: (f"{name}-secret", user) for name, user in USERS.items()})
    service = UserService(users, clock, lambda: ("1001", "1002"))
    tokens = {name: (await Sessions(store, clock).begin(USERS[name]))[0] for name in ("amy", "bob", "sue")}
    await users.set_password("bob", GOOD, due=False)

    after = Sessions(store, clock)
    after.current = service.current
    assert await after.find(tokens["amy"])
    assert await after.find(tokens["bob"]) is None

    async def away(_: str) -> User | None:
        raise StoreAway("away")

    after.current = away
    assert await after.find(tokens["sue"])
    await users.change(USERS["sue"], disabled=True)
    assert await after.find(tokens["sue"])
    after.current = service.current
    assert await after.find(tokens["sue"]) is None
