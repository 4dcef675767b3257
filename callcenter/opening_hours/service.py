"""Calendars looked up: days, an instant, and whose callers they lead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from callcenter.ports import Clock
from callcenter.settings import Settings
from ivr_flows.calendars import Calendar, Day, local_time
from ivr_flows.model import Flow, HoursNode
from located_yaml import Mistake, Mistakes

MOST_DAYS: Final = 400
ANY_NUMBER: Final = "*"


class TooManyDays(ValueError):
    """The days asked for end before they begin, or are more than MOST_DAYS."""


@dataclass(frozen=True, slots=True)
class Use:
    """Callers of ``number`` (``*``: of any that has no entry) come to where ``flow`` asks the calendar."""

    number: str
    flow: str


@dataclass(frozen=True, slots=True)
class Told:
    """A calendar's days in their order. ``at_open``: at the wall clock that was asked about, if any was."""

    today: date
    now_open: bool
    at_open: bool | None
    days: tuple[tuple[date, Day], ...]


class OpeningHours:
    """Over the settings in force and the flows that run."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        running: Callable[[], Iterable[Mapping[str, Flow]]],
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._running = running
        self._clock = clock

    def calendar(self, name: str) -> Calendar | None:
        """The one in force."""
        return self._settings().calendars.get(name)

    def told(self, calendar: Calendar, since: date, until: date, at: datetime | None) -> Told:
        """The days from ``since`` to ``until``, both included; ``at`` is a wall clock of the calendar's zone.
        Raises TooManyDays."""
        count = (until - since).days + 1
        if not 0 < count <= MOST_DAYS:
            raise TooManyDays(f"from {since} to {until} are not 1 to {MOST_DAYS} days")
        now = self._clock()
        days = [since + timedelta(days=n) for n in range(count)]
        return Told(
            local_time(now, calendar.time_zone).date(),
            calendar.is_open(now),
            None if at is None else calendar.is_open(_instant(at, calendar.time_zone)),
            tuple((day, calendar.of(day)) for day in days),
        )

    def uses(self, name: str) -> list[Use]:
        """Whose callers this calendar leads."""
        settings = self._settings()
        numbers = [*settings.numbers.items(), (ANY_NUMBER, settings.any_number)]
        found = [
            Use(number, flow.name)
            for flows in self._running()
            for number, section in numbers
            if section.flow in flows
            for flow, asked in _asked(flows[section.flow])
            if section.calendars.get(asked, asked) == name
        ]
        return list(dict.fromkeys(found))


def as_written(entry: Mapping[str, Any]) -> Calendar:
    """A calendar as the settings write it. Raises Mistakes."""
    try:
        return Calendar.model_validate(entry)
    except ValidationError as wrong:
        raise Mistakes([_mistake(error["loc"], error["msg"]) for error in wrong.errors()]) from None


def _mistake(path: tuple[int | str, ...], message: str) -> Mistake:
    told = f"{'.'.join(map(str, path))}: {message.removeprefix('Value error, ')}"
    return Mistake("", 1, 1, path, told)


def _asked(flow: Flow) -> Iterator[tuple[Flow, str]]:
    for inner in flow.with_subflows():
        for node in inner.nodes.values():
            if isinstance(node, HoursNode):
                yield inner, node.hours


def _instant(at: datetime, zone: str) -> int:
    return round(at.replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)
