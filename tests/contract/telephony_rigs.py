"""Two rigs with the same face: the twin in virtual time, and a real Asterisk with SIP phones around it."""

import asyncio
import contextlib
import re
import time
from collections import defaultdict
from collections.abc import Mapping
from typing import Protocol, TypeVar, cast

import numpy as np

from callcenter.adapters.asterisk.telephony import AsteriskTelephony
from callcenter.adapters.memory_switch import Behaviour, MemorySwitch, Reaction
from callcenter.domain.switch import (
    CallerArrived,
    DialNumber,
    DialPhone,
    HangUp,
    LegAnswered,
    LegEnded,
    PhoneReachabilityChanged,
    SwitchConnected,
    SwitchEvent,
)
from callcenter.phones import AnswerAction, AnswerPolicy, Phone, PhoneCall
from callcenter.ports import Telephony
from tests.contract.asterisk_process import ANSWERS, DECLINES, IGNORES, WIDEBAND, AsteriskProcess

E_ = TypeVar("E_", bound=SwitchEvent)
OUTSIDE = "10086"
"""A number that is busy."""


class Rig(Protocol):
    """What a contract test may do. `events` holds what was delivered and not yet asked for."""

    telephony: Telephony
    events: list[SwitchEvent]
    short: str
    """A second of audio."""
    long: str
    """Five seconds of audio."""
    missing: str
    """A file that is not there."""
    recordings: str
    """A directory for recordings."""
    audio: dict[str, bytearray]
    """What was handed on of each listening."""

    async def until(self, kind: type[E_], *, within_sec: float = 10.0, **fields: object) -> E_:
        """Wait for the first such event with these fields, and take it out of `events`."""
        ...

    async def settle(self, seconds: float) -> None:
        """Let time pass in which something could happen that must not."""
        ...

    async def rings(self, leg_id: str) -> None:
        """Wait until a phone that we dialled rings under this leg."""
        ...

    async def arrive(self, did: str = "12345", caller: str = "02112345678", **known: str) -> CallerArrived:
        """A caller comes in over the trunk `city`; `known` may hold caller_name and original_caller."""
        ...

    async def caller_leaves(self, leg_id: str) -> None:
        """The caller hangs up."""
        ...

    async def press(self, leg_id: str, digits: str) -> None:
        """The caller presses digits."""
        ...

    async def heard_keys(self, leg_id: str, count: int) -> str:
        """The keys that the caller heard being pressed, once there are so many."""
        ...

    async def speaks(self, leg_id: str) -> None:
        """The caller sounds a tone of 900 Hz for some seconds."""
        ...

    async def listened_to(self) -> set[str]:
        """The listenings of which the switch has anything left."""
        ...

    async def overheard(self) -> set[str]:
        """The overhearings of which the switch has anything left."""
        ...

    async def phone_leaves(self, leg_id: str) -> None:
        """The phone that answered this leg hangs up."""
        ...

    async def phone_holds(self, leg_id: str, *, held: bool) -> None:
        """The phone puts its party on hold, or takes it back."""
        ...

    async def phone_transfers(self, leg_id: str, target: str) -> None:
        """The phone asks for a transfer."""
        ...

    async def told_of_transfer(self, leg_id: str) -> bool:
        """Whether the phone that asked for a transfer was told that it is carried out."""
        ...

    async def phone_dials(self, number: str) -> None:
        """The phone ANSWERS dials."""
        ...

    async def phone_vanishes(self, phone: str) -> None:
        """The phone unregisters."""
        ...

    async def told_outside(self, command: DialNumber) -> Mapping[str, str]:
        """Dial; the headers that reach the other side, which is busy. Its trunk is `out`."""
        ...

    async def kill_controller(self) -> None:
        """The controller is gone without a word."""
        ...

    async def new_controller(self) -> None:
        """A new controller, which knows nothing, connects; `telephony` and `events` are its own."""
        ...

    async def restart_switch(self) -> None:
        """The switch is killed and started again."""
        ...

    async def close(self) -> None:
        """Leave nothing behind."""
        ...


def take(events: list[SwitchEvent], kind: type[E_], fields: dict[str, object]) -> E_ | None:
    """The first event of this kind with these fields, taken out of the list."""
    for position, event in enumerate(events):
        if isinstance(event, kind) and all(getattr(event, name) == value for name, value in fields.items()):
            del events[position]
            return event
    return None


