"""Business hours: when a calendar says that the centre is open, a pure function of calendar and instant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from located_yaml import Mistake, Mistakes, did_you_mean, from_pydantic, load

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Hours = tuple[tuple[int, int], ...]
"""Open spans of a day as (first minute, minute after the last) from midnight, up to 1440.

A span whose end is not after its start runs on into the next day.
"""

_SPAN: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])")


def known_zone(name: str) -> str:
    """The name itself, when the time-zone database knows it; else ValueError with the nearest name."""
    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        near = did_you_mean(name, available_timezones())
        raise ValueError(f"unknown time zone '{name}'{near}") from None
    return name


def _hours(written: Any) -> Any:
    """``['09:00-12:00', '13:00-18:00']`` as spans of minutes."""
    if not isinstance(written, list):
        raise ValueError(
            "opening hours are a list such as ['09:00-12:00', '13:00-18:00']; [] is closed all day"
        )
    spans = []
    for item in written:
        found = _SPAN.fullmatch(str(item))
        if not found or found[3] + found[4] > "2400":
            raise ValueError(f"'{item}' is not a span of hours such as '09:00-12:00'")
        first_hour, first_minute, last_hour, last_minute = map(int, found.groups())
        spans.append((first_hour * 60 + first_minute, last_hour * 60 + last_minute))
    return tuple(spans)


def _week(written: Any) -> Any:
    """``{mon-fri: [...], sat: [...]}`` as hours by weekday; days not named are closed."""
    if not isinstance(written, dict):
        raise ValueError("a week is written as {mon-fri: ['09:00-18:00'], sat: ['09:00-12:00']}")
    week: dict[str, Any] = {}
    for days, hours in written.items():
        first, _, last = str(days).partition("-")
        for name in (first, last or first):
            if name not in WEEKDAYS:
                raise ValueError(f"unknown weekday '{name}'{did_you_mean(name, WEEKDAYS)}")
        for day in WEEKDAYS[WEEKDAYS.index(first) : WEEKDAYS.index(last or first) + 1]:
            if day in week:
                raise ValueError(f"the hours of '{day}' are given twice")
            week[day] = _hours(hours)
    return week


def _days(written: Any) -> Any:
    """``[2026-10-01..2026-10-07, 2027-01-01]`` as single days."""
    if not isinstance(written, list):
        raise ValueError("holidays are a list such as [2026-10-01..2026-10-07, 2027-01-01]")
    days: set[date] = set()
    for item in written:
        first_text, _, last_text = str(item).partition("..")
        first, last = _day(first_text), _day(last_text or first_text)
        if not 0 <= (last - first).days <= 366:
            raise ValueError(f"'{item}' does not run from a day to a later one within a year")
        days.update(first + timedelta(days=n) for n in range((last - first).days + 1))
    return frozenset(days)


def _day(written: Any) -> date:
    try:
        return date.fromisoformat(str(written))
    except ValueError:
        raise ValueError(f"'{written}' is not a day such as 2026-10-01") from None


def _weekday(written: Any) -> Any:
    if written not in WEEKDAYS:
        raise ValueError(f"unknown weekday '{written}'{did_you_mean(str(written), WEEKDAYS)}")
    return written


_Day = Annotated[date, BeforeValidator(_day)]
_DayHours = Annotated[Hours, BeforeValidator(_hours)]


class DayKind(StrEnum):
    """What of a calendar decides over a day."""

    WEEKLY = "weekly"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"
    SPECIAL = "special"


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a calendar; ``follows`` is the weekday whose hours it has, empty where it follows none."""

    kind: DayKind
    hours: Hours
    follows: str = ""


class Calendar(BaseModel):
    """Weekly hours and the days that differ from them.

    A day follows the first of these that names it: ``special_days`` (its own hours), ``make_up_days`` (调休:
    the hours of the weekday given), ``holidays`` (closed), ``weekly``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    time_zone: Annotated[str, AfterValidator(known_zone)] = "Asia/Shanghai"
    weekly: Annotated[Mapping[str, Hours], BeforeValidator(_week)]
    holidays: Annotated[frozenset[date], BeforeValidator(_days)] = frozenset()
    make_up_days: Mapping[_Day, Annotated[str, BeforeValidator(_weekday)]] = {}
    special_days: Mapping[_Day, _DayHours] = {}

    def of(self, day: date) -> Day:
        """Why the day is open or closed, and when."""
        if day in self.special_days:
            return Day(DayKind.SPECIAL, self.special_days[day])
        if day in self.make_up_days:
            return self._like(DayKind.MAKE_UP, self.make_up_days[day])
        if day in self.holidays:
            return Day(DayKind.HOLIDAY, ())
        return self._like(DayKind.WEEKLY, WEEKDAYS[day.weekday()])

    def hours_of(self, day: date) -> Hours:
        """The open spans of a day."""
        return self.of(day).hours

    def _like(self, kind: DayKind, weekday: str) -> Day:
        return Day(kind, self.weekly.get(weekday, ()), weekday)

    def is_open(self, now: int) -> bool:
        """Whether the instant (ms since the epoch) lies in an open span of the time zone's wall clock."""
        local = local_time(now, self.time_zone)
        minute = local.hour * 60 + local.minute
        today = any(
            first <= minute and (minute < last or last <= first)
            for first, last in self.hours_of(local.date())
        )
        return today or any(
            minute < last <= first for first, last in self.hours_of(local.date() - timedelta(days=1))
        )


def local_time(now: int, time_zone: str) -> datetime:
    """The wall clock at an instant (ms since the epoch)."""
    return datetime.fromtimestamp(now / 1000, ZoneInfo(time_zone))


class _CalendarFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    calendars: dict[str, Calendar]


def load_calendars(source: str | bytes, file: str) -> dict[str, Calendar]:
    """The calendars of a YAML file (``calendars: {hotline: {...}}``) by name. Raises Mistakes."""
    repeated: list[Mistake] = []
    doc = load(source, file, repeated=repeated)
    try:
        calendars = _CalendarFile.model_validate(doc.data).calendars
    except ValidationError as wrong:
        raise Mistakes([*repeated, *from_pydantic(doc, wrong, _CalendarFile)]) from None
    if repeated:
        raise Mistakes(repeated)
    return calendars
