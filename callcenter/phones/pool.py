"""Many calls at once over as many phone processes as their four lines each ask for."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from callcenter.phones.phone import LINES, Phone, PhoneCall, PhoneGoneError, PhoneKind


@dataclass(slots=True)
class _Slot:
    """A phone that is there or on its way, and how many of its lines are taken."""

    opening: asyncio.Task[Phone]
    taken: int = 0

    @property
    def failed(self) -> bool:
        done = self.opening
        return done.done() and (done.cancelled() or done.exception() is not None or done.result().gone)


class PhonePool:
    """Callers without registration (a trunk's far side), spread over phones that start when needed.

    Phone number n of the pool uses `sip_port + n` and `rtp_port_count` RTP ports from
    `rtp_port + n * rtp_port_count` on; 0 means any free port. After `listen` there is one more phone, at
    which the far side is rung.
    """

    def __init__(
        self,
        *,
        kind: PhoneKind = "pjsua",
        bind: str = "127.0.0.2",
        sip_port: int = 0,
        rtp_port: int = 0,
        rtp_port_count: int = 16,
        codecs: tuple[str, ...] = ("PCMU", "PCMA"),
    ) -> None:
        self._kind: PhoneKind = kind
        self._bind = bind
        self._sip_port = sip_port
        self._rtp_port = rtp_port
        self._rtp_port_count = rtp_port_count
        self._codecs = codecs
        self._slots: list[_Slot] = []
        self._started = 0
        self._listening: Phone | None = None
        self._sorting: asyncio.Task[None] | None = None
        self._rung: dict[str, asyncio.Queue[PhoneCall]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def warm(self, calls: int) -> None:
        """Start at once, in parallel, what `calls` calls at the same time need."""
        missing = -(-calls // LINES[self._kind]) - len(self._slots)
        await asyncio.gather(*[self._add_slot().opening for _ in range(missing)])

    async def call(
        self,
        uri: str,
        *,
        caller: str = "",
        headers: Mapping[str, str] | None = None,
        codecs: tuple[str, ...] = (),
        record: str = "",
    ) -> PhoneCall:
        """As Phone.call, on a phone with a free line."""
        slot = self._free_slot()
        slot.taken += 1
        release = _once(lambda: _give_back(slot))
        try:
            phone = await asyncio.shield(slot.opening)
            return await phone.call(
                uri, caller=caller, headers=headers, codecs=codecs, record=record, on_end=release
            )
        except BaseException:
            release()
            raise

    async def listen(self, port: int) -> None:
        """From now on be rung at this port of the address, whatever the number; `next_call` has the calls, at
        most as many at once as one phone has lines. PhoneGoneError if it cannot be had; at most once."""
        assert self._listening is None, "the pool listens already"
        self._listening = await Phone.open(self._kind, bind=self._bind, sip_port=port, codecs=self._codecs)
        self._sorting = asyncio.create_task(self._sort(self._listening))

    async def next_call(self, number: str, *, timeout_sec: float = 10.0) -> PhoneCall:
        """The next call that rings for this number, after `listen`; TimeoutError, or PhoneGoneError if none
        can come any more."""
        sorting = self._sorting
        assert sorting is not None, "nobody is rung before `listen`"
        arrived = asyncio.ensure_future(self._calls_for(number).get())
        try:
            await asyncio.wait({arrived, sorting}, timeout=timeout_sec, return_when=asyncio.FIRST_COMPLETED)
            if arrived.done():
                return arrived.result()
        finally:
            arrived.cancel()
        if sorting.done():
            raise PhoneGoneError("the phone that was to be rung has ended")
        raise TimeoutError(f"no call within {timeout_sec:.0f} s")

    async def close(self) -> None:
        """Hang up everything and end all phones. Never raises."""
        if self._listening is not None and self._sorting is not None:
            await self._listening.close()
            await self._sorting
            self._listening = self._sorting = None
        opened = await asyncio.gather(*[slot.opening for slot in self._slots], return_exceptions=True)
        await asyncio.gather(*[phone.close() for phone in opened if isinstance(phone, Phone)])
        self._slots.clear()

    async def _sort(self, phone: Phone) -> None:
        async for call in phone.incoming():
            self._calls_for(call.number).put_nowait(call)

    def _calls_for(self, number: str) -> asyncio.Queue[PhoneCall]:
        return self._rung.setdefault(number, asyncio.Queue())

    def _free_slot(self) -> _Slot:
        for slot in self._slots:
            if slot.taken < LINES[self._kind] and not slot.failed:
                return slot
        return self._add_slot()

    def _add_slot(self) -> _Slot:
        number = self._started
        self._started += 1
        opening = asyncio.create_task(
            Phone.open(
                self._kind,
                bind=self._bind,
                sip_port=self._sip_port and self._sip_port + number,
                rtp_port=self._rtp_port and self._rtp_port + number * self._rtp_port_count,
                rtp_port_count=self._rtp_port_count,
                codecs=self._codecs,
            )
        )
        slot = _Slot(opening)
        self._slots.append(slot)
        return slot


def _give_back(slot: _Slot) -> None:
    slot.taken -= 1


def _once(action: Callable[[], None]) -> Callable[[], None]:
    """`action`, but only the first time."""
    done = False

    def act() -> None:
        nonlocal done
        if not done:
            done = True
            action()

    return act
