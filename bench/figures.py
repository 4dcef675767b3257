"""Figures: percentiles, medians of rounds, and the words in which they are printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least ``percent`` per cent of the values do not exceed; nan of nothing."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100).__trunc__() - 1)]


@dataclass(frozen=True, slots=True)
class Spread:
    """The same figure in several rounds."""

    rounds: tuple[float, ...]

    @staticmethod
    def of(rounds: Iterable[float]) -> Spread:
        """The rounds in which there was a figure."""
        return Spread(tuple(value for value in rounds if value == value))  # noqa: PLR0124 - not nan

    @property
    def median(self) -> float:
        """The middle one; nan without rounds."""
        return median(self.rounds) if self.rounds else float("nan")

    def __str__(self) -> str:
        if len(self.rounds) < 2:
            return shown(self.median)
        return f"{shown(self.median)} [{shown(min(self.rounds))}-{shown(max(self.rounds))}]"

    def to_dict(self) -> dict[str, object]:
        """For the JSON report."""
        return {"median": self.median, "rounds": list(self.rounds)}


def ratio(figure: Spread, reference: Spread) -> float:
    """How many times the reference; of the medians."""
    return figure.median / reference.median if reference.median else float("nan")


def shown(value: float) -> str:
    """Three significant digits, thousands grouped."""
    if value != value:  # noqa: PLR0124 - nan
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
