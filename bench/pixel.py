"""From an event in the server to the pixel in a real browser, alone and beside a hundred other consoles."""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import AsyncExitStack

from playwright.async_api import Browser, Playwright, async_playwright

from bench.consoles import consoles
from bench.figures import percentile, shown
from bench.ports import Ports
from bench.report import Report, as_ratio, within
from bench.stage import AGENTS, staged
from callcenter.preview.app import PASSWORD

CONSOLES = 100
PACE = 4.0
PIXEL_P95_MS = 250.0
PERCENTS = (50, 95, 99)
SETTLED_S = 2.0
WATCHES = """
window.spans = [];
{
  const known = new Map();
  let fresh = [];
  const heard = ({ data }) => {
    const message = JSON.parse(data);
    const entries = message.type === "changes"
      ? message.changes.filter(({ entity }) => entity === "agent").map(({ id, value }) => [id, value])
      : (message.agents ?? []).map((agent) => [agent.agent_id, agent]);
    for (const [id, value] of entries) {
      const since = value?.since_at;
      if (since && known.has(id) && known.get(id) < since) fresh.push(Date.parse(since));
      known.set(id, since);
    }
  };
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", heard);
    }
  };
  new MutationObserver(() => {
    if (!fresh.length) return;
    const told = fresh;
    fresh = [];
    requestAnimationFrame(() => setTimeout(() => {
      const now = performance.timeOrigin + performance.now();
      window.spans.push(...told.map((at) => now - at));
    }));
  }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
}
"""
"""Of each agent whose state is another: from its instant until the frame with the page's change is drawn. The
page's own listener comes after this one, and changes the page before anything else can happen."""


async def run(ports: Ports, *, quick: bool) -> list[Report]:
    """The same page twice."""
    seconds = 15.0 if quick else 60.0
    report = Report(
        f"pixel: {AGENTS} agents at {PACE:g} times their pace, seen at the wallboard in Chromium",
        ("", *(f"p{percent} ms" for percent in PERCENTS), "p95 ratio", "n", "target"),
        notes=[
            "From the instant of an agent's change in the server until the frame is drawn that shows it.",
            f"Load average of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors.",
        ],
    )
    reference = float("nan")
    for name, others in (("alone", 0), (f"beside {CONSOLES} consoles", CONSOLES)):
        spans = await _spans(ports, others, seconds)
        found = [percentile(spans, percent) for percent in PERCENTS]
        reference = found[1] if others == 0 else reference
        ratio = as_ratio(found[1] / reference)
        report.rows.append((name, *map(shown, found), ratio, str(len(spans)), within(found[1], PIXEL_P95_MS)))
        report.data[name] = {f"p{percent}_ms": value for percent, value in zip(PERCENTS, found, strict=True)}
    return [report]


async def chromium_here(playwright: Playwright) -> Browser:
    """The machine's own. Raises RuntimeError when there is none."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise RuntimeError("no Chromium here: apt-get install -y --no-install-recommends chromium")
    return await playwright.chromium.launch(
        executable_path=chromium, headless=True, chromium_sandbox=False, args=["--disable-gpu"]
    )


async def _spans(ports: Ports, others: int, seconds: float) -> list[float]:
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(staged(ports.web, PACE))
        await stack.enter_async_context(consoles(stage, others))
        playwright = await stack.enter_async_context(async_playwright())
        browser = await chromium_here(playwright)
        stack.push_async_callback(browser.close)
        page = await browser.new_page(viewport={"width": 1440, "height": 1000})
        await page.add_init_script(WATCHES)
        await page.goto(f"http://127.0.0.1:{stage.port}/")
        await page.fill("input[name=name]", "supervisor")
        await page.fill("input[name=password]", PASSWORD)
        await page.click("button.primary")
        await page.wait_for_selector("li.agent")
        await asyncio.sleep(SETTLED_S)
        await page.evaluate("window.spans.length = 0")
        await asyncio.sleep(seconds)
        spans: list[float] = await page.evaluate("window.spans")
    return spans
