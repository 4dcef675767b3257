"""Users and the audit log of a whole centre: real PostgreSQL, real Valkey, a controller that is killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import ClientError, ClientSession

from callcenter.adapters.postgres.pool import Database
from callcenter.audit.model import AuditDeed, Outcome, Wanted
from callcenter.audit.service import AuditLog
from callcenter.audit.store import PostgresAudit
from tests.integration.centre_rig import ROOT, CentreRig, callcenter

pytestmark = pytest.mark.integration

BACK_WITHIN_S = 30.0


async def ask(client: ClientSession, path: str, body: object = None, status: int = 200) -> Any:
    """The answer; a GET without a body."""
    async with client.request("GET" if body is None else "POST", path, json=body) as response:
        assert response.status == status, await response.text()
        return await response.json() if response.content_type == "application/json" else None


async def logged_in(client: ClientSession, name: str, password: str) -> dict[str, str]:
    """The header of a new session."""
    told = await ask(client, "/api/login", {"name": name, "password": password, "client": "api"})
    return {"Authorization": f"Bearer {told['token']}"}


async def test_who_is_changed_is_out_also_after_a_kill_and_all_of_it_is_noted(centre: CentreRig) -> None:
    """A session that only the store remembers is measured by the user as of now; the log has who did what."""
    base = f"http://127.0.0.1:{centre.web_port}"
    name = f"李㙍安𠮷{time.monotonic_ns()}"
    kept, gone = f"{name}-1", f"{name}-2"
    began = time.time_ns() // 1_000_000
    async with ClientSession(base) as client:
        admin = await logged_in(client, "admin", centre.admin)
        client.headers.update(admin)
        passwords = {}
        for one in (kept, gone):
            told = await ask(client, "/api/users", {"name": one, "role": "quality"})
            passwords[one] = told["password"]
    async with ClientSession(base) as client:
        tokens = {one: await logged_in(client, one, passwords[one]) for one in (kept, gone)}
        for one in (kept, gone):
            own = {"old": passwords[one], "new": f"{passwords[one]} of their own"}
            async with client.get("/api/view", headers=tokens[one]) as response:
                assert (await response.json())["code"] == "password_due"
            async with client.post("/api/me/password", json=own, headers=tokens[one]) as response:
                assert response.status == 204
        os.kill(centre.pid("controller"), signal.SIGKILL)
        async with asyncio.timeout(BACK_WITHIN_S):
            while True:
                try:
                    await ask(client, "/api/login", {"name": "admin", "password": centre.admin})
                except (ClientError, AssertionError):
                    await asyncio.sleep(0.1)
                else:
                    break
        async with ClientSession(base, headers=admin) as by_admin:
            await ask(by_admin, f"/api/users/{quote(gone)}", {"role": "quality", "disabled": True})
        for one, status in ((kept, 200), (gone, 401)):
            async with client.get("/api/calls?words=nothing", headers=tokens[one]) as response:
                assert response.status == status
        async with client.get("/api/users", headers=tokens[kept]) as response:
            assert response.status == 403
    database = Database(centre.database_url)
    try:
        store = PostgresAudit(database)
        log = [one.entry for one in await store.entries(Wanted(from_at=began), 1000)]
        assert (await AuditLog(store).check())[1] is None
    finally:
        await database.close()
    noted = [(entry.user, entry.deed, entry.what, entry.outcome) for entry in reversed(log)]
    assert ("admin", AuditDeed.USER_CHANGED, gone, Outcome.DONE) in noted
    assert (kept, AuditDeed.SEARCHED, "nothing", Outcome.DONE) in noted
    assert not any(user == gone and deed is AuditDeed.SEARCHED for user, deed, _, _ in noted)
    assert all(password not in str(log) for password in passwords.values())


async def test_a_reload_by_command_is_noted(centre: CentreRig) -> None:
    """With the name that the command was given, once the settings are in force."""
    author = f"李㙍安 {time.monotonic_ns()}"
    callcenter(centre, "reload", "--author", author)
    database = Database(centre.database_url)
    try:
        store = PostgresAudit(database)
        async with asyncio.timeout(10):
            while not (noted := await store.entries(Wanted(user=author), 9)):
                await asyncio.sleep(0.05)
    finally:
        await database.close()
    assert [(one.entry.deed, one.entry.what) for one in noted] == [
        (AuditDeed.SETTINGS_CHANGED, "callcenter reload")
    ]


async def test_the_centres_document_is_the_one_that_is_shipped(centre: CentreRig) -> None:
    """What the composition root serves has the same routes as what the tests prove."""
    async with ClientSession(f"http://127.0.0.1:{centre.web_port}") as client:
        client.headers.update(await logged_in(client, "admin", centre.admin))
        told = await ask(client, "/api/openapi.json")
    assert told == json.loads((ROOT / "docs/openapi.json").read_text(encoding="utf-8"))
