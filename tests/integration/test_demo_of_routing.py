"""Routing shown with real calls: every phone that should ring rings, and the right agent gets the call.

Three of the scenarios are run here, with everything between the SIP phones and the journal; all of them are
checked on paper in tests/unit/test_demo_scenarios.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from callcenter.demo.report import SCHEMA
from tests.integration.demo_rig import demo, demo_overlay

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]


@pytest.fixture
def overlay(installed: Path) -> Iterator[Path]:
    """Settings of a demo that meets nobody else on this machine."""
    with demo_overlay(installed) as path:
        yield path


async def test_the_first_of_several_ringing_phones_gets_the_call(overlay: Path) -> None:
    """Three phones ring for the first call, two for the second, one for the third; each gives one answer."""
    status, told, report = await demo(overlay, "--scenario", "ring-all")
    assert (status, report.get("problems"), report.get("scenario")) == (0, [], "ring-all"), told
    jsonschema.validate(report, json.loads(SCHEMA.read_text()))
    assert [len(call["decisions"]) for call in report["calls"]] == [3, 2, 1]
    assert len({call["agent_id"] for call in report["calls"]}) == 3
    assert len(report["shown"]) == 3
    assert report["shown"][0] in told
    assert (report["identity_ok"], report["lost_calls"], report["orphan_legs"]) == (True, 0, 0)


async def test_a_caller_gets_the_agent_of_the_last_call(overlay: Path) -> None:
    """Though another was idle for longer, and even when it takes a wait."""
    status, told, report = await demo(overlay, "--scenario", "preferred-agent")
    assert (status, report.get("problems"), report.get("scenario")) == (0, [], "preferred-agent"), told
    first, again, kept, other = report["calls"]
    assert first["agent_id"] == again["agent_id"] == kept["agent_id"] != other["agent_id"]
    assert again["decisions"][0]["chosen_by"] == "preference"
    assert kept["wait_ms"] > other["wait_ms"]
    assert (report["identity_ok"], report["lost_calls"], report["orphan_legs"]) == (True, 0, 0)


async def test_a_caller_who_asked_for_it_is_called_back_in_turn(overlay: Path) -> None:
    """The place is kept: the call-back comes before the caller who waits on the line behind it."""
    status, told, report = await demo(overlay, "--scenario", "call-back")
    assert (status, report.get("problems"), report.get("scenario")) == (0, [], "call-back"), told
    jsonschema.validate(report, json.loads(SCHEMA.read_text()))
    first, asked, back, behind = report["calls"]
    assert (asked["outcome"], back["call_back_of"]) == ("callback_requested", asked["call_id"])
    assert first["agent_id"] == back["agent_id"] == behind["agent_id"]
    assert len(report["shown"]) == 3
    assert report["kpi"]["total"]["call_backs_reached"] == 1.0
    assert (report["identity_ok"], report["lost_calls"], report["orphan_legs"]) == (True, 0, 0)