class MemoryRig:
    """The twin."""

    short, long, missing, recordings = (
        "/media/short.wav",
        "/media/long.wav",
        "/media/missing.wav",
        "/recordings",
    )

    def __init__(self) -> None:
        self.events: list[SwitchEvent] = []
        self.audio = defaultdict[str, bytearray](bytearray)
        lengths: dict[str, int | None] = {self.short: 1000, self.long: 5000, self.missing: None}
        self.switch = MemorySwitch(
            deliver=self.events.append,
            now=1_000_000,
            phones={
                ANSWERS: Behaviour(after_ms=100),
                DECLINES: Behaviour(Reaction.DECLINE, after_ms=100),
                IGNORES: Behaviour(Reaction.IGNORE),
                WIDEBAND: Behaviour(after_ms=100),
            },
            numbers={OUTSIDE: Behaviour(Reaction.BUSY, after_ms=100)},
            media_ms=lengths.__getitem__,
            hear=lambda listening_id, pcm: self.audio[listening_id].extend(pcm),
        )
        self.telephony: Telephony = self.switch

    async def until(self, kind: type[E_], *, within_sec: float = 10.0, **fields: object) -> E_:
        give_up_at = self.switch.now + within_sec * 1000
        while (found := take(self.events, kind, fields)) is None:
            due = self.switch.next_deadline()
            if due is None or due > give_up_at:
                raise TimeoutError(f"no {kind.__name__} with {fields} among {self.events}")
            self.switch.advance(due)
        return found

    async def settle(self, seconds: float) -> None:
        self.switch.advance(self.switch.now + round(seconds * 1000))

    async def rings(self, leg_id: str) -> None:
        await self.settle(0.01)
        assert self.switch.exists(leg_id)

    async def arrive(self, did: str = "12345", caller: str = "02112345678", **known: str) -> CallerArrived:
        leg_id = self.switch.arrive(
            "city",
            did,
            caller,
            caller_name=known.get("caller_name", ""),
            original_caller=known.get("original_caller"),
        )
        return await self.until(CallerArrived, leg_id=leg_id)

    async def caller_leaves(self, leg_id: str) -> None:
        self.switch.hang_up(leg_id)

    async def press(self, leg_id: str, digits: str) -> None:
        self.switch.press(leg_id, digits)

    async def heard_keys(self, leg_id: str, count: int) -> str:
        await self.settle(1)
        return self.switch.digits[leg_id]

    async def speaks(self, leg_id: str) -> None:
        wave = 8000 * np.sin(2 * np.pi * 900 * np.arange(16_000) / 16_000)
        self.switch.speak(leg_id, wave.astype("<i2").tobytes())

    async def listened_to(self) -> set[str]:
        return set(self.switch.listenings)

    async def overheard(self) -> set[str]:
        return set(self.switch.overhearings)

    async def phone_leaves(self, leg_id: str) -> None:
        self.switch.hang_up(leg_id)

    async def phone_holds(self, leg_id: str, *, held: bool) -> None:
        self.switch.hold(leg_id, held=held)

    async def phone_transfers(self, leg_id: str, target: str) -> None:
        self.switch.ask_transfer(leg_id, target)

    async def told_of_transfer(self, leg_id: str) -> bool:
        await self.settle(1)
        return self.switch.transfers[leg_id]

    async def phone_dials(self, number: str) -> None:
        self.switch.dial_from(ANSWERS, number)

    async def phone_vanishes(self, phone: str) -> None:
        self.switch.set_reachable(phone, False)

    async def told_outside(self, command: DialNumber) -> Mapping[str, str]:
        self.telephony.send(command)
        await self.rings(command.leg_id)
        return self.switch.headers[command.leg_id]

    async def kill_controller(self) -> None:
        self.switch.disconnect(told=False)

    async def new_controller(self) -> None:
        self.events = []
        self.switch.connect(self.events.append)

    async def restart_switch(self) -> None:
        self.switch.restart()

    async def close(self) -> None:
        pass


