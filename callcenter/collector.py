"""When Python's garbage collector looks through what a long-lived process holds."""

from __future__ import annotations

import gc

THRESHOLDS = (20_000, 20, 50)


def settle() -> None:
    """What stands now stands for good: it is never looked through again. What a call makes and leaves later
    is freed without the collector, which finds next to nothing and so comes seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
