"""Memory over thousands of calls: the controller's slope, and what Asterisk keeps after a trim."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from statistics import linear_regression

from acd.offer import REMEMBERED_CALLS
from bench.figures import shown
from bench.process_cost import rss_kb
from bench.report import Report, as_ratio
from bench.rig import Rig
from callcenter.adapters.local_journal import REMEMBERED
from callcenter.controller.centre import REMEMBERED_SETTLED

RATE = 60
SIP_TIMERS_S = 36.0
"""Asterisk keeps transactions of ended calls for about 30 s."""


async def run(rig: Rig, *, quick: bool) -> list[Report]:
    """Five thousand calls (quick: one thousand) in portions, and the memory after each."""
    portions, portion = (4, 240) if quick else (10, 500)
    failed = 0
    async with rig.centre() as centre:
        await rig.round(centre, rate=RATE, seconds=2)
        calls, controller, asterisk = [0], [rss_kb(centre.controller_pid)], [rss_kb(centre.asterisk_pid)]
        for _ in range(portions):
            done = await rig.round(centre, rate=RATE, seconds=portion / RATE)
            failed += done.failed
            calls.append(calls[-1] + done.offered)
            controller.append(rss_kb(centre.controller_pid))
            asterisk.append(rss_kb(centre.asterisk_pid))
        await asyncio.sleep(2.0 if quick else SIP_TIMERS_S)
        await centre.asterisk.ask("malloc trim")
        trimmed = rss_kb(centre.asterisk_pid)
    half = len(calls) // 2
    report = Report(
        f"memory: {calls[-1]:,} calls at {RATE}/s, {failed} failed",
        ("", "begin MB", "end MB", "end / begin", "kB per 1000 calls", "of the second half"),
        [
            _row("controller", calls, controller, half),
            _row("Asterisk", calls, asterisk, half),
            ("Asterisk, after malloc trim", f"{asterisk[0] / 1024:.0f}", f"{trimmed / 1024:.0f}",
             as_ratio(trimmed / asterisk[0]), "", ""),
        ],
        ["Slopes by least squares. The controller trims Asterisk in every minute without calls; it keeps the",
         f"last {REMEMBERED:,} journal events, {REMEMBERED_SETTLED} settled calls and the Offers"
         f" of the last {REMEMBERED_CALLS:,}, so its memory grows until those are full."],
        {"calls": calls, "controller_kb": controller, "asterisk_kb": asterisk, "trimmed_kb": trimmed},
    )  # fmt: skip
    return [report]


def _row(name: str, calls: Sequence[int], kb: Sequence[int], half: int) -> tuple[str, ...]:
    whole, late = (linear_regression(calls[first:], kb[first:]).slope * 1000 for first in (0, half))
    return (
        name,
        f"{kb[0] / 1024:.0f}",
        f"{kb[-1] / 1024:.0f}",
        as_ratio(kb[-1] / kb[0]),
        shown(whole),
        shown(late),
    )
