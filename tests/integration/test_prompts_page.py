"""Recordings that are taken in at the console, in a real browser, are what real callers hear."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import soundfile
from centre_rig import CALLER_ADDRESS, CentreRig, callcenter, hotline_file
from heard_speech import hears, spoken_audio
from playwright.async_api import Browser, Page, expect

from callcenter.adapters.postgres.pool import Database
from callcenter.audit.model import AuditDeed, Wanted
from callcenter.audit.store import PostgresAudit
from callcenter.phones import Phone
from callcenter.prompts import audio
from callcenter.prompts.catalogue import number_of
from ivr_flows.effects import PromptText
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
WAIT = PromptText("坐席正忙，请您稍候，我们会尽快为您接听。", "zh")
OTHER = PromptText("Welcome to the one two three four five citizen hotline.", "en")
FLOW = f"""\
flow: citizen_hotline
languages: [zh]
start: hello
nodes:
  hello: {{play: {{zh: {WAIT.text}}}, next: hold}}
  hold: {{wait: 30, next: end}}
  end: {{hang_up: done}}
"""


async def a_caller_hears(centre: CentreRig, spoken: audio.Samples, recording: Path) -> None:
    """The next caller, from the first word to the last."""
    async with Phone.start(bind=CALLER_ADDRESS) as phone:
        call = await phone.call(centre.uri("12345"), caller="13930272", record=str(recording))
        await call.confirmed()
        await hears(recording, spoken)
        await call.hang_up()


async def logged_in(browser: Browser, centre: CentreRig) -> Page:
    """The prompts, as the administrator finds them in the navigation."""
    page = await (await browser.new_context(locale="zh-CN")).new_page()
    await page.goto(f"http://127.0.0.1:{centre.web_port}/login")
    await log_in(page, "admin", centre.admin)
    await goes_to(page, "/prompts")
    return page


async def test_a_recording_takes_the_place_of_the_made_voice_and_gives_it_back(
    own_flows_centre: CentreRig, built: None, browser: Browser, tmp_path: Path
) -> None:
    """Too loud a one is refused with its figures; a good one is heard by the next caller, in the page too."""
    centre, number = own_flows_centre, number_of(WAIT)
    words, other = await spoken_audio(tmp_path, WAIT, OTHER)
    soundfile.write(tmp_path / "studio.mp3", other, audio.WIDEBAND_HZ)
    soundfile.write(tmp_path / "loud.wav", (other * 40).clip(-1, 1), audio.WIDEBAND_HZ)
    hotline_file(centre).write_text(FLOW, encoding="utf-8")
    assert "In force" in await asyncio.to_thread(callcenter, centre, "flows", "publish", "--note", "prompts")

    page = await logged_in(browser, centre)
    row = page.locator(f"tr[data-number='{number}']")
    await page.fill("input[name=words]", number)
    await expect(row).to_contain_text("预制语音", timeout=20_000)  # all are measured at the first look
    await fits_and_is_translated(page)
    await has_no_barrier(page)
    await row.get_by_role("button", name="上传录音").click()
    await page.set_input_files("input[name=sound]", tmp_path / "loud.wav")
    await expect(page.locator(".verdict")).to_contain_text("削波")
    await expect(page.get_by_role("button", name="采用", exact=True)).to_be_disabled()
    await page.set_input_files("input[name=sound]", tmp_path / "studio.mp3")
    await expect(page.locator(".verdict")).to_contain_text("录音合格")
    await has_no_barrier(page)
    await page.get_by_role("button", name="采用", exact=True).click()
    await expect(row).to_contain_text("人工录音")
    await a_caller_hears(centre, other, tmp_path / "recorded.wav")
    async with page.expect_response(lambda answer: answer.url.endswith(f"{number}/audio")) as heard:
        await row.get_by_role("button", name="试听").click()
    assert (await heard.value).status in (200, 206)
    await expect(row.get_by_role("button", name="停止")).to_be_visible()

    await row.get_by_role("button", name="删除录音").click()
    await page.get_by_role("dialog").get_by_role("button", name="删除录音").click()
    await expect(row).to_contain_text("预制语音")
    await a_caller_hears(centre, words, tmp_path / "made.wav")
    database = Database(centre.database_url)
    try:
        noted = await PostgresAudit(database).entries(Wanted(deed=AuditDeed.PROMPT_CHANGED), 10)
    finally:
        await database.close()
    assert [one.entry.detail["action"] for one in noted] == ["remove", "recording"]
