"""Checks of the digits that a caller enters."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from ivr_flows.masks import fits
from located_yaml import did_you_mean

MAX_DIGITS: Final = 32
"""The longest entry."""

_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE: Final = re.compile(r"0(10|2[0-9]|[3-9][0-9]{2})[2-9][0-9]{6,7}")
_ID_CARD: Final = re.compile(r"[1-9][0-9]{16}[0-9X]")
_MASK: Final = re.compile(rf"[0-9#?]{{1,{MAX_DIGITS}}}\*?")


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of ISO/IEC 7812 (bank cards)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def phone_cn(digits: str) -> bool:
    """Whether it is a number of mainland China: a mobile of 11 digits, or a landline with its area code."""
    return bool(_MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits))


def id_card_cn(digits: str) -> bool:
    """Whether it is an identity number of GB 11643: 18 places, the last by ISO 7064 mod 11-2 (may be X)."""
    if not _ID_CARD.fullmatch(digits):
        return False
    remainder = 0
    for digit in digits[:17]:
        remainder = (remainder + int(digit)) * 2 % 11
    return "0123456789X"[(12 - remainder) % 11] == digits[17]


@dataclass(frozen=True, slots=True)
class DigitCheck:
    """What an entry must be; ``lengths`` are the shortest and the longest that can be."""

    written: str
    fits: Callable[[str], bool] = field(compare=False)
    lengths: tuple[int, int] = (1, MAX_DIGITS)
    star_is_x: bool = False
    """The star stands for the check digit X, which no telephone has."""


CHECKS: Final[Mapping[str, DigitCheck]] = {
    "luhn": DigitCheck("luhn", luhn, (2, MAX_DIGITS)),
    "phone_cn": DigitCheck("phone_cn", phone_cn, (10, 12)),
    "id_card_cn": DigitCheck("id_card_cn", id_card_cn, (18, 18), star_is_x=True),
}


def parse_check(written: object) -> DigitCheck:
    """The check as written: a name of ``CHECKS``, a mask such as ``20######``, or ``{min: 1, max: 500}``.

    Raises ValueError.
    """
    if isinstance(written, str) and written in CHECKS:
        return CHECKS[written]
    if isinstance(written, str) and _MASK.fullmatch(written):
        open_end = written.endswith("*")
        shortest = len(written) - open_end
        return DigitCheck(
            written, lambda digits: fits(digits, written), (shortest, MAX_DIGITS if open_end else shortest)
        )
    if isinstance(written, dict) and written.keys() == {"min", "max"}:
        return _range(written["min"], written["max"])
    near = did_you_mean(str(written), CHECKS)
    known = f"{', '.join(CHECKS)}, a mask such as '20######', or {{min: 1, max: 500}}"
    raise ValueError(f"'{written}' is no check of digits{near}; there are: {known}")


def _range(least: object, greatest: object) -> DigitCheck:
    if type(least) is not int or type(greatest) is not int or not 0 <= least <= greatest < 10**18:
        raise ValueError("a range is written {min: 1, max: 500}, with whole numbers from 0, min first")
    return DigitCheck(
        f"{least}..{greatest}", lambda digits: digits.isdecimal() and least <= int(digits) <= greatest
    )
