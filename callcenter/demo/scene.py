"""One call of the demo while it is played: what caller and agents tell each other, and what was seen of it.

A caller cannot know when a human answers except by listening, so the agent directs the conversation: the
caller speaks and hangs up on the agent's cue.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import cycle

from callcenter.demo.speech import Role, Utterance, spoken_by
from callcenter.demo.stories import Point, Side, Story
from callcenter.domain.call import CallPhase
from callcenter.phones import PhoneCall

CUE_WITHIN_S = 20.0


class Cue(Enum):
    """What the agent has the caller do."""

    SPEAK = auto()
    HANG_UP = auto()
    RATE = auto()
    """Say how it was, when the flow asks."""


@dataclass(slots=True)
class Scene:
    """A story in play.

    ``said`` holds the texts heard whole, by side; ``faults`` what went otherwise than meant, for people.
    ``call_id``, ``phase`` and ``agent_id`` come from the centre's live view; once the caller was promised to
    be called back they are those of the call-back, and ``asked_in`` is the call in which that was asked for:
    ``call`` was placed by the caller, ``called_back`` came to them. ``offers`` counts the agents' phones that
    rang, ``silenced`` those that the centre stopped before there was anybody to talk with. ``heard_dbfs`` is
    the level of all that the caller heard, in the quieter of two calls.
    """

    story: Story
    placed: bool = False
    call: PhoneCall | None = None
    called_back: PhoneCall | None = None
    keys_pressed_at: int | None = None
    heard_dbfs: float | None = None
    call_id: str | None = None
    asked_in: str | None = None
    phase: str = ""
    agent_id: str | None = None
    offers: int = 0
    silenced: int = 0
    connections: int = 0
    said: dict[Side, list[str]] = field(default_factory=lambda: {Side.CALLER: [], Side.AGENT: []})
    faults: list[str] = field(default_factory=list)
    points: dict[Point, asyncio.Event] = field(
        default_factory=lambda: {point: asyncio.Event() for point in Point}
    )
    cues: asyncio.Queue[Cue] = field(default_factory=asyncio.Queue)
    obeyed: asyncio.Queue[Cue] = field(default_factory=asyncio.Queue)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def cue(self, cue: Cue) -> None:
        """Have the caller do it; returns when it is done. TimeoutError when the caller does not."""
        self.cues.put_nowait(cue)
        async with asyncio.timeout(CUE_WITHIN_S):
            await self.obeyed.get()

    @property
    def over(self) -> bool:
        """The caller's phone has nothing more to do with it."""
        return self.points[Point.OVER].is_set()

    def reach(self, point: Point) -> None:
        """The call has come to this point; one that is over has come to all of them."""
        for reached in Point if point is Point.OVER else (point,):
            self.points[reached].set()

    def seen(self, call_id: str, phase: str, agent_id: str | None) -> bool:
        """The live view shows the call like this; true when that is new."""
        if (self.call_id, self.phase, self.agent_id) == (call_id, phase, agent_id):
            return False
        if self.call_id is not None and self.call_id != call_id:
            self.asked_in = self.call_id
            self.reach(Point.PROMISED)
        self.call_id, self.phase, self.agent_id = call_id, phase, agent_id
        if phase == CallPhase.QUEUED:
            self.reach(Point.WAITS)
        self.changed.set()
        self.changed = asyncio.Event()
        return True

    async def until_waiting(self, within_s: float) -> None:
        """Until the live view shows the caller in a queue. TimeoutError when it never does."""
        await self._until(lambda: self.phase == CallPhase.QUEUED, within_s)

    async def until_with(self, agent_id: str, within_s: float) -> None:
        """Until the live view shows the caller talking with this agent. TimeoutError when it never does."""
        await self._until(lambda: (self.phase, self.agent_id) == (CallPhase.TALKING, agent_id), within_s)

    async def _until(self, condition: Callable[[], bool], within_s: float) -> None:
        async with asyncio.timeout(within_s):
            while not condition():
                await self.changed.wait()


class Voices:
    """Who says what: each side's sentences in turn, the same in every demo."""

    def __init__(self) -> None:
        self._turns: dict[tuple[Role, str], cycle[Utterance]] = {}

    def greeting(self, language: str) -> Utterance:
        """How an agent answers."""
        return spoken_by(Role.AGENT, language)[0]

    def reply(self, language: str) -> Utterance:
        """What an agent says at the end."""
        return spoken_by(Role.AGENT, language)[1]

    def request(self, language: str) -> Utterance:
        """What the next caller wants."""
        turns = self._turns.setdefault((Role.CALLER, language), cycle(spoken_by(Role.CALLER, language)))
        return next(turns)
