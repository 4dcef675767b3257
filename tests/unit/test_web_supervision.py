"""What supervisors ask about waiting calls and queues, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from web_twin import Twin, arrival, ended, queued

from callcenter.domain import commands as c

ASKED: list[tuple[str, dict[str, Any], c.SupervisorCommand]] = [
    ("/api/calls/c9/waiting", {"priority": -100}, c.ChangeWaiting("c9", -100, None)),
    ("/api/calls/c9/waiting", {"skills": {"zh": 10}}, c.ChangeWaiting("c9", None, {"zh": 10})),
    ("/api/calls/c9/waiting", {"skills": {}}, c.ChangeWaiting("c9", None, {})),
    ("/api/calls/c9/waiting", {"priority": 100, "skills": {"zh": 1}}, c.ChangeWaiting("c9", 100, {"zh": 1})),
    ("/api/calls/c9/move", {"queue": "other"}, c.MoveWaiting("c9", "other")),
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
