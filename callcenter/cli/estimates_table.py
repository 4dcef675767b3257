"""Estimates as JSON and as tables."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from simulation.confidence import Estimate
from simulation.measures import Measure
from simulation.study import Estimates, Study
from simulation.whatif import Change

SPANS = frozenset(measure for measure in Measure if measure.endswith("_s"))
COUNTS = frozenset(
    {
        Measure.OFFERED,
        Measure.ANSWERED,
        Measure.ABANDONED,
        Measure.SHORT_ABANDONED,
        Measure.OVERFLOWED,
        Measure.REPEATED,
        Measure.TRANSFERRED,
        Measure.WAITING,
    }
)
_PIPE_WIDTH = 130


def write_json(result: Mapping[str, Any]) -> None:
    """To standard output, with the same order of keys always."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    sys.stdout.write(orjson.dumps(result, option=options).decode())


def console() -> Console:
    """For tables; wide enough when nobody watches."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH)


def print_study(title: str, found: Study) -> None:
    """Every measure, of the whole and of each queue."""
    calls = sum(replication.calls for replication in found.replications)
    table = Table(title=f"{title}: {len(found.replications)} replications, {calls:,} calls; mean [95 %]")
    scopes: dict[str, Estimates] = {"total": found.total}
    if len(found.queues) > 1:
        scopes |= found.queues
    table.add_column("")
    for scope in scopes:
        table.add_column(scope, justify="right")
    for measure in Measure:
        table.add_row(measure.value, *(_cell(measure, scope[measure]) for scope in scopes.values()))
    console().print(table)


def print_beside_theory(title: str, found: Estimates, theory: Mapping[str, float | None]) -> None:
    """Every measure, and what theory says of it."""
    table = Table("", title=f"{title}: simulated, mean [95 %]")
    table.add_column("simulated", justify="right")
    table.add_column("theory", justify="right")
    for measure in Measure:
        expected = theory.get(measure)
        table.add_row(measure.value, _cell(measure, found[measure]), _shown(measure, expected))
    console().print(table)


def print_change(title: str, recorded: Mapping[str, float | None], both: Change) -> None:
    """What was, the same simulated, the changed, and the difference of the last two."""
    table = Table("", title=f"{title}; mean [95 %]")
    for column in ("recorded", "simulated as it was", "changed", "difference"):
        table.add_column(column, justify="right")
    for measure in Measure:
        table.add_row(
            measure.value,
            _shown(measure, recorded.get(measure)),
            *(_cell(measure, side.total[measure]) for side in (both.before, both.after)),
            _cell(measure, both.total[measure], sign="+"),
        )
    console().print(table)


def _cell(measure: Measure, found: Estimate | None, sign: str = "") -> str:
    if found is None:
        return "-"
    mean = _shown(measure, found.mean, sign)
    if found.ci95 is None:
        return mean
    return f"{mean} [{', '.join(_shown(measure, bound, sign) for bound in found.ci95)}]"


def _shown(measure: Measure, value: float | None, sign: str = "") -> str:
    if value is None:
        return "-"
    if measure in SPANS:
        return f"{value:{sign}.1f} s"
    return f"{value:{sign},.0f}" if measure in COUNTS else f"{value:{sign}.2%}"
