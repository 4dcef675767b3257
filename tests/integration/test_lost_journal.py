"""The controller's machine is gone with all that it had written: calls go on by what the switch keeps."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections import Counter
from pathlib import Path

import asyncpg
import pytest

from callcenter.domain import events as e
from callcenter.phones import Phone, audio
from tests.integration.centre_rig import CALLER_ADDRESS, CentreRig, desks, to_queue
from tests.integration.test_centre_survival import AGENT_HZ, healthy, kill, menu_call, tone

pytestmark = pytest.mark.integration

TALK_MS = 8000
LONGEST_GAP_MS = 1200
"""What the caller may miss of the agent, on a small and busy machine; a cut talk would be silent for good."""


def lose_the_journal(centre: CentreRig) -> None:
    """kill -9 the controller, and remove what it wrote before it is started again."""
    parent = int(Path(f"/proc/{centre.pid('controller')}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(parent, signal.SIGSTOP)
    try:
        kill(centre, "controller")
        shutil.rmtree(centre.places.journal)
    finally:
        os.kill(parent, signal.SIGCONT)


async def test_calls_outlive_the_journal(centre: CentreRig, tmp_path: Path) -> None:
    """Who talks goes on talking, is recorded and has a ticket; who waits keeps the place, before who comes
    later; who heard the menu hears it again. The store, which was ahead, has each call once."""
    heard = tmp_path / "heard.wav"
    async with (
        desks(centre, "1001") as (desk,),
        Phone.start(bind=CALLER_ADDRESS) as phone,
        Phone.start(bind=CALLER_ADDRESS) as more,
    ):
        talking = await phone.call(centre.uri("12345"), caller="138201", record=str(heard))
        await to_queue(talking)
        agent = await desk.next_call()
        await agent.confirmed()
        speech = asyncio.create_task(agent.play(tone(tmp_path, AGENT_HZ, TALK_MS)))
        waiting = await phone.call(centre.uri("12345"), caller="138202")
        await to_queue(waiting)
        await centre.happened(await centre.newcomer("138202"), e.CallQueued)
        listening = await menu_call(more, centre, "138203")
        numbers = ("138201", "138202", "138203")
        first, second, third = [await centre.newcomer(number) for number in numbers]
        (place,) = [event for event in centre.life(second) if isinstance(event, e.CallQueued)]
        (began,) = [event for event in centre.life(first) if isinstance(event, e.RecordingBegan)]
        await asyncio.sleep(1.5)  # its variables are told over another connection than its place is written

        lose_the_journal(centre)
        await healthy(centre)
        life = await centre.happened(first, e.CallRecovered, e.AgentConnected, e.RecordingBegan)
        assert [event.agent_id for event in life if isinstance(event, e.CallRecovered)] == ["1001"]
        (goes_on,) = [event for event in life if isinstance(event, e.RecordingBegan)]
        assert (goes_on.recording_id, goes_on.path_stem) == (began.recording_id, began.path_stem)
        life = await centre.happened(second, e.CallRecovered, e.CallQueued)
        (again,) = [event for event in life if isinstance(event, e.CallQueued)]
        assert again == place
        await centre.happened(third, e.CallArrived, e.NodeEntered)
        assert e.CallRecovered not in {type(event) for event in centre.life(third)}
        await listening.dtmf("0")
        await listening.dtmf("#")
        await centre.happened(third, e.CallQueued)
        assert await speech

        await agent.hang_up()
        await centre.until(
            first, lambda life: "rate" in [event.node for event in life if isinstance(event, e.NodeEntered)]
        )
        await desk.api.agent("1001", "ready")
        served = await desk.next_call(20.0)
        await served.confirmed()
        assert served.caller == "138202"
        for call in (talking, waiting, listening):
            await call.hang_up()
        lives = [
            await centre.happened(call_id, e.CallSettled, within=30) for call_id in (first, second, third)
        ]
        await served.ended(5.0)
    for life in lives:
        kinds = Counter(type(event).__name__ for event in life)
        assert kinds["CallArrived"] == kinds["CallEnded"] == kinds["CallSettled"] == 1
    assert [sum(isinstance(event, e.TicketLinked) for event in life) for life in lives[:2]] == [1, 1]
    rate, (sound,) = audio.read_wav(heard)
    beat = rate // 5
    speaks = [
        at for at in range(0, sound.size, beat) if audio.tone_present(sound[at : at + beat], rate, AGENT_HZ)
    ]
    talk = sound[speaks[0] : speaks[-1] + beat]
    assert talk.size >= (TALK_MS - 1000) * rate // 1000
    assert audio.longest_silence_ms(talk, rate) < LONGEST_GAP_MS
    stored = [event for event in lives[0] if isinstance(event, e.RecordingStored)]
    assert stored[0].duration_ms > TALK_MS - 1000
    await in_the_store_once(centre, first, second, third)


async def in_the_store_once(centre: CentreRig, *call_ids: str) -> None:
    """The copy has the last event of each call, one row for each, and one ticket."""
    connection = await asyncpg.connect(centre.database_url)
    try:
        async with asyncio.timeout(15):
            while True:
                rows = await connection.fetch(
                    "SELECT call_id, settled, ended_at FROM calls WHERE call_id = ANY ($1)", call_ids
                )
                if sum(row["settled"] for row in rows) == len(call_ids):
                    break
                await asyncio.sleep(0.1)
        assert len(rows) == len(call_ids)
        tickets = await connection.fetch(
            "SELECT call_id, count(*) AS tickets FROM ticket_calls WHERE call_id = ANY ($1) GROUP BY call_id",
            call_ids,
        )
        assert {row["tickets"] for row in tickets} == {1}
    finally:
        await connection.close()
