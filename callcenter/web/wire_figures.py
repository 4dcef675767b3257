"""The JSON shapes of what lies behind figures. See ``wire``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from callcenter.domain.kpi import TOTAL
from callcenter.domain.kpi_calls import Term
from callcenter.domain.kpi_catalogue import KpiUnit
from callcenter.figures.model import Before
from callcenter.web.wire import Instant, Wire
from callcenter.web.wire_api import Name, SpanMs
from callcenter.web.wire_history import CallLine

# --- requests ----------------------------------------------------------------------------------------------


class FigureCallsRequest(Wire):
    """Which number of today: ``part`` of the figure ``key`` of a queue, or (``scope`` total) of all.
    ``before`` is ``next`` of the page before."""

    key: Name
    part: Term = Term.VALUE
    scope: Name = TOTAL
    before: Annotated[str, Field(pattern=r"^[0-9]{1,15}\..{1,128}$")] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class FigureDayRequest(Wire):
    """The course of today, of a queue or (``total``) of all, in intervals of so many minutes."""

    scope: Name = TOTAL
    minutes: Literal["15", "30"] = "30"


# --- answers -----------------------------------------------------------------------------------------------


class CountedLine(Wire):
    """A call that the number counts, so many ``times``: a call that waited twice was offered twice."""

    call: CallLine
    times: int


class FigureCallsAnswer(Wire):
    """The calls that the number counts, newest first; ``next`` leads to the older ones, null when there are
    none. The sum of all ``times`` is the number."""

    calls: list[CountedLine]
    next: str | None


class DayPoint(Wire):
    """An interval from ``offset_ms`` after midnight on. Shares are null with nothing to divide by."""

    offset_ms: SpanMs
    offered: int
    answered: int
    abandoned: int
    service_level: float | None
    answer_rate: float | None


class DayBefore(Wire):
    """The figure of another day up to the same time (null: nothing is known of that day), and by how much
    today's is higher. ``is_better`` null: the change is neither good nor bad."""

    day: Before
    value: float | None
    change: float | None
    is_better: bool | None


class FigureBefore(Wire):
    """A figure of today up to the last full quarter of an hour, and of days before up to the same time."""

    key: str
    unit: KpiUnit
    today: float | None
    before: list[DayBefore]


class FigureDayAnswer(Wire):
    """Today from midnight (``began_at``) of the time zone on, counted up to ``until_at``; its last interval
    still goes on. ``week_ago`` is the whole same day of the week before, null when nothing is known of it.
    Figures are compared up to ``compared_to_at``."""

    time_zone: str
    began_at: Instant
    until_at: Instant
    compared_to_at: Instant
    step_ms: SpanMs
    today: list[DayPoint]
    week_ago: list[DayPoint] | None
    figures: list[FigureBefore]
