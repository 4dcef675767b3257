"""What a bench found: printed as a table, kept as JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table

PIPE_WIDTH = 130


@dataclass(slots=True)
class Report:
    """One table. ``notes`` say what exactly is measured; ``data`` holds the figures behind the table."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)

    def print(self, console: Console) -> None:
        """Show it."""
        table = Table(title=self.title, title_justify="left", title_style="bold", show_edge=False)
        for index, column in enumerate(self.columns):
            table.add_column(column, justify="left" if index == 0 else "right")
        for row in self.rows:
            table.add_row(*row)
        console.print(table)
        for note in self.notes:
            console.print(f"  {note}", style="dim", markup=False)
        console.print()

    def to_dict(self) -> dict[str, Any]:
        """For the JSON report."""
        return {
            "title": self.title,
            "table": [dict(zip(self.columns, row, strict=True)) for row in self.rows],
            "notes": self.notes,
            "figures": self.data,
        }


def console() -> Console:
    """Where reports are shown; wide enough for them when nobody watches."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)


def within(figure: float, limit: float, *, at_least: bool = False) -> str:
    """Whether a figure keeps its target, as a sign."""
    return "ok" if (figure >= limit if at_least else figure <= limit) else "MISSED"


def as_ratio(value: float) -> str:
    """A ratio as it is printed."""
    return f"{value:.2f}x" if value == value else "-"  # noqa: PLR0124 - nan


def joined(parts: Iterable[object]) -> str:
    """Figures side by side in one cell."""
    return " / ".join(str(part) for part in parts)
