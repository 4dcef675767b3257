"""Calls at the telephone of the page: sound in both directions by its frequencies, and what may go wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from browser_desk import BrowserDesk, browser_that_says, desk_of
from centre_rig import CALLER_ADDRESS, CentreRig, to_queue
from heard_speech import hears_tones
from playwright.async_api import Browser

from callcenter.domain import events as e
from callcenter.phones import Phone
from callcenter.phones.audio import Tone, write_tones

pytestmark = pytest.mark.integration
AGENT_HZ, CALLER_HZ = 700.0, 1300.0
MUTED_S = 1.5


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    async with browser_that_says(tmp_path, AGENT_HZ) as browser:
        yield browser


@pytest.fixture
async def desk(centre: CentreRig, browser: Browser) -> AsyncIterator[BrowserDesk]:
    async with desk_of(centre, browser, "1001") as desk:
        yield desk


async def test_a_talk_at_the_page(centre: CentreRig, desk: BrowserDesk, tmp_path: Path) -> None:
    """The caller hears the agent and the agent the caller; hold, mute and hang-up do what they say."""
    await desk.begin()
    heard, voice = tmp_path / "heard.wav", tmp_path / "voice.wav"
    write_tones(voice, 8000, [Tone(CALLER_HZ, 10_000)])
    async with Phone.start(bind=CALLER_ADDRESS) as phone:
        call = await phone.call(centre.uri("12345"), caller="13970000021", record=str(heard))
        await to_queue(call)
        await desk.press("phone.answer")
        call_id = await centre.newcomer("13970000021")
        await centre.happened(call_id, e.AgentConnected)
        await call.play(str(voice), loop=True)
        await desk.hears(CALLER_HZ)
        await hears_tones(heard, AGENT_HZ)
        await desk.press("phone.mute")
        await asyncio.sleep(MUTED_S)
        await desk.press("phone.unmute")
        await hears_tones(heard, AGENT_HZ, bursts=2)
        await desk.press("action.hold")
        await centre.happened(call_id, e.CallHeld)
        await desk.hears(0)
        await desk.press("action.retrieve")
        await desk.hears(CALLER_HZ)
        await desk.press("action.hang-up")
        life = await centre.happened(call_id, e.AgentReleased)
        await desk.reads("phone.state.ready")
        await call.hang_up()
    assert not any(isinstance(event, e.AgentPhoneLost) for event in life)


async def test_a_page_that_is_reloaded_has_its_call_back(
    centre: CentreRig, desk: BrowserDesk, tmp_path: Path
) -> None:
    """The caller hears music as long as the page is away, then the agent again, without a hand's turn."""
    await desk.begin()
    heard, voice = tmp_path / "heard.wav", tmp_path / "voice.wav"
    write_tones(voice, 8000, [Tone(CALLER_HZ, 10_000)])
    async with Phone.start(bind=CALLER_ADDRESS) as phone:
        call = await phone.call(centre.uri("12345"), caller="13970000022", record=str(heard))
        await to_queue(call)
        await desk.press("phone.answer")
        call_id = await centre.newcomer("13970000022")
        await centre.happened(call_id, e.AgentConnected)
        await call.play(str(voice), loop=True)
        await hears_tones(heard, AGENT_HZ)
        await desk.page.reload()
        await centre.happened(call_id, e.AgentPhoneLost, e.AgentPhoneBack)
        await desk.hears(CALLER_HZ)
        await hears_tones(heard, AGENT_HZ, bursts=2)
        await desk.press("action.hang-up")
        life = await centre.happened(call_id, e.AgentReleased)
        await call.hang_up()
    assert [event.agent_id for event in life if isinstance(event, e.AgentConnected)] == ["1001"]


async def test_a_page_that_dies_loses_nobody(centre: CentreRig, browser: Browser, tmp_path: Path) -> None:
    """Its agent does not come back: the caller waits on, ahead of the others, for another agent."""
    async with Phone.start(bind=CALLER_ADDRESS) as phone, desk_of(centre, browser, "1001") as desk:
        await desk.begin()
        call = await phone.call(centre.uri("12345"), caller="13970000023")
        await to_queue(call)
        await desk.press("phone.answer")
        call_id = await centre.newcomer("13970000023")
        await centre.happened(call_id, e.AgentConnected)
        await desk.page.goto("about:blank")
        life = await centre.happened(call_id, e.AgentPhoneLost, e.AgentReleased)
        assert [type(event) for event in life][-1] is e.CallQueued
        await call.hang_up()
        await desk.page.go_back()
        await desk.reads("phone.state.ready")


async def test_why_the_phone_cannot_be_used(centre: CentreRig, browser: Browser) -> None:
    """The reason is shown, and an agent without a phone that works is not logged in."""
    async with desk_of(centre, browser, "1002") as desk, desk_of(centre, browser, "1002") as other:
        await desk.page.evaluate(
            "void (navigator.mediaDevices.getUserMedia ="
            " () => Promise.reject(new DOMException('', 'NotAllowedError')))"
        )
        await desk.press("action.login")
        await desk.page.get_by_role("dialog").get_by_role("button", name="确定").click()
        await desk.reads("phone.fault.denied")
        await other.begin()
        await desk.page.reload()
        await desk.reads("phone.state.ready")
        await other.reads("phone.fault.elsewhere")
