"""Who called first: the identity headers that a forwarding carries, read tolerantly and believed carefully.

P-Asserted-Identity (RFC 3325, section 9.1) names the caller that the network vouches for. Diversion
(RFC 5806, section 4) lists who sent the call on, the latest first. History-Info (RFC 7044, section 5.1) lists
every address that the call was aimed at, numbered by `index`, the first of them "1". Headers are what
strangers wrote: anything that yields no dialable number is ignored.
"""

import re
from urllib.parse import unquote

MAX_HEADER = 4096
"""Longer headers are not read at all."""

_URI = re.compile(
    r"""(?:sips?:(?P<user>[^@:;>?\s,"<]*)(?::[^@>\s]*)?@[^;>?\s,]+ | tel:(?P<tel>[^;>?\s,"<]+))""",
    re.IGNORECASE | re.VERBOSE,
)
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"?')
_NUMBER = re.compile(r"\+?[0-9*#]{2,32}")
_INDEX = re.compile(r"index\s*=\s*([0-9]+(?:\.[0-9]+)*)", re.IGNORECASE)
_VISUAL = str.maketrans("", "", "-.() ")
"""Separators that RFC 3966 allows inside a number."""


def original_caller(shown: str, *, asserted: str = "", diversion: str = "", history: str = "") -> str | None:
    """The number that the call came from before it was sent on, or None when no header names another.

    In this order: the asserted identity, when it is not what is `shown` anyway; the last Diversion entry,
    which is the first party that diverted; the History-Info entry of the lowest index.
    """
    for candidate in (_first(numbers(asserted)), _last(numbers(diversion)), _oldest(history)):
        if candidate is not None and not same_number(candidate, shown):
            return candidate
    return None


def numbers(header: str) -> list[str]:
    """The dialable numbers of a header's name-addr list, in their order; never raises."""
    found = []
    for entry in _entries(header):
        number = _number(entry)
        if number is not None:
            found.append(number)
    return found


def same_number(one: str, other: str) -> bool:
    """Whether two spellings differ only in their separators and a leading plus."""
    return _plain(one) == _plain(other)


def _number(entry: str) -> str | None:
    match = _URI.search(entry)
    if match is None:
        return None
    user = unquote(match["user"] or match["tel"] or "").translate(_VISUAL)
    return user if _NUMBER.fullmatch(user) else None


def _oldest(header: str) -> str | None:
    """The entry of History-Info with the lowest index; entries without one count as last."""
    dated = []
    for position, entry in enumerate(_entries(header)):
        number = _number(entry)
        if number is None:
            continue
        index = _INDEX.search(entry.rpartition(">")[2])
        key = [int(part[:9]) for part in index[1].split(".")] if index else [10**9]
        dated.append((key, position, number))
    return min(dated)[2] if dated else None


def _entries(header: str) -> list[str]:
    """Split at the commas that stand outside quotes and angle brackets."""
    if len(header) > MAX_HEADER:
        return []
    entries = [""]
    quoted = bracketed = escaped = False
    for char in header:
        if char == "," and not quoted and not bracketed:
            entries.append("")
            continue
        entries[-1] += char
        if quoted:
            quoted, escaped = (escaped or char != '"'), (char == "\\" and not escaped)
        elif char == '"':
            quoted = True
        elif char in "<>":
            bracketed = char == "<"
    return [_unquoted(entry) for entry in entries]


def _unquoted(entry: str) -> str:
    """The entry without its display name, in which anything may stand."""
    return _QUOTED.sub("", entry)


def _plain(number: str) -> str:
    return number.translate(_VISUAL).lstrip("+")


def _first(found: list[str]) -> str | None:
    return found[0] if found else None


def _last(found: list[str]) -> str | None:
    return found[-1] if found else None
