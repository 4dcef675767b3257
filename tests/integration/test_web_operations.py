"""The pages of operations in a real browser (Debian's Chromium): health, trunks, lists of callers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from page_ports import of_worker
from playwright.async_api import Browser, Page, expect

from callcenter.demo.centre_api import CentreApi
from callcenter.domain import events as e
from callcenter.phones import Phone
from callcenter.preview.app import PASSWORD, preview_app
from tests.integration.centre_rig import CALLER_ADDRESS, CentreRig
from tests.integration.test_web_page import (
    browser,
    built,
    fits_and_is_translated,
    has_no_barrier,
    log_in,
    serve,
)

__all__ = ["browser", "built"]
pytestmark = pytest.mark.integration

PORT = of_worker(21156)
MADE_UP = f"http://127.0.0.1:{PORT}/"
WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 1024, "height": 768}
PATHS = ("health", "trunks", "caller-lists", "queues")
CALLER = "02155519001"


@asynccontextmanager
async def opened(
    browser: Browser, base: str, name: str, password: str = PASSWORD, **context: Any
) -> AsyncIterator[Page]:
    """The page, logged in. On leaving, no script has failed and no policy was broken."""
    own = await browser.new_context(**({"viewport": WIDE, "locale": "zh-CN"} | context))
    page = await own.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda told: "Security Policy" in told.text and faults.append(told.text))
    await page.goto(base)
    await log_in(page, name, password)
    await expect(page.locator("header")).to_be_visible()
    yield page
    assert faults == []
    await own.close()


@pytest.fixture
async def made_up() -> AsyncIterator[None]:
    """The made-up centre."""
    stop = await serve(preview_app(pace=1), PORT)
    yield
    await stop()


@pytest.mark.parametrize(
    ("language", "theme", "viewport"), [("zh-CN", "light", WIDE), ("en", "dark", NARROW)], ids=["zh", "en"]
)
async def test_the_pages_fit_and_keep_nobody_out(
    browser: Browser, made_up: None, language: str, theme: str, viewport: Any
) -> None:
    """Whatever the language, the theme and the width."""
    async with opened(browser, MADE_UP, "admin", viewport=viewport) as page:
        await page.evaluate(
            "([language, theme]) => Object.assign(localStorage, { language, theme })", [language, theme]
        )
        for path in PATHS:
            await page.goto(MADE_UP + path)
            await expect(page.locator("main .card").first).to_be_visible()
            await fits_and_is_translated(page)
            await has_no_barrier(page)


async def test_pages_are_for_those_who_have_the_right(browser: Browser, made_up: None) -> None:
    """Nobody else sees the link, or the page."""
    async with opened(browser, MADE_UP, "quality") as page:
        await expect(page.locator("[data-menu='nav.operations']")).to_have_count(0)
        for path in PATHS:
            await page.goto(MADE_UP + path)
            await expect(page).to_have_url(MADE_UP)
    async with opened(browser, MADE_UP, "supervisor") as page:
        await page.locator("[data-menu='nav.operations']").click()
        await expect(page.locator("[data-page='/trunks']")).to_be_visible()
        await expect(page.locator("[data-page='/health']")).to_have_count(0)


async def test_what_is_not_well_stands_first_with_its_cure(browser: Browser, made_up: None) -> None:
    """And the rest behind it."""
    async with opened(browser, MADE_UP, "ops") as page:
        await page.goto(f"{MADE_UP}health")
        await expect(page.get_by_role("status").filter(has_text="需要处理")).to_have_text("需要处理 4")
        first = page.locator(".part").first
        await expect(first).to_have_attribute("data-name", "provider")
        await expect(first.locator(".cure")).to_contain_text("请与运营商核对")
        await expect(page.locator("[data-part=store]")).to_contain_text("16.9")


async def test_a_file_is_tried_before_it_is_imported(browser: Browser, made_up: None) -> None:
    """Row by row; who may not see numbers gets them masked."""
    async with opened(browser, MADE_UP, "supervisor") as page:
        await page.goto(f"{MADE_UP}caller-lists")
        await page.get_by_role("button", name="批量导入").click()
        dialog = page.get_by_role("dialog")
        await dialog.locator("textarea[name=csv]").fill(
            "list,number,reason\nvip,021 6660 1234,新\nnobody,1,\n"
        )
        await dialog.get_by_role("button", name="检查").click()
        await expect(dialog.locator(".preview")).to_be_visible()
        await expect(dialog.locator("tr.refused")).to_contain_text("没有名单“nobody”")
        await has_no_barrier(page)
        await dialog.get_by_role("button", name="导入", exact=True).click()
        await expect(dialog.locator(".preview")).to_have_count(0)
        await dialog.get_by_role("button", name="关闭").click()
        await page.locator("input[name=search]").fill("6660")
        await page.locator("input[name=search]").press("Enter")
        await expect(page.locator("tbody tr")).to_have_count(1)
        await expect(page.locator("tbody th")).to_have_text("02166601234")
    async with opened(browser, MADE_UP, "ops") as page:
        await page.goto(f"{MADE_UP}caller-lists")
        await expect(page.locator("[data-entry='021****1234']")).to_be_visible()


async def test_a_queue_is_changed_added_and_removed(browser: Browser, made_up: None) -> None:
    """In one draft, which the server judges whole: what is wrong is told at its queue, with file and line."""
    async with opened(browser, MADE_UP, "supervisor") as page:
        await page.goto(f"{MADE_UP}queues")
        general = page.locator("article[data-queue=general]")
        await page.get_by_role("button", name="编辑 综合咨询 General").click()
        dialog = page.get_by_role("dialog")
        await has_no_barrier(page)
        await expect(dialog).to_contain_text("编号不能更改")
        await dialog.locator("[data-field=max_wait_sec] input").fill("240")
        await dialog.get_by_role("button", name="确定").click()
        await expect(general).to_contain_text("240")
        await page.get_by_role("button", name="新增队列").click()
        await dialog.locator("input[name=queue-name]").fill("night")
        await dialog.locator("input[name=queue-title]").fill("夜间")
        await dialog.locator("input[name=queue-category]").fill("consultation")
        await dialog.get_by_role("button", name="确定").click()
        await page.get_by_role("button", name="照此新建 综合咨询 General").click()
        await dialog.locator("input[name=queue-name]").fill("general2")
        await dialog.locator("input[name=queue-title]").fill("综合二线")
        await has_no_barrier(page)
        await dialog.get_by_role("button", name="确定").click()
        await expect(page.locator("article[data-queue=general2]")).to_contain_text("240")
        await expect(general).to_contain_text("综合咨询 General")
        await page.get_by_role("button", name="删除 综合咨询 General").click()
        await page.get_by_role("button", name="删除", exact=True).last.click()
        bar = page.locator(".save-bar")
        await bar.get_by_role("button", name="保存").click()
        mistake = page.locator("article[data-queue=complaints] .fault")
        await expect(mistake.first).to_contain_text("queues.yaml:")
        await bar.get_by_role("button", name="放弃").click()
        await page.get_by_role("button", name="编辑 综合咨询 General").click()
        await dialog.locator("[data-field=max_wait_sec] input").fill("240")
        await dialog.get_by_role("button", name="确定").click()
        await bar.get_by_role("button", name="保存").click()
        await expect(bar.locator(".done")).to_be_visible()
        await page.reload()
        await expect(general).to_contain_text("240")


async def until(done: Callable[[], bool]) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(10):
        while not done():
            await asyncio.sleep(0.05)


async def test_a_real_centre_is_looked_after(browser: Browser, centre: CentreRig) -> None:
    """The trunk is seen to be occupied while a call is up; a number that is put on the black list is refused
    at its next call, which is counted; every part of the centre says how it is."""
    base = f"http://127.0.0.1:{centre.web_port}/"
    async with (
        Phone.start(bind=CALLER_ADDRESS) as phone,
        opened(browser, base, "admin", centre.admin) as page,
    ):
        await page.goto(f"{base}trunks")
        trunk = page.locator("[data-trunk=city]")
        await expect(trunk.locator(".calls")).to_have_text("0")
        call = await phone.call(centre.uri("12345"), caller=CALLER)
        await call.confirmed()
        await expect(trunk.locator(".calls")).to_have_text("1")
        await expect(trunk.get_by_role("meter")).to_have_attribute("aria-valuenow", "1")
        await call.hang_up()
        await expect(trunk.locator(".calls")).to_have_text("0")
        before = await centre.newcomer(CALLER)

        await page.goto(f"{base}caller-lists")
        await page.get_by_role("button", name="添加号码").click()
        dialog = page.get_by_role("dialog")
        await dialog.locator("input[name=number]").fill(CALLER)
        await dialog.locator("input[name=reason]").fill("恶意骚扰")
        await dialog.get_by_role("button", name="保存").click()
        row = page.locator("tbody tr", has_text="恶意骚扰")
        await expect(row.locator(".hits")).to_have_text("0")
        await until(lambda: CALLER[1:] in centre.places.caller_lists.read_text(encoding="utf-8"))
        refused = await phone.call(centre.uri("12345"), caller=CALLER)
        call_id = await centre.newcomer(CALLER, [before])
        life = await centre.happened(call_id, e.CallerListed, e.CallSettled)
        await refused.ended()
        assert not any(isinstance(event, e.CallQueued) for event in life)
        async with CentreApi(base.rstrip("/")) as api:
            await api.log_in("admin", centre.admin)
            async with asyncio.timeout(10):
                while not any(one["hits"] for one in (await api.caller_lists("black"))["entries"]):
                    await asyncio.sleep(0.1)
        await page.reload()
        await expect(row.locator(".hits")).to_have_text("1")
        await row.get_by_role("button", name="移除").click()
        await page.get_by_role("button", name="移除", exact=True).last.click()
        await expect(row).to_have_count(0)

        await page.goto(f"{base}health")
        for part in ("controller", "switch", "store", "bus", "prompts", "softphones", "audit"):
            await expect(page.locator(f"[data-part={part}]")).to_have_attribute("class", "part card well")
        await expect(page.locator("[data-part=switch]")).to_contain_text("ARI + AMI")
        await expect(page.locator("[data-part=trunk][data-name=city]")).to_be_visible()
