"""What supervisors ask about waiting calls and queues, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from web_twin import Twin, arrival, ended, queued

from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.overhearing import SupervisionMode

ASKED: list[tuple[str, dict[str, Any], c.SupervisorCommand]] = [
    ("/api/calls/c9/waiting", {"priority": -100}, c.ChangeWaiting("c9", -100, None)),
    ("/api/calls/c9/waiting", {"skills": {"zh": 10}}, c.ChangeWaiting("c9", None, {"zh": 10})),
    ("/api/calls/c9/waiting", {"skills": {}}, c.ChangeWaiting("c9", None, {})),
    ("/api/calls/c9/waiting", {"priority": 100, "skills": {"zh": 1}}, c.ChangeWaiting("c9", 100, {"zh": 1})),
    ("/api/calls/c9/move", {"queue": "other"}, c.MoveWaiting("c9", "other")),
    (
        "/api/calls/c9/supervision",
        {"mode": "listen"},
        c.Supervise("c9", SupervisionMode.LISTEN, "sue", None, None),
    ),
    (
        "/api/calls/c9/supervision",
        {"mode": "take_over", "phone": "desk-9"},
        c.Supervise("c9", SupervisionMode.TAKE_OVER, "sue", None, "desk-9"),
    ),
    ("/api/calls/c9/supervision/stop", {}, c.StopSupervising("c9", "sue")),
    ("/api/calls/c9/pick", {"agent_id": "1001"}, c.PickWaiting("c9", "1001", "sue")),
    ("/api/calls/c9/hang-up", {}, c.HangUpCall("c9", "sue")),
    ("/api/agents/1001/notes", {"text": "see me"}, c.SendNote("1001", "sue", "see me")),
    ("/api/queues/general/open", {}, c.OpenQueue("general")),
    ("/api/queues/general/close", {}, c.CloseQueue("general")),
]


@pytest.fixture
async def twin(tmp_path: Path) -> AsyncIterator[Twin]:
    async with Twin(tmp_path).serving() as twin:
        twin.emit(arrival(), queued())
        yield twin


@pytest.mark.parametrize(("path", "body", "command"), ASKED)
async def test_asked_becomes_its_command(
    twin: Twin, path: str, body: dict[str, Any], command: c.SupervisorCommand
) -> None:
    """What the supervisor asks reaches the centre word by word; the answer is the journal's number."""
    async with twin.caller("sue") as client, client.post(path, json=body) as response:
        assert response.status == 200
        assert await response.json() == {"seq": 2}
    assert twin.asked == [command]


@pytest.mark.parametrize(("path", "body", "command"), ASKED)
async def test_refused(twin: Twin, path: str, body: dict[str, Any], command: c.SupervisorCommand) -> None:
    """What the centre refuses comes back as 409 with reason and cure."""
    twin.answer = c.Refused("call c9 does not wait", "choose a call that waits now")
    async with twin.caller("sue") as client, client.post(path, json=body) as response:
        assert response.status == 409
        assert await response.json() == {
            "status": 409,
            "code": "refused",
            "what": "call c9 does not wait",
            "where": f"POST {path}",
            "cure": "choose a call that waits now",
        }
    assert twin.asked == [command]


@pytest.mark.parametrize(("path", "body", "command"), ASKED)
async def test_agents_may_not(
    twin: Twin, path: str, body: dict[str, Any], command: c.SupervisorCommand
) -> None:
    """Agents are turned away, and the centre hears nothing of it."""
    async with twin.caller("amy") as client, client.post(path, json=body) as response:
        assert (response.status, (await response.json())["code"]) == (403, "forbidden")
    assert twin.asked == []


