"""Flows that ask and tell another system, by real calls: what callers hear depends on what it answers."""

from __future__ import annotations

import asyncio
import base64
import hmac
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from centre_rig import CALLER_ADDRESS, SECRETS, CentreRig, callcenter
from heard_speech import hears, spoken_audio
from outside_system import Asked, OutsideSystem, outside_system

from callcenter.demo.centre_api import CentreApi
from callcenter.domain import events as e
from callcenter.phones import Phone
from ivr_flows.effects import PromptText

pytestmark = pytest.mark.integration
NUMBER = "12399"
WELCOME = "您的来电已经登记，我们会尽快与您联系。"
LATER = "请您稍后再拨。"
SORRY = "非常抱歉，当前来电较多，暂时无法为您接通。"
LISTED = "您的来电将由投诉专席受理，您的通话将被录音。"


@pytest.fixture
async def system(centre: CentreRig) -> AsyncIterator[OutsideSystem]:
    """The other system, where the centre expects it; it takes whatever it is told."""
    async with outside_system(centre.outside_port) as running:
        running.answer("/hook", (204, b""))
        yield running


def told(system: OutsideSystem, caller: str) -> list[Asked]:
    """What the webhook was told of this caller."""
    hooks = [asked for asked in system.asked if asked.path == "/hook"]
    return [asked for asked in hooks if asked.json()["data"]["number"] == caller]


async def heard_by(centre: CentreRig, phone: Phone, caller: str, text: str, directory: Path) -> str:
    """The id of the call of this caller, who hears these words and is then hung up."""
    recording = directory / f"{caller}.wav"
    (words,) = await spoken_audio(directory / "prompts", PromptText(text, "zh"))
    call = await phone.call(centre.uri(NUMBER), caller=caller, record=str(recording))
    await hears(recording, words)
    await call.ended(20.0)
    call_id = await centre.newcomer(caller)
    await centre.happened(call_id, e.CallSettled)
    return call_id


async def test_what_is_heard_depends_on_the_answer(
    centre: CentreRig, system: OutsideSystem, tmp_path: Path
) -> None:
    """Found, found otherwise, not found, no answer at all: four callers at once, each their own words."""
    system.answer("/citizens/139501", (200, {"data": {"vip": True, "area": "浦东"}}))
    system.answer("/citizens/139502", (503, b""), (200, {"data": {"vip": False, "area": "静安"}}))
    system.answer("/citizens/139504", None)
    texts = {"139501": WELCOME, "139502": LATER, "139503": LATER, "139504": SORRY}
    async with Phone.start(bind=CALLER_ADDRESS) as phone:
        calls = [heard_by(centre, phone, caller, text, tmp_path) for caller, text in texts.items()]
        important, ordinary, unknown, silent = await asyncio.gather(*calls)
    outcomes = [
        next(event.outcome for event in centre.life(call) if isinstance(event, e.LookUpEnded))
        for call in (important, ordinary, unknown, silent)
    ]
    assert outcomes == ["found", "found", "not_found", "failed"]
    questions = [asked for asked in system.asked if asked.path.startswith("/citizens/")]
    assert {asked.headers["Authorization"] for asked in questions} == {SECRETS["CRM_TOKEN"]}
    await _was_told_and_noted(centre, system, important)
    assert not told(system, "139503")


async def _was_told_and_noted(centre: CentreRig, system: OutsideSystem, call_id: str) -> None:
    """The webhook with its signature, the ticket with its words, and both in the call's history."""
    (hook,) = told(system, "139501")
    assert hook.json()["data"] == {"number": "139501", "area": "浦东"}
    key = base64.b64decode(SECRETS["CRM_KEY"].removeprefix("whsec_"))
    signed = f"{hook.headers['webhook-id']}.{hook.headers['webhook-timestamp']}.".encode() + hook.body
    tag = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    assert hook.headers["webhook-signature"] == f"v1,{tag}"
    async with CentreApi(f"http://127.0.0.1:{centre.web_port}") as api, asyncio.timeout(15):
        await api.log_in("admin", centre.admin)
        while not (record := await api.call(call_id))["sends"] or not record["sends"][0]["ended_at"]:
            await asyncio.sleep(0.1)
        (send,) = record["sends"]
        assert (send["webhook"], send["outcome"], send["detail"]) == ("crm", "delivered", "204")
        ticket = await api.ticket(record["ticket_id"])
    assert (ticket["text"], ticket["category"]) == ("咨询\n来自浦东", "known")


async def test_what_is_owed_outlives_a_killed_controller(
    centre: CentreRig, system: OutsideSystem, tmp_path: Path
) -> None:
    """kill -9 while the webhook does not take it: the next controller tells it, with the same id."""
    system.answer("/citizens/139511", (200, {"data": {"vip": False, "area": "宝山"}}))
    system.answer("/hook", (503, b""))
    recording = tmp_path / "heard.wav"
    async with Phone.start(bind=CALLER_ADDRESS) as phone:
        call = await phone.call(centre.uri(NUMBER), caller="139511", record=str(recording))
        await call.ended(30.0)
    call_id = await centre.newcomer("139511")
    await centre.happened(call_id, e.WebhookAsked, e.CallEnded, e.TicketUpdated)
    async with asyncio.timeout(10):
        while not told(system, "139511"):
            await asyncio.sleep(0.05)
    started = sum(isinstance(event, e.CentreStarted) for event in centre.events())
    os.kill(centre.pid("controller"), signal.SIGKILL)
    system.answer("/hook", (204, b""))
    async with asyncio.timeout(30):
        while sum(isinstance(event, e.CentreStarted) for event in centre.events()) == started:
            await asyncio.sleep(0.1)
    life = await centre.happened(call_id, e.CallSettled)
    assert sum(isinstance(event, e.WebhookAsked) for event in life) == 1
    assert sum(isinstance(event, e.WebhookDelivered) for event in life) == 1
    assert sum(isinstance(event, e.TicketUpdated) for event in life) == 1
    assert len({hook.headers["webhook-id"] for hook in told(system, "139511")}) == 1
    assert len({hook.body for hook in told(system, "139511")}) == 1


async def test_a_listed_caller_goes_another_way(
    centre: CentreRig, system: OutsideSystem, tmp_path: Path
) -> None:
    """Put on the list from the command line, in force for the next call, counted, and taken off again."""

    async def callers(*argv: str) -> str:
        return await asyncio.to_thread(callcenter, centre, "callers", *argv)

    assert "added" in await callers("add", "13952*", "--list", "vip", "--reason", "议员")
    assert "did you mean 'vip'?" in await callers("add", "13952*", "--list", "vipp")
    async with Phone.start(bind=CALLER_ADDRESS) as phone:
        call_id = await heard_by(centre, phone, "139521", LISTED, tmp_path)
    (hit,) = [event for event in centre.life(call_id) if isinstance(event, e.CallerListed)]
    assert hit.list == "vip"
    async with CentreApi(f"http://127.0.0.1:{centre.web_port}") as api, asyncio.timeout(15):
        await api.log_in("admin", centre.admin)
        while (await api.caller_lists("vip"))["entries"][0]["hits"] != 1:
            await asyncio.sleep(0.1)
    assert "13952*" in await callers("list")
    assert "removed" in await callers("remove", "13952*", "--list", "vip")
    assert system.asked == []
