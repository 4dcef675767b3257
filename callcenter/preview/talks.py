"""What is said in the calls of a made-up day, word by word, as a recogniser would tell it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from itertools import cycle

from aiohttp import web

from callcenter.domain import events as e
from callcenter.listening.transcript import LiveTranscripts
from callcenter.web.auth import Session
from callcenter.web.live_transcript_routes import LiveTranscriptRoutes
from callcenter.web.memory import MemoryCentre

STEP_S = 0.25
LETTERS_PER_STEP = 2
PAUSE_S = 0.9
SAYINGS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "zh": (
        ("agent", "您好，政务服务热线，请问有什么可以帮您？"),
        ("caller", "你好，我想反映一下我们小区南门的路灯，坏了快一个星期了"),
        ("agent", "好的，请问是哪个小区，在哪条路上？"),
        ("caller", "幸福路十二号，阳光花园，晚上老人孩子走那段路特别不方便"),
        ("agent", "明白了，我帮您登记并转给城管部门处理，处理结果会短信告诉您"),
        ("caller", "好的，大概要多久能修好呢？"),
        ("agent", "一般三个工作日内会有回复"),
        ("caller", "行，谢谢你啊"),
    ),
    "ko": (
        ("agent", "안녕하세요 무엇을 도와드릴까요"),
        ("caller", "민원 접수해 주세요"),
        ("agent", "네 어떤 내용인지 말씀해 주시겠어요"),
        ("caller", "공사 소음 때문에 전화했습니다 밤에도 계속 시끄러워요"),
        ("agent", "주소를 말씀해 주시면 담당 부서로 전달하겠습니다"),
    ),
}


class MadeUpTalks:
    """Follows the centre: people talk as long as they are connected, in queues where that is read. One thing
    in a while is not recognised in time."""

    def __init__(
        self, centre: MemoryCentre, alive: Callable[[Session], bool], clock: Callable[[], int]
    ) -> None:
        self._centre = centre
        self._clock = clock
        self._transcripts = LiveTranscripts(clock)
        self._talks: dict[str, asyncio.Task[None]] = {}
        self.routes = LiveTranscriptRoutes(self._transcripts, centre, alive, clock)
        centre.subscribe(self._follow)

    async def close(self, app: web.Application) -> None:
        """Nobody talks any more, and nobody reads."""
        for call_id in list(self._talks):
            self._stop(call_id)
        await self.routes.close(app)

    def _follow(self, _: int, event: e.DomainEvent) -> None:
        match event:
            case e.AgentConnected(call_id=call_id) | e.CallRetrieved(call_id=call_id):
                call = self._centre.calls[call_id]
                if self._centre.view().queues[call.queue or ""].live_transcript:
                    language = call.language if call.language in SAYINGS else "zh"
                    talk = asyncio.get_running_loop().create_task(self._talk(call_id, language))
                    self._talks[call_id] = talk
            case e.CallHeld(call_id=call_id) | e.AgentReleased(call_id=call_id):
                self._stop(call_id)
            case e.CallEnded(call_id=call_id):
                self._stop(call_id)
                self._transcripts.forget(call_id)

    def _stop(self, call_id: str) -> None:
        if talk := self._talks.pop(call_id, None):
            talk.cancel()
            self._transcripts.of(call_id).paused()

    async def _talk(self, call_id: str, language: str) -> None:
        said = self._transcripts.of(call_id)
        said.heard()
        for number, (side, text) in enumerate(cycle(SAYINGS[language]), 1):
            await asyncio.sleep(PAUSE_S)
            for letters in range(LETTERS_PER_STEP, len(text), LETTERS_PER_STEP):
                said.partial(side, text[:letters], self._clock())
                await asyncio.sleep(STEP_S)
            said.final(side, text, self._clock())
            if number % 4 == 0:
                said.lost("caller", self._clock())
