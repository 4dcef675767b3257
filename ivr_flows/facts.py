"""What expressions may ask about a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from ivr_flows.expressions import Value


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What is known of a call when it reaches the flow.

    ``variables`` fill those that the flow declares; one of another kind than declared is left out. ``lists``
    are the lists of callers on which this one is.
    """

    caller: str
    did: str
    trunk: str = ""
    language: str = ""
    variables: Mapping[str, Value] = field(default_factory=dict)
    lists: frozenset[str] = frozenset()


_OF_THE_CALL: Final = ("caller", "did", "trunk")
CLOCK_FACTS: Final[Mapping[str, Callable[[datetime], Any]]] = {
    "date": lambda local: local.date().isoformat(),
    "hour": lambda local: local.hour,
    "minute": lambda local: local.minute,
    "weekday": lambda local: local.isoweekday(),
}
FACT_KINDS: Final[dict[str, type]] = {
    **dict.fromkeys((*_OF_THE_CALL, "language", "date"), str),
    **dict.fromkeys(("hour", "minute", "weekday"), float),
}
"""What every expression may ask: ``date`` is text such as 2026-10-01, ``weekday`` 1 (Monday) to 7."""
