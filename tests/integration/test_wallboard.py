"""The wallboard in a real browser: figures lead to their calls, the day has a course, it hangs on a wall."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from acd.model import Presence
from callcenter.domain import events as e
from callcenter.domain.kpi import TOTAL, KpiBoard
from callcenter.domain.kpi_calls import countable, number_of
from callcenter.domain.kpi_catalogue import queue_figures, total_figures
from callcenter.domain.kpi_ledger import day_of
from callcenter.preview.past import DAY_MS, MadeUpPast
from callcenter.web.app import now_ms
from tests.integration.test_web_page import (
    BASE,
    POLICY,
    Stage,
    browser,
    built,
    fits_and_is_translated,
    has_no_barrier,
    log_in,
    opened,
)

__all__ = ["browser", "built"]
pytestmark = pytest.mark.integration
WALLS = ({"width": 1920, "height": 1080}, {"width": 3840, "height": 2160})
DRAWN = """() => {
  const canvas = document.querySelector(".chart canvas");
  if (!canvas) return false;
  return new Set(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data).size > 20;
}"""
"""Something stands on the canvas of the course."""
CUT_OFF = """async () => {
  const frame = () => new Promise((drawn) => requestAnimationFrame(drawn));
  await frame();
  await frame();
  return [...document.querySelectorAll("[data-wall-board] *")].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.width > 0 && (box.right > innerWidth + 1 || box.bottom > innerHeight + 1);
  }).map((one) => one.outerHTML.slice(0, 120));
}"""
"""What of the wall's board lies beyond the screen, once it is drawn: a picture takes its box's new size at
the end of the frame that changed the box."""


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """At the centre it is three in the afternoon, whatever the time here."""
    now = now_ms()
    later_ms = day_of(now, POLICY.time_zone) + 15 * 3_600_000 - now
    stage = Stage(tmp_path, lambda: now_ms() + later_ms)
    stop = await stage.start()
    yield stage
    await stop()


@pytest.fixture
def board(stage: Stage) -> KpiBoard:
    """Some calls of today and of yesterday, told to the record, the reports and the board."""
    board, now = KpiBoard(POLICY), stage.clock()
    midnight = day_of(now, POLICY.time_zone)
    today = MadeUpPast(midnight + 3_600_000, now - 600_000, 70).lives()
    yesterday = MadeUpPast(midnight - DAY_MS, midnight - 3_600_000, 30, seed=7).lives()
    told = [event for lives in (yesterday, today) for life in lives for event in life]
    anew = {getattr(event, "call_id", "") for event in told if event.at < midnight}
    for event in sorted(told, key=lambda event: event.at):
        if event.at > now or (event.at >= midnight and getattr(event, "call_id", "") in anew):
            continue  # both days name their calls alike: yesterday's stay yesterday's
        for fold in (board, stage.history, stage.counted):
            fold.apply(event)
    queues = list(stage.centre.view().queues)
    stage.centre.figures = lambda: {
        TOTAL: total_figures(board, stage.clock()),
        **{name: queue_figures(board.queues[name], stage.clock()) for name in queues if name in board.queues},
    }
    return board


async def rows_of(page: Page) -> int:
    """How many calls the open list has, with all its pages, each as often as it counts."""
    older = page.get_by_role("button", name="更早的通话")
    while await older.count():
        before = await page.locator("tbody[data-call]").count()
        await older.click()
        await expect(page.locator("tbody[data-call]").nth(before)).to_be_visible()
    calls = await page.locator("tbody[data-call]").count()
    more = await page.locator(".badge.times").all_inner_texts()
    return calls + sum(int(times.removeprefix("×")) - 1 for times in more)


async def test_a_figure_opens_the_calls_that_it_counts(
    browser: Browser, stage: Stage, board: KpiBoard
) -> None:
    """A count by itself, a share by either number; the address keeps it, and leads on to all calls."""
    figures = {figure.key: figure for figure in total_figures(board, stage.clock())}
    async with opened(browser, "supervisor") as page:
        rate = page.locator("[data-kpi=connect_rate]")
        await expect(rate).to_contain_text("较昨日")
        await expect(rate.locator("[data-before=week_ago] b")).to_have_text("–")
        for part in countable(figures["connect_rate"]):
            await rate.locator(f"[data-part={part.value}]").click()
            await expect(page.locator(".counted")).to_contain_text("接通率")
            await expect(page.locator("tbody[data-call]").first).to_be_visible()
            assert await rows_of(page) == number_of(figures["connect_rate"], part)
            await page.goto(BASE)
        await page.locator("[data-kpi=calls_in] .figure a").click()
        await expect(page.locator("tbody[data-call]").first).to_be_visible()
        assert await rows_of(page) == figures["calls_in"].value
        await has_no_barrier(page)
        await page.reload()
        await expect(page.locator(".counted .number")).to_have_text(str(int(figures["calls_in"].value or 0)))
        await page.get_by_role("link", name="查看全部通话").click()
        await expect(page).to_have_url(f"{BASE}history")
        await expect(page.locator(".counted")).to_have_count(0)


async def test_who_may_not_see_the_record_sees_figures_without_lists(
    browser: Browser, stage: Stage, board: KpiBoard
) -> None:
    """Agents look at the board as everybody does."""
    async with opened(browser, "agent") as page:
        await page.get_by_role("link", name="看板").click()
        await expect(page.locator("[data-kpi=calls_in] .figure")).to_be_visible()
        await expect(page.locator("[data-kpi] a")).to_have_count(0)


async def test_the_course_of_the_day(browser: Browser, stage: Stage, board: KpiBoard) -> None:
    """It is drawn, in either interval and for each queue; waiting calls tell when their turn comes."""
    stage.centre.handle_ms = 90_000
    stage.presence("1001", Presence.READY)
    stage.call_waits("c1", 30_000)
    async with opened(browser, "supervisor") as page:
        await page.wait_for_function(DRAWN)
        async with page.expect_response(lambda told: "minutes=15" in told.url):
            await page.get_by_role("button", name="15 分钟").click()
        async with page.expect_response(lambda told: "scope=general" in told.url):
            await page.get_by_role("tab").nth(1).click()
        await expect(page).to_have_url(f"{BASE}?queue=general")
        await page.wait_for_function(DRAWN)
        await expect(page.locator("#waiting [data-call=c1]")).to_contain_text("预计 1:30")
        await has_no_barrier(page)


@pytest.mark.parametrize("viewport", WALLS)
async def test_a_screen_on_the_wall(browser: Browser, stage: Stage, board: KpiBoard, viewport: Any) -> None:
    """It logs in once and is there: figures, queues, agents and alarms in large letters on one screen, and
    no callers' numbers; Esc leaves."""
    stage.presence("1001", Presence.READY)
    stage.call_waits("c1", 30_000)
    context = await browser.new_context(viewport=viewport, locale="zh-CN")
    page = await context.new_page()
    await page.goto(f"{BASE}?wall=1")
    await log_in(page, "supervisor")
    await expect(page).to_have_url(f"{BASE}?wall=1")
    wall = page.locator("[data-wall-board]")
    await expect(wall.locator(".clock")).to_contain_text(":")
    await expect(page.get_by_role("navigation")).to_have_count(0)
    await expect(wall.locator("[data-queue=general] .waiting")).to_have_text("1")
    await expect(wall.locator("[data-call=c1]")).to_be_visible()
    await expect(wall).not_to_contain_text("13812345678")
    await page.wait_for_function(DRAWN)
    of_box = "one => one.getBoundingClientRect().height"
    height = await wall.locator("[data-kpi=calls_in] .value").evaluate(of_box)
    assert height > viewport["height"] / 15
    assert await page.evaluate(CUT_OFF) == []
    stage.centre.emit(e.SwitchStateChanged(stage.clock(), up=False))
    await expect(wall.locator(".alarm")).to_contain_text("电话交换机中断")
    assert await page.evaluate(CUT_OFF) == []
    if viewport is WALLS[0]:
        await has_no_barrier(page)
    await page.keyboard.press("Escape")
    await expect(page).to_have_url(BASE)
    await expect(page.get_by_role("navigation")).to_be_visible()
    await context.close()


async def test_the_board_goes_onto_the_wall_and_back(browser: Browser, stage: Stage) -> None:
    """By its button; in both languages it fits."""
    async with opened(browser, "supervisor", WALLS[0]) as page:
        await fits_and_is_translated(page)
        await page.get_by_role("button", name="大屏").click()
        await expect(page.locator("[data-wall-board]")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.locator("[data-wall-board]")).to_have_count(0)
        assert await page.evaluate("document.fullscreenElement") is None
