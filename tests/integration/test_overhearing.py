"""Who really hears a supervisor, and whom a supervisor hears, through a real Asterisk."""

from __future__ import annotations

from pathlib import Path

import pytest

from callcenter.domain.overhearing import (
    StartOverhearing,
    StartSilence,
    StopOverhearing,
    StopSilence,
    SupervisionMode,
)
from callcenter.domain.switch import Connect, DialPhone, LegAnswered, Play, Separate, StartMusic, StopPlay
from callcenter.phones.audio import Tone, read_growing_wav, tone_present, write_tones
from tests.contract.asterisk_process import ANSWERS, WIDEBAND
from tests.contract.telephony_rigs import AsteriskRig

pytestmark = pytest.mark.integration

HZ = {"caller": 1200, "agent": 1900, "supervisor": 2700, "music": 440, "ringing": 3100}


async def present(rig: AsteriskRig, who: str, leg_id: str, directory: Path) -> None:
    """The party of this leg sounds its tone without end, and what it hears is written down."""
    path = directory / f"says-{who}.wav"
    write_tones(path, 8000, [Tone(HZ[who], 1000)])
    await rig.calls[leg_id].play(str(path), loop=True)
    await rig.calls[leg_id].record(str(directory / f"{who}.wav"))


async def dialled(rig: AsteriskRig, leg_id: str, phone: str) -> str:
    """The leg of a phone that was picked up."""
    await rig.phone(phone)
    rig.telephony.send(DialPhone(leg_id, "c1", phone, "0211", "caller", 20))
    await rig.until(LegAnswered, leg_id=leg_id)
    await (await rig.at_phone(leg_id, phone)).confirmed()
    return leg_id


async def hears(rig: AsteriskRig, directory: Path) -> dict[str, set[str]]:
    """Whom each hears from now on, for most of a second; what changed just now has had time to."""
    await rig.settle(1.6)
    heard = {}
    for who in ("caller", "agent", "supervisor"):
        rate, samples = read_growing_wav(directory / f"{who}.wav")
        late = samples[-int(0.8 * rate) :]
        heard[who] = {name for name, hz in HZ.items() if tone_present(late, rate, hz)}
    return heard


async def test_each_mode_is_heard_by_whom_it_should_be(rig: AsteriskRig, tmp_path: Path) -> None:
    """Listening by nobody, whispering by the agent alone, barging by all; through a hold, and back again."""
    caller = (await rig.arrive()).leg_id
    agent = await dialled(rig, "a1", ANSWERS)
    supervisor = await dialled(rig, "m1", WIDEBAND)
    rig.telephony.send(Connect("b1", (caller, agent)))
    for who, leg_id in (("caller", caller), ("agent", agent), ("supervisor", supervisor)):
        await present(rig, who, leg_id, tmp_path)
    apart = {"caller": {"agent"}, "agent": {"caller"}}
    for number, (mode, heard) in enumerate(
        (
            (SupervisionMode.LISTEN, apart),
            (SupervisionMode.WHISPER, apart | {"agent": {"caller", "supervisor"}}),
            (SupervisionMode.BARGE, {"caller": {"agent", "supervisor"}, "agent": {"caller", "supervisor"}}),
        )
    ):
        rig.telephony.send(StopOverhearing(agent, f"m1-{number - 1}"))
        rig.telephony.send(StartOverhearing(agent, supervisor, f"m1-{number}", mode))
        assert await hears(rig, tmp_path) == heard | {"supervisor": {"caller", "agent"}}, mode
    rig.telephony.send(Separate("b1", caller))
    rig.telephony.send(StartMusic(caller))
    assert await hears(rig, tmp_path) == {
        "caller": {"music"},
        "agent": set(),  # nothing is sent there into which it could be mixed
        "supervisor": {"agent"},
    }
    rig.telephony.send(StartSilence(agent))
    assert await hears(rig, tmp_path) == {
        "caller": {"music"},
        "agent": {"supervisor"},
        "supervisor": {"agent"},
    }
    rig.telephony.send(Play(agent, "p1", (f"tone:{HZ['ringing']}/60000",), 60_000))
    assert await hears(rig, tmp_path) == {
        "caller": {"music"},
        "agent": {"ringing", "supervisor"},
        "supervisor": {"ringing"},  # what the agent says is not read while a tone is played
    }
    rig.telephony.send(StopPlay(agent, "p1"))
    rig.telephony.send(StartSilence(agent))
    rig.telephony.send(Connect("b1", (caller,)))
    rig.telephony.send(StopSilence(agent, "b1"))
    assert await hears(rig, tmp_path) == {
        "caller": {"agent", "supervisor"},
        "agent": {"caller", "supervisor"},
        "supervisor": {"caller", "agent"},
    }
    rig.telephony.send(StopSilence(agent, "b1"))
    rig.telephony.send(Separate("b1", caller))
    rig.telephony.send(StopOverhearing(agent, "m1-2"))
    rig.telephony.send(Connect("b2", (caller, supervisor)))
    assert await hears(rig, tmp_path) == {
        "caller": {"supervisor"},
        "agent": set(),
        "supervisor": {"caller"},
    }
