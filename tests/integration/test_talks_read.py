"""What is said in a talk is read in a browser while it is said: real telephony, a real recogniser."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
from browser_desk import PASSWORD, WORDS, known_to
from centre_rig import ROOT, WIDEBAND_ADDRESS, CentreRig, Desk, desks
from playwright.async_api import Browser, Locator, Page, expect

from callcenter.domain import events as e
from callcenter.phones import Phone, PhoneCall
from callcenter.web.app import now_ms
from callcenter.web.ports import Role
from tests.integration.test_web_page import WIDE, has_no_barrier, log_in
from tests.integration.test_web_page import browser as browser  # noqa: PLC0414 - a fixture

pytestmark = pytest.mark.integration

KOREAN_LINE, KOREAN_AGENT, CALLER = "12345082", "1004", "138701"
SPEECH = ROOT / "callcenter" / "demo" / "speech"


@dataclass(frozen=True)
class Saying:
    """What somebody says: its file, a word that the model knows well, and how it ends."""

    file: str
    word: str
    end: str


BUS = Saying("caller-ko-02", "버스노선", "문의하고싶습니다")
ADDRESS = Saying("agent-ko-02", "주소를", "주십시오")
AUDIBLE = 500
WITHIN_MS = 20_000
"""A bound for a busy machine; what it takes is printed."""
REST_MS = 5_000
"""For the rest of a saying that is read in several lines."""
TIMES_SAID = 3
SEEN_AT = """word => {
  const look = () => {
    if (window.seenAt) return;
    const texts = [...document.querySelectorAll("[data-read] .lines p")].map((one) => one.textContent);
    if (texts.some((text) => text.replaceAll(" ", "").includes(word))) window.seenAt = Date.now();
  };
  window.seenAt = 0;
  window.seeing?.disconnect();
  window.seeing = new MutationObserver(look);
  window.seeing.observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


def wav(directory: Path, saying: Saying) -> tuple[str, int]:
    """The saying as a phone plays it, and after how many ms its last sound is over."""
    path = directory / f"{saying.file}.wav"
    samples, rate = soundfile.read(SPEECH / f"{saying.file}.flac", dtype="int16")
    soundfile.write(path, samples, rate, subtype="PCM_16")
    return str(path), int(np.flatnonzero(np.abs(samples) > AUDIBLE)[-1]) * 1000 // rate


@pytest.fixture
async def desk(centre: CentreRig) -> AsyncIterator[Desk]:
    async with desks(centre, KOREAN_AGENT) as (desk,):
        yield desk


async def talking(centre: CentreRig, desk: Desk, phone: Phone) -> tuple[PhoneCall, PhoneCall, str]:
    """A caller of the Korean line and its agent talk: both ends, and the id of the call."""
    call = await phone.call(centre.uri(KOREAN_LINE), caller=CALLER)
    await call.confirmed()
    call_id = await centre.newcomer(CALLER)
    await centre.until(
        call_id,
        lambda life: any(isinstance(event, e.NodeEntered) and event.node == "main_menu" for event in life),
    )
    await call.dtmf("1")
    ring = await desk.next_call()
    await centre.happened(call_id, e.AgentConnected)
    return call, ring, call_id


@asynccontextmanager
async def reading(
    centre: CentreRig, browser: Browser, name: str, role: Role, path: str
) -> AsyncIterator[Page]:
    """This page of the console, seen by somebody with this role; agents are known by their number."""
    await known_to(centre, name, role, name if role is Role.AGENT else None)
    context = await browser.new_context(viewport=WIDE, locale="zh-CN")
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda told: "Security Policy" in told.text and faults.append(told.text))
    await page.goto(f"http://127.0.0.1:{centre.web_port}{path}")
    await log_in(page, name, PASSWORD)
    yield page
    assert faults == []
    await context.close()


def finished(page: Page, side: str) -> Locator:
    """The finished lines of this side."""
    return page.locator(f"[data-read] .{side}:not(.partial) p")


def understood(page: Page, side: str, saying: Saying) -> Locator:
    """Those of them that have it, however it is spaced."""
    return finished(page, side).filter(has_text=re.compile(r"\s*".join(saying.word)))


