"""What the agents do: log in, answer, talk, hold, transfer, decline, and now and then let it ring."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

from callcenter.demo.cast import Cast
from callcenter.demo.centre_api import ApiRefused, CentreApi
from callcenter.demo.scene import Cue, Scene, Voices
from callcenter.demo.sound import WavShelf
from callcenter.demo.speech import Utterance
from callcenter.demo.stories import Plot, Point, Side
from callcenter.phones import CallEndedError, CommandRefusedError, Phone, PhoneCall, PhoneError
from callcenter.phones.protocol import Refusal
from callcenter.web.wire import AgentAction

PICK_UP_S = 0.5
LETS_RING_S = 1.0
SLOWER_S = 1.5
"""Where several phones ring for one call, nobody hurries, and each agent is slower than the one before."""
HOLD_S = 1.5
SHOWN_WITHIN_S = 30.0
TALKS_ON_AT_MOST_S = 40.0
READY_WITHIN_S = 15.0
READY_PAUSE_S = 0.2
TRANSFER_TO = "complaints"


@dataclass(frozen=True, slots=True)
class Workplace:
    """An agent and the phone they work at."""

    agent_id: str
    phone: str
    password: str


class DemoAgent:
    """One agent at a simulated phone, who knows a call by the caller's number that the phone shows."""

    def __init__(
        self,
        workplace: Workplace,
        api: CentreApi,
        cast: Cast,
        voices: Voices,
        shelf: WavShelf,
    ) -> None:
        self._workplace = workplace
        self._api = api
        self._cast = cast
        self._voices = voices
        self._shelf = shelf

    async def arrive(self, stack: AsyncExitStack, registrar: str) -> None:
        """Switch the phone on, log in, and be ready from then on. Raises PhoneError, ApiRefused."""
        place = self._workplace
        phone = await stack.enter_async_context(Phone.start(codecs=("G722", "PCMU", "PCMA")))
        await phone.register(place.phone, place.password, registrar)
        task = asyncio.create_task(self._answer_calls(phone), name=f"agent {place.agent_id}")
        stack.push_async_callback(_ended, task)
        await self._api.agent(place.agent_id, AgentAction.LOGIN, {"phone": place.phone})
        async with asyncio.timeout(READY_WITHIN_S):
            while not await self._is_ready():
                await asyncio.sleep(READY_PAUSE_S)

    async def _is_ready(self) -> bool:
        """The switch may need a moment to find the phone that has just registered."""
        try:
            await self._api.agent(self._workplace.agent_id, AgentAction.READY)
        except ApiRefused as refused:
            if refused.status != 409:
                raise
            return False
        return True

    async def _answer_calls(self, phone: Phone) -> None:
        async with asyncio.TaskGroup() as calls:
            async for call in phone.incoming():
                calls.create_task(self._take(call))

    async def _take(self, call: PhoneCall) -> None:
        scene = self._cast.rings_for(call.caller)
        if scene is None:
            await call.decline()
            return
        scene.offers += 1
        first, plot = scene.offers == 1, scene.story.plot
        try:
            if first and plot is Plot.UNANSWERED:
                await call.ended()
            await asyncio.sleep(_pick_up_s(plot, scene.offers))
            if first and plot is Plot.DECLINED and call.end is None:
                await call.decline()
            elif await self._has_answered(call, scene):
                await self._converse(call, scene)
            else:
                scene.silenced += 1
        except CallEndedError as ended:
            scene.faults.append(f"the agent's leg was cut: {ended}")
        except (PhoneError, ApiRefused) as error:
            how = f" ({call.end.by} ended the call)" if call.end is not None else ""
            scene.faults.append(f"agent {self._workplace.agent_id}: {error}{how}")
        except TimeoutError:
            scene.faults.append(f"agent {self._workplace.agent_id}: the caller fell silent")

    async def _has_answered(self, call: PhoneCall, scene: Scene) -> bool:
        """Pick up; false when the Offer was over before the agent could react, or another was faster."""
        if call.end is not None:
            return False
        try:
            await call.answer()
            await call.confirmed()
        except CallEndedError:
            return False
        except CommandRefusedError as refused:
            if refused.refusal is not Refusal.UNKNOWN_CALL:  # over, though its end has not been told yet
                raise
            return False
        return await self._is_connected(call, scene)

    async def _is_connected(self, call: PhoneCall, scene: Scene) -> bool:
        """Whether the caller is there, as the screen shows it; false when the answer came too late."""
        shown = asyncio.create_task(scene.until_with(self._workplace.agent_id, SHOWN_WITHIN_S))
        gone = asyncio.create_task(call.ended(None))
        await asyncio.wait({shown, gone}, return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()
        if not shown.done():
            shown.cancel()
            return False
        shown.result()
        return True

    async def _converse(self, call: PhoneCall, scene: Scene) -> None:
        story, language = scene.story, scene.story.line.language
        scene.connections += 1
        first = scene.connections == 1
        scene.reach(Point.TALKS)
        await self._say(call, scene, self._voices.greeting(language))
        await scene.cue(Cue.SPEAK)
        await self._talk_on(call, scene)
        if story.plot is Plot.TRANSFER and first:
            await self._ask(scene, AgentAction.TRANSFER, {"kind": "queue", "target": TRANSFER_TO})
            await call.ended()
            return
        if story.plot is Plot.HOLD:
            await self._ask(scene, AgentAction.HOLD)
            await asyncio.sleep(HOLD_S)
            await self._ask(scene, AgentAction.RETRIEVE)
            await self._say(call, scene, self._voices.reply(language))
        if story.hangs_up is Side.CALLER:
            await scene.cue(Cue.HANG_UP)
        elif story.plot is Plot.COMPLAINT:
            await self._ask(scene, AgentAction.HANG_UP)
        else:
            await call.hang_up()
        await call.ended()
        if story.hangs_up is Side.AGENT:
            scene.cues.put_nowait(Cue.RATE)

    async def _talk_on(self, call: PhoneCall, scene: Scene) -> None:
        """Stay with this caller for as long as the story says."""
        if scene.story.until is not None:
            async with asyncio.timeout(TALKS_ON_AT_MOST_S):
                await self._cast.until(scene.story.until)
            await self._say(call, scene, self._voices.reply(scene.story.line.language))

    async def _say(self, call: PhoneCall, scene: Scene, said: Utterance) -> None:
        if await call.play(self._shelf.wav(said)):
            scene.said[Side.AGENT].append(said.text)
        elif call.end is not None:
            raise CallEndedError(call.end)

    async def _ask(self, scene: Scene, action: AgentAction, asked: Mapping[str, str] | None = None) -> None:
        """Ask for something with the call in hand, which the live view has named meanwhile."""
        assert scene.call_id is not None
        await self._api.agent(self._workplace.agent_id, action, {"call_id": scene.call_id, **(asked or {})})


def _pick_up_s(plot: Plot, ring: int) -> float:
    """After how long an agent picks up whose phone is the one number ``ring`` that rings for the call."""
    match plot:
        case Plot.RINGS_MANY:
            return LETS_RING_S + (ring - 1) * SLOWER_S
        case Plot.AT_ONCE:
            return LETS_RING_S
        case _:
            return PICK_UP_S


async def _ended(task: asyncio.Task[None]) -> None:
    """Stop the agent; a defect of the demo itself comes to light here."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
