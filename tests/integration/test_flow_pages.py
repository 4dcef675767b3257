"""An operator changes the hotline in a real browser, and a real caller goes the new way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from browser_desk import PASSWORD, WORDS, known_to
from centre_rig import CALLER_ADDRESS, CentreRig, hotline_file
from playwright.async_api import Browser, Page, expect

from callcenter.domain import events as e
from callcenter.flow_versions.store import FlowStore
from callcenter.phones import Phone
from callcenter.web.ports import Role
from ivr_flows.files import SHIPPED_FLOWS
from tests.integration.test_web_page import (
    browser,
    built,
    fits_and_is_translated,
    has_no_barrier,
    log_in,
)

__all__ = ["browser", "built"]
pytestmark = pytest.mark.integration
FILE, TESTS = "citizen_hotline.yaml", "tests/citizen_hotline.yaml"
OLD = "zh: 您好，欢迎致电一二三四五政务服务便民热线。"
NEW = "zh: 您好，欢迎致电一二三四五政务服务便民热线，正在为您优先接通人工坐席，您的通话将被录音。"
"""Both are spoken already: what is proved here is not how soon a voice is made."""
DARK = "localStorage.setItem('language', 'en'); localStorage.setItem('theme', 'dark')"


@asynccontextmanager
async def flows_of(centre: CentreRig, browser: Browser, set_up: str = "") -> AsyncIterator[Page]:
    """The page of flows, as an operator opens it. On leaving, no script has failed and nothing broke the
    CSP."""
    await known_to(centre, "opal", Role.OPS, None)
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    if set_up:
        await context.add_init_script(set_up)
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda told: "Security Policy" in told.text and faults.append(told.text))
    await page.goto(f"http://127.0.0.1:{centre.web_port}/")
    await log_in(page, "opal", PASSWORD)
    await expect(page.locator("header nav").first).to_be_visible()
    await page.goto(f"http://127.0.0.1:{centre.web_port}/flows")
    await page.click(f"[data-file='{FILE}']")
    await expect(page.locator(".graph .card-button").first).to_be_visible()
    yield page
    assert faults == []
    await context.close()


PASTE = """(content, text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  content.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""


async def write(page: Page, text: str) -> None:
    """Paste this over the whole text of the editor."""
    content = page.locator(".cm-content")
    await content.click()
    await page.keyboard.press("Control+a")
    await content.evaluate(PASTE, text)


async def do(page: Page, deed: str, note: str) -> None:
    """Ask for a deed, with its reason, and wait until it is in force."""
    await page.click(f"[data-do={deed}]")
    await confirm(page, note)


async def confirm(page: Page, note: str) -> None:
    await page.fill("textarea[name=note]", note)
    await page.get_by_role("dialog").locator("button[type=submit]").click()
    await expect(page.get_by_role("dialog")).to_have_count(0, timeout=30_000)
    await expect(page.locator(".done")).to_be_visible()


async def way_of_a_caller(centre: CentreRig, number: str) -> tuple[int, set[str]]:
    """The version that a caller is given, and the hashes of the flows that the caller then goes through."""
    async with Phone.start(bind=CALLER_ADDRESS) as phone:
        call = await phone.call(centre.uri("12345"), caller=number)
        await call.confirmed()
        call_id = await centre.newcomer(number)
        life = await centre.happened(call_id, e.NodeEntered)
        await call.hang_up()
    (arrived,) = (event for event in life if isinstance(event, e.CallArrived))
    return arrived.flows_number, {event.version for event in life if isinstance(event, e.NodeEntered)}


async def test_a_text_is_changed_tried_published_and_taken_back(
    own_flows_centre: CentreRig, browser: Browser
) -> None:
    """A planted mistake is shown at its line and in its node; mended, it is tested and published, and a real
    caller takes it; after the way back the next one does not."""
    centre, store = own_flows_centre, FlowStore(own_flows_centre.places.flow_versions)
    shipped = (SHIPPED_FLOWS / FILE).read_text(encoding="utf-8")
    hotline_file(centre).write_text(f"# of the page\n{shipped}", encoding="utf-8")
    async with flows_of(centre, browser) as page:
        await do(page, "publish", "as it was")
        first = store.state().number
        planted = shipped.replace(OLD, NEW).replace("next: english_offer", "next: english_ofer")
        await write(page, planted)
        line = planted.splitlines().index("    next: english_ofer") + 1
        mistake = page.locator(".panel li").filter(has_text=f"{FILE}:{line}")
        await expect(mistake).to_contain_text("没有节点“english_ofer”；是否想写“english_offer”？")
        await mistake.locator("button").click()
        await expect(page.locator(".cm-activeLine")).to_have_text("    next: english_ofer")
        await expect(page.locator(".cm-lint-marker-error")).to_have_count(1)
        await page.keyboard.press("End")
        await page.keyboard.type("!")
        await page.reload()
        await page.click(f"[data-file='{FILE}']")
        await expect(page.locator(".typed")).to_have_text(WORDS["flows.unsaved"])
        await write(page, planted.replace("english_ofer", "english_offer"))
        await expect(page.locator(".panel li:not(.warning)")).to_have_count(0)
        await expect(page.locator(".text .files small")).to_have_text(WORDS["flows.sound"])
        await page.click("[data-do=test]")
        await expect(page.locator(".panel .sum b")).to_have_text(WORDS["flows.test.passed"], timeout=20_000)
        await page.click("[data-do=save]")
        await expect(page.locator(".typed")).to_have_text(WORDS["flows.differs"])
        assert NEW in hotline_file(centre).read_text(encoding="utf-8")
        await fits_and_is_translated(page)
        await page.click("[data-panel=diff]")
        await expect(page.locator(".diff .added").filter(has_text=NEW)).to_have_count(1)
        await has_no_barrier(page)
        await do(page, "publish", "calmer words")
        now = store.state().number
        assert now == first + 1
        assert store.version(now).author == "opal"
        taken = await way_of_a_caller(centre, "139401")
        assert taken == (now, {store.version(now).flows["citizen_hotline"]})
        await page.click("[data-panel=versions]")
        await page.locator("tbody tr").filter(has_text="as it was").get_by_role("button").last.click()
        await confirm(page, "too long")
        assert store.state().number == first
        taken = await way_of_a_caller(centre, "139402")
        assert taken == (first, {store.version(first).flows["citizen_hotline"]})


async def drag(page: Page, way: str, onto: str) -> None:
    """Drag the head of the way that is written there onto a node."""
    grip = await page.locator(f".grip[data-way='{way}']").bounding_box()
    card = await page.locator(f".vue-flow__node[data-id={onto}]").bounding_box()
    assert grip is not None
    assert card is not None
    await page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
    await page.mouse.down()
    await page.mouse.move(card["x"] + card["width"] / 2, card["y"] + card["height"] / 2, steps=4)
    await expect(page.locator(f".vue-flow__node[data-id={onto}] .aimed")).to_be_visible()
    await page.mouse.up()


async def test_a_flow_is_begun_and_a_way_led_by_the_mouse(
    own_flows_centre: CentreRig, browser: Browser
) -> None:
    """A name that will not do is told; the new flow opens in the editor. The head of a way is dragged onto
    another node and back."""
    centre = own_flows_centre
    hotline = hotline_file(centre)
    hotline.write_text(f"# before\n{(SHIPPED_FLOWS / FILE).read_text(encoding='utf-8')}", encoding="utf-8")
    file = hotline.with_name("night_line.yaml")
    async with flows_of(centre, browser) as page:
        await do(page, "publish", "to begin with")
        await page.click("[data-do=new]")
        dialog, state = page.get_by_role("dialog"), page.locator(".text .files small")
        await dialog.locator("[name=flow-name]").fill("korean_line")
        await page.keyboard.press("Enter")
        await expect(dialog.get_by_role("alert")).to_have_text(WORDS["error.flow_name_taken"])
        await has_no_barrier(page)
        await dialog.locator("[name=flow-name]").fill("night_line")
        await page.keyboard.press("Enter")
        await expect(dialog).to_have_count(0)
        await expect(page.locator("[data-file='night_line.yaml'][aria-current=true]")).to_be_visible()
        await expect(page.locator(".cm-line").first).to_have_text("flow: night_line")
        await expect(state).to_have_text(WORDS["flows.sound"])
        assert file.read_text(encoding="utf-8").startswith("flow: night_line\n")
        await page.locator(".vue-flow__node[data-id=welcome] .card-button").click()
        await page.get_by_role("button", name="next").click()
        await expect(page.locator(".vue-flow__node[data-id=node_1]")).to_be_visible()
        await drag(page, "nodes.welcome.next", "end")
        await expect(page.locator(".panel li").filter(has_text="node_1")).to_be_visible()
        await drag(page, "nodes.welcome.next", "node_1")
        await expect(state).to_have_text(WORDS["flows.sound"])
        await page.click("[data-do=save]")
        await expect(page.locator(".typed")).to_have_text(WORDS["flows.differs"])
        written = file.read_text(encoding="utf-8")
        assert "    next: node_1\n" in written
        assert "  node_1: {wait: 1, next: end}\n" in written
    file.unlink()


async def test_two_operators_and_a_version_on_trial(own_flows_centre: CentreRig, browser: Browser) -> None:
    """What somebody else has written meanwhile is told and not overwritten; a trial is begun, shown with its
    guards, and withdrawn."""
    centre = own_flows_centre
    async with flows_of(centre, browser, DARK) as page:
        before = hotline_file(centre).read_text(encoding="utf-8")
        await write(page, f"# mine\n{before}")
        hotline_file(centre).write_text(f"# theirs\n{before}", encoding="utf-8")
        await page.click("[data-do=save]")
        await expect(page.locator(".clash")).to_be_visible()
        assert hotline_file(centre).read_text(encoding="utf-8").startswith("# theirs")
        await page.locator(".cm-content").click()
        await page.keyboard.press("Control+Home")
        await expect(page.locator(".cm-line").first).to_have_text("# mine")
        await page.locator(".clash button").first.click()
        await page.click("[data-do=save]")
        await expect(page.locator(".typed")).not_to_have_text("Unsaved changes")
        assert hotline_file(centre).read_text(encoding="utf-8").startswith("# mine")
        await do(page, "stage-new", "try it")
        await expect(page.locator(".stage")).to_contain_text("10%")
        await has_no_barrier(page)
        await fits_and_is_translated(page)
        await page.click("[data-deed=withdraw]")
        await confirm(page, "enough")
        await expect(page.locator(".stage")).to_have_count(0)
