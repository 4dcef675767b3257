"""Pull the plug: kill -9 of each process of a whole centre while calls are in it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections import Counter
from pathlib import Path

import aiohttp
import asyncpg
import pytest
import redis.asyncio as redis

from callcenter.adapters.valkey_bus import ValkeyBus
from callcenter.domain import events as e
from callcenter.embedded.process_identity import identify
from callcenter.phones import Phone, PhoneCall, audio
from recorder.files import HEADER_BYTES, halves
from tests.integration.centre_rig import CALLER_ADDRESS, CentreRig, Desk, desks, to_queue

pytestmark = pytest.mark.integration

CALLER_HZ, AGENT_HZ = 1000.0, 600.0
TALK_MS = 9000
LONGEST_GAP_MS = 1200
"""What the caller may miss of the agent, on a small and busy machine; a cut talk would be silent for good."""


def tone(directory: Path, hz: float, ms: int) -> str:
    """A file with a tone, to be played into a call."""
    path = directory / f"{hz:.0f}.wav"
    audio.write_tones(path, 8000, [audio.Tone(hz, ms)])
    return str(path)


def kill(centre: CentreRig, service: str) -> int:
    """kill -9; returns the pid that was."""
    pid = centre.pid(service)
    os.kill(pid, signal.SIGKILL)
    return pid


async def healthy(centre: CentreRig, within: float = 40.0) -> None:
    """Wait until the centre says that every part of it is usable."""
    url = f"http://127.0.0.1:{centre.web_port}/healthz"
    async with asyncio.timeout(within), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(url) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)


async def being_recorded(centre: CentreRig, call_id: str) -> None:
    """Wait until something of the call is written: nothing may be of one that is over before."""
    (began,) = [
        event
        for event in await centre.happened(call_id, e.RecordingBegan)
        if isinstance(event, e.RecordingBegan)
    ]
    said, _ = halves(centre.places.recordings / began.path_stem, wideband=began.wideband)
    async with asyncio.timeout(15.0):
        while not (said.exists() and said.stat().st_size > HEADER_BYTES):
            await asyncio.sleep(0.05)


def count(life: list[e.DomainEvent]) -> Counter[str]:
    """How often each kind of event happened."""
    return Counter(type(event).__name__ for event in life)


async def menu_call(phone: Phone, centre: CentreRig, caller: str) -> PhoneCall:
    """A caller who listens to the menu."""
    call = await phone.call(centre.uri("12345"), caller=caller)
    await call.confirmed()
    return call


async def in_talk(
    phone: Phone, centre: CentreRig, desk: Desk, caller: str, heard: Path | None = None
) -> tuple[PhoneCall, PhoneCall]:
    """A caller and the agent who has answered: their ends of the call. A file gets what the caller hears."""
    call = await phone.call(centre.uri("12345"), caller=caller, record=str(heard or ""))
    await to_queue(call)
    agent = await desk.next_call()
    await agent.confirmed()
    return call, agent


def agent_was_heard(heard: Path, ms: int) -> None:
    """The agent's tone, that long, reached the caller but for its edges and one gap."""
    rate, (sound,) = audio.read_wav(heard)
    beat = rate // 5
    speaks = [
        at for at in range(0, sound.size, beat) if audio.tone_present(sound[at : at + beat], rate, AGENT_HZ)
    ]
    talk = sound[speaks[0] : speaks[-1] + beat]
    assert talk.size >= (ms - 1000) * rate // 1000
    assert audio.longest_silence_ms(talk, rate) < LONGEST_GAP_MS
    assert len(speaks) * beat >= (ms - 2000) * rate // 1000


