"""Softphones: given out, renewed, pushed again to a switch that lost them, and taken away."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from callcenter.domain.events import DomainEvent, SwitchStateChanged
from callcenter.domain.softphones import softphone_of
from callcenter.phone_registrar import PhoneRegistrar, SwitchRefused

_log = structlog.get_logger(__name__)
LOOK_S = 5.0
_PASSWORD_BYTES = 24


@dataclass(frozen=True, slots=True)
class Softphone:
    """What a page needs to be the agent's phone until ``expires_at``. ``issue`` numbers the credentials of
    one phone: those with a lower number are void."""

    name: str
    password: str
    issue: int
    expires_at: int


class Softphones:
    """All softphones that are out. Passwords are kept in memory only; after a restart of the controller the
    switch still knows the phones, and pages that are open go on registering until they renew."""

    def __init__(self, registrar: PhoneRegistrar, clock: Callable[[], int], ttl_ms: int) -> None:
        self._registrar = registrar
        self._clock = clock
        self._ttl_ms = ttl_ms
        self._out: dict[str, Softphone] = {}
        self._left_behind: dict[str, int] = {}
        """Phones of a controller that died, each with when it is to go unless it is renewed."""
        self._issued = 0
        self._restore = asyncio.Event()

    async def issue(self, agent_id: str) -> Softphone:
        """Credentials for the agent's softphone; all earlier ones are void. Raises SwitchRefused."""
        now = self._clock()
        self._issued = max(self._issued + 1, now)
        phone = Softphone(
            softphone_of(agent_id), secrets.token_urlsafe(_PASSWORD_BYTES), self._issued, now + self._ttl_ms
        )
        await self._registrar.put(phone.name, phone.password)
        self._out[phone.name] = phone
        self._left_behind.pop(phone.name, None)
        return phone

    def latest(self, agent_id: str) -> int:
        """The number of the credentials that are good for this agent's softphone; 0: it has none."""
        phone = self._out.get(softphone_of(agent_id))
        return phone.issue if phone else 0

    async def withdraw(self, agent_id: str) -> None:
        """The agent's softphone is no more. A switch that is away is told when it is back."""
        name = softphone_of(agent_id)
        known = self._out.pop(name, None) is not None or self._left_behind.pop(name, None) is not None
        if known:
            await self._remove(name)

    def follow(self, _: int, event: DomainEvent) -> None:
        """See what becomes of the switch: one that was restarted has forgotten every softphone."""
        if isinstance(event, SwitchStateChanged) and event.up:
            self._restore.set()

    async def run(self) -> None:
        """Keep the switch in step, until cancelled: after each of its starts, and as credentials run out."""
        while True:
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._restore.wait()
            except TimeoutError:
                await self._expire()
                continue
            self._restore.clear()
            try:
                await self._bring_in_step()
            except SwitchRefused as refused:
                _log.warning("softphones_not_in_step", reason=str(refused))
                await asyncio.sleep(1.0)
                self._restore.set()

    async def _bring_in_step(self) -> None:
        known = await self._registrar.known()
        for name, phone in list(self._out.items()):
            if name not in known:
                await self._registrar.put(name, phone.password)
        for name in known - self._out.keys():
            self._left_behind.setdefault(name, self._clock() + self._ttl_ms)

    async def _expire(self) -> None:
        now = self._clock()
        over = [name for name, phone in self._out.items() if phone.expires_at <= now]
        over += [name for name, at in self._left_behind.items() if at <= now]
        for name in over:
            self._out.pop(name, None)
            self._left_behind.pop(name, None)
            await self._remove(name)

    async def _remove(self, name: str) -> None:
        try:
            await self._registrar.remove(name)
        except SwitchRefused as refused:
            _log.warning("softphone_not_removed", reason=str(refused))
            self._left_behind[name] = self._clock()
