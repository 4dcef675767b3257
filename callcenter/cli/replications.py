"""Runs the replications of a simulation on every processor, with a progress bar where somebody watches."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from simulation.measures import Replication, replicate
from simulation.plan import Plan
from simulation.study import Study, summed_up

WORTH_A_PROCESS_S = 2.0
"""Work that takes less is done sooner here than other processes start."""


def run_study(plan: Plan, seed: int, replications: int, title: str) -> Study:
    """The Study of the plan; it does not depend on how many processors there are."""
    with _progress(title, replications) as tick:
        began = time.perf_counter()
        done = [replicate(plan, seed, 0)]
        tick()
        left_s = (time.perf_counter() - began) * (replications - 1)
        others = range(1, replications)
        processes = min(len(others), os.cpu_count() or 1)
        results: Iterable[Replication]
        if left_s < WORTH_A_PROCESS_S or processes < 2:
            results = (replicate(plan, seed, replication) for replication in others)
        else:
            results = _in_processes(plan, seed, replications, processes)
        for result in results:
            done.append(result)
            tick()
    return summed_up(seed, done)


def _in_processes(plan: Plan, seed: int, replications: int, processes: int) -> Iterator[Replication]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        running = [pool.submit(replicate, plan, seed, replication) for replication in range(1, replications)]
        for future in running:
            yield future.result()


@contextmanager
def _progress(title: str, count: int) -> Iterator[Callable[[], None]]:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(title, total=count)
        yield lambda: progress.advance(task)
