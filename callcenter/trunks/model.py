"""Trunks, as people look after them. Instants are ms since the epoch, UTC."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from callcenter.domain.call import Call
from callcenter.switch_look import LineState

REGISTERED: Final = "Registered"
"""The switch's word for a registration that is as it should be."""


class TrunkState(StrEnum):
    """How a trunk is."""

    UP = "up"
    """Its far end answers, and where we register we are registered."""
    LISTENS = "listens"
    """It has no address of which anything could be asked: calls come when they come."""
    NO_ANSWER = "no_answer"
    """The far end does not answer. Calls may come in nevertheless."""
    UNREGISTERED = "unregistered"
    """The provider has not accepted our registration, so nothing comes in."""
    UNKNOWN = "unknown"
    """The switch does not tell, or has not been started since the trunk came into the settings."""


@dataclass(frozen=True, slots=True)
class TrunkPlan:
    """A trunk of the settings. Calls that come in beyond ``channel_limit`` are refused."""

    name: str
    channel_limit: int
    codecs: tuple[str, ...]
    peer: str
    """Where it is called and asked, empty when it has no such address."""


@dataclass(frozen=True, slots=True)
class NumberPlan:
    """A number of the settings: where callers of it come to."""

    number: str
    flow: str
    language: str


@dataclass(frozen=True, slots=True)
class Plans:
    """What the settings in force say."""

    trunks: tuple[TrunkPlan, ...]
    numbers: tuple[NumberPlan, ...]
    any_number: NumberPlan


@dataclass(frozen=True, slots=True)
class TrunkDay:
    """What came in over a trunk since midnight. ``highest`` calls were up at once, first at ``highest_at``
    (None: no call begun or ended today); ``numbers`` are those that were called, each with how often."""

    calls: int = 0
    highest: int = 0
    highest_at: int | None = None
    numbers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TrunkNow:
    """One trunk. ``calls`` came in over it and are up; ``outgoing`` legs are up besides (None: unknown)."""

    plan: TrunkPlan
    state: TrunkState
    since_at: int
    calls: int
    line: LineState | None
    day: TrunkDay

    @property
    def outgoing(self) -> int | None:
        return None if self.line is None else max(0, self.line.legs - self.calls)


@dataclass(frozen=True, slots=True)
class TrunksNow:
    """All trunks. ``switch_started_at`` is None while the switch does not tell, and then ``trouble`` says
    why; without ``counted`` the record was away, and the day is not known."""

    at: int
    trunks: tuple[TrunkNow, ...]
    numbers: tuple[NumberPlan, ...]
    any_number: NumberPlan
    switch_started_at: int | None
    trouble: str
    counted: bool


def calls_up(calls: Iterable[Call], trunk: str) -> int:
    """How many of these came in over this trunk and are up."""
    return sum(call.live and call.trunk == trunk and not call.back and not call.out for call in calls)


def state_of(line: LineState | None) -> TrunkState:
    """How a trunk of which the switch tells this is."""
    if line is None or line.registration == "Unknown":
        return TrunkState.UNKNOWN
    if line.registration not in (None, REGISTERED):
        return TrunkState.UNREGISTERED
    if line.peer_answers is None:
        return TrunkState.LISTENS
    return TrunkState.UP if line.peer_answers else TrunkState.NO_ANSWER
