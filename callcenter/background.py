"""Work that goes on beside everything else, until the controller ends."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any

import structlog

log = structlog.get_logger(__name__)
END_WITHIN_S = 3.0


def background(stack: AsyncExitStack, work: Coroutine[Any, Any, object], name: str) -> asyncio.Task[None]:
    """Run until the stack is left; a defect in it is logged, not silently swallowed."""

    async def guarded() -> None:
        try:
            await work
        except Exception:
            log.exception("background_work_failed", work=name)

    task = asyncio.get_running_loop().create_task(guarded(), name=name)

    async def end() -> None:
        task.cancel()
        await asyncio.wait({task}, timeout=END_WITHIN_S)

    stack.push_async_callback(end)
    return task
