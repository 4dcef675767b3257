"""The pages that look back, in a real browser: the list of calls, the life of one, and reports."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from acd.agent import Rule
from acd.explain import Removal, WaitReason
from callcenter.domain import events as e
from callcenter.preview.past import DAY_MS, SOUND, MadeUpPast, sound_of, write_sound
from callcenter.web.app import now_ms
from tests.integration.test_web_page import (
    BASE,
    Stage,
    browser,
    built,
    choose_in,
    fits_and_is_translated,
    has_no_barrier,
    opened,
    stage,
)

__all__ = ["browser", "built", "stage"]
pytestmark = pytest.mark.integration
PHONE = {"width": 390, "height": 844}


def past(stage: Stage, recordings: Path, calls: int = 130) -> list[e.DomainEvent]:
    """Two days of calls, told to the record and to the reports; those answered can be heard."""
    write_sound(recordings / SOUND)
    until = now_ms() - DAY_MS
    events: list[e.DomainEvent] = []
    for life in MadeUpPast(until - 2 * DAY_MS, until, calls).lives():
        events += life
        for event in life:
            if isinstance(event, e.AgentConnected):
                why = WaitReason(
                    event.call_id,
                    *(event.queue, event.at, event.at, 0, ()),
                    (Removal(Rule.NOT_READY, "meal", 1, ("1002",)),),
                    None,
                )
                events.append(e.CallWaits(event.at, event.call_id, event.queue, why.to_dict()))
            if isinstance(event, e.AgentReleased):
                events += sound_of(event.call_id, event.at)
    for event in events:
        stage.history.apply(event)
        stage.counted.apply(event)
    return events


def called(page: Page) -> Locator:
    """The calls in the list."""
    return page.locator("tbody[data-call]")


async def test_calls_are_found_by_filters_and_words(browser: Browser, stage: Stage, tmp_path: Path) -> None:
    """The address keeps what is looked for, also over a reload; older calls follow at the end."""
    events = past(stage, tmp_path)
    arrived = [event for event in events if isinstance(event, e.CallArrived)]
    abandoned = [
        event.call_id
        for event in events
        if isinstance(event, e.QueueLeft) and event.outcome is e.QueueOutcome.ABANDONED
    ]
    async with opened(browser, "supervisor") as page:
        await page.get_by_role("link", name="通话记录").click()
        await expect(called(page)).to_have_count(50)
        await expect(called(page).first).to_contain_text(arrived[-1].caller)
        await has_no_barrier(page)
        older = page.get_by_role("button", name="更早的通话")
        await older.click()
        await expect(called(page)).to_have_count(100)
        await older.click()
        await expect(called(page)).to_have_count(len(arrived))
        await expect(older).to_have_count(0)
        await choose_in(page, "结果", "放弃")
        await page.get_by_role("button", name="查询").click()
        await expect(page).to_have_url(f"{BASE}history?outcome=abandoned")
        await expect(called(page)).to_have_count(len(abandoned))
        await page.reload()
        await expect(called(page)).to_have_count(len(abandoned))
        await page.get_by_role("button", name="清空条件").click()
        await page.fill("input[name=caller]", arrived[7].caller[-8:])
        await page.keyboard.press("Enter")
        await expect(called(page)).to_have_count(1)
        await page.fill("input[name=caller]", "")
        await page.fill("input[name=words]", "路灯")
        await page.get_by_role("button", name="查询").click()
        await expect(page.locator("mark").first).to_have_text("路灯")
        await fits_and_is_translated(page)
        await page.fill("input[name=words]", "表扬")
        await page.keyboard.press("Enter")
        await expect(page.locator("main .none")).to_have_text("没有符合条件的通话。")
        await page.go_back()
        await expect(page.locator("mark").first).to_be_visible()


async def test_the_life_of_a_call_is_seen_and_heard(browser: Browser, stage: Stage, tmp_path: Path) -> None:
    """Lanes over time; timeline, waveform, words and keys all lead to the same place in the sound."""
    events = past(stage, tmp_path, 20)
    call_id = next(event.call_id for event in events if isinstance(event, e.CallHeld))
    at = "document.querySelector('audio').currentTime"
    async with opened(browser, "supervisor") as page:
        await page.goto(f"{BASE}calls/{call_id}")
        lanes = page.locator(".timeline > b")
        await expect(lanes).to_have_text(["语音导航", "排队", "振铃", "通话", "保持", "录音", "话后", "事件"])
        await expect(page.locator(".wave path")).to_have_count(2)
        await expect(page.locator(".why li.wait").first).to_contain_text("1002")
        await has_no_barrier(page)
        said = page.locator(".said li")
        await said.nth(3).get_by_role("button", name="0:12").click()
        await expect(said.nth(3)).to_have_class(re.compile("now"))
        assert await page.evaluate(at) >= 12
        await said.nth(1).get_by_text("路灯").click()
        await expect(said.nth(1).locator(".now")).to_have_text(re.compile("路灯|坏了"))
        assert 5 < await page.evaluate(at) < 8
        await page.get_by_role("button", name="暂停").click()
        wave = page.get_by_role("slider", name="录音")
        box = await wave.bounding_box()
        assert box is not None
        await wave.click(position={"x": box["width"] * 0.75, "y": 20})
        await expect(said.nth(4)).to_have_class(re.compile("now"))
        await page.keyboard.press("Space")
        await expect(page.get_by_role("button", name="播放")).to_be_visible()
        stopped = await page.evaluate(at)
        assert 17.5 < stopped < 20
        await page.keyboard.press("ArrowLeft")
        assert abs(await page.evaluate(at) - (stopped - 5)) < 0.1
        await page.keyboard.press(".")
        await expect(page.locator(".player .el-select")).to_have_text("1.25×")
        assert await page.evaluate("document.querySelector('audio').playbackRate") == 1.25
        await page.locator(".lane.talk button").click()
        await expect(said.first).to_have_class(re.compile("now"))
        await page.goto(f"{BASE}calls/c7")
        await expect(page.locator("main .fault")).to_have_text("没有这条记录。")


async def test_agents_see_their_own_calls_only(browser: Browser, stage: Stage, tmp_path: Path) -> None:
    """The list has theirs; neither a link nor an address leads to those of others, or to reports."""
    events = past(stage, tmp_path)
    talks = [event for event in events if isinstance(event, e.AgentConnected)]
    own = {talk.call_id for talk in talks if talk.agent_id == "1001"}
    other = next(talk.call_id for talk in talks if talk.agent_id != "1001")
    async with opened(browser, "agent") as page:
        await page.get_by_role("link", name="通话记录").click()
        await expect(called(page)).to_have_count(len(own))
        await expect(page.locator("nav")).not_to_contain_text("报表")
        await page.goto(f"{BASE}calls/{other}")
        await expect(page.locator("main .fault")).to_have_text("您没有查看的权限。")
        await expect(page.locator("main")).not_to_contain_text("路灯")
        await page.goto(f"{BASE}reports")
        await expect(page).to_have_url(BASE)


async def test_reports_are_drawn_listed_and_exported(browser: Browser, stage: Stage, tmp_path: Path) -> None:
    """By day, queue and agent; the chart is drawn, the table adds up, the file has the same rows."""
    events = past(stage, tmp_path)
    calls = sum(isinstance(event, e.CallArrived) for event in events)
    async with opened(browser, "supervisor") as page:
        await page.get_by_role("link", name="报表").click()
        await expect(page.locator(".chart canvas")).to_be_visible()
        whole = page.locator("tfoot td").first
        await expect(whole).to_have_text(str(calls))
        drawn = "document.querySelector('.chart canvas').toDataURL().length"
        await page.wait_for_function(f"{drawn} > 5000")
        await has_no_barrier(page)
        await choose_in(page, "统计对象", "坐席")
        await choose_in(page, "时间粒度", "整段时间")
        await expect(page).to_have_url(re.compile("interval=span&scope=agent"))
        await expect(page.locator("tbody tr")).to_have_count(12)
        await choose_in(page, "指标", "在岗时长")
        await expect(page).to_have_url(re.compile("figure=staffed_ms"))
        await fits_and_is_translated(page)
        await has_no_barrier(page)
        async with page.expect_download() as waited:
            await page.get_by_role("link", name="CSV").click()
        text = Path(await (await waited.value).path()).read_text(encoding="utf-8-sig")
        assert len(text.splitlines()) == 14
        assert "在岗时长（秒）" in text
        await page.get_by_role("button", name="EN").click()
        await page.get_by_role("button", name="Dark").click()
        await expect(page.locator("th", has_text="Handled")).to_be_visible()
        await fits_and_is_translated(page)
        await has_no_barrier(page)


async def test_pages_fit_a_telephone(browser: Browser, stage: Stage, tmp_path: Path) -> None:
    """Nothing lies over anything else, also where there is little room."""
    events = past(stage, tmp_path, 20)
    call_id = next(event.call_id for event in events if isinstance(event, e.AgentConnected))
    day = datetime.fromtimestamp(now_ms() / 1000, UTC)
    async with opened(browser, "supervisor", PHONE) as page:
        for path, there in (
            ("history", "tbody a"),
            (f"calls/{call_id}", ".wave path"),
            (f"reports?span=own&from={day:%Y}-01-01T00:00&to={day:%Y}-12-31T23:59", "tfoot td"),
        ):
            await page.goto(BASE + path)
            await expect(page.locator(there).first).to_be_visible()
            await fits_and_is_translated(page)
