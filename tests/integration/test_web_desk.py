"""The agent's desk beside a call, in a real browser over a centre that the test directs; and the screen pop
of a real call."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from page_ports import of_worker
from playwright.async_api import Browser, Page, Route, expect

from acd.model import Presence
from callcenter.adapters.postgres.pool import Database
from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.kpi_catalogue import agent_figures
from callcenter.domain.kpi_tally import AgentTime
from callcenter.phones import AnswerAction, Phone
from callcenter.preview.app import PASSWORD
from callcenter.preview.day import DISPOSITIONS
from callcenter.settings.desk import LinkSection
from callcenter.tickets.model import Demand, Ticket, TicketForm, TicketState, TicketWrite
from callcenter.tickets.store import PostgresTicketStore
from callcenter.users.store import PostgresUsers
from callcenter.web.app import now_ms
from callcenter.web.ports import Role, User
from tests.integration.centre_rig import CALLER_ADDRESS, CentreRig, desks, to_queue
from tests.integration.test_web_page import (
    PHONE,
    Stage,
    browser,
    built,
    fits_and_is_translated,
    has_no_barrier,
    opened,
)

__all__ = ["browser", "built"]
pytestmark = pytest.mark.integration

PORT = of_worker(21152)
BASE = f"http://127.0.0.1:{PORT}/"
NUMBER = "13812345674"
CALLER = "13812345699"
WHOLE = {"width": 1440, "height": 1000}
SMALL = {"width": 1024, "height": 768}
NOTIFICATIONS = """
window.shown = [];
window.Notification = class {
  static permission = "granted";
  constructor(title, { body }) { window.shown.push(`${title} ${body}`); }
  close() { window.shown.push("closed"); }
};
"""
CALLED_FROM_THE_DESKTOP = """
window.shown = new Promise((told) => {
  window.gone = new Promise((over) => {
    window.Notification = class extends Notification {
      constructor(title, options) {
        super(title, options);
        this.onshow = () => told(`${title} ${options.body}`);
        this.onclose = () => over("gone");
        window.last = this;
      }
    };
  });
});
window.focus = () => (window.asked = "focus");
"""
"""Chromium shows them itself; here is only noted that it did. Nobody can click where there is no desktop."""
BLOCKED = "window.open = () => null"
SHOWN_AT = """
window.shownAt = null;
new MutationObserver(() => {
  if (window.shownAt === null && document.querySelector("[data-pop] h2")) {
    requestAnimationFrame(() => { window.shownAt ??= Date.now(); });
  }
}).observe(document, { subtree: true, childList: true, attributes: true });
"""


class DeskStage(Stage):
    """A stage with a desk: the agent 1001 is on duty."""

    def __init__(self, recordings_dir: Path) -> None:
        super().__init__(recordings_dir, now_ms)
        self.presence("1001", Presence.READY)

    def offers(self, call_id: str = "c1", caller: str = NUMBER) -> None:
        """A VIP who chose complaints in the menu, forwarded from another number, rings at the agent's."""
        now = now_ms()
        arrived = e.CallArrived(
            now - 30_000, call_id, f"{call_id}.c", "trunk-a", "12345", caller, "02155500000", "张三",
            False, "zh", "citizen_hotline",
        )  # fmt: skip
        nodes = [
            e.NodeEntered(now, call_id, "citizen_hotline", "1", name)
            for name in ("welcome", "main_menu", "complaint_notice", "general")
        ]
        self.centre.emit(arrived)
        for event in (*nodes[:2], e.KeyPressed(now, call_id, "2"), *nodes[2:]):
            self.centre.emit(event)
        self.centre.emit(e.CallQueued(now - 5_000, call_id, "general", now - 5_000, 0))
        self.presence("1001", Presence.OFFERED, call_id)
        self.centre.emit(e.OfferMade(now, call_id, f"o-{call_id}", "general", "1001", "l", {}))

    def offer_ends(self, end: str, call_id: str = "c1") -> None:
        """Answered, or not."""
        self.centre.emit(e.OfferEnded(now_ms(), call_id, f"o-{call_id}", "general", "1001", end))
        if end == "accepted":
            self.call_talks(call_id, "1001")
        else:
            self.presence("1001", Presence.READY)

    def hangs_up(self, call_id: str = "c1") -> None:
        """The caller; a minute of wrap-up follows."""
        self.centre.emit(e.AgentReleased(now_ms(), call_id, "1001", "general", 1_000, 0))
        self.centre.emit(e.CallEnded(now_ms(), call_id, e.EndedBy.CALLER, "normal"))
        self.presence("1001", Presence.WRAP_UP, call_id, ends_after_ms=60_000)

    @property
    def ticket(self) -> Ticket:
        """The newest."""
        return list(self.desk.tickets.tickets.values())[-1]


