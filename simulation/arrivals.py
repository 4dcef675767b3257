"""Arrivals: when callers come. Poisson at one rate or by the profile of a day, or a list of instants."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import numpy as np
from pydantic import Discriminator, Field, model_validator

from located_yaml import Section
from simulation.durations import Dice, Milliseconds, known_kind

DAY_MS = 24 * 3600 * 1000
_Piece = tuple[int, int, float]
"""A span of time (first ms, ms after the last) and the calls expected in it."""


class Steady(Section):
    """Poisson arrivals at one rate."""

    kind: Literal["poisson"] = "poisson"
    per_hour: Annotated[float, Field(ge=0, le=1e7)]

    def draw(self, dice: Dice, begin_ms: int, end_ms: int) -> Milliseconds:
        """Sorted instants from ``begin_ms`` up to before ``end_ms``."""
        return _poisson(dice, [(begin_ms, end_ms, self.per_hour * (end_ms - begin_ms) / 3_600_000)])


class Profile(Section):
    """Poisson arrivals whose rate follows the day: ``calls[i]`` are expected in interval ``i`` of every day,
    counted from midnight; none come after the last interval."""

    kind: Literal["profile"] = "profile"
    interval_min: Annotated[int, Field(ge=1, le=1440)] = 30
    calls: Annotated[tuple[Annotated[float, Field(ge=0, le=1e7)], ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _fits_a_day(self) -> Profile:
        if len(self.calls) * self.interval_min > 1440:
            told = f"{len(self.calls)} intervals of {self.interval_min} min are more than a day"
            raise ValueError(f"{told}; at most {1440 // self.interval_min} fit")
        return self

    def draw(self, dice: Dice, begin_ms: int, end_ms: int) -> Milliseconds:
        """Sorted instants from ``begin_ms`` up to before ``end_ms``."""
        return _poisson(dice, self._pieces(begin_ms, end_ms))

    def _pieces(self, begin_ms: int, end_ms: int) -> Iterable[_Piece]:
        width = self.interval_min * 60_000
        for midnight in range(begin_ms // DAY_MS * DAY_MS, end_ms, DAY_MS):
            for index, calls in enumerate(self.calls):
                first, last = midnight + index * width, midnight + (index + 1) * width
                inside = max(first, begin_ms), min(last, end_ms)
                if inside[0] < inside[1]:
                    yield *inside, calls * (inside[1] - inside[0]) / width


class Listed(Section):
    """The instants themselves, in seconds since the first midnight."""

    kind: Literal["list"] = "list"
    at_sec: tuple[Annotated[float, Field(ge=0, le=1e9)], ...]

    def draw(self, _dice: Dice, begin_ms: int, end_ms: int) -> Milliseconds:
        """Those of them from ``begin_ms`` up to before ``end_ms``, sorted."""
        at = np.sort(np.rint(np.asarray(self.at_sec, dtype=np.float64) * 1000).astype(np.int64))
        return at[(at >= begin_ms) & (at < end_ms)]


class Recorded(Section):
    """The calls that a past period brought to the queue (ISO 8601, on the centre's wall clock), at the times
    of day at which they came. Who reads the journal must put a ``Listed`` in its place."""

    kind: Literal["recorded"] = "recorded"
    since: str
    until: str

    def draw(self, _dice: Dice, _begin_ms: int, _end_ms: int) -> Milliseconds:
        """Raises ValueError: what was recorded is not known here."""
        raise ValueError(f"the calls recorded from {self.since} to {self.until} are yet to be read")


Arrivals = Annotated[
    Annotated[Steady | Profile | Listed | Recorded, Discriminator("kind")],
    known_kind("poisson", "profile", "list", "recorded"),
]


def _poisson(dice: Dice, pieces: Iterable[_Piece]) -> Milliseconds:
    """A Poisson process whose rate is constant in each piece: a Poisson number of arrivals, each anywhere in
    the piece with equal chance (order statistics property; Ross, Introduction to Probability Models, 5.3)."""
    found = [np.empty(0, dtype=np.int64)]
    for first, last, expected in pieces:
        count = int(dice.poisson(expected))
        found.append(np.sort(dice.integers(first, last, count)))
    return np.concatenate(found)
