"""The demo as a newcomer runs it: a whole centre, real calls, every check; also with the plug pulled."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from callcenter.demo.report import SCHEMA
from tests.integration.demo_rig import demo, demo_overlay

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]


@pytest.fixture
def overlay(installed: Path) -> Iterator[Path]:
    """Settings of a demo that meets nobody else on this machine."""
    with demo_overlay(installed) as path:
        yield path


async def test_every_call_of_a_demo_is_as_it_should_be(overlay: Path) -> None:
    """Callers are answered, transferred, held, give up and find the lines closed; the report says so."""
    status, told, report = await demo(overlay, "--calls", "8", "--agents", "4")
    assert (status, report.get("problems")) == (0, []), told
    jsonschema.validate(report, json.loads(SCHEMA.read_text()))
    assert (report["identity_ok"], report["lost_calls"], report["orphan_legs"]) == (True, 0, 0)
    assert len(report["calls"]) == 8
    assert report["kpi"]["total"]["calls_in"] == 8
    outcomes = [call["outcome"] for call in report["calls"]]
    assert outcomes.count("answered") == 6
    assert {"abandoned", "message_left"} <= set(outcomes)
    assert [call["scores"] for call in report["calls"] if call["story"] == "complains, key 2"] == [
        {"service": 5}
    ]
    assert {call["trunk"] for call in report["calls"]} == {"city", "wideband"}


async def test_a_demo_outlives_its_controller(overlay: Path) -> None:
    """kill -9 of the controller in the middle: no call is lost or counted twice, and all checks hold."""
    status, told, report = await demo(overlay, "--calls", "9", "--agents", "4", "--kill-controller")
    assert (status, report.get("problems")) == (0, []), told
    (interruption,) = report["interrupted"]
    assert (interruption["what"], interruption["how"]) == ("controller", "SIGKILL")
    assert {"talking", "in_flow"} <= set(interruption["calls_by_phase"])
    assert (report["identity_ok"], report["lost_calls"], report["orphan_legs"]) == (True, 0, 0)
