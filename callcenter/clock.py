"""The one clock of the shell."""

from __future__ import annotations

import time


class SteadyClock:
    """Wall time at the start, carried on by the monotonic clock: a changed or corrected wall clock can
    neither lengthen a call nor fire a time-out. Implements ``callcenter.ports.Clock``."""

    def __init__(self) -> None:
        self._offset_ns = time.time_ns() - time.monotonic_ns()

    def __call__(self) -> int:
        """Now, ``int`` milliseconds since the Unix epoch, UTC."""
        return (self._offset_ns + time.monotonic_ns()) // 1_000_000
