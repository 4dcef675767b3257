"""The audit log: what is noted, that it comes before the data, and that nobody can change it unseen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession, web
from aiohttp.test_utils import TestServer
from web_twin import NUMBER, USERS, WAV, Twin, arrival, offered, queued

from callcenter.audit.model import AuditDeed, Entry, Kept, Outcome, broken_at
from callcenter.audit.service import AuditLog
from callcenter.audit.store import MemoryAudit
from callcenter.ports import StoreAway
from callcenter.web.access import ROLES, Access
from callcenter.web.app import ROUTES
from callcenter.web.auth import SESSION, Session
from callcenter.web.noting import NOTED, Notary, Noted

PERSONAL = (
    "/api/calls/c1",
    "/api/calls/c1/recording",
    "/api/calls?words=投诉",
    "/api/tickets/t1",
    "/api/caller-lists",
    "/api/caller-lists/export",
    "/api/surveys?since=2026-03-01T00:00:00Z&until=2026-03-02T00:00:00Z",
    "/api/audit",
    "/api/audit/export",
)
"""What shows callers, or what was noted of people."""


class AwayAudit(MemoryAudit):
    """A store that can be away."""

    away = False

    async def write(self, entries: Sequence[Entry]) -> None:
        if self.away:
            raise StoreAway("away")
        await super().write(entries)


@pytest.fixture
def store() -> AwayAudit:
    return AwayAudit()


@pytest.fixture
async def twin(tmp_path: Path, store: AwayAudit) -> AsyncIterator[Twin]:
    (tmp_path / "c1.wav").write_bytes(WAV)
    async with Twin(tmp_path, audit=store, audit_owed=tmp_path / "owed.jsonl").serving() as twin:
        yield twin


def told(store: MemoryAudit) -> list[tuple[str, AuditDeed, str, Outcome]]:
    """Who did what to what, and how it ended."""
    return [(one.entry.user, one.entry.deed, one.entry.what, one.entry.outcome) for one in store.kept]


@pytest.mark.parametrize("path", PERSONAL)
async def test_personal_data_are_noted_with_who_when_and_where(
    twin: Twin, store: AwayAudit, path: str
) -> None:
    """Each look leaves an entry."""
    async with twin.caller("ada") as client, client.get(path) as response:
        assert response.status == 200
    (kept,) = store.kept
    assert (kept.entry.user, kept.entry.role, kept.entry.address) == ("ada", "admin", "127.0.0.1")
    assert kept.entry.at == twin.clock.now


@pytest.mark.parametrize("path", PERSONAL)
async def test_what_cannot_be_noted_is_not_shown(twin: Twin, store: AwayAudit, path: str) -> None:
    """Not a byte of it; the refusal says why and what to do. Nor is it shown at the second try."""
    store.away = True
    async with twin.caller("ada") as client:
        for _ in range(2):
            async with client.get(path) as response:
                assert response.status == 503
                problem = await response.json()
                assert problem["code"] == "audit_unavailable"
                assert "audit log" in problem["what"]
                assert NUMBER not in str(problem)


async def test_agents_see_their_own_call_while_nothing_can_be_noted(twin: Twin, store: AwayAudit) -> None:
    """Their work goes on; somebody else's look at the same call is noted, or is none."""
    twin.emit(arrival("c1"), queued("c1"), offered("c1"))
    store.away = True
    for who, status in (("amy", 200), ("bob", 403), ("sue", 503)):
        async with twin.caller(who) as client, client.get("/api/calls/c1/pop") as response:
            assert response.status == status, await response.text()
    store.away = False
    async with twin.caller("sue") as client, client.get("/api/calls/c1/pop") as response:
        assert response.status == 200
    assert ("sue", AuditDeed.CALL_SEEN, "c1", Outcome.DONE) in told(store)
    assert "amy" not in {one.entry.user for one in store.kept}


