"""Many calls at once over as many phone processes as their four lines each ask for."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from callcenter.phones.phone import LINES, Phone, PhoneCall, PhoneKind


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
    `rtp_port + n * rtp_port_count` on; 0 means any free port.
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

    async def close(self) -> None:
        """Hang up everything and end all phones. Never raises."""
        opened = await asyncio.gather(*[slot.opening for slot in self._slots], return_exceptions=True)
        await asyncio.gather(*[phone.close() for phone in opened if isinstance(phone, Phone)])
        self._slots.clear()

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
