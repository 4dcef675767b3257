"""Plays all stories at once against a running centre, watches them in its live view, and pulls its plug."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callcenter.demo.agents import DemoAgent, Workplace
from callcenter.demo.callers import Callers
from callcenter.demo.cast import Cast
from callcenter.demo.centre_api import CentreApi
from callcenter.demo.report import Interruption
from callcenter.demo.scene import Scene, Voices
from callcenter.demo.sound import WavShelf
from callcenter.demo.stories import Plot, Story
from callcenter.domain.call import CallPhase
from callcenter.phones import PhoneError, PhonePool
from callcenter.phones.protocol import now_ms

LOOK_S = 0.25
KILL_WHILE = frozenset({CallPhase.TALKING.value, CallPhase.QUEUED.value, CallPhase.IN_FLOW.value})
KILL_AT_LATEST_S = 25.0
PRESS_AGAIN_AFTER_S = 8.0
PATIENCE_S = 90.0
PATIENCE_S_PER_CALL = 12.0
TRUNK_ADDRESSES = {"city": "127.0.0.2", "wideband": "127.0.0.3"}
TRUNK_CODECS = {"city": ("PCMU", "PCMA"), "wideband": ("G722", "PCMU")}


@dataclass(frozen=True, slots=True)
class Venue:
    """The centre that the demo plays in: where its SIP and API are, how its controller is told apart, and at
    which port of a trunk's address it rings callers (``callers_at``, by trunk)."""

    switch: str
    api: CentreApi
    controller_pid: Callable[[], int | None]
    callers_at: Mapping[str, int]


Tell = Callable[[Scene | None, str], None]
"""Is told what happened to the call of a scene, or (None) to the whole."""


async def perform(
    told: Sequence[Story],
    workplaces: Sequence[Workplace],
    venue: Venue,
    speech: Path,
    *,
    kill: bool,
    tell: Tell,
) -> tuple[list[Scene], list[Interruption]]:
    """Play the stories to their end; the scenes hold what was seen. Raises PhoneError or ApiRefused when the
    agents cannot begin to work."""
    cast = Cast(told)
    scenes = list(cast.scenes)
    voices, shelf = Voices(), WavShelf(speech)
    interruptions: list[Interruption] = []
    async with AsyncExitStack() as stack:
        pools = {
            trunk: await stack.enter_async_context(PhonePool(bind=address, codecs=TRUNK_CODECS[trunk]))
            for trunk, address in TRUNK_ADDRESSES.items()
        }
        await asyncio.gather(
            *(_warm(pool, trunk, told, venue) for trunk, pool in pools.items()),
            *(
                DemoAgent(place, venue.api, cast, voices, shelf).arrive(stack, venue.switch)
                for place in workplaces
            ),
        )
        tell(None, f"{len(workplaces)} agents are ready")
        watching = asyncio.create_task(_watch(venue.api, cast, tell))
        stack.push_async_callback(_ended, watching)
        killing = asyncio.create_task(_pull_the_plug(scenes, venue, interruptions, tell)) if kill else None
        patience_s = PATIENCE_S + PATIENCE_S_PER_CALL * len(told) / len(workplaces)
        callers = Callers(pools, venue.switch, voices, shelf, patience_s)
        await asyncio.gather(*(callers.play(scene, cast) for scene in scenes))
        if killing is not None:
            await killing
    return scenes, interruptions


async def _warm(pool: PhonePool, trunk: str, told: Sequence[Story], venue: Venue) -> None:
    """Phones for all callers of the trunk, and one to be called back at, if anybody is."""
    callers = [story for story in told if story.line.trunk == trunk]
    await pool.warm(len(callers))
    if any(story.plot is Plot.CALL_BACK for story in callers):
        await pool.listen(venue.callers_at[trunk])


async def _watch(api: CentreApi, cast: Cast, tell: Tell) -> None:
    """Follow the live view: what the centre itself says about each call."""
    while True:
        for call in (await api.view())["calls"]:
            scene = cast.shown_as(call["caller"], call["call_id"], call["call_back_of"])
            if scene is not None and scene.seen(call["call_id"], call["phase"], call["agent_id"]):
                tell(scene, _words(call))
        await asyncio.sleep(LOOK_S)


def _words(call: Mapping[str, Any]) -> str:
    """What the live view tells of it (wire.Call)."""
    queue, agent_id = call["queue"], call["agent_id"]
    called_back = " to be called back" if call["call_back_of"] else ""
    return {
        CallPhase.IN_FLOW: "is in the menu",
        CallPhase.PROMISED: f"keeps the place in queue {queue}{called_back}",
        CallPhase.QUEUED: f"waits in queue {queue}{called_back}",
        CallPhase.DIALLING: f"is dialled; agent {agent_id} waits for the answer",
        CallPhase.TALKING: f"talks with agent {agent_id}",
        CallPhase.HELD: f"is on hold by agent {agent_id}",
        CallPhase.RELEASED: "is on its way",
    }.get(CallPhase(call["phase"]), "is over")


async def _pull_the_plug(
    scenes: Sequence[Scene], venue: Venue, interruptions: list[Interruption], tell: Tell
) -> None:
    """kill -9 the controller while calls talk, wait and are in the menu, and see when another is there."""
    await _within(KILL_AT_LATEST_S, lambda: set(_phases(scenes)) >= KILL_WHILE)
    pid = venue.controller_pid()
    assert pid is not None, "there is no controller to kill"
    before = dict(_phases(scenes))
    killed_at = now_ms()
    os.kill(pid, signal.SIGKILL)
    tell(None, f"kill -9 {pid}: the controller is gone, calls go on ({_counted(before)})")
    await _within(KILL_AT_LATEST_S, lambda: venue.controller_pid() not in (pid, None))
    await venue.api.kpi()
    back_at = now_ms()
    tell(None, f"the controller is back after {(back_at - killed_at) / 1000:.1f} s")
    interruptions.append(
        Interruption(
            what="controller",
            how="SIGKILL",
            pid=pid,
            killed_at=killed_at,
            answered_again_at=back_at,
            calls_by_phase=before,
        )
    )
    await asyncio.sleep(PRESS_AGAIN_AFTER_S)
    await _press_again(scenes, range(killed_at, back_at), tell)


async def _press_again(scenes: Sequence[Scene], away: range, tell: Tell) -> None:
    """Who pressed a key while nobody listened and still hears the menu presses again, as people do."""
    for scene in scenes:
        unheard = scene.keys_pressed_at in away and scene.phase == CallPhase.IN_FLOW
        if unheard and scene.call is not None and not scene.over:
            tell(scene, "hears the menu again and presses again")
            with suppress(PhoneError):
                await scene.call.dtmf(scene.story.keys)


def _phases(scenes: Sequence[Scene]) -> Counter[str]:
    return Counter(scene.phase for scene in scenes if scene.phase and not scene.over)


def _counted(phases: dict[str, int]) -> str:
    return ", ".join(f"{number} {phase}" for phase, number in sorted(phases.items()))


async def _within(seconds: float, condition: Callable[[], bool]) -> None:
    """Until the condition holds or the time is over."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition() and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.05)


async def _ended(task: asyncio.Task[None]) -> None:
    """Stop the watch; what it could not do comes to light here."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
