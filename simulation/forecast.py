"""Forecast: how many calls to expect by weekday and interval, from the calls that came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError

from located_yaml import Mistake, Mistakes, Section, did_you_mean, from_pydantic, load

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_MIN = 1440


@dataclass(frozen=True, slots=True)
class Forecast:
    """``calls[weekday][i]`` calls are expected in interval ``i`` of that day, counted from midnight; weekdays
    from ``mon`` on, those that are not known left out."""

    interval_min: int
    calls: Mapping[str, tuple[float, ...]]


class _ForecastFile(Section):
    interval_min: Annotated[int, Field(ge=1, le=_DAY_MIN)] = 30
    calls: Annotated[Mapping[str, tuple[Annotated[float, Field(ge=0, le=1e7)], ...]], Field(min_length=1)]


def forecast(
    arrivals_ms: Iterable[int], since_ms: int, until_ms: int, time_zone: str, interval_min: int
) -> Forecast:
    """The mean number of arrivals per weekday and interval over the weeks seen.

    Instants are milliseconds since the epoch; those before ``since_ms`` or not before ``until_ms`` are left
    out. An interval of a weekday was seen as often as it lies wholly in that span; one that never was is
    expected to bring none. ValueError for an interval that does not divide a day.
    """
    if _DAY_MIN % interval_min:
        raise ValueError(f"an interval of {interval_min} min does not divide a day")
    zone = ZoneInfo(time_zone)
    whole = set(_intervals(since_ms, until_ms, zone, interval_min))
    seen = Counter(((day - 1) % 7, interval) for day, interval in whole)
    came: Counter[tuple[int, int]] = Counter()
    for at in arrivals_ms:
        day, interval = _place(at, zone, interval_min)
        if since_ms <= at < until_ms and (day, interval) in whole:
            came[(day - 1) % 7, interval] += 1
    return Forecast(
        interval_min,
        {
            name: tuple(
                came[weekday, interval] / max(1, seen[weekday, interval])
                for interval in range(_DAY_MIN // interval_min)
            )
            for weekday, name in enumerate(WEEKDAYS)
            if any(day == weekday for day, _ in seen)
        },
    )


def read_forecast(source: str | bytes, file: str) -> Forecast:
    """A forecast made elsewhere: ``{interval_min: 60, calls: {mon: [0, 0, ...], ...}}``. Raises Mistakes."""
    repeated: list[Mistake] = []
    document = load(source, file, repeated=repeated)
    try:
        read = _ForecastFile.model_validate({} if document.data is None else document.data)
    except ValidationError as wrong:
        raise Mistakes([*repeated, *from_pydantic(document, wrong, _ForecastFile)]) from None
    found = list(repeated)
    for name, calls in read.calls.items():
        path = ("calls", name)
        if name not in WEEKDAYS:
            near = did_you_mean(name, WEEKDAYS) or f"; there are: {', '.join(WEEKDAYS)}"
            found.append(document.mistake(path, f"calls.{name}: no weekday '{name}'{near}", key=True))
        if len(calls) * read.interval_min > _DAY_MIN:
            told = f"{len(calls)} intervals of {read.interval_min} min are more than a day"
            found.append(document.mistake(path, f"calls.{name}: {told}"))
    if found:
        raise Mistakes(found)
    return Forecast(read.interval_min, {name: read.calls[name] for name in WEEKDAYS if name in read.calls})


def _intervals(since_ms: int, until_ms: int, zone: ZoneInfo, interval_min: int) -> Iterator[tuple[int, int]]:
    """Day and interval of each interval of the wall clock that lies wholly in the span."""
    day = datetime.fromtimestamp(since_ms / 1000, zone).date()
    last = datetime.fromtimestamp(until_ms / 1000, zone).date()
    while day <= last:
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
        for interval in range(_DAY_MIN // interval_min):
            begin = midnight + timedelta(minutes=interval * interval_min)
            begin_ms = round(begin.timestamp() * 1000)
            if since_ms <= begin_ms and begin_ms + interval_min * 60_000 <= until_ms:
                yield day.toordinal(), interval
        day += timedelta(days=1)


def _place(at: int, zone: ZoneInfo, interval_min: int) -> tuple[int, int]:
    """Day (its proleptic ordinal; number 1 was a Monday) and interval of the wall clock at an instant."""
    local = datetime.fromtimestamp(at / 1000, zone)
    return local.toordinal(), (local.hour * 60 + local.minute) // interval_min
