"""Trunks over HTTP."""

from __future__ import annotations

from aiohttp import web

from callcenter.trunks.model import NumberPlan, TrunkNow, TrunksNow
from callcenter.trunks.service import TrunkService
from callcenter.web.access import Access, Route
from callcenter.web.requests import answer
from callcenter.web.wire import instant, instant_or_none
from callcenter.web.wire_operations import CalledNumber, NumberRoute, Trunk, TrunksAnswer

ANY_NUMBER = "*"


class TrunkRoutes:
    """How the trunks are, for whoever looks after them."""

    def __init__(self, trunks: TrunkService) -> None:
        self._trunks = trunks

    def table(self) -> tuple[Route, ...]:
        """Every route with its access."""
        return (Route("GET", "/api/trunks", Access.OPERATION, self.trunks, answers=TrunksAnswer),)

    async def trunks(self, _: web.Request) -> web.Response:
        """GET /api/trunks: cheap enough to be asked every second"""
        return answer(_on_wire(await self._trunks.told()))


def _on_wire(now: TrunksNow) -> TrunksAnswer:
    routes = {plan.number: plan for plan in now.numbers}
    called: dict[str, int] = {}
    for trunk in now.trunks:
        for number, calls in trunk.day.numbers.items():
            name = number if number in routes else ANY_NUMBER
            called[name] = called.get(name, 0) + calls
    numbers = [*now.numbers, NumberPlan(ANY_NUMBER, now.any_number.flow, now.any_number.language)]
    return TrunksAnswer(
        at=instant(now.at),
        switch_started_at=instant_or_none(now.switch_started_at),
        trouble=now.trouble,
        counted=now.counted,
        trunks=[_trunk(one, routes, now.any_number) for one in now.trunks],
        numbers=[
            NumberRoute(
                number=plan.number,
                flow=plan.flow,
                language=plan.language,
                calls=called.get(plan.number, 0),
            )
            for plan in numbers
        ],
    )


def _trunk(now: TrunkNow, routes: dict[str, NumberPlan], any_number: NumberPlan) -> Trunk:
    line = now.line
    return Trunk(
        name=now.plan.name,
        state=now.state,
        since_at=instant(now.since_at),
        peer=now.plan.peer,
        registration=line.registration if line else None,
        codecs=list(now.plan.codecs),
        channel_limit=now.plan.channel_limit,
        calls=now.calls,
        outgoing=now.outgoing,
        calls_today=now.day.calls,
        highest_today=now.day.highest,
        highest_at=instant_or_none(now.day.highest_at),
        refused=line.refused if line else 0,
        refused_at=instant_or_none(line.refused_at if line else None),
        numbers=[
            CalledNumber(
                number=number,
                flow=routes.get(number, any_number).flow,
                language=routes.get(number, any_number).language,
                calls=calls,
            )
            for number, calls in now.day.numbers.items()
        ],
    )
