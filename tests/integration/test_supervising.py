"""Supervisors in real calls of a whole centre: who hears whom, what is recorded, who has the call."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from heard_speech import tones_now

from callcenter.adapters.postgres.pool import Database
from callcenter.demo.centre_api import CentreApi
from callcenter.domain import events as e
from callcenter.domain.overhearing import SupervisionMode
from callcenter.phones import AnswerAction, AnswerPolicy, Phone, PhoneCall, audio
from callcenter.users.store import PostgresUsers
from callcenter.web.app import now_ms
from callcenter.web.ports import Role, User
from callcenter.web.wire import AgentAction
from tests.integration.centre_rig import CALLER_ADDRESS, CentreRig, Desk, desks, to_queue
from tests.integration.test_centre_calls import one, outcomes
from tests.integration.test_centre_survival import healthy

pytestmark = pytest.mark.integration

HZ = {"caller": 1000.0, "agent": 600.0, "supervisor": 1500.0}
SUE, HER_AGENT, HER_PHONE, PASSWORD = "sue", "1003", "2003", "listens to you"
TALK_S = 2.0
"""Long enough to be found in the recording, which begins anew a moment after the one before."""


@dataclass
class Talk:
    """A caller and an agent who talk, each with a tone of their own, and a supervisor's phone."""

    centre: CentreRig
    desk: Desk
    api: CentreApi
    supervisor: Phone
    directory: Path
    call_id: str
    calls: dict[str, PhoneCall]

    async def sounds(self, who: str, call: PhoneCall) -> None:
        """From now on this party's tone is heard, and what it hears is written down."""
        path = self.directory / f"says-{who}.wav"
        audio.write_tones(path, 8000, [audio.Tone(HZ[who], 1000)])
        self.calls[who] = call
        await call.confirmed()
        await call.play(str(path), loop=True)
        await call.record(str(self.directory / f"{who}.wav"))

    async def heard(self, **expected: set[str]) -> None:
        """Wait until each of these parties hears these others for half a second, and nobody else."""
        found: dict[str, set[str]] = {}
        try:
            async with asyncio.timeout(6):
                while found != expected:
                    await asyncio.sleep(0.2)
                    found = {who: self._hears(who) for who in expected}
        except TimeoutError:
            raise AssertionError(f"heard: {found}, expected: {expected}") from None

    def _hears(self, who: str) -> set[str]:
        tones = tones_now(self.directory / f"{who}.wav", HZ.values())
        return {name for name, hz in HZ.items() if hz in tones}


@asynccontextmanager
async def talking(centre: CentreRig, directory: Path, caller: str) -> AsyncIterator[Talk]:
    """Agent 1001 talks with a caller; sue is a supervisor, who is agent 1003 as well."""
    database = Database(centre.database_url)
    await PostgresUsers(database).add(User(SUE, Role.SUPERVISOR, HER_AGENT), PASSWORD, now_ms())
    await database.close()
    async with (
        desks(centre, "1001") as (desk,),
        Phone.start(bind=CALLER_ADDRESS) as outside,
        Phone.start(codecs=("G722", "PCMU")) as supervisor,
        CentreApi(f"http://127.0.0.1:{centre.web_port}") as api,
    ):
        await api.log_in(SUE, PASSWORD)
        await supervisor.register(HER_PHONE, centre.passwords[HER_PHONE], centre.registrar)
        await supervisor.set_answer_policy(AnswerPolicy(AnswerAction.ANSWER, after_ms=100))
        call = await outside.call(centre.uri("12399"), caller=caller)  # whose flow has nothing more to say
        await to_queue(call)
        agent = await desk.next_call()
        call_id = await centre.newcomer(caller)
        talk = Talk(centre, desk, api, supervisor, directory, call_id, {})
        await talk.sounds("caller", call)
        await talk.sounds("agent", agent)
        await centre.happened(call_id, e.AgentConnected)
        yield talk


