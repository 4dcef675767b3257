"""A process of ours that works for the controller and ends with it: started, told, and started again."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from asyncio import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import structlog

ROOT: Final = Path(__file__).parents[1]
RESTART_S: Final = (0.2, 1.0, 5.0, 30.0)
RAN_WELL_S: Final = 60.0
LONGEST_LINE: Final = 4_000_000

log = structlog.get_logger(__name__)


class KeptProcess:
    """``python -m module``; what it is told and what it says are JSON, one object a line. It is to end when
    its input does. ``begun`` is called when it has been started, to tell it what it must know; ``take`` with
    all that it says. Used from one event loop only."""

    def __init__(
        self,
        module: str,
        arguments: Sequence[str] = (),
        *,
        begun: Callable[[], None],
        take: Callable[[dict[str, Any]], None],
        ended: Callable[[], None] = lambda: None,
        is_silent: bool = False,
    ) -> None:
        """``ended`` is called whenever it has died. ``is_silent``: what it writes to stderr is not for the
        log, because it may quote what people said."""
        self._module = module
        self._arguments = arguments
        self._begun = begun
        self._take = take
        self._ended = ended
        self._errors = subprocess.DEVNULL if is_silent else None
        self._process: subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Of the process; None while it is not there."""
        return self._process.pid if self._process is not None else None

    def tell(self, message: Mapping[str, Any]) -> None:
        """Say this to the process; one that is not there is told by ``begun`` when it comes."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")

    async def run(self) -> None:
        """Run it until cancelled, again when it dies: more slowly each time, unless it ran well before."""
        deaths = 0
        while True:
            began = time.monotonic()
            status = await self._run()
            deaths = 0 if time.monotonic() - began > RAN_WELL_S else deaths + 1
            log.warning("process_died", module=self._module, status=status)
            self._ended()
            await asyncio.sleep(RESTART_S[min(deaths, len(RESTART_S) - 1)])

    async def _run(self) -> int | None:
        process = self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", self._module, *self._arguments),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            limit=LONGEST_LINE,
        )
        try:
            self._begun()
            assert process.stdout is not None
            async for line in process.stdout:
                self._take(json.loads(line))
        finally:
            self._process = None
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
            await process.wait()
        return process.returncode
