"""The demo as a newcomer runs it, where it meets nobody else on this machine."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.integration.centre_rig import CALLER_ADDRESS, ROOT, free_ports, lasting_port

OVERLAY = """
centre: {{data_dir: {data}, installed_dir: {installed}}}
sip: {{port: {sip}, rtp_first: {rtp}, rtp_last: {rtp_last}}}
ports: {{asterisk_http: {http}, asterisk_ami: {ami}, ari: {ari}}}
web: {{port: {web}}}
trunks: {{city: {{peer: '{caller_address}:{peer}'}}}}
"""
RTP_PORTS = 98


@contextmanager
def demo_overlay(installed: Path) -> Iterator[Path]:
    """The settings that make it so, and below their directory all that the demo writes."""
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
                caller_address=CALLER_ADDRESS,
                peer=lasting_port(CALLER_ADDRESS),
            )
        )
        yield path


async def demo(overlay: Path, *options: str) -> tuple[int, str, dict[str, Any]]:
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