async def test_a_supervisor_listens_whispers_and_barges(centre: CentreRig, tmp_path: Path) -> None:
    """Heard by nobody, by the agent, by both; while the caller is held, by the agent alone. The recording has
    the supervisor's voice only of the time when the caller heard it; the caller's hanging up ends it all."""
    both = {"caller", "agent"}
    async with talking(centre, tmp_path, "137001") as talk:
        await talk.api.supervise(talk.call_id, SupervisionMode.LISTEN, HER_PHONE)
        await talk.sounds("supervisor", await talk.supervisor.next_call())
        await talk.heard(supervisor=both, caller={"agent"}, agent={"caller"})
        await talk.api.supervise(talk.call_id, SupervisionMode.WHISPER)
        await talk.heard(supervisor=both, caller={"agent"}, agent={"caller", "supervisor"})
        await talk.desk.ask(AgentAction.HOLD, talk.call_id)
        await talk.heard(supervisor={"agent"}, caller=set(), agent={"supervisor"})
        await talk.desk.ask(AgentAction.RETRIEVE, talk.call_id)
        await talk.heard(supervisor=both, caller={"agent"}, agent={"caller", "supervisor"})
        await talk.api.supervise(talk.call_id, SupervisionMode.BARGE)
        await talk.heard(supervisor=both, caller={"agent", "supervisor"}, agent={"caller", "supervisor"})
        await talk.desk.ask(AgentAction.HOLD, talk.call_id)
        await talk.heard(supervisor={"agent"}, caller=set(), agent={"supervisor"})
        await talk.desk.ask(AgentAction.RETRIEVE, talk.call_id)
        await talk.heard(supervisor=both, caller={"agent", "supervisor"}, agent={"caller", "supervisor"})
        await talk.calls["caller"].hang_up()
        await asyncio.gather(*(talk.calls[who].ended(3.0) for who in ("agent", "supervisor")))
        life = await centre.happened(talk.call_id, e.CallSettled)
    connected, stored = one(life, e.AgentConnected), one(life, e.RecordingStored)
    (barged,) = [
        event
        for event in life
        if isinstance(event, e.SupervisionChanged) and event.mode is SupervisionMode.BARGE
    ]
    assert isinstance(stored, e.RecordingStored)
    rate, (left, right) = audio.read_wav(centre.places.recordings / stored.path)
    before = int((barged.at - connected.at) / 1000 * rate)
    assert not audio.tone_present(left, rate, HZ["supervisor"])
    assert not audio.tone_present(right[:before], rate, HZ["supervisor"])
    assert audio.tone_present(right[:before], rate, HZ["agent"])
    assert audio.tone_present(right[before:], rate, HZ["supervisor"])
    assert [event.reason for event in life if isinstance(event, e.SupervisionEnded)] == ["call_over"]


async def test_a_supervisor_takes_over_after_a_kill(centre: CentreRig, tmp_path: Path) -> None:
    """The controller dies while the supervisor listens as an agent: they hear again. Then the call is theirs,
    on the same phone; the old agent's is free, and both wrap up."""
    async with talking(centre, tmp_path, "137002") as talk:
        await talk.api.agent(HER_AGENT, AgentAction.LOGIN, {"phone": HER_PHONE})
        try:
            await talk.api.supervise(talk.call_id, SupervisionMode.LISTEN)
            await talk.sounds("supervisor", await talk.supervisor.next_call())
            await talk.heard(supervisor={"caller", "agent"})
            os.kill(centre.pid("controller"), signal.SIGKILL)
            await healthy(centre)
            await talk.heard(supervisor={"caller", "agent"}, caller={"agent"}, agent={"caller"})
            await talk.api.log_in(SUE, PASSWORD)
            await talk.api.supervise(talk.call_id, SupervisionMode.TAKE_OVER)
            await talk.calls["agent"].ended(3.0)
            await talk.heard(supervisor={"caller"}, caller={"supervisor"})
            await asyncio.sleep(TALK_S)
            await talk.calls["supervisor"].hang_up()
            await talk.calls["caller"].ended(5.0)
            life = await centre.happened(talk.call_id, e.CallSettled)
        finally:
            await talk.api.agent(HER_AGENT, AgentAction.LOGOUT)
    assert [event.agent_id for event in life if isinstance(event, e.AgentConnected)] == ["1001", HER_AGENT]
    assert outcomes(life) == [e.QueueOutcome.ANSWERED]
    assert [event.reason for event in life if isinstance(event, e.SupervisionEnded)] == ["took_over"]
    stored = one(life, e.RecordingStored)
    assert isinstance(stored, e.RecordingStored)
    rate, (left, right) = audio.read_wav(centre.places.recordings / stored.path)
    assert audio.tone_present(right, rate, HZ["agent"])
    assert audio.tone_present(right, rate, HZ["supervisor"])
    assert not audio.tone_present(left, rate, HZ["supervisor"])