async def test_a_hanging_controller_is_replaced(centre: CentreRig) -> None:
    """It lives and does nothing, so it is killed; the talk goes on, and who calls meanwhile is taken up."""
    async with desks(centre, "1001") as (desk,), Phone.start(bind=CALLER_ADDRESS) as phone:
        talking, agent = await in_talk(phone, centre, desk, "138091")
        await centre.happened(centre.call_of("138091"), e.AgentConnected)
        hanging = centre.pid("controller")
        os.kill(hanging, signal.SIGSTOP)
        arriving = await menu_call(phone, centre, "138092")
        async with asyncio.timeout(15.0):
            while identify(hanging) is not None:
                await asyncio.sleep(0.1)
        await healthy(centre)
        await arriving.dtmf("0")
        await centre.happened(centre.call_of("138092"), e.CallArrived, e.CallQueued)
        await arriving.hang_up()
        await agent.hang_up()
        await talking.hang_up()
        life = await centre.happened(centre.call_of("138091"), e.CallSettled, within=20)
    assert count(life)["AgentConnected"] == count(life)["CallEnded"] == 1


async def test_killed_controller_loses_no_call(centre: CentreRig, tmp_path: Path) -> None:
    """Callers who talk, wait and listen to the menu go on; one who arrives meanwhile is taken up; one who
    hangs up meanwhile is noticed; every call is counted once and has its one ticket."""
    heard = tmp_path / "heard.wav"
    async with (
        desks(centre, "1001") as (desk,),
        Phone.start(bind=CALLER_ADDRESS) as phone,
        Phone.start(bind=CALLER_ADDRESS) as more,
    ):
        talking, agent = await in_talk(phone, centre, desk, "138001", heard)
        speech = asyncio.create_task(agent.play(tone(tmp_path, AGENT_HZ, TALK_MS)))
        waiting = await phone.call(centre.uri("12345"), caller="138002")
        await to_queue(waiting)
        await centre.happened(centre.call_of("138002"), e.CallQueued)
        leaving = await phone.call(centre.uri("12345"), caller="138003")
        await to_queue(leaving)
        await centre.happened(centre.call_of("138003"), e.CallQueued)
        listening = await menu_call(more, centre, "138004")
        place = [event for event in centre.life(centre.call_of("138002")) if isinstance(event, e.CallQueued)]

        old = kill(centre, "controller")
        await leaving.hang_up()
        arriving = await menu_call(more, centre, "138005")
        await healthy(centre)
        assert centre.pid("controller") != old
        left = await centre.happened(centre.call_of("138003"), e.CallEnded, within=5.0)
        assert [event.outcome for event in left if isinstance(event, e.QueueLeft)]

        await arriving.dtmf("0")
        await centre.happened(centre.call_of("138005"), e.CallArrived, e.NodeEntered)
        await listening.dtmf("0")
        assert await speech
        await agent.hang_up()
        await centre.until(
            centre.call_of("138001"),
            lambda life: "rate" in [event.node for event in life if isinstance(event, e.NodeEntered)],
            within=3.0,
        )
        served = await desk.next_call(20.0)
        await served.confirmed()
        assert [
            event.queued_at
            for event in centre.life(centre.call_of("138002"))
            if isinstance(event, e.CallQueued)
        ] == [place[0].queued_at]
        assert served.caller == "138002"
        for call in (talking, waiting, arriving, listening):
            await call.hang_up()
        numbers = [f"13800{index}" for index in range(1, 6)]
        lives = [
            await centre.happened(centre.call_of(number), e.CallSettled, within=20) for number in numbers
        ]
    for life in lives:
        assert count(life)["CallArrived"] == count(life)["CallEnded"] == count(life)["CallSettled"] == 1
        assert count(life)["TicketLinked"] <= 1
    assert count(lives[0])["TicketLinked"] == 1
    agent_was_heard(heard, TALK_MS)


async def test_agent_left_alone_is_hung_up_within_a_second_of_the_restart(centre: CentreRig) -> None:
    """A caller who hangs up while nobody controls leaves an agent in an empty bridge: not for long."""
    async with desks(centre, "1001") as (desk,), Phone.start(bind=CALLER_ADDRESS) as phone:
        call, agent = await in_talk(phone, centre, desk, "138011")
        kill(centre, "controller")
        await call.hang_up()
        await healthy(centre)
        ended = await agent.ended(1.0)
        assert ended.sip_code == 200
        await centre.happened(centre.call_of("138011"), e.CallSettled)


