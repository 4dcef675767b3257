"""The process in which texts are tried that a person has only just typed: beside the calls, with bounds."""

from __future__ import annotations

import asyncio
import ctypes
import resource
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Final, ParamSpec, TypeVar

from callcenter.standing_back import stand_back

LONGEST_S: Final = 20
MOST_BYTES: Final = 2 << 30
IDLE_S: Final = 300.0
_PR_SET_PDEATHSIG: Final = 1
P = ParamSpec("P")
T = TypeVar("T")


class BeyondBounds(Exception):
    """It took too much time or memory; the text is a whole message with its cure."""


class Bench:
    """One process of low priority: warm while people edit, gone some minutes after. Work beyond its time or
    memory ends it, and a new one takes its place. Used from one event loop only."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._waiting = 0
        self._rest: asyncio.TimerHandle | None = None

    async def run(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """Do this work there; what it raises is raised here. Raises BeyondBounds."""
        loop = asyncio.get_running_loop()
        if self._rest is not None:
            self._rest.cancel()
        pool = self._pool = self._pool or ProcessPoolExecutor(
            1, mp_context=get_context("spawn"), initializer=_behave
        )
        self._waiting += 1
        try:
            return await loop.run_in_executor(pool, _within_time, work, args, named)
        except (BrokenProcessPool, MemoryError) as error:
            if self._pool is pool:  # the first of those who waited replaces it for all
                self.close()
            told = f"this took more than {LONGEST_S} s, or too much memory"
            raise BeyondBounds(f"{told} -> make the flows and their tests smaller, and try again") from error
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._rest = loop.call_later(IDLE_S, self.close)

    def close(self) -> None:
        """End the process."""
        if self._rest is not None:
            self._rest.cancel()
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


def _behave() -> None:
    """Low priority, bounded memory, and never outlive the controller."""
    stand_back(10)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _within_time(work: Callable[..., T], args: tuple[object, ...], named: dict[str, object]) -> T:
    """The alarm has no handler: it ends the process, whatever that is in."""
    signal.alarm(LONGEST_S)
    try:
        return work(*args, **named)
    finally:
        signal.alarm(0)
