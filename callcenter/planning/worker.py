"""The process that answers one Task: of the lowest priority, and gone when whoever asked is.

``python -m callcenter.planning.worker``. Its input is the Task, JSON on one line, and stays open as long as
the answer is wanted. Its output is JSON, one object a line: ``{"progress": 0.35}`` now and then, at last
``{"answer": ...}`` or ``{"failed": {"code", "what", "cure"}}``.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
from asyncio import subprocess
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final

import structlog

from callcenter.planning.answering import answered
from callcenter.planning.staffing import Unanswerable
from callcenter.planning.task import Progress, Task
from callcenter.standing_back import stand_back
from callcenter.web import wire_planning as wire

ROOT: Final = Path(__file__).parents[2]
LONGEST_S: Final = 600.0
_LOWEST: Final = 19
_TELL_EVERY_S: Final = 0.2
_LONGEST_LINE: Final = 32_000_000

_log = structlog.get_logger(__name__)


# --- in the process ----------------------------------------------------------------------------------------


def _told(task: Task, to: IO[str]) -> dict[str, Any]:
    last = 0.0

    def progress(share: float) -> None:
        nonlocal last
        if (now := time.monotonic()) - last >= _TELL_EVERY_S:
            last = now
            _write(to, {"progress": share})

    try:
        return {"answer": asyncio.run(answered(task, progress)).model_dump(mode="json")}
    except Unanswerable as why:
        return {"failed": {"code": why.code, "what": why.what, "cure": why.cure}}


def _write(to: IO[str], message: dict[str, Any]) -> None:
    to.write(json.dumps(message) + "\n")
    to.flush()


def _end_with(asker: IO[str]) -> None:
    """Nobody wants the answer any more."""
    asker.read()
    os._exit(1)


def main() -> None:
    """The process itself."""
    stand_back(_LOWEST)
    # Whatever a library prints must not get between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    task = Task.model_validate_json(sys.stdin.readline())
    threading.Thread(target=_end_with, args=(sys.stdin,), daemon=True).start()
    _write(answers, _told(task, answers))


# --- beside the calls --------------------------------------------------------------------------------------


class ProcessSolver:
    """Implements ``callcenter.planning.task.Solver`` with a process for each Task."""

    async def solve(self, task: Task, progress: Progress) -> wire.StaffingAnswer | wire.WhatIfAnswer:
        """See the port. Whoever needs longer than LONGEST_S is ended."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "callcenter.planning.worker"),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            limit=_LONGEST_LINE,
        )
        try:
            async with asyncio.timeout(LONGEST_S):
                return await self._followed(process, task, progress)
        except TimeoutError:
            raise Unanswerable(
                "too_slow",
                f"There was no answer after {LONGEST_S:.0f} s.",
                "Ask for less, or at a quiet time.",
            ) from None
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _followed(
        self, process: subprocess.Process, task: Task, progress: Progress
    ) -> wire.StaffingAnswer | wire.WhatIfAnswer:
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(ConnectionError):
            process.stdin.write(task.model_dump_json().encode() + b"\n")
            await process.stdin.drain()
        async for line in process.stdout:
            message = json.loads(line)
            if "progress" in message:
                progress(message["progress"])
            elif "failed" in message:
                raise Unanswerable(**message["failed"])
            else:
                kind = wire.StaffingAnswer if task.staffing is not None else wire.WhatIfAnswer
                return kind.model_validate(message["answer"])
        _log.error("planning_worker_died", status=await process.wait())
        raise Unanswerable("worker_died", "The process that simulates has died.", "Ask again; see the log.")


if __name__ == "__main__":
    main()
