"""Calls that agents make, with real phones."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from browser_desk import browser_that_says, desk_of

from callcenter.domain import events as e
from callcenter.phones import AnswerAction, AnswerPolicy, Phone, audio
from callcenter.web.wire import AgentAction
from tests.integration.centre_rig import CALLER_ADDRESS, CentreRig, Desk, desks, to_queue
from tests.integration.heard_speech import hears_tones
from tests.integration.test_centre_calls import one
from tests.integration.test_consulted_calls import AGENT_HZ, CALLER_HZ, OTHER_HZ, Party

pytestmark = pytest.mark.integration

MASKED = "****03"
"""What the agent's page shows of 139603: the call is named by its id."""
CONGESTION_HZ = 450.0


async def made(centre: CentreRig, desk: Desk, **asked: str) -> str:
    """The id of the call that the agent makes now."""
    await desk.api.agent(desk.agent_id, AgentAction.DIAL_OUT, asked)
    dialled = [event for event in centre.events() if isinstance(event, e.CallDialledOut)]
    return dialled[-1].call_id


async def test_a_missed_caller_is_called_back_by_an_agent(centre: CentreRig, tmp_path: Path) -> None:
    """The agent's phone rings first, then the caller's, who is shown the number that was called; they hear
    each other and are recorded apart, and the call has a ticket."""
    async with (
        Phone.start(bind=CALLER_ADDRESS, sip_port=centre.peer_port) as phone,
        desks(centre, "1001", answer=AnswerAction.MANUAL) as (desk,),
    ):
        await desk.api.agent("1001", AgentAction.PAUSE, {"reason": "follow_up"})
        missed = await phone.call(centre.uri("12345"), caller="139601")
        await to_queue(missed)
        missed_id = await centre.newcomer("139601")
        await centre.happened(missed_id, e.CallQueued)
        await asyncio.sleep(1.2)  # else it is a short abandon, which would do as well
        await missed.hang_up()
        await centre.happened(missed_id, e.CallEnded)

        await phone.set_answer_policy(AnswerPolicy(AnswerAction.ANSWER, after_ms=300))
        call_id = await made(centre, desk, call_id=missed_id)
        own = await desk.next_call()
        assert not phone.open_calls
        await own.answer()
        ringing = await phone.next_call()
        assert "12345" in ringing.headers["from"]
        await ringing.confirmed()
        await centre.happened(call_id, e.AgentConnected)
        agent = await Party(own, tmp_path, AGENT_HZ).begin()
        party = await Party(ringing, tmp_path, CALLER_HZ).begin()
        await asyncio.gather(agent.hears(party), party.hears(agent))
        await own.hang_up()
        await ringing.ended(3.0)
        life = await centre.happened(call_id, e.CallSettled)
    stored = one(life, e.RecordingStored)
    assert isinstance(stored, e.RecordingStored)
    rate, (said, heard) = audio.read_wav(centre.places.recordings / stored.path)
    assert audio.tone_present(said, rate, CALLER_HZ)
    assert audio.tone_present(heard, rate, AGENT_HZ)
    dialled, ended = one(life, e.CallDialledOut), one(life, e.CallEnded)
    assert isinstance(dialled, e.CallDialledOut)
    assert isinstance(ended, e.CallEnded)
    assert (dialled.missed_call_id, dialled.caller) == (missed_id, "139601")
    assert ended.by is e.EndedBy.AGENT
    assert isinstance(one(life, e.TicketLinked), e.TicketLinked)


