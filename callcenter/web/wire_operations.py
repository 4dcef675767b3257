"""The JSON shapes of what is looked after from day to day: trunks, and the health of every component."""

from __future__ import annotations

from pydantic import Field

from callcenter.health.model import Condition, Part, Unit
from callcenter.trunks.model import TrunkState
from callcenter.web.wire import Instant, Wire


class CalledNumber(Wire):
    """A number that was called over a trunk today."""

    number: str
    flow: str
    language: str
    calls: int


class Trunk(Wire):
    """A trunk as it is now. ``calls`` came in over it and are up, of at most ``channel_limit``; ``outgoing``
    are the legs that are up besides (null: unknown). ``refused`` calls found it full since the switch was
    started. ``peer`` is where it is called, empty when it has no such address; ``registration`` the switch's
    own word for our registration there (null: none)."""

    name: str
    state: TrunkState
    since_at: Instant
    peer: str
    registration: str | None
    codecs: list[str]
    channel_limit: int
    calls: int
    outgoing: int | None
    calls_today: int
    highest_today: int
    highest_at: Instant | None
    refused: int
    refused_at: Instant | None
    numbers: list[CalledNumber]


class NumberRoute(Wire):
    """A number of the settings and where its callers come to; that of all other numbers is ``*``."""

    number: str
    flow: str
    language: str
    calls: int


class TrunksAnswer(Wire):
    """All trunks, and all numbers with the calls of today. ``switch_started_at`` is null while the switch
    does not tell, and then ``trouble`` says why; without ``counted`` the day is not known just now."""

    at: Instant
    switch_started_at: Instant | None
    trouble: str
    counted: bool
    trunks: list[Trunk]
    numbers: list[NumberRoute]


class HealthFact(Wire):
    """Something known of a part: a number with its unit, or a text."""

    key: str
    unit: Unit
    value: float | None = None
    text: str = ""


class HealthPart(Wire):
    """One part of the centre. ``name`` tells several of a kind apart (a trunk, a model). ``trouble`` names
    what is not well (null: nothing), ``detail`` says it, ``cure`` what to do."""

    part: Part
    name: str
    condition: Condition
    since_at: Instant
    facts: list[HealthFact]
    trouble: str | None
    detail: str
    cure: str


class HealthReport(Wire):
    """How everything is, as it was looked at at ``at``; ``alarms`` parts need somebody."""

    at: Instant
    alarms: int = Field(ge=0)
    parts: list[HealthPart]
