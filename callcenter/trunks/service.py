"""How all trunks are, put together when it is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from callcenter.ports import Clock, StoreAway
from callcenter.switch_look import SwitchLook, SwitchSeen, SwitchUnseen
from callcenter.trunks.model import Plans, TrunkDay, TrunkNow, TrunksNow, TrunkState, state_of
from callcenter.trunks.store import TrunkDays

SWITCH_EVERY_MS: Final = 1000
DAY_EVERY_MS: Final = 10_000
STORE_WITHIN_S: Final = 3.0


class TrunkService:
    """However many ask, the switch is asked once in SWITCH_EVERY_MS and the store once in DAY_EVERY_MS.
    ``plans`` are those of the settings in force, ``up`` counts the calls that came in over a trunk and are
    up; days begin at midnight in ``time_zone``."""

    def __init__(
        self,
        switch: SwitchLook,
        days: TrunkDays,
        plans: Callable[[], Plans],
        up: Callable[[str], int],
        clock: Clock,
        time_zone: str,
    ) -> None:
        self._switch, self._days, self._plans, self._up = switch, days, plans, up
        self._clock = clock
        self._zone = ZoneInfo(time_zone)
        self._asking = asyncio.Lock()
        self._seen_at = self._counted_at = 0
        self._since: dict[str, tuple[TrunkState, int]] = {}
        self._by_trunk: Mapping[str, TrunkDay] = {}
        self._counted = False
        self.seen: SwitchSeen | None = None
        """What the switch told last (None: it does not tell, for the reason in ``trouble``)."""
        self.trouble = ""

    async def look(self) -> None:
        """See to it that ``seen`` is fresh. Never raises."""
        async with self._asking:
            if self._clock() - self._seen_at < SWITCH_EVERY_MS:
                return
            try:
                self.seen, self.trouble = await self._switch.look(), ""
            except SwitchUnseen as unseen:
                self.seen, self.trouble = None, str(unseen)
            self._seen_at = self._clock()

    async def told(self) -> TrunksNow:
        """All trunks as they are now. Never raises."""
        await self.look()
        await self._count()
        now, plans, seen = self._clock(), self._plans(), self.seen
        trunks = []
        for plan in plans.trunks:
            line = seen.lines.get(plan.name) if seen else None
            state = state_of(line)
            if plan.name not in self._since or self._since[plan.name][0] is not state:
                self._since[plan.name] = state, now
            calls = self._up(plan.name)
            day = self._by_trunk.get(plan.name, TrunkDay())
            if calls > day.highest:
                day = TrunkDay(day.calls, calls, now, day.numbers)
            trunks.append(TrunkNow(plan, state, self._since[plan.name][1], calls, line, day))
        return TrunksNow(
            at=now,
            trunks=tuple(trunks),
            numbers=plans.numbers,
            any_number=plans.any_number,
            switch_started_at=seen.started_at if seen else None,
            trouble=self.trouble,
            counted=self._counted,
        )

    async def _count(self) -> None:
        async with self._asking:
            now = self._clock()
            if now - self._counted_at < DAY_EVERY_MS:
                return
            local = datetime.fromtimestamp(now / 1000, self._zone)
            midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
            try:
                async with asyncio.timeout(STORE_WITHIN_S):
                    self._by_trunk = await self._days.since(round(midnight.timestamp() * 1000))
                self._counted = True
            except (StoreAway, TimeoutError):
                self._by_trunk, self._counted = {}, False
            self._counted_at = self._clock()