class _BusyFarEnd(asyncio.DatagramProtocol):
    """Whoever is dialled over the trunk `out`: keeps the headers of the call, and is busy."""

    def __init__(self) -> None:
        self.invitation: asyncio.Future[Mapping[str, str]] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        text = data.decode()
        if not text.startswith("INVITE"):
            return
        lines = text.split("\r\n\r\n", 1)[0].split("\r\n")[1:]
        headers = dict(line.split(": ", 1) for line in lines)
        kept = [line for line in lines if line.split(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq")]
        answer = [*kept, "Content-Length: 0", "", ""]
        self._transport.sendto("\r\n".join(["SIP/2.0 486 Busy Here", *answer]).encode(), addr)
        if not self.invitation.done():
            self.invitation.set_result(headers)


def wall_clock() -> int:
    """Now, in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


class AsteriskRig:
    """A controller's end of a running Asterisk, and phones that are opened when a test needs them."""

    def __init__(self, process: AsteriskProcess) -> None:
        self.process = process
        self.short, self.long, self.missing = process.short, process.long, process.missing
        self.recordings = process.recordings
        self.audio = defaultdict[str, bytearray](bytearray)
        self.events: list[SwitchEvent] = []
        self._news = asyncio.Event()
        self._phones: dict[str, Phone] = {}
        self.calls: dict[str, PhoneCall] = {}
        self.adapter = self._controller()

    @property
    def telephony(self) -> AsteriskTelephony:
        return self.adapter

    def _controller(self) -> AsteriskTelephony:
        events: list[SwitchEvent] = []
        self.events = events

        def deliver(event: SwitchEvent) -> None:
            events.append(event)
            self._news.set()

        return AsteriskTelephony(
            self.process.config,
            deliver=deliver,
            clock=wall_clock,
            hear=lambda listening_id, pcm: self.audio[listening_id].extend(pcm),
        )

    async def until(self, kind: type[E_], *, within_sec: float = 10.0, **fields: object) -> E_:
        try:
            async with asyncio.timeout(within_sec):
                while (found := take(self.events, kind, fields)) is None:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise TimeoutError(f"no {kind.__name__} with {fields} among {self.events}") from None
        return found

    async def settle(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def phone(self, name: str) -> Phone:
        """The registered phone of this name, answering as its name says."""
        if name not in self._phones:
            codecs = ("G722",) if name == WIDEBAND else ("PCMU",)
            phone = self._phones[name] = await Phone.open(codecs=codecs)
            actions = {
                ANSWERS: AnswerAction.ANSWER,
                WIDEBAND: AnswerAction.ANSWER,
                DECLINES: AnswerAction.DECLINE,
            }
            action = actions.get(name, AnswerAction.MANUAL)
            await phone.set_answer_policy(AnswerPolicy(action, after_ms=100, code=603))
            await phone.register(name, f"secret-{name}", self.process.sip)
        return self._phones[name]

    async def caller(self, address: str = "127.0.0.2") -> Phone:
        """The phone outside, at the address of a trunk."""
        if address not in self._phones:
            codecs = ("G722",) if address == "127.0.0.3" else ("PCMU",)
            self._phones[address] = await Phone.open(bind=address, codecs=codecs)
        return self._phones[address]

    async def rings(self, leg_id: str) -> None:
        """Until Asterisk shows it so, or that somebody has been quick to answer."""
        shown = ""
        async with asyncio.timeout(10):
            while not re.search(rf"!(?:Ringing|Up)!.*!{leg_id}$", shown, re.MULTILINE):
                shown = await asyncio.to_thread(self.process.cli, "core show channels concise")

    async def arrive(
        self, did: str = "12345", caller: str = "02112345678", *, address: str = "127.0.0.2", **known: str
    ) -> CallerArrived:
        phone = await self.caller(address)
        headers = {}
        if "original_caller" in known:
            headers["P-Asserted-Identity"] = f"<sip:{known['original_caller']}@network>"
        call = await phone.call(f"sip:{did}@{self.process.sip}", caller=caller, headers=headers)
        arrival = await self.until(CallerArrived, did=did)
        self.calls[arrival.leg_id] = call
        await call.confirmed()
        return arrival

    async def caller_leaves(self, leg_id: str) -> None:
        await self.calls[leg_id].hang_up()

    async def press(self, leg_id: str, digits: str) -> None:
        await self.calls[leg_id].dtmf(digits)

    async def heard_keys(self, leg_id: str, count: int) -> str:
        return await self.calls[leg_id].received(count)

    async def speaks(self, leg_id: str) -> None:
        await self.calls[leg_id].play(self.long)

    async def listened_to(self) -> set[str]:
        shown = await asyncio.to_thread(self.process.cli, "core show channels concise")
        shown += await asyncio.to_thread(self.process.cli, "bridge show all")
        return set(re.findall(r"tap-(?:snoop|media|bridge)-([\w.-]+)", shown))

    async def overheard(self) -> set[str]:
        shown = await asyncio.to_thread(self.process.cli, "core show channels concise")
        shown += await asyncio.to_thread(self.process.cli, "bridge show all")
        return set(re.findall(r"ear-(?:snoop|bridge)-([\w-]+)", shown))

    async def at_phone(self, leg_id: str, name: str = ANSWERS) -> PhoneCall:
        """The phone's side of a leg that we dialled."""
        if leg_id not in self.calls:
            self.calls[leg_id] = await (await self.phone(name)).next_call()
        return self.calls[leg_id]

    async def phone_leaves(self, leg_id: str) -> None:
        await (await self.at_phone(leg_id)).hang_up()

    async def phone_holds(self, leg_id: str, *, held: bool) -> None:
        call = await self.at_phone(leg_id)
        await (call.hold() if held else call.unhold())

    async def phone_transfers(self, leg_id: str, target: str) -> None:
        call = await self.at_phone(leg_id)
        await call.transfer(f"sip:{target}@{self.process.sip}")

    async def told_of_transfer(self, leg_id: str) -> bool:
        return (await (await self.at_phone(leg_id)).transferred()).sip_code == 200

    async def phone_dials(self, number: str) -> None:
        await (await self.phone(ANSWERS)).call(f"sip:{number}@{self.process.sip}")

    async def phone_vanishes(self, phone: str) -> None:
        await self._phones.pop(phone).close()

    async def told_outside(self, command: DialNumber) -> Mapping[str, str]:
        loop = asyncio.get_running_loop()
        address = ("127.0.0.5", self.process.config.ports.sip)
        listening, heard = await loop.create_datagram_endpoint(_BusyFarEnd, local_addr=address)
        try:
            self.telephony.send(command)
            async with asyncio.timeout(5):
                return await heard.invitation
        finally:
            listening.close()

    async def kill_controller(self) -> None:
        """The end of our process as Asterisk sees it: the connections are gone and nobody listens."""
        await self.adapter.close()

    async def new_controller(self) -> None:
        self.adapter = self._controller()
        await self.adapter.start()

    async def restart_switch(self) -> None:
        self.process.kill()
        self.process.start()

    async def close(self) -> None:
        """Hang up what is left, so that the next test meets an empty switch."""
        if not self.adapter.connected:
            await self.new_controller()
            await self.until(SwitchConnected)
        for phone in self._phones.values():
            await phone.close()
        for leg_id in self.adapter.leg_ids():
            self.adapter.send(HangUp(leg_id))
            with contextlib.suppress(TimeoutError):
                await self.until(LegEnded, leg_id=leg_id, within_sec=5)
        await self.adapter.close()


def dial(leg_id: str, phone: str, *, ring_timeout_sec: int = 20) -> DialPhone:
    """Ring a phone for call c1."""
    return DialPhone(leg_id, "c1", phone, "02112345678", "张三", ring_timeout_sec, {"call": "c1"})


async def answered(rig: Rig, leg_id: str, phone: str = ANSWERS) -> str:
    """An agent's leg that was picked up."""
    await ready(rig, phone)
    rig.telephony.send(dial(leg_id, phone))
    await rig.until(LegAnswered, leg_id=leg_id)
    return leg_id


def news(rig: Rig) -> list[SwitchEvent]:
    """What was told besides the comings and goings of phones."""
    return [event for event in rig.events if not isinstance(event, PhoneReachabilityChanged)]


async def ready(rig: Rig, phone: str) -> None:
    """The phone is registered."""
    if isinstance(rig, AsteriskRig):
        await rig.phone(phone)
