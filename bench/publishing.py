"""How long a published version takes to be in force while callers are in the menu, and that none is lost."""

from __future__ import annotations

import asyncio
import re
import sys
import time

from bench.centre import ROOT, SCARCE_AGENTS, CentreOptions, RunningCentre
from bench.figures import percentile, shown
from bench.menu_callers import menu_callers, presses
from bench.report import Report, within
from bench.rig import Rig

CALLERS = 20
EVERY_S = 1.0
IN_FORCE_MS = 100.0


async def run(rig: Rig, *, quick: bool) -> list[Report]:
    """Publish every second while callers press keys."""
    count = 6 if quick else 30
    report = Report(
        f"publish: every {EVERY_S:g} s with {CALLERS} calls in the menu",
        ("", "p50 ms", "p95 ms", "max ms", "n", "target"),
        notes=[
            "In force: from the word to the controller until the journal says that new callers take it.",
            "Command: the whole of `callcenter flows publish`, with its proofs and its start.",
        ],
    )
    async with (
        rig.centre(CentreOptions(agents=SCARCE_AGENTS + 1)) as centre,
        menu_callers(centre.sip_port, CALLERS, rig.ports) as callers,
    ):
        publishing = asyncio.create_task(_publish(centre, count))
        rounds = []
        while not publishing.done():
            rounds += await asyncio.gather(*(presses(caller, 1, at) for at, caller in enumerate(callers)))
        in_force, commands = await publishing
    keys = [span for spans in rounds for span in spans]
    for name, spans, limit in (
        ("in force", in_force, IN_FORCE_MS),
        ("command", commands, None),
        ("key to prompt meanwhile", keys, None),
    ):
        p50, p95, longest = (percentile(spans, percent) for percent in (50, 95, 100))
        verdict = within(longest, limit) if limit else ""
        report.rows.append((name, shown(p50), shown(p95), shown(longest), str(len(spans)), verdict))
        report.data[name] = {"p50_ms": p50, "p95_ms": p95, "max_ms": longest, "n": len(spans)}
    return [report]


async def _publish(centre: RunningCentre, count: int) -> tuple[list[float], list[float]]:
    """So many versions of the menu, each with another time-out: ms until in force, and of the command."""
    directory = centre.places.data_dir
    flow = directory / "flows" / "menu.yaml"
    written = flow.read_text(encoding="utf-8")
    in_force, commands = [], []
    for number in range(count):
        flow.write_text(written.replace("timeout_sec: 60", f"timeout_sec: {59 - number}"), encoding="utf-8")
        began = time.monotonic()
        command = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "callcenter", "--config", str(directory / "settings")),
            *("flows", "publish", "--note", f"number {number}"),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await command.communicate()
        commands.append(1000 * (time.monotonic() - began))
        found = re.search(rb"In force (\d+) ms after", said)
        if found is None:
            raise RuntimeError(f"version {number + 1} did not come in force: {said.decode()}")
        in_force.append(float(found[1]))
        await asyncio.sleep(max(0.0, EVERY_S - (time.monotonic() - began)))
    return in_force, commands
