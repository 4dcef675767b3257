"""Reports over HTTP and as files."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from web_twin import T0, Twin, arrival, ended, queued

from callcenter.domain import events as e
from callcenter.domain.kpi import KpiPolicy
from callcenter.domain.kpi_ledger import Counts, Scope, day_of
from callcenter.reports.export import BOM, Sheet, csv_bytes
from callcenter.reports.model import Interval, ReportRow, ReportWanted, day_after, figures_of
from callcenter.reports.words import FIGURES
from callcenter.web.report_routes import MOST_ROWS

WORDS = Path(__file__).resolve().parents[2] / "agents_console/src/words"
ZONE = "Asia/Shanghai"
SPAN = {"since": "2023-11-14T16:00:00Z", "until": "2023-11-15T16:00:00Z"}
"""The day of T0 in Shanghai."""
EVENTS: list[e.DomainEvent] = [
    arrival("c1"),
    queued("c1"),
    e.QueueLeft(T0 + 5_000, "c1", "general", e.QueueOutcome.ANSWERED, 5_000),
    e.AgentReleased(T0 + 65_000, "c1", "1001", "general", 60_000, 0),
    arrival("c2"),
    ended("c2"),
]


@pytest.fixture
async def twin(tmp_path: Path) -> AsyncIterator[Twin]:
    async with Twin(tmp_path).serving() as twin:
        for event in EVENTS:
            twin.reports.apply(event)
        yield twin


async def test_a_report(twin: Twin) -> None:
    """Rows of figures by one formula, and the whole; what was counted up to when."""
    async with twin.caller("sue") as client, client.get("/api/reports", params=SPAN) as response:
        told = await response.json()
    keys = [figure["key"] for figure in told["figures"]]
    (row,) = told["rows"]
    assert dict(zip(keys, row["values"], strict=True))["connect_rate"] == 1.0
    assert (row["values"][keys.index("calls_in")], row["values"]) == (2.0, told["whole"])
    assert (row["begin_at"], row["end_at"]) == ("2023-11-14T16:00:00.000Z", "2023-11-15T16:00:00.000Z")
    assert (told["time_zone"], told["behind"]) == (ZONE, False)
    assert told["counted_to_at"].startswith("2023-11-14T22:14")


async def test_reports_are_for_supervision(twin: Twin) -> None:
    """Agents get neither the page's nor the file's."""
    for name, status in ((None, 401), ("ada", 200), ("sue", 200), ("amy", 403)):
        for path in ("/api/reports", "/api/reports/export"):
            async with twin.caller(name) as client, client.get(path, params=SPAN) as response:
                assert response.status == status


@pytest.mark.parametrize(
    "asked",
    [
        {"since": "today"},
        {"until": SPAN["since"], "since": SPAN["until"]},
        {"interval": "minute"},
        {"interval": "quarter", "since": "2023-01-01T00:00:00Z"},
        {"scope": "trunk"},
    ],
)
async def test_a_report_that_cannot_be_asked_for(twin: Twin, asked: dict[str, str]) -> None:
    """Neither on the page nor as a file; the mistake is told."""
    async with twin.caller("sue") as client:
        for path in ("/api/reports", "/api/reports/export"):
            async with client.get(path, params={**SPAN, **asked}) as response:
                assert response.status == 422
                assert (await response.json())["cure"]


async def test_a_report_too_long_for_a_page(twin: Twin) -> None:
    """It can be exported all the same."""
    for number in range(MOST_ROWS + 1):
        twin.reports.apply(e.AgentReleased(T0, f"c{number}", f"a{number}", "general", 1, 0))
    asked = {**SPAN, "scope": "agent"}
    async with twin.caller("sue") as client:
        async with client.get("/api/reports", params=asked) as response:
            assert (response.status, (await response.json())["code"]) == (422, "report_too_long")
        async with client.get("/api/reports/export", params=asked) as response:
            lines = (await response.text()).splitlines()
    assert len(lines) == MOST_ROWS + 4  # those, the agent 1001, the heads and the whole


async def test_csv_that_excel_reads(twin: Twin) -> None:
    """UTF-8 by its mark, Chinese heads, times of the centre, seconds, and the whole at the end."""
    asked = {**SPAN, "scope": "queue", "format": "csv"}
    async with twin.caller("sue") as client, client.get("/api/reports/export", params=asked) as response:
        assert response.headers["Content-Disposition"].endswith('-queue-day.csv"')
        text = (await response.read()).decode()
    assert text.startswith(BOM)
    heads, row, whole = csv.reader(io.StringIO(text.removeprefix(BOM)))
    told = dict(zip(heads, row, strict=True))
    assert (told["开始"], told["队列"], told["排队量"]) == ("2023-11-15 00:00", "综合受理", "1")
    assert (told["平均应答时长（秒）"], told["服务水平"], told["放弃率"]) == ("5", "1", "0")
    assert (whole[2], whole[3:]) == ("合计", row[3:])


async def test_xlsx_has_numbers_and_no_formulas(twin: Twin) -> None:
    """A workbook with the same lines, in English."""
    asked = {**SPAN, "scope": "agent", "format": "xlsx", "lang": "en"}
    async with twin.caller("sue") as client, client.get("/api/reports/export", params=asked) as response:
        book = zipfile.ZipFile(io.BytesIO(await response.read()))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<t>Agent</t>" in sheet
    assert "<t>陈晓雯 1001</t>" in sheet
    assert "<v>60</v>" in sheet
    assert "<f>" not in sheet


NAMES = ("=1+1", "+49", "-1", "@SUM(A1)", "\t=1", "＝1+1", "normal", '"quoted", with comma')


async def test_no_name_is_a_formula() -> None:
    """What a spreadsheet would work out begins with an apostrophe; all else is as it is."""
    day = day_of(T0, ZONE)
    wanted = ReportWanted(day, day_after(day, ZONE), Interval.DAY, Scope.QUEUE, ZONE)

    async def rows() -> AsyncIterator[ReportRow]:
        for name in NAMES:
            yield ReportRow(day, day, name, figures_of(Scope.QUEUE, Counts()))

    sheet = Sheet(wanted, "zh", {}, {})
    text = b"".join([portion async for portion in csv_bytes(sheet, rows())]).decode()
    names = [line[2] for line in csv.reader(io.StringIO(text.removeprefix(BOM), newline=""))][1:-1]
    assert names == [*(f"'{name}" for name in NAMES[:6]), *NAMES[6:]]


def test_files_have_the_words_of_the_console() -> None:
    """Every figure of every report, in both languages, by the same name."""
    for scope in Scope:
        assert {figure.key for figure in figures_of(scope, Counts())} <= set(FIGURES)
    for lang, name in (("zh", "zh-CN"), ("en", "en")):
        words = json.loads((WORDS / f"{name}.json").read_text(encoding="utf-8"))
        told = {key: dict(by_lang)[lang] for key, by_lang in FIGURES.items()}  # type: ignore[call-overload]
        assert told == {key: words[f"kpi.{key}"] for key in FIGURES}


def test_days_are_those_of_the_zone() -> None:
    """Also where the clock is put forward: the day has 23 hours."""
    begin = day_of(1_774_742_400_000, "Europe/Berlin")  # 2026-03-29
    assert day_after(begin, "Europe/Berlin") - begin == 23 * 3_600_000
    assert KpiPolicy({}).time_zone == ZONE
