"""The widget in pages of other systems: a listed one gets the call and controls it, another gets nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from page_ports import of_worker
from playwright.async_api import Browser, BrowserContext, Page, expect

from callcenter.domain import events as e
from callcenter.phones import Phone
from callcenter.phones.audio import Tone, write_tones
from callcenter.preview.app import PASSWORD as PREVIEW_PASSWORD
from callcenter.web.ports import Role
from callcenter.web.widget import Embedding
from tests.integration.browser_desk import (
    HEARD,
    PASSWORD,
    RAW_SOUND,
    WORDS,
    browser_that_says,
    known_to,
    off_duty,
)
from tests.integration.centre_rig import CALLER_ADDRESS, ROOT, CentreRig, changed_settings, desks, to_queue
from tests.integration.heard_speech import hears_tones
from tests.integration.test_web_desk import DeskStage
from tests.integration.test_web_page import BARRIERS, built

__all__ = ["built"]
pytestmark = pytest.mark.integration

EXAMPLE = ROOT / "docs/widget-example.html"
AXE = ROOT / "agents_console/node_modules/axe-core/axe.min.js"
PORT, CRM_PORT = of_worker(21156), of_worker(21157)
CENTRE = f"http://127.0.0.1:{PORT}"
CRM, OTHER_SITE, FORBIDDEN = (f"http://{host}:{CRM_PORT}" for host in ("127.0.0.1", "127.0.0.5", "127.0.0.6"))
AGENT_HZ, CALLER_HZ = 700.0, 1300.0
REMEMBERS = """
window.said = [];
window.heard = [];
addEventListener("message", (event) => window.heard.push(event.data?.event ?? event.data?.type));
const seen = new MutationObserver(() => {
  if (!window.widget) return;
  seen.disconnect();
  for (const event of ["state", "offer", "call", "ended"]) {
    window.widget.on(event, (value) => window.said.push([event, value]));
  }
});
seen.observe(document, { subtree: true, childList: true });
"""
REJECTED = "(command) => window.widget[command]().then(() => null, ({ code, cure }) => [code, cure !== ''])"


@asynccontextmanager
async def crm() -> AsyncIterator[None]:
    """The pages of other systems, at every address of this machine."""
    app = web.Application()
    app.router.add_get("/", _page)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "0.0.0.0", CRM_PORT, reuse_address=True).start()
    yield
    await runner.cleanup()


async def _page(_: web.Request) -> web.FileResponse:
    return web.FileResponse(EXAMPLE)


@pytest.fixture(autouse=True)
async def other_systems() -> AsyncIterator[None]:
    async with crm():
        yield


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    async with browser_that_says(tmp_path, AGENT_HZ) as browser:
        yield browser


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[DeskStage]:
    stage = DeskStage(tmp_path)
    stage._settings = replace(stage._settings, embedding=lambda: Embedding((CRM, OTHER_SITE), True))
    stop = await stage.start(PORT)
    yield stage
    await stop()


class Crm:
    """A page of another system with the widget in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.frame = page.frame_locator("iframe")

    async def log_in(self, name: str, password: str) -> None:
        """In the widget."""
        await self.frame.locator("input[name=name]").fill(name)
        await self.frame.locator("input[name=password]").fill(password)
        await self.frame.locator("button.primary").click()
        await self.told("state", "value.session === 'live' && value.agent !== null")

    async def told(self, event: str, that: str = "true", within_s: float = 10.0) -> Any:
        """Wait until the page was told this; answers the value."""
        found = f"window.said.findLast(([event, value]) => event === '{event}' && ({that}))?.[1]"
        handle = await self.page.wait_for_function(found, timeout=within_s * 1000)
        return await handle.json_value()

    async def does(self, command: str, *said: Any) -> None:
        """A command, which must be accepted."""
        await self.page.evaluate("([command, ...said]) => window.widget[command](...said)", [command, *said])

    async def rejected(self, command: str) -> Any:
        """The code of the refusal, and whether it has a cure; None: it was done."""
        return await self.page.evaluate(REJECTED, command)


@asynccontextmanager
async def crm_page(browser: Browser, origin: str, server: str = CENTRE, more: str = "") -> AsyncIterator[Crm]:
    """The example page, at this origin."""
    context = await browser.new_context(
        locale="zh-CN",
        permissions=["microphone"],
        viewport={"width": 1280, "height": 900},
        reduced_motion="reduce",  # an animation without end is never at rest
    )
    await context.add_init_script(RAW_SOUND)
    yield await opened_in(context, origin, server, more)
    await context.close()