async def test_every_route_that_shows_callers_or_changes_anything_is_noted(twin: Twin) -> None:
    """A new route must say what is noted of it, or stand here with a reason."""
    no_entry = {
        ("POST", "/api/logout"): "ends nothing but one's own session",
        ("GET", "/api/calls/{call_id}/decisions"): "tells of agents and queues, not of callers",
        ("GET", "/api/calls/{call_id}/waveform"): "how loud it was, and no word of it",
        ("GET", "/api/missed-calls"): "of the live centre, with numbers masked as there",
        ("GET", "/api/reports"): "tells counts",
        ("GET", "/api/reports/export"): "tells counts",
        ("GET", "/api/planning/basis"): "tells counts, and of colleagues",
        ("POST", "/api/planning/staffing"): "tells counts, and changes nothing",
        ("POST", "/api/planning/what-if"): "tells counts, and changes nothing",
        ("GET", "/api/planning/jobs/{job_id}"): "tells counts",
        ("POST", "/api/planning/jobs/{job_id}/cancel"): "ends a simulation",
        ("GET", "/api/agents/{agent_id}/day"): "tells counts",
        ("GET", "/api/prompts"): "what every caller hears",
        ("GET", "/api/prompts/{number}/audio"): "what every caller hears",
        ("POST", "/api/prompts/examine"): "measures, and keeps nothing",
        ("GET", "/api/agents/{agent_id}/softphone"): "tells a number that grows",
        ("GET", "/api/users"): "tells of colleagues, not of callers",
        ("GET", "/api/audit/check"): "tells a count",
        ("GET", "/api/calendars/{name}"): "tells when it is open",
        ("POST", "/api/settings/calendars/check"): "tells when it would be open, and changes nothing",
        ("GET", "/api/settings"): "tells how the centre is set, and of no caller",
        ("GET", "/api/settings/history"): "tells how the centre was set",
        ("GET", "/api/settings/files/{name}"): "tells how the centre is set",
        ("GET", "/api/settings/agents/export"): "tells of colleagues, not of callers",
        ("POST", "/api/settings/check"): "changes nothing",
        ("POST", "/api/settings/files/{name}/check"): "changes nothing",
        ("POST", "/api/settings/agents/check"): "changes nothing",
        ("GET", "/api/flows"): "tells what callers hear, and who wrote it, not who they are",
        ("GET", "/api/flows/versions"): "tells what callers hear, and who wrote it, not who they are",
        ("GET", "/api/flows/diff"): "tells what callers hear, not who they are",
        ("POST", "/api/flows/check"): "changes nothing",
        ("POST", "/api/flows/change"): "answers a text, and saves nothing",
        ("POST", "/api/flows/test"): "changes nothing",
        ("GET", "/metrics"): "tells counts",
        ("GET", "/api/health"): "tells of machines",
        ("GET", "/api/trunks"): "tells counts",
    }
    wide = {Access.PUBLIC, Access.LOGGED_IN}
    routes = {(route.method, route.path): route for route in twin.app[ROUTES]}
    missing = {
        key
        for key, route in routes.items()
        if route.noted is None and (key[0] != "GET" or route.access not in wide)
    }
    assert missing == set(no_entry)


async def test_reason_and_words_are_kept(twin: Twin, store: AwayAudit) -> None:
    """What was searched for, and why a recording was taken; without a reason it is not given away."""
    async with twin.caller("quinn") as client:
        async with client.get("/api/calls/c1/recording?download=true") as response:
            assert response.status == 422
        asked = "/api/calls/c1/recording?download=true&reason=市民申诉复核"
        async with client.get(asked) as response:
            assert response.headers["Content-Disposition"].startswith("attachment")
        async with client.get("/api/calls?words=噪音") as response:
            assert response.status == 200
    assert told(store) == [
        ("quinn", AuditDeed.RECORDING_HEARD, "c1", Outcome.DONE),
        ("quinn", AuditDeed.SEARCHED, "噪音", Outcome.DONE),
    ]
    assert store.kept[0].entry.reason == "市民申诉复核"
    assert store.kept[0].entry.detail == {"download": "true"}


async def test_a_recording_fetched_in_pieces_is_heard_once(twin: Twin, store: AwayAudit) -> None:
    """A player asks for many ranges; ten minutes later, or by another person, it is another hearing."""
    async with twin.caller("sue") as client, twin.caller("quinn") as other:
        for first in (0, 100, 200):
            headers = {"Range": f"bytes={first}-{first + 99}"}
            async with client.get("/api/calls/c1/recording", headers=headers) as response:
                assert response.status == 206
        assert len(store.kept) == 1
        async with other.get("/api/calls/c1/recording") as response:
            assert response.status == 200
        twin.clock.now += 10 * 60_000
        async with client.get("/api/calls/c1/recording") as response:
            assert response.status == 200
    assert [one[0] for one in told(store)] == ["sue", "quinn", "sue"]


