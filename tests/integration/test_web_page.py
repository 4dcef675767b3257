"""The live page in a real browser (Debian's Chromium) over a made-up centre."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from page_ports import of_worker
from playwright.async_api import Browser, Page, async_playwright, expect

from acd.model import Presence
from callcenter.caller_lists.service import CallerListService
from callcenter.caller_lists.store import MemoryCallerListStore
from callcenter.console_build import BUILT_PAGE
from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.kpi import TOTAL, KpiPolicy
from callcenter.domain.overhearing import SupervisionMode
from callcenter.figures.service import FigureService
from callcenter.preview.app import PASSWORD, USERS, preview_app
from callcenter.preview.day import DISPOSITIONS, PAUSE_REASONS, QUEUES, cast
from callcenter.preview.desk import LINKS, MadeUpDesk
from callcenter.reports.service import ReportService
from callcenter.reports.store import MemoryReportStore
from callcenter.users.store import MemoryUsers
from callcenter.web.app import WebSettings, make_app, now_ms
from callcenter.web.auth import MemorySessionStore, Sessions
from callcenter.web.figure_routes import FigureRoutes
from callcenter.web.memory import MemoryCentre
from callcenter.web.memory_history import MemoryHistory
from callcenter.web.ports import Component
from callcenter.web.report_routes import ReportRoutes

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
WORDS = ROOT / "agents_console/src/words/zh-CN.json"
PORT = of_worker(21151)
BASE = f"http://127.0.0.1:{PORT}/"
CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
]
AXE = ROOT / "agents_console/node_modules/axe-core/axe.min.js"
BARRIERS = """Promise.allSettled(document.getAnimations().map((moving) => moving.finished))
  .then(() => axe.run())
  .then(({ violations }) => violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target}: ${failureSummary}`)))"""
"""What keeps people from using the page as it stands (WCAG A and AA, and good practice, as axe sees it)."""
WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
NUMBER = "13812345678"

OVERLAPPING = """[...document.querySelectorAll("li, header, .desk, .person, .queue h3")].flatMap((row) => {
  const boxes = [...row.children].map((part) => {
    const { left, top, bottom } = part.getBoundingClientRect();
    return { left, top, bottom, right: left + part.scrollWidth };
  }).filter((box) => box.right > box.left);
  return boxes.flatMap((one, at) => boxes.slice(at + 1).filter((other) =>
    one.right > other.left + 1 && other.right > one.left + 1 &&
    one.bottom > other.top + 1 && other.bottom > one.top + 1)).map(() => row.innerText);
})"""
"""The rows of the page in which something lies over something else."""


POLICY = KpiPolicy({TOTAL: 15_000})


class Stage:
    """A centre that the test directs, and the web over it, which can be stopped and started again."""

    links = LINKS

    def __init__(self, recordings_dir: Path, clock: Callable[[], int]) -> None:
        self.clock = clock
        self.centre = MemoryCentre(cast(clock()), QUEUES, dispositions=DISPOSITIONS)
        self.centre.commands = self._command
        self.centre.supervisor_commands = self._command
        self.asked: list[c.AgentCommand | c.SupervisorCommand] = []
        self.history = MemoryHistory()
        self.desk = MadeUpDesk(self.centre, clock, (), POLICY.time_zone, self.links)
        self.counted = MemoryReportStore(POLICY)
        self.answer: c.CommandResult = c.Accepted()
        self.sessions = Sessions(MemorySessionStore(clock), clock)
        self._settings = WebSettings(BUILT_PAGE, recordings_dir, lambda: PAUSE_REASONS)
        for component in Component:
            self.centre.set_health(component, True, clock())

    async def _command(self, command: c.AgentCommand | c.SupervisorCommand) -> c.CommandResult:
        self.asked.append(command)
        return self.answer

    async def start(self, port: int = PORT) -> Callable[[], Awaitable[None]]:
        """Serve; the answer stops it."""
        lists = CallerListService(MemoryCallerListStore(), {}, self.clock)
        reports = ReportService(self.counted, POLICY.time_zone)
        app = make_app(
            self.centre,
            MemoryUsers(USERS),
            self.history,
            self.sessions,
            self._settings,
            caller_lists=lists,
            clock=self.clock,
            capabilities=(
                *self.desk.table,
                *ReportRoutes(reports, self.centre).table(),
                *FigureRoutes(FigureService(self.history, reports, POLICY, self.clock), self.centre).table(),
            ),
        )
        return await serve(app, port)

    def presence(
        self,
        agent_id: str,
        now_is: Presence,
        call_id: str | None = None,
        reason: str = "",
        ends_after_ms: int | None = None,
    ) -> None:
        """The agent's Presence changes."""
        until_at = None if ends_after_ms is None else self.clock() + ends_after_ms
        told = e.PresenceChanged(self.clock(), agent_id, now_is.value, reason, call_id, until_at)
        self.centre.emit(told)

    def wraps_up(self, agent_id: str, **facts: Any) -> None:
        """The call c1 has reached the agent and is over; the wrap-up lasts a minute."""
        self.call_waits("c1")
        self.call_talks("c1", agent_id)
        self.centre.emit(e.AgentReleased(self.clock(), "c1", agent_id, "general", 1_000, 0))
        self.centre.emit(e.CallEnded(self.clock(), "c1", e.EndedBy.CALLER, "normal"))
        self.centre.agents[agent_id] = replace(self.centre.agents[agent_id], **facts)
        self.presence(agent_id, Presence.WRAP_UP, "c1", ends_after_ms=60_000)

    def call_waits(self, call_id: str = "c1", ago_ms: int = 0) -> None:
        """A caller waits in the first queue since ``ago_ms``."""
        at = self.clock() - ago_ms
        arrived = e.CallArrived(
            at, call_id, f"{call_id}.c", "trunk-a", "12345", NUMBER, NUMBER, "张三", False, "zh", "hotline"
        )
        self.centre.emit(arrived)
        self.centre.emit(e.CallQueued(at, call_id, "general", at, 0))

    def caller_gives_up(self, call_id: str) -> None:
        """The waiting caller hangs up."""
        now = self.clock()
        self.centre.emit(e.QueueLeft(now, call_id, "general", e.QueueOutcome.ABANDONED, 1_000))
        self.centre.emit(e.CallEnded(now, call_id, e.EndedBy.CALLER, "gave up"))

    def call_talks(self, call_id: str, agent_id: str) -> None:
        """The waiting call reaches the agent."""
        now = self.clock()
        self.centre.emit(e.QueueLeft(now, call_id, "general", e.QueueOutcome.ANSWERED, 1_000))
        self.centre.emit(e.AgentConnected(now, call_id, agent_id, "l", "general"))
        self.presence(agent_id, Presence.ON_CALL, call_id)


async def serve(app: web.Application, port: int = PORT) -> Callable[[], Awaitable[None]]:
    """Serve the application at this port; the answer stops it."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
    return runner.cleanup


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    """The page is built from what lies here."""
    subprocess.run(["sh", "scripts/console.sh", "build"], cwd=ROOT, check=True)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here: apt-get install -y --no-install-recommends chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, chromium_sandbox=False, args=FLAGS
        )
        yield browser
        await browser.close()


@asynccontextmanager
async def opened(browser: Browser, name: str, viewport: Any = None, base: str = BASE) -> AsyncIterator[Page]:
    """The page, logged in. On leaving, nothing was loaded from elsewhere and no script has failed."""
    context = await browser.new_context(viewport=viewport or WIDE, locale="zh-CN")
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda asked: asked.url.startswith(base) or faults.append(asked.url))
    page.on("console", lambda told: "Security Policy" in told.text and faults.append(told.text))
    await page.goto(base)
    await log_in(page, name)
    yield page
    assert faults == []
    await context.close()


async def log_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Fill the door's form."""
    await page.fill("input[name=name]", name)
    await page.fill("input[name=password]", password)
    await page.click("button.primary")


async def goes_to(page: Page, path: str) -> None:
    """Choose this page in its menu of the navigation."""
    menu = "administration" if path in ("/users", "/audit") else "operations"
    await page.locator(f"[data-menu='nav.{menu}']").click()
    await page.locator(f"[data-page='{path}']").click()


async def choose(page: Page, words: str, among: list[str] | None = None) -> None:
    """Choose these words in the open dialog; ``among`` are all that must be offered."""
    await page.get_by_role("dialog").locator(".el-select").click()
    options = page.get_by_role("option")
    if among is not None:
        await expect(options).to_have_text(among)
    await options.get_by_text(words, exact=True).click()


async def choose_in(page: Page, label: str, words: str) -> None:
    """Choose these words in the page's field of that name."""
    await page.locator(".field", has=page.get_by_text(label, exact=True)).locator(".el-select").click()
    await page.get_by_role("option", name=words, exact=True).click()


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    stage = Stage(tmp_path, now_ms)
    stop = await stage.start()
    yield stage
    await stop()


async def test_page_follows_the_day(browser: Browser) -> None:
    """Agents come on duty, calls come in, figures grow: all seen without a reload."""
    stop = await serve(preview_app(pace=20))
    try:
        async with opened(browser, "supervisor") as page:
            await expect(page.locator("li.agent")).to_have_count(12)
            calls_in = page.locator("[data-kpi=calls_in] .figure")
            first = int(await calls_in.inner_text())
            await expect(calls_in).not_to_have_text(str(first), timeout=10_000)
            assert int(await calls_in.inner_text()) > first
            await expect(page.locator("li.agent.on_call").first).to_be_visible(timeout=10_000)
            await expect(page.locator("li.call.talking").first).to_be_visible(timeout=10_000)
            await page.hover("[data-kpi=connect_rate]")
            await expect(page.locator("[data-kpi=connect_rate] .formula")).to_contain_text("÷ 请求人工的来电")
    finally:
        await stop()


async def test_wrong_password_and_log_out(browser: Browser, stage: Stage) -> None:
    """A wrong password is told in Chinese; the right one opens the page; logging out closes it."""
    async with opened(browser, "supervisor") as page:
        await page.get_by_role("button", name="退出").click()
        await log_in(page, "supervisor", "wrong")
        await expect(page.get_by_role("alert")).to_have_text("用户名或密码错误。")
        await has_no_barrier(page)
        await log_in(page, "supervisor")
        await expect(page.locator(".queue")).to_have_count(len(QUEUES))


async def test_waiting_call_and_its_timer(browser: Browser, stage: Stage) -> None:
    """A waiting call appears with its queue and ticks on; it vanishes when the caller gives up."""
    async with opened(browser, "supervisor") as page:
        await expect(page.locator(".none").first).to_be_visible()
        stage.call_waits("c1", ago_ms=65_000)
        call = page.locator("[data-call=c1]")
        await expect(call).to_contain_text("13812345678")
        await expect(call).to_contain_text("综合受理")
        await expect(call.locator(".timer.late")).to_have_text(re.compile(r"^1:(0[6-9]|[1-5]\d)$"))
        await expect(page.locator(".queue.busy .figure")).to_have_text("1")
        stage.caller_gives_up("c1")
        await expect(call).to_have_count(0)


async def test_timers_run_by_the_servers_clock(browser: Browser, tmp_path: Path) -> None:
    """A browser whose clock is an hour off still shows how long the caller has waited."""
    stage = Stage(tmp_path, lambda: now_ms() + 3_600_000)
    stage.call_waits("c1", ago_ms=5_000)
    since = stage.clock() - 5_000
    stop = await stage.start()
    try:
        async with opened(browser, "supervisor") as page:
            timer = page.locator("[data-call=c1] .timer")
            for _ in range(2):
                minutes, seconds = (await timer.inner_text()).split(":")
                late_ms = stage.clock() - since - (int(minutes) * 60 + int(seconds)) * 1000
                assert 0 <= late_ms < 3_000  # it is drawn once a second, on a machine that may be busy
                await page.wait_for_timeout(1_500)
    finally:
        await stop()


async def test_agent_works_from_the_page(browser: Browser, stage: Stage) -> None:
    """The desk shows what the server allows and asks for it; a refusal is told with its cure."""
    async with opened(browser, "agent") as page:
        desk = page.locator(".desk")
        await desk.get_by_role("button", name="上线").click()
        dialog = page.get_by_role("dialog")
        await dialog.locator("input").fill("desk-1001")
        await page.keyboard.press("Enter")
        await dialog.get_by_role("button", name="确定").click()
        await expect(dialog).to_have_count(0)
        stage.presence("1001", Presence.NOT_READY)
        stage.answer = c.Refused("the phone cannot be rung", "see that the phone is on and registered")
        await desk.get_by_role("button", name="就绪").click()
        await expect(desk.get_by_role("alert")).to_have_text("话机无法振铃：请确认话机已开机并注册。")
        stage.answer = c.Accepted()
        stage.call_waits("c1")
        await expect(page.locator("[data-call=c1] .number")).to_have_text("138****5678")
        stage.call_talks("c1", "1001")
        await expect(desk).to_contain_text(NUMBER)
        await desk.get_by_role("button", name="保持").click()
        stage.centre.emit(e.CallHeld(now_ms(), "c1", "1001"))
        await desk.get_by_role("button", name="取回").click()
        await desk.get_by_role("button", name="转接").click()
        await choose(page, "韩语专线 한국어")
        await dialog.get_by_role("button", name="确定").click()
        await expect(dialog).to_have_count(0)
        async with page.expect_response("**/hang-up"):
            await desk.get_by_role("button", name="挂断").click()
        await expect(desk.locator(".fault")).to_have_text("")
    assert stage.asked == [
        c.LogIn("1001", "desk-1001"),
        c.Ready("1001"),
        c.Hold("1001", "c1"),
        c.Retrieve("1001", "c1"),
        c.Transfer("1001", "c1", e.TransferKind.QUEUE, "korean"),
        c.HangUp("1001", "c1"),
    ]


async def test_a_call_is_handed_to_a_colleague_or_a_number(browser: Browser, stage: Stage) -> None:
    """Whoever is on duty can be chosen, the ready ones first, or found by typing; a number is written."""
    stage.presence("1002", Presence.ON_CALL)
    stage.presence("1003", Presence.READY)
    stage.call_waits("c1")
    stage.call_talks("c1", "1001")
    names = {agent_id: stage.centre.agents[agent_id].name for agent_id in ("1002", "1003")}
    async with opened(browser, "agent") as page:
        transfer = page.locator(".desk").get_by_role("button", name="转接")
        dialog = page.get_by_role("dialog")
        options = page.get_by_role("option")
        await transfer.click()
        await dialog.get_by_role("button", name="确定").click()
        await expect(dialog.get_by_role("alert")).to_have_text("请选择，或输入号码")
        await dialog.locator(".el-select").click()
        await expect(options).to_have_text(
            [*(queue.title for queue in QUEUES), f"{names['1003']} 1003 空闲", f"{names['1002']} 1002 通话"]
        )
        await page.keyboard.type("1002")
        await page.keyboard.press("Enter")
        await dialog.get_by_role("button", name="确定").click()
        await expect(dialog).to_have_count(0)
        await transfer.click()
        await dialog.locator(".el-select").click()
        await page.keyboard.type("02187654321")
        await page.keyboard.press("Enter")
        await expect(options.first).to_be_hidden()
        await has_no_barrier(page)
        await dialog.get_by_role("button", name="确定").click()
        await expect(dialog).to_have_count(0)
    assert stage.asked == [
        c.Transfer("1001", "c1", e.TransferKind.AGENT, "1002"),
        c.Transfer("1001", "c1", e.TransferKind.NUMBER, "02187654321"),
    ]


async def test_wrap_up_and_disposition_from_the_page(browser: Browser, stage: Stage) -> None:
    """The wrap-up is extended by seconds, the disposition chosen in the words of the settings."""
    stage.wraps_up("1001")
    async with opened(browser, "agent") as page:
        desk = page.locator(".desk")
        await expect(desk.locator(".state")).to_have_text("话后")
        await expect(desk.locator(".timer")).to_have_text(re.compile("0:5[0-9]"))
        await desk.get_by_role("button", name="延长话后").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog.locator("input")).to_have_value("60")
        for wrong in ("0", "3601", "1.5", "soon"):
            await dialog.locator("input").fill(wrong)
            await page.get_by_role("button", name="确定").click()
            await expect(dialog.get_by_role("alert")).to_have_text("请输入 1 到 3600 的整数")
        await dialog.locator("input").fill("45")
        async with page.expect_response("**/extend-wrap-up"):
            await page.keyboard.press("Enter")
        await expect(dialog).to_have_count(0)
        await expect(desk.get_by_role("group", name="通话结果").get_by_role("button")).to_have_text(
            [f"{place}{words}" for place, words in enumerate(DISPOSITIONS.values(), 1)]
        )
        async with page.expect_response("**/disposition"):
            await desk.get_by_role("button", name=DISPOSITIONS["call_back"]).click()
        await expect(desk.get_by_role("status")).to_contain_text(DISPOSITIONS["call_back"])
        await page.get_by_role("link", name="看板").click()
        await page.get_by_role("link", name="坐席台").click()
        await expect(desk.get_by_role("status")).to_contain_text(DISPOSITIONS["call_back"])
        await expect(desk.locator(".fault")).to_have_text("")
        await desk.get_by_role("button", name="延长话后").click()
        await page.get_by_role("button", name="取消").click()
        await expect(dialog).to_have_count(0)
        stage.presence("1001", Presence.READY)
        await expect(desk.get_by_role("status")).to_have_count(0)
    assert stage.asked == [c.ExtendWrapUp("1001", 45), c.GiveDisposition("1001", "c1", "call_back")]


async def test_a_wrap_up_that_lacks_its_disposition(browser: Browser, stage: Stage) -> None:
    """The page says what is missing, has every choice at hand, and cannot end the wrap-up."""
    stage.wraps_up("1001", disposition_due=True)
    stage.presence("1001", Presence.WRAP_UP, "c1", "disposition_missing")
    async with opened(browser, "agent") as page:
        desk = page.locator(".desk")
        await expect(desk.locator(".state")).to_have_text("缺通话小结")
        await expect(desk.get_by_role("button", name="完成话后")).to_have_count(0)
        await expect(desk.get_by_role("group", name="通话结果").get_by_role("button")).to_have_count(3)
        stage.centre.agents["1001"] = replace(stage.centre.agents["1001"], disposition_due=False)
        stage.presence("1001", Presence.WRAP_UP, "c1", ends_after_ms=30_000)
        await expect(desk.get_by_role("button", name="完成话后")).to_be_visible()


async def test_without_configured_dispositions_any_code_can_be_given(browser: Browser, stage: Stage) -> None:
    """There is nothing to choose from: the code is written."""
    stage.centre.dispositions.clear()
    stage.wraps_up("1001")
    async with opened(browser, "agent") as page:
        await page.locator(".desk").get_by_role("button", name="通话小结").click()
        await page.get_by_role("dialog").locator("input").fill("solved")
        async with page.expect_response("**/disposition"):
            await page.get_by_role("button", name="确定").click()
        await expect(page.locator(".desk").get_by_role("status")).to_contain_text("solved")
    assert stage.asked == [c.GiveDisposition("1001", "c1", "solved")]


async def test_a_supervisors_pause_is_not_the_agents_to_end(browser: Browser, stage: Stage) -> None:
    """The buttons for it are not there; the reason is."""
    stage.centre.agents["1001"] = replace(stage.centre.agents["1001"], paused_by="supervisor")
    stage.presence("1001", Presence.NOT_READY, reason="training")
    async with opened(browser, "agent") as page:
        desk = page.locator(".desk")
        await expect(desk.locator(".state")).to_have_text("培训")
        await expect(desk.locator("button")).to_have_text(["换话机", "下线"])


async def test_closed_queues_and_fairness(browser: Browser, stage: Stage) -> None:
    """A closed queue says so; how evenly work is spread stands over the agents, each one's share beside."""
    for agent_id in ("1001", "1002", "1003"):
        stage.presence(agent_id, Presence.READY)
    async with opened(browser, "supervisor") as page:
        queue = page.locator("[data-queue=general]")
        await expect(queue).to_be_visible()
        await expect(queue.locator(".closed")).to_have_count(0)
        stage.centre.emit(e.QueueStateChanged(now_ms(), "general", is_open=False))
        await expect(queue.locator(".closed")).to_have_text("已关闭")
        stage.call_waits("c1")
        stage.call_talks("c1", "1002")
        calls = page.locator("[data-fairness='fairness.calls']")
        await expect(calls).to_have_text("话务量基尼系数 0.67")
        await expect(page.locator("[data-agent='1002'] .calls-share")).to_have_text("1 通 · 100%")
        await expect(page.locator("[data-agent='1003'] .calls-share")).to_have_text("0 通 · 0%")
        await expect(page.locator("[data-fairness='fairness.idle'] b")).to_have_text(re.compile("0:0[0-9]"))
        stage.centre.emit(e.QueueStateChanged(now_ms(), "general", is_open=True))
        await expect(queue.locator(".closed")).to_have_count(0)


async def deed(page: Page, row: str, words: str) -> None:
    """Choose this in the menu of the row."""
    await page.locator(row).get_by_role("button", name="操作").click()
    await page.get_by_role("menuitem", name=words, exact=True).click()


async def answer(page: Page, text: str) -> None:
    """Write this into the open dialog, and agree."""
    dialog = page.get_by_role("dialog")
    await dialog.locator("input, textarea").fill(text)
    await dialog.get_by_role("button", name="确定").click()
    await expect(dialog).to_have_count(0)


@pytest.mark.parametrize("viewport", [WIDE, {"width": 1024, "height": 800}])
async def test_a_supervisor_takes_part_in_a_call(browser: Browser, stage: Stage, viewport: Any) -> None:
    """By keyboard and mouse: listen at a phone, whisper, be refused, stop; what goes on is always in sight.
    The agent of the call sees nothing of it."""
    stage.call_waits("c1")
    stage.call_talks("c1", "1001")
    async with opened(browser, "supervisor", viewport) as page, opened(browser, "agent") as desk:
        await page.locator("[data-call=c1]").get_by_role("button", name="操作").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("menuitem", name="监听")).to_be_focused()
        await has_no_barrier(page)
        await page.keyboard.press("Enter")
        await answer(page, "desk-9")
        began = e.SupervisionBegan(now_ms(), "c1", "m-c1.0", "supervisor", "desk-9", SupervisionMode.LISTEN)
        stage.centre.emit(began)
        bar = page.locator(".bar")
        await expect(bar).to_contain_text("话机振铃中")
        stage.centre.emit(e.SupervisionAnswered(now_ms(), "c1", "m-c1.0"))
        await expect(bar).to_contain_text("监听中")
        await expect(page.locator("[data-call=c1] .supervision")).to_contain_text("监听中")
        await bar.get_by_role("button", name="耳语").click()
        whispers = e.SupervisionChanged(now_ms(), "c1", SupervisionMode.WHISPER, "supervisor")
        stage.centre.emit(whispers)
        await expect(bar).to_contain_text("耳语中")
        await expect(bar.get_by_role("button", name="耳语")).to_have_count(0)
        await has_no_barrier(page)
        await fits_and_is_translated(page)
        stage.answer = c.Refused("the phone cannot be rung", "see that the phone is on and registered")
        await bar.get_by_role("button", name="强插").click()
        await expect(page.get_by_role("alert").filter(has_text="话机无法振铃")).to_be_visible()
        stage.answer = c.Accepted()
        await expect(desk.locator("[data-call=c1]")).to_be_visible()
        await expect(desk.locator(".supervision, .bar")).to_have_count(0)
        await expect(desk.get_by_role("button", name="操作")).to_have_count(0)
        await bar.get_by_role("button", name="停止监控").click()
        stage.centre.emit(e.SupervisionEnded(now_ms(), "c1", "m-c1.0", "stopped", "supervisor"))
        await expect(bar).to_have_count(0)
    modes = (SupervisionMode.WHISPER, SupervisionMode.BARGE)
    assert stage.asked == [
        c.Supervise("c1", SupervisionMode.LISTEN, "supervisor", None, "desk-9"),
        *(c.Supervise("c1", mode, "supervisor") for mode in modes),
        c.StopSupervising("c1", "supervisor"),
    ]


async def test_a_supervisor_sees_to_waiting_calls_and_queues(browser: Browser, stage: Stage) -> None:
    """Each asks for what it needs; what cannot be taken back, once more."""
    stage.presence("1003", Presence.READY)
    stage.call_waits("c1")
    row = "[data-call=c1]"
    async with opened(browser, "supervisor") as page:
        dialog = page.get_by_role("dialog")
        await deed(page, row, "指派坐席")
        await dialog.locator(".el-select").click()
        await page.get_by_role("option").filter(has_text=stage.centre.agents["1003"].name).click()
        await dialog.get_by_role("button", name="确定").click()
        await expect(dialog).to_have_count(0)
        await deed(page, row, "调整优先级")
        await answer(page, "-7")
        await deed(page, row, "调整技能要求")
        await has_no_barrier(page)
        await dialog.get_by_role("spinbutton", name="ko").fill("8")
        await dialog.get_by_role("button", name="确定").click()
        await expect(dialog).to_have_count(0)
        await deed(page, row, "转到其他队列")
        await choose(page, "投诉举报")
        await dialog.get_by_role("button", name="确定").click()
        await expect(dialog).to_have_count(0)
        await deed(page, row, "强制挂断")
        await expect(dialog).to_contain_text(NUMBER)
        await has_no_barrier(page)
        await dialog.get_by_role("button", name="取消").click()
        await expect(dialog).to_have_count(0)
        await deed(page, row, "强制挂断")
        await dialog.get_by_role("button", name="强制挂断").click()
        await expect(dialog).to_have_count(0)
        await deed(page, "[data-queue=policy]", "关闭队列")
        await dialog.get_by_role("button", name="关闭队列").click()
        await expect(dialog).to_have_count(0)
        stage.centre.emit(e.QueueStateChanged(now_ms(), "policy", is_open=False))
        async with page.expect_response("**/open"):
            await deed(page, "[data-queue=policy]", "开放队列")
    assert stage.asked == [
        c.PickWaiting("c1", "1003", "supervisor"),
        c.ChangeWaiting("c1", -7, None),
        c.ChangeWaiting("c1", None, {"ko": 8}),
        c.MoveWaiting("c1", "complaint"),
        c.HangUpCall("c1", "supervisor"),
        c.CloseQueue("policy"),
        c.OpenQueue("policy"),
    ]


async def test_a_supervisor_writes_to_an_agent_and_sends_them_to_a_pause(
    browser: Browser, stage: Stage
) -> None:
    """The note stands at the agent's desk until it is read."""
    stage.presence("1001", Presence.READY)
    async with opened(browser, "supervisor") as page, opened(browser, "agent") as desk:
        await deed(page, "[data-agent='1001']", "发消息")
        await answer(page, "请放慢语速\n谢谢")
        stage.centre.emit(e.NoteSent(now_ms(), "1001", "n1", "supervisor", "请放慢语速\n谢谢"))
        note = desk.locator("[data-note=n1]")
        await expect(note).to_contain_text("请放慢语速")
        await has_no_barrier(desk)
        async with desk.expect_response("**/notes/read"):
            await note.get_by_role("button", name="知道了").click()
        stage.centre.emit(e.NoteRead(now_ms(), "1001", "n1"))
        await expect(note).to_have_count(0)
        await deed(page, "[data-agent='1001']", "强制小休")
        await choose(page, "会议")
        async with page.expect_response("**/pause"):
            await page.get_by_role("dialog").get_by_role("button", name="确定").click()
        await deed(page, "[data-agent='1001']", "强制下线")
        async with page.expect_response("**/logout"):
            await page.get_by_role("dialog").get_by_role("button", name="强制下线").click()
    assert stage.asked == [
        c.SendNote("1001", "supervisor", "请放慢语速\n谢谢"),
        c.ReadNote("1001", "n1"),
        c.Pause("1001", "meeting", "supervisor"),
        c.LogOut("1001", "supervisor"),
    ]


async def test_page_comes_back_after_a_restart(tmp_path: Path, browser: Browser) -> None:
    """The server restarts: the page says so, comes back by itself, and shows what happened meanwhile."""
    stage = Stage(tmp_path, now_ms)
    stop = await stage.start()
    async with opened(browser, "supervisor") as page:
        stage.call_waits("c1")
        await expect(page.locator("[data-call=c1]")).to_be_visible()
        await stop()
        await expect(page.locator(".line")).to_have_class("line lost")
        await expect(page.locator("main.lost")).to_be_visible()
        await expect(page.locator(".alarm")).to_contain_text("连接中断", timeout=20_000)
        stage.caller_gives_up("c1")
        stage.call_waits("c2")
        stop = await stage.start()
        await expect(page.locator(".line")).to_have_class("line live", timeout=20_000)
        await expect(page.locator("main.live")).to_be_visible()
        await expect(page.locator(".alarm")).to_have_count(0)
        await expect(page.locator("[data-call=c2]")).to_be_visible()
        await expect(page.locator("[data-call=c1]")).to_have_count(0)
    await stop()


async def test_page_asks_to_log_in_when_the_session_is_gone(tmp_path: Path, browser: Browser) -> None:
    """After a restart that forgot the session, the door is shown."""
    stage = Stage(tmp_path, now_ms)
    stop = await stage.start()
    async with opened(browser, "supervisor") as page:
        await expect(page.locator(".line.live")).to_be_visible()
        await stop()
        stage.sessions = Sessions(MemorySessionStore(now_ms), now_ms)
        stop = await stage.start()
        await expect(page.locator("input[name=password]")).to_be_visible(timeout=20_000)
    await stop()


async def test_alarms(browser: Browser, stage: Stage) -> None:
    """A lost switch and a lost store are told at the top, and go when they are back."""
    async with opened(browser, "supervisor") as page:
        await expect(page.locator(".line.live")).to_be_visible()
        stage.centre.emit(e.SwitchStateChanged(now_ms(), up=False))
        await expect(page.locator(".alarm")).to_contain_text("电话交换机中断")
        stage.centre.set_health(Component.STORE, False, now_ms(), "trying again")
        await expect(page.locator(".alarm")).to_have_count(2)
        await has_no_barrier(page)
        stage.centre.emit(e.SwitchStateChanged(now_ms(), up=True))
        stage.centre.set_health(Component.STORE, True, now_ms())
        await expect(page.locator(".alarm")).to_have_count(0)


async def test_addresses_and_reload(browser: Browser, stage: Stage) -> None:
    """Each page has its address, which a reload keeps; a closed one leads back there after the log-in."""
    async with opened(browser, "agent") as page:
        await expect(page).to_have_url(f"{BASE}desk")
        await page.reload()
        await expect(page.locator(".desk")).to_be_visible()
        await page.get_by_role("link", name="看板").click()
        await expect(page).to_have_url(BASE)
        await expect(page.locator(".desk")).to_have_count(0)
        await page.get_by_role("button", name="退出").click()
        await expect(page).to_have_url(f"{BASE}login")
        await page.goto(f"{BASE}desk?from=elsewhere")
        await log_in(page, "agent")
        await expect(page).to_have_url(f"{BASE}desk?from=elsewhere")


async def test_a_desk_is_for_those_who_take_calls(browser: Browser, stage: Stage) -> None:
    """A supervisor without an agent sees the wallboard instead."""
    async with opened(browser, "supervisor") as page:
        await page.goto(f"{BASE}desk")
        await expect(page).to_have_url(BASE)
        await expect(page.get_by_role("link", name="坐席台")).to_have_count(0)


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
async def test_both_languages_and_themes_fit(browser: Browser, stage: Stage, viewport: Any) -> None:
    """English and Chinese, dark and light: all words are translated, nothing is cut off sideways, and there
    is no barrier."""
    stage.wraps_up("1001", disposition_due=True)
    stage.presence("1001", Presence.WRAP_UP, "c1", "disposition_missing")
    stage.call_waits("c2")
    stage.centre.emit(e.QueueStateChanged(now_ms(), "korean", is_open=False))
    async with opened(browser, "agent", viewport) as page:
        languages = (
            ("EN", "深色", "Queues", "Keyboard shortcuts", "Wallboard"),
            ("中文", "Light", "队列", "快捷键", "看板"),
        )
        for language, theme, title, keys, wallboard in languages:
            await page.get_by_role("button", name=theme).click()
            await page.get_by_role("button", name=language, exact=True).click()
            await expect(page.get_by_role("heading", name=title)).to_be_visible()
            await expect(page.locator(".desk")).to_be_visible()
            await fits_and_is_translated(page)
            await has_no_barrier(page)
            await page.get_by_role("button", name=keys).click()
            await expect(page.get_by_role("dialog")).to_be_visible()
            await has_no_barrier(page)
            await page.keyboard.press("Escape")
            await expect(page.get_by_role("dialog")).to_have_count(0)
            await page.get_by_role("link", name=wallboard).click()
            await page.locator("summary").click()
            await expect(page.get_by_role("table")).to_be_visible()
            await fits_and_is_translated(page)
            await has_no_barrier(page)
            await page.go_back()


async def has_no_barrier(page: Page) -> None:
    """Nothing serious stands between the page and whoever cannot see, hear or point well."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    assert await page.evaluate(BARRIERS) == []


async def fits_and_is_translated(page: Page) -> None:
    """Nothing is cut off sideways or lies over something else, and no key stands where words should."""
    width = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]
    assert await page.evaluate(OVERLAPPING) == []
    text = await page.locator("body").inner_text()
    keys = {key.partition(".")[0] for key in json.loads(WORDS.read_text(encoding="utf-8")) if "." in key}
    assert [word for word in text.split() if "." in word and word.partition(".")[0] in keys] == []
