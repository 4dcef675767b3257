"""A caller without a phone: it places a correct SIP call and sends what it is told to, RTP or not.

For media that no phone would send, and for benches that need the instant of every packet. Enough of RFC 3261
for one call over UDP without authentication: INVITE, ACK, CANCEL, BYE from either side. Lost packets are not
repeated, so it is for loopback only.
"""

import asyncio
import contextlib
import random
import struct
import uuid
from collections.abc import AsyncIterator
from enum import StrEnum

from callcenter.phones.sip_text import media_address, parse_headers, status_of

_PACKET_EVERY_SEC = 0.02
_SAMPLES = 160
_PCMU, _KEYS = 0, 101
_SILENCE = b"\xff" * _SAMPLES
_KEY_PACKETS = 3
"""How long a key is held, in packets; its end is told three times, as RFC 4733 wants it."""


class RtpBehaviour(StrEnum):
    """What the caller sends where RTP is expected."""

    NONE = "none"
    GARBAGE = "garbage"
    """Random bytes of random length every 20 ms: some look like RTP of odd types, most like nothing."""
    SILENCE = "silence"
    """What a phone sends whose caller is silent, and the keys that ``press`` is told of."""


class _Sip(asyncio.DatagramProtocol):
    """Hands each datagram to the caller as text."""

    def __init__(self, caller: "RawCaller") -> None:
        self._caller = caller

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        self._caller.take(data.decode(errors="replace"))


class _Rtp(asyncio.DatagramProtocol):
    """Counts what arrives; when the last of it did, and the first since ``first_at`` was set to 0."""

    def __init__(self) -> None:
        self.received_packets = 0
        self.received_at = 0.0
        self.first_at = 0.0
        self.another = asyncio.Event()

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        self.received_packets += 1
        self.received_at = asyncio.get_running_loop().time()
        self.first_at = self.first_at or self.received_at
        self.another.set()


