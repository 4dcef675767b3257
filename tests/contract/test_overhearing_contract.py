"""The contract of overhearing: the twin and the real Asterisk keep it alike."""

from callcenter.domain.overhearing import (
    OverhearingFailed,
    StartOverhearing,
    StopOverhearing,
    SupervisionMode,
)
from callcenter.domain.switch import (
    Connect,
    DestroyBridge,
    HangUp,
    LegEnded,
    Separate,
    StartMusic,
    SwitchConnected,
)
from tests.contract.asterisk_process import IGNORES, WIDEBAND
from tests.contract.telephony_rigs import Rig, answered, dial, news, ready
from tests.contract.test_listening_contract import until


async def talk(rig: Rig) -> tuple[str, str, str]:
    """A caller and an agent who talk, and a supervisor's leg that hears music: their legs."""
    caller = (await rig.arrive()).leg_id
    agent = await answered(rig, "a1")
    rig.telephony.send(Connect("b1", (caller, agent)))
    supervisor = await answered(rig, "m1", WIDEBAND)
    rig.telephony.send(StartMusic(supervisor))
    await rig.settle(0.3)
    rig.events.clear()
    return caller, agent, supervisor


async def overheard(rig: Rig, mode: SupervisionMode = SupervisionMode.LISTEN) -> tuple[str, str, str]:
    """A talk that is overheard."""
    legs = await talk(rig)
    rig.telephony.send(StartOverhearing(legs[1], legs[2], "m1-1", mode))
    await begun(rig, "m1-1")
    return legs


async def begun(rig: Rig, overhearing_id: str) -> None:
    """The switch has something of this overhearing, and of no other."""

    async def there() -> bool:
        return await rig.overheard() == {overhearing_id}

    await until(rig, there)


async def nothing_left(rig: Rig) -> None:
    """The switch has nothing of any overhearing any more."""

    async def quiet() -> bool:
        return await rig.overheard() == set()

    await until(rig, quiet)


async def test_it_goes_on_through_other_modes_and_holds_until_it_is_stopped(rig: Rig) -> None:
    """Nobody is told anything and no leg ends; the supervisor's stays up for what comes next."""
    caller, agent, supervisor = await overheard(rig)
    rig.telephony.send(StopOverhearing(agent, "m1-1"))
    rig.telephony.send(StartOverhearing(agent, supervisor, "m1-2", SupervisionMode.BARGE))
    await begun(rig, "m1-2")
    rig.telephony.send(Separate("b1", caller))
    rig.telephony.send(Connect("b1", (caller,)))
    await rig.settle(0.3)
    assert await rig.overheard() == {"m1-2"}
    rig.telephony.send(StopOverhearing(agent, "m1-2"))
    rig.telephony.send(StopOverhearing(agent, "m1-2"))
    rig.telephony.send(Connect("b2", (caller, supervisor)))
    await nothing_left(rig)
    await rig.settle(0.3)
    assert news(rig) == []
    rig.telephony.send(HangUp(supervisor))
    await rig.until(LegEnded, leg_id=supervisor)
    rig.telephony.send(DestroyBridge("b2"))


async def test_it_ends_with_the_overheard_leg(rig: Rig) -> None:
    """The supervisor's leg is left to the controller."""
    _, agent, supervisor = await overheard(rig)
    await rig.phone_leaves(agent)
    await rig.until(LegEnded, leg_id=agent)
    await nothing_left(rig)
    assert news(rig) == []
    rig.telephony.send(HangUp(supervisor))
    await rig.until(LegEnded, leg_id=supervisor)


async def test_it_ends_with_the_supervisors_leg(rig: Rig) -> None:
    """The others talk on."""
    _, _, supervisor = await overheard(rig, SupervisionMode.WHISPER)
    rig.telephony.send(HangUp(supervisor))
    await rig.until(LegEnded, leg_id=supervisor)
    await nothing_left(rig)
    assert news(rig) == []


async def test_a_leg_that_rings_cannot_be_overheard(rig: Rig) -> None:
    """OverhearingFailed tells whose it was, and nothing is left of the attempt."""
    _, agent, _ = await talk(rig)
    await ready(rig, IGNORES)
    rig.telephony.send(dial("m2", IGNORES))
    await rig.rings("m2")
    rig.telephony.send(StartOverhearing(agent, "m2", "m2-1", SupervisionMode.LISTEN))
    assert (await rig.until(OverhearingFailed, leg_id="m2", overhearing_id="m2-1")).reason
    await nothing_left(rig)


async def test_of_legs_that_have_gone_it_is_no_failure(rig: Rig) -> None:
    """Their end was told already."""
    _, agent, supervisor = await talk(rig)
    rig.telephony.send(HangUp(agent))
    await rig.until(LegEnded, leg_id=agent)
    rig.telephony.send(StartOverhearing(agent, supervisor, "m1-1", SupervisionMode.LISTEN))
    await rig.settle(0.3)
    rig.telephony.send(StopOverhearing(agent, "m1-1"))
    await nothing_left(rig)
    assert not any(isinstance(event, OverhearingFailed) for event in rig.events)


async def test_a_new_controller_finds_the_legs_and_nothing_of_the_overhearing(rig: Rig) -> None:
    """It may begin another one under the same id at once."""
    caller, agent, supervisor = await overheard(rig)
    await rig.kill_controller()
    await rig.new_controller()
    connected = await rig.until(SwitchConnected)
    assert {leg.leg_id for leg in connected.legs} == {caller, agent, supervisor}
    assert [bridge.bridge_id for bridge in connected.bridges] == ["b1"]
    rig.telephony.send(StartOverhearing(agent, supervisor, "m1-1", SupervisionMode.WHISPER))
    await begun(rig, "m1-1")
    assert not any(isinstance(event, OverhearingFailed) for event in rig.events)
