"""Looks at every part of the centre, again and again, so that whoever asks need not wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import structlog

from callcenter.health.model import Condition, Finding, Part, PartHealth, Trouble
from callcenter.ports import Clock

log = structlog.get_logger(__name__)
LOOK_S: Final = 5.0
"""From one look to the next while somebody asks."""
UNASKED_LOOK_S: Final = 20.0
"""And while nobody does: the log tells what goes wrong, and a look costs as much as some calls do."""
WITHIN_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Probe:
    """Looks at the parts of one kind. ``ask`` may raise and may hang."""

    part: Part
    ask: Callable[[], Awaitable[Sequence[Finding]]]


@dataclass(frozen=True, slots=True)
class Picture:
    """How everything was at ``at``."""

    at: int
    parts: tuple[PartHealth, ...]


class HealthService:
    """What does not answer within WITHIN_S is unknown; nothing here is ever waited for longer."""

    def __init__(self, probes: Sequence[Probe], clock: Clock) -> None:
        self._probes = probes
        self._clock = clock
        self._since: dict[tuple[Part, str], tuple[Condition, Trouble | None, int]] = {}
        self._picture: Picture | None = None
        self._asked = asyncio.Event()
        """Since the last look."""

    async def run(self) -> None:
        """Look for ever."""
        while True:
            self._asked.clear()
            self._picture = await self._look()
            await asyncio.sleep(LOOK_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(UNASKED_LOOK_S - LOOK_S):
                    await self._asked.wait()

    async def told(self) -> Picture:
        """How everything was at the last look: less than UNASKED_LOOK_S ago, and less than LOOK_S while it is
        asked again and again. At the very start it is looked at now. Never raises."""
        self._asked.set()
        if self._picture is None:
            self._picture = await self._look()
        return self._picture

    async def _look(self) -> Picture:
        found = await asyncio.gather(*(_asked(probe) for probe in self._probes))
        now = self._clock()
        parts = tuple(PartHealth(one, self._since_of(one, now)) for findings in found for one in findings)
        known = {(part.finding.part, part.finding.name) for part in parts}
        self._since = {key: since for key, since in self._since.items() if key in known}
        return Picture(now, parts)

    def _since_of(self, finding: Finding, now: int) -> int:
        key = finding.part, finding.name
        before = self._since.get(key)
        if before is None or before[:2] != (finding.condition, finding.trouble):
            self._since[key] = finding.condition, finding.trouble, now
            if finding.trouble is not None:
                log.warning("part_not_well", part=key[0], name=key[1], trouble=finding.trouble)
            elif before is not None:
                log.info("part_well_again", part=key[0], name=key[1])
        return self._since[key][2]


async def _asked(probe: Probe) -> Sequence[Finding]:
    try:
        async with asyncio.timeout(WITHIN_S):
            return await probe.ask()
    except TimeoutError:
        return [Finding(probe.part, Condition.UNKNOWN, trouble=Trouble.NOT_SEEN)]
    except Exception as error:
        log.exception("part_not_seen", part=probe.part)
        return [Finding(probe.part, Condition.UNKNOWN, trouble=Trouble.NOT_SEEN, detail=type(error).__name__)]
