"""The shipped hotline by real calls: what its callers hear, by its content, and where that leads."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from centre_rig import CALLER_ADDRESS, CentreRig, callcenter, desks
from heard_speech import hears, hears_beep, spoken_audio

from callcenter.domain import events as e
from callcenter.phones import Phone
from callcenter.phones.audio import Tone, read_wav, tone_present, write_tones
from ivr_flows.effects import PromptText
from ivr_flows.files import read_flows
from ivr_flows.model import CollectNode, MenuNode, PlayNode, VoicemailNode

pytestmark = pytest.mark.integration
MESSAGE_HZ = 900.0
ACCEPTED = "提交的诉求已经受理，我们会尽快转交承办单位。"


def nodes(life: list[e.DomainEvent]) -> list[str]:
    """Where the call has been."""
    return [event.node for event in life if isinstance(event, e.NodeEntered)]


def words(node: str, language: str, flow: str = "citizen_hotline") -> PromptText:
    """What the flow says at this node."""
    match read_flows()[flow].nodes[node]:
        case (
            PlayNode(play=texts)
            | MenuNode(menu=texts)
            | VoicemailNode(voicemail=texts)
            | CollectNode(collect=texts)
        ):
            return PromptText(texts[language], language)
        case other:
            raise TypeError(other)


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


async def test_a_request_is_asked_for_by_its_number(centre: CentreRig, tmp_path: Path) -> None:
    """Who has none under their own number is asked for one, and keys it in while the question is said, as
    those do who know it; a stranger's request is found and not told."""
    asked, told = tmp_path / "asked.wav", tmp_path / "told.wav"
    prompts = words("ask_number", "zh", "ticket_status"), words("unknown", "zh", "ticket_status")
    question, unknown = await spoken_audio(tmp_path / "prompts", *prompts)
    others, listener, caller = "13970000005", "13970000006", "13970000007"
    async with Phone.start(bind=CALLER_ADDRESS) as phone:
        complaint = await phone.call(centre.uri("12345"), caller=others)
        await complaint.confirmed()
        await complaint.dtmf("2")
        life = await centre.happened(await centre.newcomer(others), e.TicketLinked)
        await complaint.hang_up()
        (ticket,) = [event.ticket_id for event in life if isinstance(event, e.TicketLinked)]
        call = await phone.call(centre.uri("12345"), caller=listener, record=str(asked))
        await call.confirmed()
        await call.dtmf("3")
        await hears(asked, question)
        await call.hang_up()
        call = await phone.call(centre.uri("12345"), caller=caller, record=str(told))
        await call.confirmed()
        await call.dtmf("3")
        call_id = await centre.newcomer(caller)
        await centre.until(call_id, lambda life: "ask_number" in nodes(life))
        await call.dtmf(ticket.removeprefix("T").replace("-", "") + "#")
        life = await centre.until(call_id, lambda life: "unknown" in nodes(life))
        await hears(told, unknown)
        await call.hang_up()
    assert [event.outcome for event in life if isinstance(event, e.LookUpEnded)] == ["not_found", "found"]
    assert [event.digit for event in life if isinstance(event, e.KeyPressed)] == ["3", *"?" * 15]


async def test_whoever_listens_hears_everything_in_its_order(centre: CentreRig, tmp_path: Path) -> None:
    """The welcome, the offer of English and the menu; after key 9 the menu in English, then an agent."""
    chinese = words("welcome", "zh"), words("english_offer", "en"), words("main_menu", "zh")
    *first, menu = await spoken_audio(tmp_path / "prompts", *chinese)
    english, notice = await spoken_audio(
        tmp_path / "prompts", words("main_menu", "en"), words("to_agent", "en")
    )
    recording = tmp_path / "heard.wav"
    async with Phone.start(bind=CALLER_ADDRESS) as phone:
        call = await phone.call(centre.uri("12345"), caller="13970000003", record=str(recording))
        places = [await hears(recording, one) for one in (*first, menu)]
        await call.dtmf("9")
        places.append(await hears(recording, english))
        await call.dtmf("0")
        places.append(await hears(recording, notice))
        call_id = await centre.newcomer("13970000003")
        life = await centre.happened(call_id, e.CallQueued)
        await call.hang_up()
    assert places == sorted(places)
    way = ["business_hours", "known_caller", "welcome", "english_offer", "main_menu", "english", "main_menu"]
    assert nodes(life) == [*way, "to_agent", "general"]


async def test_at_night_a_message_is_left(centre: CentreRig, tmp_path: Path) -> None:
    """The hours, the choice, the beep; what is said then is recorded and has a ticket, and is thanked for."""
    said = ("night", "night_choice", "message", "message_taken", "message_goodbye")
    closed, choice, ask, taken, goodbye = await spoken_audio(
        tmp_path / "prompts", *(words(node, "zh") for node in said)
    )
    recording, message = tmp_path / "heard.wav", tmp_path / "message.wav"
    write_tones(message, 8000, [Tone(MESSAGE_HZ, 2000)])
    async with Phone.start(bind=CALLER_ADDRESS) as phone:
        call = await phone.call(centre.uri("12390"), caller="13970000004", record=str(recording))
        places = [await hears(recording, closed), await hears(recording, choice)]
        await call.dtmf("1")
        places.append(await hears(recording, ask))
        await hears_beep(recording)
        await call.play(str(message))
        await call.dtmf("#")
        places += [await hears(recording, taken), await hears(recording, goodbye)]
        await call.ended(20.0)
        life = await centre.happened(await centre.newcomer("13970000004"), e.CallSettled)
    assert places == sorted(places)
    assert nodes(life)[:3] == ["business_hours", "night", "night_choice"]
    (stored,) = [event for event in life if isinstance(event, e.RecordingStored)]
    rate, (left, _) = read_wav(centre.places.recordings / stored.path)
    assert tone_present(left, rate, MESSAGE_HZ)
    (ended,) = [event for event in life if isinstance(event, e.CallEnded)]
    assert ended.reason == "message_left"
    assert [event.opened for event in life if isinstance(event, e.TicketLinked)] == [True]


async def test_a_key_caller_reaches_an_agent_without_a_menu(centre: CentreRig, tmp_path: Path) -> None:
    """Put on the list from the command line; the next call hears that it goes first, and nothing else."""
    caller, recording = "13970000002", tmp_path / "heard.wav"
    (notice,) = await spoken_audio(tmp_path / "prompts", words("fast_lane", "zh"))
    added = await asyncio.to_thread(callcenter, centre, "callers", "add", caller, "--list", "vip")
    assert "added" in added
    async with Phone.start(bind=CALLER_ADDRESS) as phone, desks(centre, "1001") as (desk,):
        call = await phone.call(centre.uri("12345"), caller=caller, record=str(recording))
        assert await hears(recording, notice) < 1.0
        answered = await desk.next_call(timeout_sec=30.0)
        call_id = await centre.newcomer(caller)
        life = await centre.happened(call_id, e.AgentConnected)
        await call.hang_up()
        await answered.ended(10.0)
    (queued,) = [event for event in life if isinstance(event, e.CallQueued)]
    assert (queued.queue, queued.priority) == ("general", 5)
    assert nodes(life) == ["business_hours", "known_caller", "fast_lane", "fast"]
    await asyncio.to_thread(callcenter, centre, "callers", "remove", caller, "--list", "vip")
