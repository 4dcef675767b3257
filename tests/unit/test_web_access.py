"""Who may use which route: the whole matrix, and the door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import ClientSession
from web_twin import PROMPT_NUMBER, USERS, WAV, Twin, arrival, build_page, queued
from yarl import URL

from callcenter.domain import commands as c
from callcenter.domain.events import TransferKind
from callcenter.web.auth import CSRF_HEADER
from callcenter.web.ports import Role, User

AGENT_BODIES = {
    "login": {"phone": "desk-1"},
    "logout": {},
    "change-phone": {"phone": "desk-2"},
    "ready": {},
    "pause": {"reason": "meal"},
    "end-wrap-up": {},
    "extend-wrap-up": {"extra_sec": 60},
    "disposition": {"call_id": "c9", "code": "resolved"},
    "hold": {"call_id": "c9"},
    "retrieve": {"call_id": "c9"},
    "transfer": {"call_id": "c9", "kind": "queue", "target": "general"},
    "consult": {"call_id": "c9", "kind": "agent", "target": "1002"},
    "swap": {"call_id": "c9"},
    "conference": {"call_id": "c9"},
    "complete-transfer": {"call_id": "c9"},
    "end-consult": {"call_id": "c9"},
    "dial-out": {"number": "02112345"},
    "keys": {"call_id": "c9", "digits": "12#"},
    "hang-up": {"call_id": "c9"},
    "decline": {"offer_id": "o9"},
}
BODIES: dict[str, dict[str, object]] = {
    "/api/calls/c1/waiting": {"priority": 5},
    "/api/calls/c1/move": {"queue": "general"},
    "/api/calls/c1/supervision": {"mode": "listen", "phone": "desk-9"},
    "/api/calls/c1/supervision/stop": {},
    "/api/calls/c1/pick": {"agent_id": "1001"},
    "/api/calls/c1/hang-up": {},
    "/api/agents/1001/notes": {"text": "see me"},
    "/api/agents/1001/notes/read": {"note_id": "n1"},
    "/api/agents/1001/softphone": {"restarted": False},
    "/api/calls/c1/ticket": {"version": 1, "demand": None, "category": "complaint", "text": "噪音"},
    "/api/planning/staffing": {"since": "2026-03-01T00:00:00Z", "until": "2026-03-02T00:00:00Z"},
    "/api/planning/what-if": {
        "since": "2026-03-01T00:00:00Z",
        "until": "2026-03-02T00:00:00Z",
        "absent": ["1001"],
    },
    "/api/queues/general/open": {},
    "/api/queues/general/close": {},
    "/api/caller-lists/import": {"csv": "list,number\nvip,021556", "dry_run": True},
    "/api/caller-lists": {"entries": [{"list": "vip", "number": "021555"}]},
    "/api/flows/check": {"files": []},
    "/api/flows/change": {
        "files": [],
        "name": "citizen_hotline.yaml",
        "change": {"deed": "rename", "at": "welcome", "to": "greeting"},
    },
    "/api/flows/test": {"files": [{"name": "tests/citizen_hotline.yaml", "text": "flow: citizen_hotline"}]},
    "/api/flows/save": {"name": "citizen_hotline.yaml", "text": "flow: x", "seen": None},
    "/api/flows/new": {"name": "night_line"},
    "/api/flows/publish": {"note": "why", "content": "0" * 64},
    "/api/flows/stage": {"note": "why", "percent": 5},
    "/api/flows/finish": {"note": "why"},
    "/api/flows/withdraw": {"note": "why"},
    "/api/flows/rollback": {"note": "why"},
    "/api/users": {"name": "new", "role": "ops"},
    "/api/users/import": {"csv": "name,role\nnewer,ops"},
    "/api/users/bob": {"role": "agent", "agent_id": "1002"},
    "/api/me/password": {"old": "wrong", "new": "also wrong"},
    "/api/settings/calendars/check": {
        "calendar": {"weekly": {}},
        "since": "2026-10-01",
        "until": "2026-10-02",
    },
    "/api/settings": {"version": "seen long ago", "changes": [{"path": ["routing", "seed"], "value": 7}]},
    "/api/settings/check": {"changes": [{"path": ["routing", "seed"], "value": 7}]},
    "/api/settings/undo": {"version": "seen long ago", "number": 1},
    "/api/settings/files/agents.yaml": {"version": "seen long ago", "text": ""},
    "/api/settings/files/desk.yaml/check": {"text": "desk: {repeat_days: 3}"},
    "/api/settings/agents/check": {"csv": "id,name\n1009,New"},
    "/api/settings/agents/import": {"version": "seen long ago", "csv": "id,name\n1009,New"},
}

# The columns: nobody, ada (admin), sue (supervisor), amy (agent 1001, who talked in c1), bob (agent 1002),
# quinn (quality), olga (ops).
WHO = (None, "ada", "sue", "amy", "bob", "quinn", "olga")
Row = tuple[int, int, int, int, int, int, int]
ANYBODY: Row = (200, 200, 200, 200, 200, 200, 200)
LOGGED_IN: Row = (401, 200, 200, 200, 200, 200, 200)
COMMANDS: Row = (401, 200, 200, 200, 403, 403, 403)
SUPERVISION: Row = (401, 200, 200, 403, 403, 403, 403)
RECORD: Row = (401, 200, 200, 403, 403, 200, 403)
OPERATION: Row = (401, 200, 200, 403, 403, 403, 200)
NOT_YET: Row = (401, 409, 409, 403, 403, 403, 409)
OF_CALLS: Row = (401, 200, 200, 200, 200, 200, 403)
OWN_PHONE: Row = (401, 403, 403, 200, 403, 403, 403)
METRICS: Row = (401, 200, 403, 403, 403, 403, 200)
MOVED_ON: Row = (401, 409, 409, 403, 403, 403, 409)
ADMINISTRATION: Row = (401, 200, 403, 403, 403, 403, 403)
NO_SOUND: Row = (401, 422, 422, 403, 403, 403, 422)
MATRIX: dict[tuple[str, str], Row] = {
    ("POST", "/api/login"): (422, 422, 422, 422, 422, 422, 422),
    ("GET", "/api/me"): LOGGED_IN,
    ("GET", "/api/openapi.json"): LOGGED_IN,
    ("GET", "/api/socket"): (401, 400, 400, 400, 400, 400, 400),
    ("GET", "/api/view"): LOGGED_IN,
    ("GET", "/api/agents"): LOGGED_IN,
    ("GET", "/api/kpi"): LOGGED_IN,
    **{("POST", f"/api/agents/1001/{action}"): COMMANDS for action in AGENT_BODIES},
    ("GET", "/api/missed-calls"): OF_CALLS,
    ("POST", "/api/agents/1001/notes/read"): COMMANDS,
    ("GET", "/api/agents/1001/day"): COMMANDS,
    ("GET", "/api/agents/1001/softphone"): OWN_PHONE,
    ("POST", "/api/agents/1001/softphone"): OWN_PHONE,
    ("GET", "/sip"): (401, 403, 403, 503, 503, 403, 403),
    ("GET", "/api/calls"): OF_CALLS,
    ("GET", "/api/calls/c1"): (401, 200, 200, 200, 403, 200, 403),
    ("GET", "/api/calls/c1/life"): (401, 200, 200, 200, 403, 200, 403),
    ("GET", "/api/calls/c1/waveform"): (401, 410, 410, 410, 403, 410, 403),
    ("GET", "/api/calls/c1/pop"): (401, 200, 200, 403, 403, 200, 403),
    ("GET", "/api/calls/c1/live-transcript"): (401, 200, 200, 403, 403, 200, 403),
    ("GET", "/api/calls/c1/ticket"): (401, 200, 200, 403, 403, 200, 403),
    ("POST", "/api/calls/c1/ticket"): (401, 409, 409, 403, 403, 403, 403),
    ("GET", "/api/calls/c1/decisions"): RECORD,
    ("GET", "/api/calls/c1/recording"): (401, 200, 200, 200, 403, 200, 403),
    ("POST", "/api/calls/c1/waiting"): SUPERVISION,
    ("POST", "/api/calls/c1/move"): SUPERVISION,
    ("POST", "/api/calls/c1/supervision"): SUPERVISION,
    ("POST", "/api/calls/c1/supervision/stop"): SUPERVISION,
    ("POST", "/api/calls/c1/pick"): SUPERVISION,
    ("POST", "/api/calls/c1/hang-up"): SUPERVISION,
    ("POST", "/api/agents/1001/notes"): SUPERVISION,
    ("POST", "/api/queues/general/open"): OPERATION,
    ("POST", "/api/queues/general/close"): OPERATION,
    ("GET", "/api/caller-lists"): OPERATION,
    ("GET", "/api/caller-lists/export"): OPERATION,
    ("POST", "/api/caller-lists/import"): OPERATION,
    ("POST", "/api/caller-lists"): OPERATION,
    ("POST", "/api/caller-lists/e1/remove"): (401, 404, 404, 403, 403, 403, 404),
    ("GET", "/api/prompts"): OPERATION,
    ("GET", f"/api/prompts/{PROMPT_NUMBER}/audio"): OPERATION,
    ("POST", "/api/prompts/examine"): NO_SOUND,
    ("POST", f"/api/prompts/{PROMPT_NUMBER}/recording"): NO_SOUND,
    ("POST", f"/api/prompts/{PROMPT_NUMBER}/remove"): (401, 409, 409, 403, 403, 403, 409),
    ("GET", "/api/figures/calls?key=offered"): RECORD,
    ("GET", "/api/figures/day"): LOGGED_IN,
    ("GET", "/api/reports?since=2026-03-01T00:00:00Z&until=2026-03-02T00:00:00Z"): SUPERVISION,
    ("GET", "/api/reports/export?since=2026-03-01T00:00:00Z&until=2026-03-02T00:00:00Z"): SUPERVISION,
    ("GET", "/api/planning/basis"): OPERATION,
    ("POST", "/api/planning/staffing"): (401, 202, 202, 403, 403, 403, 202),
    ("POST", "/api/planning/what-if"): (401, 202, 202, 403, 403, 403, 202),
    ("GET", "/api/planning/jobs/j1"): (401, 404, 404, 403, 403, 403, 404),
    ("POST", "/api/planning/jobs/j1/cancel"): (401, 404, 404, 403, 403, 403, 404),
    ("GET", "/api/surveys?since=2026-03-01T00:00:00Z&until=2026-03-02T00:00:00Z"): RECORD,
    ("GET", "/api/flows"): OPERATION,
    ("GET", "/api/flows/versions"): OPERATION,
    ("GET", "/api/flows/diff"): OPERATION,
    ("POST", "/api/flows/check"): OPERATION,
    ("POST", "/api/flows/change"): OPERATION,
    ("POST", "/api/flows/test"): OPERATION,
    ("POST", "/api/flows/save"): NOT_YET,
    ("POST", "/api/flows/new"): NOT_YET,
    ("POST", "/api/flows/publish"): NOT_YET,
    ("POST", "/api/flows/stage"): NOT_YET,
    ("POST", "/api/flows/finish"): NOT_YET,
    ("POST", "/api/flows/withdraw"): NOT_YET,
    ("POST", "/api/flows/rollback"): NOT_YET,
    ("GET", "/api/tickets/t1"): (401, 200, 200, 200, 200, 200, 403),
    ("GET", "/api/users"): ADMINISTRATION,
    ("POST", "/api/users"): ADMINISTRATION,
    ("POST", "/api/users/import"): ADMINISTRATION,
    ("POST", "/api/users/bob"): ADMINISTRATION,
    ("POST", "/api/users/bob/password"): ADMINISTRATION,
    ("POST", "/api/users/bob/unlock"): ADMINISTRATION,
    ("POST", "/api/me/password"): (401, 409, 409, 409, 409, 409, 409),
    ("GET", "/api/audit"): ADMINISTRATION,
    ("GET", "/api/audit/check"): ADMINISTRATION,
    ("GET", "/api/audit/export"): ADMINISTRATION,
    ("GET", "/api/calendars/hotline?since=2026-10-01&until=2026-10-31"): OPERATION,
    ("POST", "/api/settings/calendars/check"): OPERATION,
    ("GET", "/api/settings"): OPERATION,
    ("POST", "/api/settings"): MOVED_ON,
    ("POST", "/api/settings/check"): OPERATION,
    ("GET", "/api/settings/history"): OPERATION,
    ("POST", "/api/settings/undo"): MOVED_ON,
    ("GET", "/api/settings/files/agents.yaml"): OPERATION,
    ("POST", "/api/settings/files/agents.yaml"): MOVED_ON,
    ("POST", "/api/settings/files/desk.yaml/check"): (401, 204, 204, 403, 403, 403, 204),
    ("GET", "/api/settings/agents/export"): OPERATION,
    ("POST", "/api/settings/agents/check"): OPERATION,
    ("POST", "/api/settings/agents/import"): MOVED_ON,
    ("GET", "/healthz"): ANYBODY,
    ("GET", "/api/widget"): ANYBODY,
    ("GET", "/widget"): ANYBODY,
    ("GET", "/widget.js"): (403, 403, 403, 403, 403, 403, 403),
    ("GET", "/metrics"): METRICS,
    ("GET", "/api/health"): METRICS,
    ("GET", "/api/trunks"): OPERATION,
    ("GET", "/"): ANYBODY,
    ("GET", "/login"): ANYBODY,
    ("GET", "/desk"): ANYBODY,
    ("GET", "/history"): ANYBODY,
    ("GET", "/reports"): ANYBODY,
    ("GET", "/planning"): ANYBODY,
    ("GET", "/calls/c1"): ANYBODY,
    ("GET", "/users"): ANYBODY,
    ("GET", "/audit"): ANYBODY,
    ("GET", "/prompts"): ANYBODY,
    ("GET", "/agents"): ANYBODY,
    ("GET", "/settings-files"): ANYBODY,
    ("GET", "/flows"): ANYBODY,
    ("GET", "/health"): ANYBODY,
    ("GET", "/trunks"): ANYBODY,
    ("GET", "/queues"): ANYBODY,
    ("GET", "/calendars"): ANYBODY,
    ("GET", "/reasons"): ANYBODY,
    ("GET", "/caller-lists"): ANYBODY,
    ("GET", "/assets/page-1a2b.js"): ANYBODY,
    ("POST", "/api/logout"): (401, 204, 204, 204, 204, 204, 204),
}


@pytest.fixture
async def twin(tmp_path: Path) -> AsyncIterator[Twin]:
    (tmp_path / "c1.wav").write_bytes(WAV)
    build_page(tmp_path / "console")
    async with Twin(tmp_path).serving() as twin:
        yield twin


@pytest.mark.parametrize("column", range(len(WHO)), ids=[str(who) for who in WHO])
async def test_matrix(twin: Twin, column: int) -> None:
    """Every route answers every role as the matrix says."""
    twin.emit(arrival("c1"), queued("c1"))
    async with twin.caller(WHO[column]) as client:
        for (method, path), expected in MATRIX.items():
            asked = BODIES.get(path, AGENT_BODIES.get(path.rpartition("/")[2], {}))
            body = asked if method == "POST" else None
            async with client.request(method, path, json=body) as response:
                assert response.status == expected[column], (method, path, await response.text())


FIRST_OF_ALL = {("GET", "/api/me"), ("POST", "/api/me/password"), ("POST", "/api/logout")}
"""What is open to who must choose a password first."""


async def test_whose_password_is_due_chooses_one_before_anything_else(
    twin: Twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every route that asks who one is refuses an administrator, socket and telephone included."""
    monkeypatch.setitem(USERS, "ada", replace(USERS["ada"], password_due=True))
    async with twin.caller("ada") as client:
        for (method, path), expected in MATRIX.items():
            if expected[0] != 401:
                continue
            async with client.request(method, path, json={} if method == "POST" else None) as response:
                code = (await response.json()).get("code") if response.status == 403 else None
                assert (code == "password_due") == ((method, path) not in FIRST_OF_ALL), (method, path)
    assert not twin.asked


