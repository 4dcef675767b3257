"""From the address to a desk that can be worked at, in a real browser that has seen nothing yet."""

from __future__ import annotations

import os
import time
from contextlib import AsyncExitStack

from playwright.async_api import Browser, async_playwright

from bench.figures import percentile, shown
from bench.pixel import chromium_here
from bench.ports import Ports
from bench.report import Report, as_ratio, within
from bench.stage import Stage, staged
from callcenter.preview.app import PASSWORD

INTERACTIVE_MS = 2000.0
DESK, ANSWER = "/desk", "/healthz"
SHOWS = {DESK: ".desk .action:enabled", ANSWER: "body"}
"""What is there when one can go on."""


async def run(ports: Ports, *, quick: bool) -> list[Report]:
    """The desk of somebody who is logged in, and an address without any page, in turn."""
    rounds = 5 if quick else 15
    report = Report(
        "desk: from the address until it can be worked at, in Chromium, nothing kept from before",
        ("", "p50 ms", "p95 ms", "p50 ratio", "n", "target"),
        notes=[
            f"Load average of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors."
        ],
    )
    spans: dict[str, list[float]] = {ANSWER: [], DESK: []}
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(staged(ports.web, 1.0))
        playwright = await stack.enter_async_context(async_playwright())
        browser = await chromium_here(playwright)
        stack.push_async_callback(browser.close)
        for _ in range(rounds):
            for path, told in spans.items():
                told.append(await _span(browser, stage, path))
    reference = percentile(spans[ANSWER], 50)
    for path, told in spans.items():
        found = [percentile(told, percent) for percent in (50, 95)]
        target = within(found[1], INTERACTIVE_MS) if path == DESK else ""
        report.rows.append((path, *map(shown, found), as_ratio(found[0] / reference), str(rounds), target))
        report.data[path] = {"p50_ms": found[0], "p95_ms": found[1]}
    return [report]


async def _span(browser: Browser, stage: Stage, path: str) -> float:
    """In ms, in a context of its own."""
    context = await browser.new_context(viewport={"width": 1440, "height": 1000})
    here = f"http://127.0.0.1:{stage.port}"
    asked = {"name": "agent", "password": PASSWORD, "client": "page"}
    await context.request.post(f"{here}/api/login", data=asked)
    page = await context.new_page()
    began = time.perf_counter()
    await page.goto(here + path)
    await page.wait_for_selector(SHOWS[path])
    took_ms = 1000 * (time.perf_counter() - began)
    await context.close()
    return took_ms
