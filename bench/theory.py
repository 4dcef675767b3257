"""The simulated Router against the theory of one queue: Erlang C, and Erlang A with impatient callers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bench.report import Report
from callcenter.cli.replications import run_study
from simulation.confidence import Estimate
from simulation.measures import Measure
from simulation.one_queue import one_queue

SEED = 20261121
REPLICATIONS = 16
WITHIN = 0.01
CASES = (
    "load=2,agents=3,aht=120,target=20",
    "load=4,agents=6,aht=180,target=20",
    "load=10,agents=14,aht=180,target=20",
    "load=25,agents=30,aht=240,target=20",
    "load=45,agents=50,aht=300,target=15",
    "load=180,agents=192,aht=180,target=20",
    "load=570,agents=600,aht=180,target=20",
    "load=3,agents=3,aht=180,target=20,patience=60",
    "load=8,agents=8,aht=240,target=15,patience=180",
    "load=30,agents=30,aht=180,target=20,patience=120",
    "load=60,agents=50,aht=180,target=20,patience=120",
    "load=110,agents=100,aht=120,target=20,patience=90",
    "load=300,agents=300,aht=180,target=20,patience=120",
    "load=620,agents=600,aht=180,target=20,patience=120",
)
QUICK = CASES[2:12:3]
MEASURES = (
    Measure.WAIT_PROBABILITY,
    Measure.SERVICE_LEVEL,
    Measure.NEGATIVE,
    Measure.ASA,
    Measure.ABANDONMENT,
    Measure.OCCUPANCY,
)


def run(*, quick: bool) -> list[Report]:
    """Every case; a figure agrees when it is within 1 % of theory, or theory in its 99 % interval."""
    report = Report(
        "theory: the Router in virtual time against Erlang C and Erlang A",
        ("case", "figure", "simulated [99 %]", "theory", "off by", ""),
        notes=[f"{REPLICATIONS} replications each; ok: off by at most 1 %, or theory in the 99 % interval."],
    )
    for case in QUICK if quick else CASES:
        _compare(report, case)
    return [report]


def agrees(found: Estimate, theory: float) -> bool:
    """Within 1 % of theory, or theory in the 99 % interval of the replications."""
    if found.ci99 is not None and found.ci99[0] <= theory <= found.ci99[1]:
        return True
    return math.isclose(found.mean, theory, rel_tol=WITHIN)


def _compare(report: Report, case: str, measures: Sequence[Measure] = MEASURES) -> None:
    queue = one_queue(case)
    runs = run_study(queue.plan(), SEED + CASES.index(case), REPLICATIONS, case).replications
    found = queue.estimates(runs, queue.sensible_hours())
    for measure in measures:
        theory, seen = queue.theory().to_dict()[measure], found[measure]
        if theory is None or seen is None or seen.ci99 is None or (not theory and not seen.mean):
            continue
        off = seen.mean / theory - 1
        low, high = seen.ci99
        report.rows.append(
            (
                case,
                measure.value,
                f"{seen.mean:.4f} [{low:.4f}, {high:.4f}]",
                f"{theory:.4f}",
                f"{off:+.2%}",
                "ok" if agrees(seen, theory) else "MISSED",
            )
        )
        report.data[f"{case}: {measure}"] = {"theory": theory, **seen.to_dict(), "off": off}
