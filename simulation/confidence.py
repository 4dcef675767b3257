"""Confidence: what several independent replications say together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Estimate:
    """The mean over replications, and the intervals that hold the true mean with 95 and 99 % confidence; None
    with a single replication."""

    mean: float
    ci95: Interval | None
    ci99: Interval | None

    def to_dict(self) -> dict[str, Any]:
        """``{"mean", "ci95": [lo, hi], "ci99": [lo, hi]}``."""
        return {
            "mean": self.mean,
            "ci95": None if self.ci95 is None else list(self.ci95),
            "ci99": None if self.ci99 is None else list(self.ci99),
        }


def estimate(values: Sequence[float]) -> Estimate:
    """Student's t intervals for the mean of independent replications: mean +- t s / sqrt(n), with n - 1
    degrees of freedom (Law, Simulation Modeling and Analysis, 4.5). ValueError for no value at all."""
    count = len(values)
    if not count:
        raise ValueError("nothing to estimate from")
    mean = math.fsum(values) / count
    if count == 1:
        return Estimate(mean, None, None)
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (count - 1) / count)
    half95, half99 = (student_t(level, count - 1) * deviation for level in (0.95, 0.99))
    return Estimate(mean, (mean - half95, mean + half95), (mean - half99, mean + half99))


def estimate_controlled(values: Sequence[float], controls: Sequence[float]) -> Estimate:
    """As ``estimate``, less what chance is known to have done: ``controls`` are figures of the same
    replications whose true mean is 0. The regression on them is taken off, at the price of one degree of
    freedom (S. Lavenberg, P. Welch, Management Science 27 (1981); Law, 11.4). Without enough replications or
    any chance in the controls it is ``estimate`` itself."""
    count = len(values)
    mean, control = math.fsum(values) / count, math.fsum(controls) / count
    spread = math.fsum((each - control) ** 2 for each in controls)
    if count < 4 or not spread:
        return estimate(values)
    pairs = list(zip(values, controls, strict=True))
    slope = math.fsum((value - mean) * (each - control) for value, each in pairs) / spread
    left = math.fsum((value - mean - slope * (each - control)) ** 2 for value, each in pairs) / (count - 2)
    deviation = math.sqrt(left * (1 / count + control**2 / spread))
    mean -= slope * control
    half95, half99 = (student_t(level, count - 2) * deviation for level in (0.95, 0.99))
    return Estimate(mean, (mean - half95, mean + half95), (mean - half99, mean + half99))


@cache
def student_t(confidence: float, freedom: int) -> float:
    """The t with P(|T| <= t) = ``confidence`` for so many degrees of freedom (at least 1), by bisection."""
    low, high = 0.0, 1.0
    while _two_sided(high, freedom) < confidence:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if _two_sided(middle, freedom) < confidence else (low, middle)
    return (low + high) / 2


def _two_sided(t: float, freedom: int) -> float:
    """P(|T| <= t), as the finite sum of Abramowitz and Stegun 26.7.3 (odd) and 26.7.4 (even)."""
    angle = math.atan(t / math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2
    total, term = 0.0, cosine if odd else 1.0
    for step in range(1 + odd, freedom, 2):
        total += term
        term *= cosine * cosine * step / (step + 1)
    if odd:
        return 2 / math.pi * (angle + sine * total)
    return sine * total
