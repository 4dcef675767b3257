"""The demo as a newcomer runs it: a whole centre, real calls, every check; also with the plug pulled."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from callcenter.demo.report import SCHEMA
from tests.integration.centre_rig import ROOT, free_ports

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

OVERLAY = """
centre: {{data_dir: {data}, installed_dir: {installed}}}
sip: {{port: {sip}, rtp_first: {rtp}, rtp_last: {rtp_last}}}
ports: {{asterisk_http: {http}, asterisk_ami: {ami}, ari: {ari}}}
web: {{port: {web}}}
"""
RTP_PORTS = 98


@pytest.fixture
def overlay(installed: Path) -> Iterator[Path]:
    """Settings of a demo that meets nobody else on this machine."""
    (sip,) = free_ports(1, socket.SOCK_DGRAM)
    http, ami, ari, web = free_ports(4)
    rtp = 21_700
    with tempfile.TemporaryDirectory(prefix="cc-demo-") as name:
        directory = Path(name)
        directory.chmod(0o755)  # PostgreSQL runs as another user when we are root
        path = directory / "overlay.yaml"
        path.write_text(
            OVERLAY.format(
                data=directory / "data",
                installed=installed.resolve(),
                sip=sip,
                rtp=rtp,
                rtp_last=rtp + RTP_PORTS,
                http=http,
                ami=ami,
                ari=ari,
                web=web,
            )
        )
        yield path


async def _demo(overlay: Path, *options: str) -> tuple[int, str, dict[str, Any]]:
    """Status, output and report of `callcenter demo`."""
    report = overlay.with_name("report.json")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "callcenter", "--overlay", str(overlay)),
        *("demo", "--report", str(report), *options),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
    told = output.decode()
    return process.returncode or 0, told, json.loads(report.read_text()) if report.exists() else {}


async def test_every_call_of_a_demo_is_as_it_should_be(overlay: Path) -> None:
    """Callers are answered, transferred, held, give up and find the lines closed; the report says so."""
    status, told, report = await _demo(overlay, "--calls", "8", "--agents", "4")
    assert (status, report.get("problems")) == (0, []), told
    jsonschema.validate(report, json.loads(SCHEMA.read_text()))
    assert (report["identity_ok"], report["lost_calls"], report["orphan_legs"]) == (True, 0, 0)
    assert len(report["calls"]) == 8
    assert report["kpi"]["total"]["calls_in"] == 8
    outcomes = [call["outcome"] for call in report["calls"]]
    assert outcomes.count("answered") == 6
    assert {"abandoned", "closed"} <= set(outcomes)
    assert {call["trunk"] for call in report["calls"]} == {"city", "wideband"}


async def test_a_demo_outlives_its_controller(overlay: Path) -> None:
    """kill -9 of the controller in the middle: no call is lost or counted twice, and all checks hold."""
    status, told, report = await _demo(overlay, "--calls", "9", "--agents", "4", "--kill-controller")
    assert (status, report.get("problems")) == (0, []), told
    (interruption,) = report["interrupted"]
    assert (interruption["what"], interruption["how"]) == ("controller", "SIGKILL")
    assert {"talking", "in_flow"} <= set(interruption["calls_by_phase"])
    assert (report["identity_ok"], report["lost_calls"], report["orphan_legs"]) == (True, 0, 0)