async def test_matrix_is_complete(twin: Twin) -> None:
    """No route of the application is missing from the matrix; with all its capabilities."""
    named = {
        "{agent_id}": "1001",
        "{call_id}": "c1",
        "{queue}": "general",
        "{ticket_id}": "t1",
        "{entry_id}": "e1",
        "{number}": PROMPT_NUMBER,
        "{job_id}": "j1",
        "/users/{name}": "/users/bob",
        "/files/{name}/check": "/files/desk.yaml/check",
        "/files/{name}": "/files/agents.yaml",
        "/calendars/{name}": "/calendars/hotline",
        "{name}": "page-1a2b.js",
    }
    routes = set()
    for route in twin.app.router.routes():
        assert route.resource
        path = route.resource.canonical
        for field, value in named.items():
            path = path.replace(field, value)
        routes.add((route.method, path))
    tested = {(method, path.partition("?")[0]) for method, path in MATRIX}
    assert {route for route in routes if route[0] != "HEAD"} == tested


async def test_every_action_becomes_its_command(twin: Twin) -> None:
    """What the agent asks reaches the centre word by word."""
    async with twin.caller("amy") as client:
        for action, body in AGENT_BODIES.items():
            async with client.post(f"/api/agents/1001/{action}", json=body) as response:
                assert response.status == 200
    assert twin.asked == [
        c.LogIn("1001", "desk-1"),
        c.LogOut("1001"),
        c.ChangePhone("1001", "desk-2"),
        c.Ready("1001"),
        c.Pause("1001", "meal"),
        c.EndWrapUp("1001"),
        c.ExtendWrapUp("1001", 60),
        c.GiveDisposition("1001", "c9", "resolved"),
        c.Hold("1001", "c9"),
        c.Retrieve("1001", "c9"),
        c.Transfer("1001", "c9", TransferKind.QUEUE, "general"),
        c.Consult("1001", "c9", TransferKind.AGENT, "1002"),
        c.Swap("1001", "c9"),
        c.Confer("1001", "c9"),
        c.CompleteTransfer("1001", "c9"),
        c.EndConsult("1001", "c9"),
        c.DialOut("1001", "02112345"),
        c.PressKeys("1001", "c9", "12#"),
        c.HangUp("1001", "c9"),
        c.Decline("1001", "o9"),
    ]


