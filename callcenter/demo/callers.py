"""What the callers do."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from callcenter.demo.cast import Cast
from callcenter.demo.scene import Cue, Scene, Voices
from callcenter.demo.sound import WavShelf
from callcenter.demo.stories import Plot, Point, Side
from callcenter.phones import CallEndedError, PhoneCall, PhoneError, PhonePool
from callcenter.phones.audio import read_growing_wav, read_wav, rms_dbfs, tone_present
from callcenter.phones.protocol import now_ms

MENU_PATIENCE_S = 3.0
QUEUE_PATIENCE_S = 3.5
QUEUED_WITHIN_S = 20.0
CALL_BACK_KEY = "1"
ASKS_EVERY_S = 2.0
PROMISED_WITHIN_S = 30.0
MESSAGE_DONE_KEY = "#"
BEEP_HZ = 1000.0
BEEP_OVER_S = 0.6
LISTENS_EVERY_S = 0.3
RATES_AFTER_S = 3.0
"""How long a caller listens to the question how it was."""
RATING_KEY = "1"
ANSWERS_AFTER_S = 2.0
"""How long a caller who is called back lets it ring."""


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
            heard = self._heard(scene, "")
            uri = f"sip:{story.line.did}@{self._switch}"
            scene.placed = True
            call = await pool.call(uri, caller=story.caller, record=str(heard))
            scene.call = call
            try:
                async with asyncio.timeout(self._patience_s):
                    await self._act(call, scene)
                    await call.ended(None)
            finally:
                await _leave(call)
                scene.heard_dbfs = await asyncio.to_thread(_level_dbfs, heard)
            if story.plot is Plot.CALL_BACK:
                await self._is_called_back(pool, scene)
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
                await self._press(call, scene)
                await self._leave_message(call, scene)
            case Plot.GIVES_UP:
                await self._press(call, scene)
                await scene.until_waiting(QUEUED_WITHIN_S)
                await asyncio.sleep(QUEUE_PATIENCE_S)
                await call.hang_up()
            case Plot.CALL_BACK:
                await self._press(call, scene)
                await scene.until_waiting(QUEUED_WITHIN_S)
                await self._ask_call_back(call, scene)
            case _:
                await self._press(call, scene)
                await self._converse(call, scene)

    async def _ask_call_back(self, call: PhoneCall, scene: Scene) -> None:
        """Press the key until it is promised: before it has been offered the key asks for nothing."""
        async with asyncio.timeout(PROMISED_WITHIN_S):
            while not scene.points[Point.PROMISED].is_set():
                await call.dtmf(CALL_BACK_KEY)
                with suppress(TimeoutError):
                    async with asyncio.timeout(ASKS_EVERY_S):
                        await scene.points[Point.PROMISED].wait()

    async def _leave_message(self, call: PhoneCall, scene: Scene) -> None:
        """Speak after the beep; the key says that this was all. Whoever hears another beep, as after a
        controller's death, speaks again, and has not said all before."""
        heard, spoken = self._heard(scene, ""), 0
        ended = asyncio.create_task(call.ended(None))
        try:
            while not ended.done():
                if (beeps := await asyncio.to_thread(_beeps, heard)) > spoken:
                    spoken = beeps
                    await asyncio.sleep(BEEP_OVER_S)
                    await self._speak(call, scene)
                    await asyncio.sleep(LISTENS_EVERY_S)
                    if await asyncio.to_thread(_beeps, heard) == spoken:
                        await call.dtmf(MESSAGE_DONE_KEY)
                await asyncio.wait({ended}, timeout=LISTENS_EVERY_S)
        finally:
            ended.cancel()

    async def _speak(self, call: PhoneCall, scene: Scene) -> None:
        said = self._voices.request(scene.story.line.language)
        if await call.play(self._shelf.wav(said)):
            scene.said[Side.CALLER].append(said.text)

    async def _is_called_back(self, pool: PhonePool, scene: Scene) -> None:
        """The phone rings, and the talk comes about after all."""
        async with asyncio.timeout(self._patience_s):
            call = await pool.next_call(scene.story.caller, timeout_sec=self._patience_s)
            scene.called_back = call
            heard = self._heard(scene, "-back")
            await call.record(str(heard))
            try:
                await asyncio.sleep(ANSWERS_AFTER_S)
                await call.answer()
                await call.confirmed()
                await self._converse(call, scene)
                await call.ended(None)
            finally:
                await _leave(call)
                levels = scene.heard_dbfs, await asyncio.to_thread(_level_dbfs, heard)
                scene.heard_dbfs = min((level for level in levels if level is not None), default=None)

    def _heard(self, scene: Scene, which: str) -> Path:
        """Where it is kept what the caller hears."""
        return self._shelf.directory / f"heard-{scene.story.number}{which}.wav"

    async def _rate(self, call: PhoneCall) -> None:
        """Answer the question that flows ask when the agent has hung up; those that do not ask hang up."""
        with suppress(TimeoutError):
            await call.ended(RATES_AFTER_S)
        if call.end is None:
            await call.dtmf(RATING_KEY)

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
                match cued.result():
                    case Cue.RATE:
                        await self._rate(call)
                        continue  # the agent waits for nothing more
                    case Cue.HANG_UP:
                        await call.hang_up()
                    case Cue.SPEAK:
                        await self._speak(call, scene)
                scene.obeyed.put_nowait(cued.result())
        finally:
            ended.cancel()


async def _leave(call: PhoneCall) -> None:
    """Hang up, unless that has been done; what was heard is on the disk then."""
    await call.hang_up()
    await call.ended()


def _beeps(recording: Path) -> int:
    """How often the beep after which a message begins has been heard."""
    rate, heard = read_growing_wav(recording)
    width = rate // 10
    windows = range(0, heard.size - width + 1, width) if width else range(0)
    sounds = [tone_present(heard[at : at + width], rate, BEEP_HZ, within_db=2.0) for at in windows]
    return sum(now and not before for before, now in zip([False, *sounds], sounds, strict=False))


def _level_dbfs(recording: Path) -> float | None:
    """How loud the loudest channel is; None for what is no recording."""
    try:
        _, channels = read_wav(recording)
    except (OSError, ValueError, EOFError, wave.Error):
        return None
    return max((rms_dbfs(channel) for channel in channels), default=None)