async def test_what_was_not_there_is_not_seen(twin: Twin, store: AwayAudit) -> None:
    """A refusal for another reason than the right shows nothing, and leaves nothing."""
    async with twin.caller("sue") as client:
        for path, status in (("/api/calls/c7", 404), ("/api/calls?limit=0", 422)):
            async with client.get(path) as response:
                assert response.status == status
    assert store.kept == []


async def test_a_missing_right_is_noted(twin: Twin, store: AwayAudit) -> None:
    """By the role, and by the handler that knows whose call it was."""
    async with twin.caller("bob") as client:
        for path in ("/api/caller-lists?list=vip", "/api/calls/c1"):
            async with client.get(path) as response:
                assert response.status == 403
    assert told(store) == [
        ("bob", AuditDeed.LIST_SEEN, "vip", Outcome.REFUSED),
        ("bob", AuditDeed.CALL_SEEN, "c1", Outcome.REFUSED),
    ]


async def test_log_ins(twin: Twin, store: AwayAudit) -> None:
    """The right and the wrong ones, by the name that was tried; no password anywhere."""
    async with twin.caller() as client:
        for password in ("amy-secret", "wrong"):
            async with client.post("/api/login", json={"name": "amy", "password": password}):
                pass
        async with client.get("/api/calls?words=x") as response:
            assert response.status == 401
    assert told(store) == [
        ("amy", AuditDeed.LOGGED_IN, "amy", Outcome.DONE),
        ("amy", AuditDeed.LOGGED_IN, "amy", Outcome.REFUSED),
    ]
    assert "secret" not in str(store.kept)


async def test_commands_on_others_are_noted_ones_own_are_not(twin: Twin, store: AwayAudit) -> None:
    """A supervisor's word for an agent, a call, a queue and a list; what was refused changed nothing."""
    twin.emit(arrival("c1"), queued("c1"))
    asked = (
        ("amy", "/api/agents/1001/pause", {"reason": "meal"}),
        ("sue", "/api/agents/1001/pause", {"reason": "training"}),
        ("sue", "/api/calls/c1/waiting", {"priority": 5}),
        ("olga", "/api/queues/general/close", {}),
        ("olga", "/api/caller-lists", {"entries": [{"list": "vip", "number": "021555"}]}),
        ("sue", "/api/calls/c1/move", {"queue": "nowhere", "more": 1}),
    )
    for who, path, body in asked:
        async with twin.caller(who) as client, client.post(path, json=body):
            pass
    assert told(store) == [
        ("sue", AuditDeed.AGENT_COMMANDED, "1001", Outcome.DONE),
        ("sue", AuditDeed.CALL_COMMANDED, "c1", Outcome.DONE),
        ("olga", AuditDeed.QUEUE_CHANGED, "general", Outcome.DONE),
        ("olga", AuditDeed.LIST_CHANGED, '[{"list":"vip","number":"021555"}]', Outcome.DONE),
    ]
    assert store.kept[0].entry.reason == "training"
    assert [kept.entry.detail.get("action") for kept in store.kept] == ["pause", "waiting", "close", None]
    assert store.kept[1].entry.detail["priority"] == "5"
    async with twin.caller("olga") as client:
        async with client.get("/api/caller-lists") as response:
            entry_id = (await response.json())["entries"][0]["entry_id"]
        async with client.post(f"/api/caller-lists/{entry_id}/remove") as response:
            assert response.status == 200
    assert told(store)[-1] == ("olga", AuditDeed.LIST_CHANGED, "vip 021555", Outcome.DONE)


async def test_passwords_are_never_noted(twin: Twin, store: AwayAudit) -> None:
    """Who was given rights is there, the password is not."""
    body = {"name": "new", "role": "ops", "password": "correct horse"}
    async with twin.caller("ada") as client:
        async with client.post("/api/users", json=body) as response:
            assert response.status == 200
        async with client.post("/api/users/new/password", json={"password": "battery staple"}) as response:
            assert response.status == 200
    assert told(store)[0][:3] == ("ada", AuditDeed.USER_CHANGED, "new")
    assert store.kept[0].entry.detail == {"name": "new", "role": "ops"}
    assert "horse" not in str(store.kept)
    assert "staple" not in str(store.kept)


