"""Work for a store that may be away: tried until it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Final, TypeVar

import structlog

from callcenter.ports import StoreAway

Stored = TypeVar("Stored")
log = structlog.get_logger(__name__)
RETRY_S: Final = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Between two tries; the last goes on."""


async def until_stored(
    work: Callable[[], Awaitable[Stored]],
    delay: str,
    call_id: str,
    delayed: Callable[[], object] = lambda: None,
) -> Stored:
    """What ``work``, which must be harmless to repeat, returns once it succeeds. Its first failure is told,
    and logged as the event ``delay``: with its trace where it is a defect and not a store that is away."""
    for attempt in count():
        try:
            return await work()
        except Exception as error:
            if attempt == 0:
                defect = None if isinstance(error, StoreAway) else error
                log.warning(delay, call_id=call_id, reason=str(error), exc_info=defect)
                delayed()
            await asyncio.sleep(RETRY_S[min(attempt, len(RETRY_S) - 1)])
    raise AssertionError("it is tried until it is done")
