"""The JSON shapes of the calendars. See ``wire``."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from callcenter.web.wire import Wire
from ivr_flows.calendars import DayKind

CalendarDate = Annotated[str, Field(pattern=r"^20[0-9]{2}-[0-9]{2}-[0-9]{2}$")]
WallClock = Annotated[str, Field(pattern=r"^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$")]
"""In the calendar's time zone, such as 2026-10-10T09:30."""


class CalendarRequest(Wire):
    """The days from ``since`` to ``until``, both included, at most 400; and perhaps: is it open ``at``?"""

    since: CalendarDate
    until: CalendarDate
    at: WallClock | None = None


class CalendarTryRequest(Wire):
    """The same of a calendar that is not in force, as the settings would write it."""

    calendar: dict[str, Any]
    since: CalendarDate
    until: CalendarDate
    at: WallClock | None = None


class CalendarDay(Wire):
    """A day: what decides over it (``kind``), the weekday whose hours it has (``follows``: mon to sun, empty
    where it follows none), and its hours, such as 09:00-18:00; none: closed."""

    day: CalendarDate
    kind: DayKind
    follows: str
    hours: list[str]


class CalendarUse(Wire):
    """Callers of this number (``*``: of every other one) come to where this flow asks the calendar."""

    number: str
    flow: str


class CalendarAnswer(Wire):
    """What a calendar says. ``today`` is that of its time zone; ``at_open`` is null when nothing was asked.
    ``uses`` are told of calendars in force."""

    time_zone: str
    today: str
    now_open: bool
    at_open: bool | None
    days: list[CalendarDay]
    uses: list[CalendarUse]
