"""Consultations with real phones: who hears whom, proved by what each of them records."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from heard_speech import tones_now

from callcenter.domain import events as e
from callcenter.phones import AnswerAction, AnswerPolicy, Phone, PhoneCall, audio
from callcenter.web.wire import AgentAction
from tests.integration.centre_rig import CALLER_ADDRESS, CentreRig, Desk, desks, to_queue
from tests.integration.test_centre_calls import one
from tests.integration.test_centre_survival import healthy, kill

pytestmark = pytest.mark.integration

CALLER_HZ, AGENT_HZ, OTHER_HZ = 1000.0, 600.0, 1500.0
TONES = (CALLER_HZ, AGENT_HZ, OTHER_HZ)
LAST_MS, LOOK_S = 500, 0.1


class Party:
    """Somebody who speaks one tone all the time and records what is heard."""

    def __init__(self, call: PhoneCall, directory: Path, hz: float) -> None:
        self.call = call
        self.hz = hz
        self.heard = directory / f"heard-by-{hz:.0f}.wav"
        self._said = directory / f"said-by-{hz:.0f}.wav"

    async def begin(self) -> Party:
        """Speak, and listen."""
        audio.write_tones(self._said, 8000, [audio.Tone(self.hz, 4000)])
        await self.call.play(str(self._said), loop=True)
        await self.call.record(str(self.heard))
        return self

    async def hears(self, *others: Party, within: float = 8.0) -> None:
        """Wait until exactly these are heard, and music when nobody is."""
        wanted = {other.hz for other in others}
        async with asyncio.timeout(within):
            while self._sounds() != (wanted, True):
                await asyncio.sleep(LOOK_S)

    def _sounds(self) -> tuple[set[float], bool]:
        """The tones of the last moment, and whether there was sound."""
        rate, samples = audio.read_growing_wav(self.heard)
        last = samples[-rate * LAST_MS // 1000 :]
        return tones_now(self.heard, TONES), bool(last.size) and audio.rms_dbfs(last) > -50.0


async def talking(
    centre: CentreRig, phone: Phone, desk: Desk, number: str, directory: Path
) -> tuple[str, Party, Party]:
    """A caller with this number and the agent hear each other: the call, and both of them."""
    call = await phone.call(centre.uri("12345"), caller=number)
    await to_queue(call)
    ringing = await desk.next_call()
    await ringing.confirmed()
    call_id = await centre.newcomer(number)
    await centre.happened(call_id, e.AgentConnected)
    caller = await Party(call, directory, CALLER_HZ).begin()
    agent = await Party(ringing, directory, AGENT_HZ).begin()
    await asyncio.gather(caller.hears(agent), agent.hears(caller))
    return call_id, caller, agent


async def test_consulted_swapped_conferred_and_handed_on(centre: CentreRig, tmp_path: Path) -> None:
    """Caller, agent and colleague hear exactly whom they should in each state, a killed controller included;
    when the agent has left, the two others talk on, and the recording has both agents."""
    async with desks(centre, "1001", "1002") as (first, second), Phone.start(bind=CALLER_ADDRESS) as phone:
        call_id, caller, agent = await talking(centre, phone, first, "139501", tmp_path)
        await first.ask(AgentAction.CONSULT, call_id, kind="agent", target="1002")
        ringing = await second.next_call()
        await ringing.confirmed()
        await centre.happened(call_id, e.ConsultAnswered)
        other = await Party(ringing, tmp_path, OTHER_HZ).begin()
        await asyncio.gather(caller.hears(), agent.hears(other), other.hears(agent))

        await first.ask(AgentAction.SWAP, call_id)
        await asyncio.gather(caller.hears(agent), agent.hears(caller), other.hears())
        kill(centre, "controller")
        await healthy(centre)
        await asyncio.gather(caller.hears(agent), agent.hears(caller), other.hears())

        await first.ask(AgentAction.SWAP, call_id)
        await asyncio.gather(caller.hears(), agent.hears(other), other.hears(agent))
        await first.ask(AgentAction.CONFERENCE, call_id)
        await asyncio.gather(
            caller.hears(agent, other), agent.hears(caller, other), other.hears(caller, agent)
        )

        await first.ask(AgentAction.COMPLETE_TRANSFER, call_id)
        await agent.call.ended(3.0)
        await asyncio.gather(caller.hears(other), other.hears(caller))
        await caller.call.hang_up()
        await other.call.ended(3.0)
        life = await centre.happened(call_id, e.CallSettled)
    stored = one(life, e.RecordingStored)
    assert isinstance(stored, e.RecordingStored)
    rate, (said, heard) = audio.read_wav(centre.places.recordings / stored.path)
    assert audio.tone_present(said, rate, CALLER_HZ)
    assert audio.tone_present(heard, rate, AGENT_HZ)
    assert audio.tone_present(heard[-2 * rate :], rate, OTHER_HZ)
    assert [event.outcome for event in life if isinstance(event, e.QueueLeft)] == [e.QueueOutcome.ANSWERED]


async def test_an_outside_number_is_consulted_and_left_the_caller(centre: CentreRig, tmp_path: Path) -> None:
    """The agent hears it ring, then the outside party, who gets the keys pressed at the desk; when the
    agent's phone goes on the hook, caller and outside party are brought together."""
    async with (
        desks(centre, "1001") as (desk,),
        Phone.start(bind=CALLER_ADDRESS, sip_port=centre.peer_port) as lawyer,
        Phone.start(bind=CALLER_ADDRESS) as phone,
    ):
        await lawyer.set_answer_policy(AnswerPolicy(AnswerAction.MANUAL))
        call_id, caller, agent = await talking(centre, phone, desk, "139502", tmp_path)
        await desk.ask(AgentAction.CONSULT, call_id, kind="number", target="021777")
        ringing = await lawyer.next_call()
        await asyncio.gather(caller.hears(), agent.hears())
        await ringing.answer()
        await ringing.confirmed()
        outside = await Party(ringing, tmp_path, OTHER_HZ).begin()
        await asyncio.gather(caller.hears(), agent.hears(outside), outside.hears(agent))
        await desk.ask(AgentAction.KEYS, call_id, digits="12#")
        assert await outside.call.received(3) == "12#"

        await agent.call.hang_up()
        await asyncio.gather(caller.hears(outside), outside.hears(caller))
        await outside.call.hang_up()
        await caller.call.ended(5.0)
        life = await centre.happened(call_id, e.CallSettled)
    assert isinstance(one(life, e.OutsideAnswered), e.OutsideAnswered)
    assert isinstance(one(life, e.RecordingStored), e.RecordingStored)


async def test_a_desk_phone_transfers_by_itself(centre: CentreRig, tmp_path: Path) -> None:
    """A REFER to nobody leaves agent and caller together; one to a colleague's phone rings it, and the two
    talk."""
    async with desks(centre, "1001", "1002") as (first, second), Phone.start(bind=CALLER_ADDRESS) as phone:
        call_id, caller, agent = await talking(centre, phone, first, "139503", tmp_path)
        await agent.call.transfer(f"sip:nobody@{centre.registrar}")
        assert (await agent.call.transferred()).sip_code != 200
        await asyncio.gather(caller.hears(agent), agent.hears(caller))

        await agent.call.transfer(f"sip:2002@{centre.registrar}")
        ringing = await second.next_call()
        await ringing.confirmed()
        await agent.call.ended(5.0)
        other = await Party(ringing, tmp_path, OTHER_HZ).begin()
        await asyncio.gather(caller.hears(other), other.hears(caller))
        await caller.call.hang_up()
        life = await centre.happened(call_id, e.CallSettled)
    (transferred,) = [event for event in life if isinstance(event, e.CallTransferred)]
    assert (transferred.kind, transferred.target) == (e.TransferKind.AGENT, "1002")