async def opened_in(context: BrowserContext, origin: str, server: str = CENTRE, more: str = "") -> Crm:
    """One more such page of the same person."""
    page = await context.new_page()
    await page.add_init_script(REMEMBERS)
    await page.goto(f"{origin}/?server={server}{more}")
    return Crm(page)


@pytest.mark.parametrize("origin", [CRM, OTHER_SITE], ids=["one site", "two sites"])
async def test_a_listed_page_is_told_of_the_call(browser: Browser, stage: DeskStage, origin: str) -> None:
    """On the centre's site and on another, with the screen pop; refusals are told with their cure."""
    async with crm_page(browser, origin) as page:
        await page.log_in("agent", PREVIEW_PASSWORD)
        stage.offers()
        offer = await page.told("offer")
        assert (offer["call"]["call_id"], offer["pop"]["caller"]) == ("c1", "13812345674")
        assert await page.rejected("answer") == ["phone_elsewhere", True]
        assert await page.rejected("hold") == ["not_now", True]
        await page.does("decline")
        assert [type(one).__name__ for one in stage.asked] == ["Decline"]
        stage.offer_ends("accepted")
        assert (await page.told("call"))["call"]["phase"] == "talking"
        stage.hangs_up()
        assert await page.told("ended") == {"call_id": "c1", "answered": True}
        await page.page.reload()
        await page.told("state", "value.agent !== null")
        cookies = {one["name"]: one.get("sameSite") for one in await page.page.context.cookies()}
        assert cookies == {"widget_session": "None"}


async def test_a_page_that_is_not_listed_gets_nothing(browser: Browser, stage: DeskStage) -> None:
    """Neither the script nor the frame, even where the console's log-in is there; no message reaches it."""
    async with crm_page(browser, CRM) as page:
        await page.log_in("agent", PREVIEW_PASSWORD)
        foreign = await opened_in(page.page.context, FORBIDDEN)
        await expect(foreign.page.locator("#told")).to_contain_text("does not let this page")
        assert await foreign.page.evaluate("typeof Callcenter") == "undefined"
        named = [f"{CENTRE}/widget?for={origin}" for origin in (CRM, FORBIDDEN)]
        for address in [*named, f"{CENTRE}/desk"]:
            await foreign.page.evaluate(
                """(address) => new Promise((loaded) => {
                  const frame = document.createElement("iframe");
                  frame.src = address;
                  frame.onload = loaded;
                  document.body.append(frame);
                })""",
                address,
            )
        stage.offers()
        await page.told("offer")
        assert await foreign.page.evaluate("window.heard") == []
        assert {frame.url for frame in foreign.page.frames[1:]} == {"chrome-error://chromewebdata/"}


async def test_only_the_newest_page_talks(browser: Browser, stage: DeskStage) -> None:
    """The one before says so, and does nothing more, until it is taken up again."""
    async with crm_page(browser, CRM) as first:
        await first.log_in("agent", PREVIEW_PASSWORD)
        second = await opened_in(first.page.context, CRM)
        await second.told("state", "value.agent !== null")
        assert (await first.told("state"))["session"] == "elsewhere"
        stage.offers()
        await second.told("offer")
        assert await first.rejected("decline") == ["elsewhere", True]
        assert not any(event == "offer" for event, _ in await first.page.evaluate("window.said"))
        await first.frame.get_by_role("button", name=WORDS["widget.here"]).click()
        await first.told("offer")
        await second.told("state", "value.session === 'elsewhere'")


async def test_the_widget_can_be_used_by_everybody(browser: Browser, stage: DeskStage) -> None:
    """Nothing in it keeps people from using it, logged out, at rest and with a call; nothing overflows."""
    async with crm_page(browser, CRM) as page:
        await expect(page.frame.locator("input[name=name]")).to_be_visible()
        frame = page.page.frames[1]
        await frame.evaluate(AXE.read_text(encoding="utf-8"))
        assert await frame.evaluate(BARRIERS) == []
        await page.log_in("agent", PREVIEW_PASSWORD)
        stage.offers()
        await expect(page.frame.locator("[data-pop] h2")).to_be_visible()
        assert await frame.evaluate(BARRIERS) == []
        assert await frame.evaluate("document.documentElement.scrollWidth <= innerWidth")


