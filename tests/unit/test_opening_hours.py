"""Calendars looked up over the API: what is in force, and what would be."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from web_twin import Twin

from callcenter.opening_hours.service import OpeningHours, Use
from callcenter.settings import load_settings
from ivr_flows.files import read_flows

SHIPPED = Path(__file__).resolve().parents[2] / "config"
HOTLINE = "/api/calendars/hotline"


@pytest.fixture
async def twin(tmp_path: Path) -> AsyncIterator[Twin]:
    async with Twin(tmp_path).serving() as twin:
        yield twin


async def looked_up(twin: Twin, path: str = HOTLINE, **query: str) -> tuple[int, Any]:
    async with twin.caller("olga") as client, client.get(path, params=query) as response:
        return response.status, await response.json()


async def tried(twin: Twin, calendar: dict[str, Any], **asked: str) -> tuple[int, Any]:
    body = {"calendar": calendar, "since": "2026-10-01", "until": "2026-10-02"} | asked
    async with (
        twin.caller("olga") as client,
        client.post("/api/settings/calendars/check", json=body) as response,
    ):
        return response.status, await response.json()


async def test_every_day_tells_why(twin: Twin) -> None:
    """Both ends included, by the calendar in force."""
    status, told = await looked_up(twin, since="2026-10-07", until="2026-10-11")
    assert status == 200
    hours = ["09:00-18:00"]
    assert told["days"] == [
        {"day": "2026-10-07", "kind": "holiday", "follows": "", "hours": []},
        {"day": "2026-10-08", "kind": "weekly", "follows": "thu", "hours": hours},
        {"day": "2026-10-09", "kind": "weekly", "follows": "fri", "hours": hours},
        {"day": "2026-10-10", "kind": "make_up", "follows": "fri", "hours": hours},
        {"day": "2026-10-11", "kind": "weekly", "follows": "sun", "hours": []},
    ]
    assert told["at_open"] is None
    assert {"number": "12345", "flow": "citizen_hotline"} in told["uses"]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-10-10T09:00", True),
        ("2026-10-10T08:59", False),
        ("2026-10-01T10:00", False),
        ("2026-10-08T17:59", True),
    ],
)
async def test_a_wall_clock_is_that_of_the_calendar(twin: Twin, at: str, expected: bool) -> None:
    _, told = await looked_up(twin, since="2026-10-01", until="2026-10-01", at=at)
    assert told["at_open"] is expected


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("2026-01-01", "2027-02-04", 200),
        ("2026-01-01", "2027-02-05", 422),
        ("2026-01-02", "2026-01-01", 422),
        ("2026-02-30", "2026-03-01", 422),
        ("1999-01-01", "1999-01-01", 422),
    ],
)
async def test_the_days_are_bounded(twin: Twin, since: str, until: str, expected: int) -> None:
    status, told = await looked_up(twin, since=since, until=until)
    assert status == expected, told


async def test_there_is_no_such_calendar(twin: Twin) -> None:
    assert (await looked_up(twin, "/api/calendars/nowhere", since="2026-01-01", until="2026-01-01"))[0] == 404


async def test_what_would_be_is_told_before_it_is_saved(twin: Twin) -> None:
    """And changes nothing."""
    calendar = {"weekly": {"thu": ["22:00-06:00"]}, "special_days": {"2026-10-02": ["10:00-12:00"]}}
    status, told = await tried(twin, calendar, at="2026-10-02T05:59")
    assert status == 200
    assert [day["hours"] for day in told["days"]] == [["22:00-06:00"], ["10:00-12:00"]]
    assert told["at_open"] is True
    assert told["uses"] == []
    _, still = await looked_up(twin, since="2026-10-02", until="2026-10-02")
    assert still["days"][0]["kind"] == "holiday"


async def test_every_mistake_is_told_at_its_place(twin: Twin) -> None:
    status, told = await tried(
        twin, {"weekly": {"mon": ["9-18"]}, "make_up_days": {"2026-10-10": "fry"}, "zone": "x"}
    )
    assert (status, told["code"]) == (422, "settings_mistakes")
    found = {tuple(one["path"]): one["message"] for one in told["mistakes"]}
    assert "'9-18' is not a span of hours" in found["weekly",]
    assert "unknown weekday 'fry'" in found["make_up_days", "2026-10-10"]
    assert ("zone",) in found


def test_a_number_for_which_the_name_means_another_calendar_uses_that_one() -> None:
    """Also through the flows that its flow goes through."""
    settings = load_settings(SHIPPED, (), {})
    number = settings.numbers["12345082"].model_copy(update={"calendars": {"hotline": "korean"}})
    other = settings.model_copy(
        update={
            "numbers": settings.numbers | {"12345082": number},
            "calendars": settings.calendars | {"korean": settings.calendars["hotline"]},
        }
    )
    hours = OpeningHours(lambda: other, lambda: [read_flows()], lambda: 0)
    assert hours.uses("korean") == [Use("12345082", "korean_line")]
    assert {use.number for use in hours.uses("hotline")} == {"12345", "*"}
