"""Business hours: weekly hours, holidays, make-up days, special days, nights and time zones."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from ivr_flows.calendars import Calendar, Day, DayKind, load_calendars
from located_yaml import Mistakes

WRITTEN = """
calendars:
  hotline:
    time_zone: Asia/Shanghai
    weekly: {mon-fri: ['09:00-12:00', '13:30-18:00'], sat: ['10:00-24:00']}
    holidays: [2026-10-01..2026-10-07, 2027-01-01]
    make_up_days: {2026-10-11: mon}
    special_days: {2026-10-05: ['10:00-11:00'], 2026-12-31: []}
  night_desk:
    time_zone: Europe/Berlin
    weekly: {mon-sun: ['22:00-06:00']}
  always:
    weekly: {mon-sun: ['00:00-24:00']}
"""
CALENDARS = load_calendars(WRITTEN, "calendars.yaml")


def is_open(calendar: str, wall_clock: str, zone: str = "Asia/Shanghai", fold: int = 0) -> bool:
    local = datetime.fromisoformat(wall_clock).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return CALENDARS[calendar].is_open(round(local.timestamp() * 1000))


@pytest.mark.parametrize(
    ("wall_clock", "expected"),
    [
        ("2026-11-20 08:59:59", False),
        ("2026-11-20 09:00:00", True),
        ("2026-11-20 11:59:59", True),
        ("2026-11-20 12:00:00", False),
        ("2026-11-20 13:30:00", True),
        ("2026-11-20 18:00:00", False),
        ("2026-11-21 23:59:59", True),  # Saturday to midnight
        ("2026-11-22 00:00:00", False),  # Sunday
        ("2026-10-01 10:00:00", False),  # holiday
        ("2026-10-07 10:00:00", False),  # its last day
        ("2026-10-08 10:00:00", True),
        ("2027-01-01 10:00:00", False),
        ("2026-10-11 10:00:00", True),  # a Sunday worked as a Monday
        ("2026-10-11 12:30:00", False),
        ("2026-10-05 10:30:00", True),  # special hours on a holiday
        ("2026-10-05 09:30:00", False),
        ("2026-12-31 10:00:00", False),  # a Thursday closed all day
    ],
)
def test_a_day_has_the_hours_of_what_names_it_first(wall_clock: str, expected: bool) -> None:
    """Special days come before make-up days, then holidays, then the week; ends are exclusive."""
    assert is_open("hotline", wall_clock) is expected


@pytest.mark.parametrize(
    ("wall_clock", "expected"),
    [
        ("2026-11-20 21:59:59", False),
        ("2026-11-20 22:00:00", True),
        ("2026-11-21 00:00:00", True),
        ("2026-11-21 05:59:59", True),
        ("2026-11-21 06:00:00", False),
    ],
)
def test_a_span_may_run_over_midnight(wall_clock: str, expected: bool) -> None:
    """A night span belongs to the day it begins on and ends on the next."""
    assert is_open("night_desk", wall_clock, "Europe/Berlin") is expected


def test_summer_time_follows_the_wall_clock() -> None:
    """On the night when clocks go back the desk is open in both hours that are called 02:30."""
    assert is_open("night_desk", "2026-10-25 02:30", "Europe/Berlin", fold=0)
    assert is_open("night_desk", "2026-10-25 02:30", "Europe/Berlin", fold=1)
    assert not is_open("night_desk", "2026-10-25 06:00", "Europe/Berlin")


def test_a_calendar_asks_its_own_time_zone() -> None:
    """The same instant is open here and closed there."""
    assert is_open("hotline", "2026-11-20 03:00", "Europe/Berlin")
    assert not is_open("hotline", "2026-11-20 09:30", "America/New_York")


@pytest.mark.parametrize("hour", range(24))
def test_always_is_always(hour: int) -> None:
    """A calendar of full days is never closed."""
    assert is_open("always", f"2026-11-22 {hour:02}:00")
    assert is_open("always", f"2026-11-22 {hour:02}:59:59")


@pytest.mark.parametrize(
    ("calendar", "told"),
    [
        (
            "{weekly: {mon-fry: []}}",
            "c.yaml:1:25: calendars.x.weekly: unknown weekday 'fry'; did you mean 'fri'?",
        ),
        (
            "{weekly: {mon-fri: [], fri: []}}",
            "c.yaml:1:25: calendars.x.weekly: the hours of 'fri' are given twice",
        ),
        ("{weekly: {mon: ['9-12']}}", "'9-12' is not a span of hours such as '09:00-12:00'"),
        ("{weekly: {mon: ['09:00-24:30']}}", "'09:00-24:30' is not a span of hours"),
        ("{weekly: {mon: '09:00-12:00'}}", "opening hours are a list such as"),
        ("{weekly: []}", "a week is written as"),
        (
            "{weekly: {}, holidays: [2026-02-30]}",
            "c.yaml:1:39: calendars.x.holidays: '2026-02-30' is not a day",
        ),
        ("{weekly: {}, holidays: [2026-10-07..2026-10-01]}", "does not run from a day to a later one"),
        ("{weekly: {}, make_up_days: {2026-10-10: monday}}", "unknown weekday 'monday'; did you mean 'mon'?"),
        ("{weekly: {}, special_days: {tomorrow: []}}", "'tomorrow' is not a day such as 2026-10-01"),
        (
            "{weekly: {}, time_zone: Asia/Shanghia}",
            "unknown time zone 'Asia/Shanghia'; did you mean 'Asia/Shanghai'?",
        ),
        ("{weekly: {}, time_zone: ../../etc/passwd}", "unknown time zone '../../etc/passwd'"),
        ("{weekly: {}, weekly: {}}", "the key 'weekly' is given twice"),
        ("{weekly: {}, weekly: {}, holyday: []}", "unknown field 'holyday'; did you mean 'holidays'?"),
        ("{weekly: {}, holyday: []}", "unknown field 'holyday'; did you mean 'holidays'?"),
    ],
)
def test_mistakes_in_calendars_are_told_where_they_stand(calendar: str, told: str) -> None:
    """Every mistake has its place and the nearest right name."""
    with pytest.raises(Mistakes) as raised:
        load_calendars(f"calendars: {{x: {calendar}}}", "c.yaml")
    assert told in str(raised.value)


def test_days_not_named_are_closed() -> None:
    """A week of one day is closed on the other six."""
    monday = Calendar.model_validate({"weekly": {"mon": ["00:00-24:00"]}})
    noon = round(datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1000)
    days = [monday.is_open(noon + day * 86_400_000) for day in range(7)]
    assert days == [True] + [False] * 6


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-11-20", Day(DayKind.WEEKLY, ((540, 720), (810, 1080)), "fri")),
        ("2026-11-22", Day(DayKind.WEEKLY, (), "sun")),
        ("2026-10-01", Day(DayKind.HOLIDAY, ())),
        ("2026-10-11", Day(DayKind.MAKE_UP, ((540, 720), (810, 1080)), "mon")),
        ("2026-10-05", Day(DayKind.SPECIAL, ((600, 660),))),
    ],
)
def test_a_day_tells_why(day: str, expected: Day) -> None:
    assert CALENDARS["hotline"].of(date.fromisoformat(day)) == expected


def test_the_last_day_of_all_can_be_a_holiday() -> None:
    calendar = Calendar.model_validate({"weekly": {}, "holidays": ["9999-12-30..9999-12-31"]})
    assert len(calendar.holidays) == 2
