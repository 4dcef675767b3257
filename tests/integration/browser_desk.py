"""Agents at the console in a real browser (Debian's Chromium), with the telephone of the page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from centre_rig import ROOT, CentreRig
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from callcenter.adapters.postgres.pool import Database
from callcenter.demo.centre_api import ApiRefused, CentreApi
from callcenter.phones.audio import Tone, write_tones
from callcenter.users.store import PostgresUsers
from callcenter.web.app import now_ms
from callcenter.web.ports import Role, User
from callcenter.web.wire import AgentAction
from tests.integration.test_web_page import CHROMIUM, FLAGS

PASSWORD = "desk-of-the-test"
VOICE_HZ = 48_000
WITH_SOUND = [
    *FLAGS,
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]
WORDS = json.loads((ROOT / "agents_console/src/words/zh-CN.json").read_text(encoding="utf-8"))
RAW_SOUND = (
    """if (location.protocol === "http:") localStorage.setItem("phone.devices", '{"processed": false}');"""
)
"""The browser does not meddle with the microphone's sound: it would take a steady tone for noise."""
HEARD = """async () => {
  const source = document.querySelector("audio").srcObject;
  if (!source) return null;
  const context = new AudioContext();
  await context.resume();
  const meter = context.createAnalyser();
  meter.fftSize = 8192;
  context.createMediaStreamSource(source).connect(meter);
  await new Promise((done) => setTimeout(done, 600));
  const spectrum = new Float32Array(meter.frequencyBinCount);
  meter.getFloatFrequencyData(spectrum);
  const bin = spectrum.indexOf(Math.max(...spectrum));
  await context.close();
  return spectrum[bin] < -70 ? 0 : (bin * context.sampleRate) / meter.fftSize;
}"""
"""The loudest frequency that the page plays, in Hz; 0: silence; null: no call."""
HEARD_OF = """async (tones) => {
  const source = document.querySelector("audio").srcObject;
  if (!source) return null;
  const context = new AudioContext();
  await context.resume();
  const meter = context.createAnalyser();
  [meter.fftSize, meter.smoothingTimeConstant] = [16384, 0];
  context.createMediaStreamSource(source).connect(meter);
  await new Promise((done) => setTimeout(done, 600));
  const spectrum = new Float32Array(meter.frequencyBinCount);
  meter.getFloatFrequencyData(spectrum);
  const width = context.sampleRate / meter.fftSize;
  await context.close();
  const loudest = (hz, from, to) => {
    const middle = Math.round(hz / width);
    const away = (bin) => Math.abs(bin - middle);
    return Math.max(...spectrum.filter((_, bin) => away(bin) >= from && away(bin) <= to));
  };
  return tones.filter((hz) => loudest(hz, 0, 3) > -60 && loudest(hz, 0, 3) > loudest(hz, 8, 14) + 15);
}"""
"""Which of these tones (Hz) the page plays, each standing out from what is beside it; null: no call."""


@asynccontextmanager
async def browser_that_says(directory: Path, hz: float) -> AsyncIterator[Browser]:
    """A browser whose microphone hears this tone without end."""
    assert CHROMIUM is not None, "no Chromium: apt-get install -y --no-install-recommends chromium"
    voice = directory / f"voice-{hz:.0f}.wav"
    write_tones(voice, VOICE_HZ, [Tone(hz, 10_000)])
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            headless=True,
            chromium_sandbox=False,
            args=[*WITH_SOUND, f"--use-file-for-fake-audio-capture={voice}"],
        )
        yield browser
        await browser.close()


async def known_to(centre: CentreRig, name: str, role: Role, agent_id: str | None) -> None:
    """See to it that this user exists, with PASSWORD."""
    database = Database(centre.database_url)
    try:
        await PostgresUsers(database).add(User(name, role, agent_id), PASSWORD, now_ms())
    finally:
        await database.close()


class BrowserDesk:
    """An agent's console."""

    def __init__(self, centre: CentreRig, context: BrowserContext, page: Page) -> None:
        self.centre = centre
        self.context = context
        self.page = page

    async def press(self, key: str) -> None:
        """Press the button with these words."""
        await self.page.get_by_role("button", name=WORDS[key], exact=True).click()

    async def ask(self, key: str, answer: str) -> None:
        """Press the button with these words, and choose (or write) this answer to what it asks."""
        await self.press(key)
        dialog = self.page.get_by_role("dialog")
        await dialog.get_by_role("combobox").fill(answer)
        await self.page.get_by_role("option", name=answer).click()
        await dialog.get_by_role("button", name=WORDS["ask.do"]).click()
        await expect(dialog).to_have_count(0)

    async def reads(self, key: str, within_s: float = 15.0) -> None:
        """Wait until the telephone says so."""
        await expect(self.page.locator(".phone .state")).to_have_text(WORDS[key], timeout=within_s * 1000)

    async def begin(self) -> None:
        """Work at the telephone of this page, ready for calls."""
        await self.press("action.login")
        await self.page.get_by_role("dialog").get_by_role("button", name=WORDS["ask.do"]).click()
        await self.reads("phone.state.ready")
        await self.press("action.ready")

    async def hears(self, hz: float, within_s: float = 10.0) -> None:
        """Wait until the page plays this tone (0: silence)."""
        heard: float | None = None
        try:
            async with asyncio.timeout(within_s):
                while (heard := await self.page.evaluate(HEARD)) is None or abs(heard - hz) > 12:
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"the page plays {heard} Hz, not {hz}") from None

    async def hears_of(self, tones: Collection[float], *expected: float, within_s: float = 15.0) -> None:
        """Wait until the page plays exactly these of the tones."""
        heard: list[float] | None = None
        try:
            async with asyncio.timeout(within_s):
                while (heard := await self.page.evaluate(HEARD_OF, list(tones))) is None or (
                    set(heard) != set(expected)
                ):
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"the page plays {heard} Hz, not {expected}") from None


@asynccontextmanager
async def desk_of(
    centre: CentreRig,
    browser: Browser,
    agent_id: str,
    permissions: tuple[str, ...] = ("microphone",),
    role: Role = Role.AGENT,
    port: int | None = None,
) -> AsyncIterator[BrowserDesk]:
    """The console of this agent, logged in; logged out at the end. ``port`` is another way to it."""
    name = f"{role.value}-{agent_id}"
    await known_to(centre, name, role, agent_id)
    context = await browser.new_context(locale="zh-CN", permissions=list(permissions))
    await context.add_init_script(RAW_SOUND)
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda told: "Security Policy" in told.text and faults.append(told.text))
    await page.goto(f"http://127.0.0.1:{port or centre.web_port}/desk")
    await page.fill("input[name=name]", name)
    await page.fill("input[name=password]", PASSWORD)
    await page.click("button.primary")
    try:
        desk = BrowserDesk(centre, context, page)
        yield desk
        await desk.press("logout")
        await expect(page.locator("input[name=name]")).to_be_visible()
        assert faults == []
    finally:
        await context.close()
        await off_duty(centre, agent_id)


async def off_duty(centre: CentreRig, agent_id: str) -> None:
    """The agent's work is over, whatever the page did."""
    async with CentreApi(f"http://127.0.0.1:{centre.web_port}") as api:
        await api.log_in("admin", centre.admin)
        with suppress(ApiRefused):
            await api.agent(agent_id, AgentAction.LOGOUT)
