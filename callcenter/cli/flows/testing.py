"""`callcenter flows test`: the flows' tests in virtual time."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from callcenter.cli.failure import Failure
from callcenter.cli.flows.known import all_flows, flows_directory, read
from callcenter.flow_editing.rehearsing import rehearsed
from callcenter.settings import Settings
from ivr_flows.files import read_tests
from ivr_flows.testing.coverage import Coverage
from ivr_flows.testing.run import CaseResult
from ivr_flows.testing.words import coverage_lines, failure_lines, trace_lines


def run_tests(settings: Settings, files: Sequence[Path], min_coverage: float, *, as_json: bool) -> int:
    """Run them and print what came of it; the exit status: 1 when a test fails, or when a flow has less than
    ``min_coverage`` percent of its ways gone. Without ``files`` all flows are asked, even untested ones.

    Raises Mistakes of flows and tests, and Failure when there are no tests.
    """
    flows = all_flows(settings)
    sources = {str(path): read(path) for path in files} or read_tests(flows_directory(settings))
    if not sources:
        place = flows_directory(settings) / "tests"
        raise Failure(f"no tests in {place} -> write some (docs/flows-tests.md), or name their files")
    began = time.perf_counter()
    done = rehearsed(settings, flows, sources, untested=not files)
    took_s = time.perf_counter() - began
    results, coverages = done.results, done.coverages
    short = [found for found in coverages if found.way_percent < min_coverage]
    failed = [result for result in results if result.failures]
    if as_json:
        sys.stdout.buffer.write(_as_json(results, coverages, ok=not (failed or short)))
    else:
        _tell(results, coverages, took_s)
        for found in short:
            gone = f"{found.way_percent:.1f} % of the ways are gone"
            print(f"TOO LITTLE {found.flow.name}: {gone}, {min_coverage:g} % are asked")
    return 1 if failed or short else 0


def _tell(results: Sequence[CaseResult], coverages: Sequence[Coverage], took_s: float) -> None:
    for result in results:
        if result.failures:
            print("\n".join(failure_lines(result)) + "\n")
        elif result.rehearsal is None:
            print(f"skipped {result.flow.name}: {result.name} ({result.file}:{result.line})")
    failed = sum(bool(result.failures) for result in results)
    skipped = sum(result.rehearsal is None for result in results)
    passed = len(results) - failed - skipped
    counts = [f"{passed} passed", *([f"{failed} failed"] if failed else [])]
    print(", ".join([*counts, *([f"{skipped} skipped"] if skipped else [])]), f"in {took_s:.2f} s")
    for found in coverages:
        print("\n".join(coverage_lines(found)))


def _as_json(results: Sequence[CaseResult], coverages: Sequence[Coverage], *, ok: bool) -> bytes:
    whole = {
        "ok": ok,
        "cases": [_case(result) for result in results],
        "coverage": [*map(_covered, coverages)],
    }
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _case(result: CaseResult) -> dict[str, Any]:
    outcome = "failed" if result.failures else "passed" if result.rehearsal else "skipped"
    told: dict[str, Any] = {
        "flow": result.flow.name,
        "name": result.name,
        "file": result.file,
        "line": result.line,
        "outcome": outcome,
    }
    if result.failures and result.rehearsal:
        told["failures"] = [
            {"line": failure.line, "column": failure.column, "message": failure.message}
            for failure in result.failures
        ]
        told["trace"] = list(trace_lines(result.rehearsal))
    return told


def _covered(found: Coverage) -> dict[str, Any]:
    return {
        "flow": found.flow.name,
        "version": found.flow.version,
        "nodes": found.nodes,
        "node_percent": round(found.node_percent, 2),
        "ways": found.ways,
        "way_percent": round(found.way_percent, 2),
        "missed_nodes": found.missed_nodes,
        "missed_ways": found.missed_ways,
    }