async def test_killed_asterisk_is_noticed_and_comes_back(centre: CentreRig) -> None:
    """Its calls are marked as lost by the system, agents are free again, and the next call works."""
    async with desks(centre, "1001") as (desk,), Phone.start(bind=CALLER_ADDRESS) as phone:
        call, _ = await in_talk(phone, centre, desk, "138021")
        kill(centre, "asterisk")
        life = await centre.happened(centre.call_of("138021"), e.CallEnded, within=20.0)
        (ended,) = [event for event in life if isinstance(event, e.CallEnded)]
        assert ended.by is e.EndedBy.SYSTEM
        await healthy(centre)
    async with desks(centre, "1001") as (desk,), Phone.start(bind=CALLER_ADDRESS) as phone:
        call = await phone.call(centre.uri("12345"), caller="138022")
        await to_queue(call)
        await (await desk.next_call()).confirmed()
        await call.hang_up()
        await centre.happened(centre.call_of("138022"), e.CallSettled)


AWAY_S = 60.0
"""How long both stores are kept away: whatever the supervisor starts is killed again."""


async def keep_killing(centre: CentreRig, *services: str) -> None:
    """kill -9 these services again and again, each before it is ready to answer."""
    while True:
        for service in services:
            with contextlib.suppress(ProcessLookupError, FileNotFoundError, IndexError):
                kill(centre, service)
        await asyncio.sleep(0.03)


@pytest.mark.timeout(300)  # a minute away, and up to a minute and a half until all is well again
async def test_stores_may_be_away_for_a_minute_while_calls_go_on(centre: CentreRig) -> None:
    """PostgreSQL and Valkey are gone: calls come, are answered and end; afterwards both hold every event of
    the local journal in order, once, and each call has one ticket."""
    callers = ("138031", "138032", "138033")
    async with desks(centre, "1001") as (desk,), Phone.start(bind=CALLER_ADDRESS) as phone:
        away = asyncio.create_task(keep_killing(centre, "postgres", "valkey"))
        began = asyncio.get_running_loop().time()
        for caller in callers:
            call = await phone.call(centre.uri("12345"), caller=caller)
            await to_queue(call)
            agent = await desk.next_call()
            await agent.confirmed()
            await being_recorded(centre, centre.call_of(caller))
            await call.hang_up()
            await agent.ended(3.0)
            life = await centre.happened(centre.call_of(caller), e.CallEnded, e.RecordingStored)
            assert e.TicketLinked not in {type(event) for event in life}
        await asyncio.sleep(AWAY_S - (asyncio.get_running_loop().time() - began))
        away.cancel()
        await asyncio.gather(away, return_exceptions=True)
        await healthy(centre, within=60.0)
        for caller in callers:
            await centre.happened(centre.call_of(caller), e.CallSettled, e.TicketLinked, within=30.0)
    written = len(centre.events())
    connection = await asyncpg.connect(centre.database_url)
    bus = ValkeyBus(redis.Redis.from_url(centre.valkey_url))
    try:
        async with asyncio.timeout(15):
            while (
                min(await connection.fetchval("SELECT count(*) FROM journal"), await bus.last_seq()) < written
            ):
                await asyncio.sleep(0.1)
        first, last, rows = await connection.fetchrow("SELECT min(seq), max(seq), count(*) FROM journal")
        tickets = await connection.fetch(
            "SELECT call_id FROM ticket_calls WHERE call_id = ANY($1)", [*map(centre.call_of, callers)]
        )
        published = [seq for seq, _ in await bus.read(0, 1_000_000)]
    finally:
        await bus.close()
        await connection.close()
    assert (first, last) == (1, rows)
    assert published == list(range(published[0], published[0] + len(published)))
    assert published[-1] >= written
    assert len(tickets) == len(callers)
