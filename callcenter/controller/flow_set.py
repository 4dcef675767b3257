"""Where callers are led: the numbers, and the flows that a share of the callers takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from callcenter.domain.flow_stage import Stage
from ivr_flows.calendars import Calendar
from ivr_flows.model import Flow


@dataclass(frozen=True, slots=True)
class NumberRoute:
    """Where a called number (DID) leads: the flow, the language in which it begins, and what the flow's
    calendar names mean for this number. ``variables`` are secrets that conditions of the flow may ask about,
    such as a code; they are in no representation."""

    flow: str
    language: str
    calendars: Mapping[str, Calendar]
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class StagedFlows:
    """A version that a share of new callers takes, and its flows."""

    stage: Stage
    flows: Mapping[str, Flow]
