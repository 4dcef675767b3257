"""Values in American English. ``ivr_flows.spoken.Kind`` tells what each is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

_SMALL: Final = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS: Final = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_GROUPS: Final = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"))
_ORDINALS: Final = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
    **{tens: tens.removesuffix("y") + "ieth" for tens in _TENS},
}
_MONTHS: Final = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS: Final = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_SIGNS: Final = {"*": "star", "#": "pound", "+": "plus"}


def whole(number: int) -> str:
    """One thousand five, twenty-one: without "and"."""
    for unit, word in (*_GROUPS, (100, "hundred")):
        if number >= unit:
            high, low = divmod(number, unit)
            return f"{whole(high)} {word}" + (f" {whole(low)}" if low else "")
    if number < 20:
        return _SMALL[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens - 2] + (f"-{_SMALL[ones]}" if ones else "")


def ranked(number: int) -> str:
    """Twenty-first."""
    said = whole(number)
    cut = max(said.rfind(" "), said.rfind("-")) + 1
    return said[:cut] + _ORDINALS.get(said[cut:], said[cut:] + "th")


def _year(year: int) -> str:
    """Nineteen oh five, two thousand five, twenty twenty-six."""
    century, rest = divmod(year, 100)
    if year < 1000 or (century % 10 == 0 and rest < 10):
        return whole(year)
    if rest == 0:
        return f"{whole(century)} hundred"
    return f"{whole(century)} {'oh ' if rest < 10 else ''}{whole(rest)}"


def _several(number: int, unit: str) -> str:
    return f"{whole(number)} {unit}" + ("" if number == 1 else "s")


def _listed(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


class English:
    """Words as the shipped American voice says them."""

    vocabulary: Final = (
        *_SMALL,
        *_TENS,
        *(word for _, word in _GROUPS),
        *("hundred", "minus", "point", "yuan", "fen", "oh", "and", "yes", "no", *_SIGNS.values()),
        *(
            ranked(number)
            for number in (*range(1, 20), *range(20, 100, 10), 100, 10**3, 10**6, 10**9, 10**12)
        ),
        *_MONTHS,
        *_DAYS,
        *("noon", "midnight", "a.m.", "p.m."),
        *(unit + plural for unit in ("day", "hour", "minute", "second") for plural in ("", "s")),
    )

    def number(self, negative: bool, whole_part: int, fraction: str) -> str:
        """Minus twelve point five."""
        after = " point " + " ".join(_SMALL[int(figure)] for figure in fraction) if fraction else ""
        return "minus " * negative + whole(whole_part) + after

    def count(self, number: int) -> str:
        """Two (people)."""
        return whole(number)

    def ordinal(self, number: int) -> str:
        """Second."""
        return ranked(number)

    def figures(self, groups: tuple[str, ...]) -> str:
        """One three eight, zero zero one three."""
        return ", ".join(" ".join(_figure(figure) for figure in group) for group in groups)

    def money(self, negative: bool, yuan: int, fen: int) -> str:
        """Twelve yuan and fifty fen."""
        parts = [f"{whole(yuan)} yuan"] * bool(yuan or not fen) + [f"{whole(fen)} fen"] * bool(fen)
        return "minus " * negative + _listed(parts)

    def date(self, day: date) -> str:
        """October first, twenty twenty-six."""
        return f"{_MONTHS[day.month - 1]} {ranked(day.day)}, {_year(day.year)}"

    def weekday(self, number: int) -> str:
        """Sunday."""
        return _DAYS[number - 1]

    def time(self, hour: int, minute: int) -> str:
        """Nine oh five a.m., noon."""
        if minute == 0 and hour % 12 == 0:
            return "noon" if hour else "midnight"
        minutes = f" {'oh ' if minute < 10 else ''}{whole(minute)}" if minute else ""
        return f"{whole(hour % 12 or 12)}{minutes} {'a.m.' if hour < 12 else 'p.m.'}"

    def duration(self, days: int, hours: int, minutes: int, seconds: int) -> str:
        """Two hours and five minutes."""
        units = ((days, "day"), (hours, "hour"), (minutes, "minute"), (seconds, "second"))
        return _listed([_several(many, unit) for many, unit in units if many] or ["zero seconds"])

    def yes_no(self, yes: bool) -> str:
        """Yes, no."""
        return "yes" if yes else "no"


def _figure(figure: str) -> str:
    return _SMALL[int(figure)] if figure.isdigit() else _SIGNS.get(figure, figure)
