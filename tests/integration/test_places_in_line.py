"""Places in line on real components: who calls again stands where they stood, and a full line calls back."""

from __future__ import annotations

from pathlib import Path

import pytest

from callcenter.domain import events as e
from callcenter.phones import Phone, PhoneCall
from callcenter.phones.audio import read_wav, tone_present
from ivr_flows.effects import PromptText
from ivr_flows.files import read_flows
from ivr_flows.model import QueueNode
from tests.integration.centre_rig import CALLER_ADDRESS, CentreRig, Desk, changed_settings, desks, to_queue
from tests.integration.heard_speech import BEEP_HZ, hears, hears_beep, spoken_audio
from tests.integration.test_call_back import (
    QUEUE,
    WITHIN_SEC,
    asks,
    back_of,
    calling_back,
    facts,
    tone,
    words,
)

MESSAGE_HZ = 600.0
pytestmark = pytest.mark.integration


async def _waits(
    centre: CentreRig, phone: Phone, caller: str, record: str | None = None
) -> tuple[PhoneCall, str]:
    """A caller who stands in the general queue, and the call's id; ``record``: where what they hear goes."""
    before = [event.call_id for event in facts(centre.events(), e.CallArrived)]
    call = await phone.call(centre.uri("12345"), caller=caller, record=record)
    await to_queue(call)
    call_id = await centre.newcomer(caller, besides=before)
    await centre.happened(call_id, e.CallQueued)
    return call, call_id


async def _answered(centre: CentreRig, desk: Desk, calls: dict[str, PhoneCall]) -> list[str]:
    """The ids of these calls in the order in which the one agent got them; each hangs up when answered."""
    order = []
    for _ in calls:
        agent = await desk.next_call(timeout_sec=WITHIN_SEC)
        (call_id,) = [one for one in calls if one not in order and facts(centre.life(one), e.OfferMade)]
        await centre.happened(call_id, e.AgentConnected)
        order.append(call_id)
        await calls[call_id].hang_up()
        await agent.ended()
    return order


async def test_who_was_promised_a_call_and_calls_again_is_served_first(centre: CentreRig) -> None:
    """The promise is over, its place is kept: somebody who came in between is answered afterwards."""
    async with calling_back(centre) as phone:
        back_id = await asks(centre, phone, "139221")
        between, between_id = await _waits(centre, phone, "139222")
        again, again_id = await _waits(centre, phone, "139221")
        ended = facts(await centre.happened(back_id, e.CallSettled), e.CallEnded)
        async with desks(centre, "1001") as (desk,):
            order = await _answered(centre, desk, {between_id: between, again_id: again})
    assert order == [again_id, between_id]
    assert [end.reason for end in ended] == [e.CallBackEnd.CALLED_AGAIN]
    (promised,) = facts(centre.life(back_id), e.CallBackPromised)
    assert facts(centre.life(again_id), e.CallQueued)[0].place_at == promised.queued_at


async def test_who_hung_up_while_waiting_and_calls_again_is_served_first(centre: CentreRig) -> None:
    """Within ``resume_within_sec`` the caller stands where they stood, before who came in between."""
    async with Phone.start(bind=CALLER_ADDRESS) as phone:
        gave_up, gave_up_id = await _waits(centre, phone, "139223")
        between, between_id = await _waits(centre, phone, "139224")
        await gave_up.hang_up()
        await centre.happened(gave_up_id, e.CallEnded)
        again, again_id = await _waits(centre, phone, "139223")
        async with desks(centre, "1001") as (desk,):
            order = await _answered(centre, desk, {between_id: between, again_id: again})
    assert order == [again_id, between_id]
    stood_at = facts(centre.life(gave_up_id), e.CallQueued)[0].queued_at
    assert facts(centre.life(again_id), e.CallQueued)[0].place_at == stood_at


