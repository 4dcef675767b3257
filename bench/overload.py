"""More callers than the centre can carry: with admission control and without."""

from __future__ import annotations

from bench.centre import CentreOptions
from bench.figures import percentile, shown
from bench.report import Report
from bench.rig import Rig, Round

OVERLOAD = 1.5
SAFE = 2 / 3
"""Where the admission limit should stand, as a share of the highest clean rate (facts of the prototype)."""
DEFAULT_HIGHEST = 120


async def run(rig: Rig, *, quick: bool, highest: int | None = None) -> list[Report]:
    """A burst at 1.5 times the highest clean rate, then an easy round that shows whether all is well."""
    highest = highest or DEFAULT_HIGHEST
    seconds = 2.0 if quick else 3.5
    report = Report(
        f"admission: {OVERLOAD:.1f} x {highest} calls/s for {seconds:g} s",
        ("", "offered", "failed", "wait p50 ms", "p95 ms", "max ms", "after: p95 ms", "failed"),
        notes=[
            "Wait: from just before the caller's INVITE to just before the agent's 200.",
            "After: 20 calls/s, right behind the last call of the burst.",
            f"To be set here: admission.calls_per_sec {highest * SAFE:.0f}, 2/3 of the highest clean rate.",
        ],
    )
    for name, limit in ((f"limit {highest * SAFE:.0f}/s", highest * SAFE), ("no limit", None)):
        async with rig.centre(CentreOptions(admitted_per_sec=limit)) as centre:
            burst = await rig.round(centre, rate=highest * OVERLOAD, seconds=seconds)
            after = await rig.round(centre, rate=20, seconds=3)
        report.rows.append(_row(name, burst, after))
        report.data[name] = {
            "waits_ms": [percentile(burst.waits_ms, percent) for percent in (50, 95, 100)],
            "failed": burst.failed,
            "unanswered": burst.offered - len(burst.waits_ms),
            "after_p95_ms": after.p95,
            "after_failed": after.failed,
        }
    return [report]


def _row(name: str, burst: Round, after: Round) -> tuple[str, ...]:
    return (
        name,
        str(burst.offered),
        str(burst.failed),
        *(shown(percentile(burst.waits_ms, percent)) for percent in (50, 95, 100)),
        shown(after.p95),
        str(after.failed),
    )
