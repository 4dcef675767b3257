"""Killed controllers, a hanging and a killed Asterisk, and nothing left behind after many calls."""

import asyncio
import os
import pickle
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from callcenter.adapters.asterisk.line_keeper import LineKeeper
from callcenter.domain.switch import (
    CallerArrived,
    Connect,
    DestroyBridge,
    DialPhone,
    DigitPressed,
    HangUp,
    LegAnswered,
    LegEnded,
    Play,
    SetVariables,
    StartMusic,
    SwitchConnected,
    SwitchLost,
)
from callcenter.phones.call import KEY_S
from tests.contract.asterisk_process import ANSWERS, ROOT, AsteriskProcess
from tests.contract.telephony_rigs import AsteriskRig

pytestmark = pytest.mark.integration

NEARLY_PRESSED_SEC = 0.14
"""A key of the phones is told of when it is let go, after 0.2 s: so it is while the line ends."""

CONTROLLER = """
import asyncio, pickle, sys
from callcenter.adapters.asterisk.telephony import AsteriskTelephony
from callcenter.domain.switch import CallerArrived, SetVariables, SwitchConnected

config = pickle.load(sys.stdin.buffer)

async def main():
    def deliver(event):
        if isinstance(event, CallerArrived):
            telephony.send(SetVariables(event.leg_id, {"seen_by": "the first controller"}))
            asyncio.get_running_loop().call_later(0.2, print, "arrived", event.leg_id)
        if isinstance(event, SwitchConnected):
            print("connected")

    telephony = AsteriskTelephony(config, deliver=deliver, clock=lambda: 0)
    await telephony.start()
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
async def rig(asterisk: AsteriskProcess) -> AsyncIterator[AsteriskRig]:
    """A rig whose own controller is not connected yet."""
    made = AsteriskRig(asterisk)
    yield made
    await made.close()


async def controller_process(rig: AsteriskRig) -> asyncio.subprocess.Process:
    """A controller in a process of its own, connected."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-u",
        "-c",
        CONTROLLER,
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdin is not None
    process.stdin.write(pickle.dumps(rig.process.config))
    process.stdin.write_eof()
    await says(process, "connected")
    return process


async def says(process: asyncio.subprocess.Process, word: str) -> str:
    """Wait until the controller prints a line that begins so."""
    assert process.stdout is not None
    async with asyncio.timeout(15):
        while line := (await process.stdout.readline()).decode():
            if line.startswith(word):
                return line.strip()
    raise AssertionError(f"the controller ended before it said {word}")


async def test_a_killed_controller_loses_no_call_and_no_event(rig: AsteriskRig) -> None:
    """kill -9; calls stay, calls that come and go meanwhile are told in order, variables are found."""
    first = await controller_process(rig)
    callers = await rig.caller()
    sip = rig.process.sip
    stays = await callers.call(f"sip:111@{sip}", caller="111")
    stayed = (await says(first, "arrived")).split()[1]
    leaves = await callers.call(f"sip:222@{sip}", caller="222")
    left = (await says(first, "arrived")).split()[1]
    first.kill()
    await first.wait()

    await leaves.hang_up()
    await leaves.ended()
    brief = await callers.call(f"sip:333@{sip}", caller="333")
    await brief.confirmed()
    await brief.hang_up()
    await brief.ended()
    new = await callers.call(f"sip:444@{sip}", caller="444")
    await new.confirmed()
    assert stays.end is None

    await rig.telephony.start()
    truth = await rig.until(SwitchConnected)
    story = [
        (type(event), event.caller if isinstance(event, CallerArrived) else event.leg_id)
        for event in rig.events
        if isinstance(event, CallerArrived | LegEnded)
    ]
    brief_leg = next(e.leg_id for e in rig.events if isinstance(e, CallerArrived) and e.caller == "333")
    assert story == [(LegEnded, left), (CallerArrived, "333"), (LegEnded, brief_leg), (CallerArrived, "444")]
    legs = {leg.leg_id: leg for leg in truth.legs}
    assert len(legs) == 2
    assert legs[stayed].variables == {"seen_by": "the first controller"}
    for leg_id in legs:
        rig.telephony.send(HangUp(leg_id))
        await rig.until(LegEnded, leg_id=leg_id)
    await stays.ended()
    await new.ended()


