"""Finishes recordings in another process, so that the controller's own thread never waits for a disk."""

from __future__ import annotations

import asyncio
import ctypes
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

from callcenter.ports import FinishedRecording, NothingRecorded, RecordingUnusable
from callcenter.standing_back import stand_back
from recorder.model import JoinedRecording
from recorder.model import NothingRecorded as NoHalves
from recorder.model import RecordingUnusable as HalvesUnusable

WORKERS = 2
_PR_SET_PDEATHSIG = 1


class RecordingFinisher:
    """Implements ``callcenter.ports.RecordingFiles`` over a directory. A worker that dies is replaced."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._pool = _pool()

    async def finish(self, path_stem: str, *, wideband: bool) -> FinishedRecording:
        """See the port."""
        stem = self._directory / path_stem
        loop, pool = asyncio.get_running_loop(), self._pool
        try:
            joined = await loop.run_in_executor(pool, _join, stem, wideband)
        except NoHalves as error:
            raise NothingRecorded(str(error)) from error
        except HalvesUnusable as error:
            raise RecordingUnusable(str(error)) from error
        except BrokenProcessPool as error:
            if self._pool is pool:  # the first of those who waited replaces it for all
                self._pool = _pool()
            raise RecordingUnusable(
                "the process that finishes recordings died; it is started anew"
            ) from error
        return FinishedRecording(
            path=str(joined.path.relative_to(self._directory)),
            sha256=joined.sha256,
            duration_ms=joined.duration_ms,
            sample_rate=joined.sample_rate,
            channel_rms_dbfs=joined.channel_rms_dbfs,
        )

    def close(self) -> None:
        """End the workers; what they were doing is done again at the next start."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _pool() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn"), initializer=_behave)


def _behave() -> None:
    """Low priority, and never outlive the controller."""
    stand_back(10)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _join(stem: Path, wideband: bool) -> JoinedRecording:
    from recorder import files  # numpy is for the workers: the controller starts faster without

    return files.join(stem, wideband=wideband)