async def test_what_was_done_while_the_store_was_away_is_noted_later(
    twin: Twin, store: AwayAudit, tmp_path: Path
) -> None:
    """Control over calls goes on; the entry outlives the process in a file of its own, and comes once."""
    store.away = True
    async with twin.caller("sue") as client, client.post("/api/queues/general/close") as response:
        assert response.status == 200
    assert store.kept == []
    owed = tmp_path / "owed.jsonl"
    assert owed.stat().st_mode & 0o777 == 0o600
    owed.write_bytes(owed.read_bytes() + b'{"cut off')
    after = AuditLog(store, owed)
    await after.settle()
    assert store.kept == []
    store.away = False
    await after.settle()
    await after.settle()
    await AuditLog(store, owed).settle()
    assert told(store) == [("sue", AuditDeed.QUEUE_CHANGED, "general", Outcome.DONE)]


async def test_filters_pages_and_export(twin: Twin, store: AwayAudit) -> None:
    """By person, deed, object and time, page by page; the export has all of them, safe for a spreadsheet."""
    async with twin.caller("sue") as sue, twin.caller("ada") as ada:
        for words in ("一", "二", "=cmd()"):
            twin.clock.now += 1000
            async with sue.get("/api/calls", params={"words": words}) as response:
                assert response.status == 200

        async def found(**asked: str) -> tuple[list[str], int | None]:
            async with ada.get("/api/audit", params=asked) as response:
                answer = await response.json()
            return [entry["what"] for entry in answer["entries"]], answer["next_before"]

        assert await found(user="sue") == (["=cmd()", "二", "一"], None)
        assert await found(user="sue", limit="2") == (["=cmd()", "二"], 2)
        assert await found(user="sue", limit="2", before="2") == (["一"], None)
        assert await found(deed="searched", what="二") == (["二"], None)
        assert await found(deed="call_seen") == ([], None)
        assert await found(since="2023-11-14T22:13:22Z", until="2023-11-14T22:13:23Z") == (["二"], None)
        async with ada.get("/api/audit/export", params={"user": "sue"}) as response:
            assert response.content_type == "text/csv"
            lines = (await response.text(encoding="utf-8-sig")).splitlines()
    assert len(lines) == 4
    assert ",'=cmd()," in lines[1]


async def test_a_handler_that_sends_its_answer_unsaid_shows_nothing(store: AwayAudit) -> None:
    """The last guard notes it at the first byte, or breaks off before it."""
    audit, sent = AuditLog(store), Noted(AuditDeed.CALL_SEEN)
    notary = Notary(audit, lambda: 0)

    async def stream(request: web.Request) -> web.StreamResponse:
        request[NOTED], request[SESSION] = sent, Session("k", USERS["sue"], "", 0)
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(NUMBER.encode())
        return response

    app = web.Application()
    app.on_response_prepare.append(notary.last_guard)
    app.router.add_get("/calls", stream)
    async with TestServer(app) as server, ClientSession() as client:
        async with client.get(server.make_url("/calls")) as response:
            assert await response.text() == NUMBER
        assert len(store.kept) == 1
        store.away = True
        with pytest.raises(ClientError):
            await client.get(server.make_url("/calls"))


async def test_the_chain_shows_what_was_changed(twin: Twin, store: AwayAudit) -> None:
    """An entry that was altered, taken out or put elsewhere is found."""
    async with twin.caller("sue") as sue, twin.caller("ada") as ada:
        for words in ("a", "b", "c"):
            async with sue.get(f"/api/calls?words={words}"):
                pass
        async with ada.get("/api/audit/check") as response:
            assert await response.json() == {"entries": 3, "broken_at": None}
        one, two, three = store.kept
        forged = Kept(2, replace(two.entry, user="bob"), two.hash)
        assert broken_at([one, forged, three]) == 2
        assert broken_at([one, three]) == 3
        assert broken_at([two, three]) == 2
        assert broken_at([one, three, two]) == 3
        store.kept[1] = forged
        async with ada.get("/api/audit/check") as response:
            assert (await response.json())["broken_at"] == 2


async def test_rights_are_granted_to_somebody(twin: Twin) -> None:
    """Every access has its roles, and administrators have them all."""
    from callcenter.web.ports import Role

    assert set(ROLES) == set(Access) - {Access.PUBLIC}
    assert all(Role.ADMIN in roles for roles in ROLES.values())
