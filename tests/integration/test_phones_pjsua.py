"""The pjsua2 phones against a real Asterisk: what is sent arrives, what is heard is right."""

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import test_phones_switch
from test_phones_switch import PASSWORD, REGISTRAR, SIP, Switch, uri

from callcenter.phones import (
    AnswerAction,
    AnswerPolicy,
    CallEndedError,
    CommandRefusedError,
    Phone,
    PhoneGoneError,
    PhonePool,
    RegistrationFailedError,
)
from callcenter.phones.audio import (
    Tone,
    dominant_frequency_hz,
    longest_silence_ms,
    read_wav,
    rms_dbfs,
    tone_dbfs,
    tone_present,
    write_tones,
)
from callcenter.phones.protocol import EndedBy, MediaState, Refusal
from tests.integration.centre_rig import lasting_port

switch = test_phones_switch.switch
pytestmark = pytest.mark.integration


@asynccontextmanager
async def agent(user: str, policy: AnswerPolicy | None = None) -> AsyncIterator[Phone]:
    """A registered agent phone; rings for ever unless `policy` says otherwise."""
    async with Phone.start(codecs=("G722", "PCMU"), rtp_port=21600) as phone:
        await phone.register(user, PASSWORD, REGISTRAR)
        if policy is not None:
            await phone.set_answer_policy(policy)
        yield phone


@asynccontextmanager
async def trunk_caller(bind: str = "127.0.0.2") -> AsyncIterator[Phone]:
    """A phone on the narrowband trunk, or on the wideband one with bind 127.0.0.3."""
    codecs = ("G722",) if bind == "127.0.0.3" else ("PCMU",)
    async with Phone.start(bind=bind, codecs=codecs, rtp_port=21300) as phone:
        yield phone


async def test_a_phone_listens_where_it_is_told(switch: Switch) -> None:
    """Its worker says so once it does."""
    async with Phone.start(bind="127.0.0.2", sip_port=21210) as phone:
        assert phone.sip_port == 21210


async def test_a_port_in_use_is_named_in_the_error(switch: Switch) -> None:
    """A phone that cannot have its port says so, and where."""
    address, port = SIP
    with pytest.raises(PhoneGoneError, match=rf"{re.escape(address)}:{port}.*in use"):
        await Phone.open(sip_port=port)


async def test_a_wrong_password_fails_the_registration(switch: Switch) -> None:
    """The registrar's status reaches the caller of register."""
    async with Phone.start() as phone:
        with pytest.raises(RegistrationFailedError) as failed:
            await phone.register("1001", "wrong", REGISTRAR)
        assert failed.value.sip_code in (401, 403)


class SlowLine(asyncio.DatagramProtocol):
    """Between one phone and the switch: the switch's answers come late, and of what the phone says the first
    farewell (a REGISTER that expires at once) is lost if `loses` says so."""

    def __init__(self, *, loses: bool) -> None:
        self._loses = loses
        self._phone = SIP

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if addr == SIP:
            asyncio.get_running_loop().call_later(0.1, self._transport.sendto, data, self._phone)
            return
        self._phone = addr
        if self._loses and b"Expires: 0\r\n" in data:
            self._loses = False
        else:
            self._transport.sendto(data, SIP)


@pytest.mark.parametrize("loses", [False, True], ids=["late", "lost"])
async def test_a_phone_that_is_closed_has_said_farewell(switch: Switch, loses: bool) -> None:
    """Its worker stays until the registrar has taken the farewell: it proves the password once more if it is
    asked to (what it proved it with is valid for a second here), and repeats what was lost."""
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: SlowLine(loses=loses), local_addr=("127.0.0.1", 0)
    )
    with contextlib.closing(transport):
        async with Phone.start() as phone:
            await phone.register("1004", PASSWORD, f"127.0.0.1:{transport.get_extra_info('sockname')[1]}")
            assert "1004@" in switch.cli("pjsip show contacts")
            await asyncio.sleep(2.1)
    assert "1004@" not in switch.cli("pjsip show contacts")


