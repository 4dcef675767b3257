"""The contract of listening: the twin and the real Asterisk keep it alike."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import numpy as np

from callcenter.domain.listening import ListeningFailed, StartListening, StopListening
from callcenter.domain.switch import HangUp, LegEnded, SwitchConnected
from callcenter.phones.audio import tone_present
from tests.contract.telephony_rigs import Rig, news


async def until(rig: Rig, holds: Callable[[], Coroutine[Any, Any, bool]], within_sec: float = 5.0) -> None:
    """Wait for it, in the rig's own time."""
    async with asyncio.timeout(within_sec):
        while not await holds():
            await rig.settle(0.05)


async def listening(rig: Rig, listening_id: str) -> str:
    """A caller who is listened to, and speaks; the leg."""
    leg_id = (await rig.arrive()).leg_id
    rig.telephony.send(StartListening(leg_id, listening_id))
    await rig.settle(0.5)
    await rig.speaks(leg_id)

    async def heard() -> bool:
        return len(rig.audio[listening_id]) >= 32_000

    await until(rig, heard)
    return leg_id


async def nothing_left(rig: Rig) -> None:
    """The switch has nothing of any listening any more."""

    async def quiet() -> bool:
        return await rig.listened_to() == set()

    await until(rig, quiet)


async def test_what_a_leg_says_is_handed_on_until_it_is_stopped(rig: Rig) -> None:
    """At 16 kHz; afterwards nothing more comes, nothing is left, and nothing else was told."""
    leg_id = await listening(rig, "h-1")
    samples = np.frombuffer(bytes(rig.audio["h-1"][-16_000:]), "<i2") / 32768
    assert tone_present(samples.astype(np.float32), 16_000, 900)
    rig.telephony.send(StopListening(leg_id, "h-1"))
    await nothing_left(rig)
    came = len(rig.audio["h-1"])
    await rig.settle(0.3)
    assert len(rig.audio["h-1"]) == came
    assert news(rig) == []


async def test_a_listening_ends_with_its_leg(rig: Rig) -> None:
    """Without a word, and without anything left behind."""
    leg_id = await listening(rig, "h-2")
    await rig.caller_leaves(leg_id)
    await rig.until(LegEnded, leg_id=leg_id)
    await nothing_left(rig)
    assert news(rig) == []


async def test_listening_to_a_leg_that_has_gone_is_no_failure(rig: Rig) -> None:
    """Its end was told already; nothing is left of the attempt, and stopping it is fine."""
    leg_id = (await rig.arrive()).leg_id
    rig.telephony.send(HangUp(leg_id))
    await rig.until(LegEnded, leg_id=leg_id)
    rig.telephony.send(StartListening(leg_id, "h-3"))
    await rig.settle(0.5)
    rig.telephony.send(StopListening(leg_id, "h-3"))
    await nothing_left(rig)
    assert not any(isinstance(event, ListeningFailed) for event in rig.events)


async def test_a_new_controller_finds_nothing_of_the_old_ones_listenings(rig: Rig) -> None:
    """The caller is there as ever; what listened to them is neither told nor left."""
    leg_id = await listening(rig, "h-4")
    await rig.kill_controller()
    await rig.new_controller()
    connected = await rig.until(SwitchConnected)
    assert [leg.leg_id for leg in connected.legs] == [leg_id]
    assert connected.bridges == ()
    await nothing_left(rig)
