"""Callers in a menu: each hears it to its end, thinks for a moment, and presses a key."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from bench.centre import MENU_NUMBER
from bench.ports import Ports
from callcenter.phones import RawCaller, RtpBehaviour

HEARD_OUT_S = 0.3
"""A prompt is over when nothing has come for so long."""
THINKS_S = (0.1, 0.9)
LEAST_PACKETS = 50
"""The answer to the key and the menu's words last 1.3 s, in packets of 20 ms."""


@asynccontextmanager
async def menu_callers(sip_port: int, count: int, ports: Ports) -> AsyncIterator[list[RawCaller]]:
    """So many callers in the menu, one after the other; they hang up at the end."""
    async with AsyncExitStack() as stack:
        callers = []
        for index in range(count):
            call = RawCaller.call(
                (ports.address, sip_port),
                MENU_NUMBER,
                rtp=RtpBehaviour.SILENCE,
                bind=ports.callers_address,
                caller=f"77{index:03d}",
            )
            caller = await stack.enter_async_context(call)
            if (status := await caller.answered()) != 200:
                raise RuntimeError(f"the menu answered a caller with {status}")
            await caller.heard(1)
            callers.append(caller)
        yield callers


async def presses(caller: RawCaller, count: int, seed: int) -> list[float]:
    """Press the key so often; each time the ms from its first packet to the first one of the next
    prompt."""
    dice = random.Random(seed)
    spans = []
    await caller.silent(HEARD_OUT_S)
    for _ in range(count):
        await asyncio.sleep(dice.uniform(*THINKS_S))
        before = caller.received_packets
        pressed_at, heard_at = await caller.press("1")
        await caller.heard(before + LEAST_PACKETS)
        await caller.silent(HEARD_OUT_S)
        spans.append(1000 * (heard_at - pressed_at))
    return spans
