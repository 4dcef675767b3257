"""One caller, one number: however a trunk shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import phonenumbers
from phonenumbers import (
    CountryCodeSource,
    NumberParseException,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberFormat,
    ValidationResult,
)

COUNTRIES: Final = frozenset(phonenumbers.SUPPORTED_REGIONS)
"""ISO 3166 codes of the countries whose numbers are known."""
_SHOWN: Final = re.compile(r"\+?[0-9]{3,24}")
_SIGNS: Final = str.maketrans("", "", "+ -()/.")


@dataclass(frozen=True, slots=True)
class NumberingPlan:
    """How numbers are shown: as is usual in the ``country`` (ISO 3166; empty: nothing is known, every number
    stays as it is shown), but for an ``international_prefix`` or ``national_prefix`` of its own, which stand
    before a number of another country, or of this one.

    What is a number there is told by libphonenumber's data (ITU-T E.164 and the plans of the countries, here
    of the release of ``phonenumbers`` that is installed).
    """

    country: str = ""
    international_prefix: str = ""
    national_prefix: str = ""

    def canonical(self, shown: str) -> str:
        """The number as E.164 writes it, ``+8613800138000``; as shown, where it is none of the telephone
        network: short numbers, extensions, a local number without its area, no number at all. Canonical once
        more it is the same."""
        return _canonical(self, shown)

    def spellings(self, shown: str) -> tuple[str, ...]:
        """The canonical number, as it is shown, and as people of the country write it: ``13800138000``,
        ``02112345678``, ``0014155550123``; each once."""
        number = self._number(shown)
        if number is None:
            return (shown,)
        canonical = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        usual = phonenumbers.format_out_of_country_calling_number(number, self.country)
        return tuple(dict.fromkeys([canonical, shown, usual.translate(_SIGNS)]))

    def shown_as(self, canonical: str) -> Iterator[str]:
        """The ways in which trunks of this plan may show this canonical number; each is read as it again."""
        number, metadata = self._number(canonical), PhoneMetadata.metadata_for_region(self.country or "ZZ")
        if number is None or metadata is None:
            return
        digits, national = canonical.removeprefix("+"), phonenumbers.national_significant_number(number)
        usual = metadata.preferred_international_prefix or metadata.international_prefix or ""
        abroad = (prefix for prefix in (usual, self.international_prefix) if prefix.isdecimal())
        yield from (f"{prefix}{digits}" for prefix in abroad)
        if number.country_code == metadata.country_code and phonenumbers.is_valid_number(number):
            zero = metadata.national_prefix or ""
            at_home = dict.fromkeys(["", zero, self.national_prefix, self.national_prefix + zero])
            yield from (digits, *(f"{prefix}{national}" for prefix in at_home))

    def canonical_beginning(self, digits: str) -> str:
        """The beginning of numbers as ``spellings`` have it: with + where the international prefix stands
        before a country, else as written."""
        if digits.startswith("+") or not self.country:
            return digits
        metadata = PhoneMetadata.metadata_for_region(self.country)
        usual = metadata.international_prefix if metadata else None
        for prefix in filter(None, (re.escape(self.international_prefix), usual)):
            if found := re.match(f"(?:{prefix})(?=[1-9])", digits):
                return f"+{digits[found.end() :]}"
        return digits

    def _number(self, shown: str) -> PhoneNumber | None:
        if not self.country or not _SHOWN.fullmatch(shown):
            return None
        return next((read for written in self._readings(shown) if (read := self._read(written))), None)

    def _readings(self, shown: str) -> Iterator[str]:
        """What may be meant in the usual notation of the country, the likeliest first."""
        if self.international_prefix and shown.startswith(self.international_prefix):
            yield f"+{shown.removeprefix(self.international_prefix)}"
        if self.national_prefix and shown.startswith(self.national_prefix):
            yield shown.removeprefix(self.national_prefix)
        yield shown

    def _read(self, written: str) -> PhoneNumber | None:
        """The number, if one can be called so. One that says by a prefix how it is to be read need only have
        a possible length: the data may not know it yet. Bare digits must be a number that they do know."""
        try:
            number = phonenumbers.parse(written, self.country, keep_raw_input=True)
        except NumberParseException:
            return None
        if phonenumbers.is_valid_number(number):
            return number
        match number.country_code_source:
            case CountryCodeSource.FROM_NUMBER_WITH_PLUS_SIGN | CountryCodeSource.FROM_NUMBER_WITH_IDD:
                says_how = True
            case CountryCodeSource.FROM_DEFAULT_COUNTRY:
                says_how = phonenumbers.national_significant_number(number) != written
            case _:
                says_how = False
        possible = phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
        return number if says_how and possible else None


@lru_cache(maxsize=4096)  # asked for some times in each call
def _canonical(plan: NumberingPlan, shown: str) -> str:
    number = plan._number(shown)
    return shown if number is None else phonenumbers.format_number(number, PhoneNumberFormat.E164)


@dataclass(frozen=True, slots=True)
class Numbering:
    """The plan of a centre, and those of its ``trunks`` that show numbers otherwise."""

    plan: NumberingPlan = NumberingPlan()
    trunks: Mapping[str, NumberingPlan] = field(default_factory=dict)

    def of(self, trunk: str) -> NumberingPlan:
        """How this trunk shows numbers."""
        return self.trunks.get(trunk, self.plan)

    def known_as(self, shown: str, trunk: str) -> tuple[str, ...]:
        """The spellings under which the caller whom this trunk shows so may be stored, whichever trunk showed
        the number then: the canonical one first, then as it is shown now. Empty, where it has only one."""
        canonical = self.of(trunk).canonical(shown)
        plans = dict.fromkeys([self.plan, *self.trunks.values()])
        ways = (way for plan in plans for way in plan.shown_as(canonical))
        spellings = tuple(dict.fromkeys([canonical, shown, *ways]))
        return spellings if len(spellings) > 1 else ()
