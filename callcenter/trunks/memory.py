"""A switch in memory that is looked at, for tests and for a page without a switch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from callcenter.switch_look import LineState, SwitchSeen, SwitchUnseen


class MemorySwitchLook:
    """See callcenter.switch_look.SwitchLook. ``limits`` are the trunks, each with how many calls it takes;
    ``away``: nothing can be asked of it."""

    def __init__(self, limits: Mapping[str, int], clock: Callable[[], int]) -> None:
        self._limits = limits
        self._clock = clock
        self._started_at = clock()
        self.lines = dict.fromkeys(limits, LineState())
        self.manager = True
        self.away = False

    async def look(self) -> SwitchSeen:
        """See the port."""
        if self.away:
            raise SwitchUnseen("the telephone switch cannot be reached: no answer in time")
        legs = sum(line.legs for line in self.lines.values())
        return SwitchSeen("22.10.1", self._started_at, legs, self.manager, dict(self.lines))

    def arrive(self, trunk: str) -> None:
        """A caller comes in, or finds the trunk full."""
        line = self.lines[trunk]
        if line.legs < self._limits[trunk]:
            self.lines[trunk] = replace(line, legs=line.legs + 1)
        else:
            self.lines[trunk] = replace(line, refused=line.refused + 1, refused_at=self._clock())

    def leave(self, trunk: str) -> None:
        """A caller hangs up."""
        self.lines[trunk] = replace(self.lines[trunk], legs=self.lines[trunk].legs - 1)