@pytest.mark.parametrize(
    ("path", "body", "mistakes"),
    [
        ("/api/calls/c9/waiting", {}, ["priority, skills or both"]),
        ("/api/calls/c9/waiting", {"priority": None, "skills": None}, ["priority, skills or both"]),
        ("/api/calls/c9/waiting", {"priority": 101}, ["priority: "]),
        ("/api/calls/c9/waiting", {"priority": "5"}, ["priority: "]),
        (
            "/api/calls/c9/waiting",
            {"priority": -101, "skills": {"zh": 0, "en": 11, "ko": 5}, "queue": "other"},
            ["priority: ", "skills.zh: ", "skills.en: ", "queue: "],
        ),
        ("/api/calls/c9/move", {}, ["queue: "]),
        ("/api/calls/c9/move", {"queue": "", "call_id": "c9"}, ["queue: ", "call_id: "]),
        ("/api/calls/c9/supervision", {"mode": "spy", "phone": ""}, ["mode: ", "phone: "]),
        ("/api/calls/c9/pick", {}, ["agent_id: "]),
        ("/api/agents/1001/notes", {"text": ""}, ["text: "]),
        ("/api/queues/general/open", {"queue": "general"}, ["queue: "]),
        ("/api/queues/general/close", {"at": 1, "reason": "x"}, ["at: ", "reason: "]),
    ],
)
async def test_every_mistake_is_told(
    twin: Twin, path: str, body: dict[str, Any], mistakes: list[str]
) -> None:
    """A body with mistakes is refused with all of them, and the centre hears nothing of it."""
    async with twin.caller("sue") as client, client.post(path, json=body) as response:
        problem = await response.json()
    assert (response.status, problem["code"]) == (422, "bad_request")
    told = problem["what"].split("; ")
    assert [one for one in mistakes if one not in problem["what"]] == []
    assert len([one for one in told if ": " in one]) == len(mistakes)
    assert twin.asked == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/calls/c8/waiting", {"priority": 1}),
        ("/api/calls/c8/move", {"queue": "general"}),
        ("/api/calls/c1/move", {"queue": "general"}),
        ("/api/calls/c8/supervision", {"mode": "listen"}),
        ("/api/agents/9999/notes", {"text": "see me"}),
        ("/api/queues/other/open", {}),
        ("/api/queues/other/close", {}),
    ],
)
async def test_what_is_not_there(twin: Twin, path: str, body: dict[str, Any]) -> None:
    """A call of the path that is unknown or over, and an unknown queue, are 404 with a cure."""
    twin.emit(arrival("c8"), ended("c8"))
    async with twin.caller("sue") as client, client.post(path, json=body) as response:
        assert response.status == 404
        assert (await response.json())["cure"]
    assert twin.asked == []


async def test_an_agent_reads_what_was_written(twin: Twin) -> None:
    """The note is the agent's and the supervisors' to see, until it is read."""
    twin.emit(e.NoteSent(1, "1001", "n1", "sue", "请放慢语速"))
    for name, seen in (("amy", 1), ("bob", 0), ("sue", 1)):
        async with twin.caller(name) as client, client.get("/api/agents") as response:
            agents = {agent["agent_id"]: agent for agent in (await response.json())["agents"]}
            assert [note["text"] for note in agents["1001"]["notes"]] == ["请放慢语速"] * seen
    async with (
        twin.caller("amy") as client,
        client.post("/api/agents/1001/notes/read", json={"note_id": "n1"}) as response,
    ):
        assert response.status == 200
    assert twin.asked == [c.ReadNote("1001", "n1")]


async def test_only_supervisors_see_who_supervises(twin: Twin) -> None:
    """The agent of the call is told of nobody who listens, and offered nothing of it."""
    twin.emit(
        e.QueueLeft(1, "c9", "general", e.QueueOutcome.ANSWERED, 1_000),
        e.AgentConnected(1, "c9", "1001", "l", "general"),
        e.SupervisionBegan(1, "c9", "m-c9.0", "sue", "desk-9", SupervisionMode.LISTEN),
    )
    for name in ("amy", "bob", "sue"):
        async with twin.caller(name) as client, client.get("/api/view") as response:
            (call,) = (await response.json())["calls"]
        if name == "sue":
            assert call["supervision"]["by"] == "sue"
            assert call["allowed_actions"] == ["whisper", "barge", "stop", "hang_up"]
        else:
            assert (call["supervision"], call["allowed_actions"]) == (None, [])
