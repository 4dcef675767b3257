"""Interleaved rounds of pure work, by CPU time of this process, so that neighbours count less."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from bench.figures import Spread


def per_cpu_second(works: Mapping[str, Callable[[], int]], *, rounds: int) -> dict[str, Spread]:
    """What each work got done per second of CPU; each answers how many things it did. The order of the works
    is turned round in every second round."""
    speeds: dict[str, list[float]] = {name: [] for name in works}
    for index in range(rounds):
        for name in list(works)[:: -1 if index % 2 else 1]:
            began = time.process_time()
            done = works[name]()
            speeds[name].append(done / (time.process_time() - began))
    return {name: Spread.of(found) for name, found in speeds.items()}
