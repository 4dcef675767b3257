"""Callers handed on to outside and asked how it was, on real components."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from centre_rig import CALLER_ADDRESS, STUDIO_CODE, CentreRig, callcenter, desks, hotline_file
from heard_speech import hears, hears_beep, hears_tones, spoken_audio

from callcenter.demo.centre_api import CentreApi
from callcenter.domain import events as e
from callcenter.phones import AnswerAction, AnswerPolicy, Phone
from callcenter.phones.audio import Tone, write_tones
from callcenter.prompts.catalogue import number_of
from ivr_flows.effects import PromptText
from ivr_flows.files import SHIPPED_FLOWS

pytestmark = pytest.mark.integration
LATER = PromptText("请您稍后再拨。", "zh")
QUESTION = PromptText(
    "请您对本次服务作出评价，非常满意请按一，满意请按二，一般请按三，不满意请按四，非常不满意请按五。", "zh"
)
THANKS = PromptText("感谢您的评价，再见。", "zh")
GOODBYE = PromptText("感谢您的来电，再见。", "zh")
WELCOME = PromptText("您好，欢迎致电一二三四五政务服务便民热线。", "zh")
OUTSIDE_HZ = 700.0
NODES = """
  province: {transfer: {centre: province}, busy: call_later, otherwise: busy}
  lawyer: {transfer: {number: '021777'}, next: goodbye, otherwise: busy}
