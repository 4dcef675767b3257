"""The pyVoIP phones against a real Asterisk: plain calls, and a typed refusal of what they cannot do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import test_phones_switch
from test_phones_switch import PASSWORD, REGISTRAR, Switch, uri

from callcenter.phones import AnswerAction, AnswerPolicy, CommandRefusedError, Phone, RegistrationFailedError
from callcenter.phones.audio import Tone, read_wav, tone_present, write_tones
from callcenter.phones.protocol import EndedBy, Refusal

switch = test_phones_switch.switch
pytestmark = pytest.mark.integration


@asynccontextmanager
async def phones(policy: AnswerPolicy | None = None) -> AsyncIterator[tuple[Phone, Phone]]:
    """A registered agent phone and a trunk caller."""
    async with (
        Phone.start("pyvoip", sip_port=21230, rtp_port=23000) as desk,
        Phone.start("pyvoip", bind="127.0.0.2", sip_port=21231, rtp_port=23200) as trunk,
    ):
        await desk.register("1003", PASSWORD, REGISTRAR)
        await desk.set_answer_policy(policy or AnswerPolicy())
        yield desk, trunk


async def test_three_calls_in_a_row_are_heard_on_both_sides(switch: Switch, tmp_path: Path) -> None:
    """Agent and caller each hear the other's tone, and each other's hang-up."""
    write_tones(tmp_path / "caller.wav", 8000, [Tone(500, 1000)])
    write_tones(tmp_path / "agent.wav", 16000, [Tone(900, 1000)])
    async with phones(AnswerPolicy(AnswerAction.ANSWER)) as (desk, trunk):
        for number in range(3):
            call = await trunk.call(
                uri("1003"), caller="13800138000", record=str(tmp_path / f"c{number}.wav")
            )
            incoming = await desk.next_call()
            assert incoming.caller == "13800138000"
            await incoming.record(str(tmp_path / f"a{number}.wav"))
            await asyncio.gather(call.confirmed(), incoming.confirmed())
            spoken = await asyncio.gather(
                call.play(str(tmp_path / "caller.wav")), incoming.play(str(tmp_path / "agent.wav"))
            )
            assert all(spoken)
            first, second = (call, incoming) if number % 2 else (incoming, call)
            await first.hang_up()
            assert (await first.ended(5)).by is EndedBy.LOCAL
            assert (await second.ended(5)).by is EndedBy.REMOTE
    for number in range(3):
        for side, hz in (("c", 900), ("a", 500)):
            rate, [samples] = read_wav(tmp_path / f"{side}{number}.wav")
            assert tone_present(samples, rate, hz)


async def test_what_pyvoip_cannot_do_is_refused_as_unsupported(switch: Switch) -> None:
    """DTMF, hold, transfer, headers and other codecs are typed errors, and the call goes on."""
    async with phones() as (_, trunk):
        call = await trunk.call(uri("echo"))
        await call.confirmed()
        for attempt in (
            call.dtmf("1"),
            call.hold(),
            call.transfer(uri("tone")),
            trunk.call(uri("echo"), headers={"P-Asserted-Identity": "<sip:1@h>"}),
            trunk.call(uri("echo"), codecs=("G722",)),
        ):
            with pytest.raises(CommandRefusedError) as refused:
                await attempt
            assert refused.value.refusal is Refusal.UNSUPPORTED
        assert call.end is None
        await call.hang_up()
        await call.ended()


async def test_a_decline_ends_both_sides_with_busy(switch: Switch) -> None:
    """The agent's 486 reaches the caller: pyVoIP alone would wait for ever."""
    async with phones(AnswerPolicy(AnswerAction.DECLINE)) as (desk, trunk):
        call = await trunk.call(uri("1003"))
        incoming = await desk.next_call()
        assert (await incoming.ended(5)).by is EndedBy.LOCAL
        end = await call.ended(5)
        assert (end.sip_code, end.by) == (486, EndedBy.REMOTE)


async def test_an_unanswered_call_stops_ringing(switch: Switch) -> None:
    """The switch's ring time-out cancels the agent's call: pyVoIP alone would go on ringing."""
    async with phones() as (desk, trunk):
        call = await trunk.call(uri("1003"))
        incoming = await desk.next_call()
        end = await incoming.ended(10)
        assert (end.sip_code, end.by) == (487, EndedBy.REMOTE)
        assert (await call.ended(5)).by is EndedBy.REMOTE


async def test_a_wrong_password_fails_the_registration(switch: Switch) -> None:
    """As with the other kind of phone."""
    async with Phone.start("pyvoip") as phone:
        with pytest.raises(RegistrationFailedError):
            await phone.register("1003", "wrong", REGISTRAR)
