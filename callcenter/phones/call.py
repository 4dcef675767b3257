"""One call of a simulated phone, as its user sees it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from callcenter.phones.protocol import (
    Answer,
    Command,
    Confirmed,
    Decline,
    Disconnected,
    DtmfReceived,
    Event,
    HangUp,
    Hold,
    MediaChanged,
    MediaState,
    MediaStats,
    Play,
    PlayDone,
    Record,
    Ringing,
    SendDtmf,
    StopPlaying,
    Transfer,
    TransferProgress,
    Unhold,
    now_ms,
)
from callcenter.phones.sip_text import user_part

KEY_S = 0.3
"""From one key to the next: a tone of 0.2 s and a pause. No telephone sends keys without a pause between
them, and a switch may take two of them for one."""


class PhoneError(Exception):
    """Something a simulated phone could not do."""


class CallEndedError(PhoneError):
    """The call ended before what was waited for."""

    def __init__(self, end: Disconnected) -> None:
        super().__init__(f"call {end.call_ref} ended by {end.by} side: {end.sip_code} {end.reason}")
        self.end = end


class PhoneCall:
    """A call placed from or ringing at a phone.

    Waiting methods raise TimeoutError after `timeout_sec`, and CallEndedError if the call ends first. Acting
    methods raise CommandRefusedError or PhoneGoneError, and return when the worker has taken the command.
    """

    def __init__(
        self,
        execute: Callable[[Command], Awaitable[int]],
        ref: str,
        *,
        caller: str = "",
        headers: Mapping[str, str] | None = None,
        on_end: Callable[[], None] | None = None,
    ) -> None:
        """`on_end` is called once, when the call has ended."""
        self.ref = ref
        self.caller = caller
        self.headers: Mapping[str, str] = headers or {}
        self.began_at = now_ms()
        self.ringing: Ringing | None = None
        self.confirmation: Confirmed | None = None
        self.end: Disconnected | None = None
        self.stats: MediaStats | None = None
        self.media = MediaState.NONE
        self.digits = ""
        """What the other party pressed so far."""
        self.transfers: list[TransferProgress] = []
        self._execute = execute
        self._on_end = on_end
        self._plays_done: dict[int, bool] = {}
        self._changed = asyncio.Event()

    @property
    def number(self) -> str:
        """The number that was called, of a call that rings here; empty when the INVITE names none."""
        return user_part(self.headers.get("to", ""))

    # Waiting -------------------------------------------------------------------------------------------

    async def rung(self, *, timeout_sec: float | None = 10.0) -> Ringing:
        """The far end's ringing."""
        await self.until(lambda: self.ringing is not None, timeout_sec)
        assert self.ringing is not None
        return self.ringing

    async def confirmed(self, timeout_sec: float | None = 10.0) -> Confirmed:
        """The answer: audio flows from here on."""
        await self.until(lambda: self.confirmation is not None, timeout_sec)
        assert self.confirmation is not None
        return self.confirmation

    async def received(self, digit_count: int, *, timeout_sec: float | None = 10.0) -> str:
        """The other party's digits, as soon as there are `digit_count` of them."""
        await self.until(lambda: len(self.digits) >= digit_count, timeout_sec)
        return self.digits

    async def media_is(self, state: MediaState, *, timeout_sec: float | None = 10.0) -> None:
        """Until audio is active, or on hold by one side."""
        await self.until(lambda: self.media is state, timeout_sec)

    async def transferred(self, *, timeout_sec: float | None = 10.0) -> TransferProgress:
        """The last word on our Transfer; a call that ends because of it has had that word or none."""
        await self.until(lambda: any(progress.final for progress in self.transfers), timeout_sec)
        return self.transfers[-1]

    async def ended(self, timeout_sec: float | None = 30.0) -> Disconnected:
        """The end of the call; its recording is complete then."""
        async with asyncio.timeout(timeout_sec):
            while self.end is None:
                await self._changed.wait()
        return self.end

    async def until(self, condition: Callable[[], bool], timeout_sec: float | None = 10.0) -> None:
        """Until `condition`, looked at after each event of this call, holds."""
        async with asyncio.timeout(timeout_sec):
            while not condition():
                if self.end is not None:
                    raise CallEndedError(self.end)
                await self._changed.wait()

    # Acting --------------------------------------------------------------------------------------------

    async def answer(self) -> None:
        """Pick up."""
        await self._execute(Answer(self.ref))

    async def decline(self, code: int = 486) -> None:
        """Refuse with a SIP status 400-699."""
        await self._execute(Decline(self.ref, code))

    async def dtmf(self, digits: str) -> None:
        """Press `digits` one after the other, with pauses as people make; returns when the last one is being
        sent."""
        for place, digit in enumerate(digits):
            if place:
                await asyncio.sleep(KEY_S)
            await self._execute(SendDtmf(self.ref, digit))

    async def play(self, path: str, *, loop: bool = False) -> bool:
        """Speak a WAV file (mono, 16 bit). Returns when it is over: true, or false if something cut it short.

        A looping file returns at once and plays until something else does.
        """
        ref = await self._execute(Play(self.ref, path, loop))
        if loop:
            return True
        try:
            await self.until(lambda: ref in self._plays_done, None)
        except CallEndedError:
            return False
        return self._plays_done.pop(ref)

    async def stop_playing(self) -> None:
        """Fall silent."""
        await self._execute(StopPlaying(self.ref))

    async def record(self, path: str) -> None:
        """Record what is heard to a WAV file, complete when the call has ended."""
        await self._execute(Record(self.ref, path))

    async def hold(self, *, timeout_sec: float = 10.0) -> None:
        """Put the other party on hold; returns when it is."""
        await self._execute(Hold(self.ref))
        await self.media_is(MediaState.LOCAL_HOLD, timeout_sec=timeout_sec)

    async def unhold(self, *, timeout_sec: float = 10.0) -> None:
        """Take the other party back; returns when audio flows."""
        await self._execute(Unhold(self.ref))
        await self.media_is(MediaState.ACTIVE, timeout_sec=timeout_sec)

    async def transfer(self, target: str) -> None:
        """Blind transfer to a SIP URI (REFER); see `transferred`."""
        await self._execute(Transfer(self.ref, target))

    async def hang_up(self) -> None:
        """End the call, unless it has ended already."""
        if self.end is None:
            await self._execute(HangUp(self.ref))

    # The phone's side ----------------------------------------------------------------------------------

    def apply(self, event: Event) -> None:
        """Take an event of this call (the phone calls this)."""
        match event:
            case Ringing():
                self.ringing = self.ringing or event
            case Confirmed():
                self.confirmation = event
            case MediaChanged():
                self.media = event.state
            case DtmfReceived():
                self.digits += event.digit
            case PlayDone():
                self._plays_done[event.ref] = event.completed
            case TransferProgress():
                self.transfers.append(event)
            case MediaStats():
                self.stats = event
            case Disconnected():
                self.end = event
                if self._on_end is not None:
                    self._on_end()
            case _:
                pass
        self._changed.set()
        self._changed = asyncio.Event()