class RawCaller:
    """One call without a phone behind it. Use `async with RawCaller.call(...) as caller`."""

    def __init__(self, server: tuple[str, int], target: str, caller: str, seed: int) -> None:
        """Use `call`."""
        self._server = server
        self._target = target
        self._from = caller
        self._random = random.Random(seed)  # noqa: S311  # noise, not a secret
        self._call_id = uuid.uuid4().hex
        self._branch = f"z9hG4bK{uuid.uuid4().hex}"
        self._to = f"<sip:{target}@{server[0]}>"
        self._remote_target = ""
        self._sip: asyncio.DatagramTransport
        self._rtp: asyncio.DatagramTransport
        self._rtp_counter = _Rtp()
        self._status: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._over = asyncio.Event()
        self._media: tuple[str, int] | None = None
        self.sent_packets = 0
        self._keys: asyncio.Queue[tuple[str, asyncio.Future[float]]] = asyncio.Queue()

    @classmethod
    @contextlib.asynccontextmanager
    async def call(
        cls,
        server: tuple[str, int],
        target: str,
        *,
        rtp: RtpBehaviour,
        bind: str = "127.0.0.2",
        caller: str = "raw",
        seed: int = 1,
    ) -> AsyncIterator["RawCaller"]:
        """Call `target` at `server` from `bind`, offering PCMU; hangs up at the end of the block."""
        self = cls(server, target, caller, seed)
        loop = asyncio.get_running_loop()
        self._sip, _ = await loop.create_datagram_endpoint(lambda: _Sip(self), local_addr=(bind, 0))
        self._rtp, _ = await loop.create_datagram_endpoint(lambda: self._rtp_counter, local_addr=(bind, 0))
        sending = {RtpBehaviour.GARBAGE: self._send_garbage, RtpBehaviour.SILENCE: self._send_silence}
        noise = asyncio.create_task(sending[rtp]()) if rtp in sending else None
        self._send_invite()
        try:
            yield self
        finally:
            if noise is not None:
                noise.cancel()
                await asyncio.gather(noise, return_exceptions=True)
            self._leave()
            self._sip.close()
            self._rtp.close()

    @property
    def received_packets(self) -> int:
        """How many datagrams came to the RTP port."""
        return self._rtp_counter.received_packets

    async def answered(self, *, timeout_sec: float = 10.0) -> int:
        """The final status of the INVITE, 200 if the call was answered."""
        async with asyncio.timeout(timeout_sec):
            return await asyncio.shield(self._status)

    async def heard(self, packets: int, *, timeout_sec: float = 10.0) -> None:
        """Until `packets` datagrams have come to the RTP port."""
        async with asyncio.timeout(timeout_sec):
            while self.received_packets < packets:
                self._rtp_counter.another.clear()
                await self._rtp_counter.another.wait()

    async def silent(self, for_sec: float, *, timeout_sec: float = 30.0) -> None:
        """Until nothing has come to the RTP port for so long."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(timeout_sec):
            while (left := self._rtp_counter.received_at + for_sec - loop.time()) > 0:
                await asyncio.sleep(left)

    async def press(self, key: str, *, timeout_sec: float = 10.0) -> tuple[float, float]:
        """Press a key (0-9, * and #) where nothing is heard: the instants, by the loop's clock, at which its
        first packet went and the next one came. Only with RtpBehaviour.SILENCE."""
        pressed: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._keys.put_nowait((key, pressed))
        async with asyncio.timeout(timeout_sec):
            pressed_at = await pressed
            while not self._rtp_counter.first_at:
                self._rtp_counter.another.clear()
                await self._rtp_counter.another.wait()
        return pressed_at, self._rtp_counter.first_at

    async def ended(self, *, timeout_sec: float = 30.0) -> None:
        """Until the other side hangs up."""
        async with asyncio.timeout(timeout_sec):
            await self._over.wait()

    def take(self, message: str) -> None:
        """A SIP message has arrived."""
        headers = parse_headers(message)
        if headers.get("call-id") != self._call_id:
            return
        status, method = status_of(message), headers.get("cseq", "").rpartition(" ")[2]
        if status >= 200 and method == "INVITE":
            self._to = headers["to"]
            self._remote_target = headers.get("contact", "").partition("<")[2].partition(">")[0]
            self._media = media_address(message)
            self._send("ACK", 1, own_branch=status >= 300)
            if not self._status.done():
                self._status.set_result(status)
            if status >= 300:
                self._over.set()
        elif status == 0 and message.startswith("BYE "):
            self._respond("SIP/2.0 200 OK", message)
            self._over.set()

    async def _send_garbage(self) -> None:
        await self.answered(timeout_sec=3600)
        while self._media is not None:
            self._rtp.sendto(self._random.randbytes(self._random.randint(1, 400)), self._media)
            self.sent_packets += 1
            await asyncio.sleep(_PACKET_EVERY_SEC)

    async def _send_silence(self) -> None:
        await self.answered(timeout_sec=3600)
        loop = asyncio.get_running_loop()
        due, stamp = loop.time(), 0
        while self._media is not None:
            if self._keys.empty():
                self._send_rtp(_PCMU, stamp, _SILENCE)
                steps = 1
            else:
                key, pressed = self._keys.get_nowait()
                self._rtp_counter.first_at = 0.0
                pressed.set_result(loop.time())
                steps = await self._send_key(key, stamp)
            stamp += steps * _SAMPLES
            due = max(due + steps * _PACKET_EVERY_SEC, loop.time())
            await asyncio.sleep(due - loop.time())

    async def _send_key(self, key: str, stamp: int) -> int:
        """One key (RFC 4733); for how many packets it was held."""
        event = "0123456789*#".index(key)
        for held in range(1, _KEY_PACKETS + 1):
            self._send_rtp(_KEYS, stamp, struct.pack("!BBH", event, 10, held * _SAMPLES), first=held == 1)
            await asyncio.sleep(_PACKET_EVERY_SEC)
        for _ in range(3):
            self._send_rtp(_KEYS, stamp, struct.pack("!BBH", event, 0x80 | 10, _KEY_PACKETS * _SAMPLES))
        return _KEY_PACKETS

    def _send_rtp(self, kind: int, stamp: int, payload: bytes, *, first: bool = False) -> None:
        marked = kind | (0x80 if first else 0)
        header = struct.pack("!BBHII", 0x80, marked, self.sent_packets & 0xFFFF, stamp, id(self) & 0xFFFFFFFF)
        self._rtp.sendto(header + payload, self._media)
        self.sent_packets += 1

    def _leave(self) -> None:
        if self._over.is_set():
            return
        if self._status.done():
            self._send("BYE", 2)
        else:
            self._send("CANCEL", 1, own_branch=True)

    def _send_invite(self) -> None:
        host, port = self._rtp.get_extra_info("sockname")
        self._send(
            "INVITE",
            1,
            own_branch=True,
            body=f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP {_PCMU} {_KEYS}\r\na=rtpmap:{_PCMU} PCMU/8000\r\n"
            f"a=rtpmap:{_KEYS} telephone-event/8000\r\na=fmtp:{_KEYS} 0-15\r\n",
        )

    def _send(self, method: str, sequence: int, *, own_branch: bool = False, body: str = "") -> None:
        """A request of this call; `own_branch` for those that belong to the INVITE's transaction."""
        host, port = self._sip.get_extra_info("sockname")
        branch = self._branch if own_branch else f"z9hG4bK{uuid.uuid4().hex}"
        uri = self._remote_target if not own_branch and self._remote_target else ""
        lines = [
            f"{method} {uri or f'sip:{self._target}@{self._server[0]}:{self._server[1]}'} SIP/2.0",
            f"Via: SIP/2.0/UDP {host}:{port};rport;branch={branch}",
            "Max-Forwards: 70",
            f"From: <sip:{self._from}@{host}>;tag={self._call_id[:8]}",
            f"To: {self._to}",
            f"Call-ID: {self._call_id}",
            f"CSeq: {sequence} {method}",
            f"Contact: <sip:{self._from}@{host}:{port}>",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self._sip.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), self._server)

    def _respond(self, status_line: str, request: str) -> None:
        """A response repeats the request's Via, From, To, Call-ID and CSeq (RFC 3261 8.2.6.2)."""
        kept = ("via:", "from:", "to:", "call-id:", "cseq:")
        lines = [line for line in request.split("\r\n") if line.lower().startswith(kept)]
        text = "\r\n".join([status_line, *lines, "Content-Length: 0"]) + "\r\n\r\n"
        self._sip.sendto(text.encode(), self._server)
