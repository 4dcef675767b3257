"""All calls of a demo while they are played: who waits for whom, and which call a number belongs to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from callcenter.demo.scene import Scene
from callcenter.demo.stories import Moment, Story


class Cast:
    """The scenes of these stories, in their order."""

    def __init__(self, told: Sequence[Story]) -> None:
        self.scenes = tuple(Scene(story) for story in told)

    async def until(self, moment: Moment) -> None:
        """Until the moment has come."""
        await self.scenes[moment.number - 1].points[moment.point].wait()
        await asyncio.sleep(moment.plus_ms / 1000)

    def rings_for(self, caller: str) -> Scene | None:
        """The call that an agent's phone rings for when it shows this number: the last one placed from it."""
        placed = [scene for scene in self._of(caller) if scene.placed]
        return placed[-1] if placed else None

    def shown_as(self, caller: str, call_id: str, call_back_of: str | None = None) -> Scene | None:
        """The call that the live view shows with this number under this id; None when it is nobody's, or when
        its story goes on in the call-back that was promised in it."""
        scenes = self._of(caller)
        known = {scene.call_id: scene for scene in scenes}
        found = known.get(call_back_of or call_id) or known.get(call_id)
        if found is not None or call_back_of is not None or call_id in {scene.asked_in for scene in scenes}:
            return found
        return next((scene for scene in scenes if scene.placed and scene.call_id is None), None)

    def _of(self, caller: str) -> list[Scene]:
        return [scene for scene in self.scenes if scene.story.caller == caller]
