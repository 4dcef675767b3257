"""Call-backs on real components: what callers and agents hear, who is rung when, and what survives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from callcenter.demo.centre_api import CentreApi
from callcenter.domain import events as e
from callcenter.domain.call import CallPhase
from callcenter.domain.kpi import TOTAL
from callcenter.phones import AnswerAction, AnswerPolicy, Phone, PhoneCall, audio
from callcenter.phones.protocol import now_ms
from callcenter.settings import load_settings
from callcenter.web.wire import AgentAction
from ivr_flows.effects import PromptText
from ivr_flows.files import read_flows
from ivr_flows.model import PlayNode
from tests.integration.centre_rig import (
    CALLER_ADDRESS,
    ROOT,
    CentreRig,
    callcenter,
    changed_settings,
    desks,
    to_queue,
)
from tests.integration.heard_speech import (
    hears,
    hears_tones,
    place_of,
    recorded_so_far,
    sounding,
    spoken_audio,
)
from tests.integration.test_centre_survival import healthy, kill

pytestmark = pytest.mark.integration

CALLER_HZ, AGENT_HZ = 1000.0, 600.0
RINGING_HZ = (450.0,)
OFFERED_AFTER_SEC = 2
WITHIN_SEC = 40.0
"""What must happen may take as long on a busy machine."""
AT_ONCE_MS = 10_000
"""What is meant to happen at once, on a busy machine; by itself the phone would ring for 90 s."""
QUEUE = "  general: {"
KEPT = "call_back: {key: '1', ring_sec: 90, attempts: 2, retry_sec: 10, within_sec: 600}"
SHORT = "call_back: {key: '1', ring_sec: 5, attempts: 2, retry_sec: 10, within_sec: 600}"


@asynccontextmanager
async def calling_back(centre: CentreRig, settings: str = KEPT) -> AsyncIterator[Phone]:
    """The general queue calls back like this, and soon offers it; the phone at which callers are rung."""
    waiting = ("waiting: {first_after_sec: 60}", f"waiting: {{first_after_sec: {OFFERED_AFTER_SEC}}}")
    with changed_settings(centre, (QUEUE, f"{QUEUE}{settings}, "), waiting) as said:
        assert "In force now" in said
        async with Phone.start(bind=CALLER_ADDRESS, sip_port=centre.peer_port) as phone:
            yield phone


@asynccontextmanager
async def supervisor(centre: CentreRig) -> AsyncIterator[CentreApi]:
    """Somebody who sees everything."""
    async with CentreApi(f"http://127.0.0.1:{centre.web_port}") as api:
        await api.log_in("admin", centre.admin)
        yield api


def back_of(centre: CentreRig, caller: str) -> str:
    """The id of the call-back that this caller was promised last."""
    promised = [event for event in centre.events() if isinstance(event, e.CallBackPromised)]
    return next(event.call_id for event in reversed(promised) if event.caller == caller)


async def asks(centre: CentreRig, phone: Phone, caller: str) -> str:
    """A caller waits until the call-back is offered, asks for it and hangs up; the id of the promise."""
    call = await phone.call(centre.uri("12345"), caller=caller)
    await to_queue(call)
    call_id = centre.call_of(caller)
    await centre.happened(call_id, e.CallQueued)
    async with asyncio.timeout(WITHIN_SEC):
        while not facts(centre.life(call_id), e.QueueLeft):  # before it is offered the key means nothing
            await call.dtmf("1")
            await asyncio.sleep(0.5)
    await call.hang_up()
    await centre.happened(call_id, e.CallEnded)
    return back_of(centre, caller)


def facts(life: list[e.DomainEvent], kind: type) -> list[Any]:
    """The facts of this kind, in their order."""
    return [event for event in life if isinstance(event, kind)]


async def shown(api: CentreApi, call_id: str, *phases: CallPhase, within: float = 40.0) -> dict[str, Any]:
    """The call as the live view shows it, once it is in one of these phases."""
    async with asyncio.timeout(within):
        while True:
            for call in (await api.view())["calls"]:
                if call["call_id"] == call_id and call["phase"] in phases:
                    return dict(call)
            await asyncio.sleep(0.1)


@dataclass(frozen=True, slots=True)
class CallBackFigures:
    """What the KPI tell of call-backs."""

    promised: int
    owed: int
    reached: int
    due: int

    @staticmethod
    async def now(api: CentreApi) -> CallBackFigures:
        kpi = {figure["key"]: figure for figure in await api.kpi() if figure["scope"] == TOTAL}
        reached = kpi["call_backs_reached"]
        return CallBackFigures(
            int(kpi["call_backs_promised"]["value"]),
            int(kpi["call_backs_owed"]["value"]),
            int(reached["numerator"] or 0),
            int(reached["denominator"] or 0),
        )

    def more(self, promised: int, owed: int, reached: int, due: int) -> CallBackFigures:
        """These, and so many more."""
        return CallBackFigures(
            self.promised + promised, self.owed + owed, self.reached + reached, self.due + due
        )


def tone(directory: Path, hz: float) -> str:
    """A file with a tone, to be played into a call."""
    path = directory / f"{hz:.0f}.wav"
    audio.write_tones(path, 8000, [audio.Tone(hz, 2500)])
    return str(path)


async def both_speak(directory: Path, caller: PhoneCall, agent: PhoneCall) -> None:
    """Each sounds a tone of their own into the call."""
    await asyncio.gather(caller.play(tone(directory, CALLER_HZ)), agent.play(tone(directory, AGENT_HZ)))


def _heard_each_other(agent: Path, caller: Path) -> None:
    """At the end of what they recorded each hears the other, and it rings no more; the caller never heard it
    ring."""
    for recording, other_hz in ((agent, CALLER_HZ), (caller, AGENT_HZ)):
        rate, (sound,) = audio.read_wav(recording)
        assert audio.tone_present(sound, rate, other_hz)
        for at in range(sound.size - 2 * rate, sound.size - rate // 2, rate // 2):
            for hz in RINGING_HZ:
                assert audio.tone_dbfs(sound[at : at + rate // 2], rate, hz) < -45
    assert not any(sounding(recorded_so_far(caller), *RINGING_HZ))


async def test_who_asks_is_told_so_and_called_back(centre: CentreRig, tmp_path: Path) -> None:
    """The offer is heard while waiting, then the promise; an agent picks up first and hears the caller's
    phone ring; then both hear each other, and everything is on record."""
    offer, promise = await spoken_audio(tmp_path / "spoken", *words())
    waiting, ringing, called = (tmp_path / f"{name}.wav" for name in ("waiting", "ringing", "called"))
    async with calling_back(centre) as phone, supervisor(centre) as api:
        before = await CallBackFigures.now(api)
        call = await phone.call(centre.uri("12345"), caller="139201", record=str(waiting))
        await to_queue(call)
        call_id = centre.call_of("139201")
        await centre.happened(call_id, e.CallQueued)
        offered_sec = await hears(waiting, offer)
        pressed_sec = len(recorded_so_far(waiting)) / 16_000
        await call.dtmf("1")
        assert (await call.ended()).sip_code == 200
        promised_sec = place_of(recorded_so_far(waiting), promise)
        assert promised_sec is not None
        heard_sec = len(offer) / 16_000 - 0.1  # it is taken for heard when its last packets are still to come
        assert offered_sec < pressed_sec - heard_sec < pressed_sec < promised_sec + 0.5
        asked = await centre.happened(call_id, e.CallSettled)
        queued = facts(asked, e.CallQueued)[0]
        assert facts(asked, e.QueueLeft)[0].outcome is e.QueueOutcome.CALLBACK_REQUESTED
        assert facts(asked, e.CallEnded)[0].by is e.EndedBy.FLOW

        back_id = back_of(centre, "139201")
        assert (await shown(api, back_id, CallPhase.QUEUED))["call_back_of"] == call_id
        assert await CallBackFigures.now(api) == before.more(1, 1, 0, 0)
        async with desks(centre, "1001") as (desk,):
            agent = await desk.next_call(timeout_sec=WITHIN_SEC)
            assert agent.caller == "139201"
            await agent.record(str(ringing))
            rung = await phone.next_call(timeout_sec=WITHIN_SEC)
            assert rung.caller == "12345"
            dialling = await shown(api, back_id, CallPhase.DIALLING)
            assert (dialling["agent_id"], dialling["call_back_of"]) == ("1001", call_id)
            await hears_tones(ringing, *RINGING_HZ, bursts=2)
            await rung.record(str(called))
            await rung.answer()
            await rung.confirmed()
            assert (await shown(api, back_id, CallPhase.TALKING))["agent_id"] == "1001"
            await both_speak(tmp_path, rung, agent)
            await rung.hang_up()
            await agent.ended()
            life = await centre.happened(back_id, e.CallSettled)
        assert await CallBackFigures.now(api) == before.more(1, 0, 1, 1)
        record = await api.call(back_id)
    assert facts(life, e.CallQueued)[0].queued_at == queued.queued_at
    _heard_each_other(ringing, called)
    _is_on_record(centre, life, record, call_id)


def words() -> tuple[PromptText, PromptText]:
    """The offer and the promise."""
    promise = read_flows()["citizen_hotline"].nodes["call_back_promised"]
    assert isinstance(promise, PlayNode)
    offer = load_settings(ROOT / "config", (), {}).waiting.call_back["zh"]
    return PromptText(offer, "zh"), PromptText(promise.play["zh"], "zh")


def _is_on_record(centre: CentreRig, life: list[e.DomainEvent], record: dict[str, Any], call_id: str) -> None:
    """Both sides are recorded, a ticket is there, and whoever asks is told the story."""
    (stored,), (linked,) = facts(life, e.RecordingStored), facts(life, e.TicketLinked)
    rate, (left, right) = audio.read_wav(centre.places.recordings / stored.path)
    assert audio.tone_present(left, rate, CALLER_HZ)
    assert audio.tone_present(right, rate, AGENT_HZ)
    assert not audio.tone_present(left, rate, AGENT_HZ)
    assert not audio.tone_present(right, rate, CALLER_HZ)
    assert (record["call_back_of"], record["outcome"]) == (call_id, "answered")
    assert record["ticket_id"] == linked.ticket_id
    told = callcenter(centre, "explain", life[0].call_id)  # type: ignore[union-attr]
    story = (
        "promised to call back",
        "offered to agent 1001",
        "the caller is dialled",
        "talks with agent 1001",
    )
    places = [told.find(part) for part in story]
    assert -1 not in places, told
    assert places == sorted(places), told
    assert "139201" not in told


async def test_who_does_not_answer_is_tried_again_and_given_up(centre: CentreRig) -> None:
    """Busy first, then nobody there: after the second try a ticket tells of it, and the agent is free."""
    async with calling_back(centre, SHORT) as phone, supervisor(centre) as api:
        before = await CallBackFigures.now(api)
        back_id = await asks(centre, phone, "139202")
        async with desks(centre, "1001") as (desk,):
            first = await desk.next_call(timeout_sec=WITHIN_SEC)
            await (await phone.next_call(timeout_sec=WITHIN_SEC)).decline(486)
            await first.ended()
            second = await desk.next_call(timeout_sec=WITHIN_SEC)
            rung = await phone.next_call(timeout_sec=WITHIN_SEC)
            assert (await rung.ended()).sip_code != 200
            await second.ended()
            life = await centre.happened(back_id, e.CallSettled)
            (agent,) = [one for one in (await api.view())["agents"] if one["agent_id"] == "1001"]
        assert await CallBackFigures.now(api) == before.more(1, 0, 0, 1)
    busy, missed = facts(life, e.CallBackMissed)
    assert (busy.cause, missed.cause) == (e.MissedCause.BUSY, e.MissedCause.NO_ANSWER)
    assert missed.retry_at is None
    assert facts(life, e.CallBackDialled)[1].at >= busy.retry_at == busy.at + 10_000
    assert facts(life, e.CallEnded)[0].reason == e.CallBackEnd.UNREACHED
    assert len(facts(life, e.TicketLinked)) == 1
    assert "回电" in facts(life, e.TicketAsked)[0].text
    assert agent["presence"] == "ready"


@pytest.mark.parametrize("how", ["phone", "api"])
async def test_an_agent_who_does_not_wait_hands_on(centre: CentreRig, how: str) -> None:
    """The caller's phone stops ringing at once, and rings again for the next agent."""
    caller = {"phone": "139203", "api": "139204"}[how]
    async with calling_back(centre) as phone:
        back_id = await asks(centre, phone, caller)
        async with desks(centre, "1001") as (leaving,):
            agent = await leaving.next_call(timeout_sec=WITHIN_SEC)
            rung = await phone.next_call(timeout_sec=WITHIN_SEC)
            await leaving.api.agent("1001", AgentAction.PAUSE, {"reason": "break"})
            left_at = now_ms()
            if how == "phone":
                await agent.hang_up()
            else:
                await leaving.ask(AgentAction.HANG_UP, back_id)
            assert (await rung.ended()).at - left_at < AT_ONCE_MS
            assert (await agent.ended()).at - left_at < AT_ONCE_MS
        async with desks(centre, "1002") as (staying,):
            other = await staying.next_call(timeout_sec=WITHIN_SEC)
            again = await phone.next_call(timeout_sec=WITHIN_SEC)
            await again.answer()
            await again.confirmed()
            await centre.happened(back_id, e.AgentConnected)
            await again.hang_up()
            await other.ended()
            life = await centre.happened(back_id, e.CallSettled)
    assert [missed.cause for missed in facts(life, e.CallBackMissed)] == [e.MissedCause.AGENT_LEFT]
    assert [dialled.agent_id for dialled in facts(life, e.CallBackDialled)] == ["1001", "1002"]
    assert facts(life, e.AgentConnected)[0].agent_id == "1002"