async def shows(page: Page, side: str, saying: Saying) -> None:
    """Wait until the pane has it as a finished line of this side, once."""
    await expect(understood(page, side, saying)).to_have_count(1, timeout=WITHIN_MS)


async def says(page: Page, call: PhoneCall, side: str, saying: Saying, directory: Path) -> int:
    """Somebody says it, and again when it was misheard, as people do; something is read of it each time. So
    many ms after its end its last words were to be seen."""
    file, sound_ms = wav(directory, saying)
    for _ in range(TIMES_SAID):
        await page.evaluate(SEEN_AT, saying.end)
        began_at, lines = now_ms(), await finished(page, side).count()
        await call.play(file)
        await expect(finished(page, side)).not_to_have_count(lines, timeout=WITHIN_MS)
        with suppress(AssertionError):
            await expect(understood(page, side, saying)).to_have_count(1, timeout=REST_MS)
            # Its end, when that was misheard, had been seen by now.
            return int(await page.evaluate("window.seenAt || Date.now()")) - began_at - sound_ms
    raise AssertionError(await finished(page, side).all_inner_texts())


async def answered(centre: CentreRig, browser: Browser, agent_id: str, call_id: str) -> int:
    """What an agent is answered who wants to read this call."""
    await known_to(centre, agent_id, Role.AGENT, agent_id)
    context = await browser.new_context(base_url=f"http://127.0.0.1:{centre.web_port}")
    log_in = {"name": agent_id, "password": PASSWORD}
    assert (await context.request.post("/api/login", data=log_in)).ok
    answer = await context.request.get(f"/api/calls/{call_id}/live-transcript")
    await context.close()
    return answer.status


def written(centre: CentreRig, saying: Saying) -> list[str]:
    """The files of the centre in which it stands."""
    files = (*centre.places.journal.rglob("*.jsonl"), *centre.places.log.glob("*.log"))
    return [str(path) for path in files if saying.word in path.read_text("utf-8", "replace").replace(" ", "")]


async def test_a_talk_is_read_while_it_goes_on(
    browser: Browser,
    centre: CentreRig,
    desk: Desk,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    """Each side's words stand on its side while they talk; a controller that is killed interrupts it and
    takes nothing away; a supervisor reads the same, another agent nothing; ops people see two streams
    in use. No word of it is in a file."""
    async with (
        Phone.start(bind=WIDEBAND_ADDRESS, codecs=("G722",)) as phone,
        reading(centre, browser, KOREAN_AGENT, Role.AGENT, "/desk") as page,
    ):
        await expect(page.locator(".desk .state")).to_have_text("空闲")
        call, ring, call_id = await talking(centre, desk, phone)
        pane = page.locator(f"[data-read='{call_id}']")
        await expect(pane).to_have_attribute("data-state", "heard")
        late = [await says(page, call, "caller", BUS, tmp_path)]
        await has_no_barrier(page)
        assert await answered(centre, browser, "1002", call_id) == 403
        os.kill(centre.pid("controller"), signal.SIGKILL)
        await expect(pane).to_have_attribute("data-state", "lost")
        await expect(pane).to_have_attribute("data-state", "heard", timeout=WITHIN_MS)
        await shows(page, "caller", BUS)
        late.append(await says(page, ring, "agent", ADDRESS, tmp_path))
        async with reading(centre, browser, "ban", Role.SUPERVISOR, f"/calls/{call_id}") as supervising:
            await shows(supervising, "agent", ADDRESS)
        async with reading(centre, browser, "ops", Role.OPS, "/health") as looking_after:
            streams = looking_after.locator("[data-part=listening] dl div").nth(1)
            await expect(streams).to_have_text(f"{WORDS['health_fact.talk']}2", timeout=WITHIN_MS)
        assert [*written(centre, BUS), *written(centre, ADDRESS)] == []
        await call.hang_up()
        await expect(pane).to_have_attribute("data-state", "ended")
    record_property("ms from the end of a saying to its last words on the screen", late)
    assert max(late) < WITHIN_MS
