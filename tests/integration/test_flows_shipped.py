"""The shipped hotline by real calls: how a request stands, and who does not hear the menu."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from centre_rig import CALLER_ADDRESS, CentreRig, callcenter, desks
from heard_speech import hears, spoken_audio

from callcenter.domain import events as e
from callcenter.phones import Phone
from ivr_flows.effects import PromptText

pytestmark = pytest.mark.integration
ACCEPTED = "提交的诉求已经受理，我们会尽快转交承办单位。"


def nodes(life: list[e.DomainEvent]) -> list[str]:
    """Where the call has been."""
    return [event.node for event in life if isinstance(event, e.NodeEntered)]


async def test_a_caller_hears_how_the_request_stands(centre: CentreRig, tmp_path: Path) -> None:
    """Who has complained before presses 3 and is told so, in the words for it, and is asked what else."""
    caller, recording = "13970000001", tmp_path / "heard.wav"
    (words,) = await spoken_audio(tmp_path / "prompts", PromptText(ACCEPTED, "zh"))
    async with Phone.start(bind=CALLER_ADDRESS) as phone:
        complaint = await phone.call(centre.uri("12345"), caller=caller)
        await complaint.confirmed()
        await complaint.dtmf("2")
        first = await centre.newcomer(caller)
        await centre.until(first, lambda life: "complaint_notice" in nodes(life))
        await complaint.hang_up()
        await centre.happened(first, e.CallSettled)
        call = await phone.call(centre.uri("12345"), caller=caller, record=str(recording))
        await call.confirmed()
        await call.dtmf("3")
        await hears(recording, words)
        call_id = await centre.newcomer(caller, [first])
        life = await centre.until(call_id, lambda life: "anything_else" in nodes(life))
        await call.hang_up()
    assert [event.outcome for event in life if isinstance(event, e.LookUpEnded)] == ["found", "found"]
    told = ["progress", "of_caller", "has_one", "find", "whose", "accepted", "told", "after_progress"]
    assert nodes(life)[-9:] == [*told, "anything_else"]


async def test_a_key_caller_reaches_an_agent_without_a_menu(centre: CentreRig) -> None:
    """Put on the list from the command line; the next call goes first."""
    caller = "13970000002"
    added = await asyncio.to_thread(callcenter, centre, "callers", "add", caller, "--list", "vip")
    assert "added" in added
    async with Phone.start(bind=CALLER_ADDRESS) as phone, desks(centre, "1001") as (desk,):
        call = await phone.call(centre.uri("12345"), caller=caller)
        answered = await desk.next_call(timeout_sec=30.0)
        call_id = await centre.newcomer(caller)
        life = await centre.happened(call_id, e.AgentConnected)
        await call.hang_up()
        await answered.ended(10.0)
    (queued,) = [event for event in life if isinstance(event, e.CallQueued)]
    assert (queued.queue, queued.priority) == ("general", 5)
    assert nodes(life) == ["business_hours", "known_caller", "fast_lane", "fast"]
    await asyncio.to_thread(callcenter, centre, "callers", "remove", caller, "--list", "vip")
