"""The health of every component over HTTP."""

from __future__ import annotations

from aiohttp import web

from callcenter.health.model import CURES, PartHealth
from callcenter.health.service import HealthService
from callcenter.web.access import Access, Route
from callcenter.web.requests import answer
from callcenter.web.wire import instant
from callcenter.web.wire_operations import HealthFact, HealthPart, HealthReport


class HealthRoutes:
    """How everything is, for whoever must act."""

    def __init__(self, health: HealthService) -> None:
        self._health = health

    def table(self) -> tuple[Route, ...]:
        """Every route with its access."""
        return (Route("GET", "/api/health", Access.METRICS, self.health, answers=HealthReport),)

    async def health(self, _: web.Request) -> web.Response:
        """GET /api/health: as it was a moment ago, so that asking costs nothing"""
        picture = await self._health.told()
        return answer(
            HealthReport(
                at=instant(picture.at),
                alarms=sum(part.alarm for part in picture.parts),
                parts=[_on_wire(part) for part in picture.parts],
            )
        )


def _on_wire(health: PartHealth) -> HealthPart:
    found = health.finding
    return HealthPart(
        part=found.part,
        name=found.name,
        condition=found.condition,
        since_at=instant(health.since_at),
        facts=[
            HealthFact(key=fact.key, unit=fact.unit, value=fact.value, text=fact.text) for fact in found.facts
        ],
        trouble=found.trouble,
        detail=found.detail,
        cure=CURES[found.trouble] if found.trouble else "",
    )
