"""Settings changed in the console: by a real centre's API, and in a real browser over the made-up one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from centre_rig import CALLER_ADDRESS, CentreRig, desks, to_queue
from page_ports import of_worker
from playwright.async_api import Browser, Page, expect

from callcenter.demo.centre_api import ApiRefused, CentreApi
from callcenter.domain import events as e
from callcenter.phones import Phone
from callcenter.preview.app import SETTINGS, preview_app
from located_yaml import load
from tests.integration.test_web_page import browser, built, has_no_barrier, log_in

__all__ = ["browser", "built"]
pytestmark = pytest.mark.integration

PORT = of_worker(21156)
BASE = f"http://127.0.0.1:{PORT}/"


async def rung(centre: CentreRig, caller: str) -> str:
    """Who is rung for this caller, who then hangs up."""
    async with Phone.start(bind=CALLER_ADDRESS) as phone:
        call = await phone.call(centre.uri("12345"), caller=caller)
        await to_queue(call)
        call_id = centre.call_of(caller)
        life = await centre.happened(call_id, e.AgentConnected)
        await call.hang_up()
        await centre.happened(call_id, e.CallSettled)
    return next(event.agent_id for event in life if isinstance(event, e.OfferMade))


async def test_a_new_skill_routes_the_next_call(centre: CentreRig) -> None:
    """Added over the API, with a queue that asks for it and one agent who has it: that agent is rung, though
    another has been idle for longer. The files keep their comments, the audit log knows, and undone it is as
    before; nothing was restarted."""
    files = [*centre.config.glob("*.yaml"), centre.overlay]
    written = {path: path.read_text(encoding="utf-8") for path in files}
    pid = (centre.places.run / "controller.pid").read_text()
    async with desks(centre, "1001", "1002"), CentreApi(f"http://127.0.0.1:{centre.web_port}") as api:
        await api.log_in("admin", centre.admin)
        version = (await api._ask("GET", "/api/settings"))["version"]
        changes = [
            {"path": ["skills", "german"], "value": "德语 German"},
            {"path": ["agents", "1002", "skills", "german"], "value": 5},
            {"path": ["queues", "general", "skills", "german"], "value": 3},
        ]
        saved = await api._ask(
            "POST", "/api/settings", {"version": version, "note": "德语来电", "changes": changes}
        )
        try:
            assert (saved["in_force"], saved["needs_start"], saved["mistakes"]) == (True, [], [])
            assert await rung(centre, "139171") == "1002"
            with pytest.raises(ApiRefused, match=r"have been changed meanwhile \(admin"):
                await api._ask("POST", "/api/settings", {"version": version, "changes": changes})
        finally:
            undo = {"version": saved["version"], "number": 1}
            undone = await api._ask("POST", "/api/settings/undo", undo)
        assert undone["in_force"]
        assert await rung(centre, "139172") == "1001"
        entries = (await api._ask("GET", "/api/audit?deed=settings_changed"))["entries"]
    assert [entry["what"] for entry in entries if entry["user"] == "admin"] == [
        "undo 1",
        "skills.german, agents.1002.skills.german, queues.general.skills.german",
    ]
    assert {path: path.read_text(encoding="utf-8") for path in written} == written
    assert (centre.places.run / "controller.pid").read_text() == pid


# --- in the browser ----------------------------------------------------------------------------------------


@pytest.fixture
async def made_up() -> AsyncIterator[None]:
    """The made-up centre, with its settings."""
    runner = web.AppRunner(preview_app(pace=1), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", PORT, reuse_address=True).start()
    yield
    await runner.cleanup()


@pytest.fixture
async def page(browser: Browser, made_up: None) -> AsyncIterator[Page]:
    """The console of operations. At the end, no script has failed and no policy was broken."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda told: "Security Policy" in told.text and faults.append(told.text))
    await page.goto(f"{BASE}agents")
    await log_in(page, "ops")
    yield page
    assert faults == []
    await context.close()


def agents() -> dict[str, Any]:
    """As they are written."""
    file = Path(SETTINGS) / "config/agents.yaml"
    found: dict[str, Any] = load(file.read_text(encoding="utf-8"), file.name).data["agents"]
    return found


async def test_the_matrix_is_worked_by_keyboard(page: Page) -> None:
    """Arrows, digits, Del and undo; what changed is marked, saved once with a note, and undone."""
    await page.get_by_role("button", name="技能矩阵").click()
    before = agents()
    cell = page.locator("[data-agent='1002'] [data-skill='english']")
    await cell.click()
    for key in ("7", "ArrowDown", "1", "0", "ArrowLeft", "Delete", "ArrowDown", "3", "Control+z"):
        await page.keyboard.press(key)
    await expect(page.locator("td.changed")).to_have_count(3)
    await expect(page.locator("[data-agent='1003'] [data-skill='english']")).to_have_text("10")
    await has_no_barrier(page)
    await page.locator("input[name=note]").fill("英语班组")
    await page.get_by_role("button", name="保存并生效").click()
    await expect(page.locator(".save-bar .done")).to_contain_text("已保存，并已生效。")
    await expect(page.locator("td.changed")).to_have_count(0)
    now = agents()
    assert now["1002"]["skills"]["english"] == 7
    assert now["1003"]["skills"] == {"complaints": 9, "english": 10}
    await page.get_by_role("button", name="撤销本次保存").click()
    await expect(cell).to_have_text("")
    assert agents() == before


