"""Durations: how long calls are talked, wrapped up, rung and waited for, as distributions to draw from."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BeforeValidator, Discriminator, Field

from located_yaml import Section, did_you_mean

Milliseconds = npt.NDArray[np.int64]
Dice = np.random.Generator
Seconds = Annotated[float, Field(gt=0, le=1e7)]

NEVER_MS = 1 << 60
"""Longer than any simulation: the patience of a caller who never gives up."""


class Exponential(Section):
    """Memoryless, as Erlang's formulas assume."""

    kind: Literal["exponential"] = "exponential"
    mean_sec: Seconds

    def draw(self, dice: Dice, count: int) -> Milliseconds:
        """``count`` independent durations in whole milliseconds."""
        return _whole(dice.exponential(self.mean_sec, count))


class LogNormal(Section):
    """What talk times mostly look like: few very short ones, some very long ones.

    ``cv`` is the standard deviation over the mean. The logarithm has the variance ln(1 + cv^2) and the mean
    ln(mean) less half of that, so that the duration itself has the mean given.
    """

    kind: Literal["lognormal"] = "lognormal"
    mean_sec: Seconds
    cv: Annotated[float, Field(gt=0, le=10)] = 1.0

    def draw(self, dice: Dice, count: int) -> Milliseconds:
        """``count`` independent durations in whole milliseconds."""
        variance = math.log1p(self.cv**2)
        mean = math.log(self.mean_sec) - variance / 2
        return _whole(dice.lognormal(mean, math.sqrt(variance), count))


class Empirical(Section):
    """One of the values seen, each as likely as every other."""

    kind: Literal["empirical"] = "empirical"
    values_sec: Annotated[tuple[Annotated[float, Field(ge=0, le=1e7)], ...], Field(min_length=1)]

    def draw(self, dice: Dice, count: int) -> Milliseconds:
        """``count`` independent durations in whole milliseconds."""
        return _whole(dice.choice(np.asarray(self.values_sec), count))


class Constant(Section):
    """Always the same."""

    kind: Literal["constant"] = "constant"
    sec: Annotated[float, Field(ge=0, le=1e7)]

    def draw(self, _dice: Dice, count: int) -> Milliseconds:
        """``count`` times the duration in whole milliseconds."""
        return np.full(count, round(self.sec * 1000), dtype=np.int64)


class Never(Section):
    """No end: the patience of callers who never hang up."""

    kind: Literal["never"] = "never"

    def draw(self, _dice: Dice, count: int) -> Milliseconds:
        """``count`` times ``NEVER_MS``."""
        return np.full(count, NEVER_MS, dtype=np.int64)


def known_kind(*kinds: str) -> BeforeValidator:
    """Refuses a mapping whose ``kind`` is none of these, with the nearest right one."""

    def check(written: Any) -> Any:
        if isinstance(written, dict):
            kind = str(written.get("kind"))
            if kind not in kinds:
                near = did_you_mean(kind, kinds) or f"; there are: {', '.join(kinds)}"
                raise ValueError(f"unknown kind '{kind}'{near}")
        return written

    return BeforeValidator(check)


Duration = Annotated[
    Annotated[Exponential | LogNormal | Empirical | Constant, Discriminator("kind")],
    known_kind("exponential", "lognormal", "empirical", "constant"),
]
Patience = Annotated[
    Annotated[Exponential | LogNormal | Empirical | Constant | Never, Discriminator("kind")],
    known_kind("exponential", "lognormal", "empirical", "constant", "never"),
]


def _whole(seconds: npt.NDArray[np.float64]) -> Milliseconds:
    return np.rint(seconds * 1000).astype(np.int64)
