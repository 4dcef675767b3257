"""The SwitchLook port, on its twin and on a real Asterisk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

import pytest

from callcenter.adapters.asterisk.ami import GuardedAmi
from callcenter.adapters.asterisk.config import AMI_USER
from callcenter.adapters.asterisk.look import AsteriskLook
from callcenter.phones.raw_caller import RawCaller, RtpBehaviour
from callcenter.switch_look import LineState, SwitchLook, SwitchSeen, SwitchUnseen
from callcenter.trunks.memory import MemorySwitchLook
from tests.contract.asterisk_process import AsteriskProcess, running_asterisk

NARROW = "narrow"
"""A trunk that takes one call; it is called from 127.0.0.4."""


@dataclass
class Scene:
    """A switch that is looked at. ``fill`` brings a call over NARROW, and then one that finds it full."""

    look: SwitchLook
    fill: Callable[[], Awaitable[None]]
    away: Callable[[], None]

    async def until(self, done: Callable[[SwitchSeen], bool]) -> SwitchSeen:
        """What is seen once it is so."""
        async with asyncio.timeout(15):
            while not done(seen := await self.look.look()):
                await asyncio.sleep(0.1)
        return seen


@pytest.fixture(params=["memory", pytest.param("asterisk", marks=pytest.mark.integration)])
async def scene(request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    if request.param == "memory":
        yield _memory()
        return
    with running_asterisk() as process:
        async with AsyncExitStack() as stack:
            yield await _asterisk(stack, process)
        assert process.errors() == []


def _memory() -> Scene:
    look = MemorySwitchLook(dict.fromkeys(("city", "out", "registered", NARROW), 1), lambda: 1_000_000)
    look.lines["out"] = LineState(peer_answers=False)
    look.lines["registered"] = LineState(peer_answers=True, registration="Registered")

    async def fill() -> None:
        look.arrive(NARROW)
        look.arrive(NARROW)

    def away() -> None:
        look.away = True

    return Scene(look, fill, away)


async def _asterisk(stack: AsyncExitStack, process: AsteriskProcess) -> Scene:
    config = process.config
    manager = GuardedAmi(port=config.ports.ami, user=AMI_USER, secret=config.ami_password)
    manager.start()
    stack.push_async_callback(manager.close)
    look = await stack.enter_async_context(AsteriskLook(config, manager))

    async def fill() -> None:
        switch = ("127.0.0.1", config.ports.sip)
        for status in (200, 503):
            call = RawCaller.call(switch, "12345", rtp=RtpBehaviour.NONE, bind="127.0.0.4")
            caller = await stack.enter_async_context(call)
            assert await caller.answered() == status

    return Scene(look, fill, process.kill)


async def test_trunks_are_told_as_they_are(scene: Scene) -> None:
    """One without an address cannot be asked; one whose far end is not there does not answer; one that
    registers says so."""
    seen = await scene.until(
        lambda seen: (
            seen.manager
            and seen.lines["registered"].registration == "Registered"
            and seen.lines["registered"].peer_answers is True
        )
    )
    assert seen.version.startswith("22.")
    assert seen.started_at > 0
    assert seen.lines["city"] == LineState()
    assert seen.lines["out"] == LineState(peer_answers=False)
    assert replace(seen.lines["registered"], legs=0) == LineState(True, "Registered")


async def test_who_finds_a_trunk_full_is_counted(scene: Scene) -> None:
    """With when it was, and those who are up beside it."""
    await scene.fill()
    seen = await scene.until(lambda seen: seen.lines[NARROW].refused > 0 and seen.lines[NARROW].legs == 1)
    line = seen.lines[NARROW]
    assert (line.legs, line.refused, seen.legs) == (1, 1, 1)
    assert line.refused_at is not None
    assert seen.lines["city"].refused == 0


async def test_a_switch_that_is_gone_is_told_in_time(scene: Scene) -> None:
    """By its own exception, for people."""
    await scene.until(lambda seen: seen.manager)
    scene.away()
    with pytest.raises(SwitchUnseen, match="cannot be reached"):
        await scene.look.look()