@pytest.mark.parametrize("answers", ["meanwhile", "afterwards"])
async def test_a_killed_controller_keeps_its_word(centre: CentreRig, tmp_path: Path, answers: str) -> None:
    """It dies while the caller's phone rings; whether the caller answers before or after the next one is
    there, they talk with the agent who waits for them."""
    caller = {"meanwhile": "139205", "afterwards": "139206"}[answers]
    ringing, called = tmp_path / "ringing.wav", tmp_path / "called.wav"
    async with calling_back(centre) as phone:
        back_id = await asks(centre, phone, caller)
        async with desks(centre, "1001") as (desk,):
            agent = await desk.next_call(timeout_sec=WITHIN_SEC)
            await agent.record(str(ringing))
            rung = await phone.next_call(timeout_sec=WITHIN_SEC)
            await hears_tones(ringing, *RINGING_HZ)
            await rung.record(str(called))
            kill(centre, "controller")
            if answers == "meanwhile":
                await rung.answer()
            await healthy(centre, within=WITHIN_SEC)
            if answers == "afterwards":
                await rung.answer()
            await rung.confirmed()
            await centre.happened(back_id, e.AgentConnected)
            await both_speak(tmp_path, rung, agent)
            await rung.hang_up()
            await agent.ended()
            life = await centre.happened(back_id, e.CallSettled)
    assert len(facts(life, e.CallBackDialled)) == len(facts(life, e.AgentConnected)) == 1
    _heard_each_other(ringing, called)
    (stored,) = facts(life, e.RecordingStored)
    rate, (left, right) = audio.read_wav(centre.places.recordings / stored.path)
    assert audio.tone_present(left, rate, CALLER_HZ)
    assert audio.tone_present(right, rate, AGENT_HZ)


