"""What the callers do."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Mapping
from pathlib import Path

from callcenter.demo.cast import Cast
from callcenter.demo.scene import Cue, Scene, Voices
from callcenter.demo.sound import WavShelf
from callcenter.demo.stories import Plot, Point, Side
from callcenter.phones import CallEndedError, PhoneCall, PhoneError, PhonePool
from callcenter.phones.audio import read_wav, rms_dbfs
from callcenter.phones.protocol import now_ms

MENU_PATIENCE_S = 3.0
QUEUE_PATIENCE_S = 3.5
QUEUED_WITHIN_S = 20.0


class Callers:
    """Plays the caller's side of scenes on trunk phones. ``pools`` are by trunk; nobody stays on the phone
    longer than ``patience_s``."""

    def __init__(
        self,
        pools: Mapping[str, PhonePool],
        switch: str,
        voices: Voices,
        shelf: WavShelf,
        patience_s: float,
    ) -> None:
        self._patience_s = patience_s
        self._pools = pools
        self._switch = switch
        self._voices = voices
        self._shelf = shelf

    async def play(self, scene: Scene, cast: Cast) -> None:
        """The whole call; what goes wrong becomes a fault of the scene."""
        story = scene.story
        try:
            await asyncio.sleep(story.starts_after_ms / 1000)
            if story.after is not None:
                await cast.until(story.after)
            pool = self._pools[story.line.trunk]
            heard = self._shelf.directory / f"heard-{story.number}.wav"
            uri = f"sip:{story.line.did}@{self._switch}"
            scene.placed = True
            call = await pool.call(uri, caller=story.caller, record=str(heard))
            scene.call = call
            try:
                async with asyncio.timeout(self._patience_s):
                    await self._act(call, scene)
                    await call.ended(None)
            finally:
                await call.hang_up()
                await call.ended()
                scene.heard_dbfs = await asyncio.to_thread(_level_dbfs, heard)
        except CallEndedError as ended:
            scene.faults.append(f"the call was over too early ({ended.end.sip_code} {ended.end.reason})")
        except TimeoutError:
            scene.faults.append(f"still {scene.phase or 'unseen'} after {self._patience_s:.0f} s")
        except PhoneError as error:
            scene.faults.append(f"the caller's phone: {error}")
        finally:
            scene.reach(Point.OVER)

    async def _act(self, call: PhoneCall, scene: Scene) -> None:
        await call.confirmed()
        match scene.story.plot:
            case Plot.LEAVES_MENU:
                await asyncio.sleep(MENU_PATIENCE_S)
                await call.hang_up()
            case Plot.OUTSIDE_HOURS:
                pass
            case Plot.GIVES_UP:
                await self._press(call, scene)
                await scene.until_waiting(QUEUED_WITHIN_S)
                await asyncio.sleep(QUEUE_PATIENCE_S)
                await call.hang_up()
            case _:
                await self._press(call, scene)
                await self._converse(call, scene)

    async def _press(self, call: PhoneCall, scene: Scene) -> None:
        await asyncio.sleep(scene.story.keys_after_ms / 1000)
        await call.dtmf(scene.story.keys)
        scene.keys_pressed_at = now_ms()

    async def _converse(self, call: PhoneCall, scene: Scene) -> None:
        """Do what the agents cue until the call ends."""
        ended = asyncio.create_task(call.ended(None))
        try:
            while True:
                cued = asyncio.create_task(scene.cues.get())
                await asyncio.wait({cued, ended}, return_when=asyncio.FIRST_COMPLETED)
                if not cued.done():
                    cued.cancel()
                    return
                if cued.result() is Cue.HANG_UP:
                    await call.hang_up()
                else:
                    said = self._voices.request(scene.story.line.language)
                    if await call.play(self._shelf.wav(said)):
                        scene.said[Side.CALLER].append(said.text)
                scene.obeyed.put_nowait(cued.result())
        finally:
            ended.cancel()


def _level_dbfs(recording: Path) -> float | None:
    """How loud the loudest channel is; None for what is no recording."""
    try:
        _, channels = read_wav(recording)
    except (OSError, ValueError, EOFError, wave.Error):
        return None
    return max((rms_dbfs(channel) for channel in channels), default=None)
