"""Benches are run by hand, so that nobody would soon see one that no longer fits the product."""

from __future__ import annotations

from bench.__main__ import NAMES


def test_every_bench_can_begin() -> None:
    """All of them are imported with the command, and it knows their names."""
    assert {"queue", "sockets", "pixel", "desk", "history"} <= set(NAMES)