async def test_an_agent_who_leaves_while_nobody_controls_is_not_missed_for_long(centre: CentreRig) -> None:
    """The controller dies, then the agent hangs up: the next controller lets the caller's phone be silent,
    and keeps the promise with another agent."""
    async with calling_back(centre) as phone:
        back_id = await asks(centre, phone, "139207")
        async with desks(centre, "1001") as (desk,):
            agent = await desk.next_call(timeout_sec=WITHIN_SEC)
            rung = await phone.next_call(timeout_sec=WITHIN_SEC)
            await desk.api.agent("1001", AgentAction.PAUSE, {"reason": "break"})
            kill(centre, "controller")
            await agent.hang_up()
            await healthy(centre, within=WITHIN_SEC)
            back_at = now_ms()
            assert (await rung.ended()).at - back_at < AT_ONCE_MS
        async with desks(centre, "1002") as (staying,):
            await staying.phone.set_answer_policy(AnswerPolicy(AnswerAction.ANSWER))
            other = await staying.next_call(timeout_sec=WITHIN_SEC)
            again = await phone.next_call(timeout_sec=WITHIN_SEC)
            await again.answer()
            await centre.happened(back_id, e.AgentConnected)
            await again.hang_up()
            await other.ended()
            life = await centre.happened(back_id, e.CallSettled)
    assert facts(life, e.AgentConnected)[0].agent_id == "1002"


async def test_a_key_pressed_while_nobody_controls_counts(centre: CentreRig, tmp_path: Path) -> None:
    """The controller dies when the offer has been heard; who presses the key then hears the promise."""
    offer, promise = await spoken_audio(tmp_path / "spoken", *words())
    waiting = tmp_path / "waiting.wav"
    async with calling_back(centre) as phone:
        call = await phone.call(centre.uri("12345"), caller="139208", record=str(waiting))
        await to_queue(call)
        await hears(waiting, offer)
        kill(centre, "controller")
        await call.dtmf("1")
        await healthy(centre, within=WITHIN_SEC)
        await hears(waiting, promise)
        back_id = back_of(centre, "139208")
        async with desks(centre, "1001") as (desk,):
            agent = await desk.next_call(timeout_sec=WITHIN_SEC)
            rung = await phone.next_call(timeout_sec=WITHIN_SEC)
            await rung.answer()
            await centre.happened(back_id, e.AgentConnected)
            await agent.hang_up()
            await rung.ended()
            await centre.happened(back_id, e.CallSettled)
