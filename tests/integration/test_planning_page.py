"""Staffing and what-if: on the real centre, over its PostgreSQL; and the page in a real browser."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from aiohttp import ClientSession, web
from page_ports import of_worker
from playwright.async_api import Browser, Page, expect

from callcenter.adapters.postgres.journal_store import INSERT
from callcenter.domain import events as e
from callcenter.domain.codec import journal_entries
from callcenter.preview import planning as made_up
from callcenter.preview.app import preview_app
from tests.integration.centre_rig import CentreRig
from tests.integration.test_web_page import browser, built, fits_and_is_translated, has_no_barrier
from tests.integration.test_web_people import NARROW, WIDE, opened

__all__ = ["browser", "built"]
pytestmark = pytest.mark.integration

PORT = of_worker(21155)
BASE = f"http://127.0.0.1:{PORT}/"
CALLS = 240
FIRST_SEQ = -1_000_000
ARRIVALS = "weekday,time,calls\nmon,09:00,40\nmon,09:30,60\nmon,10:00,30\ntue,09:00,20\n"


def _past(begin: int) -> list[e.DomainEvent]:
    """Four hours of one agent: a call a minute, of which every other caller gives up."""
    events: list[e.DomainEvent] = [e.PresenceChanged(begin - 1000, "1001", "ready", "")]
    for number in range(CALLS):
        at, call = begin + number * 60_000, f"p{number}"
        events.append(e.CallQueued(at, call, "general", at, 0))
        if number % 2:
            left = e.QueueLeft(at + 40_000, call, "general", e.QueueOutcome.ABANDONED, 40_000)
            events.append(left)
            continue
        up, over = at + 5000, at + 100_000
        events += [
            e.OfferMade(up - 1000, call, f"{call}.o", "general", "1001", "leg", {}),
            e.OfferEnded(up, call, f"{call}.o", "general", "1001", "accepted"),
            e.QueueLeft(up, call, "general", e.QueueOutcome.ANSWERED, 5000),
            e.AgentReleased(over, call, "1001", "general", 95_000, 0),
            e.WrapUpEnded(over + 15_000, call, "1001", "general", 15_000),
        ]
    return sorted(events, key=lambda event: event.at)


@pytest.fixture
async def past(centre: CentreRig) -> AsyncIterator[datetime]:
    """When a past began that the centre's database knows, long before its local journal."""
    begin = (datetime.now(UTC) - timedelta(days=60)).replace(hour=2, minute=0, second=0, microsecond=0)
    entries = journal_entries(FIRST_SEQ, _past(round(begin.timestamp() * 1000)))
    connection = await asyncpg.connect(centre.database_url)
    await connection.execute(INSERT, b"".join(entry.line for entry in entries).decode().rstrip("\n"))
    yield begin
    await connection.execute("DELETE FROM journal WHERE seq < 0")
    await connection.close()


async def _answered(client: ClientSession, path: str, question: dict[str, Any]) -> Any:
    async with client.post(f"/api/planning/{path}", json=question) as response:
        assert response.status == 202, await response.text()
        job = await response.json()
    async with asyncio.timeout(60):
        while job["state"] in {"waiting", "running"}:
            await asyncio.sleep(0.1)
            async with client.get(f"/api/planning/jobs/{job['job_id']}") as response:
                job = await response.json()
    assert job["state"] == "done", job
    return job


async def test_the_centre_plans_with_its_own_past(centre: CentreRig, past: datetime) -> None:
    """Out of PostgreSQL, in a process beside the controller; twice the same, and known to be better."""
    span = {"since": past.isoformat(), "until": (past + timedelta(hours=4)).isoformat()}
    async with ClientSession(f"http://127.0.0.1:{centre.web_port}") as client:
        body = {"name": "admin", "password": centre.admin, "client": "api"}
        async with client.post("/api/login", json=body) as response:
            client.headers["Authorization"] = f"Bearer {(await response.json())['token']}"
        shifts = [{"count": 6}]
        asked = {**span, "shifts": shifts, "all_new": True, "replications": 5}
        first, again = [(await _answered(client, "what-if", asked))["what_if"] for _ in range(2)]
        assert first == again
        staff = (await _answered(client, "staffing", {**span, "queue": "general", "replications": 5}))[
            "staffing"
        ]
    figures = {figure["key"]: figure for figure in first["scopes"][0]["figures"]}
    assert (first["past_calls"], figures["offered"]["recorded"]) == (CALLS, CALLS)
    assert figures["abandoned"]["recorded"] == CALLS / 2
    assert figures["abandonment"]["verdict"] == "better"
    assert figures["abandonment"]["difference"]["high"] < 0
    assert (staff["past_calls"], round(staff["handle_s"])) == (CALLS, 110)
    busy = [each for each in staff["days"][0]["intervals"] if each["calls"]]
    assert [each["calls"] for each in busy] == [30] * 8
    assert all(each["agents"] >= each["formula_agents"] >= 2 for each in busy)