async def test_the_line_of_a_killed_controller_ends_when_nothing_is_said(rig: AsteriskRig) -> None:
    """Its parent keeps the line; Asterisk dies when one ends under an event. The next controller is told in
    order of who has called and what was pressed before the line ended, while it did, and afterwards."""
    keeper = LineKeeper(rig.process.config)
    await keeper.listen()
    first = await controller_process(rig)
    callers, sip = await rig.caller(), rig.process.sip
    first.kill()
    await first.wait()
    early = await callers.call(f"sip:111@{sip}", caller="111")
    await early.confirmed()
    await early.dtmf("12")
    await asyncio.sleep(NEARLY_PRESSED_SEC)
    assert lines_kept(rig) == 1
    await keeper.let_go()
    assert lines_kept(rig) == 0
    await asyncio.sleep(KEY_S)
    await early.dtmf("3")
    await asyncio.sleep(KEY_S)
    late = await callers.call(f"sip:222@{sip}", caller="222")
    await late.confirmed()

    await keeper.listen()
    await rig.telephony.start()
    truth = await rig.until(SwitchConnected)
    assert [event.caller for event in rig.events if isinstance(event, CallerArrived)] == ["111", "222"]
    assert [(await rig.until(DigitPressed)).digit for _ in range(3)] == ["1", "2", "3"]
    assert sorted(leg.arrival.caller for leg in truth.legs if leg.arrival is not None) == ["111", "222"]
    for leg in truth.legs:
        rig.telephony.send(HangUp(leg.leg_id))
        await rig.until(LegEnded, leg_id=leg.leg_id)
    await early.ended()
    await late.ended()
    await rig.telephony.close()
    await keeper.let_go()


def lines_kept(rig: AsteriskRig) -> int:
    """Open connections at the port of the controller, which is gone (proc(5), net/tcp: 01 is ESTABLISHED)."""
    ours = f":{rig.process.config.ports.ari:04X}"
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(local.endswith(ours) and state == "01" for _, local, _, state, *_ in rows)


async def test_a_hanging_asterisk_is_noticed_and_found_again(rig: AsteriskRig) -> None:
    """Stopped, not dead: its connections are open but silent. Afterwards it is the same switch."""
    await rig.telephony.start()
    await rig.until(SwitchConnected)
    os.kill(rig.process.pid, signal.SIGSTOP)
    try:
        await rig.until(SwitchLost, within_sec=15)
    finally:
        os.kill(rig.process.pid, signal.SIGCONT)
    assert not (await rig.until(SwitchConnected, within_sec=15)).restarted


async def test_a_killed_asterisk_is_a_new_one_when_it_is_back(rig: AsteriskRig) -> None:
    """kill -9 of Asterisk during a call: lost at once, then a switch without legs, on which calls work."""
    await rig.telephony.start()
    await rig.until(SwitchConnected)
    leg_id = (await rig.arrive()).leg_id
    rig.telephony.send(Play(leg_id, "p1", (rig.long,)))
    rig.process.kill()
    await rig.until(SwitchLost, within_sec=2)
    rig.process.start()
    truth = await rig.until(SwitchConnected, within_sec=15)
    assert truth.restarted
    assert truth.legs == ()
    assert rig.telephony.leg_ids() == ()
    await rig.arrive("999")


async def test_after_many_calls_nothing_is_left(rig: AsteriskRig) -> None:
    """Forty whole calls, four at a time: no leg, request or bridge is remembered, and Asterisk has none."""
    await rig.telephony.start()
    await rig.until(SwitchConnected)
    await rig.phone(ANSWERS)
    callers = await rig.caller()
    for batch in range(10):
        calls = [
            await callers.call(f"sip:{batch}{number}@{rig.process.sip}", caller="0211") for number in range(4)
        ]
        for number in range(4):
            leg_id = (await rig.until(CallerArrived)).leg_id
            agent, bridge = f"a{batch}-{number}", f"b{batch}-{number}"
            rig.telephony.send(Play(leg_id, f"p{agent}", (rig.long,)))
            rig.telephony.send(SetVariables(leg_id, {"call": agent}))
            rig.telephony.send(StartMusic(leg_id))
            rig.telephony.send(DialPhone(agent, "c1", ANSWERS, "0211", "", 20))
            await rig.until(LegAnswered, leg_id=agent)
            rig.telephony.send(Connect(bridge, (leg_id, agent)))
            rig.telephony.send(HangUp(agent))
            rig.telephony.send(HangUp(leg_id))
            rig.telephony.send(DestroyBridge(bridge))
            await rig.until(LegEnded, leg_id=agent)
            await rig.until(LegEnded, leg_id=leg_id)
        for call in calls:
            await call.ended()
    await rig.settle(0.3)
    assert rig.telephony.leg_ids() == ()
    assert rig.telephony.undecodable_events == 0
    assert rig.process.cli("core show channels count").startswith("0 active channels")
    await rig.kill_controller()
    await rig.new_controller()
    truth = await rig.until(SwitchConnected)
    assert (truth.legs, truth.bridges) == ((), ())