async def test_who_is_slower_keeps_what_was_typed(page: Page, browser: Browser) -> None:
    """Somebody else saves first: that is told by name, and one's own change goes on top of theirs."""
    other = await (await browser.new_context(locale="zh-CN")).new_page()
    await other.goto(f"{BASE}agents")
    await log_in(other, "supervisor")
    for one, agent in ((page, "1001"), (other, "1002")):
        await one.get_by_role("button", name="技能矩阵").click()
        await one.locator(f"[data-agent='{agent}'] [data-skill='english']").click()
        await one.keyboard.press("4")
    await other.get_by_role("button", name="保存并生效").click()
    await expect(other.locator(".save-bar .done")).to_be_visible()
    await page.get_by_role("button", name="保存并生效").click()
    await expect(page.locator(".save-bar [role=alert]")).to_contain_text("supervisor")
    await page.get_by_role("button", name="读取最新设置并保留我的修改").click()
    await expect(page.locator("[data-agent='1002'] [data-skill='english']")).to_have_text("4")
    await page.get_by_role("button", name="保存并生效").click()
    await expect(page.locator(".save-bar .done")).to_be_visible()
    assert [agents()[agent]["skills"]["english"] for agent in ("1001", "1002")] == [4, 4]
    await other.context.close()


async def test_agents_are_kept_in_a_dialog_and_imported(page: Page) -> None:
    """Added, filtered, removed; a file is checked row by row before anything is written."""
    await page.get_by_role("button", name="新增坐席").click()
    dialog = page.get_by_role("dialog")
    await dialog.locator("input[name=agent-id]").fill("1042")
    await dialog.locator("input[name=agent-name]").fill("李㙍安𠮷")
    await dialog.get_by_role("spinbutton", name="英语 English").fill("6")
    await has_no_barrier(page)
    await dialog.get_by_role("button", name="确定").click()
    await page.get_by_role("button", name="移除 何思远").click()
    await page.get_by_role("button", name="保存并生效").click()
    await expect(page.locator(".save-bar .done")).to_be_visible()
    assert agents()["1042"] == {"name": "李㙍安𠮷", "skills": {"english": 6}}
    assert "1012" not in agents()
    await page.locator("input[name=filter]").fill("english 𠮷")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await page.get_by_role("button", name="导入坐席").click()
    await dialog.locator("textarea").fill("id,name,skills\n1042,李安,english:9\n1043,王,englisch:3\n")
    await dialog.get_by_role("button", name="检查").click()
    await expect(dialog.locator(".changed")).to_contain_text("将更新")
    await expect(dialog.locator(".refused")).to_contain_text("是否想写“english”？")
    assert agents()["1042"]["name"] == "李㙍安𠮷"
    await dialog.get_by_role("button", name="导入").click()
    await expect(dialog.locator(".changed")).to_contain_text("已更新")
    assert agents()["1042"] == {"name": "李安", "skills": {"english": 9}}


async def test_a_file_is_edited_with_its_mistakes_at_their_lines(page: Page) -> None:
    """The editor lives under the strict policy; a mistake leads to its line, and the history can undo."""
    await page.goto(f"{BASE}settings-files?file=desk.yaml")
    text = page.locator(".cm-content")
    await text.click()
    await page.keyboard.press("Control+End")
    await page.keyboard.type("\n  repeat_dayz: 3")
    await page.get_by_role("button", name="检查").click()
    await expect(page.locator(".mistakes")).to_contain_text("没有字段“repeat_dayz”；是否想写“repeat_days”？")
    await expect(page.locator(".cm-lint-marker-error")).to_have_count(1)
    await has_no_barrier(page)
    await page.get_by_role("button", name="放弃修改").click()
    await text.click()
    await page.keyboard.press("Control+Home")
    await page.keyboard.type("# ours\n")
    await page.get_by_role("button", name="保存并生效").click()
    await expect(page.locator(".save-bar .done")).to_be_visible()
    file = Path(SETTINGS) / "config/desk.yaml"
    assert file.read_text(encoding="utf-8").startswith("# ours\n# What agents see")
    await page.get_by_role("button", name="撤销此次修改").click()
    await expect(page.locator(".kept .badge")).to_have_count(2)
    assert not file.read_text(encoding="utf-8").startswith("# ours")