async def test_a_wideband_call_carries_seven_kilohertz_both_ways(switch: Switch, tmp_path: Path) -> None:
    """G.722 over Asterisk to an agent and back keeps a 7 kHz tone at the level of a 1 kHz tone."""
    low_high = [Tone(1000, 1500, -20), Tone(7000, 1500, -20)]
    write_tones(tmp_path / "said.wav", 16000, low_high)
    async with agent("1001") as desk, trunk_caller("127.0.0.3") as trunk:
        out = await trunk.call(uri("1001"), record=str(tmp_path / "caller.wav"))
        ringing = await desk.next_call()
        await ringing.record(str(tmp_path / "agent.wav"))
        await ringing.answer()
        confirmed = await out.confirmed()
        assert (confirmed.codec, confirmed.sample_rate_hz) == ("G722", 16000)
        await ringing.confirmed()
        assert await asyncio.gather(
            out.play(str(tmp_path / "said.wav")), ringing.play(str(tmp_path / "said.wav"))
        ) == [True, True]
        await out.hang_up()
        await ringing.ended()
        await out.ended()
    for heard in ("agent", "caller"):
        rate, [samples] = read_wav(tmp_path / f"{heard}.wav")
        assert rate == 16000
        assert tone_present(samples, rate, 1000)
        assert tone_present(samples, rate, 7000)
        low, high = tone_dbfs(samples, rate, 1000), tone_dbfs(samples, rate, 7000)
        assert abs(low - high) < 7, f"{heard}: 1 kHz {low:.1f}, 7 kHz {high:.1f} dBFS"


async def test_a_narrowband_call_does_not_carry_seven_kilohertz(switch: Switch, tmp_path: Path) -> None:
    """The same measurement on a PCMU call hears 1 kHz and not 7 kHz: the wideband test can fail."""
    write_tones(tmp_path / "said.wav", 16000, [Tone(1000, 1000, -20), Tone(7000, 1000, -20)])
    async with trunk_caller() as trunk:
        call = await trunk.call(uri("echo"), record=str(tmp_path / "heard.wav"))
        assert (await call.confirmed()).codec == "PCMU"
        await call.play(str(tmp_path / "said.wav"))
        await call.hang_up()
        await call.ended()
    rate, [samples] = read_wav(tmp_path / "heard.wav")
    assert tone_present(samples, rate, 1000)
    assert not tone_present(samples, rate, 7000)


@pytest.mark.parametrize("digits", ["29#", "1122*", "0123456789*#"])
async def test_digits_arrive_exactly_and_come_back_exactly(switch: Switch, digits: str) -> None:
    """Asterisk's Read() collects the digits a caller presses; the phone hears Asterisk send the same ones."""
    async with trunk_caller() as trunk:
        call = await trunk.call(uri("read"))
        await call.confirmed()
        await call.dtmf(digits)
        assert await call.received(len(digits), timeout_sec=15) == digits
        await call.hang_up()
        await call.ended()
        assert call.digits == digits


async def test_the_original_caller_arrives_in_the_headers_of_the_invite(switch: Switch) -> None:
    """P-Asserted-Identity, Diversion, History-Info and the From number reach Asterisk, and the agent."""
    sent = {
        "P-Asserted-Identity": "<sip:13800138000@carrier.example>",
        "Diversion": "<sip:12345@carrier.example>;reason=no-answer",
        "History-Info": "<sip:12345@carrier.example>;index=1",
    }
    async with agent("1001", AnswerPolicy(AnswerAction.ANSWER)) as desk, trunk_caller() as trunk:
        call = await trunk.call(uri("1001"), caller="02088880000", headers=sent)
        incoming = await desk.next_call()
        await call.confirmed()
        assert incoming.caller == "02088880000"
        assert incoming.headers["x-pai"] == sent["P-Asserted-Identity"]
        assert incoming.headers["x-diversion"] == sent["Diversion"]
        assert incoming.headers["x-history"] == sent["History-Info"]
        await call.hang_up()
        await call.ended()


@pytest.mark.parametrize("code", [486, 603])
async def test_a_decline_reaches_the_caller_with_its_status(switch: Switch, code: int) -> None:
    """An agent phone that declines by policy ends the caller's attempt with its cause."""
    policy = AnswerPolicy(AnswerAction.DECLINE, after_ms=100, code=code)
    async with agent("1002", policy) as desk, trunk_caller() as trunk:
        call = await trunk.call(uri("1002"))
        ringing = await desk.next_call()
        declined = await ringing.ended()
        assert (declined.sip_code, declined.by) == (code, EndedBy.LOCAL)
        end = await call.ended()
        assert end.by is EndedBy.REMOTE
        assert end.sip_code == {486: 486, 603: 403}[code]  # Asterisk turns cause 21 into 403
        with pytest.raises(CallEndedError):
            await call.confirmed()


async def test_an_agent_who_never_answers_is_let_go_when_the_dialling_gives_up(switch: Switch) -> None:
    """A phone that only rings sees the CANCEL of Asterisk's ring time-out."""
    async with agent("1001") as desk, trunk_caller() as trunk:
        call = await trunk.call(uri("1001"))
        ringing = await desk.next_call()
        await call.rung()
        cancelled = await ringing.ended(10)
        assert (cancelled.sip_code, cancelled.by) == (487, EndedBy.REMOTE)
        assert (await call.ended()).by is EndedBy.REMOTE
        assert call.confirmation is None


