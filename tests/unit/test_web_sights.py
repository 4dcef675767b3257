"""What each role sees of callers and may ask for: in the snapshot, in every later message, in the record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from web_twin import NUMBER, USERS, WAV, Twin, arrival, greet, next_changes, presence, queued

from acd.model import Presence

MASKED = "138****5678"
SEEN = {"ada": NUMBER, "sue": NUMBER, "amy": MASKED, "bob": MASKED, "quinn": MASKED, "olga": MASKED}
"""What is shown of a caller who is nobody's yet."""
CONTROLS = {"ada", "sue"}


@pytest.fixture
async def twin(tmp_path: Path) -> AsyncIterator[Twin]:
    (tmp_path / "c1.wav").write_bytes(WAV)
    async with Twin(tmp_path).serving() as twin:
        yield twin


@pytest.mark.parametrize("granted", [False, True])
@pytest.mark.parametrize("name", SEEN)
async def test_live_view(twin: Twin, name: str, granted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers are open to those with the right to them; what may be asked only to those who control calls.
    The grant to a person opens numbers to quality, and nothing else to anybody."""
    monkeypatch.setitem(USERS, name, replace(USERS[name], open_numbers=granted))
    number = NUMBER if granted and name == "quinn" else SEEN[name]
    twin.emit(arrival(), queued())
    async with twin.caller(name) as client, client.ws_connect("/api/socket") as socket:
        snapshot = await greet(socket)
        assert snapshot["calls"][0]["caller"] == number
        seq = twin.emit(arrival("c8"), presence("1001", Presence.READY))
        changes = {change["entity"]: change["value"] for change in await next_changes(socket, seq)}
        assert changes["call"]["caller"] == number
        assert bool(changes["agent"]["allowed_actions"]) == (name in CONTROLS or name == "amy")
        async with client.get("/api/agents") as response:
            others = [agent for agent in (await response.json())["agents"] if agent["agent_id"] == "1002"]
        assert bool(others[0]["allowed_actions"]) == (name in CONTROLS or name == "bob")


async def test_record_lists_and_tickets(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same holds for calls that are over, tickets and lists; the own call is open to its agent."""
    await twin.caller_lists.add([{"list": "vip", "number": NUMBER}], "sue")
    shown = {
        "/api/calls/c1": {"ada": NUMBER, "sue": NUMBER, "amy": NUMBER, "quinn": MASKED},
        "/api/tickets/t1": {"ada": NUMBER, "sue": NUMBER, "amy": MASKED, "bob": MASKED, "quinn": MASKED},
        "/api/caller-lists": {"ada": NUMBER, "sue": NUMBER, "olga": MASKED},
    }
    for path, sights in shown.items():
        for name, number in sights.items():
            async with twin.caller(name) as client, client.get(path) as response:
                text = await response.text()
            assert number in text, (path, name)
            assert (NUMBER in text) == (number == NUMBER), (path, name)
    monkeypatch.setitem(USERS, "quinn", replace(USERS["quinn"], open_numbers=True))
    async with twin.caller("quinn") as client, client.get("/api/calls/c1") as response:
        assert (await response.json())["caller"] == NUMBER