# --- the page ----------------------------------------------------------------------------------------------


@pytest.fixture
async def preview(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """The made-up centre, with a short past."""
    monkeypatch.setattr(made_up, "CALLS_A_DAY", 30)
    runner = web.AppRunner(preview_app(pace=1), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", PORT, reuse_address=True).start()
    yield
    await runner.cleanup()


async def _staffing(page: Page) -> None:
    form = page.locator("[data-form=staffing]")
    await expect(form).to_be_visible(timeout=30_000)
    await form.get_by_text("本中心的历史话务").click()
    await page.get_by_role("option", name="自行填写").click()
    await form.locator("textarea").fill(ARRIVALS)
    await form.locator("input[name=handle]").fill("120")
    await form.locator("input[name=runs]").fill("5")
    await form.get_by_role("button", name="测算").click()
    await expect(page.locator("[data-answer=staffing] canvas")).to_be_visible(timeout=30_000)


async def test_a_staff_is_reckoned_shown_shared_and_kept(browser: Browser, preview: None) -> None:
    """From the menu to the file; the address brings the same answer to whoever opens it."""
    async with opened(browser, "ops") as page:
        await page.get_by_role("button", name="运行管理").click()
        await page.locator("[data-page='/planning']").click()
        await _staffing(page)
        rows = page.get_by_role("region", name="各时段").locator("tbody tr")
        await expect(rows.filter(has_text="09:30")).to_contain_text("60")
        told = await rows.all_inner_texts()
        await has_no_barrier(page)
        async with page.expect_download() as download:
            await page.get_by_role("button", name="CSV").click()
        text = (await (await download.value).path()).read_text(encoding="utf-8-sig")
        assert text.startswith("weekday,begins,calls")
        assert "\nmon,09:30,60," in text.replace("\r", "")
        await page.reload()
        await expect(page.locator("[data-answer=staffing] canvas")).to_be_visible(timeout=30_000)
        assert await rows.all_inner_texts() == told


async def test_a_change_is_tried_and_what_is_known_is_said(browser: Browser, preview: None) -> None:
    """By keyboard to the other tab; a shift in place of everybody; both languages and themes."""
    async with opened(browser, "supervisor") as page:
        await page.goto(f"{BASE}planning")
        await page.get_by_role("tab", name="排班测算").press("ArrowRight")
        await expect(page.get_by_role("tab", name="假设推演")).to_be_focused()
        form = page.locator("[data-form='what-if']")
        await expect(form).to_be_visible(timeout=30_000)
        await expect(form.get_by_role("button", name="推演")).to_be_disabled()
        await form.get_by_role("button", name="增加班次").click()
        await form.get_by_text("只由以上班次接听").click()
        await form.locator("input[name=count]").fill("1")
        await form.locator("input[name=runs]").fill("5")
        await form.get_by_role("button", name="推演").click()
        await expect(page.locator("[data-answer='what-if'] canvas")).to_have_count(2, timeout=30_000)
        await expect(page.locator("[data-verdict=worse]")).to_contain_text("确定变差")
        await expect(page.locator("[data-figure=offered] .verdict")).to_have_text("完全相同")
        await expect(page).to_have_url(re.compile("tab=what_if.*allNew"))
        for viewport in (WIDE, NARROW):
            await page.set_viewport_size(viewport)
            await has_no_barrier(page)
            await fits_and_is_translated(page)
        await page.get_by_role("button", name="深色").click()
        await page.get_by_role("button", name="EN", exact=True).click()
        await has_no_barrier(page)
        await fits_and_is_translated(page)


async def test_who_may_not_plan_sees_no_page(browser: Browser, preview: None) -> None:
    """Neither link nor address."""
    async with opened(browser, "agent") as page:
        await expect(page.get_by_role("button", name="运行管理")).to_have_count(0)
        await page.goto(f"{BASE}planning")
        await expect(page).to_have_url(BASE)