async def test_a_missed_caller_is_called_back_from_the_page(centre: CentreRig, tmp_path: Path) -> None:
    """Chosen at the desk among those whom nobody reached; the page's telephone takes the call that its agent
    makes by itself, then the caller's rings, and they hear each other."""
    async with (
        Phone.start(bind=CALLER_ADDRESS, sip_port=centre.peer_port) as phone,
        browser_that_says(tmp_path, AGENT_HZ) as browser,
        desk_of(centre, browser, "1001") as desk,
    ):
        missed = await phone.call(centre.uri("12345"), caller="139603")
        await to_queue(missed)
        missed_id = await centre.newcomer("139603")
        await centre.happened(missed_id, e.CallQueued)
        await missed.hang_up()
        await centre.happened(missed_id, e.CallEnded)

        await desk.begin()
        await phone.set_answer_policy(AnswerPolicy(AnswerAction.ANSWER, after_ms=300))
        await desk.ask("action.dial-out", MASKED)
        ringing = await phone.next_call()
        await ringing.confirmed()
        party = await Party(ringing, tmp_path, CALLER_HZ).begin()
        await desk.hears(CALLER_HZ)
        await hears_tones(party.heard, AGENT_HZ)
        dialled = [event for event in centre.events() if isinstance(event, e.CallDialledOut)][-1]
        assert (dialled.missed_call_id, dialled.caller, dialled.agent_id) == (missed_id, "139603", "1001")
        await desk.press("action.hang-up")
        await ringing.ended(3.0)
        await centre.happened(dialled.call_id, e.CallSettled)


async def test_a_number_dialled_at_the_phone_itself(centre: CentreRig, tmp_path: Path) -> None:
    """It is the agent's call like one that the desk makes, and the phone hands it on (REFER). Who may not
    dial hears the congestion tone and is hung up."""
    async with (
        Phone.start(bind=CALLER_ADDRESS, sip_port=centre.peer_port) as phone,
        desks(centre, "1001", "1002") as (desk, other),
    ):
        await phone.set_answer_policy(AnswerPolicy(AnswerAction.ANSWER, after_ms=300))
        own = await desk.phone.call(f"sip:139604@{centre.registrar}")
        ringing = await phone.next_call()
        await asyncio.gather(own.confirmed(), ringing.confirmed())
        agent = await Party(own, tmp_path, AGENT_HZ).begin()
        party = await Party(ringing, tmp_path, CALLER_HZ).begin()
        await asyncio.gather(agent.hears(party), party.hears(agent))
        dialled = [event for event in centre.events() if isinstance(event, e.CallDialledOut)][-1]
        assert (dialled.agent_id, dialled.caller) == ("1001", "139604")
        await centre.happened(dialled.call_id, e.AgentConnected)
        await own.transfer(f"sip:2002@{centre.registrar}")
        taken = await other.next_call()
        await asyncio.gather(taken.confirmed(), own.ended(5.0))
        colleague = await Party(taken, tmp_path, OTHER_HZ).begin()
        await asyncio.gather(colleague.hears(party), party.hears(colleague))
        await ringing.hang_up()
        life = await centre.happened(dialled.call_id, e.CallSettled)
        assert isinstance(one(life, e.RecordingStored), e.RecordingStored)
        refused = await other.phone.call(f"sip:139605@{centre.registrar}")
        await refused.confirmed()
        await refused.record(str(tmp_path / "refused.wav"))
        await refused.ended(6.0)
        assert not phone.open_calls
    rate, tone = audio.read_wav(tmp_path / "refused.wav")
    assert audio.tone_present(tone[0], rate, CONGESTION_HZ)


async def test_a_number_that_declines_lets_the_agent_go(centre: CentreRig) -> None:
    """Nobody talked: the agent's phone is hung up and the agent is free at once."""
    async with (
        Phone.start(bind=CALLER_ADDRESS, sip_port=centre.peer_port) as phone,
        desks(centre, "1001") as (desk,),
    ):
        await phone.set_answer_policy(AnswerPolicy(AnswerAction.DECLINE, after_ms=300, code=486))
        call_id = await made(centre, desk, number="139602")
        own = await desk.next_call()
        await own.ended(5.0)
        life = await centre.happened(call_id, e.CallSettled)
    ended = one(life, e.CallEnded)
    assert isinstance(ended, e.CallEnded)
    assert ended.reason == "busy"
    assert not [event for event in life if isinstance(event, e.RecordingBegan)]