class PoppingStage(DeskStage):
    """A page of another system comes with each Offer."""

    links = (LinkSection(title="客户系统", url="https://crm.example/?phone={caller}", open="automatic"),)


@pytest.fixture
async def stage(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[DeskStage]:
    """A DeskStage, or what the test asks for."""
    stage: DeskStage = getattr(request, "param", DeskStage)(tmp_path)
    stop = await stage.start(PORT)
    yield stage
    await stop()


def at_desk(browser: Browser, viewport: Any = WHOLE) -> AbstractAsyncContextManager[Page]:
    """The desk of the agent 1001."""
    return opened(browser, "agent", viewport, BASE)


async def test_what_is_known_comes_with_the_ring(browser: Browser, stage: DeskStage) -> None:
    """Who calls, from where, on which lists, by which way; what was before; a page of another system."""
    async with at_desk(browser) as page:
        await expect(page.locator(".desk")).to_be_visible()
        await expect(page.locator(".pop")).to_have_count(0)
        stage.offers()
        pop = page.locator("[data-pop=c1]")
        for words in (
            NUMBER,
            "张三",
            "北京市",
            "重要来电人",
            "7 天内第 3 次来电",
            "02155500000",
            "普通话 ≥ 5",
        ):
            await expect(pop).to_contain_text(words)
        await expect(pop.get_by_role("list", name="来电路径").locator("li")).to_have_text(
            ["2投诉举报", "综合受理"]
        )
        await expect(pop.locator("[data-ticket=T20261121-000042]")).to_contain_text("已交办求助")
        await expect(pop.locator("[data-earlier]")).to_have_count(3)
        link = pop.get_by_role("link", name="市民档案")
        await expect(link).to_have_attribute("href", f"https://crm.example/citizens?phone={NUMBER}")
        await expect(link).to_have_attribute("rel", "noopener noreferrer")
        stage.offer_ends("declined")
        await expect(pop).to_have_count(0)
        await expect(page.locator(".tickets")).to_have_count(0)


async def test_the_ring_ends_with_the_offer(browser: Browser, stage: DeskStage) -> None:
    """Tab title and desktop, on every page; the sound can be switched off and stays so. Nobody's number is
    shown where anybody may look."""
    async with at_desk(browser) as page:
        await page.add_init_script(NOTIFICATIONS)
        await page.reload()
        await page.get_by_role("button", name="提示音：开").click()
        await page.get_by_role("link", name="看板").click()
        stage.offers()
        await expect(page).to_have_title("新来电 · 振铃中")
        await expect(page).to_have_title("话务中心")
        await expect(page).to_have_title("新来电 · 振铃中")
        stage.offer_ends("accepted")
        await expect(page).to_have_title("话务中心")
        await page.wait_for_timeout(1_200)
        await expect(page).to_have_title("话务中心")
        assert await page.evaluate("window.shown") == ["新来电 · 振铃中 综合受理", "closed"]
        await page.get_by_role("link", name="坐席台").click()
        await page.reload()
        await expect(page.get_by_role("button", name="提示音：关")).to_be_visible()


async def test_a_page_that_nobody_looks_at_calls_from_the_desktop(browser: Browser, stage: DeskStage) -> None:
    """Chromium shows its own notification while another tab has the focus; a click brings the page forward,
    and the answer takes it away."""
    async with at_desk(browser) as page:
        await page.context.grant_permissions(["notifications"], origin=BASE.rstrip("/"))
        await page.add_init_script(CALLED_FROM_THE_DESKTOP)
        await page.reload()
        await expect(page.locator(".desk")).to_be_visible()
        other = await page.context.new_page()
        await other.bring_to_front()
        session = await page.context.new_cdp_session(page)
        await session.send("Emulation.setFocusEmulationEnabled", {"enabled": False})
        assert await page.evaluate("document.hasFocus()") is False
        stage.offers()
        assert await page.evaluate("window.shown") == "新来电 · 振铃中 综合受理"
        await page.evaluate("window.last.dispatchEvent(new Event('click'))")
        assert await page.evaluate("window.asked") == "focus"
        stage.offer_ends("accepted")
        assert await page.evaluate("window.gone") == "gone"


@pytest.mark.parametrize("stage", [PoppingStage], indirect=True)
async def test_a_page_of_another_system_comes_with_the_ring(browser: Browser, stage: DeskStage) -> None:
    """Once with each call, the number quoted; it knows nothing of the console."""
    async with at_desk(browser) as page:
        await page.context.route("https://crm.example/**", lambda route: route.fulfill(body="customer"))
        async with page.context.expect_page() as coming:
            stage.offers(caller=f"+86{NUMBER}")
        found = await coming.value
        await expect(found).to_have_url(f"https://crm.example/?phone=%2B86{NUMBER}")
        assert await found.evaluate("[window.opener, document.referrer]") == [None, ""]
        stage.offer_ends("accepted")
        await expect(page.locator("[data-ticket-of=c1]").get_by_role("status")).to_have_text("已保存")
        await page.reload()
        await expect(page.locator("[data-pop=c1]")).to_be_visible()
        assert len(page.context.pages) == 2


@pytest.mark.parametrize("stage", [PoppingStage], indirect=True)
async def test_a_page_that_the_browser_blocks_is_told(browser: Browser, stage: DeskStage) -> None:
    """With a link, which opens it."""
    async with at_desk(browser) as page:
        await page.context.route("https://crm.example/**", lambda route: route.fulfill(body="customer"))
        await page.add_init_script(BLOCKED)
        await page.reload()
        stage.offers()
        told = page.locator(".pop .blocked")
        await expect(told).to_contain_text("浏览器拦截了自动打开的页面")
        stage.offer_ends("accepted")
        await expect(page.locator("[data-ticket-of=c1]").get_by_role("status")).to_have_text("已保存")
        await has_no_barrier(page)
        async with page.context.expect_page() as coming:
            await told.get_by_role("link", name="客户系统").click()
        await expect(await coming.value).to_have_url(f"https://crm.example/?phone={NUMBER}")
        await expect(told).to_have_count(0)


async def test_the_ticket_is_written_during_the_call(browser: Browser, stage: DeskStage) -> None:
    """From the first ring on; it is saved as it is typed, and handed over to a unit that is named."""
    async with at_desk(browser) as page:
        stage.offers()
        form = page.locator("[data-ticket-of=c1]")
        await form.get_by_label("诉求内容").fill("小区南门的路灯")
        await expect(form.get_by_role("status")).to_contain_text("接通后建立工单")
        stage.offer_ends("accepted")
        await expect(form.get_by_role("status")).to_have_text("已保存")
        await form.get_by_text("求助", exact=True).click()
        await form.get_by_label("事发地址").fill("幸福路12号")
        await form.get_by_role("button", name="交办").click()
        await expect(form.get_by_role("alert")).to_contain_text("交办前请填写承办单位")
        await form.get_by_label("承办单位").fill("城管局")
        await form.get_by_role("button", name="交办").click()
        await expect(form).to_contain_text("已交办")
        await expect(form.get_by_role("status")).to_have_text("已保存")
        await expect(form.get_by_role("button", name="回访")).to_have_count(0)
    ticket = stage.ticket
    assert (ticket.text, ticket.demand, ticket.address) == ("小区南门的路灯", Demand.HELP, "幸福路12号")
    assert (ticket.state, ticket.unit, ticket.changed_by) == (TicketState.DISPATCHED, "城管局", "agent")
    assert len(stage.desk.tickets.tickets) == 1


async def test_no_keystroke_is_lost_with_the_line(browser: Browser, stage: DeskStage) -> None:
    """The line breaks while the agent types, and the page is reloaded: everything is there, and is saved when
    the line is back, also when another call is at hand by then."""

    async def lost(route: Route) -> None:
        await route.abort()

    async with at_desk(browser) as page:
        stage.offers()
        stage.offer_ends("accepted")
        form = page.locator("[data-ticket-of=c1]")
        await expect(form.get_by_role("status")).to_have_text("已保存")
        await page.route("**/ticket", lost)
        await form.get_by_label("诉求内容").press_sequentially("路灯坏了一周，", delay=5)
        await expect(form.get_by_role("status")).to_contain_text("正在重试")
        await form.get_by_label("诉求内容").press_sequentially("请尽快", delay=5)
        await page.reload()
        await expect(form.get_by_label("诉求内容")).to_have_value("路灯坏了一周，请尽快")
        stage.hangs_up()
        stage.presence("1001", Presence.READY)
        stage.offers("c2")
        await expect(page.locator("[data-ticket-of=c2]")).to_be_visible()
        tabs = page.get_by_role("navigation", name="填写中的工单")
        await expect(tabs.get_by_role("button")).to_have_text(["未保存的工单", "本次来电"])
        await page.unroute("**/ticket")
        await expect(tabs.get_by_role("button").first).to_have_text(stage.ticket.ticket_id, timeout=20_000)
        await tabs.get_by_role("button").first.click()
        await expect(form.get_by_role("status")).to_have_text("已保存", timeout=20_000)
    assert stage.ticket.text == "路灯坏了一周，请尽快"


async def test_a_call_does_not_take_the_form_away(browser: Browser, stage: DeskStage) -> None:
    """Who is still writing when the next call rings goes on writing; no letter becomes a shortcut."""
    async with at_desk(browser) as page:
        stage.offers()
        stage.offer_ends("accepted")
        text = page.locator("[data-ticket-of=c1]").get_by_label("诉求内容")
        await text.press_sequentially("ab")
        stage.hangs_up()
        stage.presence("1001", Presence.READY)
        stage.offers("c2")
        await expect(page.locator("[data-pop=c2]")).to_be_visible()
        await page.keyboard.type("xhr")
        await expect(text).to_have_value("abxhr")
        await page.get_by_role("button", name="本次来电").click()
        await expect(page.locator("[data-ticket-of=c2]")).to_be_visible()
    assert stage.asked == []


async def test_a_conflict_is_shown(browser: Browser, stage: DeskStage) -> None:
    """What a colleague wrote meanwhile stands beside one's own words, until one of both is chosen."""
    async with at_desk(browser) as page:
        stage.offers()
        stage.offer_ends("accepted")
        form = page.locator("[data-ticket-of=c1]")
        await expect(form.get_by_role("status")).to_have_text("已保存")
        theirs = TicketForm(Demand.REPORT, "complaint", "别人的内容")
        write = TicketWrite(1, theirs, "wang", stage.ticket.opened_at)
        await stage.desk.tickets.write(stage.ticket.ticket_id, write)
        await form.get_by_label("诉求内容").fill("我的内容啊")
        clash = form.locator("[data-clash=text]")
        await expect(clash).to_contain_text("别人的内容")
        await expect(form.locator("div.clash")).to_contain_text("wang")
        await has_no_barrier(page)
        await page.wait_for_timeout(1_000)
        assert stage.ticket.text == "别人的内容"
        await clash.get_by_role("button", name="采用我的内容").click()
        await expect(form.get_by_role("status")).to_have_text("已保存")
    assert (stage.ticket.text, stage.ticket.demand) == ("我的内容啊", Demand.REPORT)


async def test_everything_by_keys(browser: Browser, stage: DeskStage) -> None:
    """Hold, retrieve, the ticket, the disposition, a pause; nothing of it while typing in a field."""
    async with at_desk(browser) as page:
        stage.offers()
        stage.offer_ends("accepted")
        form = page.locator("[data-ticket-of=c1]")
        await expect(form.get_by_role("status")).to_have_text("已保存")
        async with page.expect_response("**/hold"):
            await page.keyboard.press("h")
        stage.centre.emit(e.CallHeld(now_ms(), "c1", "1001"))
        await expect(page.get_by_role("button", name="取回")).to_be_visible()
        await page.keyboard.press("n")
        await expect(form.get_by_label("诉求内容")).to_be_focused()
        await page.keyboard.type("xhop1?")
        await expect(form.get_by_label("诉求内容")).to_have_value("xhop1?")
        await page.keyboard.press("Escape")
        async with page.expect_response("**/retrieve"):
            await page.keyboard.press("H")
        await page.keyboard.press("?")
        sheet = page.get_by_role("dialog", name="快捷键")
        await expect(sheet).to_contain_text("保持 / 取回")
        await page.keyboard.press("x")
        await page.keyboard.press("Escape")
        await expect(sheet).to_be_hidden()
        stage.hangs_up()
        await expect(page.get_by_role("group", name="通话结果")).to_be_visible()
        async with page.expect_response("**/disposition"):
            await page.keyboard.press("2")
        chosen = page.get_by_role("button", name=DISPOSITIONS["ticket"])
        await expect(chosen).to_have_attribute("aria-pressed", "true")
        async with page.expect_response("**/extend-wrap-up"):
            await page.get_by_role("button", name="+30 秒").click()
        await page.keyboard.press("p")
        await expect(page.get_by_role("menuitem")).to_have_count(5)
        async with page.expect_response("**/pause"):
            await page.get_by_role("menuitem", name="用餐").click()
    assert stage.asked == [
        c.Hold("1001", "c1"),
        c.Retrieve("1001", "c1"),
        c.GiveDisposition("1001", "c1", "ticket"),
        c.ExtendWrapUp("1001", 30),
        c.Pause("1001", "meal"),
    ]


@pytest.mark.parametrize("viewport", [WHOLE, SMALL, PHONE], ids=["whole", "small", "phone"])
async def test_both_languages_and_themes_fit(browser: Browser, stage: DeskStage, viewport: Any) -> None:
    """With a call at hand and in the wrap-up; the day's figures as the server counts them."""
    day = AgentTime("ready", now_ms() - 60_000, {"not_ready": 600_000}, 12, 2_400_000, 0, 600_000)
    stage.centre.day_of = lambda _: agent_figures(day.tally, day.at(now_ms()))
    stage.offers()
    async with at_desk(browser, viewport) as page:
        await page.emulate_media(reduced_motion="reduce")  # what rings moves for ever
        for language, theme, handled in (("EN", "深色", "Calls today12"), ("中文", "Light", "今日通话12")):
            await page.get_by_role("button", name=theme).click()
            await page.get_by_role("button", name=language, exact=True).click()
            await expect(page.locator("[data-pop=c1] [data-earlier]")).to_have_count(3)
            await expect(page.locator("[data-day=handled]")).to_have_text(handled)
            await expect(page.locator("[data-day=aht_ms]")).to_contain_text("4:10")
            await fits_and_is_translated(page)
            await has_no_barrier(page)
        stage.offer_ends("accepted")
        stage.hangs_up()
        await expect(page.get_by_role("button", name="完成话后")).to_be_visible()
        await fits_and_is_translated(page)
        await has_no_barrier(page)


async def test_a_real_call_at_the_desk(browser: Browser, centre: CentreRig) -> None:
    """With a real caller, switch and database: from the Offer in the journal to the panel on the screen less
    than a second passes; what is written during the call, and after it, is in the call's one ticket."""
    database = Database(centre.database_url)
    await PostgresUsers(database).add(User("amy", Role.AGENT, "1001"), PASSWORD, now_ms())
    async with (
        desks(centre, "1001", answer=AnswerAction.MANUAL) as (desk,),
        Phone.start(bind=CALLER_ADDRESS) as caller,
        opened(browser, "amy", WHOLE, f"http://127.0.0.1:{centre.web_port}/") as page,
    ):
        await expect(page.locator(".desk .state")).to_have_text("空闲")
        await page.evaluate(SHOWN_AT)
        async with page.expect_response(re.compile("/pop")) as answered:
            call = await caller.call(centre.uri("12345"), caller=CALLER)
            await to_queue(call)
        ring = await desk.next_call()
        await expect(page.locator("[data-pop] h2")).to_have_text(CALLER)
        call_id = await centre.newcomer(CALLER)
        life = await centre.happened(call_id, e.OfferMade)
        offered_at = next(event.at for event in life if isinstance(event, e.OfferMade))
        assert 0 <= await page.evaluate("window.shownAt") - offered_at < 1_000
        pop = await (await answered.value).json()
        assert [(step["key"], step["choice"]) for step in pop["way"]][-1] == ("", "general")
        assert "0" in [step["key"] for step in pop["way"]]  # pressed in the menu, or before it
        await ring.answer()
        form = page.locator(f"[data-ticket-of='{call_id}']")
        await form.get_by_label("诉求内容").fill("路灯坏了")
        await expect(form.get_by_role("status")).to_have_text("已保存")
        await call.hang_up()
        await centre.happened(call_id, e.CallSettled)
        await form.get_by_label("诉求内容").press_sequentially("，请尽快")
        await expect(form.get_by_role("status")).to_have_text("已保存")
        ticket = await PostgresTicketStore(database).of_call(call_id)
    await database.close()
    assert ticket is not None
    assert (ticket.text, ticket.calls, ticket.changed_by) == ("路灯坏了，请尽快", (call_id,), "amy")
