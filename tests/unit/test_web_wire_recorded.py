"""The messages that the console's own tests are fed are those of the wire."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import TypeAdapter
from wire_tale import RECORDED, VIEWERS, tale

from callcenter.web import wire

Message = TypeAdapter[wire.Snapshot | wire.Changes | wire.Ping](wire.Snapshot | wire.Changes | wire.Ping)


def _recorded(viewer: str) -> Any:
    return json.loads((RECORDED / f"{viewer}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("viewer", VIEWERS)
def test_what_is_recorded_is_what_is_sent(viewer: str) -> None:
    """The same day makes the same messages today, word for word."""
    told = tale()[viewer]
    assert _recorded(viewer) == told, "record it anew: PYTHONPATH=. python tests/unit/wire_tale.py"


@pytest.mark.parametrize("viewer", VIEWERS)
def test_every_recorded_message_is_of_the_wire(viewer: str) -> None:
    """Each is a shape of wire.py, with nothing lost or added on the way through it."""
    recorded = _recorded(viewer)
    for message in [*recorded["messages"], recorded["end"]]:
        assert Message.validate_python(message).model_dump(mode="json") == message


def test_the_agent_is_told_less() -> None:
    """The day shows both sights: open to the supervisor, masked to the agent but for the own call."""
    numbers = {
        viewer: {
            call["caller"]
            for message in _recorded(viewer)["messages"]
            for change in message.get("changes", ())
            if change["entity"] == "call" and (call := change["value"])
        }
        for viewer in VIEWERS
    }
    assert numbers["supervisor"] == {"13812345678", "021555"}
    assert numbers["agent"] == {"138****5678", "13812345678", "****55"}
