"""The controller's machine is gone with all that it had written: calls go on by what the switch keeps."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from callcenter.domain import events as e
from callcenter.phones import AnswerAction, AnswerPolicy, Phone
from callcenter.web.wire import AgentAction
from tests.integration.centre_rig import CALLER_ADDRESS, CentreRig, desks, to_queue
from tests.integration.test_calls_made import made
from tests.integration.test_centre_calls import one
from tests.integration.test_centre_survival import (
    TALK_MS,
    agent_was_heard,
    healthy,
    in_talk,
    kill,
    menu_call,
    tone,
)
from tests.integration.test_consulted_calls import AGENT_HZ, OTHER_HZ, Party, talking

pytestmark = pytest.mark.integration


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
        talking, agent = await in_talk(phone, centre, desk, "138201", heard)
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
    agent_was_heard(heard, TALK_MS)
    stored = [event for event in lives[0] if isinstance(event, e.RecordingStored)]
    assert stored[0].duration_ms > TALK_MS - 1000
    await in_the_store_once(centre, first, second, third)


async def test_held_made_and_transferred_calls_outlive_the_journal(centre: CentreRig, tmp_path: Path) -> None:
    """Who was called by an agent, and who was sent on to an outside number, talk on; a held caller hears
    music until the agent, who is still at work, takes them back. Each is counted and recorded once."""
    folders = [tmp_path / name for name in ("made", "sent", "held")]
    for folder in folders:
        folder.mkdir()
    async with (
        desks(centre, "1001", "1002") as (maker, desk),
        Phone.start(bind=CALLER_ADDRESS, sip_port=centre.peer_port) as outside,
        Phone.start(bind=CALLER_ADDRESS) as phone,
    ):
        await outside.set_answer_policy(AnswerPolicy(AnswerAction.ANSWER, after_ms=300))
        made_id = await made(centre, maker, number="139611")
        own, called = await maker.next_call(), await outside.next_call()
        await asyncio.gather(own.confirmed(), called.confirmed())
        first = [
            await Party(own, folders[0], AGENT_HZ).begin(),
            await Party(called, folders[0], OTHER_HZ).begin(),
        ]
        sent_id, sent, _ = await talking(centre, phone, desk, "138211", folders[1])
        await desk.ask(AgentAction.TRANSFER, sent_id, kind="number", target="139612")
        answers = await outside.next_call()
        await answers.confirmed()
        second = [sent, await Party(answers, folders[1], OTHER_HZ).begin()]
        await centre.happened(sent_id, e.AgentReleased, e.OutsideAnswered)
        await desk.api.agent("1002", AgentAction.READY)
        held_id, held, agent = await talking(centre, phone, desk, "138212", folders[2])
        await desk.ask(AgentAction.HOLD, held_id)
        await asyncio.gather(*they_talk(first), *they_talk(second), held.hears())
        await asyncio.sleep(1.5)  # its variables are told over another connection than its place is written

        lose_the_journal(centre)
        await healthy(centre)
        call_ids = (made_id, sent_id, held_id)
        lives = [await centre.happened(call_id, e.CallRecovered) for call_id in call_ids]
        assert [one(life, e.CallRecovered).agent_id for life in lives] == ["1001", "", "1002"]
        await asyncio.gather(*they_talk(first), *they_talk(second), held.hears())
        await desk.ask(AgentAction.RETRIEVE, held_id)
        await asyncio.gather(*they_talk([held, agent]))
        await own.hang_up()
        await called.ended(3.0)
        await sent.call.hang_up()
        await answers.ended(3.0)
        await agent.call.hang_up()
        await held.call.hang_up()
        lives = [await centre.happened(call_id, e.CallSettled, within=30) for call_id in call_ids]
    for life in lives:
        kinds = Counter(type(event).__name__ for event in life)
        assert (
            kinds["CallArrived"] + kinds["CallDialledOut"]
            == kinds["CallEnded"]
            == kinds["RecordingStored"]
            == 1
        )
    await in_the_store_once(centre, *call_ids)


def they_talk(parties: list[Party]) -> list[Coroutine[Any, Any, None]]:
    """To be awaited: each of the two hears the other and nobody else."""
    return [one.hears(other) for one, other in zip(parties, reversed(parties), strict=True)]


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