async def test_who_finds_the_line_full_is_called_back(centre: CentreRig, tmp_path: Path) -> None:
    """A queue that overflows to a call-back promises it in words, and keeps the promise in its turn."""
    _, promise = await spoken_audio(tmp_path / "spoken", *words())
    heard = tmp_path / "heard.wav"
    full = "max_waiting: 1, overflow: {full: {to: call_back}}, call_back: {key: '1', ring_sec: 90}"
    with changed_settings(centre, (QUEUE, f"{QUEUE}{full}, ")) as said:
        assert "In force now" in said
        async with Phone.start(bind=CALLER_ADDRESS, sip_port=centre.peer_port) as phone:
            first, first_id = await _waits(centre, phone, "139225")
            second = await phone.call(centre.uri("12345"), caller="139226", record=str(heard))
            await to_queue(second)
            await hears(heard, promise)
            assert (await second.ended()).sip_code == 200
            back_id = back_of(centre, "139226")
            async with desks(centre, "1001") as (desk,):
                order = await _answered(centre, desk, {first_id: first})
                agent = await desk.next_call(timeout_sec=WITHIN_SEC)
                rung = await phone.next_call(timeout_sec=WITHIN_SEC)
                await rung.answer()
                await centre.happened(back_id, e.AgentConnected)
                await rung.hang_up()
                await agent.ended()
            life = await centre.happened(back_id, e.CallSettled)
    assert order == [first_id]
    (asked,) = facts(centre.life(life[0].call_back_of), e.QueueLeft)  # type: ignore[union-attr]
    assert asked.outcome is e.QueueOutcome.CALLBACK_REQUESTED


async def test_who_finds_the_line_full_leaves_a_message(centre: CentreRig, tmp_path: Path) -> None:
    """A queue that overflows to the flow's voicemail: what is said after the beep is recorded, and a ticket
    tells of it; a key ends it."""
    heard = tmp_path / "heard.wav"
    with changed_settings(centre, (QUEUE, f"{QUEUE}max_waiting: 0, ")) as said:
        assert "In force now" in said
        async with Phone.start(bind=CALLER_ADDRESS) as phone:
            call, call_id = await _waits(centre, phone, "139227", record=str(heard))
            await centre.until(
                call_id, lambda life: "busy" in [node.node for node in facts(life, e.NodeEntered)]
            )
            await call.dtmf("1")
            await hears_beep(heard)
            await centre.happened(call_id, e.MessageBegan)
            await call.play(tone(tmp_path, MESSAGE_HZ))
            await call.dtmf("#")
            assert (await call.ended(WITHIN_SEC)).sip_code == 200
            life = await centre.happened(call_id, e.CallSettled)
    assert facts(life, e.QueueLeft)[0].outcome is e.QueueOutcome.OVERFLOW_FULL
    assert [asked.category for asked in facts(life, e.TicketAsked)] == ["voicemail"]
    assert len(facts(life, e.TicketLinked)) == 1
    (stored,) = facts(life, e.RecordingStored)
    rate, (caller, _) = read_wav(centre.places.recordings / stored.path)
    assert tone_present(caller, rate, MESSAGE_HZ)
    assert not tone_present(caller, rate, BEEP_HZ)
    assert facts(life, e.CallEnded)[0].reason == "message_left"


async def test_who_would_rather_leave_a_message_than_wait(centre: CentreRig, tmp_path: Path) -> None:
    """The node's own words tell of the key; by it the caller leaves the queue, and speaks after the beep."""
    heard = tmp_path / "heard.wav"
    general = read_flows()["citizen_hotline"].nodes["general"]
    assert isinstance(general, QueueNode)
    assert general.waiting
    (told,) = await spoken_audio(tmp_path / "spoken", PromptText(general.waiting.comfort[0]["zh"], "zh"))
    with changed_settings(centre, ("waiting: {first_after_sec: 60}", "waiting: {first_after_sec: 1}")):
        async with Phone.start(bind=CALLER_ADDRESS) as phone:
            call, call_id = await _waits(centre, phone, "139228", record=str(heard))
            await hears(heard, told)
            await call.dtmf("2")
            await hears_beep(heard)
            await call.hang_up()
            life = await centre.happened(call_id, e.CallSettled)
    assert [left.outcome for left in facts(life, e.QueueLeft)] == [e.QueueOutcome.KEY_EXIT]
    assert facts(life, e.NodeEntered)[-1].node == "message"