@asynccontextmanager
async def listed(centre: CentreRig) -> AsyncIterator[str]:
    """The real centre, which has the CRM on its list for a while; its address."""
    section = f"\nwidget: {{origins: ['{CRM}']}}\nwebhooks:"
    with changed_settings(centre, ("\nwebhooks:", section)):
        yield f"http://127.0.0.1:{centre.web_port}"


async def test_a_real_call_by_the_widgets_telephone(
    centre: CentreRig, browser: Browser, tmp_path: Path
) -> None:
    """Another system's page answers, mutes, holds and ends a real call; caller and agent hear each other."""
    heard, voice = tmp_path / "heard.wav", tmp_path / "voice.wav"
    write_tones(voice, 8000, [Tone(CALLER_HZ, 10_000)])
    await known_to(centre, "agent-1001", Role.AGENT, "1001")
    async with (
        listed(centre) as server,
        crm_page(browser, CRM, server, "&phone=here") as page,
        Phone.start(bind=CALLER_ADDRESS) as caller,
        on_duty(page, centre, "1001"),
    ):
        call = await caller.call(centre.uri("12345"), caller="13970000061", record=str(heard))
        await to_queue(call)
        offer = await page.told("offer")
        assert (offer["pop"]["caller"], offer["pop"]["queue"]) == ("13970000061", "general")
        await page.told("state", "value.phone.ringing")
        await page.does("answer")
        call_id = await centre.newcomer("13970000061")
        await centre.happened(call_id, e.AgentConnected)
        await page.told("call", "value.call.phase === 'talking'")
        await call.play(str(voice), loop=True)
        await hears(page, CALLER_HZ)
        await hears_tones(heard, AGENT_HZ)
        await page.does("mute")
        await page.told("state", "value.phone.muted")
        await page.does("mute", False)
        await page.does("hold")
        await page.told("call", "value.call.phase === 'held'")
        await hears(page, 0)
        await page.does("resume")
        await hears(page, CALLER_HZ)
        await page.does("hangUp")
        assert await page.told("ended") == {"call_id": call_id, "answered": True}
        await centre.happened(call_id, e.CallHeld, e.CallRetrieved, e.AgentReleased)
        await call.hang_up()


async def test_a_real_call_at_a_desk_phone(centre: CentreRig, browser: Browser) -> None:
    """The widget controls the call whatever the telephone is; a stranger's page learns nothing of it."""
    await known_to(centre, "agent-1002", Role.AGENT, "1002")
    async with (
        listed(centre) as server,
        crm_page(browser, CRM, server) as page,
        Phone.start(bind=CALLER_ADDRESS) as caller,
        desks(centre, "1002", after_ms=1_500),
    ):
        await page.log_in("agent-1002", PASSWORD)
        foreign = await opened_in(page.page.context, FORBIDDEN, server)
        await expect(foreign.page.locator("#told")).to_contain_text("does not let this page")
        call = await caller.call(centre.uri("12345"), caller="13970000062")
        await to_queue(call)
        await page.told("offer")
        await page.told("call", "value.call.phase === 'talking'")
        assert await page.rejected("mute") == ["phone_elsewhere", True]
        await page.does("hold")
        await page.told("call", "value.call.phase === 'held'")
        await page.does("hangUp")
        assert (await page.told("ended"))["answered"]
        assert await foreign.page.evaluate("window.heard") == []
        await call.hang_up()


@asynccontextmanager
async def on_duty(page: Crm, centre: CentreRig, agent_id: str) -> AsyncIterator[None]:
    """The agent works at the telephone of the widget."""
    await page.log_in(f"agent-{agent_id}", PASSWORD)
    await page.frame.get_by_role("button", name=WORDS["action.login"], exact=True).click()
    await page.frame.get_by_role("dialog").get_by_role("button", name=WORDS["ask.do"]).click()
    await page.told("state", "value.agent?.allowed_actions.includes('ready')", within_s=15)
    await page.does("ready")
    try:
        yield
    finally:
        await off_duty(centre, agent_id)


async def hears(page: Crm, hz: float) -> None:
    """Wait until the widget plays this tone (0: silence)."""
    heard: float | None = None
    async with asyncio.timeout(10):
        while (heard := await page.page.frames[1].evaluate(HEARD)) is None or abs(heard - hz) > 12:
            await asyncio.sleep(0.1)
