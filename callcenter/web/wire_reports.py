"""The JSON shapes of reports. See ``wire``."""

from __future__ import annotations

from typing import Literal

from callcenter.domain.kpi_catalogue import KpiUnit
from callcenter.domain.kpi_ledger import Scope
from callcenter.web.wire import Instant, Moment, Wire
from callcenter.web.wire_api import Name

# --- requests ----------------------------------------------------------------------------------------------


class ReportRequest(Wire):
    """The time from ``since`` on and before ``until``, widened to whole quarters of an hour, in rows of such
    an ``interval`` (span: all of it is one); of the centre, of each queue or of each agent; ``name``: of this
    one only."""

    since: Moment
    until: Moment
    interval: Literal["quarter", "hour", "day", "span"] = "day"
    scope: Scope = Scope.CENTRE
    name: Name | None = None


class ReportExportRequest(ReportRequest):
    """The same as a file, with words in this language."""

    format: Literal["csv", "xlsx"] = "csv"
    lang: Literal["zh", "en"] = "zh"


# --- answers -----------------------------------------------------------------------------------------------


class ReportFigure(Wire):
    """A figure of the KPI catalogue that each row has."""

    key: str
    unit: KpiUnit
    formula: str


class ReportRow(Wire):
    """One interval of one queue or agent (of the centre: no name). ``values`` stand in the order of the
    figures; null: there was nothing to divide by."""

    begin_at: Instant
    end_at: Instant
    name: str
    values: list[float | None]


class ReportAnswer(Wire):
    """The rows, by time, then by name; a time in which nothing happened has none. ``whole`` are the figures
    of all that is in the rows. Hours and days are those of ``time_zone``. The journal was counted up to
    ``counted_to_at`` (null: nothing yet); ``behind``: there is more to be counted."""

    time_zone: str
    counted_to_at: Instant | None
    behind: bool
    figures: list[ReportFigure]
    rows: list[ReportRow]
    whole: list[float | None]