"""


@pytest.fixture(scope="module")
def handing_on(own_flows_centre: CentreRig) -> CentreRig:
    """Keys 5 and 6 of the hotline hand callers on."""
    source = (SHIPPED_FLOWS / "citizen_hotline.yaml").read_text(encoding="utf-8")
    menu = "digits: {1: consultation,"
    assert menu in source
    source = source.replace(menu, "digits: {5: province, 6: lawyer, 1: consultation,")
    hotline_file(own_flows_centre).write_text(source + NODES, encoding="utf-8")
    assert "In force" in callcenter(own_flows_centre, "flows", "publish", "--note", "hands on")
    return own_flows_centre


async def test_another_centre_is_told_the_ticket_and_being_busy_is_a_way_of_the_flow(
    handing_on: CentreRig, tmp_path: Path
) -> None:
    """The INVITE that reaches it names the ticket; the caller then hears what the flow says."""
    centre, heard = handing_on, tmp_path / "heard.wav"
    (later,) = await spoken_audio(tmp_path / "prompts", LATER)
    async with (
        Phone.start(bind=CALLER_ADDRESS, sip_port=centre.peer_port) as province,
        Phone.start(bind=CALLER_ADDRESS) as phone,
    ):
        await province.set_answer_policy(AnswerPolicy(AnswerAction.DECLINE, after_ms=1500, code=486))
        call = await phone.call(centre.uri("12345"), caller="139401", record=str(heard))
        await call.confirmed()
        await call.dtmf("5")
        ringing = await province.next_call()
        await hears(heard, later)
        await call.ended(30.0)
        life = await centre.happened(await centre.newcomer("139401"), e.CallSettled)
    (ticket,) = facts(life, e.TicketLinked)
    assert ringing.headers["x-ticket-id"] == ticket.ticket_id
    assert not facts(life, e.OutsideAnswered)


async def test_after_a_talk_outside_the_flow_goes_on(handing_on: CentreRig, tmp_path: Path) -> None:
    """Caller and outside party hear each other; when that one hangs up the caller hears the goodbye."""
    centre, heard, said = handing_on, tmp_path / "heard.wav", tmp_path / "said.wav"
    write_tones(said, 16_000, [Tone(OUTSIDE_HZ, 3000)])
    (goodbye,) = await spoken_audio(tmp_path / "prompts", GOODBYE)
    async with (
        Phone.start(bind=CALLER_ADDRESS, sip_port=centre.peer_port) as lawyer,
        Phone.start(bind=CALLER_ADDRESS) as phone,
    ):
        await lawyer.set_answer_policy(AnswerPolicy(AnswerAction.ANSWER, after_ms=500))
        call = await phone.call(centre.uri("12345"), caller="139402", record=str(heard))
        await call.confirmed()
        await call.dtmf("6")
        talk = await lawyer.next_call()
        await talk.confirmed()
        await centre.happened(await centre.newcomer("139402"), e.OutsideAnswered)
        await talk.play(str(said))
        await hears_tones(heard, OUTSIDE_HZ)
        await talk.hang_up()
        await hears(heard, goodbye)
        await call.ended(30.0)
        life = await centre.happened(await centre.newcomer("139402"), e.CallSettled)
    assert facts(life, e.CallEnded)[0].by is e.EndedBy.FLOW


async def test_the_caller_rates_the_agent_who_is_free_meanwhile(centre: CentreRig, tmp_path: Path) -> None:
    """The agent hangs up, the caller hears the question and presses a key: the score is in the store, tied to
    the agent and the ticket, and in the figures."""
    heard, began = tmp_path / "heard.wav", datetime.now(UTC)
    question, thanks = await spoken_audio(tmp_path / "prompts", QUESTION, THANKS)
    async with (
        CentreApi(f"http://127.0.0.1:{centre.web_port}") as api,
        desks(centre, "1001") as (desk,),
        Phone.start(bind=CALLER_ADDRESS) as phone,
    ):
        await api.log_in("admin", centre.admin)
        before = await figures(api)
        call = await phone.call(centre.uri("12345"), caller="139403", record=str(heard))
        await call.confirmed()
        await call.dtmf("0")
        at_desk = await desk.next_call()
        call_id = await centre.newcomer("139403")
        await centre.happened(call_id, e.AgentConnected)
        await at_desk.hang_up()
        await hears(heard, question)
        assert not [event for event in centre.life(call_id) if isinstance(event, e.CallEnded)]
        agents = {agent["agent_id"]: agent for agent in (await api.view())["agents"]}
        assert agents["1001"]["presence"] in ("wrap_up", "ready")
        await call.dtmf("1")
        await hears(heard, thanks)
        await call.ended(30.0)
        life = await centre.happened(call_id, e.CallSettled)
        told = await stored(api, began, call_id)
        after = await figures(api)
    (ticket,) = facts(life, e.TicketLinked)
    assert (told["agent_ids"], told["queue"], told["ticket_id"]) == (["1001"], "general", ticket.ticket_id)
    assert told["answers"] == [{"question": "service", "score": 5, "satisfied": True}]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1, 1]


async def test_a_prompt_recorded_by_telephone_is_heard_by_the_next_caller(
    own_flows_centre: CentreRig, tmp_path: Path
) -> None:
    """Code, number, the present prompt, a tone after the beep, the take, yes; then the next caller is
    welcomed by the tone. The code is in no fact."""
    centre, heard, said = own_flows_centre, tmp_path / "studio.wav", tmp_path / "said.wav"
    write_tones(said, 16_000, [Tone(OUTSIDE_HZ, 2500)])
    (welcome,) = await spoken_audio(tmp_path / "prompts", WELCOME)
    number = number_of(WELCOME)
    async with Phone.start(bind=CALLER_ADDRESS) as phone:
        call = await phone.call(centre.uri("12349"), caller="139404", record=str(heard))
        await call.confirmed()
        await call.dtmf(f"{STUDIO_CODE}#")
        await call.dtmf(number)
        call_id = await centre.newcomer("139404")
        await centre.until(
            call_id, lambda life: "offer" in [event.node for event in facts(life, e.NodeEntered)]
        )
        await hears(heard, welcome)
        await call.dtmf("1")
        await hears_beep(heard)
        await asyncio.sleep(1)
        await call.play(str(said))
        await call.dtmf("#")
        await hears_tones(heard, OUTSIDE_HZ)
        await call.dtmf("1")
        life = await centre.happened(call_id, e.PromptRecorded)
        await call.hang_up()
        assert facts(life, e.PromptRecorded)[0].number == number
        assert STUDIO_CODE not in repr(life)
        following = tmp_path / "following.wav"
        call = await phone.call(centre.uri("12345"), caller="139405", record=str(following))
        await hears_tones(following, OUTSIDE_HZ)
        await call.hang_up()
        await centre.happened(await centre.newcomer("139405"), e.CallEnded)


def facts(life: list[e.DomainEvent], kind: type) -> list[Any]:
    """The facts of this kind, in their order."""
    return [event for event in life if isinstance(event, kind)]


async def figures(api: CentreApi) -> list[float]:
    """Satisfied, rated and invited callers of all queues."""
    of = {kpi["key"]: kpi for kpi in await api.kpi() if kpi["scope"] == "total"}
    satisfied, participation = of["satisfaction_rate"], of["participation_rate"]
    return [satisfied["numerator"], participation["numerator"], participation["denominator"]]


async def stored(api: CentreApi, since: datetime, call_id: str) -> dict[str, Any]:
    """The survey of this call, once the store has its answer."""
    async with asyncio.timeout(20):
        while True:
            for survey in (await api.surveys(since, since + timedelta(hours=1)))["surveys"]:
                if survey["call_id"] == call_id and survey["answers"]:
                    return dict(survey)
            await asyncio.sleep(0.2)
