"""The pages of users and of the audit log in a real browser (Debian's Chromium)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from page_ports import of_worker
from playwright.async_api import Browser, Page, expect

from callcenter.preview.app import PASSWORD, preview_app
from tests.integration.test_web_page import (
    browser,
    built,
    fits_and_is_translated,
    goes_to,
    has_no_barrier,
    log_in,
)

__all__ = ["browser", "built"]
pytestmark = pytest.mark.integration

PORT = of_worker(21155)
BASE = f"http://127.0.0.1:{PORT}/"
WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 1024, "height": 768}
RARE = "李㙍安𠮷"
GOOD = "correct horse"


@pytest.fixture
async def centre() -> AsyncIterator[None]:
    """The made-up centre, with its users and its log."""
    runner = web.AppRunner(preview_app(pace=1), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", PORT, reuse_address=True).start()
    yield
    await runner.cleanup()


@asynccontextmanager
async def opened(
    browser: Browser, name: str, password: str = PASSWORD, viewport: Any = None
) -> AsyncIterator[Page]:
    """The page, logged in. On leaving, no script has failed and no policy was broken."""
    context = await browser.new_context(viewport=viewport or WIDE, locale="zh-CN", accept_downloads=True)
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda told: "Security Policy" in told.text and faults.append(told.text))
    await page.goto(BASE)
    await log_in(page, name, password)
    yield page
    assert faults == []
    await context.close()


async def chooses_own(page: Page, password: str) -> None:
    """Who was given a password stands at a second door; there is nothing behind it before."""
    await expect(page.get_by_role("heading")).to_have_text("设置您自己的密码")
    await page.fill("input[name=own]", password)
    await page.fill("input[name=again]", password)
    await page.get_by_role("button", name="设置并进入").click()


async def test_a_user_is_made_changed_and_shut_out(browser: Browser, centre: None) -> None:
    """With a made password and a rare name; who is disabled stands at the door at once."""
    async with opened(browser, "admin") as page:
        await goes_to(page, "/users")
        await page.get_by_role("button", name="新增用户").click()
        dialog = page.get_by_role("dialog")
        await dialog.locator("input[name=new-name]").fill(RARE)
        await dialog.get_by_role("button", name="保存").click()
        await expect(dialog.get_by_role("alert")).to_have_text("坐席角色需要选择坐席工号。")
        await dialog.locator(".role").click()
        await page.get_by_role("option").get_by_text("质检", exact=True).click()
        await expect(dialog.locator(".agent-id")).to_have_count(0)
        await dialog.get_by_text("可见完整号码").click()
        await dialog.locator("input[name=expires-on]").fill("2030-12-31")
        await has_no_barrier(page)
        await dialog.get_by_role("button", name="保存").click()
        await expect(dialog).to_have_count(0)
        row = page.locator(f"[data-user='{RARE}']")
        await expect(row).to_contain_text("2030-12-31")
        made = await page.locator(".made code").inner_text()
        await expect(row.locator(".state")).to_have_text("待本人设置密码")
        async with opened(browser, RARE, made) as other:
            await chooses_own(other, GOOD)
            await expect(other.locator(".who")).to_contain_text(f"{RARE}质检")
            await expect(other.get_by_role("link", name="通话记录")).to_be_visible()
            await expect(other.locator("[data-menu='nav.administration']")).to_have_count(0)
            await other.goto(f"{BASE}users")
            await expect(other).to_have_url(BASE)
            await row.get_by_role("button", name="编辑").click()
            await dialog.get_by_text("停用该账号").click()
            await dialog.get_by_role("button", name="保存").click()
            await expect(other.locator("input[name=password]")).to_be_visible()
            await log_in(other, RARE, GOOD)
            await expect(other.get_by_role("alert")).to_have_text("账号已停用或权限已到期，请联系管理员。")
        await expect(row.locator(".state")).to_have_text("已停用")


async def test_the_last_administrator_and_locked_names(browser: Browser, centre: None) -> None:
    """The one cannot go; the other is let in again."""
    async with opened(browser, "admin") as page:
        await page.goto(f"{BASE}users")
        await page.get_by_role("button", name="编辑 admin").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_text("停用该账号").click()
        await dialog.get_by_role("button", name="保存").click()
        await expect(dialog.get_by_role("alert")).to_have_text(
            "这是最后一位长期有效的管理员，请先指定另一位。"
        )
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        for _ in range(5):
            answer = await page.request.post(f"{BASE}api/login", data={"name": "ops", "password": "wrong"})
            assert answer.status == 401
        await page.reload()
        row = page.locator("[data-user=ops]")
        await expect(row.locator(".state")).to_have_text("已锁定")
        await row.get_by_role("button", name="解锁").click()
        await expect(row.locator(".state")).to_have_text("正常")
        await page.get_by_text("90 天未登录").click()
        await expect(page.locator("[data-user=陈晓雯]")).to_have_count(0)
        await expect(page.locator("[data-user=赵䶮]")).to_be_visible()


async def test_import_and_ones_own_password(browser: Browser, centre: None) -> None:
    """Each row with its line and what became of it; whoever came in so changes the password."""
    async with opened(browser, "admin") as page:
        await page.goto(f"{BASE}users")
        await page.get_by_role("button", name="批量导入").click()
        dialog = page.get_by_role("dialog")
        file = f"name,role,password\n{RARE},ops,{GOOD}\nwu,king,\n".encode()
        await dialog.locator("input[type=file]").set_input_files(
            {"name": "users.csv", "mimeType": "text/csv", "buffer": file}
        )
        await dialog.get_by_role("button", name="导入").click()
        rows = dialog.locator("tbody tr")
        await expect(rows).to_have_text(
            [re.compile(f"2.*{RARE}.*已新增"), re.compile("3.*wu.*没有这个角色。")]
        )
        await has_no_barrier(page)
        await page.keyboard.press("Escape")
        await expect(page.locator(f"[data-user='{RARE}']")).to_contain_text("运维")
    own = "a sentence of my own"
    async with opened(browser, RARE, GOOD) as page:
        await expect(page.get_by_role("heading")).to_have_text("设置您自己的密码")
        await has_no_barrier(page)
        await page.goto(f"{BASE}trunks")
        await log_in(page, RARE, GOOD)
        await page.fill("input[name=own]", own)
        await page.fill("input[name=again]", "another")
        await page.get_by_role("button", name="设置并进入").click()
        await expect(page.get_by_role("alert")).to_have_text("两次输入的密码不一致。")
        await chooses_own(page, "short")
        await expect(page.get_by_role("alert")).to_have_text("密码至少 10 个字符，且不能过于简单。")
        await chooses_own(page, own)
        await expect(page).to_have_url(f"{BASE}trunks")
        await page.get_by_title("修改密码").click()
        dialog = page.get_by_role("dialog")
        await dialog.locator("input[name=old]").fill("guess")
        await dialog.locator("input[name=new]").fill("battery staple")
        await dialog.get_by_role("button", name="确定").click()
        await expect(dialog.get_by_role("alert")).to_have_text("原密码不正确。")
        await dialog.locator("input[name=old]").fill(own)
        await has_no_barrier(page)
        await dialog.get_by_role("button", name="确定").click()
        await expect(dialog.get_by_role("status")).to_contain_text("密码已修改")
        await dialog.get_by_role("button", name="关闭").click()
        await expect(page.locator(".line.live")).to_be_visible()


async def test_the_audit_log_is_filtered_checked_and_taken_away(browser: Browser, centre: None) -> None:
    """By person and deed, over the address; the chain is whole; the file has what is shown."""
    async with opened(browser, "admin") as page:
        await goes_to(page, "/audit")
        rows = page.locator("tbody tr")
        await expect(rows.first).to_contain_text("admin")
        await expect(page.locator("tr.refused")).to_contain_text(["李㙍安坐席查看通话无权限"])
        await page.fill("input[name=user]", "周雨桐")
        await page.locator(".deed").click()
        await page.get_by_role("option").get_by_text("收听录音", exact=True).click()
        await page.get_by_role("button", name="查询").click()
        await expect(rows).to_have_count(1)
        await expect(rows).to_contain_text(["市民申诉复核"])
        await page.reload()
        await expect(rows).to_have_count(1)
        await has_no_barrier(page)
        async with page.expect_download() as download:
            await page.get_by_role("link", name="导出 CSV").click()
        path = await (await download.value).path()
        lines = path.read_text(encoding="utf-8-sig").splitlines()
        assert len(lines) == 2
        assert "市民申诉复核" in lines[1]
        await page.get_by_role("button", name="校验完整性").click()
        await expect(page.locator(".checked")).to_contain_text("记录完整")
        await page.fill("input[name=user]", "nobody")
        await page.get_by_role("button", name="查询").click()
        await expect(page.locator(".none")).to_have_text("没有符合条件的记录。")


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["1440", "1024"])
async def test_both_pages_fit_in_both_languages_and_themes(
    browser: Browser, centre: None, viewport: Any
) -> None:
    """Nothing is cut off, untranslated or a barrier."""
    async with opened(browser, "admin", viewport=viewport) as page:
        for language, theme in (("EN", "深色"), ("中文", "Light")):
            await page.get_by_role("button", name=theme).click()
            await page.get_by_role("button", name=language, exact=True).click()
            for address in ("users", "audit"):
                await page.goto(f"{BASE}{address}")
                await expect(page.get_by_role("table")).to_be_visible()
                await fits_and_is_translated(page)
                await has_no_barrier(page)
