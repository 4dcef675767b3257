"""Reports as files: rows in, bytes out, as long as a report may be; words in Chinese or English.

Nothing in a file is a formula, whatever queues and agents are called: a text that a spreadsheet would work
out gets an apostrophe before it (CSV), or is written as the text it is (XLSX).
"""

from __future__ import annotations

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO
from zoneinfo import ZoneInfo

import xlsxwriter

from callcenter.domain.kpi_catalogue import KpiFigure, KpiUnit
from callcenter.domain.kpi_ledger import Counts, Sparse
from callcenter.reports.model import ReportRow, ReportWanted, figures_of
from callcenter.reports.words import COLUMNS, FIGURES, Language

BOM = "\ufeff"
"""By which Excel knows that the file is UTF-8."""
WORKED_OUT = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula, full-width signs included."""
CHUNK_BYTES = 64 * 1024
ROWS_AT_A_TIME = 500

Value = str | datetime | float | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a report looks like as a table. ``named`` tells what people call a queue or an agent; ``whole`` is
    filled by whoever makes the rows, and becomes the last line."""

    wanted: ReportWanted
    lang: Language
    named: Mapping[str, str]
    whole: Sparse

    def heads(self) -> list[str]:
        """The first line."""
        first = [COLUMNS[key][self.lang] for key in ("begin", "end", self.wanted.scope.value)]
        return [*first, *map(self._head, figures_of(self.wanted.scope, Counts()))]

    def line(self, row: ReportRow) -> list[Value]:
        """One row."""
        name = self.named.get(row.name, row.name) if row.name else COLUMNS["all"][self.lang]
        times = [self._time(at) for at in (row.begin_at, row.end_at)]
        return [*times, name, *map(_value, row.figures)]

    def last(self) -> list[Value]:
        """The last line, once all rows are made."""
        row = ReportRow(
            self.wanted.from_at, self.wanted.to_at, "", figures_of(self.wanted.scope, Counts.of(self.whole))
        )
        return [*self.line(row)[:2], COLUMNS["whole"][self.lang], *map(_value, row.figures)]

    def units(self) -> list[KpiUnit]:
        """Of the figures, in their order."""
        return [figure.unit for figure in figures_of(self.wanted.scope, Counts())]

    def _head(self, figure: KpiFigure) -> str:
        words = FIGURES[figure.key][self.lang]
        return words + COLUMNS["seconds"][self.lang] if figure.unit is KpiUnit.MS else words

    def _time(self, at: int) -> datetime:
        """In the time of the report, whose zone a spreadsheet does not know."""
        return datetime.fromtimestamp(at / 1000, ZoneInfo(self.wanted.time_zone)).replace(tzinfo=None)


def _value(figure: KpiFigure) -> float | None:
    """Shares as they are, times in seconds."""
    if figure.value is None:
        return None
    return round(figure.value / 1000, 1) if figure.unit is KpiUnit.MS else round(figure.value, 4)


async def csv_bytes(sheet: Sheet, rows: AsyncIterator[ReportRow]) -> AsyncIterator[bytes]:
    """The file in portions, each as soon as its rows are there."""
    text = io.StringIO()
    lines = csv.writer(text)
    text.write(BOM)
    lines.writerow(map(_safe, sheet.heads()))
    async for row in rows:
        lines.writerow(map(_in_csv, sheet.line(row)))
        if text.tell() > CHUNK_BYTES:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    lines.writerow(map(_in_csv, sheet.last()))
    yield text.getvalue().encode()


def _in_csv(value: Value) -> str:
    match value:
        case None:
            return ""
        case str():
            return _safe(value)
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case _:
            return f"{value:g}" if value < 1e6 else f"{value:.1f}".removesuffix(".0")


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(WORKED_OUT) else text


async def xlsx_bytes(sheet: Sheet, rows: AsyncIterator[ReportRow]) -> AsyncIterator[bytes]:
    """The file in portions, once its last row is there; meanwhile it lies on the disk and not in the memory.
    What takes long happens in a thread."""
    with tempfile.TemporaryFile() as file:
        book = _Book(sheet, file)
        portion: list[list[Value]] = []
        async for row in rows:
            portion.append(sheet.line(row))
            if len(portion) == ROWS_AT_A_TIME:
                await asyncio.to_thread(book.write, portion)
                portion = []
        await asyncio.to_thread(book.finish, portion)
        file.seek(0)
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk


class _Book:
    def __init__(self, sheet: Sheet, file: IO[bytes]) -> None:
        self._sheet = sheet
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(file, options)
        self._page = self._book.add_worksheet()
        self._bold = self._book.add_format({"bold": True})
        self._of_time = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        formats = {KpiUnit.RATIO: "0.0%", KpiUnit.MS: "0.0", KpiUnit.COUNT: "0"}
        by_unit = {unit: self._book.add_format({"num_format": shown}) for unit, shown in formats.items()}
        self._formats = [None] * 3 + [by_unit[unit] for unit in sheet.units()]
        self._page.set_column(0, 2, 18)
        self._page.set_column(3, 2 + len(sheet.units()), 12)
        self._page.freeze_panes(1, 3)
        for column, head in enumerate(sheet.heads()):
            self._page.write_string(0, column, head, self._bold)
        self._lines = 1

    def write(self, lines: list[list[Value]]) -> None:
        """Put these below the others."""
        for line in lines:
            for column, value in enumerate(line):
                match value:
                    case None:
                        pass
                    case str():
                        self._page.write_string(self._lines, column, value)
                    case datetime():
                        self._page.write_datetime(self._lines, column, value, self._of_time)
                    case _:
                        self._page.write_number(self._lines, column, value, self._formats[column])
            self._lines += 1

    def finish(self, lines: list[list[Value]]) -> None:
        """These are the last ones."""
        self.write([*lines, self._sheet.last()])
        self._book.close()