@pytest.mark.parametrize("name", ["sue", "ada"])
async def test_who_acts_for_an_agent_is_named(twin: Twin, name: str) -> None:
    """A Presence that a supervisor or administrator asks for an agent names who asked."""
    async with twin.caller(name) as client:
        for action in ("logout", "ready", "pause"):
            async with client.post(f"/api/agents/1001/{action}", json=AGENT_BODIES[action]) as response:
                assert response.status == 200
    assert twin.asked == [c.LogOut("1001", name), c.Ready("1001", name), c.Pause("1001", "meal", name)]


async def test_a_supervisor_who_takes_calls_acts_for_nobody_else(
    twin: Twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Supervisors speak for themselves as agents do, and for all others by their name."""
    monkeypatch.setitem(USERS, "sue", User("sue", Role.SUPERVISOR, "1002"))
    async with twin.caller("sue") as client:
        for agent_id in ("1002", "1001"):
            async with client.post(f"/api/agents/{agent_id}/ready") as response:
                assert response.status == 200
    assert twin.asked == [c.Ready("1002"), c.Ready("1001", "sue")]


async def test_refusal_is_a_problem_with_its_cure(twin: Twin) -> None:
    """What the centre refuses comes back as 409 with reason and cure."""
    twin.answer = c.Refused("the phone cannot be rung", "see that it is registered")
    async with twin.caller("amy") as client, client.post("/api/agents/1001/ready") as response:
        assert response.status == 409
        assert response.content_type == "application/problem+json"
        assert await response.json() == {
            "status": 409,
            "code": "refused",
            "what": "the phone cannot be rung",
            "where": "POST /api/agents/1001/ready",
            "cure": "see that it is registered",
        }


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/agents/4711/ready", "{}", 404),
        ("/api/agents/1001/pause", "{}", 422),
        ("/api/agents/1001/pause", '{"reason":"meal","more":1}', 422),
        ("/api/agents/1001/pause", '{"reason":"' + "x" * 129 + '"}', 422),
        ("/api/agents/1001/pause", "not json", 422),
        ("/api/agents/1001/pause", '{"reason":"a\\u0000b"}', 422),
        ("/api/agents/1001/pause", '{"reason":"\\ud800"}', 422),
        ("/api/agents/1001/extend-wrap-up", "{}", 422),
        ("/api/agents/1001/extend-wrap-up", '{"extra_sec":0}', 422),
        ("/api/agents/1001/extend-wrap-up", '{"extra_sec":3601}', 422),
        ("/api/agents/1001/extend-wrap-up", '{"extra_sec":"60"}', 422),
        ("/api/agents/1001/disposition", '{"code":"resolved"}', 422),
        ("/api/agents/1001/disposition", '{"call_id":"c9","code":""}', 422),
        ("/api/agents/1001/transfer", '{"call_id":"c","kind":"teleport","target":"x"}', 422),
        ("/api/agents/1001/pause", '{"reason":"' + "x" * 20_000 + '"}', 413),
    ],
)
async def test_bad_requests(twin: Twin, path: str, body: str, status: int) -> None:
    """Nonsense is refused with a problem and reaches nobody."""
    headers = {"Content-Type": "application/json"}
    async with twin.caller("sue") as client, client.post(path, data=body, headers=headers) as response:
        assert response.status == status
        assert (await response.json())["cure"]
    assert twin.asked == []


async def test_a_whole_number_may_be_written_with_a_point(twin: Twin) -> None:
    """As JSON Schema has it: 60.0 is an integer."""
    path, body = "/api/agents/1001/extend-wrap-up", {"extra_sec": 60.0}
    async with twin.caller("amy") as client, client.post(path, json=body) as response:
        assert response.status == 200
    assert twin.asked == [c.ExtendWrapUp("1001", 60)]


@pytest.mark.parametrize("path", ["/api/calls/c%00", "/api/calls?words=%00", "/api/users/a%00b/unlock"])
async def test_nul_characters_reach_nobody(twin: Twin, path: str) -> None:
    """No store could keep them."""
    async with twin.caller("ada") as client:
        method = "POST" if path.endswith("unlock") else "GET"
        async with client.request(method, URL(path, encoded=True)) as response:
            assert (response.status, (await response.json())["code"]) == (422, "bad_request")


async def test_body_must_be_json(twin: Twin) -> None:
    """A form, which another site could send, is refused."""
    form = {"reason": "meal"}
    async with twin.caller("amy") as client, client.post("/api/agents/1001/pause", data=form) as response:
        assert response.status == 415


async def _login(client: ClientSession, name: str, password: str | None = None, kind: str = "page") -> int:
    body = {"name": name, "password": password or f"{name}-secret", "client": kind}
    async with client.post("/api/login", json=body) as response:
        return response.status


async def test_cookie_is_out_of_reach_of_scripts(twin: Twin) -> None:
    """The page's token is an HttpOnly, SameSite=Strict cookie and not in the answer."""
    async with twin.browser() as client:
        body = {"name": "amy", "password": "amy-secret"}
        async with client.post("/api/login", json=body) as response:
            cookie = response.headers["Set-Cookie"]
            assert "HttpOnly" in cookie
            assert "SameSite=Strict" in cookie
            answer = await response.json()
            assert answer["token"] is None
            assert answer["viewer"] == {
                "name": "amy",
                "role": "agent",
                "agent_id": "1001",
                "may": ["logged_in", "own_agent", "own_call", "tickets", "desk"],
                "password_due": False,
            }
        async with client.get("/api/me") as response:
            assert (await response.json())["csrf_token"] == answer["csrf_token"]


async def test_cookie_is_secure_behind_tls(tmp_path: Path) -> None:
    """With secure_cookies the cookie never travels in the clear."""
    async with Twin(tmp_path, secure_cookies=True).serving() as twin, twin.browser() as client:
        body = {"name": "amy", "password": "amy-secret"}
        async with client.post("/api/login", json=body) as response:
            assert "Secure" in response.headers["Set-Cookie"]


async def test_csrf(twin: Twin) -> None:
    """A change with the cookie alone is refused; with the token it is done; reading needs no token."""
    async with twin.browser() as client:
        assert await _login(client, "amy") == 200
        async with client.post("/api/agents/1001/ready") as response:
            assert (response.status, (await response.json())["code"]) == (403, "csrf")
        async with client.get("/api/me") as response:
            token = (await response.json())["csrf_token"]
        async with client.post("/api/agents/1001/ready", headers={CSRF_HEADER: token[:-1] + "#"}) as response:
            assert response.status == 403
        async with client.post("/api/agents/1001/ready", headers={CSRF_HEADER: token}) as response:
            assert response.status == 200
    assert twin.asked == [c.Ready("1001")]


@pytest.mark.parametrize("path", ["/api/view", "/api/socket"])
async def test_other_sites_are_turned_away(twin: Twin, path: str) -> None:
    """A request with the cookie from another origin is refused, the socket too."""
    async with twin.browser() as client:
        assert await _login(client, "amy") == 200
        async with client.get(path, headers={"Origin": "http://evil.example"}) as response:
            assert (response.status, (await response.json())["code"]) == (403, "foreign_origin")
        async with client.get("/api/view", headers={"Origin": twin.base}) as response:
            assert response.status == 200


async def test_logout_ends_the_session(twin: Twin) -> None:
    """After the log-out the same token opens nothing."""
    async with twin.caller("amy") as client:
        async with client.post("/api/logout") as response:
            assert response.status == 204
        async with client.get("/api/me") as response:
            assert response.status == 401


async def test_api_login_gives_a_token(twin: Twin) -> None:
    """A program gets a Bearer token and no cookie."""
    async with twin.caller() as client:
        body = {"name": "sue", "password": "sue-secret", "client": "api"}
        async with client.post("/api/login", json=body) as response:
            assert "Set-Cookie" not in response.headers
            token = (await response.json())["token"]
        async with client.get("/api/me", headers={"Authorization": f"Bearer {token}"}) as response:
            assert (await response.json())["viewer"]["name"] == "sue"


async def test_lock_out(twin: Twin) -> None:
    """Five wrong passwords lock the name, also for the right one; others get in; time unlocks it."""
    async with twin.caller() as client:
        assert [await _login(client, "amy", "wrong") for _ in range(5)] == [401] * 5
        assert await _login(client, "amy") == 429
        assert await _login(client, "bob") == 200
        twin.clock.now += 15 * 60_000
        assert await _login(client, "amy") == 200


async def test_failures_are_forgotten_after_success(twin: Twin) -> None:
    """Four wrong passwords, a right one and four wrong ones lock nobody out."""
    async with twin.caller() as client:
        for _ in range(2):
            assert [await _login(client, "amy", "wrong") for _ in range(4)] == [401] * 4
            assert await _login(client, "amy") == 200


async def test_security_headers_everywhere(twin: Twin) -> None:
    """Page, API, errors and files alike forbid inline scripts, framing and sniffing."""
    async with twin.caller("sue") as client:
        for path in ("/", "/assets/page-1a2b.js", "/api/view", "/api/nothing", "/healthz"):
            async with client.get(path) as response:
                policy = response.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "unsafe" not in policy
                assert response.headers["X-Content-Type-Options"] == "nosniff"
                assert response.headers["X-Frame-Options"] == "DENY"
                assert "aiohttp" not in response.headers["Server"]


async def test_metrics_token(twin: Twin) -> None:
    """A scraper gets in with the token of the settings and reads the live figures."""
    async with twin.caller() as client:
        async with client.get("/metrics", headers={"Authorization": "Bearer scrape-me"}) as response:
            text = await response.text()
        assert 'callcenter_kpi{key="offered",scope="total",unit="count"} 0.0' in text
        assert 'callcenter_component_up{component="switch"} 1.0' in text
        async with client.get("/metrics", headers={"Authorization": "Bearer guess"}) as response:
            assert response.status == 401


async def test_health_tells_when_a_component_is_lost(twin: Twin) -> None:
    """Without the store /healthz answers 503 and names it, but no detail to strangers."""
    from callcenter.web.ports import Component

    twin.centre.set_health(Component.STORE, False, twin.clock.now, "db at 10.0.0.1 refused")
    async with twin.caller() as client, client.get("/healthz") as response:
        assert response.status == 503
        body = await response.json()
    assert [part["component"] for part in body["components"] if not part["up"]] == ["store"]
    assert "10.0.0.1" not in str(body)
