"""Look-ups: addresses with values, results in answers, and the two sources that every centre has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from callcenter.settings.outside import OWN_LOOK_UPS, SLOT
from ivr_flows.check import LookUpShape
from ivr_flows.expressions import Value, plain

CALLER, TICKET = OWN_LOOK_UPS
OWN_SHAPES: Final[Mapping[str, LookUpShape]] = {
    CALLER: LookUpShape(
        (),
        {
            "calls": float,
            "open_tickets": float,
            "last_ticket": str,
            "last_queue": str,
            "last_agent": str,
            "last_call_on": str,
        },
    ),
    TICKET: LookUpShape(("number",), {"state": str, "category": str, "opened_on": str, "own": bool}),
}
"""``caller``: how many calls before this one, tickets not closed, the newest ticket's id, and of the last
call its queue, agent and day; a text is empty where there is none. ``ticket``: of the ticket with these
digits in its id the state (callcenter.tickets.model), the category, the day it was opened, and whether it is
one of this caller's own. Days are as 2026-10-01, in UTC."""


class UnfitValue(Exception):
    """A value that cannot stand in the address; the text names it but does not show it."""


def address(template: str, given: Mapping[str, Value]) -> str:
    """The address with its values, quoted so that each stays the one part that it stands for. Raises
    UnfitValue for one that is missing, or that in a path would mean another place."""
    path_end = len(template.partition("?")[0])
    parts: list[str] = []
    ended = 0
    for slot in SLOT.finditer(template):
        if slot[1] not in given:
            raise UnfitValue(f"'{slot[1]}' is not given")
        value = plain(given[slot[1]])
        if slot.start() < path_end and value.strip() in ("", ".", ".."):
            raise UnfitValue(f"'{slot[1]}' is empty, or means another place in the path")
        parts += [template[ended : slot.start()], quote(value, safe="")]
        ended = slot.end()
    return "".join([*parts, template[ended:]])


def results_in(answer: Any, paths: Mapping[str, str]) -> dict[str, Value]:
    """What stands at these dotted paths of a JSON answer: texts, numbers, true and false; the rest is left
    out."""
    found = {name: _at(answer, path.split(".")) for name, path in paths.items()}
    return {name: value for name, value in found.items() if isinstance(value, str | int | float)}


def _at(answer: Any, steps: Sequence[str]) -> Any:
    for step in steps:
        if isinstance(answer, Mapping):
            answer = answer.get(step)
        elif isinstance(answer, list) and step.isdecimal() and int(step) < len(answer):
            answer = answer[int(step)]
        else:
            return None
    return answer


def digits_of(ticket_number: str) -> str:
    """A ticket's id as a telephone can enter it: its digits."""
    return "".join(char for char in ticket_number if char in "0123456789")
