"""The calendars over HTTP, for operations; they are changed with the settings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from aiohttp import web

from callcenter.opening_hours.service import OpeningHours, Use, as_written
from callcenter.web import wire_calendars as wire
from callcenter.web.access import Access, Route
from callcenter.web.problems import ApiProblem, not_found
from callcenter.web.requests import answer, read_body, read_query
from callcenter.web.wire_problems import WrittenMistake
from ivr_flows.calendars import Calendar, Hours
from located_yaml import Mistakes


class OpeningHoursRoutes:
    """What is in force, and what would be."""

    def __init__(self, hours: OpeningHours) -> None:
        self._hours = hours

    def table(self) -> tuple[Route, ...]:
        """Every route with its access."""
        day, told = Access.OPERATION, wire.CalendarAnswer
        return (
            Route("GET", "/api/calendars/{name}", day, self.calendar, wire.CalendarRequest, told),
            Route("POST", "/api/settings/calendars/check", day, self.tried, wire.CalendarTryRequest, told),
        )

    async def calendar(self, request: web.Request) -> web.Response:
        """GET /api/calendars/{name}?since=&until=&at=: whether it is open on each day, why, and when"""
        asked = read_query(request, wire.CalendarRequest)
        name = request.match_info["name"]
        calendar = self._hours.calendar(name)
        if calendar is None:
            raise not_found("There is no such calendar.", "GET /api/settings lists them.")
        return answer(self._told(calendar, asked, self._hours.uses(name)))

    async def tried(self, request: web.Request) -> web.Response:
        """POST /api/settings/calendars/check: the same of a calendar as it would be written"""
        asked = await read_body(request, wire.CalendarTryRequest)
        try:
            calendar = as_written(asked.calendar)
        except Mistakes as wrong:
            mistakes = [
                WrittenMistake(file="", line=1, column=1, path=list(one.path), message=one.message)
                for one in wrong.found
            ]
            what, cure = f"{len(mistakes)} mistakes: {mistakes[0].message}", "Correct them all."
            raise ApiProblem(422, "settings_mistakes", what, cure, told={"mistakes": mistakes}) from None
        return answer(self._told(calendar, asked, ()))

    def _told(
        self, calendar: Calendar, asked: wire.CalendarRequest | wire.CalendarTryRequest, uses: Iterable[Use]
    ) -> wire.CalendarAnswer:
        try:
            at = None if asked.at is None else datetime.fromisoformat(asked.at)
            since, until = date.fromisoformat(asked.since), date.fromisoformat(asked.until)
            told = self._hours.told(calendar, since, until, at)
        except ValueError as wrong:
            raise ApiProblem(
                422, "bad_request", str(wrong), "Give days that are, since the first, until the last."
            ) from None
        return wire.CalendarAnswer(
            time_zone=calendar.time_zone,
            today=told.today.isoformat(),
            now_open=told.now_open,
            at_open=told.at_open,
            days=[
                wire.CalendarDay(
                    day=day.isoformat(), kind=of.kind, follows=of.follows, hours=spans_told(of.hours)
                )
                for day, of in told.days
            ],
            uses=[wire.CalendarUse(number=use.number, flow=use.flow) for use in uses],
        )


def spans_told(hours: Hours) -> list[str]:
    """Spans as people write them: 09:00-18:00."""
    return [f"{first // 60:02}:{first % 60:02}-{last // 60:02}:{last % 60:02}" for first, last in hours]
