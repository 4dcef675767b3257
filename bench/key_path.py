"""From a key to the next prompt: the centre's menu against Asterisk's own Background() and WaitExten()."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bench.centre import SCARCE_AGENTS, CentreOptions, RunningCentre
from bench.figures import Spread, percentile, ratio
from bench.menu_callers import menu_callers, presses
from bench.process_cost import cpu_ms
from bench.reference import RunningReference
from bench.report import Report, as_ratio, within
from bench.rig import Rig

CALLERS = 20
TARGET_P95_MS = 150.0
AGENTS = SCARCE_AGENTS + 1
"""Nobody rings them here."""
KEY_MS = 60


async def run(rig: Rig, *, quick: bool) -> list[Report]:
    """Rounds of the same callers on both, turn about."""
    rounds, count = (1, 6) if quick else (3, 15)
    ours: list[list[float]] = []
    theirs: list[list[float]] = []
    spent: list[float] = []
    async with rig.centre(CentreOptions(agents=AGENTS)) as centre, rig.reference(AGENTS) as reference:
        for index in range(rounds):
            before = cpu_ms(centre.controller_pid)
            ours.append(await _round(rig, centre, count, index))
            spent.append((cpu_ms(centre.controller_pid) - before) / (CALLERS * count))
            theirs.append(await _round(rig, reference, count, index))
    return [_report(ours, theirs, spent)]


async def _round(rig: Rig, side: RunningCentre | RunningReference, count: int, index: int) -> list[float]:
    async with menu_callers(side.sip_port, CALLERS, rig.ports) as callers:
        found = await asyncio.gather(
            *(presses(caller, count, 100 * index + at) for at, caller in enumerate(callers))
        )
    return [span for spans in found for span in spans]


def _report(ours: Sequence[list[float]], theirs: Sequence[list[float]], spent: Sequence[float]) -> Report:
    report = Report(
        f"keys: from a key to the next prompt, {CALLERS} calls at once",
        ("", "p50 ms", "p95 ms", "max ms", "keys", "controller ms/key"),
        notes=[
            f"From the key's first packet (it is held {KEY_MS} ms) to the first packet of the next prompt.",
            "Reference: Background() and WaitExten() of an Asterisk of its own, same callers and prompts.",
            f"Median [range] of the rounds. Target: p95 <= {TARGET_P95_MS:.0f} ms.",
        ],
    )
    sides = {"centre": ours, "Background()": theirs}
    spreads = {
        name: [Spread.of(percentile(spans, percent) for spans in rounds) for percent in (50, 95, 100)]
        for name, rounds in sides.items()
    }
    for name, rounds in sides.items():
        shown = [str(spread) for spread in spreads[name]]
        cost = str(Spread.of(spent)) if rounds is ours else "-"
        report.rows.append((name, *shown, str(sum(map(len, rounds))), cost))
    ratios = [ratio(mine, other) for mine, other in zip(*spreads.values(), strict=True)]
    kept = within(spreads["centre"][1].median, TARGET_P95_MS)
    report.rows.append(("ratio", as_ratio(ratios[0]), f"{as_ratio(ratios[1])} {kept}", "", "", ""))
    for name, (p50, p95, longest) in spreads.items():
        report.data[name] = {"p50_ms": p50.to_dict(), "p95_ms": p95.to_dict(), "max_ms": longest.to_dict()}
    report.data["ratio_p95"] = ratios[1]
    return report
