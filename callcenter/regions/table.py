"""The table of regions: prefixes of one country's numbers, and the names of all countries, as the data of
libphonenumber has them, in a file of SQLite.

``python -m callcenter.regions.table CN FILE`` writes it. That is a process of its own, because the data is
that of the whole world: it takes seconds and 200 MB to load, and the controller needs a part of it.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import phonenumbers

from callcenter.standing_back import stand_back

LANGUAGES: Final = ("zh", "en")
LONGEST_PREFIX: Final = 12
PATIENT: Final = 15
"""The niceness of writing the table: calls come first."""
_FIND: Final = """
SELECT zh, en FROM prefixes WHERE prefix IN (SELECT value FROM json_each(?))
ORDER BY length(prefix) DESC LIMIT 1
"""


class RegionTable:
    """The file, opened to be read. Raises sqlite3.Error when it is none."""

    def __init__(self, path: Path) -> None:
        self._file = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        self._file.execute("SELECT count(*) FROM countries").fetchone()

    def of(self, canonical: str, language: str) -> str:
        """Province and city where the number (E.164) of the table's country belongs, else its country; empty
        when nothing is known of it, or for a number that is none of the telephone network."""
        if not canonical.startswith("+"):
            return ""
        digits = canonical[1:]
        beginnings = [digits[:length] for length in range(1, min(len(digits), LONGEST_PREFIX) + 1)]
        found = self._file.execute(_FIND, (json.dumps(beginnings),)).fetchone()
        if found is None:
            try:
                country = phonenumbers.region_code_for_number(phonenumbers.parse(canonical))
            except phonenumbers.NumberParseException:
                return ""
            found = self._file.execute("SELECT zh, en FROM countries WHERE code = ?", (country,)).fetchone()
        return "" if found is None else str(found[0 if language == "zh" else 1])

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def write_table(path: Path, country: str) -> None:
    """Write the table of this country (ISO 3166); the file appears whole."""
    from phonenumbers.geodata import GEOCODE_DATA
    from phonenumbers.geodata.locale import LOCALE_DATA

    code = str(phonenumbers.country_code_for_region(country))
    fresh = path.with_suffix(f".{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    with sqlite3.connect(fresh) as file:
        file.execute("CREATE TABLE prefixes (prefix text PRIMARY KEY, zh text, en text) WITHOUT ROWID")
        file.execute("CREATE TABLE countries (code text PRIMARY KEY, zh text, en text) WITHOUT ROWID")
        file.executemany("INSERT INTO prefixes VALUES (?, ?, ?)", _named(GEOCODE_DATA, code))
        file.executemany("INSERT INTO countries VALUES (?, ?, ?)", _named(LOCALE_DATA, ""))
    file.close()
    fresh.rename(path)


def _named(names: Mapping[str, Mapping[str, str]], beginning: str) -> Iterator[tuple[str, str, str]]:
    """What begins so, with its names; one language stands in for the other where there is only one."""
    for key, by_language in names.items():
        if key.startswith(beginning):
            zh, en = (_name(by_language, language) for language in LANGUAGES)
            if zh or en:
                yield key, zh or en, en or zh


def _name(by_language: Mapping[str, str], language: str) -> str:
    """A name of ``*en`` is the one in English."""
    name = by_language.get(language, "")
    return by_language.get(name[1:], "") if name.startswith("*") else name


if __name__ == "__main__":
    stand_back(PATIENT)
    write_table(Path(sys.argv[2]), sys.argv[1])
