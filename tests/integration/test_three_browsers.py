"""Two agents and a supervisor, each at the telephone of a browser of their own, and a caller by SIP."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from browser_desk import WORDS, BrowserDesk, browser_that_says, desk_of
from centre_rig import CALLER_ADDRESS, CentreRig, to_queue
from heard_speech import tones_now
from line_to_cut import line_to
from playwright.async_api import expect
from test_centre_survival import healthy

from callcenter.domain import events as e
from callcenter.phones import Phone, PhoneCall
from callcenter.phones.audio import Tone, write_tones
from callcenter.web.ports import Role

pytestmark = pytest.mark.integration

CALLER, ANNA, BEN, SUE = 1281.0, 719.0, 571.0, 906.0
"""The tone that each of them says without end, in Hz: between the notes of the music."""
TONES = (CALLER, ANNA, BEN, SUE)

CUT_S = 10.0


@dataclass
class Talk:
    """A caller, and what the caller hears."""

    call: PhoneCall
    call_id: str
    heard: Path

    async def hears(self, *expected: float, within_s: float = 15.0) -> None:
        """Wait until the caller hears exactly these of the tones."""
        heard: set[float] = set()
        try:
            async with asyncio.timeout(within_s):
                while (heard := tones_now(self.heard, TONES)) != set(expected):
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"the caller hears {heard} Hz, not {expected}") from None


async def hear(talk: Talk, caller: set[float], pages: dict[BrowserDesk, set[float]]) -> None:
    """Wait until everybody hears exactly these."""
    await asyncio.gather(
        talk.hears(*caller), *(page.hears_of(TONES, *expected) for page, expected in pages.items())
    )


@asynccontextmanager
async def at_their_pages(
    centre: CentreRig, directory: Path, *people: tuple[str, float, Role]
) -> AsyncIterator[list[BrowserDesk]]:
    """Each in a browser of their own, ready."""
    async with AsyncExitStack() as stack:
        browsers = [await stack.enter_async_context(browser_that_says(directory, hz)) for _, hz, _ in people]
        yield [
            await stack.enter_async_context(desk_of(centre, browser, agent_id, role=role))
            for browser, (agent_id, _, role) in zip(browsers, people, strict=True)
        ]


@asynccontextmanager
async def talking(centre: CentreRig, desk: BrowserDesk, directory: Path, number: str) -> AsyncIterator[Talk]:
    """A caller with this number, whom the agent at this desk has answered."""
    heard, voice = directory / f"heard-{number}.wav", directory / "caller.wav"
    write_tones(voice, 8000, [Tone(CALLER, 10_000)])
    async with Phone.start(bind=CALLER_ADDRESS) as phone:
        call = await phone.call(centre.uri("12399"), caller=number, record=str(heard))
        await to_queue(call)
        await desk.press("phone.answer")
        call_id = await centre.newcomer(number)
        await centre.happened(call_id, e.AgentConnected)
        await call.play(str(voice), loop=True)
        yield Talk(call, call_id, heard)


async def supervises(desk: BrowserDesk, talk: Talk, key: str) -> None:
    """Choose this in the menu of the call."""
    await desk.page.locator(f"[data-call='{talk.call_id}']").get_by_role("button").click()
    await desk.page.get_by_role("menuitem", name=WORDS[key], exact=True).click()


async def is_ready(desk: BrowserDesk) -> None:
    """Wait until the wrap-up is over."""
    state = desk.page.locator(".desk .now .state")
    await expect(state).to_have_text(WORDS["presence.ready"], timeout=15_000)


async def test_two_agents_and_a_supervisor(centre: CentreRig, tmp_path: Path) -> None:
    """Keys, consultation, swap, conference, hand-over, listening, whisper, barge, take-over and a transfer by
    the buttons of the pages; who hears whom after each."""
    people = (("1001", ANNA, Role.AGENT), ("1002", BEN, Role.AGENT), ("1003", SUE, Role.SUPERVISOR))
    async with at_their_pages(centre, tmp_path, *people) as (anna, ben, sue):
        await anna.begin()
        async with talking(centre, anna, tmp_path, "13970000031") as talk:
            await hear(talk, {ANNA}, {anna: {CALLER}})
            await anna.press("action.keys")
            for key in "12#":
                await anna.page.get_by_role("dialog").get_by_role("button", name=key, exact=True).click()
            assert await talk.call.received(3) == "12#"
            await anna.page.keyboard.press("Escape")

            await ben.begin()
            ben_at_annas = anna.page.locator("[data-agent='1002'] .state")
            await expect(ben_at_annas).to_have_text(WORDS["presence.ready"])
            await anna.ask("action.consult", "1002")
            await ben.press("phone.answer")
            await hear(talk, set(), {anna: {BEN}, ben: {ANNA}})
            await anna.press("action.swap")
            await hear(talk, {ANNA}, {anna: {CALLER}, ben: set()})
            await anna.press("action.conference")
            await hear(talk, {ANNA, BEN}, {anna: {CALLER, BEN}, ben: {CALLER, ANNA}})
            await anna.press("action.complete-transfer")
            await hear(talk, {BEN}, {ben: {CALLER}})

            await sue.press("action.login")
            await sue.page.get_by_role("dialog").get_by_role("button", name=WORDS["ask.do"]).click()
            await sue.reads("phone.state.ready")
            await supervises(sue, talk, "deed.listen")
            await hear(talk, {BEN}, {ben: {CALLER}, sue: {CALLER, BEN}})
            bar = sue.page.locator(".bar")
            await bar.get_by_role("button", name=WORDS["deed.whisper"]).click()
            await hear(talk, {BEN}, {ben: {CALLER, SUE}, sue: {CALLER, BEN}})
            await bar.get_by_role("button", name=WORDS["deed.barge"]).click()
            await hear(talk, {BEN, SUE}, {ben: {CALLER, SUE}, sue: {CALLER, BEN}})
            await bar.get_by_role("button", name=WORDS["deed.take_over"]).click()
            await hear(talk, {SUE}, {sue: {CALLER}})

            await sue.ask("action.transfer", "1001")
            await anna.press("phone.answer")
            await hear(talk, {ANNA}, {anna: {CALLER}})
            await anna.press("action.hang-up")
            life = await centre.happened(talk.call_id, e.AgentReleased)
            await talk.call.ended(10.0)
    connected = [event.agent_id for event in life if isinstance(event, e.AgentConnected)]
    assert connected == ["1001", "1002", "1003", "1001"]


async def test_a_controller_that_dies_in_a_call(centre: CentreRig, tmp_path: Path) -> None:
    """Caller and page hear each other all the while; when it is back, the page obeys as before."""
    async with at_their_pages(centre, tmp_path, ("1001", ANNA, Role.AGENT)) as (anna,):
        await anna.begin()
        async with talking(centre, anna, tmp_path, "13970000032") as talk:
            await hear(talk, {ANNA}, {anna: {CALLER}})
            os.kill(centre.pid("controller"), signal.SIGKILL)
            await hear(talk, {ANNA}, {anna: {CALLER}})
            await healthy(centre)
            await anna.reads("phone.state.ready")
            await anna.press("action.hold")
            await hear(talk, set(), {anna: set()})
            await anna.press("action.retrieve")
            await hear(talk, {ANNA}, {anna: {CALLER}})
            await anna.press("action.hang-up")
            life = await centre.happened(talk.call_id, e.AgentReleased)
            await anna.reads("phone.state.ready")
            await talk.call.ended(10.0)
    assert [event.agent_id for event in life if isinstance(event, e.AgentConnected)] == ["1001"]


async def test_a_line_that_is_cut_for_ten_seconds(centre: CentreRig, tmp_path: Path) -> None:
    """Caller and page hear each other meanwhile; the page says that its line is lost, and obeys later."""
    async with (
        line_to(centre.web_port) as line,
        browser_that_says(tmp_path, ANNA) as browser,
        desk_of(centre, browser, "1001", port=line.port) as anna,
    ):
        await anna.begin()
        async with talking(centre, anna, tmp_path, "13970000033") as talk:
            await hear(talk, {ANNA}, {anna: {CALLER}})
            line.cut()
            back_at = asyncio.get_running_loop().time() + CUT_S
            await anna.reads("phone.state.lost")
            await expect(anna.page.locator(".line")).to_have_text(WORDS["line.lost"])
            await hear(talk, {ANNA}, {anna: {CALLER}})
            await asyncio.sleep(back_at - asyncio.get_running_loop().time())
            line.mend()
            await anna.reads("phone.state.ready")
            await anna.press("action.hold")
            await hear(talk, set(), {anna: set()})
            await anna.press("action.hang-up")
            life = await centre.happened(talk.call_id, e.AgentReleased)
            await anna.reads("phone.state.ready")
            await talk.call.ended(10.0)
    assert not any(isinstance(event, e.AgentPhoneLost) for event in life)


async def test_two_tabs_are_one_phone(centre: CentreRig, tmp_path: Path) -> None:
    """The second tab says that the phone is in the other, shows the call all the same, and controls it."""
    async with at_their_pages(centre, tmp_path, ("1001", ANNA, Role.AGENT)) as (anna,):
        await anna.begin()
        second = BrowserDesk(centre, anna.context, await anna.context.new_page())
        await second.page.goto(anna.page.url)
        await second.reads("phone.fault.other_tab")
        async with talking(centre, anna, tmp_path, "13970000034") as talk:
            await hear(talk, {ANNA}, {anna: {CALLER}})
            await second.press("action.hold")
            await hear(talk, set(), {anna: set()})
            await second.press("action.retrieve")
            await hear(talk, {ANNA}, {anna: {CALLER}})
            await second.press("action.hang-up")
            await centre.happened(talk.call_id, e.AgentReleased)
            await talk.call.ended(10.0)
        await second.page.close()


async def test_other_devices_and_another_phone(centre: CentreRig, tmp_path: Path) -> None:
    """The meter moves with the voice; a microphone chosen during a call is heard; between two calls the agent
    goes over to a desk phone and back, and stays ready."""
    async with (
        at_their_pages(centre, tmp_path, ("1001", ANNA, Role.AGENT)) as (anna,),
        Phone.start(codecs=("G722", "PCMU")) as desk_phone,
    ):
        await desk_phone.register("2001", centre.passwords["2001"], centre.registrar)
        await anna.begin()
        async with talking(centre, anna, tmp_path, "13970000035") as talk:
            await anna.press("phone.devices")
            dialog = anna.page.get_by_role("dialog")
            await expect(dialog.get_by_role("meter")).not_to_have_attribute("aria-valuenow", "0")
            await dialog.locator(".el-select").first.click()
            await anna.page.get_by_role("option").nth(2).click()
            await dialog.get_by_role("button", name=WORDS["phone.done"]).click()
            await hear(talk, {ANNA}, {anna: {CALLER}})
            await anna.press("action.hang-up")
            await talk.call.ended(10.0)
        await expect(anna.page.locator(".desk .now .state")).to_have_text(
            WORDS["presence.ready"], timeout=15_000
        )
        await anna.ask("action.change-phone", "2001")
        await expect(anna.page.locator(".phone .state")).to_have_count(0)
        async with Phone.start(bind=CALLER_ADDRESS) as phone:
            call = await phone.call(centre.uri("12399"), caller="13970000036")
            await to_queue(call)
            ringing = await desk_phone.next_call()
            await ringing.answer()
            await ringing.confirmed()
            await ringing.hang_up()
            await call.ended(10.0)
        await expect(anna.page.locator(".desk .now .state")).to_have_text(
            WORDS["presence.ready"], timeout=15_000
        )
        await anna.ask("action.change-phone", WORDS["phone.browser"])
        await anna.reads("phone.state.ready")
        async with talking(centre, anna, tmp_path, "13970000037") as talk:
            await hear(talk, {ANNA}, {anna: {CALLER}})
            await talk.call.hang_up()


async def test_a_switch_that_dies_has_its_phones_again(centre: CentreRig, tmp_path: Path) -> None:
    """The page is its agent's telephone again by itself, by credentials that the new switch was told."""
    async with at_their_pages(centre, tmp_path, ("1001", ANNA, Role.AGENT)) as (anna,):
        await anna.begin()
        os.kill(centre.pid("asterisk"), signal.SIGKILL)
        await anna.reads("phone.state.lost")
        await healthy(centre)
        await anna.reads("phone.state.ready", within_s=30)
        if await anna.page.get_by_role("button", name=WORDS["action.ready"], exact=True).count():
            await anna.press("action.ready")
        async with talking(centre, anna, tmp_path, "13970000038") as talk:
            await hear(talk, {ANNA}, {anna: {CALLER}})
            await talk.call.hang_up()