async def test_a_caller_who_gives_up_while_it_rings_stops_the_ringing(switch: Switch) -> None:
    """A hang-up before the answer cancels the agent's ringing."""
    async with agent("1001") as desk, trunk_caller() as trunk:
        call = await trunk.call(uri("1001"))
        ringing = await desk.next_call()
        await call.hang_up()
        assert (await call.ended()).by is EndedBy.LOCAL
        assert (await ringing.ended()).by is EndedBy.REMOTE


async def test_each_side_hears_of_the_other_hanging_up(switch: Switch) -> None:
    """The agent's hang-up reaches the caller, and in the next call the caller's reaches the agent."""
    async with agent("1001", AnswerPolicy(AnswerAction.ANSWER, after_ms=50)) as desk, trunk_caller() as trunk:
        for agent_first in (True, False):
            call = await trunk.call(uri("1001"))
            incoming = await desk.next_call()
            await asyncio.gather(call.confirmed(), incoming.confirmed())
            first, second = (incoming, call) if agent_first else (call, incoming)
            await first.hang_up()
            assert (await first.ended()).by is EndedBy.LOCAL
            end = await second.ended()
            assert (end.by, end.sip_code) == (EndedBy.REMOTE, 200)


async def test_hold_silences_the_call_until_unhold(switch: Switch, tmp_path: Path) -> None:
    """While the agent holds, the caller does not hear the tone; afterwards the looped tone is there again."""
    write_tones(tmp_path / "tone.wav", 16000, [Tone(600, 1000)])
    async with agent("1001", AnswerPolicy(AnswerAction.ANSWER)) as desk, trunk_caller() as trunk:
        call = await trunk.call(uri("1001"), record=str(tmp_path / "heard.wav"))
        incoming = await desk.next_call()
        await asyncio.gather(call.confirmed(), incoming.confirmed())
        await incoming.play(str(tmp_path / "tone.wav"), loop=True)
        await asyncio.sleep(1.0)  # a stretch of audio to measure, here and below
        await incoming.hold()
        await asyncio.sleep(1.0)
        await incoming.unhold()
        await asyncio.sleep(1.0)
        await incoming.hang_up()
        await call.ended()
    rate, [samples] = read_wav(tmp_path / "heard.wav")
    assert tone_present(samples[: samples.size // 3], rate, 600)
    assert tone_present(samples[-samples.size // 3 :], rate, 600)
    assert longest_silence_ms(samples, rate) >= 700


async def test_a_refer_moves_the_caller_to_the_target(switch: Switch, tmp_path: Path) -> None:
    """The agent's blind transfer is accepted, the agent is let go, and the caller hears the new place."""
    async with agent("1001", AnswerPolicy(AnswerAction.ANSWER)) as desk, trunk_caller() as trunk:
        call = await trunk.call(uri("1001"), record=str(tmp_path / "heard.wav"))
        incoming = await desk.next_call()
        await asyncio.gather(call.confirmed(), incoming.confirmed())
        await incoming.transfer(uri("tone"))
        assert (await incoming.transferred()).sip_code == 200
        assert (await incoming.ended()).by is EndedBy.LOCAL
        assert call.end is None
        await asyncio.sleep(1.5)  # the new place plays its tone
        await call.hang_up()
        await call.ended()
    rate, [samples] = read_wav(tmp_path / "heard.wav")
    assert tone_present(samples, rate, 700)


async def test_an_unplayable_file_is_refused_with_the_reason(switch: Switch, tmp_path: Path) -> None:
    """A missing file is refused by name, and the call goes on."""
    async with trunk_caller() as trunk:
        call = await trunk.call(uri("echo"))
        await call.confirmed()
        with pytest.raises(CommandRefusedError, match=r"absent\.wav") as refused:
            await call.play(str(tmp_path / "absent.wav"))
        assert refused.value.refusal is Refusal.BAD_ARGUMENT
        assert call.media is MediaState.ACTIVE
        await call.hang_up()


async def test_a_fifth_call_is_refused_and_the_four_go_on(switch: Switch) -> None:
    """The library's limit of four calls is an error with its cure, not a crash."""
    async with trunk_caller() as trunk:
        calls = [await trunk.call(uri("echo")) for _ in range(4)]
        with pytest.raises(CommandRefusedError, match="PhonePool") as refused:
            await trunk.call(uri("echo"))
        assert refused.value.refusal is Refusal.TOO_MANY_CALLS
        await asyncio.gather(*[call.confirmed() for call in calls])
        await asyncio.gather(*[call.hang_up() for call in calls])
        await asyncio.gather(*[call.ended() for call in calls])
        again = await trunk.call(uri("echo"))
        await again.confirmed()
        await again.hang_up()


async def test_a_killed_worker_ends_its_calls_at_once(switch: Switch) -> None:
    """A crash of the phone's process is an event for everyone who waits, never a hang."""
    async with trunk_caller() as trunk:
        call = await trunk.call(uri("echo"))
        await call.confirmed()
        waiting = asyncio.create_task(call.received(1, timeout_sec=20))
        os.kill(trunk.pid, signal.SIGKILL)
        assert (await call.ended(2)).by is EndedBy.WORKER
        with pytest.raises(CallEndedError):
            await waiting
        with pytest.raises(PhoneGoneError):
            await trunk.call(uri("echo"))


async def test_a_phone_does_not_outlive_a_killed_parent() -> None:
    """SIGKILL of the process that opened a phone takes the phone along, though nothing closed it."""
    script = (
        "import asyncio\nfrom callcenter.phones import Phone\n"
        "async def main():\n    phone = await Phone.open()\n    print(phone.pid, flush=True)\n"
        "    await asyncio.Event().wait()\nasyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    worker = os.pidfd_open(int(await parent.stdout.readline()))
    gone = asyncio.Event()
    asyncio.get_running_loop().add_reader(worker, gone.set)
    try:
        parent.kill()
        async with asyncio.timeout(3):
            await gone.wait()
    finally:
        asyncio.get_running_loop().remove_reader(worker)
        os.close(worker)
        await parent.wait()


async def test_twenty_calls_at_once_all_talk(switch: Switch, tmp_path: Path) -> None:
    """A pool spreads twenty simultaneous calls over five phones, and each one hears its own tone echoed."""
    tones = [400 + 60 * number for number in range(20)]
    for hz in tones:
        write_tones(tmp_path / f"{hz}.wav", 8000, [Tone(hz, 2000)])

    async def talk(pool: PhonePool, hz: int) -> None:
        heard = str(tmp_path / f"heard-{hz}.wav")
        call = await pool.call(uri("echo"), caller=f"1390000{hz:04}", record=heard)
        await call.confirmed()
        await all_there.wait()
        assert await call.play(str(tmp_path / f"{hz}.wav"))
        await call.hang_up()
        await call.ended()

    all_there = asyncio.Barrier(len(tones))
    async with PhonePool(sip_port=21210, rtp_port=21300) as pool:
        await pool.warm(len(tones))
        await asyncio.gather(*[talk(pool, hz) for hz in tones])
    for hz in tones:
        rate, [samples] = read_wav(tmp_path / f"heard-{hz}.wav")
        middle = samples[rate // 2 : -rate // 2]
        assert rms_dbfs(middle) > -30
        assert abs(dominant_frequency_hz(middle, rate) - hz) < 5


async def test_the_far_side_of_a_trunk_is_rung_at_its_port() -> None:
    """Each number gets its own calls, also those that come before anybody waits for them; a phone that is
    gone is told."""
    port = lasting_port("127.0.0.2")
    async with PhonePool() as pool, Phone.start() as switchboard:
        await pool.listen(port)
        placed = [await switchboard.call(f"sip:{number}@127.0.0.2:{port}") for number in ("13901", "13902")]
        second = await pool.next_call("13902")
        await second.answer()
        await placed[1].confirmed()
        first = await pool.next_call("13901")
        assert first.number == "13901"
        await first.decline(486)
        assert (await placed[0].ended()).sip_code == 486
        with pytest.raises(TimeoutError):
            await pool.next_call("13903", timeout_sec=0.1)
        waiting = asyncio.create_task(pool.next_call("13903"))
        await asyncio.sleep(0)
        await pool.close()
        with pytest.raises(PhoneGoneError):
            await waiting


async def test_many_short_files_do_no_harm(tmp_path: Path) -> None:
    """pjmedia tells of the end of a file late; the player must be there still."""
    short = str(tmp_path / "short.wav")
    write_tones(short, 8000, [Tone(600, 240)])
    async with Phone.start() as caller, Phone.start() as called:
        await called.set_answer_policy(AnswerPolicy(AnswerAction.ANSWER))
        for _ in range(3):
            call = await caller.call(f"sip:1@127.0.0.1:{called.sip_port}")
            other = await called.next_call()
            await other.confirmed()
            for _ in range(10):
                assert await asyncio.gather(call.play(short), other.play(short)) == [True, True]
            await call.hang_up()
            await asyncio.gather(call.ended(), other.ended())
