"""Calendars, pause reasons and outcomes in a real browser (Debian's Chromium), over the made-up centre."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from callcenter.preview.app import preview_app
from tests.integration.test_web_operations import NARROW, opened
from tests.integration.test_web_page import browser, built, fits_and_is_translated, has_no_barrier, serve

__all__ = ["browser", "built"]
pytestmark = pytest.mark.integration

PORT = 21166
BASE = f"http://127.0.0.1:{PORT}/"


@pytest.fixture
async def made_up() -> AsyncIterator[None]:
    """The made-up centre."""
    stop = await serve(preview_app(pace=1), PORT)
    yield
    await stop()


async def saved(page: Page) -> None:
    """All of it is in force."""
    bar = page.locator(".save-bar")
    await bar.get_by_role("button", name="保存").click()
    await expect(bar.locator(".done")).to_be_visible()


async def test_days_and_reasons_are_looked_up_and_changed(browser: Browser, made_up: None) -> None:
    """The server reckons each day, also of a draft; a mistake is told at its line."""
    async with opened(browser, BASE, "ops") as page:
        await page.goto(f"{BASE}calendars")
        await expect(page.locator(".uses")).to_contain_text("12345 → citizen_hotline")
        await page.locator("input[name=at]").fill("2026-10-10T09:30")
        await expect(page.locator("output.now")).to_have_text("开放")
        await has_no_barrier(page)
        await fits_and_is_translated(page)
        await expect(page.locator(".renamed")).to_contain_text("名称不能更改")
        hours = await page.locator("input[name=hours-mon]").input_value()
        await page.locator("input[name=calendar-name]").fill("branch")
        await page.get_by_role("button", name="新增日历").click()
        await expect(page.locator("[data-calendar=branch]")).to_have_attribute("aria-pressed", "true")
        await expect(page.locator("input[name=hours-mon]")).to_have_value(hours)
        await page.locator(".save-bar").get_by_role("button", name="放弃").click()
        await expect(page.locator("[data-calendar=branch]")).to_have_count(0)
        await page.get_by_role("button", name="上一年").click()
        await page.get_by_role("button", name="下一年").click()
        day = page.locator("[data-day='2026-12-24']")
        await page.locator("input[name=special]").fill("2026-12-24")
        await page.locator("input[name=special-hours]").fill("9-12")
        await page.get_by_role("button", name="添加 特殊日").click()
        await expect(page.locator(".year .fault")).to_contain_text("“9-12”不是时段")
        await page.locator(".save-bar").get_by_role("button", name="保存").click()
        await expect(page.locator(".save-bar .mistakes")).to_contain_text("calendars.yaml:")
        await page.get_by_role("button", name="删除 2026-12-24").click()
        await page.locator("input[name=special]").fill("2026-12-24")
        await page.locator("input[name=special-hours]").fill("09:00-12:00")
        await page.get_by_role("button", name="添加 特殊日").click()
        await expect(day).to_have_attribute("aria-label", "24 2026-12-24 特殊日 09:00-12:00")
        await page.locator("input[name=hours-sat]").fill("10:00-12:00")
        await page.locator("input[name=hours-sat]").blur()
        await expect(page.locator("[data-day='2026-12-26']")).to_have_class(re.compile("open"))
        await saved(page)
        await page.reload()
        await expect(day).to_have_attribute("aria-label", "24 2026-12-24 特殊日 09:00-12:00")

        await page.goto(f"{BASE}reasons")
        await page.locator("[data-section=dispositions] [name=code]").fill("spam")
        await page.locator("[data-section=dispositions] [name=title]").fill("骚扰")
        await page.get_by_role("button", name="新增小结").click()
        await page.get_by_role("button", name="删除 training").click()
        await has_no_barrier(page)
        await saved(page)
        await page.reload()
        await expect(page.locator("[data-code=spam] input")).to_have_value("骚扰")
        await expect(page.locator("[data-code=training]")).to_have_count(0)

        await page.set_viewport_size(NARROW)
        await page.evaluate("Object.assign(localStorage, { language: 'en', theme: 'dark' })")
        for path in ("calendars", "reasons"):
            await page.goto(BASE + path)
            await expect(page.locator("main .card").first).to_be_visible()
            await fits_and_is_translated(page)
            await has_no_barrier(page)


async def test_nobody_without_the_right_sees_them(browser: Browser, made_up: None) -> None:
    """Neither page opens."""
    async with opened(browser, BASE, "quality") as page:
        for path in ("calendars", "reasons"):
            await page.goto(BASE + path)
            await expect(page).to_have_url(BASE)
