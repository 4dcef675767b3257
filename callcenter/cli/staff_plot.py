"""The staff of a week as a picture, SVG or PNG."""

from __future__ import annotations

from pathlib import Path

from callcenter.cli.failure import Failure
from simulation.staffing import WeekPlan

KINDS = (".svg", ".png")
_WIDTH_IN, _ROW_IN = 9.0, 1.6


def draw(plan: WeekPlan, path: Path) -> None:
    """Write the picture: one row per weekday, agents as steps over the load as bars. Equal plans give equal
    SVG files. Raises Failure for another kind of file, or without matplotlib."""
    if path.suffix.lower() not in KINDS:
        raise Failure(f"--plot {path}: no picture of this kind -> name it *.svg or *.png")
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError:
        raise Failure("no plot without matplotlib -> pip install 'callcenter[plots]'") from None
    hours = plan.interval_min / 60
    with mpl.rc_context({"svg.hashsalt": "callcenter", "svg.fonttype": "none"}):
        figure = Figure(figsize=(_WIDTH_IN, 1.0 + _ROW_IN * len(plan.staff)), layout="constrained")
        rows = figure.subplots(len(plan.staff), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
        for axes, (weekday, day) in zip(rows, plan.staff.items(), strict=True):
            edges = [index * hours for index in range(len(day) + 1)]
            load = [staff.load for staff in day]
            axes.bar(edges[:-1], load, hours, align="edge", color="#c9d7e8", label="load in erlangs")
            scheduled = [staff.scheduled for staff in day]
            axes.stairs(scheduled, edges, color="#b3422e", linewidth=1.6, label="agents to schedule")
            axes.set_ylabel(weekday)
            axes.set_xlim(0, 24)
            axes.set_xticks(range(0, 25, 2))
        rows[0].legend(loc="upper right", frameon=False, fontsize="small")
        rows[-1].set_xlabel("hour of the day")
        metadata = {"Date": None} if path.suffix.lower() == ".svg" else None
        figure.savefig(path, metadata=metadata)
