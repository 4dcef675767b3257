"""Trunks of a real Asterisk: calls that go out, a trunk that registers, phones that nobody knows."""

import pytest

from callcenter.domain.switch import (
    CallerArrived,
    CommandFailed,
    DialNumber,
    DialPhone,
    HangUp,
    LegAnswered,
    LegEndCause,
    LegEnded,
    PhoneReachabilityChanged,
    SetVariables,
)
from callcenter.phones import AnswerAction, AnswerPolicy, Phone, RegistrationFailedError
from tests.contract.asterisk_process import ANSWERS, LOOPED
from tests.contract.telephony_rigs import AsteriskRig

pytestmark = pytest.mark.integration


async def test_a_number_is_dialled_over_its_trunk(rig: AsteriskRig) -> None:
    """The far end sees our number as the caller; a refusal comes back as its cause."""
    async with Phone.start(bind="127.0.0.5", sip_port=rig.process.config.ports.sip) as far_end:
        await far_end.set_answer_policy(AnswerPolicy(AnswerAction.ANSWER))
        rig.telephony.send(DialNumber("o1", "c1", "out", "+8613912345678", "12345", 20, {"call": "c1"}))
        call = await far_end.next_call()
        assert call.caller == "12345"
        await rig.until(LegAnswered, leg_id="o1")
        rig.telephony.send(HangUp("o1"))
        assert (await rig.until(LegEnded, leg_id="o1")).cause is LegEndCause.NORMAL
        await far_end.set_answer_policy(AnswerPolicy(AnswerAction.DECLINE, code=486))
        rig.telephony.send(DialNumber("o2", "c1", "out", "10086", "12345", 20))
        assert (await rig.until(LegEnded, leg_id="o2")).cause is LegEndCause.BUSY


async def test_a_number_that_nobody_can_dial_fails_at_once(rig: AsteriskRig) -> None:
    """Foreign characters never reach a dial string, and a trunk without a peer dials nothing."""
    rig.telephony.send(DialNumber("o1", "c1", "out", "1&PJSIP/1001", "12345", 20))
    assert (await rig.until(LegEnded, leg_id="o1", within_sec=2)).cause is LegEndCause.FAILED
    rig.telephony.send(DialNumber("o2", "c1", "city", "10086", "12345", 20))
    assert (await rig.until(LegEnded, leg_id="o2", within_sec=2)).cause is LegEndCause.UNREACHABLE


async def test_calls_to_the_number_we_registered_arrive_on_that_trunk(rig: AsteriskRig) -> None:
    """Our registration is reachable, and what comes over it is told as its trunk's."""
    if "registered" not in rig.process.cli("pjsip show registrations"):
        raise AssertionError("the registration is not configured")
    reachable = LOOPED in {
        event.phone for event in rig.events if isinstance(event, PhoneReachabilityChanged) and event.reachable
    }
    if not reachable:
        await rig.until(PhoneReachabilityChanged, phone=LOOPED, reachable=True, within_sec=15)
    rig.telephony.send(DialPhone("a1", "c1", LOOPED, "02112345678", "", 20))
    arrival = await rig.until(CallerArrived)
    assert (arrival.trunk, arrival.did, arrival.caller) == ("registered", LOOPED, "02112345678")
    await rig.until(LegAnswered, leg_id="a1")
    rig.telephony.send(HangUp("a1"))
    await rig.until(LegEnded, leg_id=arrival.leg_id)


async def test_strangers_do_not_register(rig: AsteriskRig) -> None:
    """Neither an unknown phone nor a known one with a wrong secret."""
    async with Phone.start() as stranger:
        with pytest.raises(RegistrationFailedError):
            await stranger.register("4711", "secret", rig.process.sip)
    async with Phone.start() as liar:
        with pytest.raises(RegistrationFailedError):
            await liar.register(ANSWERS, "guess", rig.process.sip)
    await rig.settle(0.2)
    reached = {e.phone for e in rig.events if isinstance(e, PhoneReachabilityChanged) and e.reachable}
    assert reached <= {LOOPED}


async def test_variables_that_are_too_long_fail_clearly(rig: AsteriskRig) -> None:
    """They are not cut off in silence."""
    leg_id = (await rig.arrive()).leg_id
    rig.telephony.send(SetVariables(leg_id, {"long": "x" * 2000}))
    assert "900 bytes" in (await rig.until(CommandFailed)).reason
