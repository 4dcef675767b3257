"""What conditions may ask about a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ivr_flows.calendars import local_time
from ivr_flows.expressions import Value, kind_of
from ivr_flows.model import FlowFile

FACT_KINDS: Final[dict[str, type]] = {
    **dict.fromkeys(("caller", "did", "trunk", "language", "date"), str),
    **dict.fromkeys(("hour", "minute", "weekday"), float),
}
"""What every condition may ask: ``date`` is text such as 2026-10-01, ``weekday`` 1 (Monday) to 7."""


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What is known of a call when it reaches the flow.

    ``variables`` fill those that the flow declares; one of another kind than declared is left out.
    """

    caller: str
    did: str
    trunk: str = ""
    language: str = ""
    variables: Mapping[str, Value] = field(default_factory=dict)


def condition_values(facts: CallFacts, flow: FlowFile, language: str, now: int) -> dict[str, Value]:
    """A value of the right kind for every name that the flow's conditions may use."""
    known = facts.variables
    variables = {
        name: known[name] if name in known and kind_of(known[name]) is kind_of(value) else value
        for name, value in flow.variables.items()
    }
    local = local_time(now, flow.time_zone)
    return {
        **variables,
        "caller": facts.caller,
        "did": facts.did,
        "trunk": facts.trunk,
        "language": language,
        "date": local.date().isoformat(),
        "hour": local.hour,
        "minute": local.minute,
        "weekday": local.isoweekday(),
    }
