"""The benches' own arithmetic: what they print must be what was measured."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest

from bench.figures import Spread, percentile, ratio
from bench.process_cost import busy_share, cpu_ms, machine_ticks, rss_kb
from bench.sipp import Moment, moments, of_callers


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([5.0], 50, 5.0),
        ([4.0, 1.0, 3.0, 2.0], 50, 2.0),
        ([4.0, 1.0, 3.0, 2.0], 51, 3.0),
        ([4.0, 1.0, 3.0, 2.0], 100, 4.0),
        (list(map(float, range(1, 101))), 95, 95.0),
        (list(map(float, range(1, 101))), 99, 99.0),
    ],
)
def test_a_percentile_is_a_value_that_was_measured(
    values: list[float], percent: float, expected: float
) -> None:
    """The smallest value that so many per cent do not exceed."""
    assert percentile(values, percent) == expected


def test_nothing_measured_is_not_a_number_anywhere() -> None:
    """A bench without a round must not print a figure."""
    assert math.isnan(percentile([], 95))
    assert math.isnan(Spread.of([math.nan]).median)
    assert str(Spread.of([])) == "-"


def test_a_ratio_compares_medians() -> None:
    """One odd round changes neither side."""
    assert ratio(Spread.of([10.0, 12.0, 900.0]), Spread.of([1.0, 6.0, 7.0])) == 2.0


def test_a_spread_shows_its_range() -> None:
    """Median first, then the lowest and the highest round."""
    assert str(Spread.of([3.0, 1.0, 250.0])) == "3 [1-250]"


def test_a_torn_log_line_is_left_out(tmp_path: Path) -> None:
    """SIPp may be in the middle of a line when its log is read."""
    log = tmp_path / "phones.log"
    log.write_text("rung p001 8001 10.000000 250000.000000\nanswered p001 80", encoding="ascii")
    assert moments(log) == [Moment("rung", "p001", "8001", 10_250_000.0)]


def test_a_caller_who_rings_two_phones_counts_from_the_first() -> None:
    """The first moment of a kind is the one that ends the wait."""
    rung = [
        Moment("rung", "p1", "8001", 5.0),
        Moment("freed", "p1", "8001", 6.0),
        Moment("rung", "p2", "8001", 9.0),
    ]
    assert of_callers(rung, "rung") == {"8001": rung[0]}


def test_the_kernel_tells_what_a_process_costs() -> None:
    """Work done here shows in this process's CPU time, and memory taken in its size."""
    machine, spent, size = machine_ticks(), cpu_ms(os.getpid()), rss_kb(os.getpid())
    taken = bytearray(64 * 1024 * 1024)
    taken[::4096] = b"x" * (len(taken) // 4096)
    while cpu_ms(os.getpid()) < spent + 20:
        sum(range(10_000))
    assert rss_kb(os.getpid()) > size + 32 * 1024
    assert 0 < busy_share(machine, machine_ticks()) <= 1
